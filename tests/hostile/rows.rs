//! What the function may have written.

use local::Item;
use serde_json::{Map, Value};

/// The function's attributes on an order.
const OURS: [&str; 11] = [
    "imp_uid",
    "payment_status",
    "payment_stage",
    "payment_rank",
    "cancel_amount",
    "started_at",
    "payment",
    "refused_imp_uids",
    "duplicate_imp_uids",
    "vbank_notice",
    "vbank_notices",
];

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

/// The columns that are the shop's own business.
pub(crate) fn shops_own(item: &Item) -> Item {
    let own = item
        .iter()
        .filter(|(name, _)| !OURS.contains(&name.as_str()));
    own.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The function's attributes of a row, but for the facts.
pub(crate) fn ours(row: &Value) -> Map<String, Value> {
    let row = row.as_object().cloned().unwrap_or_default();
    let is_ours = |name: &str| name != "payment" && OURS.contains(&name);
    row.into_iter().filter(|(name, _)| is_ours(name)).collect()
}

/// Facts are the contract's, and nothing else.
#[track_caller]
pub(crate) fn assert_facts(row: &Value) {
    for name in row["payment"].as_object().into_iter().flat_map(Map::keys) {
        assert!(FACTS.contains(&name.as_str()), "{name} in {row}");
    }
}
