use std::time::{Duration, Instant};

use iamport_sim::{Fault, Route};
use reqwest::{Method, Response};

use crate::fixture::{Gateway, answer, field};

/// A gateway with the payment `imp_1`, and a token for it.
async fn gateway() -> (Gateway, String) {
    let gateway = Gateway::start().await;
    gateway.create(r#"{"imp_uid":"imp_1"}"#);
    let token = gateway.token().await;
    gateway.sim.clear_calls();
    (gateway, token)
}

async fn look_up(gateway: &Gateway, token: &str) -> reqwest::Result<Response> {
    gateway
        .request(Method::GET, "/payments/imp_1")
        .bearer_auth(token)
        .send()
        .await
}

#[tokio::test]
async fn a_fault_befalls_its_route_so_often_and_then_no_more() {
    let (gateway, token) = gateway().await;
    gateway
        .sim
        .fault(Fault::status(500).on(Route::LookUp).times(2));
    assert_eq!(gateway.get_token().await.0, 200);
    for expected in [500, 500, 200] {
        assert_eq!(look_up(&gateway, &token).await.unwrap().status(), expected);
    }
    gateway.sim.fault(Fault::status(429).on(Route::Token));
    assert_eq!(
        (gateway.get_token().await.0, gateway.get_token().await.0),
        (429, 429)
    );
    gateway.sim.clear_faults();
    assert_eq!(gateway.get_token().await.0, 200);
}

#[tokio::test]
async fn answers_can_be_replaced() {
    let (gateway, token) = gateway().await;
    for (fault, status, content_type, body) in [
        (
            Fault::bad_gateway(),
            502,
            "text/html",
            "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n</html>\r\n",
        ),
        (
            Fault::unauthorized(),
            401,
            "application/json",
            r#"{"code":-1,"message":"Unauthorized","response":null}"#,
        ),
        (
            Fault::code(-1, "홍"),
            200,
            "application/json",
            r#"{"code":-1,"message":"\ud64d","response":null}"#,
        ),
        (
            Fault::not_json(),
            200,
            "application/json",
            "<!doctype html><title>maintenance</title>",
        ),
        (Fault::answer(418, "a/b", "tea"), 418, "a/b", "tea"),
    ] {
        gateway.sim.fault(fault.times(1));
        let response = look_up(&gateway, &token).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["content-type"], content_type);
        assert_eq!(response.text().await.unwrap(), body);
    }
    gateway
        .sim
        .fault(Fault::redirect("http://127.0.0.1:1/elsewhere"));
    let response = look_up(&gateway, &token).await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(
        response.headers()["location"],
        "http://127.0.0.1:1/elsewhere"
    );
}

#[tokio::test]
async fn answers_can_lie_about_a_payment() {
    let (gateway, token) = gateway().await;
    gateway.sim.fault(Fault::wrong_imp_uid().times(1));
    gateway.sim.fault(
        Fault::fields(r#"{"amount":1e3,"$omit":["status"]}"#)
            .unwrap()
            .times(1),
    );
    let body = look_up(&gateway, &token)
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(field(&body, "imp_uid"), r#""imp_000000000000""#);
    let body = look_up(&gateway, &token)
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(field(&body, "amount"), "1e3");
    assert!(!body.contains(r#""status""#));
    let body = look_up(&gateway, &token)
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(
        (field(&body, "imp_uid"), field(&body, "amount")),
        (r#""imp_1""#, "1000")
    );
}

#[tokio::test]
async fn a_dropped_connection_comes_after_the_work() {
    let (gateway, token) = gateway().await;
    gateway.sim.fault(Fault::dropped().on(Route::Cancel));
    let request = gateway
        .request(Method::POST, "/payments/cancel")
        .bearer_auth(&token);
    let request = request
        .header("content-type", "application/json")
        .body(r#"{"imp_uid":"imp_1","checksum":1000}"#);
    assert!(request.send().await.is_err());
    assert_eq!(
        field(&gateway.sim.get("imp_1").unwrap(), "cancel_amount"),
        "1000"
    );
    let calls = gateway.sim.calls();
    assert_eq!(
        calls.iter().map(|call| call.status).collect::<Vec<_>>(),
        [None]
    );
}

#[tokio::test]
async fn a_body_can_be_cut_short() {
    let (gateway, token) = gateway().await;
    gateway.sim.fault(Fault::truncated());
    assert!(
        async { look_up(&gateway, &token).await?.text().await }
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_body_can_stall() {
    let (gateway, token) = gateway().await;
    let whole = look_up(&gateway, &token)
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    gateway.sim.fault(Fault::stalled());
    let mut response = look_up(&gateway, &token).await.unwrap();
    assert_eq!(response.content_length(), Some(whole.len() as u64));
    let half = response.chunk().await.unwrap().unwrap();
    assert_eq!(half, whole[..whole.len() / 2]);
    gateway.sim.stop().await;
    assert!(response.chunk().await.is_err(), "the rest never came");
}

#[tokio::test]
async fn a_body_can_be_huge_or_endless() {
    let (gateway, token) = gateway().await;
    let right = look_up(&gateway, &token)
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    gateway.sim.fault(Fault::padded(1 << 20).times(1));
    let padded = look_up(&gateway, &token)
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(
        (padded.len(), padded.trim_start()),
        (right.len() + (1 << 20), right.as_str())
    );

    gateway.sim.fault(Fault::endless());
    let mut response = look_up(&gateway, &token).await.unwrap();
    assert_eq!(response.content_length(), None);
    let mut read = String::new();
    while read.len() < 1 << 20 {
        read += str::from_utf8(&response.chunk().await.unwrap().expect("it never ends")).unwrap();
    }
    assert_eq!(read.trim_end(), right);
}

#[tokio::test]
async fn a_slow_answer_was_right_when_it_was_made() {
    let (gateway, token) = gateway().await;
    let (started, delay) = (Instant::now(), Duration::from_millis(20));
    gateway.sim.fault(Fault::slow(delay).times(1));
    assert_eq!(look_up(&gateway, &token).await.unwrap().status(), 200);
    assert!(started.elapsed() >= delay);

    // Longer than any test: whoever asked gives up, but the call was noted.
    gateway
        .sim
        .fault(Fault::status(500).after(Duration::from_hours(1)));
    let request = gateway
        .request(Method::GET, "/payments/imp_1")
        .bearer_auth(&token);
    assert!(
        request
            .timeout(delay)
            .send()
            .await
            .unwrap_err()
            .is_timeout()
    );
    assert_eq!(gateway.sim.count(Route::LookUp), 2);
}

#[tokio::test]
async fn calls_are_written_down() {
    let (gateway, token) = gateway().await;
    answer(
        gateway
            .request(Method::GET, "/payments/find/a%2Fb?sorting=-paid")
            .bearer_auth(&token),
    )
    .await;
    answer(gateway.request(Method::GET, "/control/calls")).await;
    answer(gateway.request(Method::DELETE, "/payments/imp_1")).await;
    let calls = gateway.sim.calls();
    assert_eq!(calls.len(), 2, "the control API is none of them");
    let call = &calls[0];
    assert_eq!(
        (call.method.as_str(), call.path.as_str()),
        ("GET", "/payments/find/a%2Fb")
    );
    assert_eq!(
        (call.query.as_str(), call.at),
        ("sorting=-paid", crate::fixture::NOW)
    );
    assert_eq!((call.route, call.status), (Some(Route::Find), Some(404)));
    assert_eq!((calls[1].route, calls[1].status), (None, Some(404)));
    assert_eq!(
        (
            gateway.sim.count(Route::Search),
            gateway.sim.count(Route::Any)
        ),
        (1, 2)
    );
    gateway.sim.clear_calls();
    assert_eq!(gateway.sim.calls(), []);
}

#[tokio::test]
async fn those_switched_on_are_listed_as_they_can_be_again() {
    let gateway = Gateway::start().await;
    let list = async || crate::control::control(&gateway, Method::GET, "faults", "").await;
    assert_eq!(list().await.1, "[]");
    let listed = [
        r#"{"effect":{"answer":{"status":503,"content_type":"text\/plain","body":"503"}},"route":"token","times":1,"delay_ms":0}"#,
        r#"{"effect":{"redirect":"http:\/\/a"},"route":"any","times":null,"delay_ms":7}"#,
        r#"{"effect":{"fields":{"amount":14.20}},"route":"look_up","times":null,"delay_ms":0}"#,
        r#"{"effect":{"padded":9},"route":"any","times":null,"delay_ms":0}"#,
        r#"{"effect":"slow","route":"any","times":null,"delay_ms":0}"#,
        r#"{"effect":"dropped","route":"any","times":null,"delay_ms":0}"#,
        r#"{"effect":"truncated","route":"any","times":null,"delay_ms":0}"#,
        r#"{"effect":"stalled","route":"any","times":null,"delay_ms":0}"#,
        r#"{"effect":"endless","route":"any","times":null,"delay_ms":0}"#,
    ];
    for fault in listed {
        let added = crate::control::post(&gateway, "faults", fault).await;
        assert_eq!(added, crate::control::done());
    }
    assert_eq!(list().await.1, format!("[{}]", listed.join(",")));
    // One that has worn off is none.
    gateway.get_token().await;
    assert_eq!(list().await.1, format!("[{}]", listed[1..].join(",")));
}
