//! Attempts that took money they should not have are noted on their order, once.

use serde_json::{Value, json};

use crate::says::{Says, assert_row};
use crate::till::{Calls, DOORS, Door, ORDER, Till};

#[tokio::test]
async fn a_forgery_is_noted_once() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let forged = till.payment(r#"{"amount": 1}"#);
    let first = Calls::of(0, 1, &[("UpdateItem", 2)]);
    let again = Calls::of(0, 1, &[("UpdateItem", 1)]);
    for expected in [&first, &again, &again] {
        till.forget_calls();
        till.webhook(&forged).await.says(400, "forgery");
        assert_eq!(till.calls(), *expected);
        assert_row(
            &till.row().await,
            &json!({"refused_imp_uids": [forged], "imp_uid": null}),
        );
    }
}

#[tokio::test]
async fn a_duplicate_is_noted_once() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let (paid, second) = (till.payment("{}"), till.payment("{}"));
    till.webhook(&paid).await.says(200, "success");
    let first = Calls::of(0, 1, &[("UpdateItem", 2)]);
    let again = Calls::of(0, 1, &[("UpdateItem", 1)]);
    for expected in [&first, &again, &again] {
        till.forget_calls();
        till.complete(&second).await.says(409, "duplicatePayment");
        assert_eq!(till.calls(), *expected);
        assert_row(
            &till.row().await,
            &json!({"duplicate_imp_uids": [second], "imp_uid": paid}),
        );
    }
}

#[tokio::test]
async fn a_forgery_that_took_no_money_costs_one_call() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let account = till.account(r#"{"amount": 1}"#);
    till.webhook(&account).await.says(400, "forgery");
    assert_eq!(till.calls(), Calls::of(0, 1, &[("UpdateItem", 1)]));
}

#[tokio::test]
async fn every_forgery_and_every_duplicate_has_its_note() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let mut forged: Vec<_> = (0..3).map(|_| till.payment(r#"{"amount": 1}"#)).collect();
    for imp_uid in &forged {
        till.webhook(imp_uid).await.says(400, "forgery");
    }
    let paid = till.payment("{}");
    till.webhook(&paid).await.says(200, "success");
    let mut second: Vec<_> = (0..3).map(|_| till.payment("{}")).collect();
    for imp_uid in &second {
        till.webhook(imp_uid).await.says(409, "duplicatePayment");
    }
    forged.push(till.payment(r#"{"amount": 2}"#));
    till.webhook(&forged[3]).await.says(400, "forgery");
    forged.sort();
    second.sort();
    let row = json!({"imp_uid": paid, "refused_imp_uids": forged, "duplicate_imp_uids": second});
    assert_row(&till.row().await, &row);
}

#[tokio::test]
async fn the_right_payment_still_lands_after_a_forgery() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let forged = till.payment(r#"{"amount": 1}"#);
    till.webhook(&forged).await.says(400, "forgery");
    let paid = till.payment("{}");
    till.webhook(&paid).await.says(200, "success");
    till.webhook(&forged).await.says(400, "forgery");
    let row = json!({"imp_uid": paid, "payment_status": "paid", "refused_imp_uids": [forged], "duplicate_imp_uids": null});
    assert_row(&till.row().await, &row);
}

#[tokio::test]
async fn wrong_money_for_a_paid_order_is_a_forgery_not_a_duplicate() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let paid = till.payment("{}");
    till.webhook(&paid).await.says(200, "success");
    for (status, code, outcome) in [
        ("ready", 400, "forgery"),
        ("paid", 400, "forgery"),
        ("cancelled", 200, "cancelled"),
    ] {
        let other = till
            .payment(&json!({"status": status, "pay_method": "vbank", "amount": 1}).to_string());
        for door in DOORS {
            till.knock(door, &other).await.says(code, outcome);
        }
        let noted = till.row().await["refused_imp_uids"]
            .to_string()
            .contains(&other);
        assert_eq!(noted, status == "paid", "{status}");
    }
    assert_row(
        &till.row().await,
        &json!({"imp_uid": paid, "duplicate_imp_uids": null}),
    );
}

#[tokio::test]
async fn a_forgery_that_is_given_back_is_cancelled_and_stays_noted() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let forged = till.payment(r#"{"amount": 5000}"#);
    till.webhook(&forged).await.says(400, "forgery");
    till.gateway.cancel(&forged, Some("4000")).unwrap();
    till.webhook(&forged).await.says(400, "forgery");
    till.gateway.cancel(&forged, None).unwrap();
    till.webhook(&forged).await.says(200, "cancelled");
    assert_row(
        &till.row().await,
        &json!({"refused_imp_uids": [forged], "imp_uid": null, "payment_status": null}),
    );
}

#[tokio::test]
async fn an_account_paid_with_another_amount_is_a_forgery_and_the_account_still_waits() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let account = till.account("{}");
    till.webhook(&account).await.says(200, "vbankIssued");
    till.gateway.deposit(&account).unwrap();
    till.gateway.update(&account, r#"{"amount": 999}"#).unwrap();
    till.webhook(&account).await.says(400, "forgery");
    let row = json!({"imp_uid": account, "payment_status": "ready", "payment_stage": 1, "refused_imp_uids": [account]});
    assert_row(&till.row().await, &row);
}

#[tokio::test]
async fn a_forgery_by_name_alone_is_noted_nowhere() {
    let till = Till::open().await;
    till.order(json!({})).await;
    till.order_as("ORD-2", json!({})).await;
    let other = till.payment(r#"{"merchant_uid": "ORD-2"}"#);
    till.claim(Door::Page, &other, ORDER)
        .await
        .says(400, "forgery");
    let untouched = json!({"refused_imp_uids": null, "imp_uid": null});
    assert_row(&till.row().await, &untouched);
    assert_row(&till.row_of("ORD-2").await, &untouched);
}

#[tokio::test]
async fn a_note_makes_no_order() {
    let till = Till::open().await;
    let forged = till.payment(r#"{"amount": 1}"#);
    for door in DOORS {
        till.knock(door, &forged).await.says(404, "orderNotFound");
    }
    assert_eq!(till.row().await, Value::Null);
}
