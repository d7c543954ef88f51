//! Where a payment's money is on record with us.

use std::fmt;

use payment_verifier::decimal::Decimal;
use payment_verifier::dynamodb::{Item, number_of, text_of};
use payment_verifier::payment::Payment;

/// From here on an attempt held money.
const PAID: i64 = 3;

/// Where money is on record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Record {
    /// On its order.
    Order,
    /// In the unmatched table, in this `state`.
    Unmatched(String),
    /// Nowhere, and all of it went back: there is nothing to do.
    GivenBack,
    /// Nowhere yet: a sweep finds it.
    Unknown,
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Order => "order",
            Self::Unmatched(state) => state,
            Self::GivenBack => "givenBack",
            Self::Unknown => "unknown",
        })
    }
}

impl Record {
    /// Where it is that a payment came, or that so much of it has gone back, by its order's row and the unmatched payments.
    #[must_use]
    pub fn of(
        payment: &Payment,
        gone_back: Decimal,
        row: Option<&Item>,
        unmatched: &[Item],
    ) -> Self {
        let is_this = |item: &&Item| text_of(item, "imp_uid") == Some(&payment.imp_uid);
        let knows =
            |item: &Item| number_of(item, "cancel_amount").is_some_and(|known| known >= gone_back);
        let has_paid = |row: &&Item| number_of(row, "payment_stage") >= Some(PAID.into());
        if let Some(row) = row.filter(is_this).filter(has_paid) {
            return if knows(row) {
                Self::Order
            } else {
                Self::Unknown
            };
        }
        let item = unmatched.iter().find(is_this);
        match item.and_then(|item| Some((item, text_of(item, "state")?))) {
            // Nobody looks at a closed one again.
            Some((item, state)) if knows(item) || state == "closed" => {
                Self::Unmatched(state.clone())
            }
            None if payment.cancel_amount >= payment.amount => Self::GivenBack,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use payment_verifier::dynamodb::{number, text};
    use serde_json::json;

    use super::*;

    fn payment(cancelled: u32) -> Payment {
        let payment = json!({
            "imp_uid": "imp_1", "merchant_uid": "a", "status": "cancelled", "amount": 1000, "cancel_amount": cancelled,
            "currency": "KRW",
        });
        serde_json::from_str(&payment.to_string()).expect("a payment")
    }

    fn row(imp_uid: &str, stage: i64, cancelled: i64) -> Item {
        [
            ("imp_uid", text(imp_uid)),
            ("payment_stage", number(stage.into())),
            ("cancel_amount", number(cancelled.into())),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    fn item(imp_uid: &str, state: &str, cancelled: i64) -> Item {
        let mut item = row(imp_uid, 0, cancelled);
        item.insert("state".to_owned(), text(state));
        item
    }

    #[test]
    fn money_is_on_record_once_somebody_wrote_it_down() {
        let unmatched = |state: &str| Record::Unmatched(state.to_owned());
        for (gone_back, row, items, record) in [
            (0, None, vec![], Record::Unknown),
            (0, Some(row("imp_1", 3, 0)), vec![], Record::Order),
            (300, Some(row("imp_1", 3, 0)), vec![], Record::Unknown),
            (300, Some(row("imp_1", 4, 300)), vec![], Record::Order),
            // An account that waits knows of no money.
            (0, Some(row("imp_1", 1, 0)), vec![], Record::Unknown),
            (0, Some(row("imp_2", 3, 0)), vec![], Record::Unknown),
            (
                0,
                Some(row("imp_2", 3, 0)),
                vec![item("imp_1", "open", 0)],
                unmatched("open"),
            ),
            (300, None, vec![item("imp_1", "open", 0)], Record::Unknown),
            (
                300,
                None,
                vec![item("imp_1", "open", 300)],
                unmatched("open"),
            ),
            (
                300,
                None,
                vec![item("imp_1", "closed", 0)],
                unmatched("closed"),
            ),
            (0, None, vec![item("imp_2", "open", 0)], Record::Unknown),
            // The order took it after all.
            (
                0,
                Some(row("imp_1", 3, 0)),
                vec![item("imp_1", "matched", 0)],
                Record::Order,
            ),
        ] {
            let told = Record::of(&payment(500), i64::into(gone_back), row.as_ref(), &items);
            assert_eq!(told, record, "{gone_back} {row:?} {items:?}");
        }
        let replaced = row("imp_2", 3, 0);
        let all_back = Record::of(&payment(1000), 1000.into(), Some(&replaced), &[]);
        assert_eq!(all_back, Record::GivenBack);
    }
}
