//! What the function may have written.

use payment_verifier::orders::COLUMNS;
use serde_json::{Map, Value};

/// The facts of a payment that an order keeps.
pub(crate) const FACTS: [&str; 24] = [
    "amount",
    "currency",
    "status",
    "cancel_amount",
    "pay_method",
    "pg_provider",
    "pg_id",
    "pg_tid",
    "apply_num",
    "sandbox",
    "card_name",
    "card_quota",
    "vbank_name",
    "vbank_num",
    "vbank_date",
    "started_at",
    "paid_at",
    "failed_at",
    "cancelled_at",
    "fail_reason",
    "cancel_reason",
    "receipt_url",
    "promotion",
    "cancel_history",
];

/// The attributes of an unmatched payment.
const ITEM: [&str; 12] = [
    "merchant_uid",
    "imp_uid",
    "reason",
    "amount",
    "cancel_amount",
    "currency",
    "pay_method",
    "pg_provider",
    "paid_at",
    "state",
    "first_seen_at",
    "looked_at",
];

/// The function's attributes of a row, but for the facts.
pub(crate) fn ours(row: &Value) -> Map<String, Value> {
    let row = row.as_object().cloned().unwrap_or_default();
    let is_ours = |name: &str| name != "payment" && COLUMNS.contains(&name);
    row.into_iter().filter(|(name, _)| is_ours(name)).collect()
}

/// Facts are the contract's, and nothing else.
#[track_caller]
pub(crate) fn assert_facts(row: &Value) {
    for name in row["payment"].as_object().into_iter().flat_map(Map::keys) {
        assert!(FACTS.contains(&name.as_str()), "{name} in {row}");
    }
}

/// What is noted of an unmatched payment is the contract's, and nothing else.
#[track_caller]
pub(crate) fn assert_item(item: &Value) {
    for name in item.as_object().into_iter().flat_map(Map::keys) {
        assert!(ITEM.contains(&name.as_str()), "{name} in {item}");
    }
}
