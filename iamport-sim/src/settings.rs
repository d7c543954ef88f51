use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

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
            webhook: None,
        }
    }
}
