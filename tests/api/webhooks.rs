//! Webhooks as the gateway sends them, over HTTP, to the function behind a front.

use std::net::Ipv4Addr;

use iamport_sim::{ContentType, Delivery, Notice, WebhookTarget};
use local::Front;
use serde_json::json;

use crate::assertions::assert_row;
use crate::test_shop::TestShop;

/// A shop with a front, and the gateway told about it.
async fn open(content_type: ContentType) -> (TestShop, Front) {
    let shop = TestShop::open().await;
    let address = (Ipv4Addr::LOCALHOST, 0).into();
    let front = Front::open(address, shop.function.clone()).await.unwrap();
    let target = WebhookTarget::json(format!("{}/payments/webhook", front.url()));
    shop.gateway
        .set_webhook(WebhookTarget {
            content_type,
            ..target
        })
        .unwrap();
    (shop, front)
}

#[tokio::test]
async fn a_life_told_by_webhooks_in_json_and_in_forms() {
    for content_type in [ContentType::Json, ContentType::Form] {
        let (shop, _front) = open(content_type).await;
        shop.order(json!({"phone": "010-1234-5678"})).await;
        let imp_uid = shop.account("{}");
        let mut life = vec![(shop.gateway.notice(&imp_uid).unwrap(), "ready")];
        shop.gateway
            .webhook(&imp_uid, Delivery::Once)
            .await
            .unwrap();
        assert_row(
            &shop.row().await,
            &json!({"payment_status": "ready", "vbank_notice": "done"}),
        );
        shop.gateway.deposit(&imp_uid).unwrap();
        life.push((shop.gateway.notice(&imp_uid).unwrap(), "paid"));
        let receipts = shop
            .gateway
            .webhook(&imp_uid, Delivery::Duplicated(3))
            .await
            .unwrap();
        assert!(
            receipts.iter().all(|receipt| receipt.status == Some(200)),
            "{receipts:?}"
        );
        assert_row(&shop.row().await, &json!({"payment_status": "paid"}));
        shop.gateway.cancel(&imp_uid, Some("300")).unwrap();
        life.push((shop.gateway.notice(&imp_uid).unwrap(), "cancelled"));
        let receipts = shop
            .gateway
            .webhook(&imp_uid, Delivery::AtOnce(5))
            .await
            .unwrap();
        assert!(
            receipts.iter().all(|receipt| receipt.status == Some(200)),
            "{receipts:?}"
        );
        let end = shop.item().await;
        // All of them again, the newest first.
        for (notice, status) in life.into_iter().rev() {
            assert_eq!(notice.status, status);
            let receipts = shop.gateway.deliver(&notice, Delivery::Once).await.unwrap();
            assert_eq!(receipts[0].status, Some(200), "{receipts:?}");
            assert_eq!(shop.item().await, end);
        }
    }
}

#[tokio::test]
async fn the_test_button_is_answered_with_200_and_unknown_payments_are_not() {
    for content_type in [ContentType::Json, ContentType::Form] {
        let (shop, _front) = open(content_type).await;
        let button = Notice::test_button();
        let receipts = shop.gateway.deliver(&button, Delivery::Once).await.unwrap();
        assert_eq!(receipts[0].status, Some(200), "{receipts:?}");
        assert!(receipts[0].body.contains("ignored"), "{receipts:?}");
        let unknown = Notice {
            imp_uid: "imp_404404404404".to_owned(),
            ..button
        };
        let receipts = shop
            .gateway
            .deliver(&unknown, Delivery::Once)
            .await
            .unwrap();
        assert_eq!(receipts[0].status, Some(404), "{receipts:?}");
    }
}

#[tokio::test]
async fn a_webhook_that_lies_about_the_status_changes_nothing() {
    let (shop, _front) = open(ContentType::Json).await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment(r#"{"status": "failed"}"#);
    for status in ["paid", "ready", "cancelled"] {
        shop.gateway
            .webhook_with_status(&imp_uid, status, Delivery::Once)
            .await
            .unwrap();
        assert_row(&shop.row().await, &json!({"payment_status": "failed"}));
    }
}
