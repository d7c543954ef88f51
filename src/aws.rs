//! The AWS SDK's configuration: TLS, retries and timeouts in the open, everything else from the environment.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader};
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

/// Tries of one call, the first included; the SDK's own budget keeps an outage from multiplying them.
const TRIES: u32 = 3;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// DynamoDB and Secrets Manager answer in milliseconds; what takes longer is better asked again.
const TRY_TIMEOUT: Duration = Duration::from_millis(1500);

/// A loader with our choices made. The behaviour version is pinned: new ones change retries and timeouts.
#[must_use]
pub fn loader() -> ConfigLoader {
    let https = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(https)
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(TRIES)
                .with_initial_backoff(Duration::from_millis(25)),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .operation_attempt_timeout(TRY_TIMEOUT)
                .build(),
        )
}
