//! The AWS SDK's configuration: TLS, retries and timeouts in the open, everything else from the environment.

use std::error::Error;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader};
use aws_runtime::retries::classifiers::THROTTLING_ERRORS;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use lambda_http::http::Response;
use reqwest::{Client, Request};

use crate::http_client;
use crate::log::Chain;
use crate::retry::MayPass;

/// DynamoDB and Secrets Manager answer in milliseconds; what takes longer is better asked again.
const TRY_TIMEOUT: Duration = Duration::from_millis(1500);

/// DynamoDB's largest item has 400 KB; JSON can make several times that of it.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// A loader with our choices made, whose calls go through `http`. The behaviour version is pinned: new ones change
/// retries and timeouts.
#[must_use]
pub fn loader(http: Client) -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(Connector(http))
        // Every try has its own timeout; watching its bytes as well would only cost.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        // [`crate::retry`] tries again, for AWS and the gateway alike.
        .retry_config(RetryConfig::disabled())
        .timeout_config(
            TimeoutConfig::builder()
                .operation_attempt_timeout(TRY_TIMEOUT)
                .build(),
        )
}

/// Carries the SDK's calls over the function's own HTTP client.
#[derive(Debug, Clone)]
struct Connector(Client);

impl HttpClient for Connector {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self(http) = self.clone();
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x();
            let request = request.map_err(|error| ConnectorError::user(error.into()))?;
            // Only a streaming body has no bytes; ours are text.
            let request = request.map(|body| body.bytes().unwrap_or_default().to_vec());
            let request = Request::try_from(request).map_err(failed)?;
            let mut answer = http.execute(request).await.map_err(failed)?;
            let body = http_client::body(&mut answer, MAX_ANSWER)
                .await
                .map_err(failed)?;
            let body = body.ok_or_else(|| ConnectorError::io("the answer is too large".into()))?;
            let mut whole = Response::new(SdkBody::from(body));
            *whole.status_mut() = answer.status();
            *whole.headers_mut() = std::mem::take(answer.headers_mut());
            HttpResponse::try_from(whole).map_err(|error| ConnectorError::io(error.into()))
        })
    }
}

/// As the SDK names what went wrong.
fn failed(error: reqwest::Error) -> ConnectorError {
    let error = error.without_url();
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else if error.is_builder() {
        ConnectorError::user(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}

/// A call to AWS that failed, told without the service's own words: they may quote what was sent, or stored.
#[derive(Debug, thiserror::Error)]
#[error("{told}")]
pub struct CallError {
    told: String,
    answered: bool,
    may_pass: bool,
}

impl CallError {
    /// Whether the service itself said no; otherwise nobody knows whether the call took effect.
    #[must_use]
    pub fn was_answered(&self) -> bool {
        self.answered
    }
}

impl MayPass for CallError {
    fn may_pass(&self) -> bool {
        self.may_pass
    }
}

/// Errors of AWS with a 4xx that pass, beside [`THROTTLING_ERRORS`]: a write that met somebody's transaction on the same
/// row, and two that the SDK's own list of transient errors names.
const PASSING: [&str; 3] = [
    "TransactionConflictException",
    "RequestTimeout",
    "RequestTimeoutException",
];

impl<E: ProvideErrorMetadata + Error + 'static> From<SdkError<E, HttpResponse>> for CallError {
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let (told, may_pass) = match &error {
            SdkError::ServiceError(answer) => match answer.err().code() {
                Some(code) => {
                    let passes = answer.raw().status().is_server_error()
                        || THROTTLING_ERRORS.contains(&code)
                        || PASSING.contains(&code);
                    (code.to_owned(), passes)
                }
                // None of AWS's answers: a proxy's page, perhaps.
                None => ("an error without a code".to_owned(), true),
            },
            SdkError::TimeoutError(_) => ("no answer in time".to_owned(), true),
            SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
                Some(error) => {
                    let told = format!("no connection, or a broken one: {}", Chain(error));
                    (told, !error.is_user())
                }
                None => ("no connection, or a broken one".to_owned(), true),
            },
            SdkError::ResponseError(_) => ("an answer that makes no sense".to_owned(), true),
            _ => ("a request that could not be made".to_owned(), false),
        };
        let answered = matches!(error, SdkError::ServiceError(_));
        Self {
            told,
            answered,
            may_pass,
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::error::ErrorMetadata;
    use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
    use aws_smithy_runtime_api::http::StatusCode;

    use super::*;

    #[test]
    fn a_failed_call_is_told_without_the_services_words() {
        let said = |status: u16, error: ErrorMetadata| {
            let status = StatusCode::try_from(status).expect("a status");
            let answer = HttpResponse::new(status, SdkBody::from("CANARY"));
            SdkError::service_error(UpdateItemError::generic(error), answer)
        };
        let answer = || {
            HttpResponse::new(
                StatusCode::try_from(200).expect("200"),
                SdkBody::from("CANARY"),
            )
        };
        let error = || ErrorMetadata::builder().message("CANARY");
        let coded = |code: &str| error().code(code).build();
        let broken = ConnectorError::io("broken pipe".into());
        let unsendable = ConnectorError::user("no scheme".into());
        for (error, told, answered, may_pass) in [
            (
                said(400, coded("AccessDeniedException")),
                "AccessDeniedException",
                true,
                false,
            ),
            (
                said(400, coded("ThrottlingException")),
                "ThrottlingException",
                true,
                true,
            ),
            (
                said(400, coded("TransactionConflictException")),
                "TransactionConflictException",
                true,
                true,
            ),
            (
                said(500, coded("InternalServerError")),
                "InternalServerError",
                true,
                true,
            ),
            (
                said(403, error().build()),
                "an error without a code",
                true,
                true,
            ),
            (
                SdkError::timeout_error("CANARY"),
                "no answer in time",
                false,
                true,
            ),
            (
                SdkError::dispatch_failure(broken),
                "no connection, or a broken one: io error: broken pipe",
                false,
                true,
            ),
            (
                SdkError::dispatch_failure(unsendable),
                "no connection, or a broken one: user error: no scheme",
                false,
                false,
            ),
            (
                SdkError::response_error("CANARY", answer()),
                "an answer that makes no sense",
                false,
                true,
            ),
            (
                SdkError::construction_failure("CANARY"),
                "a request that could not be made",
                false,
                false,
            ),
        ] {
            let error = CallError::from(error);
            assert_eq!(
                (
                    error.to_string().as_str(),
                    error.was_answered(),
                    error.may_pass()
                ),
                (told, answered, may_pass)
            );
        }
    }
}
