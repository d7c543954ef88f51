//! The ledger: one line a movement of money, to lay beside the provider's settlement.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use futures_util::{StreamExt, TryStreamExt, stream};
use payment_verifier::decimal::Decimal;
use payment_verifier::dynamodb::Item;
use payment_verifier::payment::MerchantUid;
use payment_verifier::sweep::Window;

use crate::kst::{self, Day};
use crate::movement::{Movement, movements};
use crate::record::Record;
use crate::{Desk, DeskError};

/// Orders that are looked up at the same time.
const AT_ONCE: usize = 24;
/// The columns.
const HEADER: &str =
    "time,merchant_uid,imp_uid,movement,pg_provider,pg_tid,pay_method,currency,amount,recorded";

/// The movements of some days.
#[derive(Debug)]
pub struct Ledger {
    /// Each with where it is on record, in the order of time.
    pub lines: Vec<(Movement, Record)>,
    /// What is not in it, and why: payments that could not be told.
    pub unclear: Vec<String>,
}

/// What came and went in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    /// What came.
    pub paid: Decimal,
    /// What went back, less than zero.
    pub cancelled: Decimal,
    /// How many movements.
    pub lines: usize,
}

impl Desk {
    /// The ledger of the days from the first to the last.
    ///
    /// # Errors
    /// The gateway or a table cannot be read, or the days are none.
    pub async fn ledger(&self, first: Day, last: Day) -> Result<Ledger, DeskError> {
        if first > last {
            return Err(DeskError::Asked(format!("{first} is after {last}")));
        }
        let window = Window {
            from: first.begins(),
            to: last.ends(),
        };
        let found = self.payments(window).await?;
        let mut unclear: Vec<_> = found
            .unreadable
            .iter()
            .map(|imp_uid| format!("{imp_uid}: the gateway's entry cannot be read"))
            .collect();
        let mut moved = Vec::new();
        for payment in found.all.values() {
            match movements(payment) {
                Ok(movements) => moved.extend(movements),
                Err(why) => unclear.push(format!("{}: {why}", payment.imp_uid)),
            }
        }
        moved.retain(|movement| (window.from..=window.to).contains(&movement.at));
        moved.sort_by(|one, other| {
            let place =
                |movement: &Movement| (movement.at, movement.imp_uid.clone(), movement.number);
            place(one).cmp(&place(other))
        });
        let known = self.known(&moved).await?;
        let lines = moved.into_iter().map(|movement| {
            let (row, unmatched) = &known[&movement.merchant_uid];
            let payment = &found.all[&movement.imp_uid];
            let record = Record::of(payment, movement.gone_back, row.as_ref(), unmatched);
            (movement, record)
        });
        Ok(Ledger {
            lines: lines.collect(),
            unclear,
        })
    }

    /// The row and the unmatched payments of every order that money moved for.
    async fn known(
        &self,
        moved: &[Movement],
    ) -> Result<HashMap<String, (Option<Item>, Vec<Item>)>, DeskError> {
        let orders: BTreeMap<_, _> = moved
            .iter()
            .filter_map(|movement| {
                let name = movement.merchant_uid.clone();
                Some((name.clone(), MerchantUid::new(name)?))
            })
            .collect();
        let look = |(name, order): (String, MerchantUid)| async move {
            let found = (self.row(&order).await?, self.unmatched(&order).await?);
            Ok((name, found))
        };
        stream::iter(orders)
            .map(look)
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }
}

impl Ledger {
    /// The lines as CSV, with a header.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut csv = format!("{HEADER}\n");
        for (movement, record) in &self.lines {
            let optional = |text: &Option<String>| cell(text.as_deref().unwrap_or_default());
            let kind = match movement.number {
                0 => "paid".to_owned(),
                number => format!("cancel {number}"),
            };
            // A string takes everything.
            let _ = writeln!(
                csv,
                "{},{},{},{kind},{},{},{},{},{},{record}",
                kst::time(movement.at),
                cell(&movement.merchant_uid),
                cell(&movement.imp_uid),
                optional(&movement.pg_provider),
                optional(&movement.pg_tid),
                optional(&movement.pay_method),
                cell(&movement.currency),
                movement.amount,
            );
        }
        csv
    }

    /// What came and went, by day and currency.
    ///
    /// # Errors
    /// A sum has more digits than any money.
    pub fn sums(&self) -> Result<BTreeMap<(Day, String), Sum>, DeskError> {
        let mut sums = BTreeMap::new();
        for (movement, _) in &self.lines {
            let key = (Day::of(movement.at), movement.currency.clone());
            let nothing = Sum {
                paid: Decimal::ZERO,
                cancelled: Decimal::ZERO,
                lines: 0,
            };
            let sum = sums.entry(key).or_insert(nothing);
            let side = if movement.number == 0 {
                &mut sum.paid
            } else {
                &mut sum.cancelled
            };
            let more = side.checked_add(movement.amount);
            *side = more.ok_or_else(|| DeskError::Asked("a sum is too large".to_owned()))?;
            sum.lines += 1;
        }
        Ok(sums)
    }

    /// The sums, and what a reader should know, for people.
    ///
    /// # Errors
    /// As for [`Ledger::sums`].
    pub fn summary(&self) -> Result<String, DeskError> {
        let mut text = String::new();
        for ((day, currency), sum) in self.sums()? {
            let net = sum.paid.checked_add(sum.cancelled);
            let net = net.ok_or_else(|| DeskError::Asked("a sum is too large".to_owned()))?;
            let Sum {
                paid,
                cancelled,
                lines,
            } = sum;
            let _ = writeln!(
                text,
                "{day}  {currency}  paid {paid}  cancelled {cancelled}  net {net}  in {lines} lines"
            );
        }
        if self.lines.is_empty() {
            text.push_str("no money moved\n");
        }
        let unknown = self
            .lines
            .iter()
            .filter(|(_, record)| *record == Record::Unknown)
            .count();
        if unknown > 0 {
            let _ = writeln!(
                text,
                "{unknown} lines are not on record yet: sweep over these days, and export again"
            );
        }
        for unclear in &self.unclear {
            let _ = writeln!(text, "not in it: {unclear}");
        }
        Ok(text)
    }
}

/// A text as one cell. Anybody who pays can choose an order's name: none of them is a formula.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@']) {
        "'"
    } else {
        ""
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_one_cell_and_no_formula() {
        for (text, written) in [
            ("order-1", "order-1"),
            ("주문 1", "주문 1"),
            ("a,b", "\"a,b\""),
            ("say \"so\"", "\"say \"\"so\"\"\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("-1+1", "'-1+1"),
            ("@a", "'@a"),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
