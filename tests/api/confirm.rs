//! Right before a payment is approved: exactly 200 lets it go on, and everything else says why in Korean.

use iamport_sim::Fault;
use local::event::{FORM, JSON, Post};
use local::{Answer, aws};
use serde_json::json;

use crate::amounts::PAIRS;
use crate::assertions::Says;
use crate::test_shop::{Calls, ORDER, TestShop, now};

const ONE_READ: &[(&str, usize)] = &[("GetItem", 1)];
const CHANGED: &str = "주문 금액이 변경되었습니다. 주문서를 다시 열어 주세요.";

/// The gateway asks whether 1000 for `ORD-1` may be approved.
async fn ask(shop: &TestShop, imp_uid: &str) -> Answer {
    shop.function.confirm(imp_uid, ORDER, "1000").await
}

/// Refused so, with the reason that the customer reads.
#[track_caller]
fn refuses(mut answer: Answer, code: u16, status: &str) -> String {
    let members = answer.body.as_object_mut().expect("an object");
    let reason = members.remove("reason").expect("a reason");
    let reason = reason.as_str().expect("a text").to_owned();
    assert!(
        reason.chars().any(|c| ('가'..='힣').contains(&c)),
        "{reason}"
    );
    answer.says(code, status);
    reason
}

#[tokio::test]
async fn an_open_order_is_confirmed_by_one_read_and_nothing_else() {
    let shop = TestShop::open().await;
    shop.order(json!({"pay_until": now() + 60})).await;
    let before = shop.item().await;
    for _ in 0..3 {
        shop.forget_calls();
        ask(&shop, "imp_1").await.says(200, "confirmed");
        assert_eq!(shop.calls(), Calls::of(0, 0, ONE_READ));
    }
    assert_eq!(shop.item().await, before, "it reserves nothing");
}

#[tokio::test]
async fn what_may_not_be_paid_is_refused() {
    let shop = TestShop::open().await;
    for (row, code, status) in [
        (json!({"amount": 1001}), 400, "forgery"),
        (json!({"amount": "1000"}), 500, "misconfigured"),
        (json!({"amount": 0}), 500, "misconfigured"),
        (json!({"currency": 410}), 500, "misconfigured"),
        (json!({"payment_rank": "3"}), 500, "misconfigured"),
        (json!({"pay_until": "2999"}), 500, "misconfigured"),
        (json!({"pay_until": now() - 1}), 409, "orderClosed"),
        (
            json!({"pay_until": now() - 1, "amount": 1001}),
            409,
            "orderClosed",
        ),
        (
            json!({"imp_uid": "imp_2", "payment_rank": 3, "pay_until": 1}),
            409,
            "duplicatePayment",
        ),
        (json!({"payment_rank": 3}), 409, "duplicatePayment"),
        (
            json!({"imp_uid": "imp_1", "payment_rank": 3, "pay_until": 1}),
            409,
            "orderClosed",
        ),
        (
            json!({"imp_uid": "imp_1", "payment_rank": 3, "amount": 7}),
            400,
            "forgery",
        ),
    ] {
        println!("{row}");
        shop.order(row).await;
        let reason = refuses(ask(&shop, "imp_1").await, code, status);
        assert_eq!(reason == CHANGED, status == "forgery", "{reason}");
    }
    for row in [
        json!({"imp_uid": "imp_1", "payment_rank": 3}),
        json!({"imp_uid": "imp_2", "payment_rank": 1}),
        json!({"imp_uid": "imp_2", "payment_rank": 2}),
    ] {
        println!("{row}");
        shop.order(row).await;
        ask(&shop, "imp_1").await.says(200, "confirmed");
    }
    let answer = shop.function.confirm("imp_1", "ORD-9", "1000").await;
    refuses(answer, 404, "orderNotFound");
}

#[tokio::test]
async fn every_amount_is_exact_in_every_form() {
    let shop = TestShop::open().await;
    for (asked, ordered, equal) in PAIRS.iter().filter(|(_, ordered, _)| *ordered != "0") {
        println!("{asked} for {ordered}");
        shop.order(json!({"amount": {"N": ordered}})).await;
        let quoted = format!(r#"{{"imp_uid":"imp_1","merchant_uid":"ORD-1","amount":"{asked}"}}"#);
        let plain = asked.replace('+', "%2B");
        let form = format!("imp_uid=imp_1&merchant_uid=ORD-1&amount={plain}");
        for answer in [
            shop.function.confirm("imp_1", ORDER, asked).await,
            posted(&shop, JSON, &quoted).await,
            posted(&shop, FORM, &form).await,
        ] {
            if *equal {
                answer.says(200, "confirmed");
            } else {
                assert_eq!(refuses(answer, 400, "forgery"), CHANGED);
            }
        }
    }
}

async fn posted(shop: &TestShop, content_type: &str, body: &str) -> Answer {
    let post = Post::text(content_type, body).sent("POST", "/payments/confirm");
    shop.function.invoke(post).await.into()
}

#[tokio::test]
async fn what_is_malformed_is_refused_before_any_call() {
    let shop = TestShop::cold().await;
    for amount in [
        "null",
        "true",
        "\"\"",
        "\"1,000\"",
        "\"₩1000\"",
        "\" 1000\"",
        "-1000",
        "\"-1\"",
        "\"0x3e8\"",
        "[1000]",
        "{}",
        "\"NaN\"",
        "1e999",
        "123456789012345678901234567890123456789",
        "1000,\"amount\":1000",
    ] {
        println!("{amount}");
        refuses(
            shop.function.confirm("imp_1", ORDER, amount).await,
            400,
            "badRequest",
        );
    }
    let long = "주".repeat(41);
    for body in [
        r#"{"imp_uid":"imp_1","merchant_uid":"ORD-1"}"#.to_owned(),
        r#"{"imp_uid":null,"merchant_uid":"ORD-1","amount":1000}"#.to_owned(),
        r#"{"imp_uid":"","merchant_uid":"ORD-1","amount":1000}"#.to_owned(),
        r#"{"merchant_uid":"ORD-1","amount":1000}"#.to_owned(),
        r#"{"imp_uid":"imp_1","amount":1000}"#.to_owned(),
        format!(r#"{{"imp_uid":"imp_1","merchant_uid":"{long}","amount":1000}}"#),
    ] {
        refuses(posted(&shop, JSON, &body).await, 400, "badRequest");
    }
    assert_eq!(shop.calls(), Calls::none());
}

#[tokio::test]
async fn the_gateway_is_not_needed_and_without_dynamodb_it_closes() {
    let shop = TestShop::cold().await;
    shop.order(json!({})).await;
    shop.gateway.fault(Fault::status(500));
    ask(&shop, "imp_1").await.says(200, "confirmed");
    shop.aws.fault(aws::Fault::fail().on("GetItem"));
    refuses(ask(&shop, "imp_1").await, 503, "unavailable");
}

#[tokio::test]
async fn another_shops_order_costs_nothing() {
    let shop = TestShop::open_with(&[("MERCHANT_UID_PREFIX", "MINE-")]).await;
    refuses(ask(&shop, "imp_1").await, 404, "orderNotFound");
    assert_eq!(shop.calls(), Calls::none());
}
