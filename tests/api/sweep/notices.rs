//! Accounts that a sweep finds: told once, and only while anybody wants to hear of them.

use std::time::Duration;

use local::aws;
use serde_json::{Value, json};

use super::{invoke, summary};
use crate::deadline::deploy_with;
use crate::test_shop::{Door, ORDER, TestShop, until};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const LEFT: Duration = Duration::from_secs(30);

/// An order with a customer and a phone.
async fn reachable() -> TestShop {
    let shop = TestShop::open().await;
    let customer = json!({"customer_id": "customer-1"});
    shop.customers.put(customer).await.unwrap();
    shop.order(json!({"customer_id": "customer-1", "phone": "010-1234-5678"}))
        .await;
    shop
}

async fn told(shop: &TestShop) -> (usize, bool, Value) {
    let customer = shop.customers.get("customer-1").await.unwrap();
    let is_kept = !customer["vbank_num"].is_null();
    let notice = shop.row().await["vbank_notice"].clone();
    (shop.aws.sms_sent().len(), is_kept, notice)
}

#[tokio::test]
async fn an_account_is_told_once_while_it_can_be_paid() {
    for (issued, pay_by, is_told) in [
        (0, Some(72 * HOUR), true),
        (23 * HOUR, Some(72 * HOUR), true),
        (24 * HOUR + 5, Some(72 * HOUR), false),
        (25 * HOUR, None, false),
        (HOUR, Some(-5), false),
        (HOUR, Some(MINUTE), true),
        // No date at all, as some providers have it.
        (HOUR, None, true),
    ] {
        for door in [None, Some(Door::Page), Some(Door::Webhook)] {
            let shop = reachable().await;
            let now = shop.gateway.now();
            let fields = json!({
                "started_at": now - issued, "vbank_issued_at": now - issued,
                "vbank_date": pay_by.map_or(0, |pay_by| now + pay_by),
            });
            let account = shop.account(&fields.to_string());
            if let Some(door) = door {
                shop.knock(door, &account).await;
            } else {
                let swept = shop.sweep(26 * 60).await;
                assert_eq!(swept, Ok(summary(&json!({"listed": 1, "ready": 1}))));
            }
            let expected = (usize::from(is_told), is_told, json!("done"));
            assert_eq!(
                told(&shop).await,
                expected,
                "{issued}, {pay_by:?}, {door:?}"
            );
            shop.sweep(26 * 60).await.unwrap();
            assert_eq!(told(&shop).await, expected);
            assert_eq!(shop.row().await["vbank_notices"], 1);
        }
    }
}

/// An older window's `vbank_issued_at` may be missing: the start of the attempt is as good.
#[tokio::test]
async fn an_account_of_unknown_age_goes_by_its_start() {
    let shop = reachable().await;
    let started_at = shop.gateway.now() - 25 * HOUR;
    let fields = json!({"started_at": started_at, "vbank_issued_at": 0, "vbank_date": 0});
    shop.account(&fields.to_string());
    shop.sweep(26 * 60).await.unwrap();
    assert_eq!(told(&shop).await, (0, false, json!("done")));
}

/// Lambda gives a retried invocation the id of the first, which may still be about to send its text.
#[tokio::test]
async fn a_sweep_that_is_repeated_under_the_same_id_does_not_tell_it_again() {
    let shop = reachable().await;
    let account = shop.account("{}");
    let event = json!({"sweep": {"minutes": 5, "until": "2026-11-24T10:00:00Z"}});
    let mut event = event;
    let now = aws_smithy_types::DateTime::from_secs(shop.gateway.now());
    let now = now.fmt(aws_smithy_types::date_time::Format::DateTime);
    event["sweep"]["until"] = now.unwrap().into();
    let event = event.to_string();
    let (first, second) = (deploy_with(&shop, &[]), deploy_with(&shop, &[]));
    shop.aws.fault(aws::Fault::slow(LEFT).on("Publish"));
    tokio::select! {
        _ = invoke(&first, &event, "request-1", LEFT) => panic!("SNS has not answered"),
        () = until(|| shop.aws.sms_sent().len() == 1) => {}
    }
    shop.aws.clear_faults();
    invoke(&second, &event, "request-1", LEFT).await.unwrap();
    let (texts, _, notice) = told(&shop).await;
    assert_eq!(texts, 1);
    let notice = notice.as_str().unwrap();
    assert!(notice.starts_with("due:request-1-"), "{notice}");
    assert!(notice.len() > "due:request-1-".len() + 8, "{notice}");
    // A minute later, whoever finds it takes it over.
    let fields = json!({"vbank_issued_at": shop.gateway.now() - 2 * MINUTE});
    shop.gateway.update(&account, fields.to_string()).unwrap();
    invoke(&second, &event, "request-1", LEFT).await.unwrap();
    assert_eq!(told(&shop).await, (2, true, json!("done")));
}

/// The order is right all the same, and the notice stays due for the next one.
#[tokio::test]
async fn a_notice_that_cannot_be_given_is_an_error() {
    for operation in ["Publish", "customers"] {
        let shop = reachable().await;
        let now = shop.gateway.now();
        let fields = json!({"vbank_issued_at": now - 2 * MINUTE});
        shop.account(&fields.to_string());
        if operation == "Publish" {
            shop.aws.fault(aws::Fault::deny().on("Publish"));
        } else {
            let customer = json!({"customer_id": "customer-1", "vbank_started_at": "text"});
            shop.customers.put(customer).await.unwrap();
        }
        let swept = shop.sweep(5).await;
        if operation == "Publish" {
            swept.expect_err("no text went out");
            assert!(told(&shop).await.2.as_str().unwrap().starts_with("due:"));
            shop.aws.clear_faults();
            let swept = shop.sweep(5).await;
            assert_eq!(swept, Ok(summary(&json!({"listed": 1}))));
            assert_eq!(told(&shop).await, (1, true, json!("done")));
        }
        assert_eq!(shop.row_of(ORDER).await["payment_status"], "ready");
    }
}
