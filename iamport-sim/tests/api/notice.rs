//! Webhooks of a payment that says itself where they go.

use iamport_sim::{Delivery, Simulator, WebhookTarget};
use reqwest::Method;

use crate::fixture::{Gateway, Shop, between};
use crate::window::open;

/// A window whose webhooks go to these shops.
fn opened(sim: &Simulator, merchant_uid: &str, shops: &[&Shop]) -> String {
    let urls: Vec<String> = shops
        .iter()
        .map(|shop| format!(r#""{}""#, shop.url()))
        .collect();
    let urls = match urls.as_slice() {
        [url] => url.clone(),
        urls => format!("[{}]", urls.join(",")),
    };
    open(
        sim,
        &format!(r#"{{"merchant_uid":"{merchant_uid}","amount":1000,"notice_url":{urls}}}"#),
    )
}

fn automatic(target: WebhookTarget) -> WebhookTarget {
    WebhookTarget {
        automatic: true,
        ..target
    }
}

#[tokio::test]
async fn they_go_there_and_not_to_the_console() {
    let (gateway, mut console, mut own) = (
        Gateway::start().await,
        Shop::open().await,
        Shop::open().await,
    );
    gateway.sim.set_webhook(automatic(console.form())).unwrap();
    let imp_uid = opened(&gateway.sim, "A", &[&own]);
    gateway.sim.approve(&imp_uid).await.unwrap();
    let form = "application/x-www-form-urlencoded".to_owned();
    let body = |status| format!("imp_uid={imp_uid}&merchant_uid=A&status={status}");
    assert_eq!(
        own.next().await,
        (form.clone(), body("paid")),
        "as the console writes them"
    );

    let receipts = gateway
        .sim
        .webhook_with_status(&imp_uid, "ready", Delivery::Duplicated(2))
        .await
        .unwrap();
    assert_eq!(receipts.len(), 2);
    for _ in 0..2 {
        assert_eq!(own.next().await, (form.clone(), body("ready")));
    }
    let cancel = format!(r#"{{"imp_uid":"{imp_uid}","amount":1,"enable_webhook":true}}"#);
    gateway
        .send(Method::POST, "/payments/cancel", &cancel)
        .await;
    assert!(own.next().await.1.contains("status=cancelled"));
    gateway.sim.cancel(&imp_uid, None).unwrap();
    assert!(own.next().await.1.contains("status=cancelled"));

    // Had any of these gone to the console, it would be there before this one.
    let other = open(&gateway.sim, r#"{"merchant_uid":"B","amount":1}"#);
    gateway.sim.approve(&other).await.unwrap();
    assert!(console.next().await.1.contains(&other));
    assert!(console.is_idle() && own.is_idle());
    let log = gateway.sim.webhooks();
    assert!(
        log.iter()
            .all(|sent| (sent.url == own.url()) == (sent.notice.imp_uid == imp_uid)),
        "{log:?}"
    );
}

#[tokio::test]
async fn there_can_be_several_places() {
    let (gateway, mut first, mut second) = (
        Gateway::start().await,
        Shop::open().await,
        Shop::open().await,
    );
    let imp_uid = opened(&gateway.sim, "A", &[&first, &second]);
    gateway.sim.approve(&imp_uid).await.unwrap();
    first.answer(&[503]);
    let receipts = gateway.sim.webhook(&imp_uid, Delivery::Once).await.unwrap();
    assert_eq!(
        receipts
            .iter()
            .map(|receipt| receipt.status)
            .collect::<Vec<_>>(),
        [Some(503), Some(200)]
    );
    for shop in [&mut first, &mut second] {
        let (content_type, body) = shop.next().await;
        assert_eq!(
            content_type, "application/json",
            "without a setting in the console"
        );
        assert_eq!(between(&body, r#""status":""#, "\""), "paid");
    }
    let urls: Vec<String> = gateway
        .sim
        .webhooks()
        .into_iter()
        .map(|sent| sent.url)
        .collect();
    assert_eq!(urls, [first.url(), second.url()]);
    assert!(
        first.is_idle() && second.is_idle(),
        "none was sent by itself: the console does not say so"
    );
}

#[tokio::test]
async fn a_window_is_told_about_as_any_payment_is() {
    let (gateway, mut shop) = (Gateway::start().await, Shop::open().await);
    gateway.sim.set_webhook(automatic(shop.json())).unwrap();
    let failed = open(&gateway.sim, r#"{"merchant_uid":"A","amount":1}"#);
    gateway.sim.fail(&failed, "한도초과").unwrap();
    let left = open(&gateway.sim, r#"{"merchant_uid":"A","amount":1}"#);
    gateway.sim.leave(&left).unwrap();
    let account = open(
        &gateway.sim,
        r#"{"merchant_uid":"A","amount":1,"pay_method":"vbank"}"#,
    );
    gateway.sim.approve(&account).await.unwrap();
    let told = shop.next().await.1;
    assert!(
        told.contains(&account),
        "neither an open, a failed nor a left window is told: {told}"
    );
    assert_eq!(between(&told, r#""status":""#, "\""), "ready");
}
