//! The lives of one attempt, told step by step.

use serde_json::{Value, json};

use crate::says::{Says, assert_row};
use crate::till::{DOORS, Till};

/// Something happens at the gateway, both doors hear of it, and this is what they say and what is in the row.
async fn then(till: &Till, imp_uid: &str, status: &str, row: Value) {
    for door in DOORS {
        till.knock(door, imp_uid).await.says(200, status);
        assert_row(&till.row().await, &row);
        assert_eq!(till.row().await["imp_uid"], imp_uid);
    }
}

fn state(status: &str, stage: u8, rank: u8, cancelled: u32) -> Value {
    json!({"payment_status": status, "payment_stage": stage, "payment_rank": rank, "cancel_amount": cancelled})
}

#[tokio::test]
async fn an_account_is_paid_and_given_back_in_parts() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.account("{}");
    then(&till, &imp_uid, "vbankIssued", state("ready", 1, 1, 0)).await;
    till.gateway.deposit(&imp_uid).unwrap();
    then(&till, &imp_uid, "success", state("paid", 3, 3, 0)).await;
    till.gateway.cancel(&imp_uid, Some("300")).unwrap();
    then(
        &till,
        &imp_uid,
        "partiallyCancelled",
        state("cancelled", 4, 3, 300),
    )
    .await;
    till.gateway.cancel(&imp_uid, Some("600")).unwrap();
    then(
        &till,
        &imp_uid,
        "partiallyCancelled",
        state("cancelled", 4, 3, 900),
    )
    .await;
    till.gateway.cancel(&imp_uid, None).unwrap();
    then(&till, &imp_uid, "cancelled", state("cancelled", 4, 2, 1000)).await;
}

#[tokio::test]
async fn a_card_is_paid_and_given_back_at_once() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.payment("{}");
    then(&till, &imp_uid, "success", state("paid", 3, 3, 0)).await;
    till.gateway.cancel(&imp_uid, None).unwrap();
    then(&till, &imp_uid, "cancelled", state("cancelled", 4, 2, 1000)).await;
}

#[tokio::test]
async fn a_failed_payment_is_approved_days_later() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.payment(r#"{"status": "ready"}"#);
    till.gateway.fail(&imp_uid, "한도 초과").unwrap();
    then(&till, &imp_uid, "failed", state("failed", 2, 0, 0)).await;
    assert_eq!(till.row().await["payment"]["fail_reason"], "한도 초과");
    till.gateway.pay(&imp_uid).unwrap();
    then(&till, &imp_uid, "success", state("paid", 3, 3, 0)).await;
}

#[tokio::test]
async fn a_window_is_left_open_and_paid_in_the_end() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.payment(r#"{"status": "ready"}"#);
    for door in DOORS {
        till.knock(door, &imp_uid).await.says(200, "pending");
    }
    assert_eq!(
        till.row().await,
        json!({"merchant_uid": "ORD-1", "amount": 1000})
    );
    till.gateway.issue_account(&imp_uid, "{}").unwrap();
    then(&till, &imp_uid, "vbankIssued", state("ready", 1, 1, 0)).await;
    till.gateway.deposit(&imp_uid).unwrap();
    then(&till, &imp_uid, "success", state("paid", 3, 3, 0)).await;
}

#[tokio::test]
async fn an_account_runs_out_unpaid() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.account("{}");
    then(&till, &imp_uid, "vbankIssued", state("ready", 1, 1, 0)).await;
    till.gateway.fail(&imp_uid, "입금기한 초과").unwrap();
    then(&till, &imp_uid, "failed", state("failed", 2, 0, 0)).await;
    assert_row(
        &till.row().await,
        &json!({"vbank_notice": null, "vbank_notices": 1}),
    );
}

#[tokio::test]
async fn an_account_is_withdrawn_before_anybody_paid() {
    for cancelled in [1000, 0] {
        let till = Till::open().await;
        till.order(json!({})).await;
        let imp_uid = till.account("{}");
        then(&till, &imp_uid, "vbankIssued", state("ready", 1, 1, 0)).await;
        let withdrawn = json!({"status": "cancelled", "cancelled_at": 1_700_000_000, "cancel_amount": cancelled});
        till.gateway
            .update(&imp_uid, withdrawn.to_string())
            .unwrap();
        then(
            &till,
            &imp_uid,
            "cancelled",
            state("cancelled", 4, 0, cancelled),
        )
        .await;
        assert_row(&till.row().await, &json!({"vbank_notice": null}));
    }
}

#[tokio::test]
async fn steps_nobody_told_us_about_are_not_missed() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.account("{}");
    till.gateway.deposit(&imp_uid).unwrap();
    till.gateway.cancel(&imp_uid, Some("300")).unwrap();
    till.gateway.cancel(&imp_uid, Some("300")).unwrap();
    then(
        &till,
        &imp_uid,
        "partiallyCancelled",
        state("cancelled", 4, 3, 600),
    )
    .await;
    assert_row(
        &till.row().await,
        &json!({"vbank_notice": null, "vbank_notices": null}),
    );
}

#[tokio::test]
async fn a_status_of_tomorrow_leaves_the_row_as_it_is() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.payment("{}");
    then(&till, &imp_uid, "success", state("paid", 3, 3, 0)).await;
    let before = till.item().await;
    till.gateway
        .update(&imp_uid, r#"{"status": "frozen"}"#)
        .unwrap();
    for door in DOORS {
        till.knock(door, &imp_uid).await.says(200, "pending");
    }
    assert_eq!(till.item().await, before);
}

#[tokio::test]
async fn paid_with_something_given_back_goes_on_to_cancelled() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.payment("{}");
    then(&till, &imp_uid, "success", state("paid", 3, 3, 0)).await;
    till.gateway
        .update(&imp_uid, r#"{"cancel_amount": 300}"#)
        .unwrap();
    then(
        &till,
        &imp_uid,
        "partiallyCancelled",
        state("cancelled", 4, 3, 300),
    )
    .await;
    till.gateway
        .update(&imp_uid, r#"{"status": "cancelled"}"#)
        .unwrap();
    then(
        &till,
        &imp_uid,
        "partiallyCancelled",
        state("cancelled", 4, 3, 300),
    )
    .await;
    till.gateway.cancel(&imp_uid, None).unwrap();
    then(&till, &imp_uid, "cancelled", state("cancelled", 4, 2, 1000)).await;
}
