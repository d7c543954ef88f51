//! The use case behind every door: look up → screen → record → explain → tell.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::aws::CallError;
use crate::clock::now;
use crate::decimal::Decimal;
use crate::gateway::{GatewayError, Iamport};
use crate::orders::{DueNotice, NotPayable, Order, Orders};
use crate::outcome::Outcome;
use crate::payment::{MerchantUid, Payment, PaymentIds};
use crate::state::State;
use crate::unmatched::{Money, Unmatched};
use crate::vbank_notice::{NoticeError, Notices};
use crate::verdict::Verdict;

/// What Iamport's console sends when its owner tries the webhook (WH).
const CONSOLE_TEST: &str = "imp_1234567890";
/// Kept from a notice, to answer with what is recorded.
const FOR_THE_ANSWER: Duration = Duration::from_millis(50);
/// The gateway may use up the deadline but for this, which is DynamoDB's.
const RESERVED_FOR_DYNAMODB: Duration = Duration::from_secs(2);

/// Who names a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// The shop's page, or a browser on its way back to it: a customer waits for the answer.
    Page,
    /// Iamport: it delivers again after a 5xx.
    Webhook,
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// What became of this payment.
    Payment(PaymentIds),
    /// What became of this order, by whichever payment.
    Order(MerchantUid),
    /// That the payment window of this order takes its amount only.
    Prepare(MerchantUid),
    /// Whether this attempt, of this amount, should be approved.
    Confirm(PaymentIds, Decimal),
}

impl Asked {
    /// The order that it is about.
    #[must_use]
    pub fn order(&self) -> &MerchantUid {
        match self {
            Self::Payment(ids) | Self::Confirm(ids, _) => ids.order(),
            Self::Order(order) | Self::Prepare(order) => order,
        }
    }

    /// The payment, if one is named.
    #[must_use]
    pub fn imp_uid(&self) -> Option<&str> {
        match self {
            Self::Payment(ids) | Self::Confirm(ids, _) => Some(ids.imp_uid()),
            Self::Order(_) | Self::Prepare(_) => None,
        }
    }
}

/// One request: who asks for what, and until when.
#[derive(Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub caller: Caller,
    /// For what.
    pub asked: Asked,
    /// Lambda's id of this invocation.
    pub request_id: &'a str,
    /// When the answer has to be given.
    pub deadline: Instant,
}

impl Request<'_> {
    /// When the gateway has to have told of payments: DynamoDB needs time, too.
    pub(crate) fn look_up_by(&self) -> Instant {
        self.deadline
            .checked_sub(RESERVED_FOR_DYNAMODB)
            .unwrap_or(self.deadline)
    }
}

/// What a request came to.
#[derive(Debug)]
pub struct Verified {
    /// The answer.
    pub outcome: Outcome,
    /// What an operator should know beyond the outcome.
    pub reason: Option<&'static str>,
    /// The payment that was named, if its order decided about it.
    pub payment: Option<Payment>,
    /// Whether the payment that was named holds money that the list of unmatched payments did not have before.
    pub is_newly_unmatched: bool,
    /// Why the notice of an account could not be given.
    pub notice_error: Option<NoticeError>,
    /// How long the gateway took, token and secret included, if it was asked.
    pub gateway: Option<Duration>,
    /// How long DynamoDB took, if it was asked.
    pub orders: Option<Duration>,
}

impl Verified {
    /// So far, nothing but this.
    pub(crate) fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            reason: None,
            payment: None,
            is_newly_unmatched: false,
            notice_error: None,
            gateway: None,
            orders: None,
        }
    }

    /// It comes to this verdict.
    pub(crate) fn conclude(&mut self, verdict: Verdict) {
        self.outcome = verdict.into();
        self.reason = verdict.reason();
    }

    /// The order says no.
    pub(crate) fn refuse(&mut self, why: NotPayable) {
        self.outcome = why.into();
        self.reason = match why {
            NotPayable::Misconfigured(attribute) => Some(attribute),
            NotPayable::Paid | NotPayable::Closed => None,
        };
    }
}

/// Something stopped us; trying again can help.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The gateway, or the secret for it.
    #[error("the payment could not be looked up")]
    Gateway(#[from] GatewayError),
    /// The gateway, or the secret for it.
    #[error("the order's amount could not be registered")]
    Prepare(#[source] GatewayError),
    /// DynamoDB.
    #[error("DynamoDB did not take the order's update")]
    Orders(#[source] CallError),
    /// DynamoDB.
    #[error("DynamoDB did not give the order")]
    Order(#[source] CallError),
    /// DynamoDB, for money that no order took.
    #[error("DynamoDB did not take the unmatched payment")]
    Unmatched(#[source] CallError),
    /// Somebody put another order in its place, with nothing recorded on it.
    #[error("the order was replaced meanwhile")]
    Replaced,
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
    /// Answers one request.
    ///
    /// # Errors
    /// Nothing that was written is wrong, and the same request again settles it.
    pub async fn answer(&self, request: &Request<'_>) -> Result<Verified, VerifyError> {
        if !self.is_ours(request.asked.order().as_str()) {
            let outcome = match &request.asked {
                // Somebody tries the webhook in the console: its order is nobody's.
                Asked::Payment(ids) if is_console_test(request, ids) => Outcome::Ignored,
                _ => Outcome::OrderNotFound,
            };
            let mut verified = Verified::of(outcome);
            verified.reason = (outcome == Outcome::OrderNotFound)
                .then_some("the order's id does not begin with our prefix");
            return Ok(verified);
        }
        let answer = async {
            match &request.asked {
                Asked::Payment(ids) => self.verify(request, ids).await,
                Asked::Order(order) => self.verify_order(request, order).await,
                Asked::Prepare(order) => self.prepare(request, order).await,
                Asked::Confirm(ids, amount) => self.confirm(ids, *amount).await,
            }
        };
        timeout_at(request.deadline, answer)
            .await
            .unwrap_or(Err(VerifyError::Deadline))
    }

    /// Looks the payment up, and settles it.
    async fn verify(
        &self,
        request: &Request<'_>,
        ids: &PaymentIds,
    ) -> Result<Verified, VerifyError> {
        let asked = Instant::now();
        let look_up_by = request.look_up_by();
        let look_up = self.iamport.payment(ids.imp_uid(), look_up_by);
        let found = timeout_at(look_up_by, look_up)
            .await
            .map_err(|_| VerifyError::Deadline)??;
        let mut verified = Verified::of(if is_console_test(request, ids) {
            Outcome::Ignored
        } else {
            Outcome::PaymentNotFound
        });
        verified.gateway = Some(asked.elapsed());
        let Some(payment) = found else {
            return Ok(verified);
        };
        let screened = payment.screen(ids, self.allow_sandbox, &self.billing_issue_charges);
        let state = match screened {
            Ok(state) => state,
            Err(verdict) => {
                verified.conclude(verdict);
                return Ok(verified);
            }
        };
        let asked = Instant::now();
        let settled = self.settle(&payment, state, request.request_id).await?;
        verified.orders = Some(asked.elapsed());
        verified.is_newly_unmatched = settled.listed == Listed::Opened;
        verified.conclude(settled.verdict);
        if let Some(notice) = settled.notice {
            self.tell(request, &payment, notice, &mut verified).await;
        }
        // Iamport delivers again after a 5xx, and the notice is given then; the page has what it needs.
        if request.caller == Caller::Webhook && verified.notice_error.is_some() {
            verified.outcome = Outcome::Unavailable;
        }
        verified.payment = Some(payment);
        Ok(verified)
    }

    /// The order as it is now; how long it took is added up.
    pub(crate) async fn order(
        &self,
        order: &MerchantUid,
        verified: &mut Verified,
    ) -> Result<Option<Order>, VerifyError> {
        let asked = Instant::now();
        let found = self.orders.find(order).await;
        *verified.orders.get_or_insert_default() += asked.elapsed();
        found.map_err(VerifyError::Order)
    }

    /// Tells the customer of an account; that this failed is told by `verified`.
    pub(crate) async fn tell(
        &self,
        request: &Request<'_>,
        payment: &Payment,
        notice: DueNotice,
        verified: &mut Verified,
    ) {
        let give = self
            .notices
            .give(&self.orders, notice, payment, request.request_id);
        // A little before the answer is due: what is recorded is an answer without the notice, too.
        let given = timeout_at(request.deadline - FOR_THE_ANSWER, give)
            .await
            .unwrap_or(Err(NoticeError::Deadline));
        if let Err(error) = given {
            verified.notice_error = Some(error);
        }
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

/// The gateway knows no such payment, and only its console's test button may ask for it.
fn is_console_test(request: &Request<'_>, ids: &PaymentIds) -> bool {
    request.caller == Caller::Webhook && ids.imp_uid() == CONSOLE_TEST
}
