//! Refunds as a shop that makes them by itself needs them: one, whatever happens.

use iamport_sim::{Fault, Refund, Route, WebhookTarget};
use reqwest::Method;

use crate::fixture::{Answer, Gateway, NOW, Shop, answer, field};

async fn cancel(gateway: &Gateway, json: &str) -> Answer {
    gateway.send(Method::POST, "/payments/cancel", json).await
}

#[tokio::test]
async fn only_what_gave_money_back_is_a_refund() {
    let gateway = Gateway::start().await;
    let imp_uid = gateway.create(r#"{"amount":14.20}"#);
    let ask = |rest: &str| format!(r#"{{"imp_uid":"{imp_uid}"{rest}}}"#);
    for refused in [r#","checksum":1000"#, r#","amount":15"#] {
        let (status, body) = cancel(&gateway, &ask(refused)).await;
        assert_eq!((status, field(&body, "code")), (200, "1"), "{refused}");
    }
    assert_eq!(gateway.sim.refunds(), []);

    let part = r#","amount":4.1,"reason":"중복","extra":{"requester":"admin"}"#;
    cancel(&gateway, &ask(part)).await;
    gateway.sim.cancel(&imp_uid, Some("0.1")).unwrap();
    gateway.sim.stop_time(NOW + 1);
    let form = format!("imp_uid={imp_uid}&checksum=10&extra[requester]=customer");
    gateway.post_form("/payments/cancel", &form).await;
    cancel(&gateway, &ask("")).await;
    let refund = |amount: &str, reason: &str, requester: &str, at| Refund {
        imp_uid: imp_uid.clone(),
        amount: amount.to_owned(),
        reason: reason.to_owned(),
        requester: Some(requester.to_owned()),
        at,
    };
    let expected = [
        refund("4.1", "중복", "admin", NOW),
        refund("10.00", "취소요청api", "customer", NOW + 1),
    ];
    assert_eq!(gateway.sim.refunds(), expected, "not the console's");
    let (_, told) = answer(gateway.request(Method::GET, "/control/refunds")).await;
    let first = format!(
        r#"[{{"imp_uid":"{imp_uid}","amount":4.1,"reason":"\uc911\ubcf5","requester":"admin","at":{NOW}}},"#
    );
    assert!(told.starts_with(&first), "{told}");
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_made_once() {
    let gateway = Gateway::start().await;
    let imp_uid = gateway.create("{}");
    let ask = format!(r#"{{"imp_uid":"{imp_uid}","checksum":1000}}"#);
    let token = gateway.token().await;
    gateway
        .sim
        .fault(Fault::dropped().on(Route::Cancel).times(1));
    let lost = gateway
        .request(Method::POST, "/payments/cancel")
        .bearer_auth(token)
        .header("content-type", "application/json");
    lost.body(ask.clone()).send().await.unwrap_err();
    gateway
        .sim
        .fault(Fault::status(500).on(Route::Cancel).times(1));
    assert_eq!(cancel(&gateway, &ask).await.0, 500);
    assert_eq!(field(&cancel(&gateway, &ask).await.1, "code"), "1");
    assert_eq!(gateway.sim.refunds().len(), 1);
    assert_eq!(gateway.sim.count(Route::Cancel), 3);
}

#[tokio::test]
async fn a_slow_cancellation_changes_nothing_until_it_is_finished() {
    let (gateway, mut shop) = (Gateway::start().await, Shop::open().await);
    let imp_uid = gateway.create(r#"{"$cancel_later":true}"#);
    let target = WebhookTarget {
        automatic: true,
        ..shop.json()
    };
    gateway.sim.set_webhook(target).unwrap();
    let ask = format!(r#"{{"imp_uid":"{imp_uid}","amount":400,"checksum":1000,"reason":"x"}}"#);
    let before = gateway.sim.get(&imp_uid).unwrap();
    let good = format!(r#"{{"code":0,"message":null,"response":{before}}}"#);
    assert_eq!(cancel(&gateway, &ask).await, (200, good));
    assert_eq!(field(&before, "status"), r#""paid""#);
    let (status, again) = cancel(&gateway, &ask).await;
    assert_eq!((status, field(&again, "code")), (200, "-1"));
    gateway.sim.cancel(&imp_uid, None).unwrap_err();
    assert_eq!(gateway.sim.get(&imp_uid).unwrap(), before);
    assert_eq!(gateway.sim.refunds(), []);

    gateway.sim.stop_time(NOW + 60);
    gateway.sim.finish_cancel(&imp_uid).unwrap();
    let after = gateway.sim.get(&imp_uid).unwrap();
    assert_eq!(field(&after, "cancel_amount"), "400");
    assert_eq!(field(&after, "cancelled_at"), (NOW + 60).to_string());
    assert_eq!(field(&after, "cancel_reason"), r#""x""#);
    assert!(shop.next().await.1.contains(r#""status":"cancelled""#));
    assert_eq!(gateway.sim.refunds()[0].amount, "400");
    gateway.sim.finish_cancel(&imp_uid).unwrap_err();

    let (_, body) = cancel(&gateway, &format!(r#"{{"imp_uid":"{imp_uid}"}}"#)).await;
    assert_eq!(field(&body, "cancel_amount"), "400", "slow for good");
    let path = format!("/control/payments/{imp_uid}/finish-cancel");
    let (status, body) = answer(gateway.request(Method::POST, &path)).await;
    assert_eq!((status, field(&body, "cancel_amount")), (200, "1000"));
    assert_eq!(gateway.sim.refunds().len(), 2);
}

#[tokio::test]
async fn a_payment_can_turn_slow_and_quick_again() {
    let gateway = Gateway::start().await;
    let imp_uid = gateway.create("{}");
    for (slow, left) in [(true, r#""paid""#), (false, r#""cancelled""#)] {
        let switch = format!(r#"{{"$cancel_later":{slow}}}"#);
        gateway.sim.update(&imp_uid, switch).unwrap();
        gateway.sim.update(&imp_uid, r#"{"name":"x"}"#).unwrap();
        let ask = format!(r#"{{"imp_uid":"{imp_uid}","amount":1}}"#);
        let (_, body) = cancel(&gateway, &ask).await;
        assert_eq!(field(&body, "status"), left);
        let _ = gateway.sim.finish_cancel(&imp_uid);
    }
}
