//! How far an attempt to pay is, and what that is worth to its order.

use crate::decimal::Decimal;

/// How far an attempt to pay is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// A virtual account waits for the customer's deposit.
    AccountIssued,
    /// The attempt failed; a few gateways still turn this into paid (WH, 2026-07-01).
    Failed,
    /// The money was taken.
    Paid,
    /// Part of the money was given back.
    PartiallyCancelled,
    /// All the money was given back.
    Refunded,
    /// Cancelled before any money was taken.
    Voided,
}

impl State {
    /// `payment_stage`: how far the attempt is; it never goes back.
    #[must_use]
    pub fn stage(self) -> i64 {
        match self {
            Self::AccountIssued => 1,
            Self::Failed => 2,
            Self::Paid => 3,
            Self::PartiallyCancelled | Self::Refunded | Self::Voided => 4,
        }
    }

    /// `payment_rank`: what the attempt is worth to its order.
    #[must_use]
    pub fn rank(self) -> i64 {
        match self {
            Self::Failed | Self::Voided => 0,
            Self::AccountIssued => 1,
            Self::Refunded => 2,
            Self::Paid | Self::PartiallyCancelled => 3,
        }
    }

    /// `payment_status`: the gateway's word for it.
    #[must_use]
    pub fn status(self) -> &'static str {
        match self {
            Self::AccountIssued => "ready",
            Self::Failed => "failed",
            Self::Paid => "paid",
            Self::PartiallyCancelled | Self::Refunded | Self::Voided => "cancelled",
        }
    }

    /// The state with this stage and rank, if there is one: the way back from an order's row.
    #[must_use]
    pub fn recorded(stage: Decimal, rank: Decimal) -> Option<Self> {
        [
            Self::AccountIssued,
            Self::Failed,
            Self::Paid,
            Self::PartiallyCancelled,
            Self::Refunded,
            Self::Voided,
        ]
        .into_iter()
        .find(|state| stage == Decimal::from(state.stage()) && rank == Decimal::from(state.rank()))
    }

    /// Whether the attempt has the customer's money now.
    #[must_use]
    pub fn holds_money(self) -> bool {
        matches!(self, Self::Paid | Self::PartiallyCancelled)
    }

    /// Whether all of it was cancelled, paid or not.
    #[must_use]
    pub fn is_cancelled_in_full(self) -> bool {
        matches!(self, Self::Refunded | Self::Voided)
    }
}
