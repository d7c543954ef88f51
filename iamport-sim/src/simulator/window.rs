use super::Simulator;
use crate::confirm::Confirm;
use crate::error::Error;
use crate::webhook::Delivery;
use crate::window::{Outcome, Window};

/// The payment window, without a browser.
impl Simulator {
    /// What `IMP.request_pay` does with its parameters, given in JSON.
    ///
    /// Of them, `merchant_uid` and `amount` are required, and `currency`, `pay_method`, `name`, `buyer_*`, `custom_data`,
    /// `vbank_due`, `m_redirect_url`, `notice_url` and `confirm_url` mean something. Then it is the customer's turn:
    /// [`approve`](Self::approve), [`fail`](Self::fail) or [`leave`](Self::leave).
    ///
    /// # Errors
    ///
    /// If one of these parameters is missing or no good. A window that is refused is no error.
    pub fn request_pay(&self, params: impl AsRef<str>) -> Result<Window, Error> {
        self.core.act(|state| state.request_pay(params.as_ref()))
    }

    /// The customer pays, or asks for a virtual account. If the payment has a `confirm_url`, the shop is asked first,
    /// and a refusal makes the payment `failed`. Also works when the customer left, as with some wallets.
    ///
    /// # Errors
    ///
    /// If there is no such payment, no window was opened for it, or it is not `ready`, or not any more when the shop
    /// has answered. The shop's refusal is no error.
    pub async fn approve(&self, imp_uid: &str) -> Result<(), Error> {
        self.core
            .approve(imp_uid, Some(Delivery::Once))
            .await
            .map(|_| ())
    }

    /// The customer closes the window; the payment stays as it is.
    ///
    /// # Errors
    ///
    /// If there is no such payment, no window was opened for it, or it is closed already.
    pub fn leave(&self, imp_uid: &str) -> Result<(), Error> {
        self.core.act(|state| state.leave(imp_uid))
    }

    /// What the browser is told now that the window is through. That stays, whatever becomes of the payment. A payment
    /// that is moved by [`update`](Self::update) leaves its window open.
    ///
    /// # Errors
    ///
    /// If there is no such payment, no window was opened for it, or it is still open.
    pub fn outcome(&self, imp_uid: &str) -> Result<Outcome, Error> {
        let outcome = self.core.lock().window(imp_uid)?.outcome.clone();
        outcome.ok_or_else(|| Error::Refused(format!("{imp_uid}: its window is still open")))
    }

    /// Every call of a `confirm_url`, and what came of it.
    #[must_use]
    pub fn confirms(&self) -> Vec<Confirm> {
        self.core.lock().confirms.clone()
    }
}
