//! The table of unmatched payments: money that the gateway shows as held and that no order took, the work list of
//! whoever refunds.
//!
//! ```text
//! open ─┬→ refunded   cancelled in full, for good
//!       ├→ matched    its order took it after all; may open again
//!       └→ closed     by a person, with a note; only a refund changes it
//! ```

use crate::aws::CallError;
use crate::dynamodb::Condition::{self, All, Any, Missing};
use crate::dynamodb::{Table, Update, Written, number, text};
use crate::payment::Payment;
use crate::verdict::Verdict;

/// The unmatched payments.
#[derive(Debug)]
pub struct Unmatched(Table);

/// Why no order took a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Not the order's amount or currency.
    WrongMoney,
    /// Another attempt holds the order's money.
    DuplicatePayment,
    /// There is no such order.
    OrderNotFound,
    /// The order's row cannot be used.
    Misconfigured,
}

impl Reason {
    /// The reason in this verdict, if it is one that leaves money without an order.
    #[must_use]
    pub fn of(verdict: Verdict) -> Option<Self> {
        match verdict {
            Verdict::WrongMoney => Some(Self::WrongMoney),
            Verdict::Duplicate => Some(Self::DuplicatePayment),
            Verdict::OrderNotFound => Some(Self::OrderNotFound),
            Verdict::Misconfigured(_) => Some(Self::Misconfigured),
            Verdict::Forged(_)
            | Verdict::Pending
            | Verdict::Written(_)
            | Verdict::Known(_)
            | Verdict::Passed(_) => None,
        }
    }

    /// `reason` of the item.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WrongMoney => "wrongMoney",
            Self::DuplicatePayment => "duplicatePayment",
            Self::OrderNotFound => "orderNotFound",
            Self::Misconfigured => "misconfigured",
        }
    }
}

impl Unmatched {
    /// The unmatched payments in this table, key `merchant_uid` and `imp_uid`.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self(table)
    }

    /// Notes a payment that holds money, at this time in UNIX seconds, if that is news: not known yet, matched before, or
    /// open with less cancelled. Whether it was.
    ///
    /// # Errors
    /// DynamoDB failed or could not be reached: whether it wrote is unknown, and safe to try again.
    pub async fn note(
        &self,
        payment: &Payment,
        reason: Reason,
        now: i64,
    ) -> Result<bool, CallError> {
        let news = Any(vec![
            Missing("state"),
            is("matched"),
            All(vec![
                is("open"),
                Condition::less("cancel_amount", payment.cancel_amount),
            ]),
        ]);
        self.write(payment, open(Update::only_if(&news), payment, reason, now))
            .await
    }

    /// Takes a payment that was cancelled in full off the list, if it is on it. Whether it was.
    ///
    /// # Errors
    /// As for [`Unmatched::note`].
    pub async fn refunded(&self, payment: &Payment, now: i64) -> Result<bool, CallError> {
        let listed = Any(vec![is("open"), is("matched"), is("closed")]);
        let update = Update::only_if(&listed)
            .set("state", text("refunded"))
            .set("cancel_amount", number(payment.cancel_amount))
            .set("looked_at", number(now.into()));
        self.write(payment, update).await
    }

    async fn write(&self, payment: &Payment, update: Update) -> Result<bool, CallError> {
        let key = [
            ("merchant_uid", payment.merchant_uid.as_str()),
            ("imp_uid", payment.imp_uid.as_str()),
        ];
        let written = self.0.write(key, update).await?;
        Ok(matches!(written, Written::Applied(_)))
    }
}

/// The item's state.
fn is(state: &'static str) -> Condition {
    Condition::equal("state", state)
}

/// What an open item says.
fn open(update: Update, payment: &Payment, reason: Reason, now: i64) -> Update {
    let mut update = update
        .set("state", text("open"))
        .set("reason", text(reason.name()))
        .set("amount", number(payment.amount))
        .set("cancel_amount", number(payment.cancel_amount))
        .set("currency", text(&payment.currency))
        .set_once("first_seen_at", number(now.into()))
        .set("looked_at", number(now.into()));
    if let Some(pay_method) = &payment.pay_method {
        update = update.set("pay_method", text(pay_method));
    }
    if let Some(pg_provider) = &payment.pg_provider {
        update = update.set("pg_provider", text(pg_provider));
    }
    if let Some(paid_at) = payment.paid_at.filter(|at| *at > 0) {
        update = update.set("paid_at", number(paid_at.into()));
    }
    update
}
