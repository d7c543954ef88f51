//! The table of answers, by both doors.

use serde_json::{Value, json};

use crate::assertions::Says;
use crate::test_shop::{DOORS, Door, TestShop};

const ORDERED: &str = r#"{"amount": 48765}"#;
const IN_DOLLARS: &str = r#"{"amount": 48765, "currency": "USD"}"#;
const UNUSABLE: &str = r#"{"amount": "48765"}"#;
const ODD: &str = r#"{"amount": 48765, "currency": 410}"#;
const NOBODY: &str = "null";

/// Situation, order, payment (paid, 48765 KRW, unless it says so), and the answer.
#[rustfmt::skip]
const CASES: &[(&str, &str, &str, u16, &str)] = &[
    ("paid", ORDERED, "{}", 200, "success"),
    ("account issued", ORDERED, r#"{"status": "ready", "pay_method": "vbank"}"#, 200, "vbankIssued"),
    ("window left", ORDERED, r#"{"status": "ready"}"#, 200, "pending"),
    ("vbank, no account", ORDERED, r#"{"status": "ready", "pay_method": "vbank", "vbank_num": null}"#, 200, "pending"),
    ("account, no vbank", ORDERED, r#"{"status": "ready", "pay_method": "trans", "vbank_num": "1"}"#, 200, "pending"),
    ("unknown status", ORDERED, r#"{"status": "frozen"}"#, 200, "pending"),
    ("one l is another word", ORDERED, r#"{"status": "canceled"}"#, 200, "pending"),
    ("failed", ORDERED, r#"{"status": "failed"}"#, 200, "failed"),
    ("cancelled in full", ORDERED, r#"{"status": "cancelled"}"#, 200, "cancelled"),
    ("in part", ORDERED, r#"{"status": "cancelled", "cancel_amount": 765}"#, 200, "partiallyCancelled"),
    ("paid, but part of it is back", ORDERED, r#"{"cancel_amount": 765}"#, 200, "partiallyCancelled"),
    ("paid, but all of it is back", ORDERED, r#"{"cancel_amount": 48765}"#, 200, "cancelled"),
    ("another amount", ORDERED, r#"{"amount": 48764}"#, 400, "forgery"),
    ("another currency", ORDERED, r#"{"currency": "USD"}"#, 400, "forgery"),
    ("dollars asked for", IN_DOLLARS, "{}", 400, "forgery"),
    ("a wrong account", ORDERED, r#"{"status": "ready", "pay_method": "vbank", "amount": 1}"#, 400, "forgery"),
    ("sandbox, returned anyway", ORDERED, r#"{"sandbox": true}"#, 400, "forgery"),
    ("card registration", ORDERED, r#"{"customer_uid": "c", "customer_uid_usage": "issue"}"#, 400, "forgery"),
    ("no such order", NOBODY, "{}", 404, "orderNotFound"),
    ("the order's amount is no number", UNUSABLE, "{}", 500, "misconfigured"),
    ("the order's currency is no string", ODD, "{}", 500, "misconfigured"),
    ("amount is text", ORDERED, r#"{"amount": "48765"}"#, 503, "unavailable"),
    ("no amount", ORDERED, r#"{"$omit": ["amount"]}"#, 503, "unavailable"),
];

#[tokio::test]
async fn every_verified_situation_has_its_answer_by_both_doors() {
    let shop = TestShop::open().await;
    shop.gateway.show_sandbox(true);
    for (index, (name, order, payment, code, status)) in CASES.iter().enumerate() {
        for door in DOORS {
            let merchant_uid = format!("ORD-{index}-{door:?}");
            let order: Value = serde_json::from_str(order).unwrap();
            if !order.is_null() {
                shop.order_as(&merchant_uid, order).await;
            }
            let mut fields: Value = serde_json::from_str(payment).unwrap();
            fields["merchant_uid"] = merchant_uid.as_str().into();
            if fields.get("amount").is_none() {
                fields["amount"] = 48_765.into();
            }
            let imp_uid = shop.payment(&fields.to_string());
            println!("{name}, by {door:?}");
            let answer = shop.claim(door, &imp_uid, &merchant_uid).await;
            answer.says(*code, status);
        }
    }
}

#[tokio::test]
async fn a_payment_of_another_order_is_a_forgery() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    shop.order_as("ORD-2", json!({})).await;
    let imp_uid = shop.payment(r#"{"merchant_uid": "ORD-2"}"#);
    for door in DOORS {
        shop.claim(door, &imp_uid, "ORD-1")
            .await
            .says(400, "forgery");
        shop.claim(door, &imp_uid, "ord-2")
            .await
            .says(400, "forgery");
        shop.claim(door, &imp_uid, " ORD-2")
            .await
            .says(400, "forgery");
        shop.claim(door, &imp_uid, "ORD-2 ")
            .await
            .says(400, "forgery");
    }
}

#[tokio::test]
async fn a_payment_the_gateway_does_not_know_is_not_found() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    for door in DOORS {
        let answer = shop.claim(door, "imp_404404404404", "ORD-1").await;
        answer.says(404, "paymentNotFound");
    }
}

#[tokio::test]
async fn a_second_payment_of_a_paid_order_is_a_duplicate() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let (first, second) = (shop.payment("{}"), shop.payment("{}"));
    shop.complete(&first).await.says(200, "success");
    for door in DOORS {
        shop.knock(door, &second)
            .await
            .says(409, "duplicatePayment");
    }
}

#[tokio::test]
async fn only_the_page_learns_the_account() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.account(
        r#"{"vbank_num": "110-123-456789", "vbank_name": "신한", "vbank_date": 1900000000}"#,
    );
    for _ in 0..2 {
        let webhook = shop.webhook(&imp_uid).await;
        webhook.says(200, "vbankIssued");
        assert_eq!(webhook.body.as_object().map(serde_json::Map::len), Some(2));
        let page = shop.complete(&imp_uid).await;
        page.says(200, "vbankIssued");
        assert_eq!(page.body["vbank_num"], "110-123-456789");
        assert_eq!(page.body["vbank_name"], "신한");
        assert_eq!(page.body["vbank_date"], 1_900_000_000);
    }
}

#[tokio::test]
async fn the_messages_of_the_guide_are_kept() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    shop.order_as("ORD-2", json!({})).await;
    let paid = shop.payment("{}");
    let forged = shop.payment(r#"{"amount": 1}"#);
    let account = shop.account(r#"{"merchant_uid": "ORD-2"}"#);
    for (imp_uid, message) in [
        (paid, "일반 결제 성공"),
        (forged, "위조된 결제시도"),
        (account, "가상계좌 발급 성공"),
    ] {
        for door in DOORS {
            assert_eq!(shop.knock(door, &imp_uid).await.body["message"], message);
        }
    }
}

#[tokio::test]
async fn the_status_in_a_webhook_is_only_a_hint() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    // The kit's webhook says `paid`.
    let failed = shop.payment(r#"{"status": "failed"}"#);
    shop.webhook(&failed).await.says(200, "failed");
    assert_eq!(shop.row().await["payment_status"], "failed");
}

#[tokio::test]
async fn a_mismatched_order_is_seen_before_anything_else() {
    let shop = TestShop::open().await;
    shop.gateway.show_sandbox(true);
    let left = shop.payment(r#"{"merchant_uid": "ORD-2", "status": "ready"}"#);
    shop.claim(Door::Page, &left, "ORD-1")
        .await
        .says(400, "forgery");
    assert_eq!(shop.aws.count("UpdateItem"), 0);
}
