//! What a sweep did, in figures.

use std::ops::AddAssign;

use serde::Serialize;

use crate::state::State;

/// What a sweep did.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Payments listed.
    pub listed: u64,
    /// Writes on orders, by the payment's status.
    pub repaired: Repaired,
    /// Payments newly noted as unmatched.
    pub unmatched: u64,
    /// Items that are open no more.
    pub resolved: u64,
    /// Duplicates refunded.
    pub refunded: u64,
    /// Items left open.
    pub open: u64,
}

/// Writes on orders, by the payment's status.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Repaired {
    /// Accounts that the order did not know.
    pub ready: u64,
    /// Payments that the order did not know: deliveries that were lost.
    pub paid: u64,
    /// Cancellations that the order did not know: lost deliveries, or made through the API, which sends none.
    pub cancelled: u64,
}

impl AddAssign<State> for Repaired {
    fn add_assign(&mut self, state: State) {
        let count = match state {
            State::AccountIssued => &mut self.ready,
            State::Paid => &mut self.paid,
            State::PartiallyCancelled | State::Refunded | State::Voided => &mut self.cancelled,
            // Failures are not listed; one that an item's look finds is no repair.
            State::Failed => return,
        };
        *count += 1;
    }
}
