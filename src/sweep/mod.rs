//! The sweep: settles what the gateway shows in a window of time, as if a webhook had come for each payment, then looks
//! again at the open unmatched payments, then refunds duplicates. Safe at any time, twice, and beside deliveries.
//!
//! ```text
//! list ready, paid, cancelled ─→ settle each from the list ─→ look at open items ─→ refund duplicates
//! ```

mod event;
pub(crate) mod lines;
mod list;
mod look;
pub mod pages;
mod summary;

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

pub use self::event::{NotASweep, Window, read};
pub(crate) use self::look::{Found, StillOpen};
pub use self::summary::{Repaired, Summary};

use self::lines as log;
use crate::gateway::Status;
use crate::payment::{Payment, PaymentIds};
use crate::state::State;
use crate::vbank_notice::NoticeError;
use crate::verdict::Verdict;
use crate::verify::{self, Settled, Verifier, VerifyError};

/// One call of the gateway may take so long, all its tries included.
pub(crate) const ONE_CALL: Duration = Duration::from_secs(10);
/// Kept from the lists, for open items and refunds.
const KEPT_FOR_ITEMS: Duration = Duration::from_secs(20);
/// Kept from the items, for refunds.
const KEPT_FOR_REFUNDS: Duration = Duration::from_secs(10);

/// A sweep that could not be begun, or not be finished. What it did is done all the same.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The event is not a sweep's.
    #[error(transparent)]
    Event(#[from] NotASweep),
    /// So many things were left, each with a line in the log; everything else was done.
    #[error("the sweep is not finished: {0} failures, see the log")]
    Unfinished(u64),
}

/// One sweep on its way.
pub(crate) struct Sweep<'a> {
    pub(crate) verifier: &'a Verifier,
    /// Who gives the notices that this sweep makes due: Lambda repeats request ids, so a part of it is random.
    pub(crate) holder: String,
    pub(crate) deadline: Instant,
    pub(crate) summary: Summary,
    /// What went wrong so far.
    pub(crate) failures: u64,
}

/// What settling one payment came to.
pub(crate) struct Step {
    pub(crate) settled: Result<Settled, VerifyError>,
    notice_error: Option<NoticeError>,
}

impl<'a> Sweep<'a> {
    /// A sweep that has to be over by the deadline.
    pub(crate) fn new(verifier: &'a Verifier, request_id: &str, deadline: Instant) -> Self {
        Self {
            verifier,
            holder: format!("{request_id}-{:016x}", fastrand::u64(..)),
            deadline,
            summary: Summary::default(),
            failures: 0,
        }
    }

    /// Settles what the gateway shows in the window, and looks again at open items. Those that stay open, as they are now.
    pub(crate) async fn settle(&mut self, window: Window) -> Vec<StillOpen> {
        let lists_by = self.before_deadline(KEPT_FOR_ITEMS);
        for status in [Status::Ready, Status::Paid, Status::Cancelled] {
            // A list without an end must leave some time to the others.
            let left = lists_by.saturating_duration_since(Instant::now());
            let by = match status {
                Status::Ready | Status::Paid => lists_by - left / 3,
                Status::Cancelled => lists_by,
            };
            self.list(status, window, by).await;
        }
        self.look(self.before_deadline(KEPT_FOR_REFUNDS)).await
    }

    /// Counts what is left open, and tells what it all came to.
    ///
    /// # Errors
    /// Something was left; the next sweep over the same window finds it.
    pub(crate) async fn finish(mut self) -> Result<Summary, SweepError> {
        match timeout_at(self.deadline, self.verifier.unmatched.count_open()).await {
            Ok(Ok(open)) => self.summary.open = open,
            Ok(Err(error)) => self.failed(&VerifyError::Unmatched(error), None),
            Err(_) => self.failed(&VerifyError::Deadline, None),
        }
        log::finished(&self.summary, self.failures);
        match self.failures {
            0 => Ok(self.summary),
            failures => Err(SweepError::Unfinished(failures)),
        }
    }

    /// Adds up what became of a payment, with a line of its own for what was news or in trouble.
    pub(crate) fn count(&mut self, payment: &Payment, step: &Step) {
        match &step.settled {
            Ok(settled) => {
                match settled.verdict {
                    Verdict::Written(state) => {
                        self.summary.repaired += state;
                        log::repaired(payment, state);
                    }
                    Verdict::Misconfigured(_) => log::refused(payment, settled.verdict),
                    _ => {}
                }
                match settled.listed {
                    verify::Listed::Opened => {
                        self.summary.unmatched += 1;
                        log::unmatched(payment, settled.verdict);
                    }
                    verify::Listed::Refunded => {
                        self.summary.resolved += 1;
                        log::resolved(&payment.merchant_uid, &payment.imp_uid, "refunded");
                    }
                    verify::Listed::Unchanged => {}
                }
            }
            Err(error) => self.failed(error, Some(payment)),
        }
        if let Some(error) = &step.notice_error {
            self.failed(error, Some(payment));
        }
    }

    pub(crate) fn failed(
        &mut self,
        error: &(dyn std::error::Error + 'static),
        payment: Option<&Payment>,
    ) {
        self.failures += 1;
        log::failed(
            error,
            payment.map(|payment| payment.merchant_uid.as_str()),
            payment.map(|payment| payment.imp_uid.as_str()),
        );
    }

    pub(crate) fn failed_at(
        &mut self,
        error: &(dyn std::error::Error + 'static),
        ids: &PaymentIds,
    ) {
        self.failures += 1;
        log::failed(error, Some(ids.merchant_uid()), Some(ids.imp_uid()));
    }

    fn before_deadline(&self, kept: Duration) -> Instant {
        let now = Instant::now();
        let left = self.deadline.saturating_duration_since(now);
        // A short invocation shares what it has.
        now + left.saturating_sub(kept).max(left / 2)
    }
}

/// The state that an order decides about, if the look-up alone does not tell all.
pub(crate) fn screened(verifier: &Verifier, payment: &Payment, ids: &PaymentIds) -> Option<State> {
    let screened = payment.screen(ids, verifier.allow_sandbox, &verifier.billing_issue_charges);
    screened.ok()
}

/// Settles one payment, and gives the notice that comes of it.
pub(crate) async fn step(
    verifier: &Verifier,
    holder: &str,
    payment: &Payment,
    state: State,
    by: Instant,
) -> Step {
    let settled = timeout_at(by, verifier.settle(payment, state, holder)).await;
    let mut settled = settled.unwrap_or(Err(VerifyError::Deadline));
    let notice = settled
        .as_mut()
        .ok()
        .and_then(|settled| settled.notice.take());
    let notice_error = match notice {
        Some(notice) => {
            let give = verifier
                .notices
                .give(&verifier.orders, notice, payment, holder);
            let given = timeout_at(by, give).await;
            given.unwrap_or(Err(NoticeError::Deadline)).err()
        }
        None => None,
    };
    Step {
        settled,
        notice_error,
    }
}
