//! What an order's row says about a payment: the pure twin of the condition in [`crate::orders`].
//!
//! DynamoDB decides and writes in one step; when it did not write, [`explain`] tells why from the old row alone.
//! A property test holds the two together on real engines.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::decimal::Decimal;
use crate::payment::{Payment, State};

/// The currency of an order that names none.
pub const DEFAULT_CURRENCY: &str = "KRW";

/// A DynamoDB item.
pub type Item = HashMap<String, AttributeValue>;

/// An attribute as an expression sees it: every comparison with one that is absent or of another type is false.
#[derive(Debug, Clone, PartialEq)]
enum Attribute<T> {
    Absent,
    OtherType,
    Is(T),
}

impl<T> Attribute<T> {
    fn read<'a>(
        item: &'a Item,
        name: &str,
        read: impl Fn(&'a AttributeValue) -> Option<T>,
    ) -> Self {
        match item.get(name) {
            None => Self::Absent,
            Some(value) => read(value).map_or(Self::OtherType, Self::Is),
        }
    }

    fn is(&self, matches: impl Fn(&T) -> bool) -> bool {
        matches!(self, Self::Is(value) if matches(value))
    }

    fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    fn is_other_type(&self) -> bool {
        matches!(self, Self::OtherType)
    }
}

/// An order's row as far as the verdict needs it.
#[derive(Debug)]
pub struct Row<'a> {
    amount: Attribute<Decimal>,
    currency: Attribute<&'a str>,
    imp_uid: Attribute<&'a str>,
    payment_status: Attribute<&'a str>,
    payment_stage: Attribute<Decimal>,
    payment_rank: Attribute<Decimal>,
    cancel_amount: Attribute<Decimal>,
    started_at: Attribute<Decimal>,
    payment: Attribute<()>,
    refused_imp_uids: Attribute<&'a [String]>,
    duplicate_imp_uids: Attribute<&'a [String]>,
    vbank_notice: Attribute<&'a str>,
    vbank_notices: Attribute<Decimal>,
}

/// Why DynamoDB did not record a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// There is no such order.
    OrderNotFound,
    /// The row cannot be used: this attribute is missing or of another type.
    Misconfigured(&'static str),
    /// This attempt is recorded, in this state: as far as the payment, or further.
    Recorded(State),
    /// The money is not what the order asked for; whether this attempt is already noted as refused.
    Forgery {
        /// Already in `refused_imp_uids`.
        noted: bool,
    },
    /// Another attempt holds the order's money; whether this one is already noted as a duplicate.
    Duplicate {
        /// Already in `duplicate_imp_uids`.
        noted: bool,
    },
    /// Nothing to record: the payment's own state is the answer.
    Own,
}

impl<'a> Row<'a> {
    /// Reads what is there; nothing is refused yet.
    #[must_use]
    pub fn read(item: &'a Item) -> Self {
        let text =
            |name| Attribute::read(item, name, |value| value.as_s().ok().map(String::as_str));
        let number = |name| Attribute::read(item, name, |value| value.as_n().ok()?.parse().ok());
        let texts =
            |name| Attribute::read(item, name, |value| value.as_ss().ok().map(Vec::as_slice));
        Self {
            amount: number("amount"),
            currency: text("currency"),
            imp_uid: text("imp_uid"),
            payment_status: text("payment_status"),
            payment_stage: number("payment_stage"),
            payment_rank: number("payment_rank"),
            cancel_amount: number("cancel_amount"),
            started_at: number("started_at"),
            payment: Attribute::read(item, "payment", |value| value.as_m().ok().map(|_| ())),
            refused_imp_uids: texts("refused_imp_uids"),
            duplicate_imp_uids: texts("duplicate_imp_uids"),
            vbank_notice: text("vbank_notice"),
            vbank_notices: number("vbank_notices"),
        }
    }

    /// Who has to give the notice of the recorded attempt's account, if it is due.
    #[must_use]
    pub fn notice_due(&self) -> Option<&'a str> {
        match self.vbank_notice {
            Attribute::Is(notice) => notice.strip_prefix("due:"),
            _ => None,
        }
    }

    /// How often this order got an account.
    #[must_use]
    pub fn notices(&self) -> Decimal {
        match self.vbank_notices {
            Attribute::Is(notices) => notices,
            _ => Decimal::ZERO,
        }
    }

    /// Whether the conditional write goes through for this payment.
    #[must_use]
    pub fn takes(&self, payment: &Payment, state: State) -> bool {
        let countable = state != State::AccountIssued || !self.vbank_notices.is_other_type();
        self.money_is_right(payment, state) && self.is_news(payment, state) && countable
    }

    fn money_is_right(&self, payment: &Payment, state: State) -> bool {
        let amount =
            payment.amount.is_positive() && self.amount.is(|amount| *amount == payment.amount);
        let currency = self.currency.is(|currency| *currency == payment.currency)
            || (self.currency.is_absent() && payment.currency == DEFAULT_CURRENCY);
        let recorded = self.is_same_attempt(payment)
            && self
                .payment_stage
                .is(|stage| *stage >= Decimal::from(State::Paid.stage()));
        (amount && currency) || state == State::Failed || recorded
    }

    fn is_news(&self, payment: &Payment, state: State) -> bool {
        self.payment_stage.is_absent()
            || (self.is_same_attempt(payment) && self.is_behind(payment, state))
            || self.is_worth_less(payment, state)
    }

    /// Whether what is recorded of this attempt is less than what is now known of it.
    fn is_behind(&self, payment: &Payment, state: State) -> bool {
        let reached = Decimal::from(state.stage());
        self.payment_stage.is_absent()
            || self.payment_stage.is(|recorded| *recorded < reached)
            || (self.payment_stage.is(|recorded| *recorded == reached)
                && self
                    .cancel_amount
                    .is(|recorded| *recorded < payment.cancel_amount))
    }

    /// Whether another attempt is recorded that this one replaces. One that holds money never is.
    fn is_worth_less(&self, payment: &Payment, state: State) -> bool {
        let rank = Decimal::from(state.rank());
        let started = Decimal::from(payment.started());
        let imp_uid = payment.imp_uid.as_str();
        let lesser = self.imp_uid.is(|recorded| *recorded < imp_uid);
        let another = lesser || self.imp_uid.is(|recorded| *recorded > imp_uid);
        let later = self.started_at.is(|recorded| *recorded < started)
            || (self.started_at.is(|recorded| *recorded == started) && lesser);
        another
            && (self.payment_rank.is(|recorded| *recorded < rank)
                || (!state.holds_money()
                    && self.payment_rank.is(|recorded| *recorded == rank)
                    && later))
    }

    fn is_same_attempt(&self, payment: &Payment) -> bool {
        self.imp_uid.is(|recorded| *recorded == payment.imp_uid)
    }

    /// The first attribute that makes the row unusable.
    fn unusable(&self) -> Option<&'static str> {
        [
            ("amount", !self.amount.is(|amount| amount.is_positive())),
            ("currency", self.currency.is_other_type()),
            ("imp_uid", self.imp_uid.is_other_type()),
            ("payment_status", self.payment_status.is_other_type()),
            ("payment_stage", self.payment_stage.is_other_type()),
            ("payment_rank", self.payment_rank.is_other_type()),
            ("cancel_amount", self.cancel_amount.is_other_type()),
            ("started_at", self.started_at.is_other_type()),
            ("payment", self.payment.is_other_type()),
            ("refused_imp_uids", self.refused_imp_uids.is_other_type()),
            (
                "duplicate_imp_uids",
                self.duplicate_imp_uids.is_other_type(),
            ),
            ("vbank_notice", self.vbank_notice.is_other_type()),
            ("vbank_notices", self.vbank_notices.is_other_type()),
        ]
        .into_iter()
        .find_map(|(name, unusable)| unusable.then_some(name))
    }

    /// The state that is recorded.
    fn state(&self) -> Option<State> {
        match (&self.payment_stage, &self.payment_rank) {
            (Attribute::Is(stage), Attribute::Is(rank)) => State::recorded(*stage, *rank),
            _ => None,
        }
    }

    fn holds_money(&self) -> bool {
        self.payment_rank
            .is(|rank| *rank >= Decimal::from(State::Paid.rank()))
    }
}

/// Why DynamoDB did not record this payment, told from the item it found (`ALL_OLD`).
#[must_use]
pub fn explain(item: Option<&Item>, payment: &Payment, state: State) -> Verdict {
    let Some(item) = item else {
        return Verdict::OrderNotFound;
    };
    let row = Row::read(item);
    let noted = |set: &Attribute<&[String]>| set.is(|uids| uids.contains(&payment.imp_uid));
    if let Some(attribute) = row.unusable() {
        Verdict::Misconfigured(attribute)
    } else if row.is_same_attempt(payment) && !row.is_behind(payment, state) {
        row.state()
            .map_or(Verdict::Misconfigured("payment_stage"), Verdict::Recorded)
    } else if !row.money_is_right(payment, state) {
        if state.is_cancelled_in_full() {
            Verdict::Own
        } else {
            let noted = noted(&row.refused_imp_uids);
            Verdict::Forgery { noted }
        }
    } else if row.holds_money() && state.rank() > 0 {
        let noted = noted(&row.duplicate_imp_uids);
        Verdict::Duplicate { noted }
    } else if state.holds_money() {
        // Only a row with parts missing gets here; to answer "paid" without having recorded it would be a lie.
        Verdict::Misconfigured("payment_rank")
    } else {
        Verdict::Own
    }
}
