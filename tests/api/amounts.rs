//! Money is exact from the gateway's JSON text to DynamoDB's N.

use bigdecimal::BigDecimal;
use serde_json::json;

use crate::assertions::Says;
use crate::test_shop::{Calls, DOORS, Door, ORDER, TestShop};

const NINES: &str = "99999999999999999999999999999999999999";
const ALMOST: &str = "99999999999999999999999999999999999998";

/// Paid, ordered, and whether that is the same.
pub(crate) const PAIRS: &[(&str, &str, bool)] = &[
    ("1000", "1000", true),
    ("1000.0", "1000", true),
    ("1000", "1000.000", true),
    ("1e3", "1000", true),
    ("1E+3", "1000.0", true),
    ("1000", "1e3", true),
    ("10e2", "0.1E4", true),
    ("100000e-2", "1000", true),
    ("1000.01", "1000", false),
    ("1000", "1000.01", false),
    ("999.99", "1000", false),
    ("14.2", "14.20", true),
    ("14.20", "14.2", true),
    ("14.21", "14.2", false),
    ("14", "14.2", false),
    ("0.1", "0.10", true),
    ("0.3", "0.30000000000000004", false),
    ("0.30000000000000004", "0.3", false),
    ("0.30000000000000004", "0.30000000000000004", true),
    ("0.07", "0.070000000000000000000000000000000001", false),
    ("9007199254740992", "9007199254740992", true),
    ("9007199254740993", "9007199254740993", true),
    ("9007199254740993", "9007199254740992", false),
    ("9007199254740992", "9007199254740993", false),
    ("18446744073709551616", "18446744073709551616", true),
    ("18446744073709551616", "0", false),
    (NINES, NINES, true),
    (NINES, ALMOST, false),
    (ALMOST, NINES, false),
    (
        "0.12345678901234567890123456789012345678",
        "0.12345678901234567890123456789012345678",
        true,
    ),
    (
        "0.12345678901234567890123456789012345678",
        "0.12345678901234567890123456789012345679",
        false,
    ),
    ("1e30", "1000000000000000000000000000000", true),
    ("1000000000000000000000000000000", "1e30", true),
    ("1e30", "1000000000000000019884624838656", false),
    ("1e-8", "0.00000001", true),
    ("0.00000001", "0.00000002", false),
];

#[tokio::test]
async fn equal_amounts_are_equal_however_written_and_no_others_are() {
    let shop = TestShop::open().await;
    for (paid, ordered, equal) in PAIRS.iter().filter(|(_, ordered, _)| *ordered != "0") {
        shop.order(json!({"amount": {"N": ordered}})).await;
        let imp_uid = shop.payment(&format!(r#"{{"amount": {paid}}}"#));
        for door in DOORS {
            println!("{paid} for {ordered}");
            let answer = shop.knock(door, &imp_uid).await;
            if *equal {
                answer.says(200, "success");
                let item = shop.item().await;
                let kept = item["payment"].as_m().unwrap()["amount"].as_n();
                assert_eq!(decimal(kept.unwrap()), decimal(paid));
            } else {
                answer.says(400, "forgery");
            }
        }
    }
}

#[tokio::test]
async fn a_cancelled_amount_is_exact() {
    let shop = TestShop::open().await;
    shop.order(json!({"amount": {"N": "14.20"}, "currency": "USD"}))
        .await;
    let imp_uid = shop.payment(r#"{"amount": 14.20, "currency": "USD"}"#);
    shop.complete(&imp_uid).await.says(200, "success");
    for (part, so_far, status) in [
        ("0.1", "0.1", "partiallyCancelled"),
        ("0.2", "0.3", "partiallyCancelled"),
        ("13.89", "14.19", "partiallyCancelled"),
        ("0.01", "14.2", "cancelled"),
    ] {
        shop.gateway.cancel(&imp_uid, Some(part)).unwrap();
        shop.webhook(&imp_uid).await.says(200, status);
        let item = shop.item().await;
        assert_eq!(
            decimal(item["cancel_amount"].as_n().unwrap()),
            decimal(so_far)
        );
        let kept = item["payment"].as_m().unwrap();
        assert_eq!(
            decimal(kept["cancel_amount"].as_n().unwrap()),
            decimal(so_far)
        );
        assert_eq!(decimal(kept["amount"].as_n().unwrap()), decimal("14.2"));
        let parts = kept["cancel_history"].as_l().unwrap();
        let last = parts.last().unwrap().as_m().unwrap();
        assert_eq!(decimal(last["amount"].as_n().unwrap()), decimal(part));
    }
}

#[tokio::test]
async fn a_cancelled_amount_of_38_digits_is_told_from_all_of_it() {
    let shop = TestShop::open().await;
    shop.order(json!({"amount": {"N": NINES}})).await;
    let imp_uid = shop.payment(&format!(
        r#"{{"amount": {NINES}, "status": "cancelled", "cancel_amount": {ALMOST}}}"#
    ));
    shop.webhook(&imp_uid).await.says(200, "partiallyCancelled");
    shop.gateway
        .update(&imp_uid, format!(r#"{{"cancel_amount": {NINES}}}"#))
        .unwrap();
    shop.webhook(&imp_uid).await.says(200, "cancelled");
    let item = shop.item().await;
    assert_eq!(
        decimal(item["cancel_amount"].as_n().unwrap()),
        decimal(NINES)
    );
}

#[tokio::test]
async fn cancelled_amounts_are_compared_as_numbers() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment(r#"{"status": "cancelled", "cancel_amount": 9}"#);
    for cancelled in [9, 10, 99, 100, 1000] {
        let fields = json!({"cancel_amount": cancelled}).to_string();
        shop.gateway.update(&imp_uid, fields).unwrap();
        shop.webhook(&imp_uid).await;
        assert_eq!(shop.row().await["cancel_amount"], cancelled);
    }
}

#[tokio::test]
async fn an_amount_that_is_no_number_of_up_to_38_digits_is_nonsense() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let before = shop.item().await;
    let unusable = [
        "1e200",
        "1e999999999999",
        "-1000",
        "-1e3",
        "-0.01",
        "\"1000\"",
        "\"\"",
        "null",
        "true",
        "[1000]",
        r#"{"N": "1000"}"#,
        "123456789012345678901234567890123456789",
        "0.123456789012345678901234567890123456789",
    ];
    for field in ["amount", "cancel_amount"] {
        for value in unusable {
            refused(&shop, field, &format!(r#"{{"{field}": {value}}}"#)).await;
        }
        refused(&shop, field, &format!(r#"{{"$omit": ["{field}"]}}"#)).await;
    }
    assert_eq!(shop.item().await, before);
}

async fn refused(shop: &TestShop, field: &str, payment: &str) {
    // A payment that failed, or was cancelled, is held to the same.
    for status in ["paid", "failed", "cancelled"] {
        let imp_uid = shop.payment("{}");
        shop.gateway.update(&imp_uid, payment).unwrap();
        shop.gateway
            .update(&imp_uid, json!({"status": status}).to_string())
            .unwrap();
        for door in DOORS {
            println!("{field}: {payment}, {status}");
            shop.forget_calls();
            // The payment's JSON need not be readable for everybody.
            let answer = shop.claim(door, &imp_uid, ORDER).await;
            answer.says(503, "unavailable");
            assert_eq!(shop.aws.calls(), [].into());
        }
    }
}

#[tokio::test]
async fn nothing_paid_is_not_what_the_order_asked_for() {
    let shop = TestShop::open().await;
    for zero in ["0", "0.00", "0e5"] {
        shop.order(json!({})).await;
        let imp_uid = shop.payment(&format!(r#"{{"amount": {zero}}}"#));
        let imp_uid = imp_uid.as_str();
        shop.claim(Door::Page, imp_uid, ORDER)
            .await
            .says(400, "forgery");
        shop.order(json!({"amount": 0})).await;
        shop.claim(Door::Page, imp_uid, ORDER)
            .await
            .says(500, "misconfigured");
        assert_eq!(shop.row().await["payment_status"], json!(null));
    }
}

#[tokio::test]
async fn a_repeated_request_with_no_news_costs_the_same() {
    let shop = TestShop::open().await;
    shop.order(json!({"amount": {"N": "14.20"}})).await;
    let imp_uid = shop.payment(r#"{"amount": 14.2}"#);
    shop.complete(&imp_uid).await.says(200, "success");
    shop.gateway
        .update(&imp_uid, r#"{"amount": 1420e-2}"#)
        .unwrap();
    shop.forget_calls();
    shop.complete(&imp_uid).await.says(200, "success");
    assert_eq!(shop.calls(), Calls::of(0, 1, &[("UpdateItem", 1)]));
}

fn decimal(text: &str) -> BigDecimal {
    text.parse().unwrap()
}
