//! Payments through a test channel, and cards that were only registered.

use iamport_sim::Route;
use serde_json::{Value, json};

use crate::assertions::Says;
use crate::test_shop::{DOORS, ORDER, TestShop};

const SANDBOX: &str = r#"{"sandbox": true}"#;

/// The queries of the look-ups so far.
fn queries(shop: &TestShop) -> Vec<String> {
    let look_ups = shop.gateway.calls().into_iter();
    let look_ups = look_ups.filter(|call| call.route == Some(Route::LookUp));
    look_ups.map(|call| call.query).collect()
}

#[tokio::test]
async fn a_sandbox_payment_is_hidden_by_the_gateway() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment(SANDBOX);
    for door in DOORS {
        shop.knock(door, &imp_uid)
            .await
            .says(404, "paymentNotFound");
    }
    assert!(
        !queries(&shop)
            .iter()
            .any(|query| query.contains("include_sandbox=true"))
    );
    assert_eq!(shop.row().await["payment_status"], Value::Null);
    assert_eq!(shop.aws.calls(), [].into());
}

#[tokio::test]
async fn a_sandbox_payment_that_is_shown_anyway_is_a_forgery() {
    for setting in ["", "false"] {
        let shop = TestShop::open_with(&[("ALLOW_SANDBOX", setting)]).await;
        shop.gateway.show_sandbox(true);
        shop.order(json!({})).await;
        for status in ["paid", "ready", "failed", "cancelled", "frozen"] {
            let payment = json!({"sandbox": true, "status": status, "pay_method": "vbank"});
            let imp_uid = shop.payment(&payment.to_string());
            for door in DOORS {
                println!("{status}");
                shop.knock(door, &imp_uid).await.says(400, "forgery");
            }
        }
        assert_eq!(shop.row().await["payment_status"], Value::Null);
        assert_eq!(shop.list().await, json!({}));
    }
}

#[tokio::test]
async fn a_test_stage_asks_for_sandbox_payments_and_takes_them() {
    let shop = TestShop::open_with(&[("ALLOW_SANDBOX", "true")]).await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment(SANDBOX);
    for door in DOORS {
        shop.knock(door, &imp_uid).await.says(200, "success");
    }
    assert_eq!(queries(&shop), ["include_sandbox=true"; 2]);
    let row = shop.row().await;
    assert_eq!(
        (&row["payment_status"], &row["payment"]["sandbox"]),
        (&json!("paid"), &json!(true))
    );
}

#[tokio::test]
async fn a_test_stage_takes_real_payments_and_no_forged_ones() {
    let shop = TestShop::open_with(&[("ALLOW_SANDBOX", "true")]).await;
    shop.order(json!({})).await;
    let forged = shop.payment(r#"{"sandbox": true, "amount": 1}"#);
    shop.webhook(&forged).await.says(400, "forgery");
    let real = shop.payment("{}");
    shop.webhook(&real).await.says(200, "success");
}

#[tokio::test]
async fn a_card_registration_is_no_payment() {
    for setting in ["", "kcp", "html5_inicis_2,nice", "HTML5_INICIS", "html5"] {
        let shop = TestShop::open_with(&[("BILLING_ISSUE_CHARGES", setting)]).await;
        shop.order(json!({})).await;
        for status in ["paid", "failed", "ready", "cancelled"] {
            let payment =
                json!({"customer_uid_usage": "issue", "customer_uid": "card-1", "status": status});
            let imp_uid = shop.payment(&payment.to_string());
            for door in DOORS {
                println!("{setting:?} {status}");
                shop.knock(door, &imp_uid).await.says(400, "forgery");
            }
        }
        assert_eq!(shop.row().await["payment_status"], Value::Null);
        assert_eq!(shop.list().await, json!({}));
        assert_eq!(shop.aws.calls(), [].into());
    }
}

#[tokio::test]
async fn a_card_registration_counts_where_it_really_charges() {
    for setting in [
        "html5_inicis",
        "kcp,html5_inicis",
        "html5_inicis,kcp",
        "kcp, html5_inicis , nice",
    ] {
        let shop = TestShop::open_with(&[("BILLING_ISSUE_CHARGES", setting)]).await;
        shop.order(json!({})).await;
        let elsewhere =
            shop.payment(r#"{"customer_uid_usage": "issue", "pg_provider": "tosspayments"}"#);
        let nowhere = shop.payment(r#"{"customer_uid_usage": "issue", "pg_provider": null}"#);
        let here =
            shop.payment(r#"{"customer_uid_usage": "issue", "pg_provider": "html5_inicis"}"#);
        for door in DOORS {
            println!("{setting:?}");
            shop.knock(door, &elsewhere).await.says(400, "forgery");
            shop.knock(door, &nowhere).await.says(400, "forgery");
            shop.knock(door, &here).await.says(200, "success");
        }
        assert_eq!(shop.row().await["imp_uid"], here);
    }
}

#[tokio::test]
async fn other_uses_of_a_registered_card_are_payments() {
    for usage in [
        json!("payment"),
        json!("payment.scheduled"),
        json!(null),
        json!("tomorrow"),
    ] {
        let shop = TestShop::open().await;
        shop.order(json!({})).await;
        let imp_uid = shop
            .payment(&json!({"customer_uid": "card-1", "customer_uid_usage": usage}).to_string());
        shop.webhook(&imp_uid).await.says(200, "success");
    }
}

#[tokio::test]
async fn the_consoles_test_button_is_ignored_once_the_gateway_said_it_knows_no_such_payment() {
    let shop = TestShop::open().await;
    let [page, webhook] = DOORS;
    for merchant_uid in ["merchant_1234567890", ORDER] {
        shop.forget_calls();
        shop.claim(webhook, "imp_1234567890", merchant_uid)
            .await
            .says(200, "ignored");
        assert_eq!(shop.calls().look_up, 1);
        assert_eq!(shop.aws.calls(), [].into());
        shop.claim(page, "imp_1234567890", merchant_uid)
            .await
            .says(404, "paymentNotFound");
    }
    for other in [
        "imp_1234567891",
        "imp_123456789",
        "IMP_1234567890",
        "imp_12345678901",
    ] {
        shop.claim(webhook, other, "merchant_1234567890")
            .await
            .says(404, "paymentNotFound");
    }
}

#[tokio::test]
async fn the_consoles_test_button_is_not_ignored_while_the_gateway_says_nothing() {
    let shop = TestShop::open().await;
    shop.gateway
        .fault(iamport_sim::Fault::status(404).on(Route::LookUp));
    shop.claim(DOORS[1], "imp_1234567890", "merchant_1234567890")
        .await
        .says(503, "unavailable");
    shop.gateway.clear_faults();
    shop.gateway.pause().await.unwrap();
    shop.claim(DOORS[1], "imp_1234567890", "merchant_1234567890")
        .await
        .says(503, "unavailable");
}

#[tokio::test]
async fn a_payment_that_has_the_test_buttons_name_is_a_payment() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment(r#"{"imp_uid": "imp_1234567890"}"#);
    shop.webhook(&imp_uid).await.says(200, "success");
    assert_eq!(shop.row().await["payment_status"], "paid");
}
