//! One exchange with the gateway: a request, and the status and body of its answer, within a time and a size.

use std::time::Duration;

use lambda_http::http::StatusCode;
use reqwest::{Client, Request};
use tokio::time::{Instant, timeout};

use crate::http_client;

/// Kept back from a slow try, so that there is another one: a gateway that was slow once is not slow twice.
const KEPT_FOR_ANOTHER: Duration = Duration::from_millis(1500);

/// There is no answer that can be read.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The connection could not be made, or broke.
    #[error("no connection, or a broken one")]
    Broken(#[source] reqwest::Error),
    /// No whole answer came in time.
    #[error("no answer in time")]
    TimedOut,
    /// The answer is larger than any that makes sense.
    #[error("an answer of more than {0} bytes")]
    TooLarge(usize),
}

impl From<reqwest::Error> for ExchangeError {
    /// Without the URL, which has the payment's id: the same trouble is the same line for every payment.
    fn from(error: reqwest::Error) -> Self {
        Self::Broken(error.without_url())
    }
}

/// Sends the request once, and reads an answer of at most `limit` bytes.
///
/// # Errors
/// There is no answer that can be read.
pub(super) async fn exchange(
    http: &Client,
    request: &Request,
    limit: usize,
    deadline: Instant,
) -> Result<(StatusCode, Vec<u8>), ExchangeError> {
    // Only a streaming body cannot be cloned; ours are text.
    let Some(request) = request.try_clone() else {
        unreachable!("a request whose body is text");
    };
    let exchange = async {
        let mut answer = http.execute(request).await?;
        let status = answer.status();
        let body = http_client::body(&mut answer, limit).await?;
        Ok((status, body.ok_or(ExchangeError::TooLarge(limit))?))
    };
    let left = deadline.saturating_duration_since(Instant::now());
    let patience = left
        .saturating_sub(KEPT_FOR_ANOTHER)
        .max(KEPT_FOR_ANOTHER)
        .min(left);
    let answered = timeout(patience, exchange).await;
    answered.unwrap_or(Err(ExchangeError::TimedOut))
}
