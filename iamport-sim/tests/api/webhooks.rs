use std::time::{Duration, Instant};

use iamport_sim::{Delivery, Notice, Receipt, WebhookTarget};
use reqwest::Method;

use crate::control::{control, post};
use crate::fixture::{Gateway, Shop, between, field};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const PAID: &str = r#"{"imp_uid":"imp_1","merchant_uid":"ORD-\ud64d","status":"paid"}"#;

/// A gateway with a paid payment `imp_1`, and the shop it tells.
async fn gateway() -> (Gateway, Shop) {
    let (gateway, shop) = (Gateway::start().await, Shop::open().await);
    gateway.sim.set_webhook(shop.json()).unwrap();
    gateway.create(r#"{"imp_uid":"imp_1","merchant_uid":"ORD-홍"}"#);
    (gateway, shop)
}

fn noted(status: u16) -> Receipt {
    Receipt {
        status: Some(status),
        body: "noted".to_owned(),
    }
}

#[tokio::test]
async fn a_webhook_goes_out_in_json_or_as_a_form() {
    let (gateway, mut shop) = gateway().await;
    assert_eq!(
        gateway.sim.webhook("imp_1", Delivery::Once).await.unwrap(),
        [noted(200)]
    );
    assert_eq!(shop.next().await, (JSON.to_owned(), PAID.to_owned()));

    gateway.sim.set_webhook(shop.form()).unwrap();
    gateway.sim.webhook("imp_1", Delivery::Once).await.unwrap();
    let form = "imp_uid=imp_1&merchant_uid=ORD-%ED%99%8D&status=paid";
    assert_eq!(shop.next().await, (FORM.to_owned(), form.to_owned()));
}

#[tokio::test]
async fn it_can_be_sent_twice_all_at_once_late_or_never() {
    let (gateway, mut shop) = gateway().await;
    for delivery in [Delivery::Duplicated(3), Delivery::AtOnce(3)] {
        assert_eq!(
            gateway.sim.webhook("imp_1", delivery).await.unwrap(),
            [noted(200), noted(200), noted(200)]
        );
        for _ in 0..3 {
            assert_eq!(shop.next().await.1, PAID);
        }
    }
    assert_eq!(
        gateway.sim.webhook("imp_1", Delivery::Lost).await.unwrap(),
        []
    );
    assert!(shop.is_idle());

    let (started, delay) = (Instant::now(), Duration::from_millis(20));
    gateway
        .sim
        .webhook("imp_1", Delivery::Delayed(delay))
        .await
        .unwrap();
    assert!(started.elapsed() >= delay);
    assert_eq!(shop.next().await.1, PAID);
}

#[tokio::test]
async fn notices_can_be_kept_reordered_and_made_up() {
    let (gateway, mut shop) = gateway().await;
    let imp_uid = gateway.create(
        r#"{"imp_uid":"imp_2","merchant_uid":"ORD-2","status":"ready","pay_method":"vbank"}"#,
    );
    let issued = gateway.sim.notice(&imp_uid).unwrap();
    gateway.sim.deposit(&imp_uid).unwrap();
    let paid = gateway.sim.notice(&imp_uid).unwrap();
    gateway.sim.deliver_all(&[paid, issued]).await.unwrap();
    for status in ["paid", "ready"] {
        let expected =
            format!(r#"{{"imp_uid":"imp_2","merchant_uid":"ORD-2","status":"{status}"}}"#);
        assert_eq!(shop.next().await.1, expected);
    }

    gateway
        .sim
        .webhook_with_status(&imp_uid, "frozen", Delivery::Once)
        .await
        .unwrap();
    assert!(shop.next().await.1.contains(r#""status":"frozen""#));
    gateway
        .sim
        .deliver(&Notice::test_button(), Delivery::Once)
        .await
        .unwrap();
    let test =
        r#"{"imp_uid":"imp_1234567890","merchant_uid":"merchant_1234567890","status":"ready"}"#;
    assert_eq!(shop.next().await.1, test);
}

#[tokio::test]
async fn a_cancellation_carries_its_id() {
    let (gateway, mut shop) = gateway().await;
    gateway.sim.cancel("imp_1", Some("10")).unwrap();
    gateway.sim.cancel("imp_1", Some("20")).unwrap();
    gateway.sim.webhook("imp_1", Delivery::Once).await.unwrap();
    let payment = gateway.sim.get("imp_1").unwrap();
    let (_, latest) = payment.rsplit_once(r#""cancellation_id":"#).unwrap();
    let expected = format!(
        r#""status":"cancelled","cancellation_id":{}}}"#,
        latest.split('}').next().unwrap()
    );
    assert!(shop.next().await.1.ends_with(&expected));
}

#[tokio::test]
async fn an_api_cancellation_is_told_only_when_asked() {
    let (gateway, mut shop) = gateway().await;
    let cancel = |rest| format!(r#"{{"imp_uid":"imp_1","amount":1{rest}}}"#);
    gateway
        .send(Method::POST, "/payments/cancel", &cancel(""))
        .await;
    gateway
        .send(
            Method::POST,
            "/payments/cancel",
            &cancel(r#","enable_webhook":false"#),
        )
        .await;
    let (_, body) = gateway
        .send(
            Method::POST,
            "/payments/cancel",
            &cancel(r#","enable_webhook":true"#),
        )
        .await;
    let (_, last) = body.rsplit_once(r#""cancellation_id":"#).unwrap();
    let told = shop.next().await.1;
    assert!(
        told.ends_with(&format!(
            r#""cancellation_id":{}}}"#,
            last.split('}').next().unwrap()
        )),
        "{told}"
    );
    assert!(shop.is_idle(), "the first two were not told");
}

#[tokio::test]
async fn events_send_their_webhooks_by_themselves_if_told_to() {
    let (gateway, mut shop) = gateway().await;
    gateway
        .sim
        .set_webhook(WebhookTarget {
            automatic: true,
            ..shop.json()
        })
        .unwrap();
    let imp_uid = gateway.create(r#"{"status":"ready"}"#);
    gateway.sim.fail(&imp_uid, "한도초과").unwrap();
    let steps: [(&str, &dyn Fn()); 3] = [
        ("ready", &|| {
            gateway
                .sim
                .update(&imp_uid, r#"{"status":"ready"}"#)
                .unwrap();
            gateway.sim.issue_account(&imp_uid, "{}").unwrap();
        }),
        ("paid", &|| gateway.sim.deposit(&imp_uid).unwrap()),
        ("cancelled", &|| gateway.sim.cancel(&imp_uid, None).unwrap()),
    ];
    for (status, step) in steps {
        step();
        assert_eq!(
            between(&shop.next().await.1, r#""status":""#, "\""),
            status,
            "an open or failed window is not told"
        );
    }
}

#[tokio::test]
async fn a_failed_webhook_is_sent_again_only_for_shops_that_asked() {
    let (gateway, mut shop) = gateway().await;
    shop.answer(&[503]);
    assert_eq!(
        gateway.sim.webhook("imp_1", Delivery::Once).await.unwrap(),
        [noted(503)]
    );

    let patient = WebhookTarget {
        resend_every: Some(Duration::ZERO),
        ..shop.json()
    };
    gateway.sim.set_webhook(patient).unwrap();
    for (answers, seen) in [
        (vec![500, 503, 200], vec![500, 503, 200]),
        (vec![500, 404], vec![500, 404]),
        (vec![500; 9], vec![500; 6]),
    ] {
        shop.answer(&answers);
        let receipts = gateway.sim.webhook("imp_1", Delivery::Once).await.unwrap();
        assert_eq!(receipts, seen.into_iter().map(noted).collect::<Vec<_>>());
    }
    for _ in 0..12 {
        assert_eq!(shop.next().await.1, PAID);
    }
}

#[tokio::test]
async fn a_shop_that_is_down_leaves_a_line_in_the_log() {
    let (gateway, _) = gateway().await;
    let nobody = Gateway::start().await;
    nobody.sim.stop().await;
    gateway
        .sim
        .set_webhook(WebhookTarget::json(nobody.sim.url()))
        .unwrap();
    let receipts = gateway.sim.webhook("imp_1", Delivery::Once).await.unwrap();
    assert_eq!(receipts[0].status, None);
    assert!(receipts[0].body.contains("refused"), "{}", receipts[0].body);
    let log = gateway.sim.webhooks();
    assert_eq!(
        (log.len(), &log[0].notice, &log[0].receipts),
        (1, &gateway.sim.notice("imp_1").unwrap(), &receipts)
    );
}

#[tokio::test]
async fn it_needs_a_payment_and_somewhere_to_go() {
    let (gateway, _) = gateway().await;
    assert!(gateway.sim.webhook("imp_x", Delivery::Once).await.is_err());
    assert!(
        gateway
            .sim
            .set_webhook(WebhookTarget::json("https://shop.example/"))
            .is_err()
    );
    gateway.sim.set_webhook(None).unwrap();
    assert!(gateway.sim.webhook("imp_1", Delivery::Once).await.is_err());
    assert_eq!(
        field(&gateway.sim.get("imp_1").unwrap(), "status"),
        r#""paid""#
    );
}

#[tokio::test]
async fn a_control_request_can_lose_its_webhook_and_no_other() {
    let (gateway, mut shop) = (Gateway::start().await, Shop::open().await);
    let set = format!(
        r#"{{"url":"{}","content_type":"form","automatic":true,"resend_every_ms":5}}"#,
        shop.url().replace('/', r"\/")
    );
    let get = async || control(&gateway, Method::GET, "webhook", "").await;
    assert_eq!(get().await, (200, "null".to_owned()));
    control(&gateway, Method::PUT, "webhook", &set).await;
    assert_eq!(get().await, (200, set));

    let account = r#"{"imp_uid":"imp_1","merchant_uid":"A","status":"ready","pay_method":"vbank"}"#;
    let (status, why) = post(&gateway, "payments?webhook=never", account).await;
    assert!(status == 400 && why.contains("never"), "{why}");
    assert_eq!(
        post(&gateway, "payments?webhook=lost", account).await.0,
        200
    );
    let deposit = post(&gateway, "payments/imp_1/deposit?webhook=lost", "");
    assert_eq!(deposit.await.0, 200);
    assert_eq!(post(&gateway, "payments/imp_1/cancel", "").await.0, 200);
    let (_, only) = shop.next().await;
    assert!(only.contains("&status=cancelled&"), "{only}");
    assert!(shop.is_idle());
}
