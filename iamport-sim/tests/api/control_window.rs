//! The payment window over the control API.

use reqwest::Method;

use crate::control::{control, done, post};
use crate::fixture::{Gateway, Shop, answer, between, field};

/// Opens a window and returns the payment's `imp_uid`.
async fn opened(gateway: &Gateway, params: &str) -> String {
    let (status, body) = post(gateway, "window", params).await;
    assert_eq!(status, 200, "{body}");
    let imp_uid = between(&body, r#"{"imp_uid":""#, "\"").to_owned();
    assert_eq!(
        body,
        format!(r#"{{"imp_uid":"{imp_uid}","callback":null,"redirect":null}}"#)
    );
    imp_uid
}

#[tokio::test]
async fn a_window_is_opened_and_approved_and_says_what_the_browser_is_told() {
    let (gateway, mut shop) = (Gateway::start().await, Shop::open().await);
    let params = format!(
        r#"{{"merchant_uid":"A","amount":14.20,"m_redirect_url":"http://shop/","confirm_url":"{}"}}"#,
        shop.url()
    );
    let imp_uid = opened(&gateway, &params).await;
    let (_, body) = post(&gateway, &format!("window/{imp_uid}/approve"), "").await;
    let question = format!(r#"{{"imp_uid":"{imp_uid}","merchant_uid":"A","amount":14.20}}"#);
    assert_eq!(shop.next().await.1, question);
    let callback = gateway
        .sim
        .outcome(&imp_uid)
        .unwrap()
        .callback(iamport_sim::Sdk::Classic);
    let redirect = format!(r"http:\/\/shop\/?imp_uid={imp_uid}&merchant_uid=A");
    assert_eq!(
        body,
        format!(r#"{{"imp_uid":"{imp_uid}","callback":{callback},"redirect":"{redirect}"}}"#)
    );
    let log = format!(
        r#"[{{"url":"{}","question":{question},"receipt":{{"status":200,"body":"noted"}}}}]"#,
        shop.url().replace('/', r"\/")
    );
    assert_eq!(
        control(&gateway, Method::GET, "confirms", "").await,
        (200, log)
    );

    let newest = format!(r#"{{"imp_uid":"{imp_uid}","merchant_uid":"A"}}"#);
    for (query, callback, rest) in [
        ("", callback.as_str(), "&merchant_uid=A"),
        (
            "?sdk=classic&redirect=current",
            &callback,
            "&merchant_uid=A",
        ),
        (
            "?sdk=1.3.0&redirect=imp_success",
            &newest,
            "&merchant_uid=A&imp_success=true",
        ),
        (
            "?redirect=success",
            &callback,
            "&merchant_uid=A&success=true",
        ),
        (
            "?redirect=quickpay",
            &callback,
            "&merchant_uid=A&imp_status=true&kcp_action=Pay",
        ),
    ] {
        let (_, body) = control(
            &gateway,
            Method::GET,
            &format!("window/{imp_uid}{query}"),
            "",
        )
        .await;
        let expected = format!(
            r#"{{"imp_uid":"{imp_uid}","callback":{callback},"redirect":"http:\/\/shop\/?imp_uid={imp_uid}{rest}"}}"#
        );
        assert_eq!(body, expected, "{query}");
    }
    let path = format!("window/{imp_uid}?redirect=without_imp_uid");
    let (_, body) = control(&gateway, Method::GET, &path, "").await;
    assert!(
        body.ends_with(r#""redirect":"http:\/\/shop\/?merchant_uid=A"}"#),
        "{body}"
    );
}

#[tokio::test]
async fn a_window_that_does_not_open_says_so_at_once() {
    let gateway = Gateway::start().await;
    gateway.create(r#"{"merchant_uid":"A"}"#);
    let params = r#"{"merchant_uid":"A","amount":1,"m_redirect_url":"http://shop/"}"#;
    let (status, body) = post(&gateway, "window?sdk=1.3.0", params).await;
    let expected = r#"{"imp_uid":null,"callback":{"imp_uid":null,"merchant_uid":"A","error_code":"F1002","error_msg":"#;
    assert_eq!(status, 200);
    assert!(body.starts_with(expected), "{body}");
    assert!(
        body.contains(r#""redirect":"http:\/\/shop\/?merchant_uid=A&error_code=F1002"#),
        "{body}"
    );
}

#[tokio::test]
async fn the_customer_can_leave_or_fail() {
    let gateway = Gateway::start().await;
    for (verb, body, status, text) in [
        ("leave", "", r#""ready""#, "사용자가 결제를 취소하셨습니다"),
        ("fail", "", r#""failed""#, "사용자가 결제를 취소하셨습니다."),
        (
            "fail",
            r#"{"reason":"한도초과"}"#,
            r#""failed""#,
            "한도초과",
        ),
    ] {
        let imp_uid = opened(&gateway, r#"{"merchant_uid":"A","amount":1}"#).await;
        let (code, body) = post(&gateway, &format!("window/{imp_uid}/{verb}"), body).await;
        assert_eq!(code, 200, "{body}");
        let said: String = serde_json::from_str(field(&body, "error_msg")).unwrap();
        assert_eq!((field(&body, "success"), said.as_str()), ("false", text));
        assert_eq!(field(&gateway.sim.get(&imp_uid).unwrap(), "status"), status);
        let again = post(&gateway, &format!("window/{imp_uid}/{verb}"), "").await;
        assert_eq!(again.0, 409, "{}", again.1);
    }
}

#[tokio::test]
async fn a_second_registration_is_400_if_told_to() {
    let gateway = Gateway::start().await;
    let path = "prepare";
    let on = control(&gateway, Method::PUT, path, r#"{"twice_is_400":true}"#).await;
    assert_eq!(on, done());
    let token = gateway.token().await;
    for expected in [200, 400] {
        let request = gateway
            .request(Method::POST, "/payments/prepare")
            .bearer_auth(&token)
            .body("merchant_uid=A&amount=1");
        assert_eq!(answer(request).await.0, expected);
    }
}

/// Method, path, body; status, and what the error names. `imp_r` has no window, `imp_w` has.
#[rustfmt::skip]
const BAD_INPUT: &[(Method, &str, &str, u16, &str)] = &[
    (Method::POST, "window", r#"{"merchant_uid":"A"}"#, 400, "amount: missing"),
    (Method::POST, "window?sdk=2.0", r#"{"merchant_uid":"A","amount":1}"#, 400, "sdk: unknown variant `2.0`"),
    (Method::GET, "window/imp_r?redirect=away", "", 400, "redirect: unknown variant `away`"),
    (Method::GET, "window/imp_x", "", 404, "imp_x"),
    (Method::POST, "window/imp_x/approve", "", 404, "imp_x"),
    (Method::POST, "window/imp_r/fail", "", 409, "no window"),
    (Method::POST, "window/imp_w/fail", r#"{"reaosn":"x"}"#, 400, "reaosn"),
    (Method::POST, "window/imp_w/explode", "", 404, "no such control"),
    (Method::DELETE, "window", "", 404, "no such control"),
];

#[tokio::test]
async fn bad_input_is_named() {
    let gateway = Gateway::start().await;
    gateway.create(r#"{"imp_uid":"imp_r","status":"ready"}"#);
    let window = opened(&gateway, r#"{"merchant_uid":"W","amount":1}"#).await;
    for (method, path, body, status, named) in BAD_INPUT {
        let path = path.replace("imp_w", &window);
        let (got, answer) = control(&gateway, method.clone(), &path, body).await;
        assert_eq!(got, *status, "{path} {body}: {answer}");
        assert!(answer.starts_with(r#"{"error":""#), "{answer}");
        assert!(answer.contains(named), "{path} {body}: {answer}");
    }
    let still_open = format!(r#"{{"imp_uid":"{window}","callback":null,"redirect":null}}"#);
    let path = format!("window/{window}");
    assert_eq!(
        control(&gateway, Method::GET, &path, "").await,
        (200, still_open)
    );
}

#[tokio::test]
async fn the_webhook_of_an_approval_can_be_lost() {
    let (gateway, mut shop) = (Gateway::start().await, Shop::open().await);
    let target = iamport_sim::WebhookTarget {
        automatic: true,
        ..shop.form()
    };
    gateway.sim.set_webhook(target).unwrap();
    for (order, query) in [("A", "?webhook=lost"), ("B", "")] {
        let params = format!(r#"{{"merchant_uid":"{order}","amount":1000}}"#);
        let imp_uid = opened(&gateway, &params).await;
        let approve = format!("window/{imp_uid}/approve{query}");
        assert_eq!(post(&gateway, &approve, "").await.0, 200);
    }
    assert!(shop.next().await.1.contains("&merchant_uid=B&"));
    assert!(shop.is_idle());
}
