//! The table of unmatched payments: money that the gateway shows as held and that no order took, the work list of
//! whoever refunds.

pub mod condition;

use self::condition::{is_news, is_not_refunded, is_open, is_open_so_far, is_unclaimed};
use crate::aws::CallError;
use crate::decimal::Decimal;
use crate::dynamodb::Condition::{All, Exists};
use crate::dynamodb::{Item, Range, Table, Update, Written, number, number_of, text, text_of};
use crate::payment::{Payment, PaymentIds};
use crate::state::State;
use crate::verdict::Verdict;

/// Requests for a refund of one payment at most; the rest is a person's.
pub const MAX_REFUND_ASKS: i64 = 3;
/// Items of one page of a query.
const PER_QUERY: i32 = 100;

/// The unmatched payments.
#[derive(Debug)]
pub struct Unmatched(Table);

/// Why no order took a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
            | Verdict::Pending(_)
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

/// Where a payment's money is, told by what its order made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Money {
    /// Its order has it, or has what became of it.
    Recorded,
    /// It went back, as far as there was any.
    GivenBack,
    /// No order took it: somebody has to give it back.
    Unmatched(Reason),
    /// There is none, or nothing can be told of it.
    None,
}

impl Money {
    /// Where the money of a payment in this state is.
    #[must_use]
    pub fn of(payment: &Payment, state: State, verdict: Verdict) -> Self {
        match verdict {
            Verdict::Written(_) | Verdict::Known(_) => Self::Recorded,
            _ if state.is_cancelled_in_full() => Self::GivenBack,
            _ => Reason::of(verdict)
                .filter(|_| payment.holds_money())
                .map_or(Self::None, Self::Unmatched),
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
    /// open with less cancelled. Whether there is more to give back than the list said.
    ///
    /// # Errors
    /// DynamoDB failed or could not be reached: whether it wrote is unknown, and safe to try again.
    pub async fn note(
        &self,
        payment: &Payment,
        reason: Reason,
        now: i64,
    ) -> Result<bool, CallError> {
        let update = Update::only_if(&is_news(payment));
        let update = open(update, payment, reason, now).returning_old();
        Ok(match self.0.write(key(payment), update).await? {
            Written::Applied(before) => before.is_none_or(|before| !is_open().holds(&before)),
            Written::Refused(_) => false,
        })
    }

    /// Takes a payment that was cancelled in full off the list, if it is on it. Whether it was open.
    ///
    /// # Errors
    /// As for [`Unmatched::note`].
    pub async fn refunded(&self, payment: &Payment, now: i64) -> Result<bool, CallError> {
        let update = Update::only_if(&is_not_refunded())
            .set("state", text("refunded"))
            .set("cancel_amount", number(payment.cancel_amount))
            .set("looked_at", number(now.into()))
            .returning_old();
        Ok(match self.0.write(key(payment), update).await? {
            Written::Applied(before) => before.is_some_and(|before| is_open().holds(&before)),
            Written::Refused(_) => false,
        })
    }

    /// Takes a payment that its order took after all off the list. Whether it was open.
    ///
    /// # Errors
    /// As for [`Unmatched::note`].
    pub async fn matched(&self, item: &Open, now: i64) -> Result<bool, CallError> {
        let update = Update::only_if(&is_open())
            .set("state", text("matched"))
            .set("looked_at", number(now.into()));
        self.applied(item, update).await
    }

    /// Notes why an open payment still is open.
    ///
    /// # Errors
    /// As for [`Unmatched::note`].
    pub async fn still_open(
        &self,
        payment: &Payment,
        reason: Reason,
        now: i64,
    ) -> Result<(), CallError> {
        let update = Update::only_if(&is_open_so_far(payment));
        let update = open(update, payment, reason, now);
        self.0.write(key(payment), update).await.map(|_| ())
    }

    /// Notes that an open payment was looked at, and nothing was found: the others come first next time.
    ///
    /// # Errors
    /// As for [`Unmatched::note`].
    pub async fn looked_at(&self, item: &Open, now: i64) -> Result<(), CallError> {
        let update = Update::only_if(&is_open()).set("looked_at", number(now.into()));
        self.applied(item, update).await.map(|_| ())
    }

    /// The open payments that nobody looked at since `before`, and then those since `asked_before` where a refund was
    /// asked for; at most so many, those of longest ago first.
    ///
    /// # Errors
    /// As for [`Unmatched::note`].
    pub async fn open(
        &self,
        before: i64,
        asked_before: i64,
        most: usize,
    ) -> Result<Vec<Open>, CallError> {
        let mut found = Vec::new();
        for (range, filter) in [
            (open_between(0, before), All(Vec::new())),
            (
                open_between(before + 1, asked_before),
                Exists("refund_asked_at"),
            ),
        ] {
            let mut from = None;
            while found.len() < most {
                let (items, next) = self.0.query(range, &filter, PER_QUERY, from).await?;
                found.extend(items.iter().filter_map(Open::read));
                from = next;
                if from.is_none() {
                    break;
                }
            }
        }
        found.truncate(most);
        Ok(found)
    }

    /// How many payments are open.
    ///
    /// # Errors
    /// As for [`Unmatched::note`].
    pub async fn count_open(&self) -> Result<u64, CallError> {
        self.0.count(open_between(0, i64::MAX)).await
    }

    /// Claims the next request for this payment's refund: of several sweeps one succeeds, and one whose own claim was
    /// applied unseen does not.
    ///
    /// # Errors
    /// As for [`Unmatched::note`].
    pub async fn claim_refund(&self, item: &Open, now: i64) -> Result<bool, CallError> {
        let update = Update::only_if(&is_unclaimed(item.refund_asks))
            .set("refund_asked_at", number(now.into()))
            .set("refund_asks", number((item.refund_asks + 1).into()));
        self.applied(item, update).await
    }

    /// Leaves a payment's refund to a person.
    ///
    /// # Errors
    /// As for [`Unmatched::note`].
    pub async fn give_up_refund(&self, item: &Open) -> Result<(), CallError> {
        let update = Update::only_if(&is_open()).set("refund_asks", number(MAX_REFUND_ASKS.into()));
        self.applied(item, update).await.map(|_| ())
    }

    async fn applied(&self, item: &Open, update: Update) -> Result<bool, CallError> {
        let key = [
            ("merchant_uid", item.ids.merchant_uid()),
            ("imp_uid", item.ids.imp_uid()),
        ];
        let written = self.0.write(key, update).await?;
        Ok(matches!(written, Written::Applied(_)))
    }
}

/// An open item, as far as a sweep needs it.
#[derive(Debug, Clone)]
pub struct Open {
    /// The payment.
    pub ids: PaymentIds,
    /// When a refund was asked for last, UNIX seconds.
    pub refund_asked_at: Option<i64>,
    /// How often.
    pub refund_asks: i64,
}

impl Open {
    /// Ids that break the rules are none of ours: nothing is asked about them.
    fn read(item: &Item) -> Option<Self> {
        let text = |name| text_of(item, name).cloned();
        let number = |name| number_of(item, name).and_then(Decimal::whole);
        Some(Self {
            ids: PaymentIds::new(text("imp_uid")?, text("merchant_uid")?)?,
            refund_asked_at: number("refund_asked_at"),
            refund_asks: number("refund_asks").unwrap_or(0),
        })
    }
}

fn open_between(least: i64, most: i64) -> Range<'static> {
    Range {
        index: "by-state",
        text: ("state", "open"),
        between: ("looked_at", least, most),
    }
}

fn key(payment: &Payment) -> [(&'static str, &str); 2] {
    [
        ("merchant_uid", &payment.merchant_uid),
        ("imp_uid", &payment.imp_uid),
    ]
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
