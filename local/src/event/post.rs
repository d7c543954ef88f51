//! Events word for word, for what no well-behaved client sends.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::Door;
use super::http::context;

/// A content type.
pub const JSON: &str = "application/json";
/// A content type.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// A `POST`: its declared content type, and its body in any form an event can have.
#[derive(Debug, Clone)]
pub struct Post {
    content_type: Option<String>,
    body: Option<String>,
    is_base64: bool,
}

impl Post {
    /// A payment's ids in JSON, as page and webhook send them.
    #[must_use]
    pub fn ids(imp_uid: &str, merchant_uid: &str) -> Self {
        let ids = json!({"imp_uid": imp_uid, "merchant_uid": merchant_uid});
        Self::text(JSON, ids.to_string())
    }

    /// Text that arrives as text.
    pub fn text<'a>(content_type: impl Into<Option<&'a str>>, body: impl Into<String>) -> Self {
        Self {
            content_type: content_type.into().map(str::to_owned),
            body: Some(body.into()),
            is_base64: false,
        }
    }

    /// Bytes that arrive in base64.
    pub fn bytes<'a>(content_type: impl Into<Option<&'a str>>, body: impl AsRef<[u8]>) -> Self {
        Self::encoded(content_type, STANDARD.encode(body))
    }

    /// What claims to be base64.
    pub fn encoded<'a>(content_type: impl Into<Option<&'a str>>, body: impl Into<String>) -> Self {
        Self {
            is_base64: true,
            ..Self::text(content_type, body)
        }
    }

    /// No body at all.
    pub fn nothing<'a>(content_type: impl Into<Option<&'a str>>) -> Self {
        Self {
            body: None,
            ..Self::text(content_type, "")
        }
    }

    /// The event of this request at a door.
    #[must_use]
    pub fn event(&self, door: Door) -> Value {
        self.sent("POST", door.path())
    }

    /// The event of this request with any method, at any path.
    #[must_use]
    pub fn sent(&self, method: &str, path: &str) -> Value {
        let mut event = request(method, path);
        if let Some(content_type) = &self.content_type {
            event["headers"]["content-type"] = content_type.as_str().into();
        }
        if let Some(body) = &self.body {
            event["body"] = body.as_str().into();
        }
        event["isBase64Encoded"] = self.is_base64.into();
        event
    }
}

/// The event of a request without a body; `path` may have a query.
#[must_use]
pub fn request(method: &str, path: &str) -> Value {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "shop.example", "user-agent": "Mozilla/5.0", "x-forwarded-for": "192.0.2.1"},
        "requestContext": context(method, path, "HTTP/1.1", [192, 0, 2, 1].into(), Some("Mozilla/5.0")),
        "isBase64Encoded": false,
    })
}
