//! The rule by which a payment is written on its order: named clauses, each with its reason.
//!
//! ```text
//! an attempt   account issued → failed → paid → cancelled, more and more       payment_stage, then cancel_amount
//! an order     what is worth most to it; among equals the latest attempt;      payment_rank, then started_at
//!              an attempt that holds money is never replaced by another
//! ```

use crate::dynamodb::Condition::{self, All, Any, Exists, IsNumber, Missing};
use crate::payment::Payment;
use crate::state::State;

/// The currency of an order that names none.
pub(super) const DEFAULT_CURRENCY: &str = "KRW";

/// When a payment in this state is written: the order exists, the money is right, and it is news.
#[must_use]
pub fn condition(payment: &Payment, state: State) -> Condition {
    let mut all = vec![
        // No write creates an order, or brings a deleted one back.
        Exists("merchant_uid"),
        money_is_right(payment, state),
        is_news(payment, state),
    ];
    match state {
        // Otherwise DynamoDB would refuse to count the accounts, and the whole request, as malformed.
        State::AccountIssued => all.push(Any(vec![
            Missing("vbank_notices"),
            IsNumber("vbank_notices"),
        ])),
        // What was paid is not voided but refunded: see `restated`.
        State::Voided => all.push(Any(vec![
            Missing("payment_stage"),
            Condition::another("imp_uid", &payment.imp_uid),
            Condition::less("payment_stage", State::Paid.stage()),
        ])),
        _ => {}
    }
    All(all)
}

/// The money is what the order asked for, or need not be compared.
pub(super) fn money_is_right(payment: &Payment, state: State) -> Condition {
    // No money moved in a failed attempt: there is nothing to compare.
    if state == State::Failed {
        return All(Vec::new());
    }
    let mut right = vec![once_paid(payment)];
    if payment.amount.is_positive() {
        let mut currency = vec![Condition::equal("currency", payment.currency.as_str())];
        if payment.currency == DEFAULT_CURRENCY {
            currency.push(Missing("currency"));
        }
        right.push(All(vec![
            Condition::equal("amount", payment.amount),
            Any(currency),
        ]));
    }
    Any(right)
}

/// Once recorded as paid, an attempt is never compared again: the shop may edit its order, a refund must still land.
pub(super) fn once_paid(payment: &Payment) -> Condition {
    All(vec![
        same_attempt(payment),
        Condition::at_least("payment_stage", State::Paid.stage()),
    ])
}

/// The order does not know this yet.
fn is_news(payment: &Payment, state: State) -> Condition {
    let mut news = vec![
        Missing("payment_stage"),
        All(vec![
            same_attempt(payment),
            Condition::less("payment_stage", state.stage()),
        ]),
        All(vec![same_attempt(payment), more_cancelled(payment, state)]),
        All(vec![
            another_attempt(payment),
            Condition::less("payment_rank", state.rank()),
        ]),
    ];
    // An attempt that holds money is never replaced by another attempt.
    if !state.holds_money() {
        let equal = Condition::equal("payment_rank", state.rank());
        news.push(All(vec![
            another_attempt(payment),
            equal.clone(),
            Condition::less("started_at", payment.started()),
        ]));
        // Started in the same second: any fixed order will do.
        news.push(All(vec![
            Condition::less("imp_uid", payment.imp_uid.as_str()),
            equal,
            Condition::equal("started_at", payment.started()),
        ]));
    }
    Any(news)
}

/// What is recorded of this attempt is less than what is now known of it.
pub(super) fn is_behind(payment: &Payment, state: State) -> Condition {
    Any(vec![
        Missing("payment_stage"),
        Condition::less("payment_stage", state.stage()),
        more_cancelled(payment, state),
    ])
}

fn more_cancelled(payment: &Payment, state: State) -> Condition {
    All(vec![
        Condition::equal("payment_stage", state.stage()),
        Condition::less("cancel_amount", payment.cancel_amount),
    ])
}

/// The order's state comes from this attempt.
pub(super) fn same_attempt(payment: &Payment) -> Condition {
    Condition::equal("imp_uid", payment.imp_uid.as_str())
}

fn another_attempt(payment: &Payment) -> Condition {
    Condition::another("imp_uid", &payment.imp_uid)
}
