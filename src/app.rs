//! The function: its parts, put together once, and an event's way through them to an answer and one log line.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::SdkConfig;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_http::{Context, LambdaEvent};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::time::Instant;
use tracing::warn;

use crate::api::{self, Route};
use crate::config::Config;
use crate::customers::Customers;
use crate::decimal::Decimal;
use crate::dynamodb::Table;
use crate::gateway::Iamport;
use crate::gateway::credentials::Secret;
use crate::log::{self, Chain};
use crate::orders::Orders;
use crate::outcome::Outcome;
use crate::refund::Refunds;
use crate::sweep::{self, Summary, Sweep, SweepError, Window};
use crate::unmatched::Unmatched;
use crate::vbank_notice::Notices;
use crate::verify::{Caller, Request, Verifier};

/// Start-up may take so long in all; then the function starts without a token.
const WARM_WITHIN: Duration = Duration::from_secs(2);
/// The longest time to an answer: with a start-up before it, still less than 10 s from the event.
const ANSWER_WITHIN: Duration = Duration::from_millis(7500);
/// The longest time that a sweep takes where Lambda does not say.
const SWEEP_WITHIN: Duration = Duration::from_mins(1);
/// Kept back from what Lambda leaves us, to hand over the answer.
const HAND_OVER: Duration = Duration::from_millis(500);

/// The function, ready to answer events.
#[derive(Debug)]
pub struct App {
    verifier: Verifier,
    refund_duplicates_max: Option<Decimal>,
}

/// What an event comes to.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Response {
    /// The answer to an HTTP request.
    Http(Box<ApiGatewayV2httpResponse>),
    /// What a sweep did.
    Sweep(Summary),
}

impl App {
    /// Builds the clients; sends nothing yet. The gateway is reached through `http`, AWS as `aws` says.
    #[must_use]
    pub fn new(config: Config, http: reqwest::Client, aws: &SdkConfig) -> Self {
        if config.allow_sandbox {
            warn!(
                "ALLOW_SANDBOX is on: payments through test channels count, which is for a test stage only"
            );
        }
        let dynamodb = aws_sdk_dynamodb::Client::new(aws);
        let table = |name: String| Table::new(dynamodb.clone(), name);
        let secret = Secret::new(
            aws_sdk_secretsmanager::Client::new(aws),
            config.iamport_secret_id,
        );
        let sns = config.vbank_sms.then(|| aws_sdk_sns::Client::new(aws));
        let customers = config.customers_table.map(table).map(Customers::new);
        Self {
            refund_duplicates_max: config.refund_duplicates_max,
            verifier: Verifier {
                allow_sandbox: config.allow_sandbox,
                billing_issue_charges: config.billing_issue_charges,
                merchant_uid_prefix: config.merchant_uid_prefix,
                iamport: Iamport::new(http, &config.iamport_base_url, config.allow_sandbox, secret),
                orders: Orders::new(table(config.orders_table)),
                unmatched: Unmatched::new(table(config.unmatched_table)),
                notices: Notices::new(customers, sns),
            },
        }
    }

    /// Loads the secret and a token ahead of the first request. A failure is logged, and tried again on demand.
    pub async fn warm(&self) {
        let deadline = Instant::now() + WARM_WITHIN;
        match tokio::time::timeout_at(deadline, self.verifier.iamport.warm(deadline)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => log::cold(&Chain(&error)),
            Err(_) => log::cold(&"no answer in time"),
        }
    }

    /// Takes one event: API Gateway's, or a sweep's. Whatever goes wrong with a request is an answer too, an event that
    /// cannot be read among them: the runtime's own complaint would go to the log and quote from it.
    ///
    /// # Errors
    /// A sweep that could not be begun or finished: there is nobody to answer, so the invocation fails.
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> Result<Response, SweepError> {
        let started = Instant::now();
        let LambdaEvent { payload, context } = event;
        let request_id = context.request_id.as_str();
        let answer = if let Some(event) = api::event(&payload) {
            self.answer(&event, &context, started).await
        } else if let Some(window) = sweep::read(&payload) {
            let deadline = started + left(context.deadline).unwrap_or(SWEEP_WITHIN);
            let swept = self.sweep(window?, request_id, deadline).await?;
            return Ok(Response::Sweep(swept));
        } else {
            log::unreadable(request_id);
            api::answer(Outcome::BadRequest, None)
        };
        Ok(Response::Http(answer.into()))
    }

    async fn sweep(
        &self,
        window: Window,
        request_id: &str,
        deadline: Instant,
    ) -> Result<Summary, SweepError> {
        let mut sweep = Sweep::new(&self.verifier, request_id, deadline);
        let still_open = sweep.settle(window).await;
        if let Some(max) = self.refund_duplicates_max {
            Refunds::new(&mut sweep, max).run(still_open).await;
        }
        sweep.finish().await
    }

    async fn answer(
        &self,
        event: &ApiGatewayV2httpRequest,
        context: &Context,
        started: Instant,
    ) -> ApiGatewayV2httpResponse {
        let request_id = context.request_id.as_str();
        let route = match api::route(event) {
            Ok(route) => route,
            Err(outcome) => {
                log::no_route(outcome);
                return api::answer(outcome, None);
            }
        };
        let ids = match api::payment_ids(event) {
            Ok(ids) => ids,
            Err(reason) => {
                log::malformed(request_id, route.name(), reason);
                return api::answer(Outcome::BadRequest, None);
            }
        };
        let request = Request {
            caller: match route {
                Route::Complete => Caller::Page,
                Route::Webhook => Caller::Webhook,
            },
            ids,
            request_id,
            deadline: started
                + left(context.deadline).map_or(ANSWER_WITHIN, |left| left.min(ANSWER_WITHIN)),
        };
        match self.verifier.verify(&request).await {
            Ok(verified) => {
                log::verified(route.name(), &request, &verified);
                let shows_account =
                    request.caller == Caller::Page && verified.outcome == Outcome::VbankIssued;
                let account = verified.payment.as_ref().filter(|_| shows_account);
                api::answer(verified.outcome, account)
            }
            Err(error) => {
                log::unavailable(route.name(), &request, &error, started.elapsed());
                api::answer(Outcome::Unavailable, None)
            }
        }
    }
}

/// What Lambda leaves this invocation, by its deadline in UNIX ms; nothing if it did not say.
fn left(deadline_ms: u64) -> Option<Duration> {
    let deadline = UNIX_EPOCH + Duration::from_millis(deadline_ms);
    let left = deadline
        .duration_since(SystemTime::now())
        .unwrap_or_default();
    (deadline_ms > 0).then(|| left.saturating_sub(HAND_OVER))
}
