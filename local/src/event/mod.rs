//! Events as API Gateway's HTTP API makes them (payload format 2.0), and the function's answers.
//!
//! Everything is JSON, the form that also goes through the Runtime Interface Emulator and `sam local invoke`.
//! [`event`] and [`response`] translate real HTTP; [`Post`] and [`request`] say by hand what no HTTP client sends.

mod http;
mod post;

use std::fmt;

pub use http::{event, internal_server_error, response};
pub use post::{FORM, JSON, Post, request};

/// The two ways to tell the function about a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Door {
    /// The shop's page, after the payment window.
    Page,
    /// Iamport's webhook.
    Webhook,
}

impl Door {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Page, Self::Webhook];

    /// Where it is.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Page => "/payments/complete",
            Self::Webhook => "/payments/webhook",
        }
    }
}

/// `page` or `webhook`.
impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Page => "page",
            Self::Webhook => "webhook",
        })
    }
}
