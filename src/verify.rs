//! The use case behind every door: look up → screen → record → explain → tell.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::{Instant, timeout_at};

use crate::aws::CallError;
use crate::gateway::{GatewayError, Iamport};
use crate::orders::{DueNotice, Orders};
use crate::outcome::Outcome;
use crate::payment::{Payment, PaymentIds};
use crate::state::State;
use crate::unmatched::{Reason, Unmatched};
use crate::vbank_notice::{NoticeError, Notices};
use crate::verdict::Verdict;

/// What Iamport's console sends when its owner tries the webhook (WH).
const CONSOLE_TEST: &str = "imp_1234567890";
/// The gateway may use up the deadline but for this, which is DynamoDB's.
const RESERVED_FOR_DYNAMODB: Duration = Duration::from_secs(2);

/// Who names a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// The shop's page: a customer waits for the answer.
    Page,
    /// Iamport: it delivers again after a 5xx.
    Webhook,
}

/// One request: who asks for what, and until when.
#[derive(Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub caller: Caller,
    /// The ids the caller named.
    pub ids: PaymentIds,
    /// Lambda's id of this invocation.
    pub request_id: &'a str,
    /// When the answer has to be given.
    pub deadline: Instant,
}

/// What a request came to.
#[derive(Debug)]
pub struct Verified {
    /// The answer.
    pub outcome: Outcome,
    /// What an operator should know beyond the outcome.
    pub reason: Option<&'static str>,
    /// The payment that the order decided about.
    pub payment: Option<Payment>,
    /// Why the notice of its account could not be given.
    pub notice_error: Option<NoticeError>,
    /// How long the gateway took, token and secret included.
    pub gateway: Duration,
    /// How long DynamoDB took, if it was asked.
    pub orders: Option<Duration>,
}

/// Something stopped us; trying again can help.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The gateway, or the secret for it.
    #[error("the payment could not be looked up")]
    Gateway(#[from] GatewayError),
    /// DynamoDB.
    #[error("DynamoDB did not take the order's update")]
    Orders(#[source] CallError),
    /// DynamoDB, for money that no order took.
    #[error("DynamoDB did not take the unmatched payment")]
    Unmatched(#[source] CallError),
    /// The time that was left.
    #[error("the time for an answer ran out")]
    Deadline,
}

/// Finds out the truth about a payment and writes it down.
#[derive(Debug)]
pub struct Verifier {
    /// Payments through test channels count.
    pub allow_sandbox: bool,
    /// The providers whose card registration really charges.
    pub billing_issue_charges: Vec<String>,
    /// The gateway.
    pub iamport: Iamport,
    /// The orders.
    pub orders: Orders,
    /// The money that no order took.
    pub unmatched: Unmatched,
    /// The customers.
    pub notices: Notices,
}

/// What an order made of a payment, with everything written that follows from it but the notice.
struct Settled {
    verdict: Verdict,
    notice: Option<DueNotice>,
}

impl Verifier {
    /// Verifies the payment of one request.
    ///
    /// # Errors
    /// Nothing that was written is wrong, and the same request again settles it.
    pub async fn verify(&self, request: &Request<'_>) -> Result<Verified, VerifyError> {
        let started = Instant::now();
        let look_up_by = request
            .deadline
            .checked_sub(RESERVED_FOR_DYNAMODB)
            .unwrap_or(request.deadline);
        let look_up = self.iamport.payment(request.ids.imp_uid(), look_up_by);
        let found = timeout_at(look_up_by, look_up)
            .await
            .map_err(|_| VerifyError::Deadline)??;
        let mut verified = Verified {
            outcome: unknown(request),
            reason: None,
            payment: None,
            notice_error: None,
            gateway: started.elapsed(),
            orders: None,
        };
        let Some(payment) = found else {
            return Ok(verified);
        };
        let screened = payment.screen(
            &request.ids,
            self.allow_sandbox,
            &self.billing_issue_charges,
        );
        let state = match screened {
            Ok(state) => state,
            Err(verdict) => {
                verified.outcome = verdict.into();
                verified.reason = verdict.reason();
                return Ok(verified);
            }
        };
        let asked = Instant::now();
        let settle = self.settle(&payment, state, request.request_id);
        let settled = timeout_at(request.deadline, settle)
            .await
            .map_err(|_| VerifyError::Deadline)??;
        verified.orders = Some(asked.elapsed());
        verified.outcome = settled.verdict.into();
        verified.reason = settled.verdict.reason();
        if let Some(notice) = settled.notice {
            let give = self
                .notices
                .give(&self.orders, notice, &payment, request.request_id);
            let given = timeout_at(request.deadline, give)
                .await
                .unwrap_or(Err(NoticeError::Deadline));
            verified.notice_error = given.err();
        }
        // Iamport delivers again after a 5xx, and the notice is given then; the page has what it needs.
        if request.caller == Caller::Webhook && verified.notice_error.is_some() {
            verified.outcome = Outcome::Unavailable;
        }
        verified.payment = Some(payment);
        Ok(verified)
    }

    /// Writes a payment where it belongs: on its order, or on the list of those that no order took.
    async fn settle(
        &self,
        payment: &Payment,
        state: State,
        holder: &str,
    ) -> Result<Settled, VerifyError> {
        let recorded = self.orders.record(payment, state, holder).await;
        let recorded = recorded.map_err(VerifyError::Orders)?;
        let verdict = recorded.verdict;
        match verdict {
            Verdict::Written(_) | Verdict::Known(_) => {}
            _ if state.is_cancelled_in_full() => {
                let refunded = self.unmatched.refunded(payment, now()).await;
                refunded.map_err(VerifyError::Unmatched)?;
            }
            _ => {
                if let Some(reason) = Reason::of(verdict).filter(|_| payment.holds_money()) {
                    let noted = self.unmatched.note(payment, reason, now()).await;
                    noted.map_err(VerifyError::Unmatched)?;
                }
            }
        }
        Ok(Settled {
            verdict,
            notice: recorded.notice,
        })
    }
}

/// UNIX seconds by our clock.
fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs().cast_signed())
}

/// The gateway knows no such payment; only its console's test button may ask for one.
fn unknown(request: &Request<'_>) -> Outcome {
    if request.caller == Caller::Webhook && request.ids.imp_uid() == CONSOLE_TEST {
        Outcome::Ignored
    } else {
        Outcome::PaymentNotFound
    }
}
