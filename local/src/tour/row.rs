//! What the function wrote on an order, in one line.

use std::fmt;

use serde_json::Value;

/// The function's attributes of an order row; the default is an order it never touched.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    state: Option<State>,
    refused: Vec<String>,
    duplicate: Vec<String>,
    vbank_notice: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
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

    pub(crate) fn ready(imp_uid: &str) -> Self {
        Self::state("ready", 1, 1, imp_uid, "0")
    }

    pub(crate) fn failed(imp_uid: &str) -> Self {
        Self::state("failed", 2, 0, imp_uid, "0")
    }

    pub(crate) fn paid(imp_uid: &str) -> Self {
        Self::state("paid", 3, 3, imp_uid, "0")
    }

    /// Some of the money went back: the rest is still held.
    pub(crate) fn partly_cancelled(imp_uid: &str, cancel_amount: &str) -> Self {
        Self::state("cancelled", 4, 3, imp_uid, cancel_amount)
    }

    pub(crate) fn refunded(imp_uid: &str, cancel_amount: &str) -> Self {
        Self::state("cancelled", 4, 2, imp_uid, cancel_amount)
    }

    pub(crate) fn with_refused(self, imp_uid: &str) -> Self {
        Self { refused: vec![imp_uid.to_owned()], ..self }
    }

    pub(crate) fn with_duplicate(self, imp_uid: &str) -> Self {
        Self { duplicate: vec![imp_uid.to_owned()], ..self }
    }

    pub(crate) fn with_notice(self, notice: &str) -> Self {
        Self { vbank_notice: Some(notice.to_owned()), ..self }
    }

    fn state(status: &str, stage: i64, rank: i64, imp_uid: &str, cancel_amount: &str) -> Self {
        let (status, imp_uid) = (status.to_owned(), imp_uid.to_owned());
        let state = State { status, stage, rank, imp_uid, cancel_amount: cancel_amount.to_owned() };
        Self { state: Some(state), ..Self::default() }
    }
}

/// Reads a row as [`local::Table::get`] shows it.
impl From<&Value> for Row {
    fn from(row: &Value) -> Self {
        let text = |name: &str| row[name].as_str().map(str::to_owned);
        let number = |name: &str| row[name].as_i64().unwrap_or_default();
        let texts = |name: &str| {
            let texts = row[name].as_array().into_iter().flatten();
            texts.filter_map(|text| text.as_str().map(str::to_owned)).collect()
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
        match &self.state {
            None => f.write_str("-")?,
            Some(State { status, stage, rank, imp_uid, cancel_amount }) => {
                write!(f, "{status} {stage}/{rank} {imp_uid}")?;
                if cancel_amount != "0" {
                    write!(f, ", cancelled {cancel_amount}")?;
                }
            }
        }
        for (name, imp_uids) in [("refused", &self.refused), ("duplicate", &self.duplicate)] {
            if !imp_uids.is_empty() {
                write!(f, ", {name} {}", imp_uids.join(" "))?;
            }
        }
        if let Some(notice) = &self.vbank_notice {
            write!(f, ", notice {notice}")?;
        }
        Ok(())
    }
}
