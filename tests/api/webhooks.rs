//! Webhooks as the gateway sends them, over HTTP, to the function behind a front.

use std::net::Ipv4Addr;

use iamport_sim::{ContentType, Delivery, Notice, WebhookTarget};
use local::Front;
use serde_json::json;

use crate::says::assert_row;
use crate::till::Till;

/// A till with a front, and the gateway told about it.
async fn open(content_type: ContentType) -> (Till, Front) {
    let till = Till::open().await;
    let address = (Ipv4Addr::LOCALHOST, 0).into();
    let front = Front::open(address, till.function.clone()).await.unwrap();
    let target = WebhookTarget::json(format!("{}/payments/webhook", front.url()));
    till.gateway
        .set_webhook(WebhookTarget {
            content_type,
            ..target
        })
        .unwrap();
    (till, front)
}

#[tokio::test]
async fn a_life_told_by_webhooks_in_json_and_in_forms() {
    for content_type in [ContentType::Json, ContentType::Form] {
        let (till, _front) = open(content_type).await;
        till.order(json!({"phone": "010-1234-5678"})).await;
        let imp_uid = till.account("{}");
        let mut life = vec![(till.gateway.notice(&imp_uid).unwrap(), "ready")];
        till.gateway
            .webhook(&imp_uid, Delivery::Once)
            .await
            .unwrap();
        assert_row(
            &till.row().await,
            &json!({"payment_status": "ready", "vbank_notice": "done"}),
        );
        till.gateway.deposit(&imp_uid).unwrap();
        life.push((till.gateway.notice(&imp_uid).unwrap(), "paid"));
        let receipts = till
            .gateway
            .webhook(&imp_uid, Delivery::Duplicated(3))
            .await
            .unwrap();
        assert!(
            receipts.iter().all(|receipt| receipt.status == Some(200)),
            "{receipts:?}"
        );
        assert_row(&till.row().await, &json!({"payment_status": "paid"}));
        till.gateway.cancel(&imp_uid, Some("300")).unwrap();
        life.push((till.gateway.notice(&imp_uid).unwrap(), "cancelled"));
        let receipts = till
            .gateway
            .webhook(&imp_uid, Delivery::AtOnce(5))
            .await
            .unwrap();
        assert!(
            receipts.iter().all(|receipt| receipt.status == Some(200)),
            "{receipts:?}"
        );
        let end = till.item().await;
        // All of them again, the newest first.
        for (notice, status) in life.into_iter().rev() {
            assert_eq!(notice.status, status);
            let receipts = till.gateway.deliver(&notice, Delivery::Once).await.unwrap();
            assert_eq!(receipts[0].status, Some(200), "{receipts:?}");
            assert_eq!(till.item().await, end);
        }
    }
}

#[tokio::test]
async fn the_test_button_is_answered_with_200_and_unknown_payments_are_not() {
    for content_type in [ContentType::Json, ContentType::Form] {
        let (till, _front) = open(content_type).await;
        let button = Notice::test_button();
        let receipts = till.gateway.deliver(&button, Delivery::Once).await.unwrap();
        assert_eq!(receipts[0].status, Some(200), "{receipts:?}");
        assert!(receipts[0].body.contains("ignored"), "{receipts:?}");
        let unknown = Notice {
            imp_uid: "imp_404404404404".to_owned(),
            ..button
        };
        let receipts = till
            .gateway
            .deliver(&unknown, Delivery::Once)
            .await
            .unwrap();
        assert_eq!(receipts[0].status, Some(404), "{receipts:?}");
    }
}

#[tokio::test]
async fn a_webhook_that_lies_about_the_status_changes_nothing() {
    let (till, _front) = open(ContentType::Json).await;
    till.order(json!({})).await;
    let imp_uid = till.payment(r#"{"status": "failed"}"#);
    for status in ["paid", "ready", "cancelled"] {
        till.gateway
            .webhook_with_status(&imp_uid, status, Delivery::Once)
            .await
            .unwrap();
        assert_row(&till.row().await, &json!({"payment_status": "failed"}));
    }
}
