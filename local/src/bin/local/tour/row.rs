//! What the function wrote on an order, in one line.

use std::fmt;

use serde_json::Value;

/// An attempt to pay an order.
pub(crate) struct Attempt {
    pub(crate) imp_uid: String,
    pub(crate) merchant_uid: String,
}

/// The function's attributes of an order row; the default is an order it never touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    state: Option<State>,
    refused: Vec<String>,
    duplicate: Vec<String>,
    vbank_notice: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    status: String,
    stage: i64,
    rank: i64,
    imp_uid: String,
    cancel_amount: String,
}

impl Row {
    /// An order that no payment has touched.
    pub(crate) fn untouched() -> Self {
        Self::default()
    }

    pub(crate) fn ready(attempt: &Attempt) -> Self {
        Self::state("ready", 1, 1, attempt, "0")
    }

    pub(crate) fn failed(attempt: &Attempt) -> Self {
        Self::state("failed", 2, 0, attempt, "0")
    }

    pub(crate) fn paid(attempt: &Attempt) -> Self {
        Self::state("paid", 3, 3, attempt, "0")
    }

    /// Some of the money went back: the rest is still held.
    pub(crate) fn partly_cancelled(attempt: &Attempt, cancel_amount: &str) -> Self {
        Self::state("cancelled", 4, 3, attempt, cancel_amount)
    }

    pub(crate) fn refunded(attempt: &Attempt, cancel_amount: &str) -> Self {
        Self::state("cancelled", 4, 2, attempt, cancel_amount)
    }

    pub(crate) fn with_refused(self, attempt: &Attempt) -> Self {
        Self {
            refused: vec![attempt.imp_uid.clone()],
            ..self
        }
    }

    pub(crate) fn with_duplicate(self, attempt: &Attempt) -> Self {
        Self {
            duplicate: vec![attempt.imp_uid.clone()],
            ..self
        }
    }

    pub(crate) fn with_notice(self, notice: &str) -> Self {
        Self {
            vbank_notice: Some(notice.to_owned()),
            ..self
        }
    }

    fn state(status: &str, stage: i64, rank: i64, attempt: &Attempt, cancel_amount: &str) -> Self {
        Self {
            state: Some(State {
                status: status.to_owned(),
                stage,
                rank,
                imp_uid: attempt.imp_uid.clone(),
                cancel_amount: cancel_amount.to_owned(),
            }),
            ..Self::default()
        }
    }
}

/// Reads a row as [`local::Table::get`] shows it.
impl From<&Value> for Row {
    fn from(row: &Value) -> Self {
        let text = |name: &str| row[name].as_str().map(str::to_owned);
        let number = |name: &str| row[name].as_i64().unwrap_or_default();
        let texts = |name: &str| {
            let texts = row[name].as_array().into_iter().flatten();
            texts
                .filter_map(|text| text.as_str().map(str::to_owned))
                .collect()
        };
        let state = row.get("payment_stage").map(|_| State {
            status: text("payment_status").unwrap_or_default(),
            stage: number("payment_stage"),
            rank: number("payment_rank"),
            imp_uid: text("imp_uid").unwrap_or_default(),
            cancel_amount: row["cancel_amount"].to_string(),
        });
        Self {
            state,
            refused: texts("refused_imp_uids"),
            duplicate: texts("duplicate_imp_uids"),
            vbank_notice: text("vbank_notice"),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(state) = &self.state {
            parts.push(format!(
                "{} {}/{} {}",
                state.status, state.stage, state.rank, state.imp_uid
            ));
            if state.cancel_amount != "0" {
                parts.push(format!("cancelled {}", state.cancel_amount));
            }
        }
        for (name, imp_uids) in [("refused", &self.refused), ("duplicate", &self.duplicate)] {
            if !imp_uids.is_empty() {
                parts.push(format!("{name} {}", imp_uids.join(" ")));
            }
        }
        parts.extend(
            self.vbank_notice
                .iter()
                .map(|notice| format!("notice {notice}")),
        );
        f.write_str(if parts.is_empty() { "-" } else { "" })?;
        f.write_str(&parts.join(", "))
    }
}
