use iamport_sim::Settings;

use crate::fixture::{Gateway, NO_SUCH_PAYMENT, NOW, field};

/// The documented card payment, paid at `NOW`.
const PAID: &str = concat!(
    r#"{"code":0,"message":null,"response":{"amount":1000,"apply_num":"47405704","bank_code":null,"bank_name":null,"#,
    r#""buyer_addr":null,"buyer_email":"buyer@example.com","buyer_name":"\ud64d\uae38\ub3d9","buyer_postcode":null,"#,
    r#""buyer_tel":"010-0000-0000","cancel_amount":0,"cancel_history":[],"cancel_reason":null,"#,
    r#""cancel_receipt_urls":[],"cancelled_at":0,"card_code":"366","card_name":"\uc2e0\ud55c\uce74\ub4dc","#,
    r#""card_number":"510737*********6","card_quota":0,"card_type":1,"cash_receipt_issued":false,"channel":"pc","#,
    r#""currency":"KRW","custom_data":null,"customer_uid":null,"customer_uid_usage":null,"emb_pg_provider":null,"#,
    r#""escrow":false,"fail_reason":null,"failed_at":0,"imp_uid":"imp_448280090638","#,
    r#""merchant_uid":"ORD-20261122-0001","name":"\ud14c\uc2a4\ud2b8 \uc0c1\ud488","paid_at":1733895332,"#,
    r#""pay_method":"card","pg_id":"INIpayTest","pg_provider":"html5_inicis","#,
    r#""pg_tid":"StdpayCARDINIpayTest20210418054135849372","#,
    r#""receipt_url":"https:\/\/iniweb.inicis.com\/receipt?noTid=x","sandbox":false,"started_at":1733895332,"#,
    r#""status":"paid","user_agent":"Mozilla\/5.0","vbank_code":null,"vbank_date":0,"vbank_holder":null,"#,
    r#""vbank_issued_at":0,"vbank_name":null,"vbank_num":null}}"#,
);

#[tokio::test]
async fn a_paid_card_payment_is_printed_to_the_byte() {
    let gateway = Gateway::start().await;
    let imp_uid =
        gateway.create(r#"{"imp_uid":"imp_448280090638","merchant_uid":"ORD-20261122-0001"}"#);
    assert_eq!(
        gateway.get(&format!("/payments/{imp_uid}")).await,
        (200, PAID.to_owned())
    );
    assert_eq!(
        format!(
            r#"{{"code":0,"message":null,"response":{}}}"#,
            gateway.sim.get(&imp_uid).unwrap()
        ),
        PAID
    );
}

#[tokio::test]
async fn what_it_does_not_know_is_not_found() {
    let gateway = Gateway::start().await;
    for path in [
        "/payments/imp_1",
        "/payments/%00",
        "/payments/..%2Fstatus%2Fall",
    ] {
        assert_eq!(
            gateway.get(path).await,
            (404, NO_SUCH_PAYMENT.to_owned()),
            "{path}"
        );
    }
    let (status, body) = gateway.get("/no/such/endpoint").await;
    assert_eq!(status, 404);
    assert!(!body.starts_with('{'), "not the gateway's envelope: {body}");
}

#[tokio::test]
async fn numbers_come_out_as_they_went_in() {
    let gateway = Gateway::start().await;
    let digits = "9".repeat(39);
    for amount in [
        "14.20",
        "9007199254740993",
        "1e3",
        &digits,
        "1e200",
        "-5",
        "0.1",
        "0",
        "null",
        "\"1000\"",
        "[1]",
    ] {
        let imp_uid = gateway.create(&format!(r#"{{"amount": {amount} }}"#));
        let (_, body) = gateway.get(&format!("/payments/{imp_uid}")).await;
        assert_eq!(field(&body, "amount"), amount);
    }
}

#[tokio::test]
async fn fields_can_be_added_changed_and_left_out() {
    let gateway = Gateway::start().await;
    let imp_uid =
        gateway.create(r#"{"status":"frozen","zebra":{"b":"é/","a":[1.50]},"$omit":["currency"]}"#);
    let path = format!("/payments/{imp_uid}");
    let (_, body) = gateway.get(&path).await;
    assert_eq!(field(&body, "status"), r#""frozen""#);
    assert!(
        body.ends_with(r#""vbank_num":null,"zebra":{"b":"\u00e9\/","a":[1.50]}}}"#),
        "{body}"
    );
    assert!(!body.contains("currency"));

    gateway
        .sim
        .update(
            &imp_uid,
            r#"{"currency":"USD","imp_uid":"imp_other","$omit":["zebra"]}"#,
        )
        .unwrap();
    let (_, body) = gateway.get(&path).await;
    assert!(
        body.contains(r#""currency":"USD""#) && body.contains(r#""imp_uid":"imp_other""#),
        "{body}"
    );
    assert!(!body.contains("zebra"));
}

#[tokio::test]
async fn a_payment_moves_on() {
    let gateway = Gateway::start().await;
    let imp_uid = gateway.create(r#"{"status":"ready"}"#);
    let path = format!("/payments/{imp_uid}");
    let (_, open) = gateway.get(&path).await;
    assert_eq!(
        (field(&open, "status"), field(&open, "paid_at")),
        (r#""ready""#, "0")
    );
    assert!(gateway.sim.deposit(&imp_uid).is_err(), "no account yet");

    gateway.sim.stop_time(NOW + 10);
    gateway
        .sim
        .issue_account(&imp_uid, r#"{"vbank_num":"110-1234"}"#)
        .unwrap();
    let (_, account) = gateway.get(&path).await;
    assert_eq!(
        (field(&account, "status"), field(&account, "pay_method")),
        (r#""ready""#, r#""vbank""#)
    );
    assert!(account.contains(r#""vbank_num":"110-1234""#), "{account}");
    assert_eq!(field(&account, "vbank_issued_at"), (NOW + 10).to_string());

    gateway.sim.stop_time(NOW + 20);
    gateway.sim.deposit(&imp_uid).unwrap();
    let (_, paid) = gateway.get(&path).await;
    assert_eq!(
        (field(&paid, "status"), field(&paid, "card_code")),
        (r#""paid""#, "null")
    );
    assert_eq!(field(&paid, "paid_at"), (NOW + 20).to_string());
    assert!(
        gateway.sim.fail(&imp_uid, "x").is_err() && gateway.sim.pay(&imp_uid).is_err(),
        "paid already"
    );
}

#[tokio::test]
async fn a_transfer_names_its_bank_once_it_is_through() {
    let gateway = Gateway::start().await;
    for (status, bank) in [
        ("ready", "null"),
        ("failed", "null"),
        ("paid", r#""004""#),
        ("cancelled", r#""004""#),
    ] {
        let imp_uid = gateway.create(&format!(r#"{{"pay_method":"trans","status":"{status}"}}"#));
        let (_, body) = gateway.get(&format!("/payments/{imp_uid}")).await;
        assert_eq!(field(&body, "bank_code"), bank, "{status}");
        assert_eq!(field(&body, "bank_name") == "null", bank == "null");
        assert_eq!(field(&body, "card_code"), "null");
    }
}

#[tokio::test]
async fn a_failed_payment_says_why_and_may_be_approved_later() {
    let gateway = Gateway::start().await;
    let imp_uid = gateway.create(r#"{"status":"ready"}"#);
    let path = format!("/payments/{imp_uid}");
    gateway.sim.fail(&imp_uid, "한도초과").unwrap();
    let (_, failed) = gateway.get(&path).await;
    assert_eq!(field(&failed, "status"), r#""failed""#);
    assert_eq!(
        field(&failed, "fail_reason"),
        r#""\ud55c\ub3c4\ucd08\uacfc""#
    );
    assert_eq!(field(&failed, "failed_at"), NOW.to_string());

    gateway.sim.pay(&imp_uid).unwrap();
    assert_eq!(field(&gateway.get(&path).await.1, "status"), r#""paid""#);
}

#[tokio::test]
async fn only_the_look_up_hides_payments_of_a_test_channel() {
    let gateway = Gateway::start().await;
    let imp_uid = gateway.create(r#"{"sandbox":true,"merchant_uid":"ORD-T"}"#);
    let path = format!("/payments/{imp_uid}");
    let hidden = (404, NO_SUCH_PAYMENT.to_owned());
    assert_eq!(gateway.get(&path).await, hidden);
    assert_eq!(
        gateway.get(&format!("{path}?include_sandbox=false")).await,
        hidden
    );
    for shown in [
        format!("{path}?include_sandbox=true"),
        "/payments/find/ORD-T".to_owned(),
        "/payments/findAll/ORD-T".to_owned(),
        "/payments/status/paid".to_owned(),
        format!("/payments?imp_uid[]={imp_uid}"),
    ] {
        let (status, body) = gateway.get(&shown).await;
        assert_eq!(status, 200, "{shown}");
        assert_eq!(field(&body, "sandbox"), "true", "{shown}");
    }
    gateway.sim.show_sandbox(true);
    assert_eq!(gateway.get(&path).await.0, 200);
}

#[tokio::test]
async fn it_can_start_with_test_payments_shown() {
    let gateway = Gateway::with(Settings {
        sandbox_shown: true,
        ..Settings::default()
    })
    .await;
    let imp_uid = gateway.create(r#"{"sandbox":true}"#);
    assert_eq!(gateway.get(&format!("/payments/{imp_uid}")).await.0, 200);
}

#[tokio::test]
async fn one_order_is_paid_once_unless_forced() {
    let gateway = Gateway::start().await;
    gateway.create(r#"{"merchant_uid":"ORD-1","status":"failed"}"#);
    let first = gateway.create(r#"{"merchant_uid":"ORD-1"}"#);
    let refused = gateway
        .sim
        .create(r#"{"merchant_uid":"ORD-1","status":"ready"}"#)
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("이미 결제가 이루어진 거래건입니다."),
        "{refused}"
    );
    gateway.create(r#"{"merchant_uid":"ORD-1","$force":true}"#);
    gateway.create(r#"{"merchant_uid":"ORD-2"}"#);
    assert!(
        gateway
            .sim
            .create(format!(r#"{{"imp_uid":"{first}","$force":true}}"#))
            .is_err(),
        "taken"
    );
}

#[tokio::test]
async fn two_windows_open_at_once_can_both_be_paid() {
    let gateway = Gateway::start().await;
    let windows = [0, 1].map(|_| gateway.create(r#"{"merchant_uid":"ORD-1","status":"ready"}"#));
    for imp_uid in windows {
        gateway.sim.pay(&imp_uid).unwrap();
    }
}
