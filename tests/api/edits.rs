//! The shop edits or deletes its order in between.

use std::time::Duration;

use iamport_sim::{Fault, Route};
use serde_json::{Value, json};

use crate::assertions::{Says, assert_row};
use crate::test_shop::{DOORS, TestShop, until};

#[tokio::test]
async fn a_refund_lands_after_the_shop_edited_its_order() {
    for edit in [
        json!({"amount": 500}),
        json!({"amount": 0}),
        json!({"amount": "gone"}),
        json!({"currency": "USD"}),
        json!({"currency": 410}),
    ] {
        let shop = TestShop::open().await;
        shop.order(json!({})).await;
        let imp_uid = shop.payment("{}");
        shop.webhook(&imp_uid).await.says(200, "success");
        shop.orders.edit("ORD-1", edit.clone()).await.unwrap();
        println!("{edit}");
        shop.gateway.cancel(&imp_uid, Some("300")).unwrap();
        shop.webhook(&imp_uid).await.says(200, "partiallyCancelled");
        shop.gateway.cancel(&imp_uid, None).unwrap();
        shop.webhook(&imp_uid).await.says(200, "cancelled");
        let mut row =
            json!({"payment_status": "cancelled", "payment_rank": 2, "cancel_amount": 1000});
        for (name, value) in edit.as_object().unwrap() {
            row[name] = value.clone();
        }
        assert_row(&shop.row().await, &row);
        assert_eq!(shop.list().await, json!({}));
    }
}

#[tokio::test]
async fn a_repeated_delivery_is_no_forgery_after_the_shop_edited_its_order() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    shop.webhook(&imp_uid).await.says(200, "success");
    shop.orders
        .edit("ORD-1", json!({"amount": 500, "currency": "USD"}))
        .await
        .unwrap();
    let before = shop.item().await;
    for door in DOORS {
        shop.knock(door, &imp_uid).await.says(200, "success");
    }
    assert_eq!(shop.item().await, before);
}

#[tokio::test]
async fn an_account_is_not_worth_what_the_order_does_not_cost_any_more() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.account("{}");
    shop.webhook(&imp_uid).await.says(200, "vbankIssued");
    shop.orders
        .edit("ORD-1", json!({"amount": 2000}))
        .await
        .unwrap();
    shop.webhook(&imp_uid).await.says(200, "vbankIssued");
    shop.gateway.deposit(&imp_uid).unwrap();
    shop.webhook(&imp_uid).await.says(400, "forgery");
    assert_eq!(shop.row().await["payment_status"], "ready");
    let list = json!({imp_uid.as_str(): "open wrongMoney"});
    assert_eq!(shop.list().await, list);
    // The shop thinks again.
    shop.orders
        .edit("ORD-1", json!({"amount": 1000}))
        .await
        .unwrap();
    shop.webhook(&imp_uid).await.says(200, "success");
    assert_eq!(shop.row().await["payment_status"], "paid");
}

#[tokio::test]
async fn an_order_written_late_is_found_by_the_next_delivery() {
    let shop = TestShop::open().await;
    let imp_uid = shop.payment("{}");
    shop.webhook(&imp_uid).await.says(404, "orderNotFound");
    shop.order(json!({})).await;
    shop.webhook(&imp_uid).await.says(200, "success");
}

#[tokio::test]
async fn a_deleted_order_is_never_revived() {
    let shop = TestShop::open().await;
    for payment in [
        "{}",
        r#"{"amount": 1}"#,
        r#"{"status": "failed"}"#,
        r#"{"status": "ready", "pay_method": "vbank"}"#,
        r#"{"status": "cancelled"}"#,
    ] {
        shop.order(json!({})).await;
        let imp_uid = shop.payment(payment);
        shop.webhook(&imp_uid).await;
        shop.orders.delete("ORD-1").await.unwrap();
        for door in DOORS {
            shop.knock(door, &imp_uid).await.says(404, "orderNotFound");
        }
        assert_eq!(shop.row().await, Value::Null);
    }
}

#[tokio::test]
async fn an_order_deleted_while_its_payment_is_looked_up_is_never_revived() {
    let shop = TestShop::open().await;
    for payment in [
        "{}",
        r#"{"amount": 1}"#,
        r#"{"status": "ready", "pay_method": "vbank"}"#,
    ] {
        shop.order(json!({"phone": "010-1234-5678"})).await;
        let imp_uid = shop.payment(payment);
        shop.gateway.fault(
            Fault::slow(Duration::from_millis(300))
                .on(Route::LookUp)
                .times(1),
        );
        shop.forget_calls();
        let (answer, ()) = tokio::join!(shop.webhook(&imp_uid), async {
            until(|| shop.calls().look_up > 0).await;
            shop.orders.delete("ORD-1").await.unwrap();
        });
        answer.says(404, "orderNotFound");
        assert_eq!(shop.row().await, Value::Null);
    }
}

#[tokio::test]
async fn an_order_deleted_before_a_forgery_is_noted_is_never_revived() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let forged = shop.payment(r#"{"amount": 1}"#);
    // DynamoDB decided, and its answer is still on the way, when the shop deletes the order.
    let slow = local::aws::Fault::slow(Duration::from_millis(500));
    shop.aws.fault(slow.on("UpdateItem").times(1));
    let (answer, ()) = tokio::join!(shop.webhook(&forged), async {
        until(|| shop.aws.count("UpdateItem") > 0).await;
        for _ in 0..5 {
            shop.row().await;
        }
        shop.orders.delete("ORD-1").await.unwrap();
    });
    answer.says(400, "forgery");
    assert_eq!(shop.row().await, Value::Null);
    let list = json!({forged.as_str(): "open wrongMoney"});
    assert_eq!(shop.list().await, list);
}
