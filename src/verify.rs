//! The use case behind every door: look up → screen → record → explain → tell.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::aws::CallError;
use crate::clock::now;
use crate::gateway::{GatewayError, Iamport};
use crate::orders::{DueNotice, Orders};
use crate::outcome::Outcome;
use crate::payment::{Payment, PaymentIds};
use crate::state::State;
use crate::unmatched::{Money, Unmatched};
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
    /// Whether it holds money that the list of unmatched payments did not have before.
    pub is_newly_unmatched: bool,
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
    /// What our orders' names begin with; nothing if all are ours.
    pub merchant_uid_prefix: String,
    /// The gateway.
    pub iamport: Iamport,
    /// The orders.
    pub orders: Orders,
    /// The money that no order took.
    pub unmatched: Unmatched,
    /// The customers.
    pub notices: Notices,
}

/// What became of a payment, with all written that follows from it but the notice.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) verdict: Verdict,
    pub(crate) notice: Option<DueNotice>,
    pub(crate) listed: Listed,
}

/// What became of a payment's item in the table of unmatched ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listed {
    /// Nothing: there is none, or nothing new to say.
    Unchanged,
    /// There is money to give back that the list did not have.
    Opened,
    /// The money was given back.
    Refunded,
}

impl Verifier {
    /// Verifies the payment of one request.
    ///
    /// # Errors
    /// Nothing that was written is wrong, and the same request again settles it.
    pub async fn verify(&self, request: &Request<'_>) -> Result<Verified, VerifyError> {
        let mut verified = Verified {
            outcome: unknown(request),
            reason: None,
            payment: None,
            is_newly_unmatched: false,
            notice_error: None,
            gateway: Duration::ZERO,
            orders: None,
        };
        if !self.is_ours(request.ids.merchant_uid()) {
            // Somebody tries the webhook in the console: its order is nobody's.
            if verified.outcome == Outcome::Ignored {
                return Ok(verified);
            }
            verified.outcome = Outcome::OrderNotFound;
            verified.reason = Some("the order's id does not begin with our prefix");
            return Ok(verified);
        }
        let started = Instant::now();
        let look_up_by = request
            .deadline
            .checked_sub(RESERVED_FOR_DYNAMODB)
            .unwrap_or(request.deadline);
        let look_up = self.iamport.payment(request.ids.imp_uid(), look_up_by);
        let found = timeout_at(look_up_by, look_up)
            .await
            .map_err(|_| VerifyError::Deadline)??;
        verified.gateway = started.elapsed();
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
        verified.is_newly_unmatched = settled.listed == Listed::Opened;
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
    pub(crate) async fn settle(
        &self,
        payment: &Payment,
        state: State,
        holder: &str,
    ) -> Result<Settled, VerifyError> {
        let recorded = self.orders.record(payment, state, holder).await;
        let recorded = recorded.map_err(VerifyError::Orders)?;
        let verdict = recorded.verdict;
        let listed = match Money::of(payment, state, verdict) {
            Money::Recorded | Money::None => Ok(Listed::Unchanged),
            Money::GivenBack => {
                let refunded = self.unmatched.refunded(payment, now()).await;
                refunded.map(|was_open| {
                    if was_open {
                        Listed::Refunded
                    } else {
                        Listed::Unchanged
                    }
                })
            }
            Money::Unmatched(reason) => {
                let opened = self.unmatched.note(payment, reason, now()).await;
                opened.map(|opened| {
                    if opened {
                        Listed::Opened
                    } else {
                        Listed::Unchanged
                    }
                })
            }
        };
        Ok(Settled {
            verdict,
            notice: recorded.notice,
            listed: listed.map_err(VerifyError::Unmatched)?,
        })
    }

    /// Whether an order of this name is ours to look for.
    #[must_use]
    pub fn is_ours(&self, merchant_uid: &str) -> bool {
        merchant_uid.starts_with(&self.merchant_uid_prefix)
    }
}

/// The gateway knows no such payment; only its console's test button may ask for one.
fn unknown(request: &Request<'_>) -> Outcome {
    if request.caller == Caller::Webhook && request.ids.imp_uid() == CONSOLE_TEST {
        Outcome::Ignored
    } else {
        Outcome::PaymentNotFound
    }
}
