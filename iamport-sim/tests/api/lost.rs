//! Webhooks that are lost, late, first, or not there at all.

use std::time::{Duration, Instant};

use iamport_sim::{Delivery, WebhookTarget};
use reqwest::Method;

use crate::control::{control, post};
use crate::fixture::{Gateway, Shop, field};

/// A gateway, and the shop that it tells by itself.
async fn told() -> (Gateway, Shop) {
    let (gateway, shop) = (Gateway::start().await, Shop::open().await);
    let target = WebhookTarget {
        automatic: true,
        ..shop.json()
    };
    gateway.sim.set_webhook(target).unwrap();
    (gateway, shop)
}

/// Whose webhook got no receipt, in the order of the log.
fn lost(gateway: &Gateway) -> Vec<String> {
    let log = gateway.sim.webhooks().into_iter();
    log.filter(|sent| sent.receipts.is_empty())
        .map(|sent| sent.notice.imp_uid)
        .collect()
}

#[tokio::test]
async fn the_next_webhooks_are_lost_and_on_record() {
    let (gateway, mut shop) = told().await;
    gateway.sim.lose_webhooks(2);
    for imp_uid in ["imp_1", "imp_2", "imp_3"] {
        gateway.create(&format!(
            r#"{{"imp_uid":"{imp_uid}","merchant_uid":"{imp_uid}"}}"#
        ));
    }
    assert!(shop.next().await.1.contains("imp_3"));
    assert_eq!(lost(&gateway), ["imp_1", "imp_2"]);

    // By hand it arrives, unless it is lost by hand.
    post(&gateway, "webhooks/lose", "").await;
    gateway.sim.webhook("imp_1", Delivery::Once).await.unwrap();
    assert!(shop.next().await.1.contains("imp_1"));
    gateway.sim.webhook("imp_3", Delivery::Lost).await.unwrap();
    assert_eq!(lost(&gateway), ["imp_1", "imp_2", "imp_3"]);
    let (_, settings) = control(&gateway, Method::GET, "settings", "").await;
    assert_eq!(field(&settings, "webhooks_to_lose"), "1");

    gateway.sim.cancel("imp_1", None).unwrap();
    post(&gateway, "webhooks/lose", r#"{"times":1}"#).await;
    post(&gateway, "webhooks/lose", r#"{"times":0}"#).await;
    gateway.sim.cancel("imp_2", None).unwrap();
    assert!(shop.next().await.1.contains("imp_2"));
    assert_eq!(lost(&gateway), ["imp_1", "imp_2", "imp_3", "imp_1"]);
}

#[tokio::test]
async fn a_deed_is_told_of_when_its_webhook_was_answered_or_long_before() {
    let (gateway, mut shop) = told().await;
    post(&gateway, "payments?webhook=first", r#"{"imp_uid":"imp_1"}"#).await;
    assert_eq!(gateway.sim.webhooks().len(), 1);
    shop.next().await;

    let started = Instant::now();
    post(&gateway, "payments?webhook=late", r#"{"imp_uid":"imp_2"}"#).await;
    assert!(gateway.sim.webhooks().len() == 1 && shop.is_idle());
    assert!(shop.next().await.1.contains("imp_2"));
    assert!(started.elapsed() >= Duration::from_secs(2));

    post(&gateway, "payments?webhook=none", r#"{"imp_uid":"imp_3"}"#).await;
    post(&gateway, "payments?webhook=first", r#"{"imp_uid":"imp_4"}"#).await;
    let sent = gateway.sim.webhooks().into_iter();
    let sent: Vec<_> = sent.map(|sent| sent.notice.imp_uid).collect();
    assert!(sent.contains(&"imp_4".to_owned()));
    assert!(!sent.contains(&"imp_3".to_owned()), "not even lost");
}
