//! By order: an order's attempts, all that the gateway knows, each settled as if it had been named.

use tokio::time::{Instant, timeout_at};

use crate::gateway::{self, GatewayError};
use crate::log;
use crate::orders::{NotPayable, Order};
use crate::outcome::Outcome;
use crate::payment::{MerchantUid, Payment};
use crate::state::State;
use crate::verdict::Verdict;
use crate::verify::{Listed, Request, Verified, Verifier, VerifyError};

/// Attempts that are settled: the latest.
const MAX_ATTEMPTS: usize = 10;

/// The attempts to pay an order.
#[derive(Debug)]
pub(crate) struct Attempts {
    /// The latest of those that an order decides about, in the order to settle them in.
    pub(crate) to_settle: Vec<(Box<Payment>, State)>,
    /// The latest of them all, and what it alone tells.
    latest: Option<(String, Result<State, Verdict>)>,
    /// Whether the gateway listed one that cannot be read.
    some_unreadable: bool,
}

impl Verifier {
    /// All that the gateway knows, but for what is not this order's, or not for real.
    pub(crate) async fn attempts(
        &self,
        order: &MerchantUid,
        deadline: Instant,
    ) -> Result<Attempts, GatewayError> {
        let mut some_unreadable = false;
        let mut attempts = Vec::new();
        for listed in self.iamport.attempts(order, deadline).await? {
            match listed {
                gateway::Listed::Payment(payment, ids) => {
                    if ids.order() == order && (self.allow_sandbox || !payment.sandbox) {
                        let screened =
                            payment.screen(&ids, self.allow_sandbox, &self.billing_issue_charges);
                        attempts.push((payment, screened));
                    }
                }
                gateway::Listed::Unreadable(imp_uid) => {
                    log::unreadable_attempt(order, imp_uid.as_deref());
                    some_unreadable = true;
                }
            }
        }
        attempts.sort_by_key(|(payment, _)| std::cmp::Reverse(payment.started()));
        let latest = attempts
            .first()
            .map(|(payment, screened)| (payment.imp_uid.clone(), *screened));
        let decided = attempts
            .into_iter()
            .filter_map(|(payment, screened)| Some((payment, screened.ok()?)));
        let mut to_settle: Vec<_> = decided.take(MAX_ATTEMPTS).collect();
        to_settle.sort_by_key(|(_, state)| settling_order(*state));
        Ok(Attempts {
            to_settle,
            latest,
            some_unreadable,
        })
    }

    /// Verifies an order without being told by which payment: its row answers, once every attempt is settled.
    ///
    /// # Errors
    /// Nothing that was written is wrong, and the same request again settles it.
    pub(crate) async fn verify_order(
        &self,
        request: &Request<'_>,
        order: &MerchantUid,
    ) -> Result<Verified, VerifyError> {
        let mut verified = Verified::of(Outcome::OrderNotFound);
        let found = self.order(order, &mut verified).await?;
        if found.is_none() {
            return Ok(verified);
        }
        let asked = Instant::now();
        let list_by = request.look_up_by();
        let attempts = timeout_at(list_by, self.attempts(order, list_by))
            .await
            .map_err(|_| VerifyError::Deadline)??;
        verified.gateway = Some(asked.elapsed());
        let asked = Instant::now();
        let mut notices = Vec::new();
        let mut latest = match &attempts.latest {
            Some((_, Err(verdict))) => Some(*verdict),
            _ => None,
        };
        for (payment, state) in &attempts.to_settle {
            let settled = self.settle(payment, *state, request.request_id).await?;
            // Told at once: what fails after it must not hide it.
            if settled.listed == Listed::Opened {
                log::unmatched(request, payment, settled.verdict);
            }
            if let Some((imp_uid, Ok(_))) = &attempts.latest
                && *imp_uid == payment.imp_uid
            {
                latest = Some(settled.verdict);
            }
            notices.extend(settled.notice.map(|notice| (payment, notice)));
        }
        *verified.orders.get_or_insert_default() += asked.elapsed();
        if attempts.some_unreadable {
            let unreadable = GatewayError::Nonsense("an attempt that cannot be read");
            return Err(unreadable.into());
        }
        let found = self.order(order, &mut verified).await?;
        match found.as_ref().map(Order::recorded) {
            None => {}
            Some(Ok(Some(state))) => verified.outcome = state.into(),
            Some(Err(attribute)) => verified.refuse(NotPayable::Misconfigured(attribute)),
            Some(Ok(None)) => match latest {
                None => verified.outcome = Outcome::PaymentNotFound,
                Some(Verdict::Written(_) | Verdict::Known(_)) => return Err(VerifyError::Replaced),
                Some(verdict) => verified.conclude(verdict),
            },
        }
        // Last: what they wait for is no part of the answer.
        for (payment, notice) in notices {
            self.tell(request, payment, notice, &mut verified).await;
        }
        Ok(verified)
    }
}

/// Those cancelled in full first, so that they give way; then those that hold money; then the rest.
#[must_use]
pub fn settling_order(state: State) -> u8 {
    match state {
        State::Refunded | State::Voided => 0,
        State::Paid | State::PartiallyCancelled => 1,
        State::AccountIssued | State::Failed => 2,
    }
}
