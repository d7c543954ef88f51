//! What a request costs, counted at the gateway and at AWS.

use std::slice;

use serde_json::json;

use crate::assertions::Says;
use crate::test_shop::{Calls, DOORS, TestShop};

const ONE_WRITE: &[(&str, usize)] = &[("UpdateItem", 1)];

#[tokio::test]
async fn a_warm_new_card_payment_costs_one_call_each_and_a_repeated_one_the_same() {
    for door in DOORS {
        let shop = TestShop::open().await;
        shop.order(json!({"customer_id": "customer-1", "phone": "010-1234-5678"}))
            .await;
        let imp_uid = shop.payment("{}");
        for _ in 0..3 {
            shop.forget_calls();
            shop.knock(door, &imp_uid).await.says(200, "success");
            assert_eq!(shop.calls(), Calls::of(0, 1, ONE_WRITE));
        }
    }
}

#[tokio::test]
async fn cold_it_costs_one_secret_and_one_token_more() {
    for door in DOORS {
        let shop = TestShop::cold().await;
        shop.order(json!({})).await;
        let imp_uid = shop.payment("{}");
        shop.knock(door, &imp_uid).await.says(200, "success");
        assert_eq!(
            shop.calls(),
            Calls::of(1, 1, &[("GetSecretValue", 1), ("UpdateItem", 1)])
        );
        shop.forget_calls();
        shop.knock(door, &imp_uid).await.says(200, "success");
        assert_eq!(shop.calls(), Calls::of(0, 1, ONE_WRITE));
    }
}

#[tokio::test]
async fn the_init_phase_fetches_one_secret_and_one_token() {
    let shop = TestShop::cold().await;
    shop.function.warm().await;
    assert_eq!(shop.calls(), Calls::of(1, 0, &[("GetSecretValue", 1)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simultaneous_requests_with_no_token_fetch_one() {
    for at_once in [2, 20] {
        let shop = TestShop::cold().await;
        shop.order(json!({})).await;
        let imp_uid = shop.payment("{}");
        for answer in TestShop::rush(slice::from_ref(&shop.function), &imp_uid, at_once).await {
            answer.says(200, "success");
        }
        let aws = [("GetSecretValue", 1), ("UpdateItem", at_once)];
        assert_eq!(shop.calls(), Calls::of(1, at_once, &aws));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simultaneous_requests_with_a_dead_token_fetch_one() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    shop.gateway.revoke_tokens();
    for answer in TestShop::rush(slice::from_ref(&shop.function), &imp_uid, 10).await {
        answer.says(200, "success");
    }
    assert_eq!(shop.calls().token, 1);
    assert_eq!(shop.aws.count("GetSecretValue"), 0);
}

#[tokio::test]
async fn other_verdicts_cost_no_more_and_money_that_is_not_the_orders_one_write_more() {
    let shop = TestShop::open().await;
    shop.gateway.show_sandbox(true);
    for (payment, writes) in [
        (r#"{"status": "failed"}"#, 1),
        (r#"{"status": "cancelled"}"#, 1),
        (r#"{"status": "cancelled", "cancel_amount": 1}"#, 1),
        (r#"{"amount": 5000, "status": "cancelled"}"#, 2),
        (
            r#"{"amount": 5000, "status": "ready", "pay_method": "vbank"}"#,
            1,
        ),
        (r#"{"amount": 5000}"#, 2),
        (r#"{"merchant_uid": "ORD-2"}"#, 2),
        (r#"{"merchant_uid": "ORD-2", "status": "failed"}"#, 1),
        (r#"{"status": "ready"}"#, 0),
        (r#"{"status": "frozen"}"#, 0),
        (r#"{"sandbox": true}"#, 0),
        (r#"{"customer_uid_usage": "issue"}"#, 0),
    ] {
        shop.order(json!({})).await;
        let imp_uid = shop.payment(payment);
        for _ in 0..2 {
            shop.forget_calls();
            shop.webhook(&imp_uid).await;
            let aws = [("UpdateItem", writes)];
            let aws: &[_] = if writes == 0 { &[] } else { &aws };
            println!("{payment}");
            assert_eq!(shop.calls(), Calls::of(0, 1, aws));
        }
    }
    shop.forget_calls();
    shop.claim(DOORS[0], "imp_404404404404", "ORD-1")
        .await
        .says(404, "paymentNotFound");
    assert_eq!(shop.calls(), Calls::of(0, 1, &[]));
}
