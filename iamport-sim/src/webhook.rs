//! Webhooks: what they say, where they go, and how badly they are delivered (WH, HELP `webhook-re-send`).

use std::time::Duration;

use serde::Deserialize;

use crate::error::Error;
use crate::http;
use crate::json::Json;
use crate::payment::Payment;
use crate::post::{self, Receipt};

const RESENDS: u32 = 5;

/// The console's Content-Type setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentType {
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
}

/// The console's webhook setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookTarget {
    /// The shop's endpoint, `http://` only.
    pub url: String,
    /// How the body is written.
    pub content_type: ContentType,
    /// The pause between up to five re-sends after a network error or a 5xx. The real gateway re-sends only for
    /// shops that asked for it, every minute; by default a webhook is sent once.
    pub resend_every: Option<Duration>,
    /// Whether events send their webhook by themselves; otherwise only [`Simulator::webhook`] and its kin send.
    ///
    /// [`Simulator::webhook`]: crate::Simulator::webhook
    pub automatic: bool,
}

impl WebhookTarget {
    /// Webhooks in JSON, sent once, on demand.
    pub fn json(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            content_type: ContentType::Json,
            resend_every: None,
            automatic: false,
        }
    }

    /// Webhooks as forms, sent once, on demand.
    pub fn form(url: impl Into<String>) -> Self {
        Self {
            content_type: ContentType::Form,
            ..Self::json(url)
        }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        http::parse(&self.url)
            .map(|_| ())
            .map_err(|why| Error::Invalid(format!("webhook url: {why}")))
    }
}

/// What a webhook says: which payment to look at, and a status that need not be true any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The payment.
    pub imp_uid: String,
    /// Its order.
    pub merchant_uid: String,
    /// Its status when the notice was made.
    pub status: String,
    /// The entry of `cancel_history`, for cancellations.
    pub cancellation_id: Option<String>,
}

impl Notice {
    /// What the console's test button sends (observed; there is no such payment).
    #[must_use]
    pub fn test_button() -> Self {
        Self {
            imp_uid: "imp_1234567890".to_owned(),
            merchant_uid: "merchant_1234567890".to_owned(),
            status: "ready".to_owned(),
            cancellation_id: None,
        }
    }

    /// The same notice with another status, true or not.
    #[must_use]
    pub fn with_status(self, status: impl Into<String>) -> Self {
        Self {
            status: status.into(),
            ..self
        }
    }

    pub(crate) fn of(imp_uid: &str, payment: &Payment) -> Self {
        let status = payment.text("status").unwrap_or_default();
        Self {
            imp_uid: imp_uid.to_owned(),
            merchant_uid: payment.text("merchant_uid").unwrap_or_default(),
            cancellation_id: payment.cancellation_id().filter(|_| status == "cancelled"),
            status,
        }
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("imp_uid", &self.imp_uid),
            ("merchant_uid", &self.merchant_uid),
            ("status", &self.status),
        ]
        .into_iter()
        .chain(
            self.cancellation_id
                .as_ref()
                .map(|id| ("cancellation_id", id)),
        )
        .map(|(name, value)| (name, value.as_str()))
    }

    fn body(&self, content_type: ContentType) -> String {
        match content_type {
            ContentType::Json => Json::object(
                self.members()
                    .map(|(name, value)| (name, Json::string(value))),
            )
            .to_string(),
            ContentType::Form => form_urlencoded::Serializer::new(String::new())
                .extend_pairs(self.members())
                .finish(),
        }
    }
}

/// How a webhook is delivered. What it says was settled before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Once, now.
    Once,
    /// So many times, one after the other.
    Duplicated(u32),
    /// So many times, all at the same time.
    AtOnce(u32),
    /// Once, later.
    Delayed(Duration),
    /// Not at all.
    Lost,
}

/// A line of the console's webhook log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Where it went.
    pub url: String,
    /// What was sent.
    pub notice: Notice,
    /// What came of each attempt, re-sends included; none if it was lost.
    pub receipts: Vec<Receipt>,
}

/// Sends a webhook, and again if the shop asked for re-sends and this one failed.
pub(crate) async fn send(target: &WebhookTarget, notice: &Notice) -> Vec<Receipt> {
    let content_type = match target.content_type {
        ContentType::Json => "application/json",
        ContentType::Form => "application/x-www-form-urlencoded",
    };
    let body = notice.body(target.content_type);
    let mut receipts = vec![post::send(&target.url, content_type, &body).await];
    if let Some(pause) = target.resend_every {
        for _ in 0..RESENDS {
            if receipts
                .last()
                .is_some_and(|receipt| receipt.status.is_some_and(|status| status < 500))
            {
                break;
            }
            tokio::time::sleep(pause).await;
            receipts.push(post::resend(&target.url, content_type, &body).await);
        }
    }
    receipts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overrides::Overrides;
    use crate::payment::Cancellation;

    #[test]
    fn a_notice_reads_as_documented() {
        let notice = Notice::test_button().with_status("paid");
        assert_eq!(
            notice.body(ContentType::Json),
            r#"{"imp_uid":"imp_1234567890","merchant_uid":"merchant_1234567890","status":"paid"}"#
        );
        assert_eq!(
            notice.body(ContentType::Form),
            "imp_uid=imp_1234567890&merchant_uid=merchant_1234567890&status=paid"
        );
    }

    #[test]
    fn only_a_cancellation_carries_its_id() {
        let mut payment = Payment::new("imp_1", 0, &Overrides::default(), 0);
        assert_eq!(Notice::of("imp_1", &payment).cancellation_id, None);
        payment.cancel(&Cancellation::default(), 0).unwrap();
        let notice = Notice::of("imp_1", &payment);
        assert_eq!(notice.status, "cancelled");
        assert_eq!(notice.cancellation_id, payment.cancellation_id());
        payment.apply(&Overrides::parse(r#"{"status":"paid"}"#).unwrap());
        assert_eq!(Notice::of("imp_1", &payment).cancellation_id, None);
        assert!(
            notice
                .body(ContentType::Form)
                .contains("&status=cancelled&cancellation_id=06")
        );
    }
}
