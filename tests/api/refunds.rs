//! Refunds of duplicates: given behind every guard at once, and by none of them alone.

mod asking;
mod guards;
mod limits;

use iamport_sim::Route;
use serde_json::{Value, json};

use crate::sweep::summary;
use crate::test_shop::{ORDER, TestShop};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// An order that was paid twice, twenty minutes ago, and whose second payment is to be looked at again.
pub(crate) struct Twice {
    pub(crate) shop: TestShop,
    pub(crate) first: String,
    pub(crate) second: String,
}

impl Twice {
    /// With refunds up to 50,000 won.
    pub(crate) async fn paid(second: &Value) -> Self {
        Self::paid_with(&[("REFUND_DUPLICATES_MAX", "50000")], &json!({}), second).await
    }

    /// With some settings, another order, and another second payment.
    pub(crate) async fn paid_with(
        settings: &[(&'static str, &str)],
        order: &Value,
        second: &Value,
    ) -> Self {
        let shop = TestShop::open_with(settings).await;
        shop.order(order.clone()).await;
        let currency = order["currency"].as_str().unwrap_or("KRW");
        let pay = |changes: &Value| {
            let at = shop.gateway.now() - 20 * MINUTE;
            let mut fields = json!({"paid_at": at, "started_at": at, "currency": currency});
            let members = fields.as_object_mut().unwrap();
            members.extend(changes.as_object().unwrap().clone());
            shop.payment(&fields.to_string())
        };
        let (first, second) = (pay(&json!({})), pay(second));
        for payment in [&first, &second] {
            shop.webhook(payment).await;
        }
        let twice = Self {
            shop,
            first,
            second,
        };
        twice.forget(json!({})).await;
        twice
    }

    /// The item changes, and nobody looked at it for ages.
    pub(crate) async fn forget(&self, changes: Value) {
        self.shop.forget(ORDER, &self.second, changes).await;
    }

    /// As if so many minutes had passed since the last sweep.
    pub(crate) async fn wait(&self, minutes: i64) {
        let now = self.shop.gateway.now();
        let mut item = json!({});
        for name in ["looked_at", "refund_asked_at"] {
            if let Some(at) = self.item().await[name].as_i64() {
                item[name] = (at.min(now) - minutes * MINUTE).into();
            }
        }
        self.forget(item).await;
    }

    /// A sweep whose window has none of the payments in it.
    pub(crate) async fn sweep(&self) -> Result<Value, String> {
        self.shop.sweep(5).await
    }

    pub(crate) async fn item(&self) -> Value {
        self.shop.noted(&self.second).await
    }

    /// How often the gateway was asked for a refund.
    pub(crate) fn asks(&self) -> usize {
        self.shop.gateway.count(Route::Cancel)
    }

    /// Refunds that were given: of which payment, and how much.
    pub(crate) fn refunds(&self) -> Vec<(String, String)> {
        let refunds = self.shop.gateway.refunds().into_iter();
        refunds
            .map(|refund| (refund.imp_uid, refund.amount))
            .collect()
    }

    /// It is refunded now, once and whole, and nothing else is.
    pub(crate) async fn assert_refunded(&self) {
        assert_eq!(self.refunds(), [(self.second.clone(), "1000".to_owned())]);
        assert_eq!(self.item().await["state"], "refunded");
        let row = self.shop.row().await;
        let expected = (&json!(self.first), &json!("paid"));
        assert_eq!((&row["imp_uid"], &row["payment_status"]), expected);
    }
}

#[tokio::test]
async fn a_duplicate_is_refunded() {
    let twice = Twice::paid(&json!({})).await;
    let swept = twice.sweep().await;
    let expected = summary(&json!({"resolved": 1, "refunded": 1}));
    assert_eq!(swept, Ok(expected));
    twice.assert_refunded().await;
    let item = twice.item().await;
    assert_eq!(
        (&item["refund_asks"], &item["cancel_amount"]),
        (&json!(1), &json!(1000))
    );
    let refund = &twice.shop.gateway.refunds()[0];
    assert_eq!(refund.requester.as_deref(), Some("admin"));
    assert_eq!(refund.reason, "중복 결제 자동 환불");
    // The refund is in the list now, and no news.
    let swept = twice.sweep().await;
    assert_eq!(swept, Ok(summary(&json!({"listed": 1}))));
    assert_eq!(twice.asks(), 1);
}
