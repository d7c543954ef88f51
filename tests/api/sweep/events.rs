//! The event: what starts a sweep, what does not, and what is an error that says why.

use std::time::Duration;

use iamport_sim::Route;
use local::Answer;
use local::event::Post;
use serde_json::{Value, json};

use super::{invoke, summary};
use crate::deadline::deploy_with;
use crate::test_shop::{Calls, DOORS, TestShop};
use local::event::{FORM, JSON};

const LEFT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn what_is_not_quite_a_sweep_is_an_error_that_names_it_and_asks_nobody() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    shop.payment("{}");
    let app = deploy_with(&shop, &[]);
    for (event, named) in [
        (r#"{"sweep": {}}"#, "minutes"),
        (r#"{"sweep": {"minutes": 0}}"#, "minutes"),
        (r#"{"sweep": {"minutes": -5}}"#, "minutes"),
        (r#"{"sweep": {"minutes": 129601}}"#, "minutes"),
        (
            r#"{"sweep": {"minutes": 99999999999999999999999}}"#,
            "1e+23",
        ),
        (r#"{"sweep": {"minutes": 130.0}}"#, "floating point"),
        (r#"{"sweep": {"minutes": 1e2}}"#, "floating point"),
        (r#"{"sweep": {"minutes": "130"}}"#, "string"),
        (r#"{"sweep": {"minutes": null}}"#, "null"),
        (r#"{"sweep": {"minutes": [130]}}"#, "sequence"),
        (r#"{"sweep": {"minutes": true}}"#, "boolean"),
        (
            r#"{"sweep": {"minutes": 5, "until": "2999-01-01T00:00:00Z"}}"#,
            "until",
        ),
        (r#"{"sweep": {"minutes": 5, "until": ""}}"#, "until"),
        (r#"{"sweep": {"minutes": 5, "until": "now"}}"#, "until"),
        (
            r#"{"sweep": {"minutes": 5, "until": "2026-11-24"}}"#,
            "until",
        ),
        (
            r#"{"sweep": {"minutes": 5, "until": "2026-11-24T10:00:00"}}"#,
            "until",
        ),
        (
            r#"{"sweep": {"minutes": 5, "until": "2026-02-30T10:00:00Z"}}"#,
            "until",
        ),
        (
            r#"{"sweep": {"minutes": 5, "until": 1700000000}}"#,
            "integer",
        ),
        (
            r#"{"sweep": {"minutes": 5, "from": "2026-11-24T10:00:00Z"}}"#,
            "from",
        ),
        (r#"{"sweep": {"minutes": 5}, "dry_run": true}"#, "dry_run"),
        (r#"{"version": "2.0", "sweep": {"minutes": 5}}"#, "version"),
        (
            r#"{"sweep": {"minutes": 5}, "sweep": {"minutes": 5}}"#,
            "duplicate",
        ),
        (
            r#"{"sweep": [], "sweep": {"minutes": 5}}"#,
            "invalid length",
        ),
        (r#"{"sweep": {"minutes": 5, "minutes": 5}}"#, "duplicate"),
        (
            r#"{"sweep": {"minutes": 5, "until": "2026-11-24T10:00:00Z", "until": "2026-11-24T10:00:00Z"}}"#,
            "duplicate",
        ),
        (r#"{"sweep": [5]}"#, "object"),
        (r#"{"sweep": [5, "2026-11-24T10:00:00Z"]}"#, "object"),
        (r#"{"sweep": null}"#, "object"),
        (r#"{"sweep": 5}"#, "object"),
        (r#"{"sweep": "{\"minutes\": 5}"}"#, "object"),
    ] {
        let said = invoke(&app, event, "request-1", LEFT).await;
        let said = said.expect_err(event);
        assert!(said.contains("not a sweep"), "{event}: {said}");
        assert!(said.contains(named), "{event}: {said}");
    }
    assert_eq!(shop.calls(), Calls::none());
    assert_eq!(shop.row().await["payment_status"], Value::Null);
}

#[tokio::test]
async fn what_is_a_sweep_in_another_spelling_is_one() {
    let shop = TestShop::open().await;
    let app = deploy_with(&shop, &[]);
    for event in [
        r#"{"sweep":{"minutes":1}}"#,
        r#"{"sweep":{"minutes":129600}}"#,
        " {\n\t\"sweep\" : { \"until\" : \"2026-11-24T10:00:00Z\" , \"minutes\" : 5 } } ",
        r#"{"\u0073weep":{"minutes":5}}"#,
    ] {
        let swept = invoke(&app, event, "request-1", LEFT).await;
        assert_eq!(swept, Ok(summary(&json!({}))), "{event}");
    }
}

/// An offset is no trap: it says the same second in another way.
#[tokio::test]
async fn the_window_is_told_to_the_second() {
    let shop = TestShop::open().await;
    let app = deploy_with(&shop, &[]);
    for (until, to) in [
        ("2026-11-24T10:00:00Z", 1_795_514_400),
        ("2026-11-24T19:00:00+09:00", 1_795_514_400),
        ("2026-11-24T10:00:00.9Z", 1_795_514_400),
    ] {
        shop.forget_calls();
        let event = json!({"sweep": {"minutes": 3, "until": until}}).to_string();
        invoke(&app, &event, "request-1", LEFT).await.unwrap();
        for (from, until) in windows(&shop) {
            assert_eq!((from, until), (to - 180, to));
        }
    }
    // Without an end it ends a minute ago.
    shop.forget_calls();
    let before = shop.gateway.now();
    let event = r#"{"sweep": {"minutes": 3}}"#;
    invoke(&app, event, "request-1", LEFT).await.unwrap();
    let after = shop.gateway.now();
    let windows = windows(&shop);
    assert_eq!(windows.len(), 3);
    for (from, to) in windows {
        assert_eq!(to - from, 180);
        assert!((before - 60..=after - 60).contains(&to));
    }
}

/// `from` and `to` of the lists that were asked for.
fn windows(shop: &TestShop) -> Vec<(i64, i64)> {
    let calls = shop.gateway.calls().into_iter();
    let lists = calls.filter(|call| call.route == Some(Route::Status));
    let number = |query: &str, name: &str| {
        let mut fields = query.split('&').filter_map(|field| field.split_once('='));
        let (_, value) = fields.find(|(key, _)| *key == name).unwrap();
        value.parse().unwrap()
    };
    lists
        .map(|call| (number(&call.query, "from"), number(&call.query, "to")))
        .collect()
}

/// Everything that a caller of the API can choose, and one thing that only API Gateway could.
#[tokio::test]
async fn nothing_that_comes_through_the_api_starts_a_sweep() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    shop.payment("{}");
    let sweep = r#"{"sweep": {"minutes": 129600}}"#;
    for door in DOORS {
        let event = Post::text(JSON, sweep.to_owned()).event(door);
        let (status, method) = ((400, "badRequest"), (405, "methodNotAllowed"));
        let refused = (404, "notFound");
        for (pointer, value, says) in [
            ("/body", json!(sweep), status),
            (
                "/body",
                json!(r#"{"imp_uid": "x y", "merchant_uid": "ORD-1", "sweep": {"minutes": 5}}"#),
                status,
            ),
            ("/body", json!("sweep=%7B%22minutes%22%3A5%7D"), status),
            ("/body", json!({"sweep": {"minutes": 5}}), status),
            ("/rawPath", json!(sweep), refused),
            ("/rawPath", json!("/sweep"), refused),
            ("/rawPath", json!("/payments/sweep"), refused),
            ("/rawQueryString", json!(sweep), status),
            (
                "/queryStringParameters",
                json!({"sweep": r#"{"minutes": 5}"#}),
                status,
            ),
            ("/headers/sweep", json!(r#"{"minutes": 5}"#), status),
            ("/headers/x-amz-invocation-type", json!("Event"), status),
            ("/requestContext/http/method", json!("SWEEP"), method),
            ("/requestContext/sweep", json!({"minutes": 5}), status),
            ("/sweep", json!({"minutes": 5}), status),
        ] {
            let mut event = event.clone();
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            event.pointer_mut(parent).unwrap()[name] = value.clone();
            let answer: Answer = shop.function.invoke(event).await.into();
            let told = (answer.code, answer.status());
            let is_unreadable = told == status && value.is_object();
            assert!(
                told == says || is_unreadable,
                "{pointer}: {value}: {answer}"
            );
        }
        let form = Post::text(FORM, "sweep[minutes]=5".to_owned()).event(door);
        let answer: Answer = shop.function.invoke(form).await.into();
        assert_eq!(answer.code, 400);
    }
    assert_eq!(shop.calls(), Calls::none());
    assert_eq!(shop.row().await["payment_status"], Value::Null);
}

#[tokio::test]
async fn what_is_neither_is_a_bad_request() {
    let shop = TestShop::open().await;
    let app = deploy_with(&shop, &[]);
    for event in [
        "{}",
        "[]",
        "7",
        r#""sweep""#,
        r#"["sweep"]"#,
        r#"[{"sweep": {"minutes": 5}}]"#,
        "null",
    ] {
        let answer = invoke(&app, event, "request-1", LEFT).await.unwrap();
        assert_eq!(answer["statusCode"], 400, "{event}");
    }
    assert_eq!(shop.calls(), Calls::none());
}
