//! The facts kept about a payment, and the ones that are not.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::assertions::Says;
use crate::test_shop::{DOORS, TestShop};

/// The facts to keep, each with a value of its own.
fn facts(status: &str) -> Value {
    json!({
        "amount": 1000, "apply_num": "47405704", "cancel_amount": 300, "cancel_history": [
            {"pg_tid": "T1", "amount": 100, "cancelled_at": 1_700_000_005, "reason": "one", "cancellation_id": "C1",
             "receipt_url": "https://example.com/1"},
            {"pg_tid": "T2", "amount": 200, "cancelled_at": 1_700_000_006, "reason": "two", "cancellation_id": "C2",
             "receipt_url": "https://example.com/2"},
        ],
        "cancel_reason": "two", "cancelled_at": 1_700_000_006, "card_name": "신한카드", "card_quota": 3,
        "currency": "KRW", "fail_reason": "too late", "failed_at": 1_700_000_003, "paid_at": 1_700_000_004,
        "pay_method": "vbank", "pg_id": "INIpayTest", "pg_provider": "html5_inicis", "pg_tid": "Stdpay1",
        "promotion": {"id": "promo-1", "discount": 50}, "receipt_url": "https://example.com/receipt",
        "sandbox": false, "started_at": 1_700_000_001, "status": status, "vbank_date": 1_700_086_400,
        "vbank_name": "신한", "vbank_num": "X3790127821223",
    })
}

/// Everything else the gateway tells.
const NOT_KEPT: [&str; 28] = [
    "bank_code",
    "bank_name",
    "buyer_addr",
    "buyer_email",
    "buyer_name",
    "buyer_postcode",
    "buyer_tel",
    "card_code",
    "card_issuer_code",
    "card_issuer_name",
    "card_number",
    "card_publisher_code",
    "card_publisher_name",
    "card_type",
    "cash_receipt_issued",
    "channel",
    "custom_data",
    "customer_uid",
    "customer_uid_usage",
    "emb_pg_provider",
    "escrow",
    "name",
    "refund_account",
    "some_new_field",
    "user_agent",
    "vbank_code",
    "vbank_holder",
    "vbank_issued_by",
];

/// A gateway that tells everything there is to tell.
fn talkative(status: &str) -> Value {
    let mut told = facts(status);
    for name in NOT_KEPT {
        told[name] = format!("CANARY {name}").into();
    }
    for name in ["cancel_receipt_urls", "deposit_history"] {
        told[name] = json!(["CANARY", {"depositor_name": "CANARY"}]);
    }
    told["extension"] = json!({"REMITTER": "CANARY", "deep": {"er": ["CANARY"]}});
    told
}

const KEPT: [&str; 24] = [
    "amount",
    "apply_num",
    "cancel_amount",
    "cancel_history",
    "cancel_reason",
    "cancelled_at",
    "card_name",
    "card_quota",
    "currency",
    "fail_reason",
    "failed_at",
    "paid_at",
    "pay_method",
    "pg_id",
    "pg_provider",
    "pg_tid",
    "promotion",
    "receipt_url",
    "sandbox",
    "started_at",
    "status",
    "vbank_date",
    "vbank_name",
    "vbank_num",
];

#[tokio::test]
async fn these_facts_are_kept_as_the_gateway_told_them_and_no_others() {
    let shop = TestShop::open().await;
    for status in ["cancelled", "paid"] {
        shop.order(json!({})).await;
        let told = talkative(status);
        let imp_uid = shop.payment(&told.to_string());
        shop.webhook(&imp_uid).await.says(200, "partiallyCancelled");
        let row = shop.row().await;
        let kept = row["payment"].as_object().unwrap();
        let names: BTreeSet<_> = kept.keys().map(String::as_str).collect();
        assert_eq!(names, KEPT.into());
        for (name, value) in kept {
            assert_eq!(value, &told[name], "{name}");
        }
    }
}

#[tokio::test]
async fn nothing_about_the_person_is_kept_or_answered() {
    let shop = TestShop::open().await;
    for (index, status) in ["ready", "failed", "paid", "cancelled"]
        .into_iter()
        .enumerate()
    {
        let mut told = talkative(status);
        if status == "ready" || status == "failed" {
            told["cancel_amount"] = 0.into();
            told["cancel_history"] = json!([]);
        }
        // An old account would be told to nobody.
        let now = shop.gateway.now();
        told["vbank_issued_at"] = now.into();
        told["vbank_date"] = (now + 86_400).into();
        let merchant_uid = format!("ORD-{index}");
        told["merchant_uid"] = merchant_uid.as_str().into();
        shop.customers
            .put(json!({"customer_id": "customer-1"}))
            .await
            .unwrap();
        let order = json!({"customer_id": "customer-1", "phone": "010-1234-5678"});
        shop.order_as(&merchant_uid, order).await;
        let imp_uid = shop.payment(&told.to_string());
        for door in DOORS {
            let answer = shop.knock(door, &imp_uid).await;
            assert_eq!(answer.code, 200);
            assert!(!answer.body.to_string().contains("CANARY"), "{answer:?}");
        }
        let row = shop.row_of(&merchant_uid).await;
        assert_eq!(row["payment"]["status"], status);
        assert!(!row.to_string().contains("CANARY"), "{row}");
    }
    let customer = shop.customers.get("customer-1").await.unwrap();
    assert!(!customer.to_string().contains("CANARY"), "{customer}");
    let texts = shop.aws.sms_sent();
    assert_eq!(texts.len(), 1);
    assert!(!texts[0].message.contains("CANARY"), "{texts:?}");
}

#[tokio::test]
async fn the_shops_own_columns_are_in_no_answer() {
    let shop = TestShop::open().await;
    let secret = json!({"note": "CANARY", "phone": "+821012345678", "customer_id": "CANARY", "amount": 1000});
    shop.order(secret.clone()).await;
    let paid = shop.payment("{}");
    let second = shop.payment("{}");
    let forged = shop.payment(r#"{"amount": 1}"#);
    shop.order_as("ORD-2", json!({"note": "CANARY", "amount": "CANARY"}))
        .await;
    let misconfigured = shop.payment(r#"{"merchant_uid": "ORD-2"}"#);
    for imp_uid in [&paid, &paid, &second, &forged, &misconfigured] {
        for door in DOORS {
            let answer = shop.knock(door, imp_uid).await;
            assert!(!format!("{answer:?}").contains("CANARY"), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn unknown_fields_methods_and_missing_facts_do_no_harm() {
    let shop = TestShop::open().await;
    let optional = [
        "apply_num",
        "pay_method",
        "channel",
        "pg_provider",
        "emb_pg_provider",
        "pg_id",
        "pg_tid",
        "card_name",
        "card_number",
        "card_quota",
        "card_type",
        "vbank_name",
        "vbank_num",
        "vbank_date",
        "vbank_issued_at",
        "receipt_url",
        "cancel_reason",
        "fail_reason",
        "failed_at",
        "cancelled_at",
        "promotion",
        "customer_uid",
        "customer_uid_usage",
        "buyer_name",
        "name",
        "custom_data",
        "cancel_history",
        "cancel_receipt_urls",
    ];
    let nulls: serde_json::Map<_, _> = optional
        .map(|name| (name.to_owned(), Value::Null))
        .into_iter()
        .collect();
    for payment in [
        Value::Object(nulls),
        json!({"$omit": optional}),
        json!({"pay_method": "moonshot", "channel": "fax", "pg_provider": "new_pg", "escrow": null}),
        json!({"new": {"a": [1, 2.5, {"b": null}]}, "newer": "\u{1f4b3}\u{0}", "newest": 1e300}),
        json!({"card_quota": "12", "vbank_date": "soon", "promotion": "none", "cancel_history": {}, "pg_tid": 7}),
    ] {
        shop.order(json!({})).await;
        let imp_uid = shop.payment(&payment.to_string());
        println!("{payment}");
        shop.webhook(&imp_uid).await.says(200, "success");
        assert_eq!(shop.row().await["imp_uid"], imp_uid.as_str());
    }
}

#[tokio::test]
async fn facts_that_cannot_be_kept_do_no_harm() {
    let deep = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    for payment in [
        r#"{"card_quota": 1e200, "paid_at": 1.5, "newest": 1e400}"#,
        r#"{"vbank_date": 12345678901234567890123456789012345678901}"#,
        r#"{"promotion": {"id": "p", "discount": 1e200}}"#,
        r#"{"cancel_history": [{"amount": 1e200}, null, 7]}"#,
        r#"{"started_at": 1e200}"#,
        r#"{"started_at": null}"#,
        r#"{"$omit": ["started_at", "paid_at"]}"#,
        &format!(r#"{{"promotion": {deep}, "cancel_history": {deep}, "newest": {deep}}}"#),
    ] {
        let shop = TestShop::open().await;
        shop.order(json!({})).await;
        let imp_uid = shop.payment(payment);
        println!("{payment}");
        shop.webhook(&imp_uid).await.says(200, "success");
        let row = shop.row().await;
        assert_eq!(row["imp_uid"], imp_uid.as_str());
        assert!(row["started_at"].is_i64(), "{row}");
    }
}
