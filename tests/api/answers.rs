//! The table of answers, by both doors.

use serde_json::{Value, json};

use crate::says::Says;
use crate::till::{DOORS, Door, Till};

/// Order (`null`: none), payment, answer.
fn cases() -> Vec<(&'static str, Value, &'static str, u16, &'static str)> {
    let order = json!({"amount": 48_765});
    let dollars = json!({"amount": 48_765, "currency": "USD"});
    let unusable = json!({"amount": "48765"});
    let odd = json!({"amount": 48_765, "currency": 410});
    vec![
        ("paid", order.clone(), r#"{"status": "paid"}"#, 200, "success"),
        (
            "account issued",
            order.clone(),
            r#"{"status": "ready", "pay_method": "vbank"}"#,
            200,
            "vbankIssued",
        ),
        ("window left", order.clone(), r#"{"status": "ready"}"#, 200, "pending"),
        (
            "vbank without an account",
            order.clone(),
            r#"{"status": "ready", "pay_method": "vbank", "vbank_num": null}"#,
            200,
            "pending",
        ),
        (
            "an account, but no vbank",
            order.clone(),
            r#"{"status": "ready", "pay_method": "trans", "vbank_num": "X3790127821223"}"#,
            200,
            "pending",
        ),
        ("unknown status", order.clone(), r#"{"status": "frozen"}"#, 200, "pending"),
        ("one l is another word", order.clone(), r#"{"status": "canceled"}"#, 200, "pending"),
        ("failed", order.clone(), r#"{"status": "failed"}"#, 200, "failed"),
        ("cancelled in full", order.clone(), r#"{"status": "cancelled"}"#, 200, "cancelled"),
        (
            "cancelled in part",
            order.clone(),
            r#"{"status": "cancelled", "cancel_amount": 765}"#,
            200,
            "partiallyCancelled",
        ),
        (
            "paid, but some of it went back",
            order.clone(),
            r#"{"status": "paid", "cancel_amount": 765}"#,
            200,
            "partiallyCancelled",
        ),
        (
            "paid, but all of it went back",
            order.clone(),
            r#"{"status": "paid", "cancel_amount": 48765}"#,
            200,
            "cancelled",
        ),
        ("another amount", order.clone(), r#"{"amount": 48764}"#, 400, "forgery"),
        ("another currency", order.clone(), r#"{"currency": "USD"}"#, 400, "forgery"),
        ("dollars were asked for", dollars, "{}", 400, "forgery"),
        (
            "an account for another amount",
            order.clone(),
            r#"{"status": "ready", "pay_method": "vbank", "amount": 1}"#,
            400,
            "forgery",
        ),
        (
            "sandbox, returned anyway",
            order.clone(),
            r#"{"sandbox": true}"#,
            400,
            "forgery",
        ),
        (
            "card registration",
            order.clone(),
            r#"{"customer_uid": "card-1", "customer_uid_usage": "issue"}"#,
            400,
            "forgery",
        ),
        ("no such order", Value::Null, "{}", 404, "orderNotFound"),
        ("amount is no number", unusable, "{}", 500, "misconfigured"),
        ("currency is no string", odd, "{}", 500, "misconfigured"),
        ("amount is text", order.clone(), r#"{"amount": "48765"}"#, 503, "unavailable"),
        ("no amount", order, r#"{"$omit": ["amount"]}"#, 503, "unavailable"),
    ]
}

#[tokio::test]
async fn every_verified_situation_has_its_answer_by_both_doors() {
    let till = Till::open().await;
    till.gateway.show_sandbox(true);
    for (index, (name, order, payment, code, status)) in cases().into_iter().enumerate() {
        for door in DOORS {
            let merchant_uid = format!("ORD-{index}-{door:?}");
            if !order.is_null() {
                till.order_as(&merchant_uid, order.clone()).await;
            }
            let amount = if payment.contains("\"amount\"") { "" } else { r#", "amount": 48765"# };
            let comma = if payment == "{}" { "" } else { "," };
            let fields = payment.trim_start_matches('{');
            let imp_uid = till.payment(&format!(
                r#"{{"merchant_uid": "{merchant_uid}"{amount}{comma}{fields}"#
            ));
            println!("{name}, by {door:?}");
            let answer = till.claim(door, &imp_uid, &merchant_uid).await;
            answer.says(code, status);
        }
    }
}

#[tokio::test]
async fn a_payment_of_another_order_is_a_forgery() {
    let till = Till::open().await;
    till.order(json!({})).await;
    till.order_as("ORD-2", json!({})).await;
    let imp_uid = till.payment(r#"{"merchant_uid": "ORD-2"}"#);
    for door in DOORS {
        till.claim(door, &imp_uid, "ORD-1").await.says(400, "forgery");
        till.claim(door, &imp_uid, "ord-2").await.says(400, "forgery");
        till.claim(door, &imp_uid, " ORD-2").await.says(400, "forgery");
        till.claim(door, &imp_uid, "ORD-2 ").await.says(400, "forgery");
    }
}

#[tokio::test]
async fn a_payment_the_gateway_does_not_know_is_not_found() {
    let till = Till::open().await;
    till.order(json!({})).await;
    for door in DOORS {
        let answer = till.claim(door, "imp_404404404404", "ORD-1").await;
        answer.says(404, "paymentNotFound");
    }
}

#[tokio::test]
async fn a_second_payment_of_a_paid_order_is_a_duplicate() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let (first, second) = (till.payment("{}"), till.payment("{}"));
    till.complete(&first).await.says(200, "success");
    for door in DOORS {
        till.knock(door, &second).await.says(409, "duplicatePayment");
    }
}

#[tokio::test]
async fn only_the_page_learns_the_account() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.account(
        r#"{"vbank_num": "110-123-456789", "vbank_name": "신한", "vbank_date": 1900000000}"#,
    );
    for _ in 0..2 {
        let webhook = till.webhook(&imp_uid).await;
        webhook.says(200, "vbankIssued");
        assert_eq!(webhook.body.as_object().map(serde_json::Map::len), Some(2));
        let page = till.complete(&imp_uid).await;
        page.says(200, "vbankIssued");
        assert_eq!(page.body["vbank_num"], "110-123-456789");
        assert_eq!(page.body["vbank_name"], "신한");
        assert_eq!(page.body["vbank_date"], 1_900_000_000);
    }
}

#[tokio::test]
async fn the_messages_of_the_guide_are_kept() {
    let till = Till::open().await;
    till.order(json!({})).await;
    till.order_as("ORD-2", json!({})).await;
    let paid = till.payment("{}");
    let forged = till.payment(r#"{"amount": 1}"#);
    let account = till.account(r#"{"merchant_uid": "ORD-2"}"#);
    for (imp_uid, message) in [
        (paid, "일반 결제 성공"),
        (forged, "위조된 결제시도"),
        (account, "가상계좌 발급 성공"),
    ] {
        for door in DOORS {
            assert_eq!(till.knock(door, &imp_uid).await.body["message"], message);
        }
    }
}

#[tokio::test]
async fn the_status_in_a_webhook_is_only_a_hint() {
    let till = Till::open().await;
    till.order(json!({})).await;
    // The kit's webhook says `paid`.
    let failed = till.payment(r#"{"status": "failed"}"#);
    till.webhook(&failed).await.says(200, "failed");
    assert_eq!(till.row().await["payment_status"], "failed");
}

#[tokio::test]
async fn a_mismatched_order_is_seen_before_anything_else() {
    let till = Till::open().await;
    till.gateway.show_sandbox(true);
    let left = till.payment(r#"{"merchant_uid": "ORD-2", "status": "ready"}"#);
    till.claim(Door::Page, &left, "ORD-1").await.says(400, "forgery");
    assert_eq!(till.aws.count("UpdateItem"), 0);
}
