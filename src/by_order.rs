//! By order: an order's attempts, all that the gateway knows, each settled as if it had been named.

use tokio::time::{Instant, timeout_at};

use crate::gateway::{self, GatewayError};
use crate::log;
use crate::outcome::Outcome;
use crate::payment::{MerchantUid, Payment};
use crate::state::State;
use crate::verdict::Verdict;
use crate::verify::{Listed, Request, Verified, Verifier, VerifyError};

/// Attempts that are settled: the latest.
const MAX_ATTEMPTS: usize = 10;

/// One attempt to pay an order.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) payment: Box<Payment>,
    /// The state that the order decides about, or what the payment alone tells.
    pub(crate) screened: Result<State, Verdict>,
}

/// The attempts to pay an order that can be settled.
#[derive(Debug)]
pub(crate) struct Attempts {
    /// The latest, in the order to settle them in.
    pub(crate) to_settle: Vec<Attempt>,
    /// The latest of them all.
    latest: Option<String>,
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
                        attempts.push(Attempt { payment, screened });
                    }
                }
                gateway::Listed::Unreadable(_) => some_unreadable = true,
            }
        }
        attempts.sort_by_key(|attempt| std::cmp::Reverse(attempt.payment.started()));
        attempts.truncate(MAX_ATTEMPTS);
        let latest = attempts
            .first()
            .map(|attempt| attempt.payment.imp_uid.clone());
        attempts.sort_by_key(|attempt| settling_order(attempt.screened.ok()));
        Ok(Attempts {
            to_settle: attempts,
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
        let asked = Instant::now();
        let mut verified = Verified::of(Outcome::OrderNotFound);
        let found = self.orders.find(order).await.map_err(VerifyError::Order)?;
        verified.orders = Some(asked.elapsed());
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
        let mut latest = Verdict::Pending;
        for Attempt { payment, screened } in &attempts.to_settle {
            let verdict = match screened {
                Ok(state) => {
                    let (verdict, listed) = self
                        .settle_for(request, payment, *state, &mut verified)
                        .await?;
                    // Told at once: what fails after it must not hide it.
                    if listed == Listed::Opened {
                        log::unmatched(request, payment, verdict);
                    }
                    verdict
                }
                Err(verdict) => *verdict,
            };
            if attempts.latest.as_ref() == Some(&payment.imp_uid) {
                latest = verdict;
            }
        }
        if attempts.some_unreadable {
            let unreadable = GatewayError::Nonsense("an attempt that cannot be read");
            return Err(unreadable.into());
        }
        let found = self.orders.find(order).await.map_err(VerifyError::Order)?;
        verified.orders = verified.orders.map(|first| first + asked.elapsed());
        let Some(found) = found else {
            return Ok(verified);
        };
        match found.recorded() {
            Ok(Some(state)) => verified.outcome = state.into(),
            Ok(None) if attempts.to_settle.is_empty() => {
                verified.outcome = Outcome::PaymentNotFound;
            }
            Ok(None) => verified.conclude(latest),
            Err(why) => verified.refuse(why),
        }
        Ok(verified)
    }
}

/// Those cancelled in full first, so that they give way; then those that hold money; then the rest.
#[must_use]
pub fn settling_order(state: Option<State>) -> u8 {
    match state {
        Some(State::Refunded | State::Voided) => 0,
        Some(State::Paid | State::PartiallyCancelled) => 1,
        Some(State::AccountIssued | State::Failed) | None => 2,
    }
}
