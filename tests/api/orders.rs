//! What a shop may write into its order, and what makes it unusable.

use serde_json::{Value, json};

use crate::assertions::{Says, assert_row};
use crate::test_shop::{DOORS, TestShop};

#[tokio::test]
async fn the_currency_is_krw_unless_the_order_says_so() {
    let shop = TestShop::open().await;
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
        shop.order(json!({"currency": order})).await;
        let imp_uid = shop.payment(&json!({"currency": paid}).to_string());
        for door in DOORS {
            println!("{order} paid in {paid}");
            let answer = shop.knock(door, &imp_uid).await;
            if right {
                answer.says(200, "success");
                assert_eq!(shop.row().await["payment"]["currency"], paid);
            } else {
                answer.says(400, "forgery");
                assert_eq!(shop.row().await["payment_status"], Value::Null);
            }
        }
    }
}

#[tokio::test]
async fn an_order_of_almost_400_kb_is_read_when_it_has_to_be() {
    let shop = TestShop::open().await;
    // Two bytes each in DynamoDB, fourteen in its answer.
    let ticks = vec![true; 195_000];
    shop.order(json!({"ticks": ticks})).await;
    let paid = shop.payment("{}");
    let forged = shop.payment(r#"{"amount": 1}"#);
    for door in DOORS {
        shop.knock(door, &forged).await.says(400, "forgery");
        shop.knock(door, &paid).await.says(200, "success");
    }
    let row = shop.row().await;
    assert_eq!(row["ticks"], json!(ticks));
    let list = json!({forged.as_str(): "open wrongMoney"});
    assert_eq!(shop.list().await, list);
}

#[tokio::test]
async fn an_order_without_a_usable_amount_or_currency_is_misconfigured() {
    let shop = TestShop::open().await;
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
            shop.order(order.clone()).await;
            let before = shop.item().await;
            let payment = json!({"status": status, "pay_method": "vbank", "cancel_amount": 0});
            let imp_uid = shop.payment(&payment.to_string());
            for door in DOORS {
                println!("{order}: {status}");
                shop.knock(door, &imp_uid).await.says(500, "misconfigured");
            }
            assert_eq!(shop.item().await, before);
        }
    }
}

#[tokio::test]
async fn a_null_is_not_a_missing_currency() {
    let shop = TestShop::open().await;
    shop.orders
        .put(json!({"merchant_uid": "ORD-1", "amount": 1000, "currency": null}))
        .await
        .unwrap();
    let imp_uid = shop.payment("{}");
    for door in DOORS {
        shop.knock(door, &imp_uid).await.says(500, "misconfigured");
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
        let shop = TestShop::open().await;
        shop.order(row.clone()).await;
        let before = shop.item().await;
        let imp_uid = shop.payment("{}");
        for door in DOORS {
            println!("{row}");
            shop.knock(door, &imp_uid).await.says(500, "misconfigured");
        }
        assert_eq!(shop.item().await, before);
    }
}

#[tokio::test]
async fn a_count_of_accounts_that_is_none_is_misconfigured() {
    let shop = TestShop::open().await;
    shop.order(json!({"vbank_notices": "one"})).await;
    let before = shop.item().await;
    let imp_uid = shop.account("{}");
    for door in DOORS {
        shop.knock(door, &imp_uid).await.says(500, "misconfigured");
    }
    assert_eq!(shop.item().await, before);
}

#[tokio::test]
async fn what_else_the_shop_writes_may_be_anything() {
    let shop = TestShop::open().await;
    for order in [
        json!({"phone": 821_012_345_678_i64, "customer_id": 7}),
        json!({"phone": true, "customer_id": ["customer-1"]}),
        json!({"phone": "", "customer_id": ""}),
        json!({"status": "paid", "paid": true, "response": {"amount": 1}}),
    ] {
        shop.order(order.clone()).await;
        let imp_uid = shop.account("{}");
        println!("{order}");
        shop.webhook(&imp_uid).await.says(200, "vbankIssued");
        assert_row(
            &shop.row().await,
            &json!({"imp_uid": imp_uid, "vbank_notice": "done"}),
        );
    }
    assert_eq!(shop.aws.sms_sent(), []);
}
