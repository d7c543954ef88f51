//! DynamoDB in trouble, and replies that get lost after the write.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use local::aws::Fault;
use serde_json::{Value, json};

use crate::says::{Says, assert_row};
use crate::till::{DOORS, Door, Till};

#[tokio::test]
async fn dynamodb_in_trouble_is_unavailable_and_then_not() {
    for fault in [Fault::fail, Fault::deny] {
        let till = Till::open().await;
        till.order(json!({})).await;
        let before = till.item().await;
        let imp_uid = till.payment("{}");
        till.aws.fault(fault().on("UpdateItem"));
        for door in DOORS {
            till.forget_calls();
            till.knock(door, &imp_uid).await.says(503, "unavailable");
            assert!(
                (1..=3).contains(&till.aws.count("UpdateItem")),
                "{:?}",
                till.calls()
            );
        }
        assert_eq!(till.item().await, before);
        till.aws.clear_faults();
        till.complete(&imp_uid).await.says(200, "success");
    }
}

#[tokio::test]
async fn a_table_that_is_not_there_is_unavailable() {
    let till = Till::open_with(&[("ORDERS_TABLE", "no-such-table")]).await;
    let imp_uid = till.payment("{}");
    till.complete(&imp_uid).await.says(503, "unavailable");
}

#[tokio::test]
async fn dynamodb_that_stumbles_is_asked_again() {
    for times in 1..=2 {
        let till = Till::open().await;
        till.order(json!({})).await;
        let imp_uid = till.payment("{}");
        till.aws.fault(Fault::fail().on("UpdateItem").times(times));
        till.complete(&imp_uid).await.says(200, "success");
        assert_eq!(till.row().await["payment_status"], "paid");
    }
}

/// Payment, answer, and the row, whichever replies get lost.
fn written() -> Vec<(&'static str, u16, &'static str, Value)> {
    vec![
        (
            "{}",
            200,
            "success",
            json!({"payment_status": "paid", "payment_stage": 3}),
        ),
        (
            r#"{"status": "failed"}"#,
            200,
            "failed",
            json!({"payment_status": "failed"}),
        ),
        (
            r#"{"status": "cancelled"}"#,
            200,
            "cancelled",
            json!({"payment_status": "cancelled", "payment_rank": 2}),
        ),
        (
            r#"{"status": "cancelled", "cancel_amount": 300}"#,
            200,
            "partiallyCancelled",
            json!({"payment_status": "cancelled", "cancel_amount": 300}),
        ),
        (
            r#"{"imp_uid": "imp_1", "amount": 1}"#,
            400,
            "forgery",
            json!({"refused_imp_uids": ["imp_1"], "imp_uid": null}),
        ),
    ]
}

#[tokio::test]
async fn a_lost_reply_never_turns_into_a_wrong_answer() {
    for lost in 1..=2 {
        for door in DOORS {
            for (payment, code, status, row) in written() {
                let till = Till::open().await;
                till.order(json!({})).await;
                let imp_uid = till.payment(payment);
                till.aws
                    .fault(Fault::dropped().on("UpdateItem").times(lost));
                println!("{payment}, {lost} lost");
                till.knock(door, &imp_uid).await.says(code, status);
                assert_row(&till.row().await, &row);
                assert_row(&till.row().await, &json!({"duplicate_imp_uids": null}));
                till.knock(door, &imp_uid).await.says(code, status);
                assert_row(&till.row().await, &row);
            }
        }
    }
}

#[tokio::test]
async fn if_every_reply_is_lost_nobody_is_told_and_the_next_request_finds_it() {
    for door in DOORS {
        for (payment, code, status, row) in written() {
            let till = Till::open().await;
            till.order(json!({})).await;
            let imp_uid = till.payment(payment);
            till.aws.fault(Fault::dropped().on("UpdateItem"));
            println!("{payment}");
            till.knock(door, &imp_uid).await.says(503, "unavailable");
            assert!(till.aws.count("UpdateItem") <= 3, "{:?}", till.calls());
            till.aws.clear_faults();
            till.knock(door, &imp_uid).await.says(code, status);
            assert_row(&till.row().await, &row);
        }
    }
}

#[tokio::test]
async fn a_lost_note_is_unavailable_and_noted_by_the_next_request() {
    for fault in [Fault::fail, Fault::deny] {
        for (first, second, code, status, attribute) in [
            (None, r#"{"amount": 1}"#, 400, "forgery", "refused_imp_uids"),
            (
                Some("{}"),
                "{}",
                409,
                "duplicatePayment",
                "duplicate_imp_uids",
            ),
        ] {
            let till = Till::open().await;
            till.order(json!({})).await;
            if let Some(first) = first {
                let first = till.payment(first);
                till.webhook(&first).await.says(200, "success");
            }
            let imp_uid = till.payment(second);
            for door in DOORS {
                // The first `UpdateItem` decides, the second one notes.
                till.aws
                    .fault(Fault::slow(Duration::ZERO).on("UpdateItem").times(1));
                till.aws.fault(fault().on("UpdateItem"));
                till.knock(door, &imp_uid).await.says(503, "unavailable");
                till.aws.clear_faults();
                assert_row(&till.row().await, &json!({attribute: null}));
            }
            till.webhook(&imp_uid).await.says(code, status);
            assert_row(&till.row().await, &json!({attribute: [imp_uid]}));
        }
    }
}

#[tokio::test]
async fn a_lost_reply_to_a_note_is_still_one_note() {
    for lost in 1..=2 {
        let till = Till::open().await;
        till.order(json!({})).await;
        let imp_uid = till.payment(r#"{"amount": 1}"#);
        till.aws
            .fault(Fault::slow(Duration::ZERO).on("UpdateItem").times(1));
        till.aws
            .fault(Fault::dropped().on("UpdateItem").times(lost));
        till.webhook(&imp_uid).await.says(400, "forgery");
        assert_row(&till.row().await, &json!({"refused_imp_uids": [imp_uid]}));
    }
}

/// An order with a customer and a phone, and an account issued so many seconds ago.
async fn waiting(seconds_ago: u64) -> (Till, String) {
    let till = Till::open().await;
    till.order(json!({"customer_id": "customer-1", "phone": "010-1234-5678"}))
        .await;
    till.customers
        .put(json!({"customer_id": "customer-1"}))
        .await
        .unwrap();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let imp_uid = till.account(&json!({"vbank_issued_at": now - seconds_ago}).to_string());
    (till, imp_uid)
}

async fn told_once(till: &Till) {
    assert_eq!(till.aws.sms_sent().len(), 1);
    let row = json!({"payment_status": "ready", "vbank_notice": "done", "vbank_notices": 1});
    assert_row(&till.row().await, &row);
    let customer = till.customers.get("customer-1").await.unwrap();
    assert_eq!(customer["vbank_num"], "X3790127821223");
}

#[tokio::test]
async fn an_account_whose_recording_reply_is_lost_sends_exactly_one_text() {
    for lost in 1..=2 {
        for door in DOORS {
            for seconds_ago in [0, 3600] {
                let (till, imp_uid) = waiting(seconds_ago).await;
                till.aws
                    .fault(Fault::dropped().on("UpdateItem").times(lost));
                println!("{lost} lost, {seconds_ago} s ago, by {door:?}");
                till.knock(door, &imp_uid).await.says(200, "vbankIssued");
                told_once(&till).await;
                till.knock(door, &imp_uid).await.says(200, "vbankIssued");
                told_once(&till).await;
            }
        }
    }
}

#[tokio::test]
async fn an_account_whose_replies_are_all_lost_sends_one_text_with_the_next_delivery() {
    let (till, imp_uid) = waiting(3600).await;
    till.aws.fault(Fault::dropped().on("UpdateItem"));
    till.webhook(&imp_uid).await.says(503, "unavailable");
    assert_eq!(till.aws.sms_sent(), []);
    till.aws.clear_faults();
    till.webhook(&imp_uid).await.says(200, "vbankIssued");
    told_once(&till).await;
}

#[tokio::test]
async fn an_account_whose_later_replies_are_lost_sends_exactly_one_text() {
    // Of the three `UpdateItem`s (row, customer, done) the replies to the later ones get lost, once or twice.
    for well in 1..=2 {
        for lost in 1..=2 {
            let (till, imp_uid) = waiting(0).await;
            till.aws
                .fault(Fault::slow(Duration::ZERO).on("UpdateItem").times(well));
            till.aws
                .fault(Fault::dropped().on("UpdateItem").times(lost));
            println!("{well} well, then {lost} lost");
            till.webhook(&imp_uid).await.says(200, "vbankIssued");
            told_once(&till).await;
        }
    }
}

#[tokio::test]
async fn a_lost_reply_of_sns_is_answered_and_never_forgotten() {
    let (till, imp_uid) = waiting(0).await;
    till.aws.fault(Fault::dropped().on("Publish").times(1));
    let answer = till.complete(&imp_uid).await;
    answer.says(200, "vbankIssued");
    assert!(
        (1..=2).contains(&till.aws.sms_sent().len()),
        "at least once"
    );
}

#[tokio::test]
async fn a_lost_reply_while_another_request_records_the_same() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.payment("{}");
    // One reply gets lost; which request it hits does not matter.
    till.aws.fault(Fault::dropped().on("UpdateItem").times(1));
    let (page, webhook) = tokio::join!(till.complete(&imp_uid), till.webhook(&imp_uid));
    page.says(200, "success");
    webhook.says(200, "success");
}

#[tokio::test]
async fn a_lost_reply_while_the_payment_moves_on_is_no_conflict() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.payment("{}");
    till.aws.fault(Fault::dropped().on("UpdateItem"));
    till.knock(Door::Page, &imp_uid)
        .await
        .says(503, "unavailable");
    till.aws.clear_faults();
    till.gateway.cancel(&imp_uid, Some("300")).unwrap();
    till.webhook(&imp_uid).await.says(200, "partiallyCancelled");
    till.complete(&imp_uid)
        .await
        .says(200, "partiallyCancelled");
}
