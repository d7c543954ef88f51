//! An order as it stands, for who only asks.

use super::condition::DEFAULT_CURRENCY;
use super::row::{holds_money, recorded, unusable};
use crate::decimal::Decimal;
use crate::dynamodb::{Condition, Item, number_of, text_of};
use crate::state::State;

/// An order as its row has it.
#[derive(Debug)]
pub struct Order(pub(super) Item);

/// What an order asks for.
#[derive(Debug, PartialEq, Eq)]
pub struct Price {
    /// How much, above 0.
    pub amount: Decimal,
    /// Of what, such as `KRW`.
    pub currency: String,
}

/// Why nobody is to pay an order now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotPayable {
    /// Its row cannot be used: this attribute is missing or of another type.
    Misconfigured(&'static str),
    /// An attempt holds its money.
    Paid,
    /// Its `pay_until` is past.
    Closed,
}

impl Order {
    /// The state that is recorded; `None` if nothing is.
    ///
    /// # Errors
    /// The row cannot be used: the attribute that is missing or of another type.
    pub fn recorded(&self) -> Result<Option<State>, &'static str> {
        let Self(item) = self;
        if let Some(attribute) = unusable(item) {
            return Err(attribute);
        }
        match recorded(item) {
            None if Condition::Exists("payment_stage").holds(item) => Err("payment_stage"),
            state => Ok(state),
        }
    }

    /// What the order asks for, if it may be paid now (UNIX s), by this attempt or, if none is named, by a new one.
    ///
    /// # Errors
    /// It may not be paid.
    pub fn price(&self, imp_uid: Option<&str>, now: i64) -> Result<Price, NotPayable> {
        let Self(item) = self;
        let misconfigured = NotPayable::Misconfigured;
        if let Some(attribute) = unusable(item) {
            return Err(misconfigured(attribute));
        }
        let holder = text_of(item, "imp_uid").map(String::as_str);
        let is_its_own = imp_uid.is_some() && imp_uid == holder;
        if holds_money(item) && !is_its_own {
            return Err(NotPayable::Paid);
        }
        let until = number_of(item, "pay_until");
        if until.is_none() && Condition::Exists("pay_until").holds(item) {
            return Err(misconfigured("pay_until"));
        }
        if until.is_some_and(|until| until < now.into()) {
            return Err(NotPayable::Closed);
        }
        Ok(Price {
            amount: number_of(item, "amount").ok_or(misconfigured("amount"))?,
            currency: text_of(item, "currency")
                .map_or(DEFAULT_CURRENCY, String::as_str)
                .to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamodb::number;

    #[test]
    fn an_order_is_open_until_its_last_second_is_over() {
        const NOW: i64 = 1_800_000_000;
        for (until, is_open) in [(NOW - 1, false), (NOW, true), (NOW + 1, true)] {
            let order = Order(Item::from([
                ("amount".to_owned(), number(1000.into())),
                ("pay_until".to_owned(), number(until.into())),
            ]));
            let closed = order.price(None, NOW) == Err(NotPayable::Closed);
            assert_eq!(closed, !is_open, "{until}");
        }
    }
}
