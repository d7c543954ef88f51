//! A virtual account was issued: the row, the customer's record, and when it is told again.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use local::aws::Fault;
use serde_json::json;

use crate::assertions::{Says, assert_row};
use crate::test_shop::{Calls, DOORS, TestShop, now, until};

#[tokio::test]
async fn an_account_goes_to_the_row_the_customer_and_the_phone() {
    for door in DOORS {
        let shop = TestShop::open().await;
        shop.order(json!({"customer_id": "customer-1", "phone": "010-1234-5678"}))
            .await;
        shop.customers
            .put(json!({"customer_id": "customer-1", "name": "홍길동"}))
            .await
            .unwrap();
        let imp_uid = shop.account(
            r#"{"vbank_num": "110-123", "vbank_name": "신한", "vbank_date": 1900000000, "started_at": 1700000000}"#,
        );
        shop.knock(door, &imp_uid).await.says(200, "vbankIssued");
        assert_row(
            &shop.row().await,
            &json!({"vbank_notice": "done", "vbank_notices": 1}),
        );
        let customer = shop.customers.get("customer-1").await.unwrap();
        let expected = json!({"customer_id": "customer-1", "name": "홍길동", "vbank_num": "110-123",
                              "vbank_name": "신한", "vbank_date": 1_900_000_000, "vbank_started_at": 1_700_000_000});
        assert_eq!(customer, expected);
        assert_eq!(shop.aws.sms_sent().len(), 1);
        // Told again, there is nothing left to do.
        shop.forget_calls();
        shop.knock(door, &imp_uid).await.says(200, "vbankIssued");
        assert_eq!(shop.calls(), Calls::of(0, 1, &[("UpdateItem", 1)]));
        assert_eq!(shop.aws.sms_sent().len(), 1);
    }
}

#[tokio::test]
async fn the_notice_is_due_by_the_request_that_wrote_it() {
    let shop = TestShop::open().await;
    shop.order(json!({"phone": "010-1234-5678"})).await;
    shop.aws.fault(Fault::fail().on("Publish"));
    let imp_uid = shop.account("{}");
    shop.webhook(&imp_uid).await.says(503, "unavailable");
    let item = shop.item().await;
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
    let shop = TestShop::open().await;
    shop.order(json!({"customer_id": "customer-1"})).await;
    let imp_uid = shop.account("{}");
    shop.webhook(&imp_uid).await.says(200, "vbankIssued");
    assert_eq!(shop.row().await["vbank_notice"], "done");
    assert_eq!(shop.customers.get("customer-1").await.unwrap(), json!(null));
}

#[tokio::test]
async fn an_older_account_never_replaces_a_newer_one_in_the_customers_record() {
    let shop = TestShop::open().await;
    shop.customers
        .put(json!({"customer_id": "customer-1"}))
        .await
        .unwrap();
    for (order, started_at, vbank_num, shown) in [
        ("ORD-1", 200, "22", "22"),
        ("ORD-2", 100, "11", "22"),
        ("ORD-3", 300, "33", "33"),
        ("ORD-4", 299, "29", "33"),
    ] {
        shop.order_as(order, json!({"customer_id": "customer-1"}))
            .await;
        let fields =
            json!({"merchant_uid": order, "started_at": started_at, "vbank_num": vbank_num});
        let imp_uid = shop.account(&fields.to_string());
        shop.webhook(&imp_uid).await.says(200, "vbankIssued");
        assert_eq!(shop.row_of(order).await["vbank_notice"], "done");
        let customer = shop.customers.get("customer-1").await.unwrap();
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
        let shop = TestShop::open_with(settings).await;
        shop.customers
            .put(json!({"customer_id": "customer-1"}))
            .await
            .unwrap();
        shop.order(order.clone()).await;
        let imp_uid = shop.account("{}");
        println!("{settings:?} {order}");
        shop.webhook(&imp_uid).await.says(200, "vbankIssued");
        assert_row(
            &shop.row().await,
            &json!({"vbank_notice": "done", "vbank_notices": 1}),
        );
        assert_eq!(shop.calls(), Calls::of(0, 1, calls));
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
            let shop = TestShop::open().await;
            shop.order(json!({"phone": "010-1234-5678"})).await;
            let imp_uid = shop.account("{}");
            if due {
                shop.aws.fault(Fault::fail().on("Publish"));
            }
            shop.complete(&imp_uid).await.says(200, "vbankIssued");
            shop.aws.clear_faults();
            let texts = shop.aws.sms_sent().len();
            shop.gateway.update(&imp_uid, leave.to_string()).unwrap();
            assert_eq!(shop.webhook(&imp_uid).await.code, 200);
            assert_row(
                &shop.row().await,
                &json!({"vbank_notice": null, "vbank_notices": 1}),
            );
            assert_eq!(shop.aws.sms_sent().len(), texts);
        }
    }
}

#[tokio::test]
async fn every_new_account_of_an_order_is_counted_and_told() {
    let shop = TestShop::open().await;
    shop.order(json!({"customer_id": "customer-1"})).await;
    shop.customers
        .put(json!({"customer_id": "customer-1"}))
        .await
        .unwrap();
    for count in 1..=5 {
        let fields = json!({"started_at": count * 100, "vbank_num": format!("{count}{count}")});
        let imp_uid = shop.account(&fields.to_string());
        for door in DOORS {
            shop.knock(door, &imp_uid).await.says(200, "vbankIssued");
            let row = json!({"imp_uid": imp_uid, "vbank_notice": "done", "vbank_notices": count});
            assert_row(&shop.row().await, &row);
        }
        let customer = shop.customers.get("customer-1").await.unwrap();
        assert_eq!(customer["vbank_num"], format!("{count}{count}"));
    }
}

/// An account issued so many seconds ago, of which nobody could be told.
async fn untold(seconds_ago: u64) -> (TestShop, String) {
    let shop = TestShop::open().await;
    shop.order(json!({"customer_id": "customer-1", "phone": "010-1234-5678"}))
        .await;
    shop.customers
        .put(json!({"customer_id": "customer-1"}))
        .await
        .unwrap();
    let imp_uid = shop.account(&json!({"vbank_issued_at": now() - seconds_ago}).to_string());
    shop.aws.fault(Fault::fail().on("Publish"));
    shop.webhook(&imp_uid).await.says(503, "unavailable");
    shop.aws.clear_faults();
    assert_eq!(shop.aws.sms_sent(), []);
    (shop, imp_uid)
}

#[tokio::test]
async fn anybody_takes_a_due_notice_over_a_minute_after_the_account_was_issued() {
    for door in DOORS {
        let (shop, imp_uid) = untold(3600).await;
        shop.knock(door, &imp_uid).await.says(200, "vbankIssued");
        assert_eq!(shop.row().await["vbank_notice"], "done");
        assert_eq!(shop.aws.sms_sent().len(), 1);
        let customer = shop.customers.get("customer-1").await.unwrap();
        assert_eq!(customer["vbank_num"], "X3790127821223");
        shop.knock(door, &imp_uid).await.says(200, "vbankIssued");
        assert_eq!(shop.aws.sms_sent().len(), 1);
        assert_eq!(shop.row().await["vbank_notices"], 1);
    }
}

#[tokio::test]
async fn nobody_takes_a_due_notice_over_in_the_first_minute() {
    let (shop, imp_uid) = untold(0).await;
    let due = shop.row().await["vbank_notice"].clone();
    for _ in 0..3 {
        shop.complete(&imp_uid).await.says(200, "vbankIssued");
        shop.webhook(&imp_uid).await;
        shop.another_function().webhook(&imp_uid, "ORD-1").await;
    }
    assert_eq!(shop.aws.sms_sent(), []);
    assert_eq!(shop.row().await["vbank_notice"], due);
}

#[tokio::test]
async fn a_take_over_that_fails_can_be_taken_over_again() {
    let (shop, imp_uid) = untold(3600).await;
    shop.aws.fault(Fault::fail().on("Publish"));
    shop.webhook(&imp_uid).await.says(503, "unavailable");
    shop.complete(&imp_uid).await.says(200, "vbankIssued");
    shop.aws.clear_faults();
    shop.webhook(&imp_uid).await.says(200, "vbankIssued");
    assert_eq!(shop.aws.sms_sent().len(), 1);
    assert_eq!(shop.row().await["vbank_notice"], "done");
}

#[tokio::test]
async fn an_older_attempt_neither_gives_nor_finishes_the_notice_of_a_newer_one() {
    let shop = TestShop::open().await;
    shop.order(json!({"phone": "010-1234-5678"})).await;
    let [older, newer] = [100, 200].map(|started_at| {
        let account = json!({"vbank_issued_at": now() - 3600, "started_at": started_at});
        shop.account(&account.to_string())
    });
    // The text of the older one is out, but SNS still has to say so, when the newer one comes and cannot be told.
    let slow = Fault::slow(Duration::from_millis(500));
    shop.aws.fault(slow.on("Publish").times(1));
    let (answer, ()) = tokio::join!(shop.webhook(&older), async {
        until(|| !shop.aws.sms_sent().is_empty()).await;
        shop.aws.fault(Fault::fail().on("Publish"));
        let answer = shop.webhook(&newer).await;
        answer.says(503, "unavailable");
    });
    answer.says(200, "vbankIssued");
    shop.aws.clear_faults();
    let due = shop.row().await;
    assert_row(&due, &json!({"imp_uid": newer, "vbank_notices": 2}));
    assert!(
        due["vbank_notice"].as_str().unwrap().starts_with("due:"),
        "{due}"
    );
    // Nor does the older one take it over.
    let page = shop.complete(&older).await;
    page.says(200, "vbankIssued");
    assert_eq!(shop.aws.sms_sent().len(), 1);
    assert_eq!(shop.row().await, due);
    shop.webhook(&newer).await.says(200, "vbankIssued");
    assert_eq!(shop.aws.sms_sent().len(), 2);
    assert_eq!(shop.row().await["vbank_notice"], "done");
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
        let shop = TestShop::open().await;
        shop.order(json!({"customer_id": "customer-1", "phone": "010-1234-5678"}))
            .await;
        let customer = json!({"customer_id": "customer-1"});
        shop.customers.put(customer.clone()).await.unwrap();
        let imp_uid = shop.account(&account.to_string());
        println!("{account}");
        for door in DOORS {
            shop.knock(door, &imp_uid).await.says(200, "vbankIssued");
            let row = json!({"imp_uid": imp_uid, "vbank_notice": "done", "vbank_notices": 1});
            assert_row(&shop.row().await, &row);
        }
        assert_eq!(shop.aws.sms_sent().len(), told);
        let kept = shop.customers.get("customer-1").await.unwrap();
        assert_eq!(kept == customer, told == 0, "{kept}");
    }
}
