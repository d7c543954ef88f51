//! Where a payment's money is on record with us.

use std::fmt;

use payment_verifier::decimal::Decimal;
use payment_verifier::dynamodb::{Item, number_of, text_of};
use payment_verifier::payment::Payment;

/// From here on an attempt held money.
const PAID: i64 = 3;

/// Where money is on record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Record {
    /// On its order.
    Order,
    /// In the unmatched table, in this `state`.
    Unmatched(String),
    /// Nowhere, and all of it went back: there is nothing to do.
    GivenBack,
    /// Nowhere yet: a sweep finds it.
    Unknown,
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Order => "order",
            Self::Unmatched(state) => state,
            Self::GivenBack => "givenBack",
            Self::Unknown => "unknown",
        })
    }
}

impl Record {
    /// Where it is that a payment came, or that so much of it has gone back, by its order's row and the unmatched payments.
    #[must_use]
    pub fn of(
        payment: &Payment,
        gone_back: Decimal,
        row: Option<&Item>,
        unmatched: &[Item],
    ) -> Self {
        let is_this = |item: &&Item| text_of(item, "imp_uid") == Some(&payment.imp_uid);
        let knows =
            |item: &Item| number_of(item, "cancel_amount").is_some_and(|known| known >= gone_back);
        let has_paid = |row: &&Item| number_of(row, "payment_stage") >= Some(PAID.into());
        if let Some(row) = row.filter(is_this).filter(has_paid) {
            return if knows(row) {
                Self::Order
            } else {
                Self::Unknown
            };
        }
        let item = unmatched.iter().find(is_this);
        match item.and_then(|item| Some((item, text_of(item, "state")?))) {
            // Nobody looks at a closed one again.
            Some((item, state)) if knows(item) || state == "closed" => {
                Self::Unmatched(state.clone())
            }
            Some(_) => Self::Unknown,
            None if payment.cancel_amount >= payment.amount => Self::GivenBack,
            None => Self::Unknown,
        }
    }
}
