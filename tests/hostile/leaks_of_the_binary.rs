//! The real binary through every outcome and every trouble, at TRACE: what it prints and answers has no canary in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use iamport_sim::Fault;
use local::event::Door;
use local::lambda::Invocation;
use serde_json::{Value, json};

use crate::canaries::{self, CANARY};
use crate::canary_shop::{CanaryShop, SECRETS, loud, start};
use crate::gateway_troubles;
use crate::http_server::{Response, serve};
use crate::scripted_aws::{self, ScriptedAws};

const FORMATS: [&str; 2] = ["JSON", "Text"];

/// Each outcome: what the order and the payment say, and the answer's `status`.
fn outcomes() -> Vec<(&'static str, Value, Value)> {
    let nothing = || json!({});
    vec![
        ("success", nothing(), nothing()),
        (
            "vbankIssued",
            nothing(),
            json!({"status": "ready", "pay_method": "vbank", "paid_at": 0}),
        ),
        ("pending", nothing(), json!({"status": "ready"})),
        (
            "failed",
            nothing(),
            json!({"status": "failed", "fail_reason": "KEPTFACT-reason"}),
        ),
        (
            "cancelled",
            nothing(),
            json!({"status": "cancelled", "cancel_amount": canaries::AMOUNT}),
        ),
        (
            "partiallyCancelled",
            nothing(),
            json!({"status": "cancelled", "cancel_amount": 1}),
        ),
        ("forgery", nothing(), json!({"amount": 7})),
        ("forgery", nothing(), json!({"sandbox": true})),
        ("forgery", nothing(), json!({"customer_uid_usage": "issue"})),
        (
            "forgery",
            nothing(),
            json!({"merchant_uid": "ORD-elsewhere"}),
        ),
        (
            "misconfigured",
            json!({"amount": "CANARY-amount"}),
            nothing(),
        ),
        (
            "misconfigured",
            json!({"payment_stage": "CANARY-stage"}),
            nothing(),
        ),
        ("orderNotFound", Value::Null, nothing()),
        ("paymentNotFound", nothing(), Value::Null),
        ("unavailable", nothing(), json!({"amount": "CANARY-amount"})),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_outcome_lets_a_canary_out() {
    for format in FORMATS {
        let canary_shop = CanaryShop::open().await;
        let mut function = start(&canary_shop.environment(format)).await;
        for (index, (status, order, payment)) in outcomes().into_iter().enumerate() {
            for door in Door::ALL {
                let (imp_uid, merchant_uid) =
                    (format!("imp_{door}_{index}"), format!("ORD-{door}-{index}"));
                if !order.is_null() {
                    canary_shop.order(&merchant_uid, order.clone()).await;
                }
                if !payment.is_null() {
                    canary_shop.pay(&imp_uid, &merchant_uid, &payment);
                }
                // New, and once more: the second time the old item comes along.
                for _ in 0..2 {
                    let body = canary_shop
                        .ask(&mut function, &loud(door, &imp_uid, &merchant_uid))
                        .await;
                    assert_eq!(body["status"], status, "{door} {order} {payment}");
                }
                canary_shop.assert_row(&merchant_uid).await;
            }
        }
        canary_shop.duplicates(&mut function).await;
        canary_shop.nonsense(&mut function).await;
        canary_shop.assert_kept_only_where_it_belongs().await;
        let mut says: Vec<_> = outcomes().into_iter().map(|(status, ..)| status).collect();
        says.extend(["duplicatePayment", "badRequest", "notFound"]);
        canary_shop.assert_log(function, format, &says).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_trouble_at_the_gateway_lets_a_canary_out() {
    for format in FORMATS {
        let canary_shop = CanaryShop::open().await;
        canary_shop.order("ORD-1", json!({})).await;
        canary_shop.pay("imp_1", "ORD-1", &json!({}));
        let mut function = start(&canary_shop.environment(format)).await;
        let echo = format!("Bearer {} {SECRETS:?}", canary_shop.token);
        for (name, faults) in gateway_troubles::at_the_gateway(&echo) {
            canary_shop.shop.gateway.clear_faults();
            for fault in faults {
                canary_shop.shop.gateway.fault(fault);
            }
            let body = canary_shop
                .ask(&mut function, &loud(Door::Page, "imp_1", "ORD-1"))
                .await;
            assert!(
                body["status"] == "unavailable" || body["status"] == "paymentNotFound",
                "{name}: {body}"
            );
        }
        canary_shop.shop.gateway.clear_faults();
        canary_shop.shop.gateway.fault(Fault::stalled());
        let event = loud(Door::Page, "imp_1", "ORD-1");
        let soon = Invocation::of(&event).within(Duration::from_millis(1200));
        let body = canary_shop.ask_now(&mut function, &event, soon).await;
        assert_eq!(
            body["status"], "unavailable",
            "half an answer, and then nothing"
        );
        canary_shop
            .assert_log(
                function,
                format,
                &["credentialsRefused", "nonsense", "ran out"],
            )
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_trouble_at_dynamodb_or_sns_lets_a_canary_out() {
    for format in FORMATS {
        let canary_shop = CanaryShop::open().await;
        let aws = ScriptedAws::open();
        let mut environment = canary_shop.environment(format);
        environment.insert("AWS_ENDPOINT_URL_DYNAMODB", aws.url());
        environment.insert("AWS_ENDPOINT_URL_SNS", aws.url());
        let mut function = start(&environment).await;
        for (imp_uid, more) in [
            ("imp_0", json!({})),
            (
                "imp_1",
                json!({"status": "ready", "pay_method": "vbank", "started_at": 1_700_000_000}),
            ),
        ] {
            canary_shop.pay(imp_uid, "ORD-1", &more);
            for (name, script) in scripted_aws::at_dynamodb()
                .into_iter()
                .chain(scripted_aws::at_sns())
            {
                for door in Door::ALL {
                    println!("{format} {imp_uid} {door}: {name}");
                    aws.says(&script);
                    canary_shop
                        .ask(&mut function, &loud(door, imp_uid, "ORD-1"))
                        .await;
                }
            }
        }
        canary_shop
            .assert_log(
                function,
                format,
                &["DynamoDB did not take", "SNS did not take", "due"],
            )
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_trouble_with_the_secret_lets_a_canary_out() {
    for format in FORMATS {
        let canary_shop = CanaryShop::open().await;
        for (name, script) in scripted_aws::at_secrets_manager("CANARY-secret") {
            println!("{format}: {name}");
            let aws = ScriptedAws::open();
            aws.says(&script);
            let mut environment = canary_shop.environment(format);
            environment.insert("AWS_ENDPOINT_URL_SECRETS_MANAGER", aws.url());
            let mut function = start(&environment).await;
            let body = canary_shop
                .ask(&mut function, &loud(Door::Page, "imp_1", "ORD-1"))
                .await;
            assert_eq!(body["status"], "unavailable");
            canary_shop
                .assert_log(
                    function,
                    format,
                    &["started without a token", "could not be settled"],
                )
                .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_setting_lets_a_canary_out() {
    let canary_shop = CanaryShop::open().await;
    for format in FORMATS {
        for (name, value) in [
            ("IAMPORT_BASE_URL", "https://CANARY:CANARY@api.iamport.kr"),
            ("IAMPORT_BASE_URL", "CANARY"),
            ("IAMPORT_BASE_URL", "https://api.iamport.kr/?key=CANARY"),
            ("ALLOW_SANDBOX", "CANARY"),
            ("VBANK_SMS", "CANARY"),
            ("ORDERS_TABLE", ""),
        ] {
            let mut environment = canary_shop.environment(format);
            environment.insert(name, value.to_owned());
            let mut function = start(&environment).await;
            let (status, log) = function.ended().await.unwrap();
            assert!(!status.success(), "{name}={value} starts");
            canary_shop.assert_clean(&log, format, &[name]);
        }
    }
}

/// A proxy would see the token and every payment.
#[tokio::test(flavor = "multi_thread")]
async fn no_proxy_in_the_environment_is_told_anything() {
    let canary_shop = CanaryShop::open().await;
    canary_shop.order("ORD-1", json!({})).await;
    canary_shop.pay("imp_1", "ORD-1", &json!({}));
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    let proxy = serve(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        Response::json(502, "")
    });
    let mut environment = canary_shop.environment("JSON");
    for name in [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ] {
        environment.insert(name, format!("http://{proxy}"));
    }
    let mut function = start(&environment).await;
    let body = canary_shop
        .ask(&mut function, &loud(Door::Page, "imp_1", "ORD-1"))
        .await;
    assert_eq!(
        (body["status"].as_str(), told.load(Ordering::Relaxed)),
        (Some("success"), 0)
    );
    canary_shop
        .assert_log(function, "JSON", &["success", "xrayTraceId"])
        .await;
}

#[test]
fn everything_private_has_a_canary() {
    let payment = canaries::payment("imp_1", "ORD-1", &json!({}));
    let customer = canaries::customer().to_string();
    let order = canaries::order(&json!({})).to_string();
    for text in [payment, customer, order] {
        assert!(text.contains(CANARY), "{text}");
    }
}
