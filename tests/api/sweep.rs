//! The sweep: what no delivery told is found, settled from the list, and counted.

mod events;
mod figures;
mod left;
mod looks;
mod notices;
mod trouble;
mod windows;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lambda_http::{Context, LambdaEvent};
use payment_verifier::app::App;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::assertions::assert_row;
use crate::test_shop::{ORDER, TestShop};

impl TestShop {
    /// A sweep up to now, by the gateway's clock.
    pub(crate) async fn sweep(&self, minutes: u32) -> Result<Value, String> {
        self.sweep_until(minutes, self.gateway.now()).await
    }

    /// A sweep up to a second that is past.
    pub(crate) async fn sweep_until(&self, minutes: u32, until: i64) -> Result<Value, String> {
        self.function.sweep_last(minutes, until).await
    }

    /// Changes an item, so that nobody looked at it for ages unless told otherwise.
    pub(crate) async fn forget(&self, merchant_uid: &str, imp_uid: &str, changes: Value) {
        let mut item = json!({"looked_at": 1});
        for (name, value) in changes.as_object().unwrap() {
            item[name] = value.clone();
        }
        let edited = self.unmatched.edit([merchant_uid, imp_uid], item).await;
        edited.unwrap();
    }
}

/// A summary: nothing but these figures.
pub(crate) fn summary(figures: &Value) -> Value {
    let mut summary = json!({
        "listed": 0, "repaired": {"ready": 0, "paid": 0, "cancelled": 0},
        "unmatched": 0, "resolved": 0, "refunded": 0, "open": 0,
    });
    for (name, value) in figures.as_object().unwrap() {
        let repaired = ["ready", "paid", "cancelled"].contains(&name.as_str());
        let of = if repaired {
            &mut summary["repaired"]
        } else {
            &mut summary
        };
        of[name] = value.clone();
    }
    summary
}

/// Lambda invokes the function with exactly this, and kills it when the time is over.
pub(crate) async fn invoke(
    app: &App,
    event: &str,
    request_id: &str,
    left: Duration,
) -> Result<Value, String> {
    let event = RawValue::from_string(event.to_owned()).unwrap();
    let mut context = Context::default();
    request_id.clone_into(&mut context.request_id);
    let deadline = SystemTime::now() + left;
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap().as_millis();
    context.deadline = deadline.try_into().unwrap();
    let answer = tokio::time::timeout(left, app.handle(LambdaEvent::new(event, context)));
    let answer = answer.await.expect("an end before Lambda's deadline");
    let answer = answer.map_err(|error| error.to_string())?;
    Ok(serde_json::to_value(answer).unwrap())
}

#[tokio::test]
async fn lost_deliveries_are_found_settled_from_the_list_and_counted_once() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let paid = shop.payment("{}");
    shop.forget_calls();
    let swept = shop.sweep(20).await.unwrap();
    assert_eq!(
        swept,
        json!({"listed": 1, "repaired": {"ready": 0, "paid": 1, "cancelled": 0},
               "unmatched": 0, "resolved": 0, "refunded": 0, "open": 0})
    );
    assert_row(
        &shop.row().await,
        &json!({"imp_uid": paid, "payment_status": "paid"}),
    );
    let again = shop.sweep(20).await.unwrap();
    assert_eq!(again["repaired"]["paid"], 0);
}

#[tokio::test]
async fn money_that_no_order_took_is_listed_looked_at_and_matched() {
    let shop = TestShop::open().await;
    let early = shop.payment("{}");
    let swept = shop.sweep(20).await.unwrap();
    assert_eq!(
        (&swept["unmatched"], &swept["open"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(shop.noted(&early).await["reason"], "orderNotFound");
    shop.order(json!({})).await;
    // Nobody looked for half an hour.
    shop.unmatched
        .edit([ORDER, &early], json!({"looked_at": 1}))
        .await
        .unwrap();
    let swept = shop.sweep(1).await.unwrap();
    assert_eq!(
        (&swept["resolved"], &swept["open"]),
        (&json!(1), &json!(0)),
        "{swept}"
    );
    assert_eq!(shop.noted(&early).await["state"], "matched");
}
