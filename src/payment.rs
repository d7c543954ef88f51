//! A payment as the gateway tells it, and what that alone says: no I/O, no clock.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::decimal::Decimal;
use crate::json::{self, AtMost, money};
use crate::state::State;
use crate::verdict::Verdict;

/// Entries of a `cancel_history` that are kept; providers allow some ten partial refunds.
const MAX_HISTORY: usize = 500;

/// The shop's id of an order: checked in form, trusted in nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MerchantUid(String);

impl MerchantUid {
    /// Accepts 1 to 100 characters without control characters.
    #[must_use]
    pub fn new(text: String) -> Option<Self> {
        let fits = (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        fits.then_some(Self(text))
    }

    /// As it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The ids a caller names a payment by: checked in form, trusted in nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentIds {
    imp_uid: String,
    merchant_uid: MerchantUid,
}

impl PaymentIds {
    /// Accepts an `imp_uid` as [`PaymentIds::is_imp_uid`] does, and a `merchant_uid` as [`MerchantUid::new`] does.
    #[must_use]
    pub fn new(imp_uid: String, merchant_uid: String) -> Option<Self> {
        Self::of(imp_uid, MerchantUid::new(merchant_uid)?)
    }

    /// The ids of an attempt to pay this order.
    #[must_use]
    pub fn of(imp_uid: String, merchant_uid: MerchantUid) -> Option<Self> {
        Self::is_imp_uid(&imp_uid).then_some(Self {
            imp_uid,
            merchant_uid,
        })
    }

    /// Whether a text can be an `imp_uid`: `[A-Za-z0-9_-]{1,32}`, for it becomes part of a URL.
    #[must_use]
    pub fn is_imp_uid(text: &str) -> bool {
        let is_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        (1..=32).contains(&text.len()) && text.bytes().all(is_id)
    }

    /// The order.
    #[must_use]
    pub fn order(&self) -> &MerchantUid {
        &self.merchant_uid
    }

    /// Iamport's id of one attempt to pay.
    #[must_use]
    pub fn imp_uid(&self) -> &str {
        &self.imp_uid
    }

    /// The shop's id of the order.
    #[must_use]
    pub fn merchant_uid(&self) -> &str {
        self.merchant_uid.as_str()
    }
}

/// A payment, field for field as in Iamport's `PaymentAnnotation` (OAS); fields that are neither needed nor kept
/// are not read, and one that is only kept is dropped if it has another type than documented.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "the names are the gateway's")]
pub struct Payment {
    pub imp_uid: String,
    pub merchant_uid: String,
    pub status: String,
    #[serde(deserialize_with = "money")]
    pub amount: Decimal,
    #[serde(deserialize_with = "money")]
    pub cancel_amount: Decimal,
    pub currency: String,
    /// Sent since 2026-01-26 (HELP notice-v1-api-2025-11-24); before that there was nothing to tell.
    #[serde(default)]
    pub sandbox: bool,
    pub pay_method: Option<String>,
    /// Held by a third party until the goods arrive; nothing if the gateway did not say.
    #[serde(default, deserialize_with = "kept")]
    pub escrow: Option<bool>,
    pub customer_uid_usage: Option<String>,
    #[serde(default, deserialize_with = "kept")]
    pub pg_provider: Option<String>,
    #[serde(default, deserialize_with = "kept")]
    pub pg_id: Option<String>,
    #[serde(default, deserialize_with = "kept")]
    pub pg_tid: Option<String>,
    #[serde(default, deserialize_with = "kept")]
    pub apply_num: Option<String>,
    #[serde(default, deserialize_with = "kept")]
    pub card_name: Option<String>,
    #[serde(default, deserialize_with = "kept")]
    pub card_quota: Option<i64>,
    #[serde(default, deserialize_with = "kept")]
    pub vbank_name: Option<String>,
    #[serde(default, deserialize_with = "kept")]
    pub vbank_num: Option<String>,
    #[serde(default, deserialize_with = "seconds")]
    pub vbank_date: Option<i64>,
    #[serde(default, deserialize_with = "seconds")]
    pub vbank_issued_at: Option<i64>,
    #[serde(default, deserialize_with = "seconds")]
    pub started_at: Option<i64>,
    #[serde(default, deserialize_with = "seconds")]
    pub paid_at: Option<i64>,
    #[serde(default, deserialize_with = "seconds")]
    pub failed_at: Option<i64>,
    #[serde(default, deserialize_with = "seconds")]
    pub cancelled_at: Option<i64>,
    #[serde(default, deserialize_with = "kept")]
    pub fail_reason: Option<String>,
    #[serde(default, deserialize_with = "kept")]
    pub cancel_reason: Option<String>,
    #[serde(default, deserialize_with = "kept")]
    pub receipt_url: Option<String>,
    /// One that cannot be read is one all the same.
    #[serde(default, deserialize_with = "promotion")]
    pub promotion: Option<Promotion>,
    #[serde(default, deserialize_with = "history")]
    pub cancel_history: Option<Vec<Cancellation>>,
}

/// A promotion that was applied (OAS `promotion`).
#[derive(Debug, Default, Clone, Deserialize)]
#[expect(missing_docs, reason = "the names are the gateway's")]
pub struct Promotion {
    #[serde(default, deserialize_with = "kept")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "kept_money")]
    pub discount: Option<Decimal>,
}

/// One entry of `cancel_history` (OAS `PaymentCancelAnnotation`).
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "the names are the gateway's")]
pub struct Cancellation {
    #[serde(default, deserialize_with = "kept")]
    pub cancellation_id: Option<String>,
    #[serde(default, deserialize_with = "kept_money")]
    pub amount: Option<Decimal>,
    #[serde(default, deserialize_with = "seconds")]
    pub cancelled_at: Option<i64>,
    #[serde(default, deserialize_with = "kept")]
    pub reason: Option<String>,
    #[serde(default, deserialize_with = "kept")]
    pub pg_tid: Option<String>,
    #[serde(default, deserialize_with = "kept")]
    pub receipt_url: Option<String>,
}

/// A field that is only kept as a fact: another type than documented is as good as absent.
fn kept<'de, D: Deserializer<'de>, T: DeserializeOwned>(json: D) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_str(<&RawValue>::deserialize(json)?.get()).ok())
}

/// A history of more entries than any payment has is as good as none.
fn history<'de, D: Deserializer<'de>>(json: D) -> Result<Option<Vec<Cancellation>>, D::Error> {
    let history: Option<AtMost<_, MAX_HISTORY>> = kept(json)?;
    Ok(history.map(|AtMost(history)| history))
}

fn promotion<'de, D: Deserializer<'de>>(json: D) -> Result<Option<Promotion>, D::Error> {
    let text = <&RawValue>::deserialize(json)?.get();
    Ok((text != "null").then(|| json::object(text.as_bytes()).unwrap_or_default()))
}

/// A time in UNIX seconds. One with a fraction is cut: some gateways' clocks are finer than the documentation.
fn seconds<'de, D: Deserializer<'de>>(json: D) -> Result<Option<i64>, D::Error> {
    let text = <&RawValue>::deserialize(json)?.get();
    Ok(text.parse().ok().and_then(Decimal::whole))
}

fn kept_money<'de, D: Deserializer<'de>>(json: D) -> Result<Option<Decimal>, D::Error> {
    Ok(<&RawValue>::deserialize(json)?.get().parse().ok())
}

impl Payment {
    /// Start of the attempt, UNIX seconds by the gateway's clock; 0 if it did not say.
    #[must_use]
    pub fn started(&self) -> i64 {
        self.started_at.unwrap_or(0)
    }

    /// Whether there is money that somebody would have to give back.
    #[must_use]
    pub fn holds_money(&self) -> bool {
        self.state().is_some_and(State::holds_money) && self.cancel_amount < self.amount
    }

    /// The account a customer can pay into, if this payment has one.
    fn account(&self) -> Option<&str> {
        let is_vbank = self.pay_method.as_deref() == Some("vbank");
        self.vbank_num
            .as_deref()
            .filter(|number| is_vbank && !number.is_empty())
    }

    /// Why there is nothing to decide yet.
    fn pending(&self) -> Verdict {
        Verdict::Pending(match self.status.as_str() {
            "ready" => "the payment window is open, or was left",
            _ => "a status that this version does not know",
        })
    }

    /// How far the payment is; nothing for an abandoned window or a status this version does not know.
    ///
    /// `ready` means both "account issued" and "window open or left" (PAYRT); a part refund is `cancelled` with a
    /// lower `cancel_amount` (WOO).
    #[must_use]
    pub fn state(&self) -> Option<State> {
        let in_part = self.cancel_amount < self.amount;
        let cancelled = |was_paid| match (was_paid, in_part) {
            (true, true) => State::PartiallyCancelled,
            (true, false) => State::Refunded,
            (false, _) => State::Voided,
        };
        let given_back = self.cancel_amount.is_positive();
        match self.status.as_str() {
            "ready" => self.account().map(|_| State::AccountIssued),
            "failed" => Some(State::Failed),
            "paid" if given_back => Some(cancelled(true)),
            "paid" => Some(State::Paid),
            // Only money that was taken can be given back in part, whatever `paid_at` says.
            "cancelled" => Some(cancelled(
                self.paid_at.is_some_and(|at| at > 0) || (given_back && in_part),
            )),
            _ => None,
        }
    }

    /// What the look-up alone tells, before any order is touched: the state that its order decides about, or a verdict.
    ///
    /// # Errors
    /// `Forged`, or `Pending`: nothing for an order to decide.
    pub fn screen(
        &self,
        named: &PaymentIds,
        allow_sandbox: bool,
        billing_issue_charges: &[String],
    ) -> Result<State, Verdict> {
        let registers_card = self.customer_uid_usage.as_deref() == Some("issue");
        let charges = |provider: &String| self.pg_provider.as_ref() == Some(provider);
        if self.merchant_uid != named.merchant_uid() {
            Err(Verdict::Forged("the payment belongs to another order"))
        } else if self.sandbox && !allow_sandbox {
            Err(Verdict::Forged(
                "the payment was made through a test channel",
            ))
        } else if registers_card && !billing_issue_charges.iter().any(charges) {
            Err(Verdict::Forged("the payment only registered a card"))
        } else {
            self.state().ok_or_else(|| self.pending())
        }
    }
}
