//! The sweep: what no delivery told is found, settled from the list, and counted.

use serde_json::{Value, json};

use crate::says::assert_row;
use crate::till::{ORDER, Till};

impl Till {
    /// A sweep up to now, by the gateway's clock.
    pub(crate) async fn sweep(&self, minutes: u32) -> Result<Value, String> {
        let now = self.gateway.now();
        self.function.sweep_last(minutes, now).await
    }
}

#[tokio::test]
async fn lost_deliveries_are_found_settled_from_the_list_and_counted_once() {
    let till = Till::open().await;
    till.order(json!({})).await;
    let paid = till.payment("{}");
    till.forget_calls();
    let swept = till.sweep(20).await.unwrap();
    assert_eq!(
        swept,
        json!({"listed": 1, "repaired": {"ready": 0, "paid": 1, "cancelled": 0},
               "unmatched": 0, "resolved": 0, "refunded": 0, "open": 0})
    );
    assert_row(
        &till.row().await,
        &json!({"imp_uid": paid, "payment_status": "paid"}),
    );
    let again = till.sweep(20).await.unwrap();
    assert_eq!(again["repaired"]["paid"], 0);
}

#[tokio::test]
async fn money_that_no_order_took_is_listed_looked_at_and_matched() {
    let till = Till::open().await;
    let early = till.payment("{}");
    let swept = till.sweep(20).await.unwrap();
    assert_eq!(
        (&swept["unmatched"], &swept["open"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(till.noted(&early).await["reason"], "orderNotFound");
    till.order(json!({})).await;
    // Nobody looked for half an hour.
    till.unmatched
        .edit([ORDER, &early], json!({"looked_at": 1}))
        .await
        .unwrap();
    let swept = till.sweep(1).await.unwrap();
    assert_eq!(
        (&swept["resolved"], &swept["open"]),
        (&json!(1), &json!(0)),
        "{swept}"
    );
    assert_eq!(till.noted(&early).await["state"], "matched");
}

#[tokio::test]
async fn a_duplicate_is_refunded() {
    let till = Till::open_with(&[("REFUND_DUPLICATES_MAX", "50000")]).await;
    till.order(json!({})).await;
    let now = till.gateway.now();
    let fields = json!({"paid_at": now - 1200, "started_at": now - 1230}).to_string();
    let (paid, second) = (till.payment(&fields), till.payment(&fields));
    till.complete(&paid).await;
    till.complete(&second).await;
    till.unmatched
        .edit([ORDER, &second], json!({"looked_at": 1}))
        .await
        .unwrap();
    let swept = till.sweep(5).await.unwrap();
    assert_eq!(
        (&swept["refunded"], &swept["open"]),
        (&json!(1), &json!(0)),
        "{swept}"
    );
    assert_eq!(till.noted(&second).await["state"], "refunded");
    let refunds = till.gateway.refunds();
    assert_eq!(refunds.len(), 1);
    assert_eq!(
        (&refunds[0].imp_uid, refunds[0].amount.as_str()),
        (&second, "1000")
    );
}
