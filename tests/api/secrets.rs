//! The gateway's credentials in Secrets Manager.

use std::slice;

use iamport_sim::{Fault, Route};
use local::aws;
use serde_json::json;

use crate::says::Says;
use crate::till::{Calls, DOORS, Till};

/// The gateway takes other credentials from now on, and no token of the old ones.
fn rotate(till: &Till) {
    till.gateway.rotate_credentials("new_key", "new_secret");
    till.gateway.revoke_tokens();
}

#[tokio::test]
async fn a_rotated_secret_is_picked_up_within_the_request() {
    for door in DOORS {
        let till = Till::open().await;
        till.order(json!({})).await;
        let imp_uid = till.payment("{}");
        till.knock(door, &imp_uid).await.says(200, "success");
        till.forget_calls();
        rotate(&till);
        till.put_credentials("new_key", "new_secret");
        till.knock(door, &imp_uid).await.says(200, "success");
        // The old token, the old credentials, the new secret, the new token.
        assert_eq!(
            till.calls(),
            Calls::of(2, 2, &[("GetSecretValue", 1), ("UpdateItem", 1)])
        );
        till.forget_calls();
        till.knock(door, &imp_uid).await.says(200, "success");
        assert_eq!(till.calls(), Calls::of(0, 1, &[("UpdateItem", 1)]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_a_rotated_secret_is_picked_up() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.payment("{}");
    rotate(&till);
    till.put_credentials("new_key", "new_secret");
    for answer in Till::rush(slice::from_ref(&till.function), &imp_uid, 10).await {
        answer.says(200, "success");
    }
    assert_eq!(till.aws.count("GetSecretValue"), 1);
    assert_eq!(till.calls().token, 2);
}

#[tokio::test]
async fn tokens_of_the_old_credentials_are_used_while_they_are_good() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.payment("{}");
    till.gateway.rotate_credentials("new_key", "new_secret");
    till.put_credentials("new_key", "new_secret");
    till.complete(&imp_uid).await.says(200, "success");
    assert_eq!(till.calls(), Calls::of(0, 1, &[("UpdateItem", 1)]));
}

#[tokio::test]
async fn credentials_that_stay_refused_are_read_again_at_most_once_a_minute() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.payment("{}");
    rotate(&till);
    for _ in 0..5 {
        for door in DOORS {
            till.knock(door, &imp_uid).await.says(503, "unavailable");
        }
    }
    assert_eq!(till.aws.count("GetSecretValue"), 1);
    assert_eq!(till.aws.count("UpdateItem"), 0);
    // One new token was asked for with what was read again, no more.
    assert!(till.calls().token <= 1 + 10, "{:?}", till.calls());
}

#[tokio::test]
async fn refused_again_is_unavailable_and_the_right_ones_help() {
    let till = Till::cold().await;
    till.order(json!({})).await;
    let imp_uid = till.payment("{}");
    till.put_credentials("wrong_key", "wrong_secret");
    till.complete(&imp_uid).await.says(503, "unavailable");
    assert!(till.aws.count("GetSecretValue") <= 2);
    till.put_credentials(&till.gateway.imp_key(), &till.gateway.imp_secret());
    till.another_function()
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
        let till = Till::cold().await;
        till.order(json!({})).await;
        let imp_uid = till.payment("{}");
        till.aws.put_secret("iamport", secret);
        for door in DOORS {
            println!("{secret}");
            let answer = till.knock(door, &imp_uid).await;
            answer.says(503, "unavailable");
            assert!(!format!("{answer:?}").contains("imp_"), "{answer:?}");
        }
        assert_eq!(till.gateway.count(Route::LookUp), 0);
        till.put_credentials(&till.gateway.imp_key(), &till.gateway.imp_secret());
        till.complete(&imp_uid).await.says(200, "success");
    }
}

#[tokio::test]
async fn a_secret_may_say_more() {
    let till = Till::cold().await;
    till.order(json!({})).await;
    let imp_uid = till.payment("{}");
    let secret = json!({"imp_key": "imp_key", "imp_secret": "imp_secret", "note": ["mine"]});
    till.aws.put_secret("iamport", &secret.to_string());
    till.complete(&imp_uid).await.says(200, "success");
}

#[tokio::test]
async fn credentials_go_through_unchanged_whatever_is_in_them() {
    let till = Till::cold().await;
    till.order(json!({})).await;
    let imp_uid = till.payment("{}");
    let (key, secret) = ("k &=+%\"\\한", "s &=+%\"\\글\u{1f4b3}");
    till.gateway.rotate_credentials(key, secret);
    till.put_credentials(key, secret);
    till.complete(&imp_uid).await.says(200, "success");
}

#[tokio::test]
async fn secrets_manager_in_trouble_is_unavailable_and_then_not() {
    for fault in [aws::Fault::fail, aws::Fault::deny, aws::Fault::dropped] {
        let till = Till::cold().await;
        till.order(json!({})).await;
        let imp_uid = till.payment("{}");
        till.aws.fault(fault().on("GetSecretValue"));
        for door in DOORS {
            till.forget_calls();
            till.knock(door, &imp_uid).await.says(503, "unavailable");
            assert!(till.aws.count("GetSecretValue") <= 3);
            assert_eq!(till.calls().gateway, 0);
        }
        till.aws.clear_faults();
        till.complete(&imp_uid).await.says(200, "success");
    }
}

#[tokio::test]
async fn secrets_manager_in_trouble_does_not_matter_once_there_is_a_token() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.payment("{}");
    till.aws.fault(aws::Fault::fail().on("GetSecretValue"));
    till.complete(&imp_uid).await.says(200, "success");
    // Nor is it asked for another token with the same credentials.
    till.gateway
        .fault(Fault::unauthorized().on(Route::LookUp).times(1));
    till.complete(&imp_uid).await.says(200, "success");
    assert_eq!(till.aws.count("GetSecretValue"), 0);
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_again_is_unavailable_until_it_can() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.payment("{}");
    rotate(&till);
    till.aws.fault(aws::Fault::fail().on("GetSecretValue"));
    till.complete(&imp_uid).await.says(503, "unavailable");
    assert_eq!(till.aws.count("UpdateItem"), 0);
}
