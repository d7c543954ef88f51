//! The order's row, read: what is recorded on it, why it did not take a payment, whom to tell of an account.

use aws_sdk_dynamodb::types::AttributeValue;

use super::condition::{is_behind, money_is_right, once_paid, same_attempt};
use crate::decimal::Decimal;
use crate::dynamodb::{Condition, Item, number_of, text_of};
use crate::payment::Payment;
use crate::state::State;
use crate::verdict::Verdict;

/// The columns that are the function's own.
pub const COLUMNS: [&str; 9] = [
    "imp_uid",
    "payment_status",
    "payment_stage",
    "payment_rank",
    "cancel_amount",
    "started_at",
    "payment",
    "vbank_notice",
    "vbank_notices",
];

/// A notice of an account that somebody has to give, and whom it is for.
#[derive(Debug, PartialEq, Eq)]
pub struct DueNotice {
    /// Who has to give it: the request that made it due, or one that took it over.
    pub holder: String,
    /// `customer_id` of the order.
    pub customer_id: Option<String>,
    /// `phone` of the order, as the shop wrote it.
    pub phone: Option<String>,
    /// How often this order got an account.
    pub accounts: Decimal,
}

/// The state that the row knows better than the payment: one that it recorded as paid and that is cancelled in full
/// is refunded, whatever its `paid_at` says.
#[must_use]
pub fn restated(item: &Item, payment: &Payment, state: State) -> Option<State> {
    (state == State::Voided && once_paid(payment).holds(item)).then_some(State::Refunded)
}

/// Why DynamoDB did not record this payment, told from the item it found (`ALL_OLD`).
#[must_use]
pub fn explain(item: Option<&Item>, payment: &Payment, state: State) -> Verdict {
    let Some(item) = item else {
        return Verdict::OrderNotFound;
    };
    let holds = |condition: Condition| condition.holds(item);
    if let Some(attribute) = unusable(item) {
        Verdict::Misconfigured(attribute)
    } else if holds(same_attempt(payment)) && !holds(is_behind(payment, state)) {
        recorded(item).map_or(Verdict::Misconfigured("payment_stage"), Verdict::Known)
    } else if !holds(money_is_right(payment, state)) {
        match state {
            State::Refunded | State::Voided => Verdict::Passed(state),
            _ => Verdict::WrongMoney,
        }
    } else if holds_money(item) && (state == State::AccountIssued || state.holds_money()) {
        Verdict::Duplicate
    } else if state.holds_money() {
        // Only a row with parts missing gets here; to answer "paid" without having recorded it would be a lie.
        Verdict::Misconfigured("payment_rank")
    } else {
        Verdict::Passed(state)
    }
}

/// The notice that is due on this row.
pub(super) fn due_notice(item: &Item) -> Option<DueNotice> {
    let told = |name| text_of(item, name).filter(|text| !text.is_empty()).cloned();
    Some(DueNotice {
        holder: text_of(item, "vbank_notice")?
            .strip_prefix("due:")?
            .to_owned(),
        customer_id: told("customer_id"),
        phone: told("phone"),
        accounts: number_of(item, "vbank_notices").unwrap_or(Decimal::ZERO),
    })
}

/// The first attribute that makes the row unusable.
pub(super) fn unusable(item: &Item) -> Option<&'static str> {
    let is_amount = number_of(item, "amount").is_some_and(Decimal::is_positive);
    if !is_amount {
        return Some("amount");
    }
    let columns = ["currency"].into_iter().chain(COLUMNS);
    columns.into_iter().find(|name| {
        item.get(*name)
            .is_some_and(|value| !is_of_its_type(name, value))
    })
}

fn is_of_its_type(name: &str, value: &AttributeValue) -> bool {
    match name {
        "payment" => value.is_m(),
        "payment_stage" | "payment_rank" | "cancel_amount" | "started_at" | "vbank_notices" => {
            value.is_n()
        }
        _ => value.is_s(),
    }
}

/// The state that is recorded.
pub(super) fn recorded(item: &Item) -> Option<State> {
    State::recorded(
        number_of(item, "payment_stage")?,
        number_of(item, "payment_rank")?,
    )
}

pub(super) fn holds_money(item: &Item) -> bool {
    Condition::at_least("payment_rank", State::Paid.rank()).holds(item)
}
