use super::Simulator;
use crate::error::Error;
use crate::refund::Refund;

/// The life of a payment.
impl Simulator {
    /// Opens a payment and returns its `imp_uid`.
    ///
    /// `fields` is a JSON object. Whatever it does not say is as in a card payment of 1000 KRW, and as the `status`
    /// it gives would have it: a `ready` `vbank` has an account, a `cancelled` one its history. Whatever it does say
    /// is printed exactly so, known to the gateway or not, with two exceptions: `"$omit": ["currency"]` leaves fields
    /// out, and `"$force": true` opens the payment even if its order is paid already, or was registered
    /// with another amount. `"$cancel_later": true` is told at [`finish_cancel`](Self::finish_cancel).
    ///
    /// # Errors
    ///
    /// If `fields` is no such object, the `imp_uid` exists, or the payment window would not open.
    pub fn create(&self, fields: impl AsRef<str>) -> Result<String, Error> {
        self.core.act(|state| state.create(fields.as_ref()))
    }

    /// Changes anything at all about a payment; `fields` as in [`create`](Self::create). Sends no webhook.
    ///
    /// # Errors
    ///
    /// If there is no such payment, or `fields` is no such object.
    pub fn update(&self, imp_uid: &str, fields: impl AsRef<str>) -> Result<(), Error> {
        self.core
            .act(|state| state.update(imp_uid, fields.as_ref()))
    }

    /// What is registered for an order: its amount, digit for digit, and its currency, if one was given.
    #[must_use]
    pub fn prepared(&self, merchant_uid: &str) -> Option<(String, Option<String>)> {
        let state = self.core.lock();
        let prepared = state.prepared.get(merchant_uid)?;
        Some((prepared.amount.to_string(), prepared.currency.clone()))
    }

    /// The payment as the look-up would show it.
    ///
    /// # Errors
    ///
    /// If there is no such payment.
    pub fn get(&self, imp_uid: &str) -> Result<String, Error> {
        Ok(self.core.lock().get(imp_uid)?.to_string())
    }

    /// `ready` or `failed` becomes `paid`: some methods are approved days after they failed.
    ///
    /// # Errors
    ///
    /// If there is no such payment, or it is in another state.
    pub fn pay(&self, imp_uid: &str) -> Result<(), Error> {
        self.core.act(|state| state.pay(imp_uid))
    }

    /// Money arrives in the virtual account: `ready` becomes `paid`.
    ///
    /// # Errors
    ///
    /// If there is no such payment, or it has no account that waits for money.
    pub fn deposit(&self, imp_uid: &str) -> Result<(), Error> {
        self.core.act(|state| state.deposit(imp_uid))
    }

    /// `ready` becomes `failed`. Sends no webhook: the gateway does not tell ordinary failures.
    ///
    /// # Errors
    ///
    /// If there is no such payment, or it is in another state.
    pub fn fail(&self, imp_uid: &str, reason: &str) -> Result<(), Error> {
        self.core.act(|state| state.fail(imp_uid, reason))
    }

    /// The window issues a virtual account; `fields` (say, `vbank_num`) as in [`create`](Self::create), `{}` for none.
    ///
    /// # Errors
    ///
    /// If there is no such payment, it is not `ready`, or `fields` is no such object.
    pub fn issue_account(&self, imp_uid: &str, fields: impl AsRef<str>) -> Result<(), Error> {
        self.core
            .act(|state| state.issue_account(imp_uid, fields.as_ref()))
    }

    /// Cancels in the console, in part or, without an amount, all that is left.
    ///
    /// # Errors
    ///
    /// If there is no such payment, it holds no money, or less than `amount`.
    pub fn cancel(&self, imp_uid: &str, amount: Option<&str>) -> Result<(), Error> {
        self.core
            .act(|state| state.cancel(imp_uid, amount, "관리자 취소"))
    }

    /// The PG carries out a cancellation that it put off: with `"$cancel_later": true` in a payment's fields, the
    /// API's answers `code` 0 and changes nothing until then, as for `WeChat` Pay through KICC (guide of `kicc_v2`).
    ///
    /// # Errors
    ///
    /// If there is no such payment, or no cancellation waits.
    pub fn finish_cancel(&self, imp_uid: &str) -> Result<(), Error> {
        self.core.act(|state| state.finish_cancel(imp_uid))
    }

    /// What the API's cancellations gave back so far, in order. Not among them: those of the console, those refused,
    /// and those that wait to be finished.
    #[must_use]
    pub fn refunds(&self) -> Vec<Refund> {
        self.core.lock().refunds.clone()
    }
}
