//! The contract's rule in words of its own: when the conditional `UpdateItem` writes.

use aws_sdk_dynamodb::types::AttributeValue;
use payment_verifier::decimal::Decimal;
use payment_verifier::dynamodb::Item;
use payment_verifier::payment::Payment;
use payment_verifier::state::State;

/// "It writes if the order exists, and the money is right, and it is news."
pub(super) fn takes(row: &Item, payment: &Payment, state: State) -> bool {
    let text = |name: &str| row.get(name)?.as_s().ok().map(String::as_str);
    let number = |name: &str| row.get(name)?.as_n().ok()?.parse::<Decimal>().ok();
    let recorded = text("imp_uid");
    let recorded_stage = number("payment_stage");
    let rank = number("payment_rank");
    let started_at = number("started_at");
    let is_same = recorded == Some(payment.imp_uid.as_str());
    let is_another = recorded.is_some_and(|recorded| recorded != payment.imp_uid);

    let amount = payment.amount.is_positive() && number("amount") == Some(payment.amount);
    let currency = match row.get("currency") {
        None => payment.currency == "KRW",
        Some(AttributeValue::S(currency)) => *currency == payment.currency,
        Some(_) => false,
    };
    let once_paid = is_same && recorded_stage.is_some_and(|stage| stage >= 3.into());
    let is_right = (amount && currency) || state == State::Failed || once_paid;

    let (reached, worth) = (Decimal::from(state.stage()), Decimal::from(state.rank()));
    let is_first = !row.contains_key("payment_stage");
    let is_further = is_same && recorded_stage.is_some_and(|stage| stage < reached);
    let is_more_cancelled = is_same
        && recorded_stage == Some(reached)
        && number("cancel_amount").is_some_and(|cancelled| cancelled < payment.cancel_amount);
    let is_worth_more = is_another && rank.is_some_and(|rank| rank < worth);
    let started = Decimal::from(payment.started());
    let is_later = started_at.is_some_and(|at| at < started)
        || (started_at == Some(started)
            && recorded.is_some_and(|recorded| recorded < payment.imp_uid.as_str()));
    let replaces_its_equal = is_another && rank == Some(worth) && worth < 3.into() && is_later;
    let is_news =
        is_first || is_further || is_more_cancelled || is_worth_more || replaces_its_equal;

    // Beyond the contract: an `UpdateItem` that could not count is refused by its condition, not as malformed.
    let is_countable =
        state != State::AccountIssued || row.get("vbank_notices").is_none_or(AttributeValue::is_n);
    // What was paid and is cancelled in full is refunded: "voided" it never is.
    let is_void = state == State::Voided && is_same && once_paid;
    is_right && is_news && is_countable && !is_void
}
