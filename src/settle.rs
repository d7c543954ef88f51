//! The use case, behind both doors: look up → screen → record → explain → tell.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::aws::CallError;
use crate::config::Config;
use crate::http::Route;
use crate::iamport::{GatewayError, Iamport};
use crate::notice::{NoticeError, Notices};
use crate::orders::{Misplaced, Orders, Write};
use crate::outcome::Outcome;
use crate::payment::{Payment, PaymentIds, Screened, State};
use crate::verdict::{Item, Verdict, explain};

/// What Iamport's console sends when its owner tries the webhook (WH).
const CONSOLE_TEST: &str = "imp_1234567890";
/// The gateway may use up the deadline but for this, which is DynamoDB's.
const RESERVED_FOR_ORDERS: Duration = Duration::from_secs(2);

/// One request: who came by which door to ask for what, and until when.
#[derive(Debug)]
pub struct Request<'a> {
    /// The door.
    pub route: Route,
    /// The ids the caller named.
    pub ids: PaymentIds,
    /// Lambda's id of this invocation.
    pub request_id: &'a str,
    /// When the answer has to be given.
    pub deadline: Instant,
}

/// What a request came to.
#[derive(Debug)]
pub struct Settled {
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
    /// How long the order took, if it was asked.
    pub orders: Option<Duration>,
}

impl Settled {
    fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            reason: None,
            payment: None,
            notice_error: None,
            gateway: Duration::ZERO,
            orders: None,
        }
    }
}

/// Something stopped us; trying again can help.
#[derive(Debug)]
pub enum SettleError {
    /// The gateway, or the secret for it.
    Gateway(GatewayError),
    /// DynamoDB.
    Orders(CallError),
    /// The time that was left.
    Deadline,
}

impl std::fmt::Display for SettleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Gateway(_) => "the payment could not be looked up",
            Self::Orders(_) => "DynamoDB did not take the order's update",
            Self::Deadline => "the time for an answer ran out",
        })
    }
}

impl std::error::Error for SettleError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Gateway(error) => Some(error),
            Self::Orders(error) => Some(error),
            Self::Deadline => None,
        }
    }
}

impl From<GatewayError> for SettleError {
    fn from(error: GatewayError) -> Self {
        Self::Gateway(error)
    }
}

impl From<CallError> for SettleError {
    fn from(error: CallError) -> Self {
        Self::Orders(error)
    }
}

impl From<State> for Outcome {
    fn from(state: State) -> Self {
        match state {
            State::AccountIssued => Self::VbankIssued,
            State::Failed => Self::Failed,
            State::Paid => Self::Success,
            State::PartiallyCancelled => Self::PartiallyCancelled,
            State::Refunded | State::Voided => Self::Cancelled,
        }
    }
}

/// Finds out the truth about a payment and writes it down.
#[derive(Debug)]
pub struct Verifier {
    /// The settings.
    pub config: Config,
    /// The gateway.
    pub iamport: Iamport,
    /// The orders.
    pub orders: Orders,
    /// The customers.
    pub notices: Notices,
}

/// What the order made of a payment.
struct Decision {
    outcome: Outcome,
    reason: Option<&'static str>,
    /// The order's row, where the payment's account may have a notice due.
    item: Option<Item>,
}

impl Decision {
    fn of(outcome: Outcome, reason: Option<&'static str>) -> Self {
        Self {
            outcome,
            reason,
            item: None,
        }
    }
}

impl Verifier {
    /// Settles one request.
    ///
    /// # Errors
    /// Nothing that was written is wrong, and the same request again settles it.
    pub async fn settle(&self, request: &Request<'_>) -> Result<Settled, SettleError> {
        let started = Instant::now();
        let look_up_by = request
            .deadline
            .checked_sub(RESERVED_FOR_ORDERS)
            .unwrap_or(request.deadline);
        let look_up = self.iamport.payment(request.ids.imp_uid(), look_up_by);
        let found = timeout_at(request.deadline, look_up)
            .await
            .map_err(|_| SettleError::Deadline)??;
        let gateway = started.elapsed();
        let Some(payment) = found else {
            return Ok(Settled {
                gateway,
                ..Settled::of(unknown(request))
            });
        };
        let state = match payment.screen(&request.ids, &self.config) {
            Screened::Decide(state) => state,
            Screened::Pending => {
                return Ok(Settled {
                    gateway,
                    ..Settled::of(Outcome::Pending)
                });
            }
            Screened::Forgery(reason) => {
                return Ok(Settled {
                    gateway,
                    reason: Some(reason),
                    ..Settled::of(Outcome::Forgery)
                });
            }
        };
        let asked = Instant::now();
        let decide = self.decide(&payment, state, request.request_id);
        let decision = timeout_at(request.deadline, decide)
            .await
            .map_err(|_| SettleError::Deadline)??;
        let orders = Some(asked.elapsed());
        let notice_error = match decision.item {
            Some(item) => {
                let give =
                    self.notices
                        .give_if_due(&self.orders, item, &payment, request.request_id);
                timeout_at(request.deadline, give)
                    .await
                    .unwrap_or(Err(NoticeError::Deadline))
                    .err()
            }
            None => None,
        };
        Ok(Settled {
            outcome: decision.outcome,
            reason: decision.reason,
            payment: Some(payment),
            notice_error,
            gateway,
            orders,
        })
    }

    async fn decide(
        &self,
        payment: &Payment,
        state: State,
        request_id: &str,
    ) -> Result<Decision, CallError> {
        let item = match self.orders.record(payment, state, request_id).await? {
            Write::Recorded(item) => {
                return Ok(Decision {
                    item,
                    ..Decision::of(state.into(), None)
                });
            }
            Write::Refused(item) => item,
        };
        Ok(match explain(item.as_ref(), payment, state) {
            Verdict::Recorded(recorded) => Decision {
                item,
                ..Decision::of(recorded.into(), None)
            },
            Verdict::Own => Decision::of(state.into(), None),
            Verdict::OrderNotFound => Decision::of(Outcome::OrderNotFound, None),
            Verdict::Misconfigured(attribute) => {
                Decision::of(Outcome::Misconfigured, Some(attribute))
            }
            Verdict::Forgery { noted } => {
                let outcome = self
                    .misplaced(payment, state, noted, Misplaced::Refused)
                    .await?;
                Decision::of(outcome, Some("the money is not what the order asked for"))
            }
            Verdict::Duplicate { noted } => {
                let outcome = self
                    .misplaced(payment, state, noted, Misplaced::Duplicate)
                    .await?;
                Decision::of(outcome, Some("another attempt holds the order's money"))
            }
        })
    }

    /// Notes money that is not the order's, once, while this attempt holds it.
    async fn misplaced(
        &self,
        payment: &Payment,
        state: State,
        noted: bool,
        misplaced: Misplaced,
    ) -> Result<Outcome, CallError> {
        if state.holds_money() && !noted && !self.orders.note(payment, misplaced).await? {
            return Ok(Outcome::OrderNotFound);
        }
        Ok(match misplaced {
            Misplaced::Refused => Outcome::Forgery,
            Misplaced::Duplicate => Outcome::DuplicatePayment,
        })
    }
}

/// The gateway knows no such payment; only its console's test button may ask for one.
fn unknown(request: &Request<'_>) -> Outcome {
    if request.route == Route::Webhook && request.ids.imp_uid() == CONSOLE_TEST {
        Outcome::Ignored
    } else {
        Outcome::PaymentNotFound
    }
}
