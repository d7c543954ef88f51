//! HTTP API events made by hand, for what no well-behaved client sends.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use local::Answer;
use serde_json::{Value, json};

use crate::till::{Door, Till};

pub(crate) const JSON: &str = "application/json";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// A request to one of the doors, as API Gateway hands it over.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    content_type: Option<String>,
    body: Option<String>,
    base64: bool,
}

impl Post {
    /// Text that arrives as text.
    pub(crate) fn text(
        content_type: impl Into<Option<&'static str>>,
        body: impl Into<String>,
    ) -> Self {
        Self {
            content_type: content_type.into().map(str::to_owned),
            body: Some(body.into()),
            base64: false,
        }
    }

    /// Bytes that arrive in base64.
    pub(crate) fn bytes(
        content_type: impl Into<Option<&'static str>>,
        body: impl AsRef<[u8]>,
    ) -> Self {
        Self::encoded(content_type, STANDARD.encode(body))
    }

    /// What claims to be base64.
    pub(crate) fn encoded(
        content_type: impl Into<Option<&'static str>>,
        body: impl Into<String>,
    ) -> Self {
        Self {
            base64: true,
            ..Self::text(content_type, body)
        }
    }

    /// No body at all.
    pub(crate) fn nothing(content_type: impl Into<Option<&'static str>>) -> Self {
        Self {
            body: None,
            ..Self::text(content_type, "")
        }
    }

    pub(crate) fn event(&self, door: Door) -> Value {
        let path = match door {
            Door::Page => "/payments/complete",
            Door::Webhook => "/payments/webhook",
        };
        let mut event = event("POST", path);
        if let Some(content_type) = &self.content_type {
            event["headers"]["content-type"] = content_type.as_str().into();
        }
        if let Some(body) = &self.body {
            event["body"] = body.as_str().into();
        }
        event["isBase64Encoded"] = self.base64.into();
        event
    }
}

impl Till {
    pub(crate) async fn post(&self, door: Door, post: &Post) -> Answer {
        self.function.invoke(post.event(door)).await.into()
    }
}

/// A request without a body.
pub(crate) fn event(method: &str, path: &str) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "shop.example", "user-agent": "test", "x-forwarded-for": "192.0.2.1"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "api",
            "domainName": "shop.example",
            "domainPrefix": "shop",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "test",
            },
            "requestId": "request-1",
            "routeKey": "$default",
            "stage": "$default",
            "time": "22/Nov/2026:20:39:49 +0000",
            "timeEpoch": 1_795_379_989_000_i64,
        },
        "isBase64Encoded": false,
    })
}
