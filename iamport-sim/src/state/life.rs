//! The life of a payment, as the window, the bank, the console and the API move it on.

use super::State;
use crate::error::Error;
use crate::money::Money;
use crate::overrides::Overrides;
use crate::payment::{Cancellation, NotCancelled, Payment};
use crate::refund::Refund;
use crate::window::Refusal;

/// How the console tells it, as a failure (release note of 2024-01-25).
const CLOSED_ACCOUNT: &str = "계좌말소";

impl State {
    /// Opens a payment, unless its window would not open.
    pub(crate) fn create(&mut self, json: &str) -> Result<String, Error> {
        let overrides = Overrides::parse(json)?;
        let imp_uid = match overrides.fields.get("imp_uid") {
            Some(given) => given
                .text()
                .ok_or_else(|| Error::Invalid("imp_uid: not a string".to_owned()))?,
            None => self.new_imp_uid(),
        };
        if self.payments.contains_key(&imp_uid) {
            return Err(Error::Refused(format!(
                "{imp_uid}: there is such a payment already"
            )));
        }
        let sequence = self.payments.len() as u64;
        let payment = Payment::new(&imp_uid, sequence, &overrides, self.now());
        if !overrides.force {
            self.may_open(&payment)
                .map_err(|refusal| explain(&payment, &refusal))?;
        }
        self.payments.insert(imp_uid.clone(), payment);
        self.announce(&imp_uid);
        Ok(imp_uid)
    }

    pub(crate) fn update(&mut self, imp_uid: &str, json: &str) -> Result<(), Error> {
        let overrides = Overrides::parse(json)?;
        self.payment_mut(imp_uid)?.apply(&overrides);
        self.changed(imp_uid);
        Ok(())
    }

    /// Money arrives: the window is paid, the account is, or a failed payment is approved after all.
    pub(crate) fn pay(&mut self, imp_uid: &str) -> Result<(), Error> {
        let now = self.now();
        self.payment_in(imp_uid, &["ready", "failed"])?.pay(now);
        self.end_window(imp_uid);
        self.announce(imp_uid);
        Ok(())
    }

    pub(crate) fn deposit(&mut self, imp_uid: &str) -> Result<(), Error> {
        let payment = self.payment_in(imp_uid, &["ready"])?;
        if !payment.has_account() {
            return Err(Error::Refused(format!("{imp_uid}: has no virtual account")));
        }
        self.pay(imp_uid)
    }

    pub(crate) fn fail(&mut self, imp_uid: &str, reason: &str) -> Result<(), Error> {
        let now = self.now();
        self.payment_in(imp_uid, &["ready"])?.fail(reason, now);
        self.end_window(imp_uid);
        self.announce(imp_uid);
        Ok(())
    }

    /// An account that nobody paid into closes; whoever asked for it knows, so there is no webhook.
    pub(crate) fn close_account(&mut self, imp_uid: &str) -> Result<(), Error> {
        let now = self.now();
        let payment = self.payment_in(imp_uid, &["ready"])?;
        if !payment.has_account() {
            return Err(Error::Refused(format!("{imp_uid}: has no virtual account")));
        }
        payment.fail(CLOSED_ACCOUNT, now);
        self.announce(imp_uid);
        Ok(())
    }

    pub(crate) fn issue_account(&mut self, imp_uid: &str, json: &str) -> Result<(), Error> {
        let (now, overrides) = (self.now(), Overrides::parse(json)?);
        let payment = self.payment_in(imp_uid, &["ready"])?;
        payment.issue_account(now);
        payment.apply(&overrides);
        self.end_window(imp_uid);
        self.announce(imp_uid);
        Ok(())
    }

    /// A cancellation in the console.
    pub(crate) fn cancel(
        &mut self,
        imp_uid: &str,
        amount: Option<&str>,
        reason: &str,
    ) -> Result<(), Error> {
        let amount = amount
            .map(|text| {
                Money::parse(text)
                    .ok_or_else(|| Error::Invalid(format!("amount: {text} is no amount")))
            })
            .transpose()?;
        let (now, wanted) = (
            self.now(),
            Cancellation {
                amount,
                reason: reason.to_owned(),
                ..Cancellation::default()
            },
        );
        self.payment_mut(imp_uid)?
            .cancel(&wanted, now)
            .map_err(|why| Error::Refused(format!("{imp_uid}: {why}")))?;
        self.announce(imp_uid);
        Ok(())
    }

    /// A cancellation by the API. Returns whether the money went back already.
    pub(crate) fn ask_to_cancel(
        &mut self,
        imp_uid: &str,
        wanted: Cancellation,
    ) -> Result<bool, NotCancelled> {
        let (now, asked) = (self.now(), wanted.clone());
        let payment = self.payments.get_mut(imp_uid);
        let payment = payment.ok_or(NotCancelled::NotPaid)?;
        let given = payment.ask_to_cancel(wanted, now)?;
        let done = given.is_some();
        self.note_refund(imp_uid, asked, given);
        if done {
            self.changed(imp_uid);
        }
        Ok(done)
    }

    /// What the PG put off is done, and told as a cancellation in the console would be (OAS, `smartro_v2`).
    pub(crate) fn finish_cancel(&mut self, imp_uid: &str) -> Result<(), Error> {
        let now = self.now();
        let finished = self.payment_mut(imp_uid)?.finish_cancel(now);
        let (asked, given) = finished
            .ok_or_else(|| Error::Refused(format!("{imp_uid}: no cancellation waits")))?
            .map_err(|why| Error::Refused(format!("{imp_uid}: {why}")))?;
        self.note_refund(imp_uid, asked, Some(given));
        self.announce(imp_uid);
        Ok(())
    }

    fn note_refund(&mut self, imp_uid: &str, asked: Cancellation, given: Option<Money>) {
        let at = self.now();
        self.refunds.extend(given.map(|amount| Refund {
            imp_uid: imp_uid.to_owned(),
            amount: amount.to_string(),
            reason: asked.reason,
            requester: asked.requester,
            at,
        }));
    }

    pub(super) fn payment_in(
        &mut self,
        imp_uid: &str,
        expected: &[&str],
    ) -> Result<&mut Payment, Error> {
        let payment = self.payment_mut(imp_uid)?;
        let status = payment.text("status").unwrap_or_default();
        if expected.contains(&status.as_str()) {
            Ok(payment)
        } else {
            Err(Error::Refused(format!(
                "{imp_uid}: is {status}, not {}",
                expected.join(" or ")
            )))
        }
    }
}

/// Why [`State::create`] does not open a payment that the window would refuse.
fn explain(payment: &Payment, refusal: &Refusal) -> Error {
    let merchant_uid = payment.text("merchant_uid").unwrap_or_default();
    Error::Refused(match refusal {
        Refusal::Paid(imp_uid) => format!(
            "{merchant_uid}: 이미 결제가 이루어진 거래건입니다. ({imp_uid} paid it; \"$force\": true pays it twice)"
        ),
        Refusal::Amount | Refusal::Currency => {
            format!("{merchant_uid}: another amount or currency was registered beforehand")
        }
    })
}
