//! One payment: its fields as the gateway prints them, and how it moves on.

mod cancel;

pub(crate) use self::cancel::{Cancellation, NotCancelled};
use crate::json::{Fields, Json};
use crate::money::Money;
use crate::overrides::Overrides;
use crate::template::{ACCOUNT, CARD, OPENED, TRANSFER};

const RECEIPT_URL: &str = "https://iniweb.inicis.com/receipt?noTid=x";
const ACCOUNT_OPEN_SECONDS: i64 = 3 * 24 * 60 * 60;

#[derive(Clone, Debug)]
pub(crate) struct Payment {
    fields: Fields,
    /// Order of creation, to sort payments that started in the same second.
    pub(crate) sequence: u64,
    /// Whether the API's cancellations wait for [`finish_cancel`](Self::finish_cancel).
    cancels_later: bool,
    /// The one that waits.
    pending: Option<Cancellation>,
}

impl Payment {
    /// A payment whose window was just opened.
    pub(crate) fn opened(imp_uid: &str, sequence: u64, overrides: &Overrides, now: i64) -> Self {
        let mut payment = Self::blank(imp_uid, sequence, now);
        payment.apply(overrides);
        payment
    }

    fn blank(imp_uid: &str, sequence: u64, now: i64) -> Self {
        let mut payment = Self {
            fields: Fields::new(),
            sequence,
            cancels_later: false,
            pending: None,
        };
        payment.fill(OPENED);
        payment.set("imp_uid", Json::string(imp_uid));
        payment.set(
            "merchant_uid",
            Json::string(&format!("ORD-{}", imp_uid.trim_start_matches("imp_"))),
        );
        payment.set("started_at", Json::literal(now));
        payment
    }

    /// A payment as it is after its life so far, as far as the overrides tell; the overrides have the last word.
    pub(crate) fn new(imp_uid: &str, sequence: u64, overrides: &Overrides, now: i64) -> Self {
        let mut payment = Self::blank(imp_uid, sequence, now);
        payment.set("status", Json::string("paid"));
        payment.apply(overrides);

        let status = payment.text("status").unwrap_or_default();
        if payment.is_vbank() && status != "failed" {
            payment.issue_account(now);
        }
        match status.as_str() {
            "ready" => {}
            "failed" => payment.fail("사용자가 결제를 취소하셨습니다.", now),
            "cancelled" => {
                payment.pay(now);
                // An amount that is no number cannot be cancelled; the creator wants it so.
                let _ = payment.cancel(
                    &Cancellation {
                        amount: payment.money("cancel_amount").filter(Money::is_positive),
                        reason: "관리자 취소".to_owned(),
                        ..Cancellation::default()
                    },
                    now,
                );
            }
            _ => payment.pay(now),
        }
        payment.apply(overrides);
        payment
    }

    pub(crate) fn apply(&mut self, overrides: &Overrides) {
        self.fields.extend(overrides.fields.clone());
        self.fields.retain(|name, _| !overrides.omit.contains(name));
        self.cancels_later = overrides.cancel_later.unwrap_or(self.cancels_later);
    }

    pub(crate) fn json(&self) -> Json {
        Json::from(&self.fields)
    }

    /// A field as the gateway prints it; `null` if it is not there.
    pub(crate) fn field(&self, name: &str) -> Json {
        self.fields.get(name).cloned().unwrap_or_else(Json::null)
    }

    pub(crate) fn text(&self, field: &str) -> Option<String> {
        self.fields.get(field)?.text()
    }

    pub(crate) fn is_true(&self, field: &str) -> bool {
        self.fields
            .get(field)
            .is_some_and(|value| value.as_str() == "true")
    }

    /// A UNIX time; zero, as the gateway has it, if there is none.
    pub(crate) fn seconds(&self, field: &str) -> i64 {
        self.fields
            .get(field)
            .and_then(|value| value.as_str().parse().ok())
            .unwrap_or(0)
    }

    pub(crate) fn money(&self, field: &str) -> Option<Money> {
        self.fields
            .get(field)
            .and_then(|value| Money::parse(value.as_str()))
    }

    pub(crate) fn is_vbank(&self) -> bool {
        self.text("pay_method").as_deref() == Some("vbank")
    }

    /// Whether a virtual account was issued.
    pub(crate) fn has_account(&self) -> bool {
        self.is_vbank() && self.text("vbank_num").is_some()
    }

    /// Whether money was taken and some of it is still here.
    pub(crate) fn holds_money(&self) -> bool {
        match self.text("status").as_deref() {
            Some("paid") => true,
            Some("cancelled") => self.balance().is_some_and(|balance| balance.is_positive()),
            _ => false,
        }
    }

    /// The identifier of the latest entry of `cancel_history`.
    pub(crate) fn cancellation_id(&self) -> Option<String> {
        let latest: Fields =
            serde_json::from_str(self.fields.get("cancel_history")?.items().last()?.as_str())
                .ok()?;
        latest.get("cancellation_id")?.text()
    }

    pub(crate) fn pay(&mut self, now: i64) {
        match self.text("pay_method").as_deref() {
            Some("card") => self.fill(CARD),
            Some("trans") => self.fill(TRANSFER),
            _ => {}
        }
        self.set("status", Json::string("paid"));
        self.set("paid_at", Json::literal(now));
        self.set("failed_at", Json::literal(0));
        self.set("fail_reason", Json::null());
        self.set("receipt_url", Json::string(RECEIPT_URL));
    }

    pub(crate) fn fail(&mut self, reason: &str, now: i64) {
        self.set("status", Json::string("failed"));
        self.set("failed_at", Json::literal(now));
        self.set("fail_reason", Json::string(reason));
    }

    pub(crate) fn issue_account(&mut self, now: i64) {
        self.fill(ACCOUNT);
        self.set("pay_method", Json::string("vbank"));
        self.set("vbank_date", Json::literal(now + ACCOUNT_OPEN_SECONDS));
        self.set("vbank_issued_at", Json::literal(now));
    }

    fn fill(&mut self, values: &[(&str, &str)]) {
        for (name, json) in values {
            self.set(name, Json::trusted(json));
        }
    }

    fn push(&mut self, field: &str, item: Json) {
        let mut items = self.fields.get(field).map(Json::items).unwrap_or_default();
        items.push(item);
        self.set(field, Json::list(items));
    }

    fn set(&mut self, field: &str, value: Json) {
        self.fields.insert(field.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment(overrides: &str) -> Payment {
        Payment::new(
            "imp_448280090638",
            1,
            &Overrides::parse(overrides).unwrap(),
            1_700_000_000,
        )
    }

    fn field(payment: &Payment, name: &str) -> String {
        payment
            .fields
            .get(name)
            .map(|value| value.as_str().to_owned())
            .unwrap_or_default()
    }

    #[test]
    fn a_status_brings_the_fields_that_belong_to_it() {
        let failed = payment(r#"{"status":"failed"}"#);
        assert_eq!(field(&failed, "failed_at"), "1700000000");
        assert_eq!(field(&failed, "paid_at"), "0");
        assert_eq!(field(&failed, "apply_num"), "null");

        let account = payment(r#"{"status":"ready","pay_method":"vbank"}"#);
        assert_eq!(field(&account, "vbank_num"), r#""X3790127821223""#);
        assert_eq!(field(&account, "vbank_issued_at"), "1700000000");
        assert_eq!(field(&account, "card_name"), "null");

        let abandoned = payment(r#"{"status":"ready"}"#);
        assert_eq!(field(&abandoned, "vbank_num"), "null");
        assert_eq!(field(&abandoned, "paid_at"), "0");

        let cancelled = payment(r#"{"status":"cancelled","amount":14.20}"#);
        assert_eq!(field(&cancelled, "cancel_amount"), "14.20");
        assert_eq!(field(&cancelled, "paid_at"), "1700000000");
    }

    #[test]
    fn overrides_have_the_last_word() {
        let odd = payment(
            r#"{"status":"frozen","paid_at":null,"amount":1e200,"new_field":[1],"vbank_num":"1","$omit":["currency"]}"#,
        );
        assert_eq!(field(&odd, "status"), r#""frozen""#);
        assert_eq!(field(&odd, "paid_at"), "null");
        assert_eq!(field(&odd, "amount"), "1e200");
        assert_eq!(field(&odd, "new_field"), "[1]");
        assert_eq!(field(&odd, "currency"), "");
    }

    #[test]
    fn a_failed_payment_can_still_be_approved() {
        let mut payment = payment(r#"{"status":"failed"}"#);
        payment.pay(1_700_200_000);
        assert_eq!(field(&payment, "status"), r#""paid""#);
        assert_eq!(field(&payment, "failed_at"), "0");
        assert_eq!(field(&payment, "fail_reason"), "null");
        assert_eq!(field(&payment, "apply_num"), r#""47405704""#);
    }
}
