//! Time as tests play it: days pass at the gateway, and none at its callers.

use reqwest::Method;

use crate::fixture::{Gateway, NOW, answer, field};

const DAY: i64 = 24 * 60 * 60;

#[tokio::test]
async fn days_pass_and_a_deposit_comes() {
    let gateway = Gateway::start().await;
    let imp_uid = gateway.create(r#"{"status":"ready","pay_method":"vbank"}"#);
    let token = gateway.token().await;
    let shown = |path: String| answer(gateway.request(Method::GET, &path).bearer_auth(&token));

    gateway.sim.advance_time(3 * DAY);
    assert_eq!(gateway.sim.now(), NOW + 3 * DAY);
    gateway.sim.deposit(&imp_uid).unwrap();
    let (status, body) = shown(format!("/payments/{imp_uid}")).await;
    assert_eq!(status, 200, "the token travelled along");
    assert_eq!(field(&body, "started_at"), NOW.to_string());
    assert_eq!(field(&body, "paid_at"), (NOW + 3 * DAY).to_string());

    gateway.sim.advance_time(90 * DAY);
    let (_, body) = shown("/payments/status/paid".to_owned()).await;
    assert_eq!(field(&body, "total"), "1");
    let late = gateway.create(r#"{"status":"failed"}"#);
    let late = gateway.sim.get(&late).unwrap();
    for field_name in ["started_at", "failed_at"] {
        assert_eq!(field(&late, field_name), (NOW + 93 * DAY).to_string());
    }
    gateway.sim.advance_time(1);
    let (_, body) = shown("/payments/status/paid".to_owned()).await;
    assert_eq!(field(&body, "total"), "0", "out of the last 90 days");
}

#[tokio::test]
async fn a_token_lives_as_long_as_without_the_journey() {
    let gateway = Gateway::start().await;
    let path = format!("/payments/{}", gateway.create("{}"));
    let old = gateway.token().await;
    gateway.sim.rotate_credentials("k", "s");
    let new = gateway.token().await;
    gateway.sim.advance_time(DAY);
    let (_, again) = gateway.get_token().await;
    assert!(again.contains(&new), "still the same one: {again}");
    assert_eq!(field(&again, "now"), (NOW + DAY).to_string());
    assert_eq!(field(&again, "expired_at"), (NOW + DAY + 1800).to_string());
    for (at, expected) in [(1799, 200), (1800, 401)] {
        gateway.sim.stop_time(NOW + DAY + at);
        for token in [&old, &new] {
            let request = gateway.request(Method::GET, &path).bearer_auth(token);
            assert_eq!(answer(request).await.0, expected, "{at}");
        }
    }
}

#[tokio::test]
async fn a_running_clock_runs_on_after_a_jump() {
    let gateway = Gateway::start().await;
    let control = |method, body: &str| {
        answer(
            gateway
                .request(method, "/control/clock")
                .body(body.to_owned()),
        )
    };
    let now = async || {
        let (_, body) = control(Method::GET, "").await;
        field(&body, "now").parse::<i64>().unwrap()
    };
    assert_eq!(now().await, NOW);
    assert_eq!(control(Method::POST, r#"{"advance":5}"#).await.0, 200);
    assert_eq!(now().await, NOW + 5, "it stands still, later");

    gateway.sim.set_time_offset(0);
    let before = now().await;
    control(Method::POST, &format!(r#"{{"advance":{}}}"#, 365 * DAY)).await;
    control(Method::POST, &format!(r#"{{"advance":{DAY}}}"#)).await;
    let after = now().await;
    assert!(after >= before + 366 * DAY, "{before} {after}");
    gateway.sim.set_time_offset(0);
    assert!(now().await < before + DAY, "back to the machine's");
}
