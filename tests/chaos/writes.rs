//! The conditional writes that the engine took, as the proxy saw them.

use std::time::Instant;

use serde_json::Value;

use crate::call::Hop;
use crate::wire::Seen;

/// A write on an order that went through: what it made of the row, and around when.
#[derive(Debug, Clone)]
pub(crate) struct Write {
    pub(crate) imp_uid: String,
    pub(crate) stage: i64,
    pub(crate) rank: i64,
    pub(crate) cancelled: i64,
    pub(crate) started: i64,
    began: Instant,
    ended: Instant,
}

/// The writes that went through, whether anybody heard of it or not.
pub(crate) fn taken(seen: &[Seen]) -> impl Iterator<Item = Write> {
    let taken = seen
        .iter()
        .filter(|seen| seen.call.hop == Hop::Record && seen.answered == Some(200));
    taken.map(|seen| {
        let number = |name: &str| text(&seen.call.values, name, "N").parse().unwrap();
        Write {
            imp_uid: text(&seen.call.values, ":imp_uid", "S").to_owned(),
            stage: number(":payment_stage"),
            rank: number(":payment_rank"),
            cancelled: number(":cancel_amount"),
            started: number(":started_at"),
            began: seen.began,
            ended: seen.ended,
        }
    })
}

/// How often a payment was noted as unmatched.
pub(crate) fn notes(seen: &[Seen]) -> usize {
    let noted = |seen: &&Seen| seen.call.hop == Hop::Note && seen.answered == Some(200);
    seen.iter().filter(noted).count()
}

/// How often an account made a notice due.
pub(crate) fn notices(seen: &[Seen]) -> usize {
    taken(seen).filter(|write| write.stage == 1).count()
}

fn text<'a>(values: &'a Value, name: &str, kind: &str) -> &'a str {
    values[name][kind].as_str().unwrap()
}

impl Write {
    /// Whether the row says so.
    fn is(&self, row: &Value) -> bool {
        row["imp_uid"] == self.imp_uid.as_str()
            && row["payment_stage"] == self.stage
            && row["payment_rank"] == self.rank
            && row["cancel_amount"] == self.cancelled
    }

    /// Invariants 2 and 3, said again without the product's code.
    fn may_replace(&self, old: &Self) -> bool {
        if self.imp_uid == old.imp_uid {
            (self.stage, self.cancelled) > (old.stage, old.cancelled)
        } else if old.rank == self.rank {
            old.rank < 3 && (old.started, &old.imp_uid) < (self.started, &self.imp_uid)
        } else {
            old.rank < self.rank
        }
    }
}

/// Whether the writes can have happened one after the other, each allowed by the row before it, the last one leaving
/// this row.
pub(crate) fn explain(writes: &[Write], row: &Value) -> bool {
    fn go(last: Option<&Write>, left: &[Write], row: &Value) -> bool {
        if left.is_empty() {
            return last.map_or(row["imp_uid"].is_null(), |last| last.is(row));
        }
        (0..left.len()).any(|index| {
            let next = &left[index];
            // What ended before another one began came first.
            let in_time = left.iter().all(|other| other.ended >= next.began);
            let mut rest = left.to_vec();
            rest.remove(index);
            in_time && last.is_none_or(|last| next.may_replace(last)) && go(Some(next), &rest, row)
        })
    }
    go(None, writes, row)
}
