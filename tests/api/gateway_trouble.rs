//! A gateway in trouble: 503 now, and success when it is back.

use iamport_sim::{Fault, Route, Simulator};
use serde_json::{Value, json};

use crate::assertions::Says;
use crate::test_shop::{DOORS, ORDER, TestShop};

/// Everything that is no answer about this payment.
fn troubles() -> Vec<(&'static str, Fault)> {
    let json = |status, body| Fault::answer(status, "application/json", body);
    let mut troubles: Vec<_> = [
        400, 403, 405, 408, 409, 410, 418, 422, 429, 500, 501, 502, 503, 504, 599,
    ]
    .map(|status| ("a status", Fault::status(status)))
    .into();
    troubles.extend([
        ("a proxy's page", Fault::bad_gateway()),
        ("maintenance", Fault::not_json()),
        ("a code that is not 0", Fault::code(-1, "점검 중입니다.")),
        (
            "another code that is not 0",
            Fault::code(1, "존재하지 않는 결제정보입니다."),
        ),
        ("another payment", Fault::wrong_imp_uid()),
        ("no connection to speak of", Fault::dropped()),
        ("half an answer", Fault::truncated()),
        ("an empty body", json(200, "")),
        ("no envelope", json(200, "{}")),
        ("an array", json(200, "[]")),
        ("a null", json(200, "null")),
        (
            "no payment",
            json(200, r#"{"code":0,"message":null,"response":null}"#),
        ),
        (
            "an empty payment",
            json(200, r#"{"code":0,"message":null,"response":{}}"#),
        ),
        (
            "a list of payments",
            json(200, r#"{"code":0,"message":null,"response":[]}"#),
        ),
        (
            "a code in text",
            json(200, r#"{"code":"0","message":null,"response":{}}"#),
        ),
        ("nothing there", json(204, "")),
        ("404 without the envelope", Fault::status(404)),
        (
            "404 in HTML",
            Fault::answer(404, "text/html", "<html></html>"),
        ),
        (
            "404 without a body",
            Fault::answer(404, "application/json", ""),
        ),
        (
            "404 of somebody else",
            json(404, r#"{"message":"no Route matched with those values"}"#),
        ),
        (
            "404 with code 0",
            json(404, r#"{"code":0,"message":null,"response":null}"#),
        ),
        (
            "a success of 404's",
            json(
                200,
                r#"{"code":-1,"message":"존재하지 않는 결제정보입니다.","response":null}"#,
            ),
        ),
        (
            "an error that looks like a 404",
            json(
                500,
                r#"{"code":-1,"message":"존재하지 않는 결제정보입니다.","response":null}"#,
            ),
        ),
        ("megabytes", Fault::padded(32 * 1024 * 1024)),
    ]);
    troubles
}

#[tokio::test]
async fn what_is_no_answer_about_the_payment_is_unavailable_until_there_is_one() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let before = shop.item().await;
    let imp_uid = shop.payment("{}");
    for (name, fault) in troubles() {
        shop.gateway.fault(fault.clone().on(Route::LookUp));
        for door in DOORS {
            println!("{name}: {fault:?}");
            shop.forget_calls();
            shop.knock(door, &imp_uid).await.says(503, "unavailable");
            assert!(
                (1..=3).contains(&shop.calls().look_up),
                "{:?}",
                shop.calls()
            );
            assert_eq!(shop.aws.calls(), [].into());
        }
        shop.gateway.clear_faults();
    }
    assert_eq!(shop.item().await, before);
    shop.complete(&imp_uid).await.says(200, "success");
}

#[tokio::test]
async fn a_gateway_that_gives_no_token_is_unavailable_until_it_does() {
    let faults = [429, 500, 502, 503].map(Fault::status).into_iter().chain([
        Fault::bad_gateway(),
        Fault::not_json(),
        Fault::code(-1, "점검 중입니다."),
        Fault::dropped(),
        Fault::truncated(),
        Fault::status(404),
        Fault::padded(32 * 1024 * 1024),
    ]);
    for fault in faults {
        let shop = TestShop::cold().await;
        shop.order(json!({})).await;
        let imp_uid = shop.payment("{}");
        println!("{fault:?}");
        shop.gateway.fault(fault.on(Route::Token));
        for door in DOORS {
            shop.forget_calls();
            shop.knock(door, &imp_uid).await.says(503, "unavailable");
            assert!(shop.calls().token <= 3, "{:?}", shop.calls());
            assert_eq!(shop.calls().look_up, 0);
        }
        shop.gateway.clear_faults();
        shop.complete(&imp_uid).await.says(200, "success");
    }
}

#[tokio::test]
async fn a_gateway_that_stumbles_once_is_asked_again() {
    for fault in [
        Fault::status(500),
        Fault::status(503),
        Fault::bad_gateway(),
        Fault::dropped(),
        Fault::not_json(),
        Fault::code(-1, "점검 중입니다."),
        Fault::wrong_imp_uid(),
        Fault::status(404),
        Fault::padded(32 * 1024 * 1024),
    ] {
        let shop = TestShop::open().await;
        shop.order(json!({})).await;
        let imp_uid = shop.payment("{}");
        println!("{fault:?}");
        shop.gateway.fault(fault.on(Route::LookUp).times(1));
        shop.complete(&imp_uid).await.says(200, "success");
        assert_eq!(shop.calls().look_up, 2);
    }
}

#[tokio::test]
async fn stumbles_that_pass_are_paid_back() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    for turn in 1..=20 {
        println!("request {turn}");
        shop.forget_calls();
        let fault = Fault::status(500).on(Route::LookUp).times(2);
        shop.gateway.fault(fault);
        shop.complete(&imp_uid).await.says(200, "success");
        assert_eq!(shop.calls().look_up, 3);
        shop.gateway.clear_faults();
    }
}

#[tokio::test]
async fn an_outage_is_not_made_worse() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    shop.gateway.fault(Fault::status(503).on(Route::LookUp));
    for turn in 0..40 {
        shop.knock(DOORS[turn % 2], &imp_uid)
            .await
            .says(503, "unavailable");
    }
    let look_ups = shop.calls().look_up;
    assert!(look_ups <= 2 * 40, "{look_ups} look-ups for 40 requests");
}

#[tokio::test]
async fn a_gateway_that_is_down_and_comes_back() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    for _ in 0..2 {
        shop.gateway.pause().await.unwrap();
        for door in DOORS {
            shop.claim(door, &imp_uid, ORDER)
                .await
                .says(503, "unavailable");
        }
        shop.gateway.resume().await.unwrap();
        shop.complete(&imp_uid).await.says(200, "success");
    }
}

#[tokio::test]
async fn a_connection_that_died_in_between_is_not_noticed() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    shop.complete(&imp_uid).await.says(200, "success");
    shop.gateway.pause().await.unwrap();
    shop.gateway.resume().await.unwrap();
    shop.complete(&imp_uid).await.says(200, "success");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let shop = TestShop::open().await;
    let elsewhere = Simulator::start(iamport_sim::Settings::default())
        .await
        .unwrap();
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    elsewhere
        .create(json!({"imp_uid": imp_uid, "merchant_uid": ORDER}).to_string())
        .unwrap();
    for route in [Route::LookUp, Route::Token] {
        for location in [
            format!("{}/payments/{imp_uid}", elsewhere.url()),
            format!("{}/users/getToken", elsewhere.url()),
            format!("/payments/{imp_uid}?again"),
        ] {
            shop.gateway.fault(Fault::redirect(&location).on(route));
            let function = shop.another_function();
            if route == Route::LookUp {
                function.warm().await;
            }
            shop.forget_calls();
            function
                .complete(&imp_uid, ORDER)
                .await
                .says(503, "unavailable");
            assert_eq!(elsewhere.calls(), []);
            assert!(
                !shop
                    .gateway
                    .calls()
                    .iter()
                    .any(|call| call.query.contains("again"))
            );
            shop.gateway.clear_faults();
        }
    }
    assert_eq!(shop.row().await["payment_status"], Value::Null);
}
