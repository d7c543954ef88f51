//! The lives of one attempt, told step by step.

use serde_json::{Value, json};

use crate::assertions::{Says, assert_row};
use crate::test_shop::{DOORS, TestShop};

/// Something happens at the gateway, both doors hear of it, and this is what they say and what is in the row.
async fn then(shop: &TestShop, imp_uid: &str, status: &str, row: Value) {
    for door in DOORS {
        shop.knock(door, imp_uid).await.says(200, status);
        assert_row(&shop.row().await, &row);
        assert_eq!(shop.row().await["imp_uid"], imp_uid);
    }
}

fn state(status: &str, stage: u8, rank: u8, cancelled: u32) -> Value {
    json!({"payment_status": status, "payment_stage": stage, "payment_rank": rank, "cancel_amount": cancelled})
}

#[tokio::test]
async fn an_account_is_paid_and_given_back_in_parts() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.account("{}");
    then(&shop, &imp_uid, "vbankIssued", state("ready", 1, 1, 0)).await;
    shop.gateway.deposit(&imp_uid).unwrap();
    then(&shop, &imp_uid, "success", state("paid", 3, 3, 0)).await;
    shop.gateway.cancel(&imp_uid, Some("300")).unwrap();
    then(
        &shop,
        &imp_uid,
        "partiallyCancelled",
        state("cancelled", 4, 3, 300),
    )
    .await;
    shop.gateway.cancel(&imp_uid, Some("600")).unwrap();
    then(
        &shop,
        &imp_uid,
        "partiallyCancelled",
        state("cancelled", 4, 3, 900),
    )
    .await;
    shop.gateway.cancel(&imp_uid, None).unwrap();
    then(&shop, &imp_uid, "cancelled", state("cancelled", 4, 2, 1000)).await;
}

#[tokio::test]
async fn a_card_is_paid_and_given_back_at_once() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    then(&shop, &imp_uid, "success", state("paid", 3, 3, 0)).await;
    shop.gateway.cancel(&imp_uid, None).unwrap();
    then(&shop, &imp_uid, "cancelled", state("cancelled", 4, 2, 1000)).await;
}

#[tokio::test]
async fn a_failed_payment_is_approved_days_later() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment(r#"{"status": "ready"}"#);
    shop.gateway.fail(&imp_uid, "한도 초과").unwrap();
    then(&shop, &imp_uid, "failed", state("failed", 2, 0, 0)).await;
    assert_eq!(shop.row().await["payment"]["fail_reason"], "한도 초과");
    shop.gateway.pay(&imp_uid).unwrap();
    then(&shop, &imp_uid, "success", state("paid", 3, 3, 0)).await;
}

#[tokio::test]
async fn a_window_is_left_open_and_paid_in_the_end() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment(r#"{"status": "ready"}"#);
    for door in DOORS {
        shop.knock(door, &imp_uid).await.says(200, "pending");
    }
    assert_eq!(
        shop.row().await,
        json!({"merchant_uid": "ORD-1", "amount": 1000})
    );
    shop.gateway.issue_account(&imp_uid, "{}").unwrap();
    then(&shop, &imp_uid, "vbankIssued", state("ready", 1, 1, 0)).await;
    shop.gateway.deposit(&imp_uid).unwrap();
    then(&shop, &imp_uid, "success", state("paid", 3, 3, 0)).await;
}

#[tokio::test]
async fn an_account_runs_out_unpaid() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.account("{}");
    then(&shop, &imp_uid, "vbankIssued", state("ready", 1, 1, 0)).await;
    shop.gateway.fail(&imp_uid, "입금기한 초과").unwrap();
    then(&shop, &imp_uid, "failed", state("failed", 2, 0, 0)).await;
    assert_row(
        &shop.row().await,
        &json!({"vbank_notice": null, "vbank_notices": 1}),
    );
}

#[tokio::test]
async fn an_account_is_withdrawn_before_anybody_paid() {
    for cancelled in [1000, 0] {
        let shop = TestShop::open().await;
        shop.order(json!({})).await;
        let imp_uid = shop.account("{}");
        then(&shop, &imp_uid, "vbankIssued", state("ready", 1, 1, 0)).await;
        let withdrawn = json!({"status": "cancelled", "cancelled_at": 1_700_000_000, "cancel_amount": cancelled});
        shop.gateway
            .update(&imp_uid, withdrawn.to_string())
            .unwrap();
        then(
            &shop,
            &imp_uid,
            "cancelled",
            state("cancelled", 4, 0, cancelled),
        )
        .await;
        assert_row(&shop.row().await, &json!({"vbank_notice": null}));
    }
}

/// The row knows that it was paid; a gateway that forgets, or mangles, when cannot make it look as if it never was.
#[tokio::test]
async fn a_paid_order_that_is_cancelled_in_full_is_refunded_whatever_paid_at_says() {
    for paid_at in [json!(0), json!(null), json!("yesterday")] {
        let shop = TestShop::open().await;
        shop.order(json!({})).await;
        let imp_uid = shop.payment("{}");
        then(&shop, &imp_uid, "success", state("paid", 3, 3, 0)).await;
        let cancelled = json!({"status": "cancelled", "cancel_amount": 1000, "paid_at": paid_at});
        shop.gateway
            .update(&imp_uid, cancelled.to_string())
            .unwrap();
        then(&shop, &imp_uid, "cancelled", state("cancelled", 4, 2, 1000)).await;
    }
}

#[tokio::test]
async fn steps_nobody_told_us_about_are_not_missed() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.account("{}");
    shop.gateway.deposit(&imp_uid).unwrap();
    shop.gateway.cancel(&imp_uid, Some("300")).unwrap();
    shop.gateway.cancel(&imp_uid, Some("300")).unwrap();
    then(
        &shop,
        &imp_uid,
        "partiallyCancelled",
        state("cancelled", 4, 3, 600),
    )
    .await;
    assert_row(
        &shop.row().await,
        &json!({"vbank_notice": null, "vbank_notices": null}),
    );
}

#[tokio::test]
async fn a_status_of_tomorrow_leaves_the_row_as_it_is() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    then(&shop, &imp_uid, "success", state("paid", 3, 3, 0)).await;
    let before = shop.item().await;
    shop.gateway
        .update(&imp_uid, r#"{"status": "frozen"}"#)
        .unwrap();
    for door in DOORS {
        shop.knock(door, &imp_uid).await.says(200, "pending");
    }
    assert_eq!(shop.item().await, before);
}

#[tokio::test]
async fn paid_with_something_given_back_goes_on_to_cancelled() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    then(&shop, &imp_uid, "success", state("paid", 3, 3, 0)).await;
    shop.gateway
        .update(&imp_uid, r#"{"cancel_amount": 300}"#)
        .unwrap();
    then(
        &shop,
        &imp_uid,
        "partiallyCancelled",
        state("cancelled", 4, 3, 300),
    )
    .await;
    shop.gateway
        .update(&imp_uid, r#"{"status": "cancelled"}"#)
        .unwrap();
    then(
        &shop,
        &imp_uid,
        "partiallyCancelled",
        state("cancelled", 4, 3, 300),
    )
    .await;
    shop.gateway.cancel(&imp_uid, None).unwrap();
    then(&shop, &imp_uid, "cancelled", state("cancelled", 4, 2, 1000)).await;
}
