//! What has to be so of an item before it changes.
//!
//! ```text
//! open ─┬→ refunded   cancelled in full, for good
//!       ├→ matched    its order took it after all; may open again
//!       └→ closed     by a person, with a note; only a refund changes it
//! ```

use crate::dynamodb::Condition::{self, All, Any, Missing};
use crate::payment::Payment;

/// The payment holds money, and that is news: not known yet, matched before, or open with less cancelled.
#[must_use]
pub fn is_news(payment: &Payment) -> Condition {
    let less_cancelled = Condition::less("cancel_amount", payment.cancel_amount);
    Any(vec![
        Missing("state"),
        is("matched"),
        All(vec![is_open(), less_cancelled]),
    ])
}

/// It is on the list, and not as refunded.
#[must_use]
pub fn is_not_refunded() -> Condition {
    Any(vec![is_open(), is("matched"), is("closed")])
}

/// Its money has to go somewhere.
#[must_use]
pub fn is_open() -> Condition {
    is("open")
}

/// It is open, and nobody saw the payment further than this.
#[must_use]
pub fn is_open_so_far(payment: &Payment) -> Condition {
    All(vec![
        is_open(),
        Condition::at_most("cancel_amount", payment.cancel_amount),
    ])
}

/// It is open, and nobody asked for its refund since it was asked for so often.
#[must_use]
pub fn is_unclaimed(refund_asks: i64) -> Condition {
    let unclaimed = match refund_asks {
        0 => Missing("refund_asks"),
        asks => Condition::equal("refund_asks", asks),
    };
    All(vec![is_open(), unclaimed])
}

fn is(state: &'static str) -> Condition {
    Condition::equal("state", state)
}
