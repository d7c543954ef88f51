//! What the log says of a request; what it may never say is in `tests/hostile`.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, Once};

use iamport_sim::Fault;
use serde_json::{Value, json};
use tracing::Level;
use tracing_subscriber::layer::SubscriberExt;

use crate::assertions::Says;
use crate::test_shop::{DOORS, ORDER, TestShop};

/// What was logged on this thread while it was kept; the function runs on it too.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

thread_local! {
    static KEPT: RefCell<Option<Log>> = const { RefCell::new(None) };
}

/// Ends the keeping.
pub(crate) struct Kept;

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
    pub(crate) fn keep(&self) -> Kept {
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

    pub(crate) fn text(&self) -> String {
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
