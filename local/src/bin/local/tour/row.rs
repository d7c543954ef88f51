//! What the function wrote about an order, and what a sweep did, in a few words each.

use serde_json::Value;

/// The function's attributes of an order's row as [`local::Table::get`] shows it, and the payments that it did not take.
pub(crate) fn shown(row: &Value, unmatched: &[Value]) -> String {
    let text = |name: &str| row[name].as_str().unwrap_or("?");
    let mut parts = Vec::new();
    if row.get("payment_stage").is_some() {
        let (stage, rank) = (&row["payment_stage"], &row["payment_rank"]);
        let (status, imp_uid) = (text("payment_status"), text("imp_uid"));
        parts.push(format!("{status} {stage}/{rank} {imp_uid}"));
        if row["cancel_amount"] != 0 {
            parts.push(format!("cancelled {}", row["cancel_amount"]));
        }
    }
    if row.get("vbank_notice").is_some() {
        parts.push(format!("notice {}", text("vbank_notice")));
    }
    if parts.is_empty() {
        parts.push(if row.is_null() { "no order" } else { "-" }.to_owned());
    }
    for item in unmatched {
        let told = |name: &str| item[name].as_str().unwrap_or("?").to_owned();
        let (imp_uid, state, reason) = (told("imp_uid"), told("state"), told("reason"));
        parts.push(format!("{imp_uid} {state} {reason}"));
    }
    parts.join(", ")
}

/// What a sweep did, but for how many payments it saw and left open.
pub(crate) fn swept(summary: &Result<Value, String>) -> String {
    let summary = match summary {
        Ok(summary) => summary,
        Err(error) => return error.clone(),
    };
    let repaired = &summary["repaired"];
    let counted = [
        ("ready", &repaired["ready"]),
        ("paid", &repaired["paid"]),
        ("cancelled", &repaired["cancelled"]),
        ("unmatched", &summary["unmatched"]),
        ("resolved", &summary["resolved"]),
        ("refunded", &summary["refunded"]),
    ];
    let parts: Vec<_> = counted
        .iter()
        .filter(|(_, count)| **count != 0)
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    match parts.len() {
        0 => "nothing".to_owned(),
        _ => parts.join(", "),
    }
}
