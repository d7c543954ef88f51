//! What stops a part of a sweep is an error, after everything else was done; and it ends in time.

use std::time::Duration;

use iamport_sim::{Fault, Route};
use local::aws;
use serde_json::{Value, json};

use super::invoke;
use crate::deadline::deploy_with;
use crate::log_lines::Log;
use crate::test_shop::{ORDER, TestShop};

const LATE: Duration = Duration::from_mins(2);

/// A shop with one payment for each list, and an open item whose order was written since.
async fn full(shop: &TestShop) -> String {
    for order in ["READY", "PAID", "CANCELLED"] {
        shop.order_as(order, json!({})).await;
    }
    shop.account(r#"{"merchant_uid": "READY"}"#);
    shop.payment(r#"{"merchant_uid": "PAID"}"#);
    shop.payment(r#"{"merchant_uid": "CANCELLED", "status": "cancelled"}"#);
    // So long ago that no list shows it.
    let item = shop.payment(r#"{"paid_at": 1600000000, "started_at": 1600000000}"#);
    shop.webhook(&item).await;
    shop.order(json!({})).await;
    shop.forget(ORDER, &item, json!({})).await;
    item
}

/// What a sweep settled: of the lists, and whether it looked at the item.
async fn settled(shop: &TestShop, item: &str) -> Vec<String> {
    let mut settled = Vec::new();
    for order in ["READY", "PAID", "CANCELLED"] {
        if !shop.row_of(order).await["payment_status"].is_null() {
            settled.push(order.to_lowercase());
        }
    }
    if shop.noted(item).await["state"] == "matched" {
        settled.push("item".to_owned());
    }
    settled
}

/// Refusals, and answers that make no sense.
fn refusals() -> Vec<(&'static str, Fault)> {
    let envelope = |status, message: &str| {
        let body = json!({"code": -1, "message": message, "response": null}).to_string();
        Fault::answer(status, "application/json", &body)
    };
    let list = |response: Value| {
        let body = json!({"code": 0, "message": null, "response": response}).to_string();
        Fault::answer(200, "application/json", &body)
    };
    vec![
        ("bad status", envelope(400, "지원되지 않는 상태값입니다.")),
        (
            "bad status, 404",
            envelope(404, "지원되지 않는 상태값입니다."),
        ),
        ("500", Fault::status(500)),
        ("500, envelope", envelope(500, "?")),
        ("502", Fault::bad_gateway()),
        ("400, no envelope", Fault::status(400)),
        ("404, no envelope", Fault::status(404)),
        ("code", Fault::code(-1, "?")),
        ("not JSON", Fault::not_json()),
        ("no list", list(json!({"total": 0}))),
        ("list of text", list(json!({"total": 0, "list": "[]"}))),
        ("total of text", list(json!({"total": "0", "list": []}))),
        ("negative total", list(json!({"total": -1, "list": []}))),
        ("null", list(Value::Null)),
        ("an array", list(json!([]))),
        ("more than it shows", list(json!({"total": 7, "list": []}))),
        ("cut", Fault::truncated()),
        ("dropped", Fault::dropped()),
        ("redirect", Fault::redirect("http://127.0.0.1:1/")),
        ("endless", Fault::endless()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_is_refused_is_an_error_after_everything_else() {
    let mut tests = tokio::task::JoinSet::new();
    let lists = [
        ("/ready", ["paid", "cancelled", "item"]),
        ("/paid", ["ready", "cancelled", "item"]),
        ("/cancelled", ["ready", "paid", "item"]),
    ];
    for ((name, fault), (list, others)) in refusals().into_iter().zip(lists.into_iter().cycle()) {
        tests.spawn(async move {
            let shop = TestShop::open().await;
            let item = full(&shop).await;
            shop.gateway.fault(fault.on(Route::Status).at(list));
            let error = shop.sweep(5).await.expect_err(name);
            assert!(error.contains("1 failure"), "{name}, {list}: {error}");
            assert_eq!(settled(&shop, &item).await, others, "{name}, {list}");
            shop.gateway.clear_faults();
            shop.sweep(5).await.unwrap();
            let whole = ["ready", "paid", "cancelled", "item"];
            assert_eq!(settled(&shop, &item).await, whole);
        });
        // A few at a time: an engine each.
        if tests.len() > 3 {
            tests.join_next().await.unwrap().unwrap();
        }
    }
    tests.join_all().await;
}

#[tokio::test]
async fn a_write_that_fails_is_an_error_and_the_others_are_made() {
    let shop = TestShop::open().await;
    let item = full(&shop).await;
    shop.aws.fault(aws::Fault::deny().on("UpdateItem").times(1));
    shop.sweep(5).await.expect_err("a write failed");
    assert_eq!(settled(&shop, &item).await, ["paid", "cancelled", "item"]);
    shop.sweep(5).await.unwrap();
    assert_eq!(settled(&shop, &item).await.len(), 4);
}

#[tokio::test]
async fn items_that_cannot_be_listed_are_an_error_after_the_lists() {
    let shop = TestShop::open().await;
    let item = full(&shop).await;
    shop.aws.fault(aws::Fault::deny().on("Query"));
    shop.sweep(5).await.expect_err("no items");
    assert_eq!(settled(&shop, &item).await, ["ready", "paid", "cancelled"]);
}

/// A row that nobody can use is told, and no reason to sweep again.
#[tokio::test]
async fn an_unusable_row_is_no_error() {
    let shop = TestShop::open().await;
    let log = Log::default();
    let _kept = log.keep();
    shop.order(json!({"amount": "1000"})).await;
    let imp_uid = shop.payment("{}");
    let swept = shop.sweep(5).await.unwrap();
    assert_eq!(
        (&swept["unmatched"], &swept["open"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(shop.list().await, json!({imp_uid: "open misconfigured"}));
    assert!(log.text().contains("the order's row cannot be used"));
    shop.sweep(5).await.unwrap();
}

const EVENT: &str = r#"{"sweep": {"minutes": 5}}"#;

/// A list that never ends must not cost the others everything.
#[tokio::test]
async fn a_list_without_an_end_is_left_in_time_for_the_rest() {
    let shop = TestShop::open().await;
    shop.gateway.advance_time(-120);
    let item = full(&shop).await;
    let app = deploy_with(&shop, &[]);
    let body = r#"{"code": 0, "message": null, "response": {"total": 1000000, "list": [{}]}}"#;
    let endless = Fault::answer(200, "application/json", body);
    shop.gateway.fault(endless.on(Route::Status).at("/ready"));
    let swept = invoke(&app, EVENT, "request-1", Duration::from_secs(20)).await;
    swept.expect_err("it has no end");
    assert_eq!(settled(&shop, &item).await, ["paid", "cancelled", "item"]);
}

/// Whoever stalls: it ends before Lambda's deadline, as an error.
#[tokio::test]
async fn a_sweep_with_little_time_ends_before_lambda_ends_it() {
    let left = Duration::from_secs(3);
    let mut tests = tokio::task::JoinSet::new();
    for route in [
        Route::Token,
        Route::Status,
        Route::LookUp,
        Route::FindAll,
        Route::Cancel,
    ] {
        for fault in [Fault::stalled(), Fault::status(500).after(LATE)] {
            tests.spawn(async move {
                let shop = TestShop::open().await;
                stage(&shop).await;
                shop.gateway.fault(fault.on(route));
                let app = deploy_with(&shop, &[("REFUND_DUPLICATES_MAX", "50000")]);
                let swept = invoke(&app, EVENT, "request-1", left).await;
                swept.expect_err(&format!("{route:?}"));
            });
        }
    }
    for operation in ["GetSecretValue", "UpdateItem", "Query", "Publish"] {
        tests.spawn(async move {
            let shop = TestShop::open().await;
            stage(&shop).await;
            shop.aws.fault(aws::Fault::slow(LATE).on(operation));
            let app = deploy_with(&shop, &[("REFUND_DUPLICATES_MAX", "50000")]);
            let swept = invoke(&app, EVENT, "request-1", left).await;
            swept.expect_err(operation);
        });
    }
    tests.join_all().await;
}

/// Something to do for every part of a sweep.
async fn stage(shop: &TestShop) {
    shop.gateway.advance_time(-120);
    shop.order_as("READY", json!({"phone": "010-1234-5678"}))
        .await;
    shop.account(r#"{"merchant_uid": "READY"}"#);
    shop.order(json!({})).await;
    let at = shop.gateway.now() - 1200;
    let fields = json!({"paid_at": at, "started_at": at}).to_string();
    for payment in [shop.payment(&fields), shop.payment(&fields)] {
        shop.complete(&payment).await;
    }
    let item = &shop.unmatched.rows().await.unwrap()[0];
    shop.forget(ORDER, item["imp_uid"].as_str().unwrap(), json!({}))
        .await;
}

#[tokio::test]
async fn a_sweep_without_any_time_says_so() {
    let shop = TestShop::open().await;
    let app = deploy_with(&shop, &[]);
    let swept = invoke(&app, EVENT, "request-1", Duration::from_millis(550)).await;
    // Nothing to do may be done in time.
    assert!(swept.is_ok() || swept.unwrap_err().contains("not finished"));
}
