//! A virtual account was issued: the row, the customer's record, and when it is told again.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use local::aws::Fault;
use serde_json::json;

use crate::says::{Says, assert_row};
use crate::till::{Calls, DOORS, Till, now, until};

#[tokio::test]
async fn an_account_goes_to_the_row_the_customer_and_the_phone() {
    for door in DOORS {
        let till = Till::open().await;
        till.order(json!({"customer_id": "customer-1", "phone": "010-1234-5678"}))
            .await;
        till.customers
            .put(json!({"customer_id": "customer-1", "name": "홍길동"}))
            .await
            .unwrap();
        let imp_uid = till.account(
            r#"{"vbank_num": "110-123", "vbank_name": "신한", "vbank_date": 1900000000, "started_at": 1700000000}"#,
        );
        till.knock(door, &imp_uid).await.says(200, "vbankIssued");
        assert_row(
            &till.row().await,
            &json!({"vbank_notice": "done", "vbank_notices": 1}),
        );
        let customer = till.customers.get("customer-1").await.unwrap();
        let expected = json!({"customer_id": "customer-1", "name": "홍길동", "vbank_num": "110-123",
                              "vbank_name": "신한", "vbank_date": 1_900_000_000, "vbank_started_at": 1_700_000_000});
        assert_eq!(customer, expected);
        assert_eq!(till.aws.sms_sent().len(), 1);
        // Told again, there is nothing left to do.
        till.forget_calls();
        till.knock(door, &imp_uid).await.says(200, "vbankIssued");
        assert_eq!(till.calls(), Calls::of(0, 1, &[("UpdateItem", 1)]));
        assert_eq!(till.aws.sms_sent().len(), 1);
    }
}

#[tokio::test]
async fn the_notice_is_due_by_the_request_that_wrote_it() {
    let till = Till::open().await;
    till.order(json!({"phone": "010-1234-5678"})).await;
    till.aws.fault(Fault::fail().on("Publish"));
    let imp_uid = till.account("{}");
    till.webhook(&imp_uid).await.says(503, "unavailable");
    let item = till.item().await;
    let AttributeValue::S(notice) = &item["vbank_notice"] else {
        panic!("{item:?}")
    };
    assert!(
        notice.len() > "due:".len() && notice.starts_with("due:"),
        "{notice}"
    );
}

#[tokio::test]
async fn only_an_existing_customer_is_told() {
    let till = Till::open().await;
    till.order(json!({"customer_id": "customer-1"})).await;
    let imp_uid = till.account("{}");
    till.webhook(&imp_uid).await.says(200, "vbankIssued");
    assert_eq!(till.row().await["vbank_notice"], "done");
    assert_eq!(till.customers.get("customer-1").await.unwrap(), json!(null));
}

#[tokio::test]
async fn an_older_account_never_replaces_a_newer_one_in_the_customers_record() {
    let till = Till::open().await;
    till.customers
        .put(json!({"customer_id": "customer-1"}))
        .await
        .unwrap();
    for (order, started_at, vbank_num, shown) in [
        ("ORD-1", 200, "22", "22"),
        ("ORD-2", 100, "11", "22"),
        ("ORD-3", 300, "33", "33"),
        ("ORD-4", 299, "29", "33"),
    ] {
        till.order_as(order, json!({"customer_id": "customer-1"}))
            .await;
        let fields =
            json!({"merchant_uid": order, "started_at": started_at, "vbank_num": vbank_num});
        let imp_uid = till.account(&fields.to_string());
        till.webhook(&imp_uid).await.says(200, "vbankIssued");
        assert_eq!(till.row_of(order).await["vbank_notice"], "done");
        let customer = till.customers.get("customer-1").await.unwrap();
        assert_eq!(customer["vbank_num"], shown, "{order}");
    }
}

#[tokio::test]
async fn no_customer_no_phone_and_no_setting_are_simply_less_to_do() {
    for (settings, order, calls) in [
        (&[][..], json!({}), &[("UpdateItem", 2)][..]),
        (
            &[("CUSTOMERS_TABLE", "")],
            json!({"customer_id": "customer-1"}),
            &[("UpdateItem", 2)],
        ),
        (
            &[("VBANK_SMS", "")],
            json!({"phone": "010-1234-5678"}),
            &[("UpdateItem", 2)],
        ),
        (
            &[("VBANK_SMS", "false")],
            json!({"phone": "010-1234-5678"}),
            &[("UpdateItem", 2)],
        ),
        (
            &[],
            json!({"phone": "010-1234-5678"}),
            &[("UpdateItem", 2), ("Publish", 1)],
        ),
        (
            &[],
            json!({"customer_id": "customer-1"}),
            &[("UpdateItem", 3)],
        ),
    ] {
        let till = Till::open_with(settings).await;
        till.customers
            .put(json!({"customer_id": "customer-1"}))
            .await
            .unwrap();
        till.order(order.clone()).await;
        let imp_uid = till.account("{}");
        println!("{settings:?} {order}");
        till.webhook(&imp_uid).await.says(200, "vbankIssued");
        assert_row(
            &till.row().await,
            &json!({"vbank_notice": "done", "vbank_notices": 1}),
        );
        assert_eq!(till.calls(), Calls::of(0, 1, calls));
    }
}

#[tokio::test]
async fn the_notice_is_gone_when_the_order_leaves_ready() {
    for leave in [
        json!({"status": "paid", "paid_at": 1_700_000_000}),
        json!({"status": "failed", "failed_at": 1_700_000_000}),
        json!({"status": "cancelled", "cancel_amount": 1000}),
        json!({"status": "cancelled", "cancel_amount": 1000, "paid_at": 1_700_000_000}),
    ] {
        for due in [false, true] {
            let till = Till::open().await;
            till.order(json!({"phone": "010-1234-5678"})).await;
            let imp_uid = till.account("{}");
            if due {
                till.aws.fault(Fault::fail().on("Publish"));
            }
            till.complete(&imp_uid).await.says(200, "vbankIssued");
            till.aws.clear_faults();
            let texts = till.aws.sms_sent().len();
            till.gateway.update(&imp_uid, leave.to_string()).unwrap();
            assert_eq!(till.webhook(&imp_uid).await.code, 200);
            assert_row(
                &till.row().await,
                &json!({"vbank_notice": null, "vbank_notices": 1}),
            );
            assert_eq!(till.aws.sms_sent().len(), texts);
        }
    }
}

#[tokio::test]
async fn every_new_account_of_an_order_is_counted_and_told() {
    let till = Till::open().await;
    till.order(json!({"customer_id": "customer-1"})).await;
    till.customers
        .put(json!({"customer_id": "customer-1"}))
        .await
        .unwrap();
    for count in 1..=5 {
        let fields = json!({"started_at": count * 100, "vbank_num": format!("{count}{count}")});
        let imp_uid = till.account(&fields.to_string());
        for door in DOORS {
            till.knock(door, &imp_uid).await.says(200, "vbankIssued");
            let row = json!({"imp_uid": imp_uid, "vbank_notice": "done", "vbank_notices": count});
            assert_row(&till.row().await, &row);
        }
        let customer = till.customers.get("customer-1").await.unwrap();
        assert_eq!(customer["vbank_num"], format!("{count}{count}"));
    }
}

/// An account issued so many seconds ago, of which nobody could be told.
async fn untold(seconds_ago: u64) -> (Till, String) {
    let till = Till::open().await;
    till.order(json!({"customer_id": "customer-1", "phone": "010-1234-5678"}))
        .await;
    till.customers
        .put(json!({"customer_id": "customer-1"}))
        .await
        .unwrap();
    let imp_uid = till.account(&json!({"vbank_issued_at": now() - seconds_ago}).to_string());
    till.aws.fault(Fault::fail().on("Publish"));
    till.webhook(&imp_uid).await.says(503, "unavailable");
    till.aws.clear_faults();
    assert_eq!(till.aws.sms_sent(), []);
    (till, imp_uid)
}

#[tokio::test]
async fn anybody_takes_a_due_notice_over_a_minute_after_the_account_was_issued() {
    for door in DOORS {
        let (till, imp_uid) = untold(3600).await;
        till.knock(door, &imp_uid).await.says(200, "vbankIssued");
        assert_eq!(till.row().await["vbank_notice"], "done");
        assert_eq!(till.aws.sms_sent().len(), 1);
        let customer = till.customers.get("customer-1").await.unwrap();
        assert_eq!(customer["vbank_num"], "X3790127821223");
        till.knock(door, &imp_uid).await.says(200, "vbankIssued");
        assert_eq!(till.aws.sms_sent().len(), 1);
        assert_eq!(till.row().await["vbank_notices"], 1);
    }
}

#[tokio::test]
async fn nobody_takes_a_due_notice_over_in_the_first_minute() {
    let (till, imp_uid) = untold(0).await;
    let due = till.row().await["vbank_notice"].clone();
    for _ in 0..3 {
        till.complete(&imp_uid).await.says(200, "vbankIssued");
        till.webhook(&imp_uid).await;
        till.another_function().webhook(&imp_uid, "ORD-1").await;
    }
    assert_eq!(till.aws.sms_sent(), []);
    assert_eq!(till.row().await["vbank_notice"], due);
}

#[tokio::test]
async fn a_take_over_that_fails_can_be_taken_over_again() {
    let (till, imp_uid) = untold(3600).await;
    till.aws.fault(Fault::fail().on("Publish"));
    till.webhook(&imp_uid).await.says(503, "unavailable");
    till.complete(&imp_uid).await.says(200, "vbankIssued");
    till.aws.clear_faults();
    till.webhook(&imp_uid).await.says(200, "vbankIssued");
    assert_eq!(till.aws.sms_sent().len(), 1);
    assert_eq!(till.row().await["vbank_notice"], "done");
}

#[tokio::test]
async fn an_older_attempt_neither_gives_nor_finishes_the_notice_of_a_newer_one() {
    let till = Till::open().await;
    till.order(json!({"phone": "010-1234-5678"})).await;
    let [older, newer] = [100, 200].map(|started_at| {
        let account = json!({"vbank_issued_at": now() - 3600, "started_at": started_at});
        till.account(&account.to_string())
    });
    // The text of the older one is out, but SNS still has to say so, when the newer one comes and cannot be told.
    let slow = Fault::slow(Duration::from_millis(500));
    till.aws.fault(slow.on("Publish").times(1));
    let (answer, ()) = tokio::join!(till.webhook(&older), async {
        until(|| !till.aws.sms_sent().is_empty()).await;
        till.aws.fault(Fault::fail().on("Publish"));
        let answer = till.webhook(&newer).await;
        answer.says(503, "unavailable");
    });
    answer.says(200, "vbankIssued");
    till.aws.clear_faults();
    let due = till.row().await;
    assert_row(&due, &json!({"imp_uid": newer, "vbank_notices": 2}));
    assert!(
        due["vbank_notice"].as_str().unwrap().starts_with("due:"),
        "{due}"
    );
    // Nor does the older one take it over.
    let page = till.complete(&older).await;
    page.says(200, "vbankIssued");
    assert_eq!(till.aws.sms_sent().len(), 1);
    assert_eq!(till.row().await, due);
    till.webhook(&newer).await.says(200, "vbankIssued");
    assert_eq!(till.aws.sms_sent().len(), 2);
    assert_eq!(till.row().await["vbank_notice"], "done");
}

#[tokio::test]
async fn an_account_of_yesterday_or_past_its_date_is_told_to_nobody() {
    let day = 24 * 3600;
    for (account, told) in [
        (json!({"vbank_issued_at": now() - day + 600}), 1),
        (json!({"vbank_issued_at": now() - day - 1}), 0),
        (json!({"vbank_date": now() - 1}), 0),
        (json!({"vbank_date": now() + 600}), 1),
        (json!({"vbank_date": 0}), 1),
        (json!({"vbank_date": null}), 1),
    ] {
        let till = Till::open().await;
        till.order(json!({"customer_id": "customer-1", "phone": "010-1234-5678"}))
            .await;
        let customer = json!({"customer_id": "customer-1"});
        till.customers.put(customer.clone()).await.unwrap();
        let imp_uid = till.account(&account.to_string());
        println!("{account}");
        for door in DOORS {
            till.knock(door, &imp_uid).await.says(200, "vbankIssued");
            let row = json!({"imp_uid": imp_uid, "vbank_notice": "done", "vbank_notices": 1});
            assert_row(&till.row().await, &row);
        }
        assert_eq!(till.aws.sms_sent().len(), told);
        let kept = till.customers.get("customer-1").await.unwrap();
        assert_eq!(kept == customer, told == 0, "{kept}");
    }
}
