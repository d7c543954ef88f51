//! What the gateway lists, settled window by window.

use futures_util::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};

use super::{ONE_CALL, Sweep, Window, lines as log, pages, screened, step};
use crate::gateway::{GatewayError, Listed, Page, Status};
use crate::verify::VerifyError;

/// Payments that are settled at the same time.
const AT_ONCE: usize = 24;

/// One of the gateway's lists, as far as it can be read by then.
struct List<'s, 'v> {
    sweep: &'s mut Sweep<'v>,
    status: Status,
    by: Instant,
}

impl pages::Source for List<'_, '_> {
    async fn page(&mut self, window: Window, number: u64) -> Option<Page> {
        self.sweep.page(self.status, window, number, self.by).await
    }

    async fn settle(&mut self, page: Page) {
        self.sweep.settle_all(page, self.by).await;
    }

    fn goes_on(&mut self) -> bool {
        let is_in_time = Instant::now() < self.by;
        if !is_in_time {
            self.sweep.failed(&VerifyError::Deadline, None);
        }
        is_in_time
    }

    fn contradicted(&mut self) {
        let nonsense = GatewayError::Nonsense("a list that is longer than what it shows");
        self.sweep.failed(&VerifyError::Gateway(nonsense), None);
    }
}

impl Sweep<'_> {
    /// Settles what the gateway lists in the window.
    pub(super) async fn list(&mut self, status: Status, window: Window, by: Instant) {
        let mut list = List {
            sweep: self,
            status,
            by,
        };
        pages::walk(&mut list, window).await;
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
