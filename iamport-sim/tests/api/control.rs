use std::time::{Duration, Instant};

use reqwest::Method;

use crate::fixture::{Answer, Gateway, NOW, Shop, answer, between, field};

pub(crate) async fn control(gateway: &Gateway, method: Method, path: &str, body: &str) -> Answer {
    answer(
        gateway
            .request(method, &format!("/control/{path}"))
            .body(body.to_owned()),
    )
    .await
}

pub(crate) async fn post(gateway: &Gateway, path: &str, body: &str) -> Answer {
    control(gateway, Method::POST, path, body).await
}

pub(crate) fn done() -> Answer {
    (200, "{}".to_owned())
}

#[tokio::test]
async fn a_payment_is_made_and_moved_by_hand() {
    let gateway = Gateway::start().await;
    let fields = r#"{"merchant_uid":"ORD-1","amount":14.20,"status":"ready"}"#;
    let (status, body) = post(&gateway, "payments", fields).await;
    let imp_uid = between(&body, r#"{"imp_uid":""#, "\"}");
    assert_eq!((status, imp_uid.len()), (200, 16));
    let verb = |verb: &str| format!("payments/{imp_uid}/{verb}");

    let (_, body) = post(&gateway, &verb("fail"), r#"{"reason":"x"}"#).await;
    assert_eq!(
        (field(&body, "status"), field(&body, "fail_reason")),
        (r#""failed""#, r#""x""#)
    );
    let path = format!("payments/{imp_uid}");
    let (_, body) = control(
        &gateway,
        Method::PATCH,
        &path,
        r#"{"status":"ready","amount":1e200}"#,
    )
    .await;
    assert_eq!(
        (field(&body, "status"), field(&body, "amount")),
        (r#""ready""#, "1e200")
    );
    let (_, body) = post(
        &gateway,
        &verb("issue-account"),
        r#"{"vbank_num":"1-2","amount":14.20}"#,
    )
    .await;
    assert!(body.contains(r#""vbank_num":"1-2""#), "{body}");
    let (_, body) = post(&gateway, &verb("deposit"), "").await;
    assert_eq!(field(&body, "status"), r#""paid""#);
    let (_, body) = post(&gateway, &verb("cancel"), r#"{"amount":4.10,"reason":"y"}"#).await;
    assert_eq!(
        (field(&body, "cancel_amount"), field(&body, "cancel_reason")),
        ("4.10", r#""y""#)
    );
    let (_, body) = post(&gateway, &verb("cancel"), "").await;
    assert_eq!(field(&body, "cancel_amount"), "14.20");
    assert_eq!(
        control(&gateway, Method::GET, &path, "").await,
        (200, gateway.sim.get(imp_uid).unwrap())
    );

    let failed = gateway.create(r#"{"status":"failed"}"#);
    assert_eq!(
        field(
            &post(&gateway, &format!("payments/{failed}/pay"), "")
                .await
                .1,
            "status"
        ),
        r#""paid""#
    );
}

#[tokio::test]
async fn webhooks_are_sent_by_hand() {
    let (gateway, mut shop) = (Gateway::start().await, Shop::open().await);
    gateway.create(r#"{"imp_uid":"imp_1","merchant_uid":"ORD-1"}"#);
    let (status, body) = post(&gateway, "payments/imp_1/webhook", "").await;
    assert_eq!(
        (status, body.as_str()),
        (400, r#"{"error":"there is no webhook URL"}"#)
    );

    let target = format!(r#"{{"url":"{}","content_type":"form"}}"#, shop.url());
    assert_eq!(
        control(&gateway, Method::PUT, "webhook", &target).await,
        done()
    );
    let receipt = r#"{"status":200,"body":"noted"}"#;
    for (path, body, times, told) in [
        (
            "payments/imp_1/webhook",
            "",
            1,
            "imp_uid=imp_1&merchant_uid=ORD-1&status=paid",
        ),
        (
            "payments/imp_1/webhook",
            r#"{"status":"ready","delivery":{"duplicated":2}}"#,
            2,
            "imp_uid=imp_1&merchant_uid=ORD-1&status=ready",
        ),
        (
            "payments/imp_1/webhook",
            r#"{"delivery":{"at_once":2}}"#,
            2,
            "imp_uid=imp_1&merchant_uid=ORD-1&status=paid",
        ),
        (
            "payments/imp_1/webhook",
            r#"{"delivery":{"delayed_ms":1}}"#,
            1,
            "imp_uid=imp_1&merchant_uid=ORD-1&status=paid",
        ),
        ("payments/imp_1/webhook", r#"{"delivery":"lost"}"#, 0, ""),
        (
            "webhooks/test",
            "",
            1,
            "imp_uid=imp_1234567890&merchant_uid=merchant_1234567890&status=ready",
        ),
        (
            "webhooks",
            r#"[{"imp_uid":"a","merchant_uid":"b","status":"cancelled","cancellation_id":"c"}]"#,
            1,
            "imp_uid=a&merchant_uid=b&status=cancelled&cancellation_id=c",
        ),
    ] {
        assert_eq!(
            post(&gateway, path, body).await,
            (200, format!("[{}]", vec![receipt; times].join(",")))
        );
        for _ in 0..times {
            assert_eq!(shop.next().await.1, told);
        }
    }
    let (_, log) = control(&gateway, Method::GET, "webhooks", "").await;
    let last = format!(
        r#",{{"url":"{}","notice":{{"imp_uid":"a","merchant_uid":"b","status":"cancelled","cancellation_id":"c"}},"receipts":[{receipt}]}}]"#,
        shop.url().replace('/', r"\/")
    );
    assert!(log.ends_with(&last), "{log}");
    assert_eq!(
        control(&gateway, Method::DELETE, "webhook", "").await,
        done()
    );
    assert_eq!(post(&gateway, "webhooks/test", "").await.0, 400);
}

#[tokio::test]
async fn faults_calls_credentials_and_clock_are_switched_by_hand() {
    let gateway = Gateway::start().await;
    let fault = r#"{"route":"token","effect":{"status":503},"times":1}"#;
    assert_eq!(post(&gateway, "faults", fault).await, done());
    assert_eq!(
        (gateway.get_token().await.0, gateway.get_token().await.0),
        (503, 200)
    );
    assert_eq!(
        control(&gateway, Method::GET, "calls", "").await.1,
        format!(
            r#"[{{"method":"POST","path":"\/users\/getToken","query":"","at":{NOW},"status":503}},{{"method":"POST","path":"\/users\/getToken","query":"","at":{NOW},"status":200}}]"#
        )
    );
    assert_eq!(control(&gateway, Method::DELETE, "calls", "").await, done());
    assert_eq!(gateway.sim.calls(), []);

    post(&gateway, "faults", r#"{"effect":"bad_gateway"}"#).await;
    assert_eq!(
        control(&gateway, Method::DELETE, "faults", "").await,
        done()
    );
    assert_eq!(
        post(&gateway, "clock", &format!(r#"{{"at":{}}}"#, NOW + 7)).await,
        done()
    );
    assert_eq!(
        field(&gateway.get_token().await.1, "now"),
        (NOW + 7).to_string()
    );
    assert_eq!(post(&gateway, "clock", r#"{"offset":0}"#).await, done());
    let now: i64 = field(&gateway.get_token().await.1, "now").parse().unwrap();
    assert!(now > NOW + 7, "it runs with the machine's");
    gateway.sim.stop_time(NOW);

    let token = gateway.token().await;
    let new = r#"{"imp_key":"k","imp_secret":"s","revoke":true}"#;
    assert_eq!(post(&gateway, "credentials", new).await, done());
    assert_eq!(
        (gateway.sim.imp_key(), gateway.sim.imp_secret()),
        ("k".to_owned(), "s".to_owned())
    );
    let imp_uid = gateway.create(r#"{"sandbox":true}"#);
    let path = format!("/payments/{imp_uid}");
    assert_eq!(
        answer(gateway.request(Method::GET, &path).bearer_auth(token))
            .await
            .0,
        401
    );
    assert_eq!(gateway.get(&path).await.0, 404);
    assert_eq!(
        control(&gateway, Method::PUT, "sandbox", r#"{"shown":true}"#).await,
        done()
    );
    assert_eq!(gateway.get(&path).await.0, 200);
    let token = gateway.token().await;
    assert_eq!(
        control(&gateway, Method::DELETE, "tokens", "").await,
        done()
    );
    assert_ne!(gateway.token().await, token);
}

#[tokio::test]
async fn a_fault_can_be_late() {
    let gateway = Gateway::start().await;
    let (started, fault) = (Instant::now(), r#"{"effect":"slow","delay_ms":20}"#);
    assert_eq!(post(&gateway, "faults", fault).await, done());
    assert_eq!(gateway.get_token().await.0, 200);
    assert!(started.elapsed() >= Duration::from_millis(20));
}

#[tokio::test]
async fn every_fault_has_a_name() {
    let gateway = Gateway::start().await;
    for effect in [
        r#""unauthorized""#,
        r#""bad_gateway""#,
        r#""not_json""#,
        r#""wrong_imp_uid""#,
        r#""slow""#,
        r#""dropped""#,
        r#""truncated""#,
        r#""stalled""#,
        r#""endless""#,
        r#"{"status":500}"#,
        r#"{"answer":{"status":500,"content_type":"text/plain","body":""}}"#,
        r#"{"code":{"code":1,"message":"x"}}"#,
        r#"{"redirect":"http://127.0.0.1/"}"#,
        r#"{"fields":{"amount":14.20}}"#,
        r#"{"padded":10}"#,
    ] {
        let fault = format!(r#"{{"effect":{effect},"route":"look_up","times":1,"delay_ms":1}}"#);
        assert_eq!(post(&gateway, "faults", &fault).await, done(), "{effect}");
    }
}

/// Method, path, body; status, and what the error names.
#[rustfmt::skip]
const BAD_INPUT: &[(Method, &str, &str, u16, &str)] = &[
    (Method::POST, "payments", "{", 400, "fields"),
    (Method::POST, "payments", r#"{"imp_uid":1}"#, 400, "imp_uid"),
    (Method::POST, "payments", r#"{"$force":"yes"}"#, 400, "$force"),
    (Method::POST, "payments", r#"{"imp_uid":"imp_p"}"#, 409, "imp_p"),
    (Method::PATCH, "payments/imp_x", "{}", 404, "imp_x"),
    (Method::GET, "payments/imp_x", "", 404, "imp_x"),
    (Method::POST, "payments/imp_r/deposit", "", 409, "virtual account"),
    (Method::POST, "payments/imp_p/pay", "", 409, "is paid"),
    (Method::POST, "payments/imp_p/cancel", r#"{"amount":1001}"#, 409, "1000"),
    (Method::POST, "payments/imp_p/cancel", r#"{"amount":"ten"}"#, 400, "ten"),
    (Method::POST, "payments/imp_p/cancel", r#"{"amuont":1}"#, 400, "amuont"),
    (Method::POST, "payments/imp_p/finish-cancel", "", 409, "no cancellation"),
    (Method::POST, "payments/imp_p/explode", "", 404, "no such control"),
    (Method::POST, "faults", r#"{"effect":"explode"}"#, 400, "explode"),
    (Method::POST, "faults", r#"{"effect":{"status":99}}"#, 400, "99"),
    (Method::POST, "faults", r#"{"effect":{"redirect":"a\nb"}}"#, 400, "header"),
    (Method::POST, "faults", r#"{"effect":{"fields":1}}"#, 400, "fields"),
    (Method::POST, "faults", "", 400, "effect"),
    (Method::POST, "clock", r#"{"at":"noon"}"#, 400, "noon"),
    (Method::POST, "credentials", r#"{"imp_key":"k"}"#, 400, "imp_secret"),
    (Method::PUT, "webhook", r#"{"url":"https://shop.example"}"#, 400, r"https:\/\/shop.example"),
    (Method::PUT, "sandbox", r#"{"shown":1}"#, 400, "boolean"),
    (Method::PUT, "pages", r#"{"beyond":"teapot"}"#, 400, "teapot"),
    (Method::PUT, "prepare", r#"{"twice_is_400":400}"#, 400, "boolean"),
    (Method::GET, "nothing", "", 404, "no such control"),
    (Method::GET, "", "", 404, "no such control"),
];

#[tokio::test]
async fn bad_input_is_named() {
    let gateway = Gateway::start().await;
    gateway.create(r#"{"imp_uid":"imp_r","status":"ready"}"#);
    gateway.create(r#"{"imp_uid":"imp_p"}"#);
    for (method, path, body, status, named) in BAD_INPUT {
        let (got, answer) = control(&gateway, method.clone(), path, body).await;
        assert_eq!(got, *status, "{path} {body}: {answer}");
        assert!(answer.starts_with(r#"{"error":""#), "{answer}");
        assert!(answer.contains(named), "{path} {body}: {answer}");
    }
}
