//! One exchange with the gateway: a request that is safe to repeat, repeated within a budget and a deadline.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use lambda_http::http::StatusCode;
use reqwest::{Client, Request, RequestBuilder};
use tokio::time::{Instant, sleep, timeout};

use crate::client;

/// One try may take so long, the answer's body included.
const TRY_TIMEOUT: Duration = Duration::from_secs(3);
/// The longest pauses before the second try and before the third, which is the last, in ms. A pause itself is random.
const LONGEST_PAUSES: [u64; 2] = [50, 100];
/// The largest answer that is read, in bytes: a payment is about 2 KB, a long `cancel_history` included.
const MAX_ANSWER: usize = 256 * 1024;

/// The HTTP client with retries of our own.
#[derive(Debug)]
pub struct Exchange {
    http: Client,
    budget: RetryBudget,
}

/// There is no answer that can be read.
#[derive(Debug)]
pub enum ExchangeError {
    /// The connection could not be made, or broke.
    Broken(reqwest::Error),
    /// No whole answer came in time.
    TimedOut,
    /// The answer is larger than any that makes sense.
    TooLarge,
}

impl std::fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Broken(_) => f.write_str("no connection, or a broken one"),
            Self::TimedOut => f.write_str("nothing in time"),
            Self::TooLarge => write!(f, "more than {MAX_ANSWER} bytes"),
        }
    }
}

impl std::error::Error for ExchangeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Broken(error) => Some(error),
            Self::TimedOut | Self::TooLarge => None,
        }
    }
}

impl From<reqwest::Error> for ExchangeError {
    fn from(error: reqwest::Error) -> Self {
        Self::Broken(error)
    }
}

impl Exchange {
    /// Exchanges through this client; connects to nothing yet.
    #[must_use]
    pub fn new(http: Client) -> Self {
        Self {
            http,
            budget: RetryBudget::default(),
        }
    }

    /// Begins a GET.
    pub fn get(&self, url: &str) -> RequestBuilder {
        self.http.get(url)
    }

    /// Begins a POST.
    pub fn post(&self, url: &str) -> RequestBuilder {
        self.http.post(url)
    }

    /// Sends a request that is safe to repeat, and reads the status and body of its answer; again after a failure that
    /// may pass, and an answer that cannot be read is one too.
    ///
    /// # Errors
    /// The last try's failure.
    pub async fn send<T, E: From<ExchangeError>>(
        &self,
        request: RequestBuilder,
        deadline: Instant,
        read: impl Fn(StatusCode, &[u8]) -> Result<T, E>,
    ) -> Result<T, E> {
        let request = request.build().map_err(ExchangeError::Broken)?;
        let mut pauses = LONGEST_PAUSES
            .map(|longest| Duration::from_millis(fastrand::u64(..=longest)))
            .into_iter();
        let mut retries = 0;
        loop {
            let answer = self.try_once(&request, deadline).await;
            let failure = match answer
                .map_err(E::from)
                .and_then(|(status, body)| read(status, &body))
            {
                Ok(answer) => {
                    self.budget.refund(retries);
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            let left = deadline.saturating_duration_since(Instant::now());
            match pauses.next() {
                Some(pause) if pause <= left && self.budget.spend() => sleep(pause).await,
                _ => return Err(failure),
            }
            retries += 1;
        }
    }

    async fn try_once(
        &self,
        request: &Request,
        deadline: Instant,
    ) -> Result<(StatusCode, Vec<u8>), ExchangeError> {
        // Only a streaming body cannot be cloned; ours are text.
        let Some(request) = request.try_clone() else {
            unreachable!("a request whose body is text");
        };
        let exchange = async {
            let mut answer = self.http.execute(request).await?;
            let status = answer.status();
            let body = client::body(&mut answer, MAX_ANSWER).await?;
            Ok((status, body.ok_or(ExchangeError::TooLarge)?))
        };
        let left = deadline.saturating_duration_since(Instant::now());
        let answered = timeout(left.min(TRY_TIMEOUT), exchange).await;
        answered.unwrap_or(Err(ExchangeError::TimedOut))
    }
}

/// Keeps retries from multiplying an outage: each costs, and only exchanges that succeed in the end pay it back.
#[derive(Debug)]
struct RetryBudget(AtomicU32);

impl RetryBudget {
    /// Ten retries in a row, then none until exchanges succeed again.
    const FULL: u32 = 100;
    const RETRY: u32 = 10;

    fn spend(&self) -> bool {
        let spend = |left: u32| left.checked_sub(Self::RETRY);
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend)
            .is_ok()
    }

    /// Pays back what an exchange that succeeded at last has spent, or a little if it succeeded at once.
    fn refund(&self, retries: u32) {
        let earned = 1.max(retries * Self::RETRY);
        let refund = |left: u32| Some((left + earned).min(Self::FULL));
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, refund);
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self(AtomicU32::new(Self::FULL))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_soon_gets_no_retries_and_success_brings_them_back() {
        let budget = RetryBudget::default();
        let granted = (0..400).filter(|_| budget.spend()).count();
        assert_eq!(granted, 10);
        (0..9).for_each(|_| budget.refund(0));
        assert!(!budget.spend(), "nine successes are not worth a retry");
        budget.refund(0);
        assert!(budget.spend());
        budget.refund(2);
        assert!(
            budget.spend() && budget.spend() && !budget.spend(),
            "a success pays its own retries back"
        );
        (0..400).for_each(|_| budget.refund(2));
        let granted = (0..400).filter(|_| budget.spend()).count();
        assert_eq!(granted, 10, "never more than full");
    }
}
