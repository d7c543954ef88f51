//! What can go wrong with a call.

use std::future::Future;
use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;

use super::call::AwsCall;

/// A fault: by default on every call, until cleared.
#[derive(Debug, Clone)]
pub struct Fault {
    effect: Effect,
    operation: Option<&'static str>,
    times: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
enum Effect {
    Fail,
    Deny,
    Drop,
    Delay(Duration),
}

impl Fault {
    /// A 500, without effect.
    #[must_use]
    pub fn fail() -> Self {
        Self::new(Effect::Fail)
    }

    /// The caller lacks the permission.
    #[must_use]
    pub fn deny() -> Self {
        Self::new(Effect::Deny)
    }

    /// The work is done, and the connection closes without an answer: the caller cannot know.
    #[must_use]
    pub fn dropped() -> Self {
        Self::new(Effect::Drop)
    }

    /// The work is done, and the answer comes, after `delay`.
    #[must_use]
    pub fn slow(delay: Duration) -> Self {
        Self::new(Effect::Delay(delay))
    }

    /// Befalls only this operation: `UpdateItem`, `GetSecretValue`, `Publish`, …
    #[must_use]
    pub fn on(self, operation: &'static str) -> Self {
        Self {
            operation: Some(operation),
            ..self
        }
    }

    /// Befalls only the next `times` calls.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self {
            times: Some(times),
            ..self
        }
    }

    fn new(effect: Effect) -> Self {
        Self {
            effect,
            operation: None,
            times: None,
        }
    }

    /// Whether it befalls this call; if so, that is once less to come.
    pub(super) fn strikes(&mut self, call: &AwsCall) -> bool {
        let strikes = self.times != Some(0)
            && self
                .operation
                .is_none_or(|operation| operation == call.operation);
        if strikes {
            self.times = self.times.map(|times| times - 1);
        }
        strikes
    }

    /// `served` takes effect only when it is awaited.
    pub(super) async fn befall(
        self,
        call: &AwsCall,
        served: impl Future<Output = Response>,
    ) -> Response {
        match self.effect {
            Effect::Fail => call.failed(),
            Effect::Deny => call.denied(),
            Effect::Drop => {
                served.await;
                dropped_connection()
            }
            Effect::Delay(delay) => {
                let answer = served.await;
                tokio::time::sleep(delay).await;
                answer
            }
        }
    }
}

/// A body that fails at once takes the connection down before the head is flushed.
fn dropped_connection() -> Response {
    let lost = io::Error::from(io::ErrorKind::ConnectionReset);
    Response::new(Body::from_stream(futures_util::stream::iter([Err::<
        &[u8],
        _,
    >(lost)])))
}
