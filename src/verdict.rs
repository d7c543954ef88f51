//! What became of a payment: told by its look-up alone, or by its order.

use crate::state::State;

/// What became of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The look-up alone refuses it, for this reason: no order was asked.
    Forged(&'static str),
    /// Nothing to decide yet, for this reason: no order was asked.
    Pending(&'static str),
    /// It was news, and is written on its order now.
    Written(State),
    /// Its order has it already, in this state: as far as the payment, or further.
    Known(State),
    /// Its order has something better, and this attempt no money that could be in the wrong place.
    Passed(State),
    /// There is no such order.
    OrderNotFound,
    /// The order's row cannot be used: this attribute is missing or of another type.
    Misconfigured(&'static str),
    /// The money is not what the order asked for.
    WrongMoney,
    /// Another attempt holds the order's money.
    Duplicate,
}

impl Verdict {
    /// What an operator should know beyond the outcome.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Forged(reason) | Self::Pending(reason) | Self::Misconfigured(reason) => {
                Some(reason)
            }
            Self::WrongMoney => Some("the money is not what the order asked for"),
            Self::Duplicate => Some("another attempt holds the order's money"),
            _ => None,
        }
    }
}
