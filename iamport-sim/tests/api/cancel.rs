use reqwest::Method;

use crate::fixture::{Gateway, NOW, between, field};

const UNKNOWN: &str = r#"{"code":1,"message":"\ucde8\uc18c\ud560 \uacb0\uc81c\uac74\uc774 \uc874\uc7ac\ud558\uc9c0 \uc54a\uc2b5\ub2c8\ub2e4.","response":null}"#;
const NOTHING_LEFT: &str = r#"{"code":1,"message":"\uc774\ubbf8 \uc804\uc561\ucde8\uc18c\ub41c \uc8fc\ubb38\uc785\ub2c8\ub2e4.","response":null}"#;

async fn cancel(gateway: &Gateway, json: &str) -> String {
    let (status, body) = gateway.send(Method::POST, "/payments/cancel", json).await;
    assert_eq!(status, 200, "{body}");
    body
}

/// A refusal whose wording is not documented.
fn assert_refused(body: &str) {
    assert!(
        body.starts_with(r#"{"code":1,"message":""#) && body.ends_with(r#"","response":null}"#),
        "{body}"
    );
}

#[tokio::test]
async fn a_part_is_cancelled_as_documented() {
    let gateway = Gateway::start().await;
    let imp_uid = gateway.create(r#"{"pg_tid":"T507bb7d3aef3ee760ed"}"#);
    gateway.sim.stop_time(NOW + 60);
    let body = cancel(
        &gateway,
        &format!(r#"{{"imp_uid":"{imp_uid}","amount":300,"reason":"고객 요청"}}"#),
    )
    .await;

    let id = between(&body, r#""cancellation_id":""#, "\"");
    assert_eq!(id.len(), 20);
    let (at, reason, url) = (
        NOW + 60,
        r"\uace0\uac1d \uc694\uccad",
        r"https:\/\/iniweb.inicis.com\/receipt?noTid=x",
    );
    let expected = format!(
        r#""cancel_amount":300,"cancel_history":[{{"pg_tid":"T507bb7d3aef3ee760ed","amount":300,"cancelled_at":{at},"reason":"{reason}","receipt_url":"{url}","cancellation_id":"{id}"}}],"cancel_reason":"{reason}","cancel_receipt_urls":["{url}"],"cancelled_at":{at},"#
    );
    assert!(body.contains(&expected), "{body}");
    assert_eq!(
        (field(&body, "status"), field(&body, "paid_at")),
        (r#""cancelled""#, NOW.to_string().as_str())
    );
    assert_eq!(gateway.get(&format!("/payments/{imp_uid}")).await.1, body);
}

#[tokio::test]
async fn decimals_add_up_and_the_checksum_guards_the_balance() {
    let gateway = Gateway::start().await;
    let imp_uid = gateway.create(r#"{"amount":14.20,"currency":"USD"}"#);
    let request = |rest: &str| format!(r#"{{"imp_uid":"{imp_uid}",{rest}}}"#);

    let body = cancel(&gateway, &request(r#""amount":4.1,"checksum":14.2"#)).await;
    assert_eq!(
        (field(&body, "cancel_amount"), field(&body, "amount")),
        ("4.1", "14.20")
    );
    for refused in [
        r#""amount":1,"checksum":14.2"#,
        r#""amount":10.11"#,
        r#""amount":-1"#,
        r#""amount":"ten""#,
        r#""checksum":"x""#,
    ] {
        assert_refused(&cancel(&gateway, &request(refused)).await);
    }
    let (_, unchanged) = gateway.get(&format!("/payments/{imp_uid}")).await;
    assert_eq!(field(&unchanged, "cancel_amount"), "4.1");

    let body = cancel(&gateway, &request(r#""checksum":10.1"#)).await;
    assert_eq!(field(&body, "cancel_amount"), "14.20");
    assert_eq!(body.matches("cancellation_id").count(), 2);
    assert_eq!(
        cancel(&gateway, &request(r#""amount":0"#)).await,
        NOTHING_LEFT
    );
}

#[tokio::test]
async fn zero_or_no_amount_cancels_all_with_the_default_reason() {
    let gateway = Gateway::start().await;
    for amount in [
        "",
        r#","amount":0"#,
        r#","amount":null"#,
        r#","amount":"0""#,
    ] {
        let imp_uid = gateway.create("{}");
        let body = cancel(&gateway, &format!(r#"{{"imp_uid":"{imp_uid}"{amount}}}"#)).await;
        assert_eq!(field(&body, "cancel_amount"), "1000", "{amount}");
        assert_eq!(
            field(&body, "cancel_reason"),
            r#""\ucde8\uc18c\uc694\uccadapi""#
        );
    }
}

#[tokio::test]
async fn forms_will_do_too() {
    let gateway = Gateway::start().await;
    let imp_uid = gateway.create("{}");
    let (status, body) = gateway
        .post_form(
            "/payments/cancel",
            &format!("imp_uid={imp_uid}&amount=250&checksum=1000&reason=%ED%99%8D"),
        )
        .await;
    assert_eq!((status, field(&body, "cancel_amount")), (200, "250"));
    assert_eq!(field(&body, "cancel_reason"), r#""\ud64d""#);
}

#[tokio::test]
async fn imp_uid_wins_and_one_of_the_two_is_needed() {
    let gateway = Gateway::start().await;
    gateway.create(r#"{"merchant_uid":"ORD-1","status":"failed"}"#);
    let paid = gateway.create(r#"{"merchant_uid":"ORD-1"}"#);
    gateway.sim.stop_time(NOW + 5);
    gateway.create(r#"{"merchant_uid":"ORD-1","status":"failed","$force":true}"#);
    assert_eq!(
        cancel(&gateway, r#"{"imp_uid":"imp_x","merchant_uid":"ORD-1"}"#).await,
        UNKNOWN
    );
    assert_eq!(cancel(&gateway, r#"{"merchant_uid":"NO"}"#).await, UNKNOWN);
    assert_refused(&cancel(&gateway, "{}").await);

    let body = cancel(&gateway, r#"{"merchant_uid":"ORD-1"}"#).await;
    assert_eq!(
        field(&body, "imp_uid"),
        format!("\"{paid}\""),
        "the attempt that has the money"
    );
}

#[tokio::test]
async fn what_was_never_paid_cannot_be_cancelled() {
    let gateway = Gateway::start().await;
    for status in ["ready", "failed"] {
        let imp_uid = gateway.create(&format!(r#"{{"status":"{status}"}}"#));
        assert_eq!(
            cancel(&gateway, &format!(r#"{{"imp_uid":"{imp_uid}"}}"#)).await,
            UNKNOWN
        );
        assert!(gateway.sim.cancel(&imp_uid, None).is_err());
    }
}

#[tokio::test]
async fn a_virtual_account_needs_somewhere_to_pay_back_to() {
    let gateway = Gateway::start().await;
    let imp_uid = gateway.create(r#"{"pay_method":"vbank"}"#);
    let request = |rest: &str| format!(r#"{{"imp_uid":"{imp_uid}","amount":400{rest}}}"#);
    let to = [
        r#","refund_holder":"홍길동""#,
        r#","refund_bank":"088""#,
        r#","refund_account":"110-1234""#,
    ];
    for missing in 0..to.len() {
        let mut some = to;
        some[missing] = "";
        assert_refused(&cancel(&gateway, &request(&some.concat())).await);
    }
    let unchanged = gateway.sim.get(&imp_uid).unwrap();
    assert_eq!(field(&unchanged, "cancel_amount"), "0");

    let body = cancel(&gateway, &request(&to.concat())).await;
    assert_eq!(field(&body, "cancel_amount"), "400");
    assert_refused(&cancel(&gateway, &request("")).await);
    gateway.sim.cancel(&imp_uid, None).unwrap();
    assert_eq!(cancel(&gateway, &request("")).await, NOTHING_LEFT);
}

#[tokio::test]
async fn the_console_cancels_parts_too() {
    let gateway = Gateway::start().await;
    let imp_uid = gateway.create(r#"{"amount":9007199254740993}"#);
    gateway.sim.cancel(&imp_uid, Some("0.1")).unwrap();
    gateway.sim.cancel(&imp_uid, Some("0.2")).unwrap();
    let (_, body) = gateway.get(&format!("/payments/{imp_uid}")).await;
    assert_eq!(
        (field(&body, "cancel_amount"), field(&body, "status")),
        ("0.3", r#""cancelled""#)
    );

    let too_much = gateway
        .sim
        .cancel(&imp_uid, Some("9007199254740993"))
        .unwrap_err();
    assert!(
        too_much.to_string().contains("9007199254740992.7"),
        "{too_much}"
    );
    assert!(gateway.sim.cancel(&imp_uid, Some("ten")).is_err());
    gateway.sim.cancel(&imp_uid, None).unwrap();
    let (_, body) = gateway.get(&format!("/payments/{imp_uid}")).await;
    assert_eq!(field(&body, "cancel_amount"), "9007199254740993.0");
}
