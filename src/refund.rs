//! Refunds of duplicates: opt-in, by a sweep alone, behind every guard there is. What is not clearly a second payment of
//! an order that has its money stays open for a person.

use tokio::time::{Instant, timeout_at};

use crate::clock::now;
use crate::decimal::Decimal;
use crate::gateway::Cancelled;
use crate::payment::{MerchantUid, Payment};
use crate::state::State;
use crate::sweep::{Found, ONE_CALL, StillOpen, Sweep, lines as log, step};
use crate::unmatched::{MAX_REFUND_ASKS, Open, Reason};
use crate::verdict::Verdict;
use crate::verify::{Settled, VerifyError};

/// What the gateway, and the customer, read as the reason.
const REASON: &str = "중복 결제 자동 환불";
/// Where more than this are due, something larger is wrong than customers who paid twice.
const MAX_AT_ONCE: usize = 10;
/// Seconds since the payment: younger ones may still be sorted out, older ones are somebody's memory.
const AGES: std::ops::RangeInclusive<i64> = 10 * 60..=24 * 60 * 60;
/// Seconds between two requests for the same refund.
const ASK_AGAIN_AFTER: i64 = 10 * 60;
/// Methods whose money goes back the way it came, at once and whole.
const METHODS: [&str; 9] = [
    "card", "kakaopay", "naverpay", "tosspay", "payco", "samsung", "lpay", "ssgpay", "point",
];

/// The refunds of one sweep.
pub(crate) struct Refunds<'s, 'v> {
    sweep: &'s mut Sweep<'v>,
    /// The largest, in won.
    max: Decimal,
}

/// More refunds are due than anybody should give without looking.
#[derive(Debug, thiserror::Error)]
#[error("{0} duplicates are due for a refund: none is refunded, a person should look")]
struct TooMany(usize);

impl<'s, 'v> Refunds<'s, 'v> {
    pub(crate) fn new(sweep: &'s mut Sweep<'v>, max: Decimal) -> Self {
        Self { sweep, max }
    }

    /// Refunds those of the items just looked at that are due.
    pub(crate) async fn run(mut self, looked_at: Vec<StillOpen>) {
        if looked_at.is_empty() {
            return;
        }
        let deadline = self.sweep.deadline;
        let gateway_now = timeout_at(deadline, self.sweep.verifier.iamport.now(deadline));
        let gateway_now = match gateway_now.await {
            Ok(Ok(now)) => now,
            Ok(Err(error)) => return self.sweep.failed(&VerifyError::Gateway(error), None),
            Err(_) => return self.sweep.failed(&VerifyError::Deadline, None),
        };
        let due: Vec<_> = looked_at
            .into_iter()
            .filter(|found| {
                found.reason == Reason::DuplicatePayment
                    && may_ask(&found.item, now())
                    && is_due(&found.payment, gateway_now, self.max)
            })
            .collect();
        if due.len() > MAX_AT_ONCE {
            return self.sweep.failed(&TooMany(due.len()), None);
        }
        for StillOpen { item, payment, .. } in due {
            // In the lists, in the looks, or with the one before.
            if self.sweep.failures > 0 {
                return;
            }
            let refunded = timeout_at(deadline, self.refund(&item, &payment)).await;
            if let Err(error) = refunded.unwrap_or(Err(VerifyError::Deadline)) {
                self.sweep.failed_at(&error, &item.ids);
            }
        }
    }

    async fn refund(&mut self, item: &Open, payment: &Payment) -> Result<(), VerifyError> {
        if !self.is_still_a_duplicate(item.ids.order(), payment).await? {
            return Ok(());
        }
        let (iamport, unmatched) = (&self.sweep.verifier.iamport, &self.sweep.verifier.unmatched);
        let claimed = unmatched.claim_refund(item, now()).await;
        if !claimed.map_err(VerifyError::Unmatched)? {
            return Ok(());
        }
        log::asking(&item.ids, item.refund_asks + 1);
        let asked = iamport.cancel(payment, REASON, call_by()).await;
        if matches!(asked, Ok(Cancelled::Refused)) {
            let given_up = unmatched.give_up_refund(item).await;
            given_up.map_err(VerifyError::Unmatched)?;
        }
        // Whatever the gateway said, or did not: the look-up tells.
        if let Found::GivenBack = self.sweep.look_at(item).await? {
            self.sweep.summary.refunded += 1;
            return Ok(());
        }
        match asked {
            Ok(Cancelled::Refused) => log::refund_refused(&item.ids),
            // Some providers give it back later: the next look sees it.
            Ok(Cancelled::Taken) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Settles every attempt of the order first: a refund must not take the money that the order counts on.
    async fn is_still_a_duplicate(
        &mut self,
        order: &MerchantUid,
        payment: &Payment,
    ) -> Result<bool, VerifyError> {
        let verifier = self.sweep.verifier;
        let attempts = verifier.attempts(order, call_by()).await?;
        let mut settled = Vec::new();
        for (attempt, state) in attempts.to_settle {
            let step = step(
                verifier,
                &self.sweep.holder,
                &attempt,
                state,
                self.sweep.deadline,
            )
            .await;
            self.sweep.count(&attempt, &step);
            match step.settled {
                Ok(Settled { verdict, .. }) => settled.push((attempt, verdict)),
                Err(_) => return Ok(false),
            }
        }
        let settled = settled
            .iter()
            .map(|(attempt, verdict)| (&**attempt, *verdict));
        // A notice that could not be given is a failure, too.
        Ok(self.sweep.failures == 0 && is_duplicate(payment, settled))
    }
}

/// Whether this payment, of all attempts to pay its order and what the order made of them, is a duplicate that nobody
/// has begun to give back, of another one that the order has and that nobody has begun to give back.
#[must_use]
pub fn is_duplicate<'p>(
    payment: &Payment,
    attempts: impl IntoIterator<Item = (&'p Payment, Verdict)>,
) -> bool {
    let (mut is_duplicate, mut order_is_paid) = (false, false);
    for (attempt, verdict) in attempts {
        let is_this = attempt.imp_uid == payment.imp_uid;
        let is_paid = attempt.state() == Some(State::Paid);
        match verdict {
            Verdict::Duplicate if is_this && is_paid => is_duplicate = true,
            Verdict::Written(State::Paid) | Verdict::Known(State::Paid) if !is_this && is_paid => {
                order_is_paid = true;
            }
            _ => {}
        }
    }
    is_duplicate && order_is_paid
}

/// Whether it is this sweep's turn to ask, and not a person's.
#[must_use]
pub fn may_ask(item: &Open, now: i64) -> bool {
    item.refund_asks < MAX_REFUND_ASKS
        && item
            .refund_asked_at
            .is_none_or(|asked_at| now - asked_at >= ASK_AGAIN_AFTER)
}

/// Whether the payment itself can be given back by a program. That it is a duplicate is settled right before.
#[must_use]
pub fn is_due(payment: &Payment, gateway_now: i64, max: Decimal) -> bool {
    let method = payment.pay_method.as_deref().unwrap_or_default();
    let paid_at = payment.paid_at.unwrap_or_default();
    payment.status == "paid"
        && payment.cancel_amount == Decimal::ZERO
        && payment.currency == "KRW"
        && payment.amount <= max
        && payment.escrow == Some(false)
        && payment.promotion.is_none()
        && METHODS.contains(&method)
        && AGES.contains(&(gateway_now - paid_at))
}

fn call_by() -> Instant {
    Instant::now() + ONE_CALL
}
