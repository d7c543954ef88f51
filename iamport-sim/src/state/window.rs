//! Payments that a page opens, and the customer in front of it.

use super::State;
use crate::confirm::{Confirm, Question};
use crate::error::Error;
use crate::follow::Event;
use crate::json::Json;
use crate::money::Money;
use crate::payment::Payment;
use crate::random;
use crate::window::{self, Opened, Outcome, Refusal, Window};

impl State {
    pub(crate) fn request_pay(&mut self, json: &str) -> Result<Window, Error> {
        let (fields, opened) = window::read(json)?;
        let imp_uid = self.new_imp_uid();
        let sequence = self.payments.len() as u64;
        let payment = Payment::opened(&imp_uid, sequence, &fields, self.now());
        if let Err(refusal) = self.may_open(&payment) {
            let merchant_uid = payment.text("merchant_uid").unwrap_or_default();
            return Ok(Window::Refused(Outcome::refused(
                &refusal,
                merchant_uid,
                opened.m_redirect_url,
            )));
        }
        self.payments.insert(imp_uid.clone(), payment);
        self.windows.insert(imp_uid.clone(), opened);
        self.announce(&imp_uid);
        Ok(Window::Open(imp_uid))
    }

    /// What a window is refused for: an order that is paid (PAYRQ), or another amount than was registered (OAS
    /// `POST /payments/prepare`). Other windows of the order that are open do not matter.
    pub(super) fn may_open(&self, payment: &Payment) -> Result<(), Refusal> {
        let Some(merchant_uid) = payment.text("merchant_uid") else {
            return Ok(());
        };
        let paid = |other: &&Payment| {
            other.text("merchant_uid").as_ref() == Some(&merchant_uid) && other.holds_money()
        };
        if let Some(other) = self.payments.values().find(paid) {
            return Err(Refusal::Paid(other.text("imp_uid").unwrap_or_default()));
        }
        let Some(prepared) = self.prepared.get(&merchant_uid) else {
            return Ok(());
        };
        if payment.money("amount") != Money::parse(prepared.amount.as_str()) {
            return Err(Refusal::Amount);
        }
        if prepared.currency.is_some() && prepared.currency != payment.text("currency") {
            return Err(Refusal::Currency);
        }
        Ok(())
    }

    pub(crate) fn window(&self, imp_uid: &str) -> Result<&Opened, Error> {
        self.payment(imp_uid)?;
        self.windows
            .get(imp_uid)
            .ok_or_else(|| Error::Refused(format!("{imp_uid}: no window was opened for it")))
    }

    /// What to ask the shop before this payment is approved, if it wants to be asked. Whether it is for an account that
    /// is only issued is not documented: here it is. Nor is what the look-up shows at this moment: here, `ready`.
    pub(crate) fn question(&mut self, imp_uid: &str) -> Result<Option<Question>, Error> {
        let url = self.window(imp_uid)?.confirm_url.clone();
        let payment = self.waiting(imp_uid)?;
        let body = Json::object(
            ["imp_uid", "merchant_uid", "amount"].map(|name| (name, payment.field(name))),
        );
        Ok(url.map(|url| Question {
            url,
            body: body.to_string(),
        }))
    }

    /// The payment goes on, unless the shop refused it. A window that was closed already does not hinder it: some
    /// wallets approve after that (DOC `kicc-v2`). Nor does another one that paid the order meanwhile.
    pub(crate) fn approve(&mut self, imp_uid: &str, confirm: Option<Confirm>) -> Result<(), Error> {
        let refusal = confirm.as_ref().and_then(Confirm::refusal);
        if let Some(confirm) = confirm {
            self.record(Event::Confirm(confirm));
        }
        let is_vbank = self.waiting(imp_uid)?.is_vbank();
        match refusal {
            Some(reason) => self.fail(imp_uid, &reason),
            None if is_vbank => {
                let due = self.window(imp_uid)?.vbank_due;
                let fields = due.map(|due| format!(r#"{{"vbank_date":{due}}}"#));
                self.issue_account(imp_uid, fields.as_deref().unwrap_or("{}"))
            }
            None => self.pay(imp_uid),
        }
    }

    /// The customer closes the window. The payment stays `ready` (PAYRT); a click on "cancel" would have it fail.
    pub(crate) fn leave(&mut self, imp_uid: &str) -> Result<(), Error> {
        let outcome = Outcome::left(imp_uid, self.payment(imp_uid)?, self.window(imp_uid)?);
        match self.windows.get_mut(imp_uid) {
            Some(window) if window.outcome.is_none() => {
                window.outcome = Some(outcome);
                Ok(())
            }
            _ => Err(Error::Refused(format!(
                "{imp_uid}: its window is closed already"
            ))),
        }
    }

    /// The window is through, if it was not before. The page is told how the payment is now, whatever becomes of it.
    pub(super) fn end_window(&mut self, imp_uid: &str) {
        if let (Some(payment), Some(window)) =
            (self.payments.get(imp_uid), self.windows.get_mut(imp_uid))
            && window.outcome.is_none()
        {
            window.outcome = Some(Outcome::through(imp_uid, payment, window));
        }
    }

    pub(super) fn new_imp_uid(&self) -> String {
        std::iter::repeat_with(random::imp_uid)
            .find(|imp_uid| !self.payments.contains_key(imp_uid))
            .unwrap_or_default()
    }

    /// A payment that is neither paid nor has an account that waits.
    fn waiting(&mut self, imp_uid: &str) -> Result<&Payment, Error> {
        let payment = self.payment_in(imp_uid, &["ready"])?;
        if payment.has_account() {
            return Err(Error::Refused(format!(
                "{imp_uid}: has a virtual account already"
            )));
        }
        Ok(payment)
    }
}
