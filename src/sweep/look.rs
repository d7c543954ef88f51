//! Open unmatched payments, looked at again.

use tokio::time::{Instant, timeout_at};

use super::{ONE_CALL, Sweep, lines as log, screened, step};
use crate::clock::now;
use crate::payment::Payment;
use crate::unmatched::{Money, Open, Reason};
use crate::verify::VerifyError;

/// Open items that one sweep looks at.
const MAX_LOOKS: usize = 100;
/// An open item is looked at again after so many seconds …
const LOOK_AFTER: i64 = 30 * 60;
/// … and where a refund was asked for, after so many.
const LOOK_AFTER_ASKING: i64 = 10 * 60;

/// An item that was looked at, and why it still is open.
#[derive(Debug)]
pub(crate) struct StillOpen {
    pub(crate) item: Open,
    pub(crate) payment: Payment,
    pub(crate) reason: Reason,
}

/// What a look at an open item found.
pub(crate) enum Found {
    /// Its money still has no order.
    Open(Box<StillOpen>),
    /// All of its money went back.
    GivenBack,
    /// Its order took it, or the look-up does not tell.
    Otherwise,
}

impl Sweep<'_> {
    /// Looks again at open items, those that nobody looked at for longest first. Those that stay open, as they are now.
    pub(super) async fn look(&mut self, by: Instant) -> Vec<StillOpen> {
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
                Ok(Ok(Found::Open(found))) => open.push(*found),
                Ok(Ok(Found::GivenBack | Found::Otherwise)) => {}
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

    /// Looks at one open item, and settles it.
    pub(crate) async fn look_at(&mut self, item: &Open) -> Result<Found, VerifyError> {
        let call_by = Instant::now() + ONE_CALL;
        let imp_uid = item.ids.imp_uid();
        let found = self.verifier.iamport.payment(imp_uid, call_by).await?;
        let Some(payment) = found else {
            log::unexplained(&item.ids, "the gateway knows no such payment");
            self.passed_over(item).await?;
            return Ok(Found::Otherwise);
        };
        let Some(state) = screened(self.verifier, &payment, &item.ids) else {
            log::unexplained(&item.ids, "the payment is not what it was");
            self.passed_over(item).await?;
            return Ok(Found::Otherwise);
        };
        let step = step(self.verifier, &self.holder, &payment, state, self.deadline).await;
        self.count(&payment, &step);
        let Ok(settled) = step.settled else {
            return Ok(Found::Otherwise);
        };
        let unmatched = &self.verifier.unmatched;
        match Money::of(&payment, state, settled.verdict) {
            Money::Recorded => {
                let matched = unmatched.matched(item, now()).await;
                if matched.map_err(VerifyError::Unmatched)? {
                    self.summary.resolved += 1;
                    log::resolved(item.ids.merchant_uid(), imp_uid, "matched");
                }
                Ok(if state.is_cancelled_in_full() {
                    Found::GivenBack
                } else {
                    Found::Otherwise
                })
            }
            Money::GivenBack => Ok(Found::GivenBack),
            Money::Unmatched(reason) => {
                let noted = unmatched.still_open(&payment, reason, now()).await;
                noted.map_err(VerifyError::Unmatched)?;
                let item = item.clone();
                Ok(Found::Open(Box::new(StillOpen {
                    item,
                    payment,
                    reason,
                })))
            }
            Money::None => {
                log::unexplained(&item.ids, "the payment holds no money");
                self.passed_over(item).await?;
                Ok(Found::Otherwise)
            }
        }
    }

    async fn passed_over(&self, item: &Open) -> Result<(), VerifyError> {
        let looked_at = self.verifier.unmatched.looked_at(item, now()).await;
        looked_at.map_err(VerifyError::Unmatched)
    }
}
