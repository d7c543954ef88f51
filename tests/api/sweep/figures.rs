//! The figures: in the answer and in one line of the log, the same.

use serde_json::{Value, json};

use super::summary;
use crate::log_lines::Log;
use crate::test_shop::{ORDER, TestShop};

fn lines(log: &Log) -> Vec<Value> {
    let text = log.text();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines
        .filter(|line: &Value| line["fields"]["route"] == "sweep")
        .collect()
}

/// The line with which a sweep ends, as a summary.
fn finish(lines: &[Value]) -> Value {
    let ends: Vec<_> = lines
        .iter()
        .filter(|line| !line["fields"]["listed"].is_null())
        .collect();
    assert_eq!(ends.len(), 1, "{lines:?}");
    let fields = &ends[0]["fields"];
    json!({
        "listed": fields["listed"],
        "repaired": {
            "ready": fields["repaired_ready"], "paid": fields["repaired_paid"],
            "cancelled": fields["repaired_cancelled"],
        },
        "unmatched": fields["newly_unmatched"], "resolved": fields["resolved"],
        "refunded": fields["refunded"], "open": fields["open"],
    })
}

/// Every figure another one.
async fn stage(shop: &TestShop) {
    let now = shop.gateway.now();
    let mut order = 0;
    let mut next = || {
        order += 1;
        format!("ORD-{order}")
    };
    for (times, fields) in [
        (4, json!({"status": "ready", "pay_method": "vbank"})),
        (5, json!({})),
        (6, json!({"status": "cancelled"})),
    ] {
        for _ in 0..times {
            let name = next();
            shop.order_as(&name, json!({})).await;
            let mut fields = fields.clone();
            fields["merchant_uid"] = name.into();
            shop.payment(&fields.to_string());
        }
    }
    // Known already.
    shop.order_as("KNOWN", json!({})).await;
    let known = shop.payment(r#"{"merchant_uid": "KNOWN"}"#);
    shop.webhook(&known).await;
    // Three that nobody knows of.
    for _ in 0..3 {
        shop.payment(r#"{"merchant_uid": "NOBODY"}"#);
    }
    // Two that were settled since, at the order and by a person in the console.
    let long_ago = json!({"paid_at": 1_600_000_000, "started_at": 1_600_000_000});
    for name in ["MATCHED", "CANCELLED"] {
        let mut fields = long_ago.clone();
        fields["merchant_uid"] = name.into();
        let item = shop.payment(&fields.to_string());
        shop.webhook(&item).await;
        shop.forget(name, &item, json!({})).await;
        if name == "MATCHED" {
            shop.order_as(name, json!({})).await;
        } else {
            shop.gateway.cancel(&item, None).unwrap();
            let at = json!({"cancelled_at": 1_600_000_000}).to_string();
            shop.gateway.update(&item, at).unwrap();
        }
    }
    // One duplicate, to be refunded.
    shop.order_as("TWICE", json!({})).await;
    let mut fields = json!({"paid_at": now - 1200, "started_at": now - 1200});
    fields["merchant_uid"] = "TWICE".into();
    for payment in [(); 2].map(|()| shop.payment(&fields.to_string())) {
        shop.webhook(&payment).await;
        if !shop
            .unmatched
            .get(["TWICE", &payment])
            .await
            .unwrap()
            .is_null()
        {
            shop.forget("TWICE", &payment, json!({})).await;
        }
    }
}

#[tokio::test]
async fn every_figure_counts_what_it_says() {
    let shop = TestShop::open_with(&[("REFUND_DUPLICATES_MAX", "50000")]).await;
    stage(&shop).await;
    let log = Log::default();
    let swept = {
        let _kept = log.keep();
        shop.sweep(5).await.unwrap()
    };
    assert_eq!(
        swept,
        summary(&json!({
            "listed": 19, "ready": 4, "paid": 6, "cancelled": 6, "unmatched": 3, "resolved": 3, "refunded": 1, "open": 3,
        }))
    );
    let lines = lines(&log);
    assert_eq!(finish(&lines), swept);
    // A line for each that was news: repaired, noted, settled, asked for. None for what was known.
    assert_eq!(lines.len(), 16 + 3 + 3 + 1 + 1, "{lines:#?}");
    assert!(!log.text().contains("KNOWN"));
    let end = lines.last().unwrap();
    assert_eq!(
        (&end["level"], &end["fields"]["failures"]),
        (&json!("INFO"), &json!(0))
    );
}

#[tokio::test]
async fn a_sweep_that_fails_says_the_same_in_an_error() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    shop.payment("{}");
    shop.gateway
        .fault(iamport_sim::Fault::code(-1, "?").at("/ready"));
    let log = Log::default();
    {
        let _kept = log.keep();
        shop.sweep(5).await.expect_err("a list failed");
    }
    let lines = lines(&log);
    assert_eq!(finish(&lines), summary(&json!({"listed": 1, "paid": 1})));
    let end = lines.last().unwrap();
    assert_eq!(
        (&end["level"], &end["fields"]["failures"]),
        (&json!("ERROR"), &json!(1))
    );
}

/// A payment can be repaired twice in one sweep: first the money, then the money that went back.
#[tokio::test]
async fn orders_are_counted_by_what_was_written() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let first = shop.payment("{}");
    shop.webhook(&first).await;
    shop.gateway.cancel(&first, Some("300")).unwrap();
    let swept = shop.sweep(5).await;
    assert_eq!(swept, Ok(summary(&json!({"listed": 1, "cancelled": 1}))));
    assert_eq!(shop.row_of(ORDER).await["cancel_amount"], 300);
    shop.gateway.cancel(&first, Some("200")).unwrap();
    let swept = shop.sweep(5).await;
    assert_eq!(swept, Ok(summary(&json!({"listed": 1, "cancelled": 1}))));
    assert_eq!(shop.row_of(ORDER).await["cancel_amount"], 500);
}

/// DynamoDB counts a megabyte at a time.
#[tokio::test]
async fn open_items_are_counted_beyond_the_first_page() {
    let shop = TestShop::open().await;
    let long = "긴 메모 ".repeat(25_000);
    for imp_uid in ["imp_1", "imp_2", "imp_3", "imp_4", "imp_5", "imp_6"] {
        let item = json!({
            "merchant_uid": ORDER, "imp_uid": imp_uid, "state": "open", "note": long,
            "looked_at": shop.gateway.now(),
        });
        shop.unmatched.put(item).await.unwrap();
    }
    assert_eq!(shop.sweep(1).await.unwrap()["open"], 6);
}
