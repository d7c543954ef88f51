//! What the function wrote on an order, in one line.

use serde_json::Value;

/// The function's attributes of a row as [`local::Table::get`] shows it.
pub(crate) fn shown(row: &Value) -> String {
    if row.is_null() {
        return "no order".to_owned();
    }
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
    for (name, column) in [
        ("refused", "refused_imp_uids"),
        ("duplicate", "duplicate_imp_uids"),
    ] {
        if let Some(imp_uids) = row[column].as_array() {
            let imp_uids: Vec<_> = imp_uids.iter().filter_map(Value::as_str).collect();
            parts.push(format!("{name} {}", imp_uids.join(" ")));
        }
    }
    if row.get("vbank_notice").is_some() {
        parts.push(format!("notice {}", text("vbank_notice")));
    }
    if parts.is_empty() {
        parts.push("-".to_owned());
    }
    parts.join(", ")
}
