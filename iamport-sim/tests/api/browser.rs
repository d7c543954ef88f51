//! What the browser brings back to the shop: the callback's object, and the address it is sent to.

use iamport_sim::{Outcome, Redirect, Sdk};

use crate::fixture::{Gateway, NOW, field};
use crate::window::{open, refused};

const PARAMS: &str = r#"{"merchant_uid":"ORD 홍","amount":14.20,"currency":"USD","name":"당근","buyer_email":"a@b.kr",
    "m_redirect_url":"https://shop.example/pay?order=7#end"}"#;

/// What the customer does.
#[derive(Clone, Copy)]
enum Deed<'a> {
    Pay,
    Leave,
    Fail(&'a str),
}

/// The `imp_uid` of a window that is through, and what the browser is told.
async fn through(gateway: &Gateway, params: &str, deed: Deed<'_>) -> (String, Outcome) {
    let imp_uid = open(&gateway.sim, params);
    match deed {
        Deed::Pay => gateway.sim.approve(&imp_uid).await,
        Deed::Leave => gateway.sim.leave(&imp_uid),
        Deed::Fail(reason) => gateway.sim.fail(&imp_uid, reason),
    }
    .unwrap();
    let outcome = gateway.sim.outcome(&imp_uid).unwrap();
    (imp_uid, outcome)
}

#[tokio::test]
async fn a_classic_callback_gets_the_whole_payment() {
    let gateway = Gateway::start().await;
    let (imp_uid, outcome) = through(&gateway, PARAMS, Deed::Pay).await;
    gateway.sim.cancel(&imp_uid, None).unwrap();
    let expected = format!(
        r#"{{"success":true,"imp_uid":"{imp_uid}","pay_method":"card","merchant_uid":"ORD \ud64d","name":"\ub2f9\uadfc","paid_amount":14.20,"currency":"USD","pg_provider":"html5_inicis","pg_type":"payment","pg_tid":"StdpayCARDINIpayTest20210418054135849372","apply_num":"47405704","buyer_name":"","buyer_email":"a@b.kr","buyer_tel":"","buyer_addr":"","buyer_postcode":"","custom_data":null,"status":"paid","paid_at":{NOW},"receipt_url":"https:\/\/iniweb.inicis.com\/receipt?noTid=x","card_name":"\uc2e0\ud55c\uce74\ub4dc","bank_name":null,"card_quota":0,"card_number":"510737*********6"}}"#
    );
    assert_eq!(outcome.callback(Sdk::Classic), expected);
    let again = gateway.sim.outcome(&imp_uid).unwrap();
    assert_eq!(
        again.callback(Sdk::Classic),
        expected,
        "the page was told before"
    );
}

#[tokio::test]
async fn an_issued_account_is_a_success_that_is_not_paid() {
    let gateway = Gateway::start().await;
    let params =
        r#"{"merchant_uid":"A","amount":1,"pay_method":"vbank","m_redirect_url":"http://shop/"}"#;
    let (imp_uid, outcome) = through(&gateway, params, Deed::Pay).await;
    let callback = outcome.callback(Sdk::Classic);
    let account = format!(
        r#""status":"ready","vbank_num":"X3790127821223","vbank_name":"\uc2e0\ud55c","vbank_holder":"(\uc8fc)\ud14c\uc2a4\ud2b8","vbank_date":{}}}"#,
        NOW + 3 * 24 * 60 * 60
    );
    assert!(callback.starts_with(r#"{"success":true,"#), "{callback}");
    assert!(callback.ends_with(&account), "{callback}");
    let url = outcome.redirect(Redirect::ImpSuccess).unwrap();
    assert_eq!(
        url,
        format!("http://shop/?imp_uid={imp_uid}&merchant_uid=A&imp_success=true")
    );
}

#[tokio::test]
async fn a_failure_says_little_and_what_the_pg_said() {
    let gateway = Gateway::start().await;
    let left = r#""error_msg":"\uc0ac\uc6a9\uc790\uac00 \uacb0\uc81c\ub97c \ucde8\uc18c\ud558\uc168\uc2b5\ub2c8\ub2e4"}"#;
    let markup = r#""error_msg":"<b>\ud55c\ub3c4\ucd08\uacfc<\/b> & \"x\""}"#;
    for (deed, classic, newest) in [
        (
            Deed::Leave,
            left.to_owned(),
            format!(r#""error_code":"9999",{left}"#),
        ),
        (
            Deed::Fail(r#"<b>한도초과</b> & "x""#),
            format!(r#""error_code":"9999",{markup}"#),
            format!(r#""error_code":"9999",{markup}"#),
        ),
    ] {
        let (imp_uid, outcome) = through(&gateway, PARAMS, deed).await;
        let ids = format!(r#""imp_uid":"{imp_uid}","merchant_uid":"ORD \ud64d""#);
        assert_eq!(
            outcome.callback(Sdk::Classic),
            format!(
                r#"{{"success":false,{ids},"pay_method":"card","pg_provider":"html5_inicis","pg_type":"payment",{classic}"#
            )
        );
        assert_eq!(outcome.callback(Sdk::Newest), format!("{{{ids},{newest}"));
    }
}

#[tokio::test]
async fn the_newest_callback_tells_a_success_by_saying_nothing() {
    let gateway = Gateway::start().await;
    let (imp_uid, outcome) = through(&gateway, PARAMS, Deed::Pay).await;
    assert_eq!(
        outcome.callback(Sdk::Newest),
        format!(r#"{{"imp_uid":"{imp_uid}","merchant_uid":"ORD \ud64d"}}"#)
    );
}

#[tokio::test]
async fn what_the_shop_refuses_reaches_the_customer() {
    let (gateway, shop) = (Gateway::start().await, crate::fixture::Shop::open().await);
    let params = format!(
        r#"{{"merchant_uid":"A","amount":1,"confirm_url":"{}"}}"#,
        shop.url()
    );
    shop.answer_with(409, r#"{"reason":"품절"}"#);
    let (_, outcome) = through(&gateway, &params, Deed::Pay).await;
    let callback = outcome.callback(Sdk::Newest);
    let text: String = serde_json::from_str(field(&callback, "error_msg")).unwrap();
    assert_eq!(
        text,
        "고객사 요청에 의해 결제를 중단합니다. (상세사유 : 품절)"
    );
}

/// `UID` stands for the payment's.
#[rustfmt::skip]
const REDIRECTS: &[(Redirect, Deed, &str)] = &[
    (Redirect::Current, Deed::Pay, "imp_uid=UID&merchant_uid=ORD+%ED%99%8D"),
    (Redirect::WithoutImpUid, Deed::Pay, "merchant_uid=ORD+%ED%99%8D"),
    (Redirect::ImpSuccess, Deed::Pay, "imp_uid=UID&merchant_uid=ORD+%ED%99%8D&imp_success=true"),
    (Redirect::Success, Deed::Pay, "imp_uid=UID&merchant_uid=ORD+%ED%99%8D&success=true"),
    (Redirect::Quickpay, Deed::Pay, "imp_uid=UID&merchant_uid=ORD+%ED%99%8D&imp_status=true&kcp_action=Pay"),
    (Redirect::Current, Deed::Fail("<b>x</b>&a=1"),
        "imp_uid=UID&merchant_uid=ORD+%ED%99%8D&error_code=9999&error_msg=%3Cb%3Ex%3C%2Fb%3E%26a%3D1"),
    (Redirect::WithoutImpUid, Deed::Fail("x"), "merchant_uid=ORD+%ED%99%8D&error_code=9999&error_msg=x"),
    (Redirect::ImpSuccess, Deed::Fail("x"),
        "imp_uid=UID&merchant_uid=ORD+%ED%99%8D&imp_success=false&error_code=9999&error_msg=x"),
    (Redirect::Success, Deed::Fail("x"),
        "imp_uid=UID&merchant_uid=ORD+%ED%99%8D&success=false&error_code=9999&error_msg=x"),
    (Redirect::Quickpay, Deed::Fail("x"), "imp_uid=UID&merchant_uid=ORD+%ED%99%8D&imp_status=false&kcp_action=Pay"),
    (Redirect::ImpSuccess, Deed::Leave, "imp_uid=UID&merchant_uid=ORD+%ED%99%8D&imp_success=false&error_code=9999\
        &error_msg=%EC%82%AC%EC%9A%A9%EC%9E%90%EA%B0%80+%EA%B2%B0%EC%A0%9C%EB%A5%BC+%EC%B7%A8%EC%86%8C%ED%95%98%EC%85%A8%EC%8A%B5%EB%8B%88%EB%8B%A4"),
];

#[tokio::test]
async fn the_browser_is_sent_back_in_every_known_way() {
    for (redirect, deed, query) in REDIRECTS {
        let gateway = Gateway::start().await;
        let (imp_uid, outcome) = through(&gateway, PARAMS, *deed).await;
        let expected =
            format!("https://shop.example/pay?order=7&{query}#end").replace("UID", &imp_uid);
        assert_eq!(outcome.redirect(*redirect).unwrap(), expected);
    }
}

#[tokio::test]
async fn a_window_that_does_not_open_sends_the_browser_back_without_an_imp_uid() {
    let gateway = Gateway::start().await;
    through(&gateway, PARAMS, Deed::Pay).await;
    let outcome = refused(&gateway.sim, PARAMS);
    let text = "%EC%9D%B4%EB%AF%B8+%EA%B2%B0%EC%A0%9C%EA%B0%80+%EC%9D%B4%EB%A3%A8%EC%96%B4%EC%A7%84+%EA%B1%B0%EB%9E%98%EA%B1%B4%EC%9E%85%EB%8B%88%EB%8B%A4.";
    assert_eq!(
        outcome.redirect(Redirect::Current).unwrap(),
        format!(
            "https://shop.example/pay?order=7&merchant_uid=ORD+%ED%99%8D&error_code=F1002&error_msg={text}#end"
        )
    );
}
