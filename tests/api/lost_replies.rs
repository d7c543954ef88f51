//! DynamoDB in trouble, and replies that get lost after the write.

use std::time::Duration;

use local::aws::Fault;
use serde_json::{Value, json};

use crate::assertions::{Says, assert_row};
use crate::test_shop::{DOORS, Door, TestShop, now};

#[tokio::test]
async fn dynamodb_in_trouble_is_unavailable_and_then_not() {
    for fault in [Fault::fail, Fault::deny] {
        let shop = TestShop::open().await;
        shop.order(json!({})).await;
        let before = shop.item().await;
        let imp_uid = shop.payment("{}");
        shop.aws.fault(fault().on("UpdateItem"));
        for door in DOORS {
            shop.forget_calls();
            shop.knock(door, &imp_uid).await.says(503, "unavailable");
            assert!(
                (1..=3).contains(&shop.aws.count("UpdateItem")),
                "{:?}",
                shop.calls()
            );
        }
        assert_eq!(shop.item().await, before);
        shop.aws.clear_faults();
        shop.complete(&imp_uid).await.says(200, "success");
    }
}

#[tokio::test]
async fn a_table_that_is_not_there_is_unavailable() {
    let shop = TestShop::open_with(&[("ORDERS_TABLE", "no-such-table")]).await;
    let imp_uid = shop.payment("{}");
    shop.complete(&imp_uid).await.says(503, "unavailable");
}

#[tokio::test]
async fn dynamodb_that_stumbles_is_asked_again() {
    for times in 1..=2 {
        let shop = TestShop::open().await;
        shop.order(json!({})).await;
        let imp_uid = shop.payment("{}");
        shop.aws.fault(Fault::fail().on("UpdateItem").times(times));
        shop.complete(&imp_uid).await.says(200, "success");
        assert_eq!(shop.row().await["payment_status"], "paid");
    }
}

/// Payment, answer, the row, and what is noted as unmatched, whichever replies get lost.
fn written() -> Vec<(&'static str, u16, &'static str, Value, Value)> {
    let paid = json!({"payment_status": "paid", "payment_stage": 3});
    let failed = json!({"payment_status": "failed"});
    let refunded = json!({"payment_status": "cancelled", "payment_rank": 2});
    let in_part = json!({"payment_status": "cancelled", "cancel_amount": 300});
    vec![
        ("{}", 200, "success", paid, json!({})),
        (r#"{"status": "failed"}"#, 200, "failed", failed, json!({})),
        (
            r#"{"status": "cancelled"}"#,
            200,
            "cancelled",
            refunded,
            json!({}),
        ),
        (
            r#"{"status": "cancelled", "cancel_amount": 300}"#,
            200,
            "partiallyCancelled",
            in_part,
            json!({}),
        ),
        (
            r#"{"imp_uid": "imp_1", "amount": 1}"#,
            400,
            "forgery",
            json!({"imp_uid": null}),
            json!({"imp_1": "open wrongMoney"}),
        ),
    ]
}

#[tokio::test]
async fn a_lost_reply_never_turns_into_a_wrong_answer() {
    for lost in 1..=2 {
        for door in DOORS {
            for (payment, code, status, row, list) in written() {
                let shop = TestShop::open().await;
                shop.order(json!({})).await;
                let imp_uid = shop.payment(payment);
                shop.aws
                    .fault(Fault::dropped().on("UpdateItem").times(lost));
                println!("{payment}, {lost} lost");
                for _ in 0..2 {
                    shop.knock(door, &imp_uid).await.says(code, status);
                    assert_row(&shop.row().await, &row);
                    assert_eq!(shop.list().await, list);
                }
            }
        }
    }
}

#[tokio::test]
async fn if_every_reply_is_lost_nobody_is_told_and_the_next_request_finds_it() {
    for door in DOORS {
        for (payment, code, status, row, list) in written() {
            let shop = TestShop::open().await;
            shop.order(json!({})).await;
            let imp_uid = shop.payment(payment);
            shop.aws.fault(Fault::dropped().on("UpdateItem"));
            println!("{payment}");
            shop.knock(door, &imp_uid).await.says(503, "unavailable");
            assert!(shop.aws.count("UpdateItem") <= 3, "{:?}", shop.calls());
            shop.aws.clear_faults();
            shop.knock(door, &imp_uid).await.says(code, status);
            assert_row(&shop.row().await, &row);
            assert_eq!(shop.list().await, list);
        }
    }
}

/// The first `UpdateItem` goes well, which is the order's; this befalls the next ones, which note what it did not take.
fn befall_the_note(shop: &TestShop, fault: Fault) {
    let well = Fault::slow(Duration::ZERO);
    shop.aws.fault(well.on("UpdateItem").times(1));
    shop.aws.fault(fault.on("UpdateItem"));
}

#[tokio::test]
async fn a_note_that_cannot_be_written_is_unavailable_and_written_by_the_next_request() {
    for fault in [Fault::fail, Fault::deny] {
        for (order, code, status, reason) in [
            (Some(json!({"amount": 999})), 400, "forgery", "wrongMoney"),
            (
                Some(json!({"payment_stage": 3, "payment_rank": 3, "imp_uid": "imp_0"})),
                409,
                "duplicatePayment",
                "duplicatePayment",
            ),
            (None, 404, "orderNotFound", "orderNotFound"),
            (
                Some(json!({"amount": "1000"})),
                500,
                "misconfigured",
                "misconfigured",
            ),
        ] {
            let shop = TestShop::open().await;
            if let Some(order) = order {
                shop.order(order).await;
            }
            let imp_uid = shop.payment("{}");
            for door in DOORS {
                befall_the_note(&shop, fault());
                shop.knock(door, &imp_uid).await.says(503, "unavailable");
                shop.aws.clear_faults();
                assert_eq!(shop.list().await, json!({}));
            }
            shop.webhook(&imp_uid).await.says(code, status);
            let list = json!({imp_uid.as_str(): format!("open {reason}")});
            assert_eq!(shop.list().await, list);
        }
    }
}

#[tokio::test]
async fn a_refund_that_cannot_be_noted_is_unavailable_and_noted_by_the_next_request() {
    for fault in [Fault::fail, Fault::deny] {
        let shop = TestShop::open().await;
        shop.order(json!({})).await;
        let imp_uid = shop.payment(r#"{"amount": 5000}"#);
        shop.webhook(&imp_uid).await.says(400, "forgery");
        shop.gateway.cancel(&imp_uid, None).unwrap();
        for door in DOORS {
            befall_the_note(&shop, fault());
            shop.knock(door, &imp_uid).await.says(503, "unavailable");
            shop.aws.clear_faults();
            assert_eq!(shop.noted(&imp_uid).await["state"], "open");
        }
        shop.webhook(&imp_uid).await.says(200, "cancelled");
        assert_eq!(shop.noted(&imp_uid).await["state"], "refunded");
    }
}

#[tokio::test]
async fn a_lost_reply_to_a_note_is_still_one_note() {
    for lost in 1..=2 {
        let shop = TestShop::open().await;
        shop.order(json!({})).await;
        let imp_uid = shop.payment(r#"{"amount": 1}"#);
        befall_the_note(&shop, Fault::dropped().times(lost));
        shop.webhook(&imp_uid).await.says(400, "forgery");
        let list = json!({imp_uid.as_str(): "open wrongMoney"});
        assert_eq!(shop.list().await, list);
    }
}

/// An order with a customer and a phone, and an account issued so many seconds ago.
async fn waiting(seconds_ago: u64) -> (TestShop, String) {
    let shop = TestShop::open().await;
    shop.order(json!({"customer_id": "customer-1", "phone": "010-1234-5678"}))
        .await;
    shop.customers
        .put(json!({"customer_id": "customer-1"}))
        .await
        .unwrap();
    let imp_uid = shop.account(&json!({"vbank_issued_at": now() - seconds_ago}).to_string());
    (shop, imp_uid)
}

async fn told_once(shop: &TestShop) {
    assert_eq!(shop.aws.sms_sent().len(), 1);
    let row = json!({"payment_status": "ready", "vbank_notice": "done", "vbank_notices": 1});
    assert_row(&shop.row().await, &row);
    let customer = shop.customers.get("customer-1").await.unwrap();
    assert_eq!(customer["vbank_num"], "X3790127821223");
}

#[tokio::test]
async fn an_account_whose_recording_reply_is_lost_sends_exactly_one_text() {
    for lost in 1..=2 {
        for door in DOORS {
            for seconds_ago in [0, 3600] {
                let (shop, imp_uid) = waiting(seconds_ago).await;
                shop.aws
                    .fault(Fault::dropped().on("UpdateItem").times(lost));
                println!("{lost} lost, {seconds_ago} s ago, by {door:?}");
                shop.knock(door, &imp_uid).await.says(200, "vbankIssued");
                told_once(&shop).await;
                shop.knock(door, &imp_uid).await.says(200, "vbankIssued");
                told_once(&shop).await;
            }
        }
    }
}

#[tokio::test]
async fn an_account_whose_replies_are_all_lost_sends_one_text_with_the_next_delivery() {
    let (shop, imp_uid) = waiting(3600).await;
    shop.aws.fault(Fault::dropped().on("UpdateItem"));
    shop.webhook(&imp_uid).await.says(503, "unavailable");
    assert_eq!(shop.aws.sms_sent(), []);
    shop.aws.clear_faults();
    shop.webhook(&imp_uid).await.says(200, "vbankIssued");
    told_once(&shop).await;
}

#[tokio::test]
async fn an_account_whose_later_replies_are_lost_sends_exactly_one_text() {
    // Of the three `UpdateItem`s (row, customer, done) the replies to the later ones get lost, once or twice.
    for well in 1..=2 {
        for lost in 1..=2 {
            let (shop, imp_uid) = waiting(0).await;
            shop.aws
                .fault(Fault::slow(Duration::ZERO).on("UpdateItem").times(well));
            shop.aws
                .fault(Fault::dropped().on("UpdateItem").times(lost));
            println!("{well} well, then {lost} lost");
            shop.webhook(&imp_uid).await.says(200, "vbankIssued");
            told_once(&shop).await;
        }
    }
}

#[tokio::test]
async fn a_lost_reply_of_sns_is_answered_and_never_forgotten() {
    let (shop, imp_uid) = waiting(0).await;
    shop.aws.fault(Fault::dropped().on("Publish").times(1));
    let answer = shop.complete(&imp_uid).await;
    answer.says(200, "vbankIssued");
    assert!(
        (1..=2).contains(&shop.aws.sms_sent().len()),
        "at least once"
    );
}

#[tokio::test]
async fn a_lost_reply_while_another_request_records_the_same() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    // One reply gets lost; which request it hits does not matter.
    shop.aws.fault(Fault::dropped().on("UpdateItem").times(1));
    let (page, webhook) = tokio::join!(shop.complete(&imp_uid), shop.webhook(&imp_uid));
    page.says(200, "success");
    webhook.says(200, "success");
}

#[tokio::test]
async fn a_lost_reply_while_the_payment_moves_on_is_no_conflict() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    shop.aws.fault(Fault::dropped().on("UpdateItem"));
    shop.knock(Door::Page, &imp_uid)
        .await
        .says(503, "unavailable");
    shop.aws.clear_faults();
    shop.gateway.cancel(&imp_uid, Some("300")).unwrap();
    shop.webhook(&imp_uid).await.says(200, "partiallyCancelled");
    shop.complete(&imp_uid)
        .await
        .says(200, "partiallyCancelled");
}
