//! Which operation a request asks for, and how its service words an error.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    DynamoDb,
    SecretsManager,
    Sns,
}

/// One API call.
#[derive(Debug)]
pub(super) struct AwsCall {
    pub(super) service: Service,
    pub(super) operation: String,
}

impl AwsCall {
    /// The JSON protocols name the operation in a header, the query protocol in the form.
    pub(super) fn read(headers: &HeaderMap, body: &Bytes) -> Option<Self> {
        if let Some(target) = headers.get("x-amz-target") {
            let (prefix, operation) = target.to_str().ok()?.split_once('.')?;
            let service = match prefix {
                "DynamoDB_20120810" => Service::DynamoDb,
                "secretsmanager" => Service::SecretsManager,
                _ => return None,
            };
            return Some(Self {
                service,
                operation: operation.to_owned(),
            });
        }
        let operation = form_field(body, "Action")?;
        Some(Self {
            service: Service::Sns,
            operation,
        })
    }

    /// An answer in a JSON protocol.
    pub(super) fn json(&self, status: StatusCode, body: &Value) -> Response {
        let kind = match self.service {
            Service::DynamoDb => "application/x-amz-json-1.0",
            Service::SecretsManager | Service::Sns => "application/x-amz-json-1.1",
        };
        (status, [(header::CONTENT_TYPE, kind)], body.to_string()).into_response()
    }

    /// An error in the service's own protocol.
    pub(super) fn error(&self, status: StatusCode, code: &str, message: &str) -> Response {
        match self.service {
            Service::DynamoDb | Service::SecretsManager => {
                self.json(status, &json!({"__type": code, "message": message}))
            }
            Service::Sns => {
                let side = if status.is_client_error() {
                    "Sender"
                } else {
                    "Receiver"
                };
                let error = format!(
                    "<Error><Type>{side}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
                );
                xml(status, &format!("<ErrorResponse>{error}</ErrorResponse>"))
            }
        }
    }

    pub(super) fn failed(&self) -> Response {
        let code = match self.service {
            Service::DynamoDb => "InternalServerError",
            Service::SecretsManager => "InternalServiceError",
            Service::Sns => "InternalError",
        };
        self.error(StatusCode::INTERNAL_SERVER_ERROR, code, "told to fail")
    }

    pub(super) fn denied(&self) -> Response {
        let (status, code) = match self.service {
            Service::DynamoDb | Service::SecretsManager => {
                (StatusCode::BAD_REQUEST, "AccessDeniedException")
            }
            Service::Sns => (StatusCode::FORBIDDEN, "AuthorizationError"),
        };
        self.error(status, code, "told to deny")
    }

    pub(super) fn unknown(&self) -> Response {
        self.error(
            StatusCode::BAD_REQUEST,
            "UnknownOperationException",
            "not an operation of this stand-in",
        )
    }
}

pub(super) fn form_field(body: &Bytes, name: &str) -> Option<String> {
    let mut fields = form_urlencoded::parse(body);
    fields
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

pub(super) fn xml(status: StatusCode, body: &str) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "text/xml")],
        body.to_owned(),
    )
        .into_response()
}

pub(super) fn plain(status: StatusCode) -> Response {
    (status, Body::empty()).into_response()
}
