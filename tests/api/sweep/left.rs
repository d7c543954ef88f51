//! What a sweep finds and leaves alone, beside what it settles.

use serde_json::{Value, json};

use super::summary;
use crate::assertions::{Says, assert_row};
use crate::log_lines::Log;
use crate::test_shop::{Calls, DOORS, ORDER, TestShop};

/// Beside this, an honest payment on the same page is settled.
async fn left_alone(shop: &TestShop, order: &str, listed: Option<u32>) {
    shop.order(json!({})).await;
    let honest = shop.payment("{}");
    let swept = shop.sweep(5).await.unwrap();
    assert_eq!(swept["repaired"]["paid"], 1, "{order:?}: {swept}");
    if let Some(listed) = listed {
        assert_eq!(swept["listed"], listed);
    }
    assert_eq!(
        (&swept["unmatched"], &swept["open"]),
        (&json!(0), &json!(0))
    );
    assert_row(&shop.row().await, &json!({"imp_uid": honest}));
    assert_eq!(shop.row_of(order).await["payment_status"], Value::Null);
    assert_eq!(shop.list().await, json!({}), "{order:?}");
}

#[tokio::test]
async fn what_is_no_payment_of_an_order_is_left() {
    for fields in [
        json!({"sandbox": true}),
        json!({"customer_uid_usage": "issue"}),
        // An abandoned window, and a status from the future.
        json!({"status": "ready"}),
        // Neither of its order, nor known to anybody.
        json!({"sandbox": true, "merchant_uid": "NOBODY"}),
        json!({"customer_uid_usage": "issue", "merchant_uid": "NOBODY"}),
    ] {
        let shop = TestShop::open().await;
        shop.order_as("OTHER", json!({})).await;
        let mut payment = json!({"merchant_uid": "OTHER"});
        let payment_fields = payment.as_object_mut().unwrap();
        payment_fields.extend(fields.as_object().unwrap().clone());
        shop.payment(&payment.to_string());
        left_alone(&shop, "OTHER", None).await;
    }
}

#[tokio::test]
async fn a_test_stage_and_a_charging_registration_are_settled() {
    for (settings, fields) in [
        (("ALLOW_SANDBOX", "true"), r#"{"sandbox": true}"#),
        (
            ("BILLING_ISSUE_CHARGES", "kcp"),
            r#"{"customer_uid_usage": "issue", "pg_provider": "kcp"}"#,
        ),
    ] {
        let shop = TestShop::open_with(&[settings]).await;
        shop.order(json!({})).await;
        let paid = shop.payment(fields);
        let swept = shop.sweep(5).await;
        assert_eq!(swept, Ok(summary(&json!({"listed": 1, "paid": 1}))));
        assert_row(&shop.row().await, &json!({"imp_uid": paid}));
    }
}

#[tokio::test]
async fn entries_that_cannot_be_read_are_told_and_left() {
    let too_long = "L".repeat(101);
    for (order, fields) in [
        ("OTHER", json!({"amount": "1000"})),
        ("OTHER", json!({"amount": null})),
        ("OTHER", json!({"amount": -1000})),
        ("OTHER", json!({"cancel_amount": {}})),
        ("OTHER", json!({"status": 7, "$sort": "paid"})),
        ("OTHER", json!({"currency": null})),
        ("OTHER", json!({"sandbox": "no"})),
        ("OTHER", json!({"$omit": ["cancel_amount"]})),
        ("OTHER", json!({"imp_uid": "imp 1"})),
        ("OTHER", json!({"imp_uid": "../imp_1"})),
        ("OTHER", json!({"imp_uid": "i".repeat(33)})),
        ("OTHER\n", json!({"merchant_uid": "OTHER\n"})),
        (&too_long, json!({"merchant_uid": too_long})),
        ("OTHER", json!({"merchant_uid": ""})),
    ] {
        let shop = TestShop::open().await;
        let log = Log::default();
        let _kept = log.keep();
        shop.order_as(order, json!({})).await;
        let mut payment = json!({"merchant_uid": order});
        let members = payment.as_object_mut().unwrap();
        members.extend(fields.as_object().unwrap().clone());
        let is_listed = members.remove("$sort").is_none();
        shop.payment(&payment.to_string());
        left_alone(&shop, order, Some(1)).await;
        let told = log.text().matches("cannot be read").count();
        assert_eq!(told, usize::from(is_listed), "{fields}: {}", log.text());
    }
}

/// They share the gateway's account, and nothing else.
#[tokio::test]
async fn payments_of_other_shops_are_none_of_ours() {
    let shop = TestShop::open_with(&[("MERCHANT_UID_PREFIX", "ORD-")]).await;
    let log = Log::default();
    let _kept = log.keep();
    shop.order_as("THEIRS-1", json!({})).await;
    for order in ["THEIRS-1", "THEIRS-2", "ORD", "ord-1", " ORD-1"] {
        let payment = shop.payment(&json!({"merchant_uid": order}).to_string());
        shop.forget_calls();
        for door in DOORS {
            shop.claim(door, &payment, order)
                .await
                .says(404, "orderNotFound");
        }
        assert_eq!(shop.calls(), Calls::none(), "{order}");
    }
    left_alone(&shop, "THEIRS-1", None).await;
    let ours = shop.payment(r#"{"merchant_uid": "ORD-2"}"#);
    shop.sweep(5).await.unwrap();
    let item = shop.unmatched.get(["ORD-2", &ours]).await.unwrap();
    assert_eq!(item["reason"], "orderNotFound");
    assert_eq!(shop.row_of(ORDER).await["payment_status"], "paid");
    for line in log.text().lines().filter(|line| line.contains("THEIRS")) {
        assert!(line.contains(r#""level":"INFO""#), "{line}");
    }
}
