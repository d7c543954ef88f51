//! What the page hands to `request_pay`.

use iamport_sim::Redirect;

use crate::fixture::{Gateway, NOW, field};
use crate::window::open;

#[tokio::test]
async fn an_open_window_is_a_ready_payment_as_the_page_described_it() {
    let gateway = Gateway::start().await;
    let params = r#"{
        "merchant_uid": "ORD-홍", "amount": 14.20, "currency": "USD", "pay_method": "trans", "name": "당근 10kg",
        "buyer_name": "홍길동", "buyer_email": "a@b.kr", "buyer_tel": "010", "buyer_addr": "서울", "buyer_postcode": "1",
        "custom_data": {"b":[1.0],"a":"홍"}, "pg": "kcp", "display": {"card_quota": [6]}, "status": "paid", "$omit": 7
    }"#;
    let imp_uid = open(&gateway.sim, params);
    let (code, body) = gateway.get(&format!("/payments/{imp_uid}")).await;
    assert_eq!((code, imp_uid.len()), (200, 16));
    for (name, value) in [
        ("imp_uid", format!(r#""{imp_uid}""#)),
        ("merchant_uid", r#""ORD-\ud64d""#.to_owned()),
        ("amount", "14.20".to_owned()),
        ("currency", r#""USD""#.to_owned()),
        ("pay_method", r#""trans""#.to_owned()),
        ("name", r#""\ub2f9\uadfc 10kg""#.to_owned()),
        ("buyer_name", r#""\ud64d\uae38\ub3d9""#.to_owned()),
        ("buyer_email", r#""a@b.kr""#.to_owned()),
        ("buyer_tel", r#""010""#.to_owned()),
        ("buyer_addr", r#""\uc11c\uc6b8""#.to_owned()),
        ("buyer_postcode", r#""1""#.to_owned()),
        ("status", r#""ready""#.to_owned()),
        ("started_at", NOW.to_string()),
        ("paid_at", "0".to_owned()),
        ("pg_provider", r#""html5_inicis""#.to_owned()),
    ] {
        assert_eq!(field(&body, name), value, "{name}");
    }
    let custom_data = r#""custom_data":"{\"b\":[1.0],\"a\":\"\ud64d\"}""#;
    assert!(body.contains(custom_data), "{body}");
    assert!(!body.contains("display"), "{body}");
}

#[tokio::test]
async fn what_the_page_leaves_out_has_its_default() {
    let gateway = Gateway::start().await;
    for params in [
        r#"{"merchant_uid":"ORD-1","amount":1000}"#,
        r#"{"merchant_uid":"ORD-1","amount":1000,"currency":null,"pay_method":"","name":null,"buyer_name":"",
            "custom_data":null,"notice_url":[],"confirm_url":"","m_redirect_url":null,"vbank_due":""}"#,
    ] {
        let imp_uid = open(&gateway.sim, params);
        let payment = gateway.sim.get(&imp_uid).unwrap();
        for (name, value) in [
            ("currency", r#""KRW""#),
            ("pay_method", r#""card""#),
            ("name", "null"),
            ("buyer_name", "null"),
            ("buyer_email", "null"),
            ("custom_data", "null"),
        ] {
            assert_eq!(field(&payment, name), value, "{name}");
        }
        gateway.sim.leave(&imp_uid).unwrap();
        assert!(
            gateway
                .sim
                .outcome(&imp_uid)
                .unwrap()
                .redirect(Redirect::Current)
                .is_none()
        );
    }
}

#[tokio::test]
async fn bad_parameters_are_named_and_make_no_payment() {
    let gateway = Gateway::start().await;
    for (rest, named) in [
        (r#""amount":1"#, "merchant_uid: missing"),
        (r#""merchant_uid":"","amount":1"#, "merchant_uid: missing"),
        (r#""merchant_uid":7,"amount":1"#, "merchant_uid: "),
        (r#""merchant_uid":"a""#, "amount: missing"),
        (r#""merchant_uid":"a","amount":null"#, "amount: missing"),
        (r#""merchant_uid":"a","amount":"1000""#, r#"amount: "1000""#),
        (r#""merchant_uid":"a","amount":-1"#, "amount: -1"),
        (r#""merchant_uid":"a","amount":true"#, "amount: true"),
        (
            r#""merchant_uid":"a","amount":1,"currency":1"#,
            "currency: ",
        ),
        (
            r#""merchant_uid":"a","amount":1,"pay_method":[]"#,
            "pay_method: ",
        ),
        (r#""merchant_uid":"a","amount":1,"name":{}"#, "name: "),
        (
            r#""merchant_uid":"a","amount":1,"buyer_tel":10"#,
            "buyer_tel: ",
        ),
        (
            r#""merchant_uid":"a","amount":1,"m_redirect_url":1"#,
            "m_redirect_url: ",
        ),
        (
            r#""merchant_uid":"a","amount":1,"vbank_due":"soon""#,
            "vbank_due: soon",
        ),
        (
            r#""merchant_uid":"a","amount":1,"confirm_url":"https://x/""#,
            "confirm_url: https",
        ),
        (
            r#""merchant_uid":"a","amount":1,"notice_url":"x""#,
            "notice_url: x",
        ),
        (
            r#""merchant_uid":"a","amount":1,"notice_url":["http://x/","y"]"#,
            "notice_url: y",
        ),
        (
            r#""merchant_uid":"a","amount":1,"notice_url":[1]"#,
            "notice_url: ",
        ),
        (
            r#""merchant_uid":"a""amount""#,
            "the parameters of request_pay: ",
        ),
    ] {
        let error = gateway
            .sim
            .request_pay(format!("{{{rest}}}"))
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(named), "{rest}: {error}");
    }
    assert_eq!(gateway.get("/payments/findAll/a").await.0, 404);
}
