use iamport_sim::{Fault, Route};
use reqwest::Method;

use crate::fixture::{Gateway, NO_SUCH_PAYMENT, NOW, field};

#[tokio::test]
async fn an_account_that_waits_is_closed() {
    let gateway = Gateway::start().await;
    let imp_uid = gateway.create(r#"{"status":"ready","pay_method":"vbank"}"#);
    let other = gateway.create(r#"{"status":"ready","pay_method":"vbank"}"#);
    gateway.sim.stop_time(NOW + 60);
    let path = format!("/vbanks/{imp_uid}");
    let (status, body) = gateway.send(Method::DELETE, &path, "").await;
    assert_eq!((status, field(&body, "status")), (200, r#""failed""#));
    assert_eq!(field(&body, "failed_at"), (NOW + 60).to_string());
    assert_eq!(field(&body, "fail_reason"), r#""\uacc4\uc88c\ub9d0\uc18c""#);
    assert_eq!(gateway.get(&format!("/payments/{imp_uid}")).await.1, body);
    gateway.sim.deposit(&imp_uid).unwrap_err();
    gateway.sim.deposit(&other).unwrap();
}

#[tokio::test]
async fn nothing_else_is_closed() {
    let gateway = Gateway::start().await;
    let windows = [
        r#"{"status":"ready"}"#,
        r#"{"status":"ready","pay_method":"vbank","vbank_num":null}"#,
        r#"{"status":"paid","pay_method":"vbank"}"#,
        r#"{"status":"failed","pay_method":"vbank"}"#,
        r#"{"status":"cancelled","pay_method":"vbank"}"#,
    ];
    for fields in windows {
        let imp_uid = gateway.create(fields);
        let before = gateway.sim.get(&imp_uid).unwrap();
        let path = format!("/vbanks/{imp_uid}");
        let (status, body) = gateway.send(Method::DELETE, &path, "").await;
        assert_eq!(status, 400, "{fields}");
        assert!(body.starts_with(r#"{"code":-1,"message":""#), "{body}");
        assert_eq!(gateway.sim.get(&imp_uid).unwrap(), before);
    }
    let unknown = gateway.send(Method::DELETE, "/vbanks/imp_x", "").await;
    assert_eq!(unknown, (404, NO_SUCH_PAYMENT.to_owned()));
}

#[tokio::test]
async fn closing_has_faults_and_a_count_of_its_own() {
    let gateway = Gateway::start().await;
    let imp_uid = gateway.create(r#"{"status":"ready","pay_method":"vbank"}"#);
    let fault = Fault::status(500).on(Route::CloseAccount);
    gateway.sim.fault(fault.times(1));
    for (expected, count) in [(500, 1), (200, 2), (400, 3)] {
        let path = format!("/vbanks/{imp_uid}");
        assert_eq!(gateway.send(Method::DELETE, &path, "").await.0, expected);
        assert_eq!(gateway.sim.count(Route::CloseAccount), count);
    }
}
