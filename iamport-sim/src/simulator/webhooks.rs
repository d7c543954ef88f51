use super::Simulator;
use crate::error::Error;
use crate::post::Receipt;
use crate::webhook::{Delivery, Notice, Sent, WebhookTarget};

/// Webhooks.
impl Simulator {
    /// Sets where webhooks go; `None` for nowhere.
    ///
    /// # Errors
    ///
    /// If the URL is not an `http://` one.
    pub fn set_webhook(&self, target: impl Into<Option<WebhookTarget>>) -> Result<(), Error> {
        self.core.lock().set_webhook(target.into())
    }

    /// What a webhook about this payment would say now. Keep it to deliver it later, or in another order.
    ///
    /// # Errors
    ///
    /// If there is no such payment.
    pub fn notice(&self, imp_uid: &str) -> Result<Notice, Error> {
        self.core.lock().notice(imp_uid)
    }

    /// Sends a payment's webhook and returns the shop's answers.
    ///
    /// # Errors
    ///
    /// If there is no such payment, or nowhere to send it. A shop that does not answer is no error.
    pub async fn webhook(&self, imp_uid: &str, delivery: Delivery) -> Result<Vec<Receipt>, Error> {
        let notice = self.notice(imp_uid)?;
        self.deliver(&notice, delivery).await
    }

    /// Sends a payment's webhook with a status of one's own, such as `ready` after `paid`.
    ///
    /// # Errors
    ///
    /// As [`webhook`](Self::webhook).
    pub async fn webhook_with_status(
        &self,
        imp_uid: &str,
        status: &str,
        delivery: Delivery,
    ) -> Result<Vec<Receipt>, Error> {
        let notice = self.notice(imp_uid)?.with_status(status);
        self.deliver(&notice, delivery).await
    }

    /// Sends a webhook and returns the shop's answers.
    ///
    /// # Errors
    ///
    /// If there is nowhere to send it.
    pub async fn deliver(
        &self,
        notice: &Notice,
        delivery: Delivery,
    ) -> Result<Vec<Receipt>, Error> {
        self.core.deliver(notice, delivery).await
    }

    /// Sends webhooks once each, in this order, and returns the shop's answers.
    ///
    /// # Errors
    ///
    /// If there is nowhere to send them.
    pub async fn deliver_all(&self, notices: &[Notice]) -> Result<Vec<Receipt>, Error> {
        let mut receipts = Vec::new();
        for notice in notices {
            receipts.extend(self.deliver(notice, Delivery::Once).await?);
        }
        Ok(receipts)
    }

    /// Loses so many of the webhooks that events send by themselves, from the next one on; 0: none any more. The log
    /// has them, without a receipt.
    pub fn lose_webhooks(&self, times: u32) {
        self.core.lock().to_lose = times;
    }

    /// Every webhook that was sent, and what came of it: the console's log.
    #[must_use]
    pub fn webhooks(&self) -> Vec<Sent> {
        self.core.lock().sent.clone()
    }
}
