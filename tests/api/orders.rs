//! What a shop may write into its order, and what makes it unusable.

use serde_json::{Value, json};

use crate::says::{Says, assert_row};
use crate::till::{DOORS, Till};

#[tokio::test]
async fn the_currency_is_krw_unless_the_order_says_so() {
    let till = Till::open().await;
    for (order, paid, right) in [
        (json!(null), "KRW", true),
        (json!("KRW"), "KRW", true),
        (json!("USD"), "USD", true),
        (json!("JPY"), "JPY", true),
        (json!(null), "USD", false),
        (json!("KRW"), "USD", false),
        (json!("USD"), "KRW", false),
        (json!("USD"), "USDT", false),
        (json!("KRW"), "krw", false),
        (json!("krw"), "KRW", false),
        (json!("KRW"), " KRW", false),
        (json!("KRW"), "", false),
    ] {
        till.order(json!({"currency": order})).await;
        let imp_uid = till.payment(&json!({"currency": paid}).to_string());
        for door in DOORS {
            println!("{order} paid in {paid}");
            let answer = till.knock(door, &imp_uid).await;
            if right {
                answer.says(200, "success");
                assert_eq!(till.row().await["payment"]["currency"], paid);
            } else {
                answer.says(400, "forgery");
                assert_eq!(till.row().await["payment_status"], Value::Null);
            }
        }
    }
}

#[tokio::test]
async fn an_order_of_almost_400_kb_is_read_when_it_has_to_be() {
    let till = Till::open().await;
    // Two bytes each in DynamoDB, fourteen in its answer.
    let ticks = vec![true; 195_000];
    till.order(json!({"ticks": ticks})).await;
    let paid = till.payment("{}");
    let forged = till.payment(r#"{"amount": 1}"#);
    for door in DOORS {
        till.knock(door, &forged).await.says(400, "forgery");
        till.knock(door, &paid).await.says(200, "success");
    }
    let row = till.row().await;
    assert_eq!(row["ticks"], json!(ticks));
    let list = json!({forged.as_str(): "open wrongMoney"});
    assert_eq!(till.list().await, list);
}

#[tokio::test]
async fn an_order_without_a_usable_amount_or_currency_is_misconfigured() {
    let till = Till::open().await;
    for order in [
        json!({"amount": 0}),
        json!({"amount": {"N": "0.00"}}),
        json!({"amount": -1000}),
        json!({"amount": {"N": "-0.01"}}),
        json!({"amount": "1000"}),
        json!({"amount": null}),
        json!({"amount": true}),
        json!({"amount": [1000]}),
        json!({"amount": {"N": 1000}}),
        json!({"amount": {"SS": ["1000"]}}),
        json!({"currency": 410}),
        json!({"currency": true}),
        json!({"currency": ["KRW"]}),
        json!({"currency": {"SS": ["KRW"]}}),
    ] {
        for status in ["paid", "ready", "cancelled"] {
            till.order(order.clone()).await;
            let before = till.item().await;
            let payment = json!({"status": status, "pay_method": "vbank", "cancel_amount": 0});
            let imp_uid = till.payment(&payment.to_string());
            for door in DOORS {
                println!("{order}: {status}");
                till.knock(door, &imp_uid).await.says(500, "misconfigured");
            }
            assert_eq!(till.item().await, before);
        }
    }
}

#[tokio::test]
async fn a_null_is_not_a_missing_currency() {
    let till = Till::open().await;
    till.orders
        .put(json!({"merchant_uid": "ORD-1", "amount": 1000, "currency": null}))
        .await
        .unwrap();
    let imp_uid = till.payment("{}");
    for door in DOORS {
        till.knock(door, &imp_uid).await.says(500, "misconfigured");
    }
}

#[tokio::test]
async fn attributes_of_ours_with_another_type_are_misconfigured() {
    // Rows somebody else wrote into; none of them is news to record.
    for row in [
        json!({"payment_stage": "3", "payment_rank": 3, "imp_uid": "imp_x"}),
        json!({"payment_stage": true}),
        json!({"payment_stage": 3, "payment_rank": "3", "imp_uid": "imp_x", "started_at": 1}),
        json!({"payment_stage": 3, "payment_rank": 3, "imp_uid": 17, "started_at": 1}),
        json!({"payment_stage": 3, "payment_rank": 3, "imp_uid": "imp_x", "started_at": "1"}),
        json!({"payment_stage": 3, "payment_rank": 3, "imp_uid": "imp_x", "cancel_amount": "0"}),
        json!({"payment_stage": 3, "payment_rank": 3, "imp_uid": "imp_x", "payment_status": 3}),
        json!({"payment_stage": 3, "payment_rank": 3, "imp_uid": "imp_x", "payment": "paid"}),
    ] {
        let till = Till::open().await;
        till.order(row.clone()).await;
        let before = till.item().await;
        let imp_uid = till.payment("{}");
        for door in DOORS {
            println!("{row}");
            till.knock(door, &imp_uid).await.says(500, "misconfigured");
        }
        assert_eq!(till.item().await, before);
    }
}

#[tokio::test]
async fn a_count_of_accounts_that_is_none_is_misconfigured() {
    let till = Till::open().await;
    till.order(json!({"vbank_notices": "one"})).await;
    let before = till.item().await;
    let imp_uid = till.account("{}");
    for door in DOORS {
        till.knock(door, &imp_uid).await.says(500, "misconfigured");
    }
    assert_eq!(till.item().await, before);
}

#[tokio::test]
async fn what_else_the_shop_writes_may_be_anything() {
    let till = Till::open().await;
    for order in [
        json!({"phone": 821_012_345_678_i64, "customer_id": 7}),
        json!({"phone": true, "customer_id": ["customer-1"]}),
        json!({"phone": "", "customer_id": ""}),
        json!({"status": "paid", "paid": true, "response": {"amount": 1}}),
    ] {
        till.order(order.clone()).await;
        let imp_uid = till.account("{}");
        println!("{order}");
        till.webhook(&imp_uid).await.says(200, "vbankIssued");
        assert_row(
            &till.row().await,
            &json!({"imp_uid": imp_uid, "vbank_notice": "done"}),
        );
    }
    assert_eq!(till.aws.sms_sent(), []);
}
