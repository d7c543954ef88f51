//! The sweep: settles what the gateway shows in a window of time, as if a webhook had come for each payment, then looks
//! again at the open unmatched payments, then refunds duplicates. Safe at any time, twice, and beside deliveries.
//!
//! ```text
//! list ready, paid, cancelled ─→ settle each from the list ─→ look at open items ─→ refund duplicates
//! ```

mod event;
pub(crate) mod lines;
mod summary;

use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};

pub use self::event::{NotASweep, Window, read};
pub use self::summary::{Repaired, Summary};

use self::lines as log;
use crate::clock::now;
use crate::gateway::{Listed, Page, Status};
use crate::payment::{Payment, PaymentIds};
use crate::state::State;
use crate::unmatched::{Money, Open};
use crate::vbank_notice::NoticeError;
use crate::verdict::Verdict;
use crate::verify::{self, Settled, Verifier, VerifyError};

/// One call of the gateway may take so long, all its tries included.
const ONE_CALL: Duration = Duration::from_secs(10);
/// Payments that are settled at the same time.
const AT_ONCE: usize = 24;
/// Kept from the lists, for open items and refunds.
const KEPT_FOR_ITEMS: Duration = Duration::from_secs(20);
/// Kept from the items, for refunds.
const KEPT_FOR_REFUNDS: Duration = Duration::from_secs(10);
/// Open items that one sweep looks at.
const MAX_LOOKS: usize = 100;
/// An open item is looked at again after so many seconds …
const LOOK_AFTER: i64 = 30 * 60;
/// … and where a refund was asked for, after so many.
const LOOK_AFTER_ASKING: i64 = 10 * 60;

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
    pub(crate) async fn settle(&mut self, window: Window) -> Vec<(Open, Payment)> {
        let lists_by = self.before_deadline(KEPT_FOR_ITEMS);
        for status in [Status::Ready, Status::Paid, Status::Cancelled] {
            self.list(status, window, lists_by).await;
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

    /// Settles what the gateway lists, window by window: halves while there is more than one page of it.
    async fn list(&mut self, status: Status, window: Window, by: Instant) {
        let mut windows = vec![window];
        while let Some(window) = windows.pop() {
            let Some(page) = self.page(status, window, 1, by).await else {
                continue;
            };
            if page.is_whole() {
                self.settle_all(page, by).await;
            } else if window.from < window.to {
                let middle = i64::midpoint(window.from, window.to);
                windows.extend([
                    Window {
                        from: middle + 1,
                        ..window
                    },
                    Window {
                        to: middle,
                        ..window
                    },
                ]);
            } else {
                self.list_second(status, window, page, by).await;
            }
        }
    }

    /// One second that overflows a page: all pages, the last one first. Records leave a past second, so that those behind
    /// them move forwards: read backwards, they are met twice and not missed. If some came instead, once more.
    async fn list_second(&mut self, status: Status, window: Window, first: Page, by: Instant) {
        let mut known = first.total;
        let mut pages = first.pages();
        while pages > 0 {
            let mut total = 0;
            for number in (1..=pages).rev() {
                let Some(page) = self.page(status, window, number, by).await else {
                    return;
                };
                total = page.total.max(total);
                if number == 1 {
                    pages = page.pages();
                }
                self.settle_all(page, by).await;
            }
            if total <= known {
                return;
            }
            known = total;
        }
    }

    async fn page(
        &mut self,
        status: Status,
        window: Window,
        number: u64,
        by: Instant,
    ) -> Option<Page> {
        let call_by = by.min(Instant::now() + ONE_CALL);
        let range = (window.from, window.to);
        let iamport = &self.verifier.iamport;
        let page = timeout_at(call_by, iamport.by_status(status, range, number, call_by));
        let failure = match page.await {
            Ok(Ok(page)) => return Some(page),
            Ok(Err(error)) => VerifyError::Gateway(error),
            Err(_) => VerifyError::Deadline,
        };
        self.failed(&failure, None);
        None
    }

    /// Settles the payments of one page from what the page says of them, many at once.
    async fn settle_all(&mut self, page: Page, by: Instant) {
        let mut payments = Vec::with_capacity(page.payments.len());
        for listed in page.payments {
            match listed {
                Listed::Payment(payment, ids) if self.verifier.is_ours(ids.merchant_uid()) => {
                    self.summary.listed += 1;
                    if let Some(state) = screened(self.verifier, &payment, &ids) {
                        payments.push((payment, state));
                    }
                }
                Listed::Payment(..) => {}
                Listed::Unreadable(imp_uid) => log::unreadable(imp_uid.as_deref()),
            }
        }
        let (verifier, holder) = (self.verifier, self.holder.clone());
        let mut steps = stream::iter(payments)
            .map(|(payment, state)| {
                let holder = holder.as_str();
                async move {
                    let step = step(verifier, holder, &payment, state, by).await;
                    (payment, step)
                }
            })
            .buffer_unordered(AT_ONCE);
        while let Some((payment, step)) = steps.next().await {
            self.count(&payment, &step);
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

    /// Looks again at open items, those that nobody looked at for longest first. Those that stay open, as they are now.
    async fn look(&mut self, by: Instant) -> Vec<(Open, Payment)> {
        let now = now();
        let due =
            self.verifier
                .unmatched
                .open(now - LOOK_AFTER, now - LOOK_AFTER_ASKING, MAX_LOOKS);
        let due = match timeout_at(by, due).await {
            Ok(Ok(due)) => due,
            Ok(Err(error)) => {
                self.failed(&VerifyError::Unmatched(error), None);
                return Vec::new();
            }
            Err(_) => {
                self.failed(&VerifyError::Deadline, None);
                return Vec::new();
            }
        };
        let mut open = Vec::new();
        for item in due {
            match timeout_at(by, self.look_at(&item)).await {
                Ok(Ok(Some(payment))) => open.push((item, payment)),
                Ok(Ok(None)) => {}
                Ok(Err(error)) => self.failed_at(&error, &item.ids),
                Err(_) => {
                    // The rest is as late.
                    self.failed_at(&VerifyError::Deadline, &item.ids);
                    break;
                }
            }
        }
        open
    }

    /// Looks at one open item; the payment, if it is open still.
    pub(crate) async fn look_at(&mut self, item: &Open) -> Result<Option<Payment>, VerifyError> {
        let call_by = Instant::now() + ONE_CALL;
        let imp_uid = item.ids.imp_uid();
        let found = self.verifier.iamport.payment(imp_uid, call_by).await?;
        let Some(payment) = found else {
            log::unexplained(&item.ids, "the gateway knows no such payment");
            self.passed_over(item).await?;
            return Ok(None);
        };
        let Some(state) = screened(self.verifier, &payment, &item.ids) else {
            log::unexplained(&item.ids, "the payment is not what it was");
            self.passed_over(item).await?;
            return Ok(None);
        };
        let step = step(self.verifier, &self.holder, &payment, state, self.deadline).await;
        self.count(&payment, &step);
        let Ok(settled) = step.settled else {
            return Ok(None);
        };
        let unmatched = &self.verifier.unmatched;
        match Money::of(&payment, state, settled.verdict) {
            Money::Recorded => {
                let matched = unmatched.matched(item, now()).await;
                if matched.map_err(VerifyError::Unmatched)? {
                    self.summary.resolved += 1;
                    log::resolved(item.ids.merchant_uid(), imp_uid, "matched");
                }
                Ok(None)
            }
            Money::GivenBack => Ok(None),
            Money::Unmatched(reason) => {
                let noted = unmatched.still_open(&payment, reason, now()).await;
                noted.map_err(VerifyError::Unmatched)?;
                Ok(Some(payment))
            }
            Money::None => {
                log::unexplained(&item.ids, "the payment holds no money");
                self.passed_over(item).await?;
                Ok(None)
            }
        }
    }

    async fn passed_over(&self, item: &Open) -> Result<(), VerifyError> {
        let looked_at = self.verifier.unmatched.looked_at(item, now()).await;
        looked_at.map_err(VerifyError::Unmatched)
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
