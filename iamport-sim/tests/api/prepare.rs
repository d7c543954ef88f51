use reqwest::Method;

use crate::fixture::Gateway;

const REGISTERED: &str = r#"{"code":0,"message":null,"response":{"merchant_uid":"ORD-1","amount":1000,"currency":null}}"#;
const DUPLICATE: &str = r#"{"code":1,"message":"\uacb0\uc81c\uc815\ubcf4 \uc0ac\uc804\ub4f1\ub85d\uc5d0 \uc2e4\ud328\ud558\uc600\uc2b5\ub2c8\ub2e4(\uc774\ubbf8 \ub4f1\ub85d\ub41c merchant_uid\uc785\ub2c8\ub2e4).","response":null}"#;
const UNKNOWN: &str = r#"{"code":-1,"message":"\uc0ac\uc804\ub4f1\ub85d\ub41c \uacb0\uc81c\uc815\ubcf4\uac00 \uc874\uc7ac\ud558\uc9c0 \uc54a\uc2b5\ub2c8\ub2e4.","response":null}"#;

#[tokio::test]
async fn an_amount_is_registered_shown_and_changed() {
    let gateway = Gateway::start().await;
    let body = r#"{"merchant_uid":"ORD-1","amount":1000}"#;
    let unknown = (404, UNKNOWN.to_owned());
    assert_eq!(gateway.get("/payments/prepare/ORD-1").await, unknown);
    assert_eq!(
        gateway.send(Method::PUT, "/payments/prepare", body).await,
        unknown
    );

    assert_eq!(
        gateway.send(Method::POST, "/payments/prepare", body).await,
        (200, REGISTERED.to_owned())
    );
    assert_eq!(
        gateway.get("/payments/prepare/ORD-1").await,
        (200, REGISTERED.to_owned())
    );
    assert_eq!(
        gateway.send(Method::POST, "/payments/prepare", body).await,
        (200, DUPLICATE.to_owned())
    );

    let dollars = r#"{"merchant_uid":"ORD-1","amount":14.20,"currency":"USD"}"#;
    let changed = r#"{"code":0,"message":null,"response":{"merchant_uid":"ORD-1","amount":14.20,"currency":"USD"}}"#;
    assert_eq!(
        gateway
            .send(Method::PUT, "/payments/prepare", dollars)
            .await,
        (200, changed.to_owned())
    );
    assert_eq!(
        gateway.get("/payments/prepare/ORD-1").await,
        (200, changed.to_owned())
    );
}

#[tokio::test]
async fn a_second_registration_is_refused_with_either_status() {
    let body = r#"{"merchant_uid":"ORD-1","amount":1000}"#;
    let from_the_start = iamport_sim::Settings {
        prepared_twice_is_400: true,
        ..iamport_sim::Settings::default()
    };
    let gateway = Gateway::with(from_the_start).await;
    let first = gateway.send(Method::POST, "/payments/prepare", body).await;
    assert_eq!(first, (200, REGISTERED.to_owned()));
    for (is_400, status) in [(None, 400), (Some(false), 200), (Some(true), 400)] {
        if let Some(is_400) = is_400 {
            gateway.sim.prepared_twice_is_400(is_400);
        }
        let again = gateway.send(Method::POST, "/payments/prepare", body).await;
        assert_eq!(again, (status, DUPLICATE.to_owned()));
    }
    let changed = gateway.send(Method::PUT, "/payments/prepare", body).await;
    assert_eq!(changed, (200, REGISTERED.to_owned()));
}

#[tokio::test]
async fn forms_will_do_too() {
    let gateway = Gateway::start().await;
    let answer = gateway
        .post_form("/payments/prepare", "merchant_uid=ORD-1&amount=1000")
        .await;
    assert_eq!(answer, (200, REGISTERED.to_owned()));
}

#[tokio::test]
async fn what_is_missing_or_no_amount_is_refused() {
    let gateway = Gateway::start().await;
    for body in [
        "{}",
        r#"{"merchant_uid":"ORD-1"}"#,
        r#"{"amount":1}"#,
        r#"{"merchant_uid":"ORD-1","amount":"x"}"#,
    ] {
        assert_eq!(
            gateway
                .send(Method::POST, "/payments/prepare", body)
                .await
                .0,
            400,
            "{body}"
        );
    }
}

#[tokio::test]
async fn another_amount_or_currency_never_gets_a_window() {
    let gateway = Gateway::start().await;
    for body in [
        r#"{"merchant_uid":"ORD-1","amount":14.2}"#,
        r#"{"merchant_uid":"ORD-2","amount":14.2,"currency":"USD"}"#,
    ] {
        gateway.send(Method::POST, "/payments/prepare", body).await;
    }
    for refused in [
        r#"{"merchant_uid":"ORD-1","amount":14.21}"#,
        r#"{"merchant_uid":"ORD-1","amount":14.21,"status":"ready"}"#,
        r#"{"merchant_uid":"ORD-2","amount":14.20,"currency":"KRW"}"#,
    ] {
        let error = gateway.sim.create(refused).unwrap_err().to_string();
        assert!(error.contains("registered beforehand"), "{error}");
    }
    gateway.create(r#"{"merchant_uid":"ORD-1","amount":14.20,"currency":"EUR"}"#);
    gateway.create(r#"{"merchant_uid":"ORD-2","amount":14.20,"currency":"USD"}"#);
    gateway.create(r#"{"merchant_uid":"ORD-2","amount":1,"$force":true}"#);
}
