//! The sweep: what no delivery told is found, settled from the list, and counted.

use serde_json::{Value, json};

use crate::assertions::assert_row;
use crate::test_shop::{ORDER, TestShop};

impl TestShop {
    /// A sweep up to now, by the gateway's clock.
    pub(crate) async fn sweep(&self, minutes: u32) -> Result<Value, String> {
        let now = self.gateway.now();
        self.function.sweep_last(minutes, now).await
    }
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

#[tokio::test]
async fn a_duplicate_is_refunded() {
    let shop = TestShop::open_with(&[("REFUND_DUPLICATES_MAX", "50000")]).await;
    shop.order(json!({})).await;
    let now = shop.gateway.now();
    let fields = json!({"paid_at": now - 1200, "started_at": now - 1230}).to_string();
    let (paid, second) = (shop.payment(&fields), shop.payment(&fields));
    shop.complete(&paid).await;
    shop.complete(&second).await;
    shop.unmatched
        .edit([ORDER, &second], json!({"looked_at": 1}))
        .await
        .unwrap();
    let swept = shop.sweep(5).await.unwrap();
    assert_eq!(
        (&swept["refunded"], &swept["open"]),
        (&json!(1), &json!(0)),
        "{swept}"
    );
    assert_eq!(shop.noted(&second).await["state"], "refunded");
    let refunds = shop.gateway.refunds();
    assert_eq!(refunds.len(), 1);
    assert_eq!(
        (&refunds[0].imp_uid, refunds[0].amount.as_str()),
        (&second, "1000")
    );
}
