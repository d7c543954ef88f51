//! The access token: cached by the gateway's clock, renewed once when refused.

use iamport_sim::{Fault, Route};
use serde_json::json;

use crate::says::Says;
use crate::till::{Calls, DOORS, Till};

const HALF_AN_HOUR: i64 = 30 * 60;

/// `getToken` says this token is the one, from `now` to `expired_at`.
fn token(now: i64, expired_at: i64) -> Fault {
    let answer = json!({"code": 0, "message": null, "response": {
        "access_token": "0123456789abcdef0123456789abcdef01234567", "now": now, "expired_at": expired_at,
    }});
    Fault::answer(200, "application/json", &answer.to_string()).on(Route::Token)
}

#[tokio::test]
async fn one_refusal_is_met_with_one_new_token() {
    for door in DOORS {
        let till = Till::open().await;
        till.order(json!({})).await;
        let imp_uid = till.payment("{}");
        till.gateway
            .fault(Fault::unauthorized().on(Route::LookUp).times(1));
        till.knock(door, &imp_uid).await.says(200, "success");
        assert_eq!(till.calls(), Calls::of(1, 2, &[("UpdateItem", 1)]));
    }
}

#[tokio::test]
async fn a_token_the_gateway_forgot_is_replaced() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.payment("{}");
    till.gateway.revoke_tokens();
    till.complete(&imp_uid).await.says(200, "success");
    assert_eq!(till.calls(), Calls::of(1, 2, &[("UpdateItem", 1)]));
    till.forget_calls();
    till.complete(&imp_uid).await.says(200, "success");
    assert_eq!(till.calls(), Calls::of(0, 1, &[("UpdateItem", 1)]));
}

#[tokio::test]
async fn a_token_that_is_refused_again_is_not_asked_for_for_ever() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let imp_uid = till.payment("{}");
    till.gateway.fault(Fault::unauthorized().on(Route::LookUp));
    till.complete(&imp_uid).await.says(503, "unavailable");
    assert!(till.calls().token <= 2, "{:?}", till.calls());
    assert!(till.calls().look_up <= 3, "{:?}", till.calls());
    assert_eq!(till.aws.count("UpdateItem"), 0);
    till.gateway.clear_faults();
    till.complete(&imp_uid).await.says(200, "success");
}

#[tokio::test]
async fn a_token_about_to_expire_is_renewed_before_it_is_refused() {
    // The gateway's clock is decades ahead, or behind: only the difference counts.
    for now in [4_102_444_800, 1_000_000_000] {
        let till = Till::cold().await;
        till.order(json!({})).await;
        let imp_uid = till.payment("{}");
        till.gateway.fault(token(now, now + 1).times(1));
        till.warm_up().await;
        till.complete(&imp_uid).await.says(200, "success");
        assert_eq!(till.calls(), Calls::of(1, 1, &[("UpdateItem", 1)]));
    }
}

#[tokio::test]
async fn a_token_is_kept_for_its_life_whatever_the_gateways_clock_says() {
    for now in [4_102_444_800, 1_000_000_000] {
        let till = Till::cold().await;
        till.gateway.stop_time(now);
        till.warm_up().await;
        till.order(json!({})).await;
        let imp_uid = till.payment("{}");
        for _ in 0..3 {
            till.complete(&imp_uid).await.says(200, "success");
        }
        assert_eq!(till.calls(), Calls::of(0, 3, &[("UpdateItem", 3)]));
    }
}

#[tokio::test]
async fn a_token_that_expired_at_the_gateway_is_replaced_within_the_request() {
    let till = Till::cold().await;
    till.gateway.stop_time(1_700_000_000);
    till.warm_up().await;
    till.order(json!({})).await;
    let imp_uid = till.payment("{}");
    till.gateway.stop_time(1_700_000_000 + HALF_AN_HOUR);
    till.complete(&imp_uid).await.says(200, "success");
    assert_eq!(till.calls(), Calls::of(1, 2, &[("UpdateItem", 1)]));
}

#[tokio::test]
async fn a_token_answer_that_is_nonsense_is_unavailable() {
    for body in [
        r#"{"code":0,"message":null,"response":null}"#,
        r#"{"code":0,"message":null,"response":{}}"#,
        r#"{"code":0,"message":null,"response":{"access_token":null,"now":1,"expired_at":1801}}"#,
        r#"{"code":0,"message":null,"response":{"access_token":"a b\r\nc","now":1,"expired_at":1801}}"#,
        r#"{"code":-1,"message":"점검 중입니다.","response":null}"#,
        r#"{"message":"ok"}"#,
        "[]",
        "",
        "<html></html>",
    ] {
        let till = Till::cold().await;
        till.order(json!({})).await;
        let imp_uid = till.payment("{}");
        till.gateway
            .fault(Fault::answer(200, "application/json", body).on(Route::Token));
        for door in DOORS {
            println!("{body}");
            till.knock(door, &imp_uid).await.says(503, "unavailable");
        }
        assert_eq!(till.aws.count("UpdateItem"), 0);
        till.gateway.clear_faults();
        till.complete(&imp_uid).await.says(200, "success");
    }
}

#[tokio::test]
async fn a_function_that_could_not_warm_up_tries_again_with_the_first_request() {
    let till = Till::cold().await;
    till.order(json!({})).await;
    let imp_uid = till.payment("{}");
    till.gateway.pause().await.unwrap();
    till.warm_up().await;
    till.gateway.resume().await.unwrap();
    till.complete(&imp_uid).await.says(200, "success");
}
