//! No secret, token or person's data in a log line, nor the shop's own columns.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, Once};

use iamport_sim::{Fault, Route};
use local::aws;
use serde_json::{Value, json};
use tracing::Level;
use tracing_subscriber::layer::SubscriberExt;

use crate::assertions::Says;
use crate::test_shop::{DOORS, ORDER, TestShop};
use local::event::{FORM, JSON, Post};

/// What was logged on this thread while it was kept; the function runs on it too.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

thread_local! {
    static KEPT: RefCell<Option<Log>> = const { RefCell::new(None) };
}

/// Ends the keeping.
struct Kept;

impl Drop for Kept {
    fn drop(&mut self) {
        KEPT.set(None);
    }
}

/// Where the one subscriber of all tests writes: tracing remembers for good that nobody wants to hear of a line, so one
/// subscriber a test, set while others log, would miss some.
struct ThisThread;

impl Log {
    /// Everything the function itself says, and what libraries say to everybody.
    fn keep(&self) -> Kept {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let levels = tracing_subscriber::filter::Targets::new()
                .with_default(Level::INFO)
                .with_target("payment_verifier", Level::TRACE);
            let lines = tracing_subscriber::fmt::layer()
                .json()
                .with_writer(|| ThisThread);
            let all = tracing_subscriber::registry().with(lines).with(levels);
            tracing::subscriber::set_global_default(all).unwrap();
        });
        KEPT.set(Some(self.clone()));
        Kept
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The function's own lines about requests: of each, what its alarms and queries go by.
    fn lines(&self) -> Vec<Value> {
        let text = self.text();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines
            .filter(|line: &Value| line["fields"]["request_id"].is_string())
            .map(|line| {
                let fields = &line["fields"];
                json!({
                    "level": line["level"], "route": fields["route"],
                    "merchant_uid": fields["merchant_uid"], "imp_uid": fields["imp_uid"],
                    "http_status": fields["http_status"], "outcome": fields["outcome"],
                })
            })
            .collect()
    }
}

impl Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        KEPT.with_borrow(|kept| match kept {
            Some(Log(lines)) => lines.lock().unwrap().write(bytes),
            None => Ok(bytes.len()),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const TOKEN: &str = "0123456789abcdef0123456789abcdef01234567";

/// Nobody may ever read these in a log.
const CANARIES: [&str; 11] = [
    "CANARY",
    "010-1234-5678",
    "01012345678",
    "+8210",
    "1012345678",
    "customer-1",
    "VBANK-7788",
    "secret-of-the-gateway",
    "key-of-the-gateway",
    TOKEN,
    "48765",
];

/// A shop where everything worth hiding is a canary.
async fn till_of_canaries() -> TestShop {
    let shop = TestShop::cold().await;
    shop.gateway
        .rotate_credentials("key-of-the-gateway", "secret-of-the-gateway");
    shop.put_credentials("key-of-the-gateway", "secret-of-the-gateway");
    shop.customers
        .put(json!({"customer_id": "customer-1", "name": "CANARY"}))
        .await
        .unwrap();
    shop.order(json!({
        "amount": 48_765, "customer_id": "customer-1", "phone": "010-1234-5678", "note": "CANARY",
        "address": {"city": "CANARY"}, "tags": {"SS": ["CANARY"]},
    }))
    .await;
    shop
}

const PERSON: &str = r#""amount": 48765, "buyer_name": "CANARY", "buyer_email": "CANARY", "buyer_tel": "CANARY",
    "buyer_addr": "CANARY", "card_number": "CANARY", "custom_data": "CANARY", "name": "CANARY",
    "vbank_holder": "CANARY", "customer_uid": "CANARY", "user_agent": "CANARY""#;

#[tokio::test]
async fn the_lives_of_payments_are_logged_without_anybodys_data() {
    let log = Log::default();
    let _kept = log.keep();
    let shop = till_of_canaries().await;
    shop.function.warm().await;
    let account = shop.account(&format!(r#"{{"vbank_num": "VBANK-7788", {PERSON}}}"#));
    let forged = shop.payment(&format!("{{{}}}", PERSON.replace("48765", "1")));
    let second = shop.payment(&format!("{{{PERSON}}}"));
    for door in DOORS {
        shop.knock(door, &account).await.says(200, "vbankIssued");
        shop.knock(door, &forged).await.says(400, "forgery");
    }
    shop.gateway.deposit(&account).unwrap();
    for door in DOORS {
        shop.knock(door, &account).await.says(200, "success");
        shop.knock(door, &second)
            .await
            .says(409, "duplicatePayment");
    }
    shop.orders
        .edit(ORDER, json!({"payment_rank": "CANARY"}))
        .await
        .unwrap();
    for door in DOORS {
        shop.knock(door, &second).await.says(500, "misconfigured");
        shop.claim(door, &second, "ORD-2")
            .await
            .says(400, "forgery");
        shop.claim(door, "imp_404404404404", ORDER)
            .await
            .says(404, "paymentNotFound");
    }
    check(&log, &[ORDER, &account, &forged, &second]);
}

#[tokio::test]
async fn trouble_is_logged_without_anybodys_data() {
    let log = Log::default();
    let _kept = log.keep();
    let shop = till_of_canaries().await;
    let token = json!({"code": 0, "message": null, "response": {"access_token": TOKEN, "now": 1, "expired_at": 1801}});
    let token = Fault::answer(200, "application/json", &token.to_string());
    let paid = shop.payment(&format!("{{{PERSON}}}"));
    // The token is refused, then the credentials are, and what is read again is no secret at all.
    shop.gateway.fault(token.on(Route::Token));
    shop.complete(&paid).await.says(503, "unavailable");
    shop.gateway.clear_faults();
    shop.gateway.revoke_tokens();
    shop.gateway.rotate_credentials("other", "other");
    shop.complete(&paid).await.says(503, "unavailable");
    shop.aws
        .put_secret("iamport", "secret-of-the-gateway CANARY");
    shop.another_function()
        .complete(&paid, ORDER)
        .await
        .says(503, "unavailable");
    shop.aws.put_secret(
        "iamport",
        r#"{"imp_key": {"CANARY": "CANARY"}, "imp_secret": "CANARY"}"#,
    );
    shop.another_function()
        .complete(&paid, ORDER)
        .await
        .says(503, "unavailable");

    shop.put_credentials("other", "other");
    let function = shop.another_function();
    let page = "<html>CANARY</html>";
    let json = |text: &str| Fault::answer(200, "application/json", text);
    for fault in [
        Fault::answer(502, "text/html", page),
        Fault::answer(
            500,
            "application/json",
            r#"{"code":-1,"message":"CANARY","response":null}"#,
        ),
        json(r#"{"code":-1,"message":"CANARY","response":null}"#),
        json(
            r#"{"code":0,"message":null,"response":{"imp_uid":["CANARY"],"buyer_name":"CANARY"}}"#,
        ),
        json(r#"{"code":0,"message":null,"response":{"imp_uid":"CANARY","amount":"CANARY"}}"#),
        json("CANARY"),
        Fault::redirect("https://CANARY:CANARY@example.com/CANARY"),
        Fault::fields(r#"{"amount": "CANARY"}"#).unwrap(),
        Fault::fields(r#"{"currency": ["CANARY"]}"#).unwrap(),
        Fault::dropped(),
        Fault::truncated(),
    ] {
        shop.gateway.fault(fault.on(Route::LookUp));
        function
            .complete(&paid, ORDER)
            .await
            .says(503, "unavailable");
        shop.gateway.clear_faults();
    }
    for fault in [aws::Fault::fail, aws::Fault::deny, aws::Fault::dropped] {
        shop.aws.fault(fault());
        function
            .complete(&paid, ORDER)
            .await
            .says(503, "unavailable");
        shop.aws.clear_faults();
    }
    check(&log, &[ORDER, &paid]);
}

#[tokio::test]
async fn a_text_that_cannot_be_sent_is_logged_without_number_and_account() {
    let log = Log::default();
    let _kept = log.keep();
    for fault in [aws::Fault::fail, aws::Fault::deny, aws::Fault::dropped] {
        let shop = till_of_canaries().await;
        shop.aws.fault(fault().on("Publish"));
        let account = shop.account(&format!(r#"{{"vbank_num": "VBANK-7788", {PERSON}}}"#));
        for door in DOORS {
            shop.knock(door, &account).await;
        }
        check(&log, &[ORDER, &account]);
    }
}

#[tokio::test]
async fn malformed_requests_are_logged_without_their_bodies() {
    let log = Log::default();
    let _kept = log.keep();
    let shop = TestShop::cold().await;
    for (content_type, body) in [
        (
            JSON,
            r#"{"imp_uid": "CANARY CANARY", "merchant_uid": "ORD-1"}"#,
        ),
        (JSON, r#"{"imp_uid": ["CANARY"], "merchant_uid": "ORD-1"}"#),
        (
            JSON,
            r#"{"imp_uid": "imp_1", "merchant_uid": {"CANARY": "CANARY"}}"#,
        ),
        (
            JSON,
            r#"{"CANARY": "CANARY", "imp_uid": "imp_1", "imp_uid": "imp_1"}"#,
        ),
        (JSON, "CANARY"),
        (FORM, "CANARY=CANARY&imp_uid=CANARY!"),
        (FORM, "imp_uid=imp_1&merchant_uid=CANARY%00"),
    ] {
        for door in DOORS {
            shop.post(door, &Post::text(content_type, body))
                .await
                .says(400, "badRequest");
        }
    }
    check(&log, &["malformed"]);
}

#[tokio::test]
async fn each_request_is_one_line_that_says_what_came_of_it() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let paid = shop.payment("{}");
    let forged = shop.payment(r#"{"amount": 1}"#);
    for (door, route) in DOORS.into_iter().zip(["complete", "webhook"]) {
        let line = |level, merchant_uid: &str, imp_uid: &str, http_status, outcome| {
            json!({
                "level": level, "route": route, "merchant_uid": merchant_uid, "imp_uid": imp_uid,
                "http_status": http_status, "outcome": outcome,
            })
        };
        let log = Log::default();
        let kept = log.keep();
        shop.knock(door, &paid).await.says(200, "success");
        shop.knock(door, &forged).await.says(400, "forgery");
        shop.claim(door, "imp_404404404404", ORDER)
            .await
            .says(404, "paymentNotFound");
        shop.gateway.fault(Fault::dropped());
        shop.knock(door, &paid).await.says(503, "unavailable");
        shop.gateway.clear_faults();
        drop(kept);
        assert_eq!(
            log.lines(),
            [
                line("INFO", ORDER, &paid, 200, "success"),
                line("WARN", ORDER, &forged, 400, "forgery"),
                line("WARN", ORDER, "imp_404404404404", 404, "paymentNotFound"),
                line("ERROR", ORDER, &paid, 503, "unavailable"),
            ]
        );
    }
}

/// Every canary is absent, and the log is not simply empty.
#[track_caller]
fn check(log: &Log, present: &[&str]) {
    let text = log.text();
    for wanted in present {
        assert!(text.contains(wanted), "no {wanted} in the log:\n{text}");
    }
    for line in text.lines() {
        for canary in CANARIES {
            assert!(!line.contains(canary), "{canary} in the log: {line}");
        }
    }
}
