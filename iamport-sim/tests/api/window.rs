//! The payment window, without a browser: when it opens, and what the customer does.

use iamport_sim::{Outcome, Sdk, Simulator, Window};
use reqwest::Method;

use crate::fixture::{Gateway, NOW, field};

/// The parameters of an order of its own, with these texts among them.
pub(crate) fn json(texts: &[(&str, &str)]) -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static ORDERS: AtomicU32 = AtomicU32::new(0);
    let order = ORDERS.fetch_add(1, Ordering::Relaxed);
    let members = texts.iter().fold(String::new(), |members, (name, text)| {
        members + &format!(r#","{name}":{}"#, serde_json::to_string(text).unwrap())
    });
    format!(r#"{{"merchant_uid":"ORD-{order}","amount":1000{members}}}"#)
}

/// Opens a window and returns the payment's `imp_uid`.
pub(crate) fn open(sim: &Simulator, params: &str) -> String {
    match sim.request_pay(params).unwrap() {
        Window::Open(imp_uid) => imp_uid,
        Window::Refused(outcome) => panic!("{}", outcome.callback(Sdk::Classic)),
    }
}

/// What the page is told about a window that does not open.
pub(crate) fn refused(sim: &Simulator, params: &str) -> Outcome {
    match sim.request_pay(params).unwrap() {
        Window::Open(imp_uid) => panic!("{params} opened {imp_uid}"),
        Window::Refused(outcome) => outcome,
    }
}

fn status(sim: &Simulator, imp_uid: &str) -> String {
    field(&sim.get(imp_uid).unwrap(), "status").to_owned()
}

#[tokio::test]
async fn an_order_whose_money_is_here_is_not_paid_again() {
    let gateway = Gateway::start().await;
    let sim = &gateway.sim;
    let params = r#"{"merchant_uid":"ORD-홍","amount":10,"m_redirect_url":"http://shop/"}"#;
    let first = open(sim, params);
    open(sim, params);
    sim.fail(&first, "한도초과").unwrap();
    let third = open(sim, params);
    sim.approve(&third).await.unwrap();

    let known = r#""imp_uid":null,"merchant_uid":"ORD-\ud64d","error_code":"F1002","error_msg":"\uc774\ubbf8 \uacb0\uc81c\uac00 \uc774\ub8e8\uc5b4\uc9c4 \uac70\ub798\uac74\uc785\ub2c8\ub2e4.""#;
    let outcome = refused(sim, params);
    assert_eq!(
        outcome.callback(Sdk::Classic),
        format!(r#"{{"success":false,{known}}}"#)
    );
    assert_eq!(outcome.callback(Sdk::Newest), format!("{{{known}}}"));
    let (_, list) = gateway.get("/payments/findAll/ORD-%ED%99%8D").await;
    assert_eq!(field(&list, "total"), "3", "none was made");

    sim.cancel(&third, Some("9.99")).unwrap();
    refused(sim, params);
    sim.cancel(&third, None).unwrap();
    open(sim, params);
}

#[tokio::test]
async fn an_amount_or_currency_that_was_registered_has_to_be_met() {
    let gateway = Gateway::start().await;
    for (method, body) in [
        (Method::POST, r#"{"merchant_uid":"A","amount":14.2}"#),
        (
            Method::POST,
            r#"{"merchant_uid":"B","amount":14.2,"currency":"USD"}"#,
        ),
        (Method::POST, r#"{"merchant_uid":"C","amount":1}"#),
        (
            Method::PUT,
            r#"{"merchant_uid":"C","amount":1e3,"currency":"KRW"}"#,
        ),
    ] {
        assert_eq!(gateway.send(method, "/payments/prepare", body).await.0, 200);
    }
    for params in [
        r#"{"merchant_uid":"A","amount":14.20}"#,
        r#"{"merchant_uid":"A","amount":14.200,"currency":"EUR"}"#,
        r#"{"merchant_uid":"B","amount":1.42e1,"currency":"USD"}"#,
        r#"{"merchant_uid":"C","amount":1000}"#,
        r#"{"merchant_uid":"D","amount":7}"#,
    ] {
        open(&gateway.sim, params);
    }
    for (params, named) in [
        (r#"{"merchant_uid":"A","amount":14.21}"#, "결제금액이"),
        (r#"{"merchant_uid":"B","amount":14.20}"#, "결제통화가"),
        (
            r#"{"merchant_uid":"B","amount":14,"currency":"USD"}"#,
            "결제금액이",
        ),
        (r#"{"merchant_uid":"C","amount":1}"#, "결제금액이"),
        (
            r#"{"merchant_uid":"C","amount":1000,"currency":"USD"}"#,
            "결제통화가",
        ),
    ] {
        let callback = refused(&gateway.sim, params).callback(Sdk::Classic);
        assert!(
            callback.starts_with(r#"{"success":false,"imp_uid":null,"merchant_uid":""#),
            "{callback}"
        );
        let text: String = serde_json::from_str(field(&callback, "error_msg")).unwrap();
        assert!(text.starts_with(named), "{params}: {text}");
        assert_ne!(field(&callback, "error_code"), r#""F1002""#);
    }
}

#[tokio::test]
async fn an_account_waits_until_the_page_said() {
    let gateway = Gateway::start().await;
    let sim = &gateway.sim;
    let imp_uid = open(
        sim,
        &json(&[("pay_method", "vbank"), ("vbank_due", "2024-12-31")]),
    );
    assert_eq!(field(&sim.get(&imp_uid).unwrap(), "vbank_num"), "null");
    sim.approve(&imp_uid).await.unwrap();
    let payment = sim.get(&imp_uid).unwrap();
    for (name, value) in [
        ("status", r#""ready""#),
        ("vbank_num", r#""X3790127821223""#),
        ("vbank_date", "1735657199"),
        ("vbank_issued_at", &NOW.to_string()),
    ] {
        assert_eq!(field(&payment, name), value, "{name}");
    }
    let error = sim.approve(&imp_uid).await.unwrap_err().to_string();
    assert!(error.contains("has a virtual account already"), "{error}");
    sim.deposit(&imp_uid).unwrap();
    assert_eq!(status(sim, &imp_uid), r#""paid""#);

    let forever = open(sim, &json(&[("pay_method", "vbank")]));
    sim.approve(&forever).await.unwrap();
    let days = 3 * 24 * 60 * 60;
    assert_eq!(
        field(&sim.get(&forever).unwrap(), "vbank_date"),
        (NOW + days).to_string()
    );
}

#[tokio::test]
async fn a_window_can_be_left_and_still_be_paid() {
    let gateway = Gateway::start().await;
    let sim = &gateway.sim;
    let imp_uid = open(sim, &json(&[]));
    let error = sim.outcome(&imp_uid).unwrap_err().to_string();
    assert!(error.contains("still open"), "{error}");
    sim.leave(&imp_uid).unwrap();
    assert_eq!(status(sim, &imp_uid), r#""ready""#);
    let told = sim.outcome(&imp_uid).unwrap().callback(Sdk::Classic);
    let error = sim.leave(&imp_uid).unwrap_err().to_string();
    assert!(error.contains("closed already"), "{error}");

    sim.approve(&imp_uid).await.unwrap();
    assert_eq!(status(sim, &imp_uid), r#""paid""#);
    assert_eq!(sim.outcome(&imp_uid).unwrap().callback(Sdk::Classic), told);
}

#[tokio::test]
async fn two_windows_of_an_order_can_both_be_paid() {
    let gateway = Gateway::start().await;
    let params = json(&[]);
    let both = [open(&gateway.sim, &params), open(&gateway.sim, &params)];
    for imp_uid in both {
        gateway.sim.approve(&imp_uid).await.unwrap();
        assert_eq!(status(&gateway.sim, &imp_uid), r#""paid""#);
    }
}

#[tokio::test]
async fn only_a_ready_payment_with_a_window_can_be_approved() {
    let gateway = Gateway::start().await;
    let sim = &gateway.sim;
    let failed = open(sim, &json(&[]));
    sim.fail(&failed, "한도초과").unwrap();
    let by_hand = sim.create(r#"{"status":"ready"}"#).unwrap();
    for (imp_uid, named) in [
        ("imp_x", "no payment imp_x"),
        (&by_hand, "no window"),
        (&failed, "is failed"),
    ] {
        let error = sim.approve(imp_uid).await.unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
    for imp_uid in ["imp_x", &by_hand] {
        assert!(sim.leave(imp_uid).is_err());
        assert!(sim.outcome(imp_uid).is_err());
    }
    assert_eq!(status(sim, &by_hand), r#""ready""#);
}
