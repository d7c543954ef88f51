//! How money goes back.

use std::fmt;

use super::{Payment, RECEIPT_URL};
use crate::json::Json;
use crate::money::Money;
use crate::random;

/// What to take back, and what the caller believes is there to take.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cancellation {
    /// `None` or zero: all that is left.
    pub(crate) amount: Option<Money>,
    pub(crate) checksum: Option<Money>,
    pub(crate) reason: String,
    /// Who asked: `customer` or `admin` (OAS `extra.requester`).
    pub(crate) requester: Option<String>,
}

/// Why a cancellation changed nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotCancelled {
    NotPaid,
    /// An earlier cancellation waits.
    Pending,
    NothingLeft,
    Checksum {
        balance: Money,
    },
    TooMuch {
        balance: Money,
    },
}

impl fmt::Display for NotCancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPaid => f.write_str("is not paid"),
            Self::Pending => f.write_str("a cancellation waits to be finished"),
            Self::NothingLeft => f.write_str("is cancelled in full"),
            Self::Checksum { balance } | Self::TooMuch { balance } => {
                write!(f, "only {balance} can be cancelled")
            }
        }
    }
}

impl Payment {
    /// Gives money back, and returns how much. A part leaves `cancelled` with `cancel_amount` below `amount`, as the
    /// official `WooCommerce` plugin expects; `paid_at` stays.
    pub(crate) fn cancel(
        &mut self,
        wanted: &Cancellation,
        now: i64,
    ) -> Result<Money, NotCancelled> {
        let amount = self.cancellable(wanted)?;
        let reason = Json::string(&wanted.reason);
        let receipt = Json::string(RECEIPT_URL);
        let entry = Json::object([
            (
                "pg_tid",
                self.fields
                    .get("pg_tid")
                    .cloned()
                    .unwrap_or_else(Json::null),
            ),
            ("amount", Json::literal(&amount)),
            ("cancelled_at", Json::literal(now)),
            ("reason", reason.clone()),
            ("receipt_url", receipt.clone()),
            ("cancellation_id", Json::string(&random::cancellation_id())),
        ]);
        let before = self.money("cancel_amount");
        let sum = before.map_or_else(|| amount.clone(), |before| before.plus(&amount));
        self.push("cancel_history", entry);
        self.push("cancel_receipt_urls", receipt);
        self.set("cancel_amount", Json::literal(sum));
        self.set("cancel_reason", reason);
        self.set("cancelled_at", Json::literal(now));
        self.set("status", Json::string("cancelled"));
        Ok(amount)
    }

    /// A cancellation by the API: at once, or, where the PG is slow (the guide of `kicc_v2`), not before
    /// [`finish_cancel`](Self::finish_cancel); then it returns `None`.
    pub(crate) fn ask_to_cancel(
        &mut self,
        wanted: Cancellation,
        now: i64,
    ) -> Result<Option<Money>, NotCancelled> {
        if !self.cancels_later {
            return self.cancel(&wanted, now).map(Some);
        }
        self.cancellable(&wanted)?;
        self.pending = Some(wanted);
        Ok(None)
    }

    /// The cancellation that waits takes effect; `None` if none does.
    pub(crate) fn finish_cancel(
        &mut self,
        now: i64,
    ) -> Option<Result<(Cancellation, Money), NotCancelled>> {
        let wanted = self.pending.take()?;
        Some(self.cancel(&wanted, now).map(|amount| (wanted, amount)))
    }

    /// How much such a cancellation would give back.
    fn cancellable(&self, wanted: &Cancellation) -> Result<Money, NotCancelled> {
        if !matches!(self.text("status").as_deref(), Some("paid" | "cancelled")) {
            return Err(NotCancelled::NotPaid);
        }
        let balance = self.balance().ok_or(NotCancelled::NotPaid)?;
        if !balance.is_positive() {
            return Err(NotCancelled::NothingLeft);
        }
        if self.pending.is_some() {
            return Err(NotCancelled::Pending);
        }
        if wanted
            .checksum
            .as_ref()
            .is_some_and(|checksum| *checksum != balance)
        {
            return Err(NotCancelled::Checksum { balance });
        }
        let amount = wanted
            .amount
            .as_ref()
            .filter(|amount| !amount.is_zero())
            .unwrap_or(&balance);
        if amount.is_positive() && *amount <= balance {
            Ok(amount.clone())
        } else {
            Err(NotCancelled::TooMuch { balance })
        }
    }

    pub(super) fn balance(&self) -> Option<Money> {
        Some(self.money("amount")?.minus(&self.money("cancel_amount")?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overrides::Overrides;

    fn payment(overrides: &str) -> Payment {
        let overrides = Overrides::parse(overrides).unwrap();
        Payment::new("imp_448280090638", 1, &overrides, 1_700_000_000)
    }

    fn field(payment: &Payment, name: &str) -> String {
        payment.fields[name].as_str().to_owned()
    }

    fn cancel(
        payment: &mut Payment,
        amount: &str,
        checksum: Option<&str>,
    ) -> Result<(), NotCancelled> {
        let wanted = Cancellation {
            amount: Money::parse(amount),
            checksum: checksum.and_then(Money::parse),
            reason: "고객 요청".to_owned(),
            requester: None,
        };
        payment.cancel(&wanted, 1_700_000_100).map(|_| ())
    }

    #[test]
    fn parts_add_up_exactly() {
        let mut payment = payment(r#"{"amount":14.20,"currency":"USD"}"#);
        assert_eq!(cancel(&mut payment, "4.1", Some("14.2")), Ok(()));
        assert_eq!(field(&payment, "cancel_amount"), "4.1");
        assert_eq!(field(&payment, "status"), r#""cancelled""#);
        assert_eq!(field(&payment, "paid_at"), "1700000000");
        assert!(payment.holds_money());

        let balance = Money::parse("10.1").unwrap();
        assert_eq!(
            cancel(&mut payment, "1", Some("14.2")),
            Err(NotCancelled::Checksum {
                balance: balance.clone()
            })
        );
        assert_eq!(
            cancel(&mut payment, "10.11", None),
            Err(NotCancelled::TooMuch {
                balance: balance.clone()
            })
        );
        assert_eq!(
            cancel(&mut payment, "-1", None),
            Err(NotCancelled::TooMuch { balance })
        );
        assert_eq!(
            field(&payment, "cancel_amount"),
            "4.1",
            "refused cancellations change nothing"
        );

        assert_eq!(
            cancel(&mut payment, "0", Some("10.100")),
            Ok(()),
            "zero means all that is left"
        );
        assert_eq!(field(&payment, "cancel_amount"), "14.20");
        assert_eq!(
            cancel(&mut payment, "0", None),
            Err(NotCancelled::NothingLeft)
        );
        assert!(!payment.holds_money());

        let history = payment.fields["cancel_history"].items();
        assert_eq!(history.len(), 2);
        assert!(
            history[1]
                .as_str()
                .contains(&payment.cancellation_id().unwrap())
        );
    }

    #[test]
    fn only_what_was_paid_can_be_cancelled() {
        for overrides in [
            r#"{"status":"ready"}"#,
            r#"{"status":"failed"}"#,
            r#"{"amount":null}"#,
        ] {
            assert_eq!(
                cancel(&mut payment(overrides), "0", None),
                Err(NotCancelled::NotPaid)
            );
        }
    }
}
