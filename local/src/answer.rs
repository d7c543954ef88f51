//! An answer as a test or a person wants to read it.

use std::fmt;

use axum::body::Bytes;
use axum::http::{HeaderMap, Response};
use serde_json::Value;

/// What came back over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status code.
    pub code: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; a JSON string if it was not JSON.
    pub body: Value,
}

impl Answer {
    /// The `status` in the body, empty if there is none.
    #[must_use]
    pub fn status(&self) -> &str {
        self.body["status"].as_str().unwrap_or_default()
    }

    /// A header's value, if it is there and readable.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl From<Response<Bytes>> for Answer {
    fn from(response: Response<Bytes>) -> Self {
        let (head, body) = response.into_parts();
        let text = || Value::from(String::from_utf8_lossy(&body).into_owned());
        Self {
            code: head.status.as_u16(),
            headers: head.headers,
            body: serde_json::from_slice(&body).unwrap_or_else(|_| text()),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.status())
    }
}
