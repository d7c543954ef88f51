//! The gateway's credentials in Secrets Manager.

use std::slice;

use iamport_sim::{Fault, Route};
use local::aws;
use serde_json::json;

use crate::assertions::Says;
use crate::test_shop::{Calls, DOORS, TestShop};

/// The gateway takes other credentials from now on, and no token of the old ones.
fn rotate(shop: &TestShop) {
    shop.gateway.rotate_credentials("new_key", "new_secret");
    shop.gateway.revoke_tokens();
}

#[tokio::test]
async fn a_rotated_secret_is_picked_up_within_the_request() {
    for door in DOORS {
        let shop = TestShop::open().await;
        shop.order(json!({})).await;
        let imp_uid = shop.payment("{}");
        shop.knock(door, &imp_uid).await.says(200, "success");
        shop.forget_calls();
        rotate(&shop);
        shop.put_credentials("new_key", "new_secret");
        shop.knock(door, &imp_uid).await.says(200, "success");
        // The old token, the old credentials, the new secret, the new token.
        assert_eq!(
            shop.calls(),
            Calls::of(2, 2, &[("GetSecretValue", 1), ("UpdateItem", 1)])
        );
        shop.forget_calls();
        shop.knock(door, &imp_uid).await.says(200, "success");
        assert_eq!(shop.calls(), Calls::of(0, 1, &[("UpdateItem", 1)]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_a_rotated_secret_is_picked_up() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    rotate(&shop);
    shop.put_credentials("new_key", "new_secret");
    for answer in TestShop::rush(slice::from_ref(&shop.function), &imp_uid, 10).await {
        answer.says(200, "success");
    }
    assert_eq!(shop.aws.count("GetSecretValue"), 1);
    assert_eq!(shop.calls().token, 2);
}

#[tokio::test]
async fn tokens_of_the_old_credentials_are_used_while_they_are_good() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    shop.gateway.rotate_credentials("new_key", "new_secret");
    shop.put_credentials("new_key", "new_secret");
    shop.complete(&imp_uid).await.says(200, "success");
    assert_eq!(shop.calls(), Calls::of(0, 1, &[("UpdateItem", 1)]));
}

#[tokio::test]
async fn credentials_that_stay_refused_are_read_again_at_most_once_a_minute() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    rotate(&shop);
    for _ in 0..5 {
        for door in DOORS {
            shop.knock(door, &imp_uid).await.says(503, "unavailable");
        }
    }
    assert_eq!(shop.aws.count("GetSecretValue"), 1);
    assert_eq!(shop.aws.count("UpdateItem"), 0);
    // One new token was asked for with what was read again, no more.
    assert!(shop.calls().token <= 1 + 10, "{:?}", shop.calls());
}

#[tokio::test]
async fn refused_again_is_unavailable_and_the_right_ones_help() {
    let shop = TestShop::cold().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    shop.put_credentials("wrong_key", "wrong_secret");
    shop.complete(&imp_uid).await.says(503, "unavailable");
    assert!(shop.aws.count("GetSecretValue") <= 2);
    shop.put_credentials(&shop.gateway.imp_key(), &shop.gateway.imp_secret());
    shop.another_function()
        .complete(&imp_uid, "ORD-1")
        .await
        .says(200, "success");
}

#[tokio::test]
async fn a_malformed_secret_is_unavailable_until_it_is_mended() {
    for secret in [
        "",
        "imp_key:imp_secret",
        "null",
        "[]",
        r#"["imp_key", "imp_secret"]"#,
        "{}",
        r#"{"imp_key": "imp_key"}"#,
        r#"{"imp_secret": "imp_secret"}"#,
        r#"{"imp_key": 1, "imp_secret": 2}"#,
        r#"{"imp_key": null, "imp_secret": null}"#,
        r#"{"imp_key": "imp_key", "imp_secret": "imp_secret""#,
    ] {
        let shop = TestShop::cold().await;
        shop.order(json!({})).await;
        let imp_uid = shop.payment("{}");
        shop.aws.put_secret("iamport", secret);
        for door in DOORS {
            println!("{secret}");
            let answer = shop.knock(door, &imp_uid).await;
            answer.says(503, "unavailable");
            assert!(!format!("{answer:?}").contains("imp_"), "{answer:?}");
        }
        assert_eq!(shop.gateway.count(Route::LookUp), 0);
        shop.put_credentials(&shop.gateway.imp_key(), &shop.gateway.imp_secret());
        shop.complete(&imp_uid).await.says(200, "success");
    }
}

#[tokio::test]
async fn a_secret_may_say_more() {
    let shop = TestShop::cold().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    let secret = json!({"imp_key": "imp_key", "imp_secret": "imp_secret", "note": ["mine"]});
    shop.aws.put_secret("iamport", &secret.to_string());
    shop.complete(&imp_uid).await.says(200, "success");
}

#[tokio::test]
async fn credentials_go_through_unchanged_whatever_is_in_them() {
    let shop = TestShop::cold().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    let (key, secret) = ("k &=+%\"\\한", "s &=+%\"\\글\u{1f4b3}");
    shop.gateway.rotate_credentials(key, secret);
    shop.put_credentials(key, secret);
    shop.complete(&imp_uid).await.says(200, "success");
}

#[tokio::test]
async fn secrets_manager_in_trouble_is_unavailable_and_then_not() {
    for fault in [aws::Fault::fail, aws::Fault::deny, aws::Fault::dropped] {
        let shop = TestShop::cold().await;
        shop.order(json!({})).await;
        let imp_uid = shop.payment("{}");
        shop.aws.fault(fault().on("GetSecretValue"));
        for door in DOORS {
            shop.forget_calls();
            shop.knock(door, &imp_uid).await.says(503, "unavailable");
            assert!(shop.aws.count("GetSecretValue") <= 3);
            assert_eq!(shop.calls().gateway, 0);
        }
        shop.aws.clear_faults();
        shop.complete(&imp_uid).await.says(200, "success");
    }
}

#[tokio::test]
async fn secrets_manager_in_trouble_does_not_matter_once_there_is_a_token() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    shop.aws.fault(aws::Fault::fail().on("GetSecretValue"));
    shop.complete(&imp_uid).await.says(200, "success");
    // Nor is it asked for another token with the same credentials.
    shop.gateway
        .fault(Fault::unauthorized().on(Route::LookUp).times(1));
    shop.complete(&imp_uid).await.says(200, "success");
    assert_eq!(shop.aws.count("GetSecretValue"), 0);
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_again_is_unavailable_until_it_can() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    rotate(&shop);
    shop.aws.fault(aws::Fault::fail().on("GetSecretValue"));
    shop.complete(&imp_uid).await.says(503, "unavailable");
    assert_eq!(shop.aws.count("UpdateItem"), 0);
}
