//! The shop edits or deletes its order in between.

use std::time::Duration;

use iamport_sim::{Fault, Route};
use serde_json::{Value, json};

use crate::says::{Says, assert_row};
use crate::till::{DOORS, Till, until};

#[tokio::test]
async fn a_refund_lands_after_the_shop_edited_its_order() {
    for edit in [
        json!({"amount": 500}),
        json!({"amount": 0}),
        json!({"amount": "gone"}),
        json!({"currency": "USD"}),
        json!({"currency": 410}),
    ] {
        let till = Till::open().await;
        till.order(json!({})).await;
        let imp_uid = till.payment("{}");
        till.webhook(&imp_uid).await.says(200, "success");
        till.orders.edit("ORD-1", edit.clone()).await.unwrap();
        println!("{edit}");
        till.gateway.cancel(&imp_uid, Some("300")).unwrap();
        till.webhook(&imp_uid).await.says(200, "partiallyCancelled");
        till.gateway.cancel(&imp_uid, None).unwrap();
        till.webhook(&imp_uid).await.says(200, "cancelled");
        let mut row =
            json!({"payment_status": "cancelled", "payment_rank": 2, "cancel_amount": 1000});
        for (name, value) in edit.as_object().unwrap() {
            row[name] = value.clone();
        }
        assert_row(&till.row().await, &row);
        assert_eq!(till.list().await, json!({}));
    }
}

#[tokio::test]
async fn a_repeated_delivery_is_no_forgery_after_the_shop_edited_its_order() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.payment("{}");
    till.webhook(&imp_uid).await.says(200, "success");
    till.orders
        .edit("ORD-1", json!({"amount": 500, "currency": "USD"}))
        .await
        .unwrap();
    let before = till.item().await;
    for door in DOORS {
        till.knock(door, &imp_uid).await.says(200, "success");
    }
    assert_eq!(till.item().await, before);
}

#[tokio::test]
async fn an_account_is_not_worth_what_the_order_does_not_cost_any_more() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.account("{}");
    till.webhook(&imp_uid).await.says(200, "vbankIssued");
    till.orders
        .edit("ORD-1", json!({"amount": 2000}))
        .await
        .unwrap();
    till.webhook(&imp_uid).await.says(200, "vbankIssued");
    till.gateway.deposit(&imp_uid).unwrap();
    till.webhook(&imp_uid).await.says(400, "forgery");
    assert_eq!(till.row().await["payment_status"], "ready");
    let list = json!({imp_uid.as_str(): "open wrongMoney"});
    assert_eq!(till.list().await, list);
    // The shop thinks again.
    till.orders
        .edit("ORD-1", json!({"amount": 1000}))
        .await
        .unwrap();
    till.webhook(&imp_uid).await.says(200, "success");
    assert_eq!(till.row().await["payment_status"], "paid");
}

#[tokio::test]
async fn an_order_written_late_is_found_by_the_next_delivery() {
    let till = Till::open().await;
    let imp_uid = till.payment("{}");
    till.webhook(&imp_uid).await.says(404, "orderNotFound");
    till.order(json!({})).await;
    till.webhook(&imp_uid).await.says(200, "success");
}

#[tokio::test]
async fn a_deleted_order_is_never_revived() {
    let till = Till::open().await;
    for payment in [
        "{}",
        r#"{"amount": 1}"#,
        r#"{"status": "failed"}"#,
        r#"{"status": "ready", "pay_method": "vbank"}"#,
        r#"{"status": "cancelled"}"#,
    ] {
        till.order(json!({})).await;
        let imp_uid = till.payment(payment);
        till.webhook(&imp_uid).await;
        till.orders.delete("ORD-1").await.unwrap();
        for door in DOORS {
            till.knock(door, &imp_uid).await.says(404, "orderNotFound");
        }
        assert_eq!(till.row().await, Value::Null);
    }
}

#[tokio::test]
async fn an_order_deleted_while_its_payment_is_looked_up_is_never_revived() {
    let till = Till::open().await;
    for payment in [
        "{}",
        r#"{"amount": 1}"#,
        r#"{"status": "ready", "pay_method": "vbank"}"#,
    ] {
        till.order(json!({"phone": "010-1234-5678"})).await;
        let imp_uid = till.payment(payment);
        till.gateway.fault(
            Fault::slow(Duration::from_millis(300))
                .on(Route::LookUp)
                .times(1),
        );
        till.forget_calls();
        let (answer, ()) = tokio::join!(till.webhook(&imp_uid), async {
            until(|| till.calls().look_up > 0).await;
            till.orders.delete("ORD-1").await.unwrap();
        });
        answer.says(404, "orderNotFound");
        assert_eq!(till.row().await, Value::Null);
    }
}

#[tokio::test]
async fn an_order_deleted_before_a_forgery_is_noted_is_never_revived() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let forged = till.payment(r#"{"amount": 1}"#);
    // DynamoDB decided, and its answer is still on the way, when the shop deletes the order.
    let slow = local::aws::Fault::slow(Duration::from_millis(500));
    till.aws.fault(slow.on("UpdateItem").times(1));
    let (answer, ()) = tokio::join!(till.webhook(&forged), async {
        until(|| till.aws.count("UpdateItem") > 0).await;
        for _ in 0..5 {
            till.row().await;
        }
        till.orders.delete("ORD-1").await.unwrap();
    });
    answer.says(400, "forgery");
    assert_eq!(till.row().await, Value::Null);
    let list = json!({forged.as_str(): "open wrongMoney"});
    assert_eq!(till.list().await, list);
}
