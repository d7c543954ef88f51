//! The AWS SDK's configuration: TLS, retries and timeouts in the open, everything else from the environment.

use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader};
use aws_sdk_dynamodb::config::interceptors::InterceptorContext;
use aws_sdk_dynamodb::config::retry::{ClassifyRetry, RetryAction};
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

use crate::client;
use crate::log::Chain;

/// Tries of one call, the first included; the SDK's own budget keeps an outage from multiplying them.
const TRIES: u32 = 3;
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
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(TRIES)
                .with_initial_backoff(Duration::from_millis(25)),
        )
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
            let body = client::body(&mut answer, MAX_ANSWER)
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

/// Told so that the SDK knows what may pass.
fn failed(error: reqwest::Error) -> ConnectorError {
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else if error.is_builder() {
        ConnectorError::user(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}

/// Tries again what the SDK takes for final although it may pass: a write that met somebody's transaction on the same
/// row, and an answer that is none of AWS's, such as a proxy's page. `E` is the operation's error.
#[derive(Debug)]
pub struct MayPass<E>(PhantomData<fn() -> E>);

impl<E> Default for MayPass<E> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<E: Error + ProvideErrorMetadata + Send + Sync + 'static> ClassifyRetry for MayPass<E> {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let error = context.output_or_error().and_then(Result::err);
        let error = error.and_then(|error| error.as_operation_error()?.downcast_ref::<E>());
        match error.map(ProvideErrorMetadata::code) {
            Some(None | Some("TransactionConflictException")) => RetryAction::transient_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "may pass"
    }
}

/// A call to AWS that failed, told without the service's own words: they may quote what was sent, or stored.
#[derive(Debug)]
pub struct CallError {
    told: String,
    answered: bool,
}

impl CallError {
    /// Whether the service itself said no; otherwise nobody knows whether the call took effect.
    #[must_use]
    pub fn was_answered(&self) -> bool {
        self.answered
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told)
    }
}

impl Error for CallError {}

impl<E: ProvideErrorMetadata + Error + 'static, R: fmt::Debug + 'static> From<SdkError<E, R>>
    for CallError
{
    fn from(error: SdkError<E, R>) -> Self {
        let told = match &error {
            SdkError::ServiceError(answer) => answer
                .err()
                .code()
                .unwrap_or("an error without a code")
                .to_owned(),
            SdkError::TimeoutError(_) => "no answer in time".to_owned(),
            SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
                Some(error) => format!("no connection, or a broken one: {}", Chain(error)),
                None => "no connection, or a broken one".to_owned(),
            },
            SdkError::ResponseError(_) => "an answer that makes no sense".to_owned(),
            _ => "a request that could not be made".to_owned(),
        };
        let answered = matches!(error, SdkError::ServiceError(_));
        Self { told, answered }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::error::ErrorMetadata;
    use aws_sdk_dynamodb::operation::update_item::UpdateItemError;

    use super::*;

    #[test]
    fn a_failed_call_is_told_without_the_services_words() {
        let said = |error: ErrorMetadata| {
            SdkError::service_error(UpdateItemError::generic(error), "an answer")
        };
        let error = || ErrorMetadata::builder().message("CANARY");
        let broken = ConnectorError::io("broken pipe".into());
        for (error, told, answered) in [
            (
                said(error().code("AccessDeniedException").build()),
                "AccessDeniedException",
                true,
            ),
            (said(error().build()), "an error without a code", true),
            (
                SdkError::timeout_error("CANARY"),
                "no answer in time",
                false,
            ),
            (
                SdkError::dispatch_failure(broken),
                "no connection, or a broken one: io error: broken pipe",
                false,
            ),
            (
                SdkError::response_error("CANARY", "an answer"),
                "an answer that makes no sense",
                false,
            ),
            (
                SdkError::construction_failure("CANARY"),
                "a request that could not be made",
                false,
            ),
        ] {
            let error = CallError::from(error);
            assert_eq!(
                (error.to_string().as_str(), error.was_answered()),
                (told, answered)
            );
        }
    }
}
