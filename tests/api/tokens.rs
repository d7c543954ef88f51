//! The access token: cached by the gateway's clock, renewed once when refused.

use iamport_sim::{Fault, Route};
use serde_json::json;

use crate::assertions::Says;
use crate::test_shop::{Calls, DOORS, TestShop};

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
        let shop = TestShop::open().await;
        shop.order(json!({})).await;
        let imp_uid = shop.payment("{}");
        shop.gateway
            .fault(Fault::unauthorized().on(Route::LookUp).times(1));
        shop.knock(door, &imp_uid).await.says(200, "success");
        assert_eq!(shop.calls(), Calls::of(1, 2, &[("UpdateItem", 1)]));
    }
}

#[tokio::test]
async fn a_token_the_gateway_forgot_is_replaced() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    shop.gateway.revoke_tokens();
    shop.complete(&imp_uid).await.says(200, "success");
    assert_eq!(shop.calls(), Calls::of(1, 2, &[("UpdateItem", 1)]));
    shop.forget_calls();
    shop.complete(&imp_uid).await.says(200, "success");
    assert_eq!(shop.calls(), Calls::of(0, 1, &[("UpdateItem", 1)]));
}

#[tokio::test]
async fn a_token_that_is_refused_again_is_not_asked_for_for_ever() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    shop.gateway.fault(Fault::unauthorized().on(Route::LookUp));
    shop.complete(&imp_uid).await.says(503, "unavailable");
    assert!(shop.calls().token <= 2, "{:?}", shop.calls());
    assert!(shop.calls().look_up <= 3, "{:?}", shop.calls());
    assert_eq!(shop.aws.count("UpdateItem"), 0);
    shop.gateway.clear_faults();
    shop.complete(&imp_uid).await.says(200, "success");
}

#[tokio::test]
async fn a_token_about_to_expire_is_renewed_before_it_is_refused() {
    // The gateway's clock is decades ahead, or behind: only the difference counts.
    for now in [4_102_444_800, 1_000_000_000] {
        let shop = TestShop::cold().await;
        shop.order(json!({})).await;
        let imp_uid = shop.payment("{}");
        shop.gateway.fault(token(now, now + 1).times(1));
        shop.warm_up().await;
        shop.complete(&imp_uid).await.says(200, "success");
        assert_eq!(shop.calls(), Calls::of(1, 1, &[("UpdateItem", 1)]));
    }
}

#[tokio::test]
async fn a_token_is_kept_for_its_life_whatever_the_gateways_clock_says() {
    for now in [4_102_444_800, 1_000_000_000] {
        let shop = TestShop::cold().await;
        shop.gateway.stop_time(now);
        shop.warm_up().await;
        shop.order(json!({})).await;
        let imp_uid = shop.payment("{}");
        for _ in 0..3 {
            shop.complete(&imp_uid).await.says(200, "success");
        }
        assert_eq!(shop.calls(), Calls::of(0, 3, &[("UpdateItem", 3)]));
    }
}

#[tokio::test]
async fn a_token_that_expired_at_the_gateway_is_replaced_within_the_request() {
    let shop = TestShop::cold().await;
    shop.gateway.stop_time(1_700_000_000);
    shop.warm_up().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    shop.gateway.stop_time(1_700_000_000 + HALF_AN_HOUR);
    shop.complete(&imp_uid).await.says(200, "success");
    assert_eq!(shop.calls(), Calls::of(1, 2, &[("UpdateItem", 1)]));
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
        let shop = TestShop::cold().await;
        shop.order(json!({})).await;
        let imp_uid = shop.payment("{}");
        shop.gateway
            .fault(Fault::answer(200, "application/json", body).on(Route::Token));
        for door in DOORS {
            println!("{body}");
            shop.knock(door, &imp_uid).await.says(503, "unavailable");
        }
        assert_eq!(shop.aws.count("UpdateItem"), 0);
        shop.gateway.clear_faults();
        shop.complete(&imp_uid).await.says(200, "success");
    }
}

#[tokio::test]
async fn a_function_that_could_not_warm_up_tries_again_with_the_first_request() {
    let shop = TestShop::cold().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    shop.gateway.pause().await.unwrap();
    shop.warm_up().await;
    shop.gateway.resume().await.unwrap();
    shop.complete(&imp_uid).await.says(200, "success");
}
