//! What the gateway lists, settled window by window.

use futures_util::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};

use super::{ONE_CALL, Sweep, Window, lines as log, screened, step};
use crate::gateway::{Listed, Page, Status};
use crate::verify::VerifyError;

/// Payments that are settled at the same time.
const AT_ONCE: usize = 24;

impl Sweep<'_> {
    /// Settles what the gateway lists, window by window: halves while there is more than one page of it.
    pub(super) async fn list(&mut self, status: Status, window: Window, by: Instant) {
        let mut windows = vec![window];
        while let Some(window) = windows.pop() {
            if Instant::now() >= by {
                return self.failed(&VerifyError::Deadline, None);
            }
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
        // The gateway may put less on a page than was asked for.
        let per_page = first.payments.len().max(1) as u64;
        let mut total = first.total;
        loop {
            let known = total;
            for number in (1..=known.div_ceil(per_page)).rev() {
                let Some(page) = self.page(status, window, number, by).await else {
                    return;
                };
                total = total.max(page.total);
                self.settle_all(page, by).await;
            }
            if total == known {
                return;
            }
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
}
