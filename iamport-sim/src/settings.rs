use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde::Deserialize;

use crate::webhook::WebhookTarget;

/// How a gateway starts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens; by default on a free port of the loopback interface.
    pub addr: SocketAddr,
    /// The REST API key.
    pub imp_key: String,
    /// The REST API secret.
    pub imp_secret: String,
    /// How long a new token is good for; the real one's half hour by default (OAS `getToken`).
    pub token_life: Duration,
    /// Whether the look-up of a payment shows those of a test channel even without `include_sandbox=true`, as it
    /// did until 2026-01-26 (HELP `notice-v1-api-2025-11-25`).
    pub sandbox_shown: bool,
    /// How lists answer when they have nothing to show.
    pub pages: Pages,
    /// Whether an amount that is registered a second time (`POST /payments/prepare`) is refused with HTTP 400 instead
    /// of 200; the body is the same. Shops' code shows both, no document says which.
    pub prepared_twice_is_400: bool,
    /// Where webhooks go, if anywhere.
    pub webhook: Option<WebhookTarget>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            addr: (Ipv4Addr::LOCALHOST, 0).into(),
            imp_key: "imp_key".to_owned(),
            imp_secret: "imp_secret".to_owned(),
            token_life: Duration::from_mins(30),
            sandbox_shown: false,
            pages: Pages::default(),
            prepared_twice_is_400: false,
            webhook: None,
        }
    }
}

/// How lists answer when they have nothing to show: sources differ, so clients should take all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pages {
    /// To a page beyond the last: 400 in OAS and by default, 404 as an older Go client expects it.
    pub beyond: NoPage,
    /// To the first page when no payment has the status in that time: documented nowhere, an empty list by default.
    pub empty: NoPage,
}

impl Default for Pages {
    fn default() -> Self {
        Self {
            beyond: NoPage::BadRequest,
            empty: NoPage::EmptyList,
        }
    }
}

/// The answer to a page that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoPage {
    /// 200, and an empty list.
    EmptyList,
    /// 400, in the envelope.
    BadRequest,
    /// 404, in the envelope.
    NotFound,
}
