//! What the gateway lists, settled window by window.

use futures_util::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};

use super::{ONE_CALL, Step, Sweep, Window, lines as log, pages, screened, step};
use crate::gateway::{Entry, GatewayError, Listed, Page, Status};
use crate::payment::Payment;
use crate::verify::{Verifier, VerifyError};

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
        let nonsense = GatewayError::Nonsense("a list whose length cannot be");
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
        let (verifier, holder) = (self.verifier, self.holder.clone());
        let mut settled = stream::iter(page.entries)
            .map(|entry| {
                let holder = holder.as_str();
                async move { settle(verifier, holder, &entry, by).await }
            })
            .buffer_unordered(AT_ONCE);
        while let Some((is_listed, step)) = settled.next().await {
            self.summary.listed += u64::from(is_listed);
            if let Some((payment, step)) = step {
                self.count(&payment, &step);
            }
        }
    }
}

/// Settles one entry: whether it is a payment of ours, and what became of it if its order decided.
async fn settle(
    verifier: &Verifier,
    holder: &str,
    entry: &Entry,
    by: Instant,
) -> (bool, Option<(Box<Payment>, Step)>) {
    match entry.read() {
        Listed::Payment(payment, ids) if verifier.is_ours(ids.merchant_uid()) => {
            let Some(state) = screened(verifier, &payment, &ids) else {
                return (true, None);
            };
            let step = step(verifier, holder, &payment, state, by).await;
            (true, Some((payment, step)))
        }
        Listed::Payment(..) => (false, None),
        Listed::Unreadable(imp_uid) => {
            log::unreadable(imp_uid.as_deref());
            (false, None)
        }
    }
}
