//! The function: its parts, put together once, and an event's way through them to an answer and one log line.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::SdkConfig;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_http::{Context, LambdaEvent};
use reqwest::Url;
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
use crate::payment::{MerchantUid, Payment};
use crate::refund::Refunds;
use crate::sweep::{self, Summary, Sweep, SweepError, Window};
use crate::unmatched::Unmatched;
use crate::vbank_notice::Notices;
use crate::verify::{Caller, Request, Verifier};

/// Start-up may take so long in all; then the function starts without a token.
const WARM_WITHIN: Duration = Duration::from_secs(2);
/// The longest time to an answer: with a start-up before it, still less than 10 s from the event.
const ANSWER_WITHIN: Duration = Duration::from_millis(7500);
/// The same for a customer's browser, which shows nothing meanwhile: 5 s from the event, start-up included.
const REDIRECT_WITHIN: Duration = Duration::from_millis(4500);
/// The same for the gateway's question: 4 s from the event, start-up included; it gives up after 5 s (HELP confirm-process).
const CONFIRM_WITHIN: Duration = Duration::from_millis(3500);
/// The longest time that a sweep takes where Lambda does not say.
const SWEEP_WITHIN: Duration = Duration::from_mins(1);
/// Kept back from what Lambda leaves us, to hand over the answer.
const HAND_OVER: Duration = Duration::from_millis(500);

/// The function, ready to answer events.
#[derive(Debug)]
pub struct App {
    verifier: Verifier,
    redirect_url: Option<Url>,
    refund_duplicates_max: Option<Decimal>,
    started_up_in_ms: AtomicU64,
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
            redirect_url: config.redirect_url,
            refund_duplicates_max: config.refund_duplicates_max,
            started_up_in_ms: AtomicU64::default(),
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
        let started = Instant::now();
        let deadline = started + WARM_WITHIN;
        match tokio::time::timeout_at(deadline, self.verifier.iamport.warm(deadline)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => log::cold(&Chain(&error)),
            Err(_) => log::cold(&"no answer in time"),
        }
        let taken = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.started_up_in_ms.store(taken, Ordering::Relaxed);
    }

    /// Takes one event: API Gateway's, or a sweep's. Whatever goes wrong with a request is an answer too, an event that
    /// cannot be read among them: the runtime's own complaint would go to the log and quote from it.
    ///
    /// # Errors
    /// A sweep that could not be begun or finished: there is nobody to answer, so the invocation fails.
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> Result<Response, SweepError> {
        let started = Instant::now();
        // The first event has waited for the start-up.
        let waited = Duration::from_millis(self.started_up_in_ms.swap(0, Ordering::Relaxed));
        let LambdaEvent { payload, context } = event;
        let request_id = context.request_id.as_str();
        let answer = if let Some(event) = api::event(&payload) {
            self.answer(&event, &context, started, waited).await
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
        waited: Duration,
    ) -> ApiGatewayV2httpResponse {
        let request_id = context.request_id.as_str();
        let route = match api::route(event) {
            Ok(Route::Redirect) if self.redirect_url.is_none() => Err(Outcome::NotFound),
            route => route,
        };
        let route = match route {
            Ok(route) => route,
            Err(outcome) => {
                log::no_route(outcome);
                return api::answer(outcome, None);
            }
        };
        let asked = match api::asked(route, event) {
            Ok(asked) => asked,
            Err(reason) => {
                log::malformed(request_id, route, reason);
                return self.respond(route, None, Outcome::BadRequest, None);
            }
        };
        let within = within(route, waited);
        let request = Request {
            caller: match route {
                Route::Webhook => Caller::Webhook,
                _ => Caller::Page,
            },
            asked,
            request_id,
            deadline: started + left(context.deadline).map_or(within, |left| left.min(within)),
        };
        let order = Some(request.asked.order());
        match self.verifier.answer(&request).await {
            Ok(verified) => {
                log::verified(route, &request, &verified);
                let shows_account =
                    route == Route::Complete && verified.outcome == Outcome::VbankIssued;
                let account = verified.payment.as_ref().filter(|_| shows_account);
                self.respond(route, order, verified.outcome, account)
            }
            Err(error) => {
                log::unavailable(route, &request, &error, started.elapsed());
                self.respond(route, order, Outcome::Unavailable, None)
            }
        }
    }

    fn respond(
        &self,
        route: Route,
        order: Option<&MerchantUid>,
        outcome: Outcome,
        account: Option<&Payment>,
    ) -> ApiGatewayV2httpResponse {
        match (route, &self.redirect_url) {
            (Route::Redirect, Some(shop)) => api::redirection(shop, order, outcome),
            (Route::Confirm, _) => api::confirmation(outcome),
            _ => api::answer(outcome, account),
        }
    }
}

/// The longest time to an answer at this door, to an event that has waited so long already.
fn within(route: Route, waited: Duration) -> Duration {
    match route {
        Route::Complete | Route::Webhook | Route::Prepare => ANSWER_WITHIN,
        Route::Redirect => REDIRECT_WITHIN.saturating_sub(waited),
        Route::Confirm => CONFIRM_WITHIN.saturating_sub(waited),
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
