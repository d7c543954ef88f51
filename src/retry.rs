//! Trying again: how often, after what pause, and when not any more. The one place where a retry pauses.
//!
//! ```text
//! a peer that is well      try ─ 0.25–0.4 s ─ try ─ 0.85–1 s ─ try     trouble of a second is ridden out
//! after a call that failed try ───────── 1.1–1.4 s ───────── try      it still is, at one try less
//! ```

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Pauses in ms, shortest and longest, before the second try and the third, which is the last.
const PAUSES: [(u64, u64); 2] = [(250, 400), (850, 1000)];
/// The pause in ms before the second try where there is no third.
const ONE_PAUSE: (u64, u64) = (1100, 1400);

/// An error that knows whether the same call may well succeed a moment later.
pub trait MayPass {
    /// Whether to try again.
    fn may_pass(&self) -> bool;
}

/// The retries of all calls to one peer: an outage costs at most three tries a call, and two on average.
///
/// A peer that is well gets three tries. Once a call has failed for good, the next one gets one try, which pays for
/// the third of the other, and every further one two, until a call succeeds. There is no clock in it: an environment
/// that is seldom called has its second try right after the longest outage.
#[derive(Debug, Default)]
pub struct Retry(AtomicU8);

/// How many retries the next call has.
const WELL: u8 = 0;
const OWING: u8 = 1;
const FAILING: u8 = 2;

/// How a call ends, whoever ends it: one that a request's deadline cuts short has cost its tries like any other.
struct Ending<'a> {
    state: &'a AtomicU8,
    is: u8,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.state.store(self.is, Ordering::Relaxed);
    }
}

impl Retry {
    /// Calls until it succeeds, fails for good, has no retry left, or a pause would not end before the deadline.
    ///
    /// # Errors
    /// The last try's failure.
    pub async fn run<T, E, Try>(
        &self,
        deadline: Option<Instant>,
        call: impl Fn() -> Try,
    ) -> Result<T, E>
    where
        E: MayPass,
        Try: Future<Output = Result<T, E>>,
    {
        let pauses = match self.0.load(Ordering::Relaxed) {
            WELL => &PAUSES[..],
            OWING => &[],
            _ => &[ONE_PAUSE],
        };
        let mut left = pauses.iter();
        let mut ending = Ending {
            state: &self.0,
            is: FAILING,
        };
        loop {
            if pauses.len() == PAUSES.len() && left.len() == 0 {
                ending.is = OWING;
            }
            let failure = match call().await {
                Ok(value) => {
                    ending.is = WELL;
                    return Ok(value);
                }
                // The peer is well: it said no.
                Err(failure) if !failure.may_pass() => {
                    ending.is = WELL;
                    return Err(failure);
                }
                Err(failure) => failure,
            };
            let pause = left
                .next()
                .map(|(shortest, longest)| {
                    Duration::from_millis(fastrand::u64(*shortest..=*longest))
                })
                .filter(|pause| deadline.is_none_or(|deadline| Instant::now() + *pause < deadline));
            let Some(pause) = pause else {
                return Err(failure);
            };
            sleep(pause).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[derive(Debug, PartialEq)]
    enum Failure {
        Passing,
        Final,
    }

    impl MayPass for Failure {
        fn may_pass(&self) -> bool {
            *self == Self::Passing
        }
    }

    /// Calls while the peer fails for so long; how often it was tried, and how it ended.
    async fn call(retry: &Retry, trouble: Duration) -> (u32, Result<(), Failure>) {
        let tries = Cell::new(0);
        let over = Instant::now() + trouble;
        let ended = retry
            .run(None, || {
                tries.set(tries.get() + 1);
                async move {
                    if Instant::now() < over {
                        Err(Failure::Passing)
                    } else {
                        Ok(())
                    }
                }
            })
            .await;
        (tries.get(), ended)
    }

    const SECOND: Duration = Duration::from_secs(1);
    const FOR_EVER: Duration = Duration::from_hours(1);

    #[tokio::test(start_paused = true)]
    async fn a_second_of_trouble_is_ridden_out_also_right_after_an_outage() {
        for _ in 0..100 {
            let retry = Retry::default();
            assert_eq!(call(&retry, SECOND).await, (3, Ok(())));
            for _ in 0..5 {
                assert!(call(&retry, FOR_EVER).await.1.is_err());
            }
            assert_eq!(call(&retry, SECOND).await, (2, Ok(())));
            assert_eq!(call(&retry, SECOND).await, (3, Ok(())), "it is well again");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_is_at_most_doubled() {
        let retry = Retry::default();
        let mut tries = 0;
        for calls in 1..=200 {
            let (more, ended) = call(&retry, FOR_EVER).await;
            assert!(ended.is_err() && more <= 3);
            tries += more;
            assert!(
                calls == 1 || tries <= 2 * calls,
                "{tries} tries of {calls} calls"
            );
        }
        assert_eq!(
            tries, 400,
            "no fewer: each of them could be the first that helps"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_says_nothing_until_nobody_waits_any_more_is_no_exception() {
        let patience = Duration::from_millis(1500);
        for whole_request in [1000, 2500, 5500, 7000].map(Duration::from_millis) {
            let retry = Retry::default();
            let tries = Cell::new(0);
            for calls in 1..=20 {
                let silent = retry.run(None, || async {
                    tries.set(tries.get() + 1);
                    sleep(patience).await;
                    Err::<(), _>(Failure::Passing)
                });
                let _ = tokio::time::timeout(whole_request, silent).await;
                assert!(
                    calls == 1 || tries.get() <= 2 * calls,
                    "{} tries of {calls} calls within {whole_request:?}",
                    tries.get()
                );
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_pass_is_tried_once_and_no_sign_of_an_outage() {
        let retry = Retry::default();
        let refused = retry
            .run(None, || async { Err::<(), _>(Failure::Final) })
            .await;
        assert_eq!(refused, Err(Failure::Final));
        assert_eq!(call(&retry, SECOND).await, (3, Ok(())));
    }

    #[tokio::test(start_paused = true)]
    async fn no_pause_outlasts_the_deadline() {
        let retry = Retry::default();
        let deadline = Instant::now() + SECOND;
        let failed = retry
            .run(Some(deadline), || async { Err::<(), _>(Failure::Passing) })
            .await;
        assert_eq!(failed, Err(Failure::Passing));
        assert!(Instant::now() < deadline);
    }
}
