//! The row after each verdict.

use aws_sdk_dynamodb::types::AttributeValue;
use local::shops_own;
use serde_json::{Value, json};

use crate::assertions::{Says, assert_row, ours};
use crate::test_shop::{DOORS, Door, TestShop};

/// A shop keeps more than we need to know.
fn busy_order() -> Value {
    json!({
        "merchant_uid": "ORD-1", "amount": {"N": "1000.00"}, "currency": "KRW", "customer_id": "customer-1",
        "phone": "010-1234-5678", "status": "new", "paid": false, "lines": [{"name": "머그컵", "count": 2}],
        "tags": {"SS": ["a", "b"]}, "note": {"S": ""}, "version": 7, "address": {"city": "서울"},
    })
}

/// Payment, and what the row says after it.
fn recorded() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        (
            "paid",
            r#"{"started_at": 1700000001}"#,
            json!({"payment_status": "paid", "payment_stage": 3, "payment_rank": 3, "cancel_amount": 0,
                   "vbank_notice": null, "vbank_notices": null}),
        ),
        (
            "failed",
            r#"{"started_at": 1700000001, "status": "failed"}"#,
            json!({"payment_status": "failed", "payment_stage": 2, "payment_rank": 0, "cancel_amount": 0,
                   "vbank_notice": null, "vbank_notices": null}),
        ),
        (
            "account issued",
            r#"{"started_at": 1700000001, "status": "ready", "pay_method": "vbank"}"#,
            json!({"payment_status": "ready", "payment_stage": 1, "payment_rank": 1, "cancel_amount": 0,
                   "vbank_notice": "done", "vbank_notices": 1}),
        ),
        (
            "cancelled in part",
            r#"{"started_at": 1700000001, "status": "cancelled", "cancel_amount": 300}"#,
            json!({"payment_status": "cancelled", "payment_stage": 4, "payment_rank": 3, "cancel_amount": 300,
                   "vbank_notice": null, "vbank_notices": null}),
        ),
        (
            "paid, but some of it went back",
            r#"{"started_at": 1700000001, "status": "paid", "cancel_amount": 300}"#,
            json!({"payment_status": "cancelled", "payment_stage": 4, "payment_rank": 3, "cancel_amount": 300}),
        ),
        (
            "cancelled in full",
            r#"{"started_at": 1700000001, "status": "cancelled"}"#,
            json!({"payment_status": "cancelled", "payment_stage": 4, "payment_rank": 2, "cancel_amount": 1000,
                   "vbank_notice": null, "vbank_notices": null}),
        ),
        (
            "paid, but all of it went back",
            r#"{"started_at": 1700000001, "status": "paid", "cancel_amount": 1000}"#,
            json!({"payment_status": "cancelled", "payment_stage": 4, "payment_rank": 2, "cancel_amount": 1000}),
        ),
        (
            "cancelled and never paid",
            r#"{"started_at": 1700000001, "status": "cancelled", "pay_method": "vbank", "paid_at": 0}"#,
            json!({"payment_status": "cancelled", "payment_stage": 4, "payment_rank": 0,
                   "vbank_notice": null, "vbank_notices": null}),
        ),
    ]
}

#[tokio::test]
async fn every_verdict_that_counts_is_in_the_row_and_the_shops_columns_are_untouched() {
    let shop = TestShop::open().await;
    for (name, payment, expected) in recorded() {
        for door in DOORS {
            println!("{name}, by {door:?}");
            shop.orders.put(busy_order()).await.unwrap();
            let before = shops_own(&shop.item().await);
            let imp_uid = shop.payment(payment);
            shop.knock(door, &imp_uid).await;
            let row = shop.row().await;
            assert_row(&row, &expected);
            let attempt = json!({"imp_uid": imp_uid, "started_at": 1_700_000_001});
            assert_row(&row, &attempt);
            assert_eq!(shops_own(&shop.item().await), before);
        }
    }
}

#[tokio::test]
async fn every_attribute_has_its_type() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.account("{}");
    shop.webhook(&imp_uid).await.says(200, "vbankIssued");
    let item = shop.item().await;
    for (name, is_right) in [
        (
            "imp_uid",
            AttributeValue::is_s as fn(&AttributeValue) -> bool,
        ),
        ("payment_status", AttributeValue::is_s),
        ("payment_stage", AttributeValue::is_n),
        ("payment_rank", AttributeValue::is_n),
        ("cancel_amount", AttributeValue::is_n),
        ("started_at", AttributeValue::is_n),
        ("payment", AttributeValue::is_m),
        ("vbank_notice", AttributeValue::is_s),
        ("vbank_notices", AttributeValue::is_n),
    ] {
        assert!(is_right(&item[name]), "{name}: {:?}", item[name]);
    }
    assert_eq!(ours(&item).len(), 9, "{:?}", ours(&item).keys());
}

#[tokio::test]
async fn what_the_look_up_alone_decides_is_not_written() {
    let shop = TestShop::open().await;
    shop.gateway.show_sandbox(true);
    shop.orders.put(busy_order()).await.unwrap();
    let before = shop.item().await;
    for (status, payment) in [
        ("pending", r#"{"status": "ready"}"#),
        (
            "pending",
            r#"{"status": "ready", "pay_method": "vbank", "vbank_num": null}"#,
        ),
        ("pending", r#"{"status": "frozen"}"#),
        ("pending", r#"{"status": "frozen", "amount": 1}"#),
        ("forgery", r#"{"sandbox": true}"#),
        ("forgery", r#"{"sandbox": true, "status": "failed"}"#),
        ("forgery", r#"{"customer_uid_usage": "issue"}"#),
        ("forgery", r#"{"customer_uid_usage": "issue", "amount": 0}"#),
    ] {
        let imp_uid = shop.payment(payment);
        for door in DOORS {
            println!("{payment}");
            let answer = shop.knock(door, &imp_uid).await;
            answer.says(if status == "forgery" { 400 } else { 200 }, status);
        }
    }
    let other = shop.payment(r#"{"merchant_uid": "ORD-2"}"#);
    shop.claim(Door::Webhook, &other, "ORD-1")
        .await
        .says(400, "forgery");
    assert_eq!(shop.item().await, before);
    assert_eq!(shop.aws.calls(), [].into(), "DynamoDB has nothing to add");
}

#[tokio::test]
async fn a_forgery_leaves_no_trace_on_the_order() {
    for payment in [
        r#"{"amount": 999}"#,
        r#"{"amount": 1001}"#,
        r#"{"currency": "USD"}"#,
        r#"{"amount": 5000, "status": "cancelled", "cancel_amount": 4000}"#,
        r#"{"amount": 999, "status": "ready", "pay_method": "vbank"}"#,
    ] {
        let shop = TestShop::open().await;
        shop.orders.put(busy_order()).await.unwrap();
        let before = shop.item().await;
        let imp_uid = shop.payment(payment);
        for door in DOORS {
            shop.knock(door, &imp_uid).await.says(400, "forgery");
        }
        assert_eq!(shop.item().await, before);
    }
}

#[tokio::test]
async fn a_failed_payment_needs_no_right_amount() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment(r#"{"status": "failed", "amount": 999, "currency": "USD"}"#);
    shop.webhook(&imp_uid).await.says(200, "failed");
    assert_row(
        &shop.row().await,
        &json!({"imp_uid": imp_uid, "payment_status": "failed"}),
    );
}

#[tokio::test]
async fn no_order_is_ever_made() {
    let shop = TestShop::open().await;
    for payment in [
        "{}",
        r#"{"status": "failed"}"#,
        r#"{"status": "cancelled"}"#,
        r#"{"status": "cancelled", "cancel_amount": 1}"#,
        r#"{"status": "ready", "pay_method": "vbank"}"#,
    ] {
        let imp_uid = shop.payment(payment);
        for door in DOORS {
            shop.knock(door, &imp_uid).await.says(404, "orderNotFound");
        }
        assert_eq!(shop.row().await, Value::Null);
    }
    assert_eq!(shop.aws.sms_sent(), []);
}
