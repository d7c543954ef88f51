//! The function: its parts, put together once, and an event's way through them to an answer and one log line.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::SdkConfig;
use lambda_http::LambdaEvent;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use serde_json::value::RawValue;
use tokio::time::Instant;
use tracing::warn;

use crate::api::{self, Route};
use crate::config::Config;
use crate::customers::Customers;
use crate::dynamodb::Table;
use crate::gateway::Iamport;
use crate::gateway::credentials::Secret;
use crate::log::{self, Chain};
use crate::orders::Orders;
use crate::outcome::Outcome;
use crate::unmatched::Unmatched;
use crate::vbank_notice::Notices;
use crate::verify::{Caller, Request, Verifier};

/// Start-up may take so long in all; then the function starts without a token.
const WARM_WITHIN: Duration = Duration::from_secs(2);
/// The longest time to an answer: with a start-up before it, still less than 10 s from the event.
const ANSWER_WITHIN: Duration = Duration::from_millis(7500);
/// Kept back from what Lambda leaves us, to hand over the answer.
const HAND_OVER: Duration = Duration::from_millis(500);

/// The function, ready to answer events.
#[derive(Debug)]
pub struct App {
    verifier: Verifier,
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
            verifier: Verifier {
                allow_sandbox: config.allow_sandbox,
                billing_issue_charges: config.billing_issue_charges,
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

    /// Answers one API Gateway event. Every failure is an answer too, an event that cannot be read among them: the
    /// runtime's own complaint would go to the log and quote from it.
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> ApiGatewayV2httpResponse {
        let started = Instant::now();
        let LambdaEvent { payload, context } = event;
        let request_id = context.request_id.as_str();
        let Some(event) = api::event(&payload) else {
            log::unreadable(request_id);
            return api::answer(Outcome::BadRequest, None);
        };
        let route = match api::route(&event) {
            Ok(route) => route,
            Err(outcome) => {
                log::no_route(outcome);
                return api::answer(outcome, None);
            }
        };
        let ids = match api::payment_ids(&event) {
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
            deadline: started + ANSWER_WITHIN.min(left(context.deadline)),
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

/// What Lambda leaves this invocation, by its deadline in UNIX ms; without one, as much as we like.
fn left(deadline_ms: u64) -> Duration {
    if deadline_ms == 0 {
        return ANSWER_WITHIN;
    }
    let deadline = UNIX_EPOCH + Duration::from_millis(deadline_ms);
    deadline
        .duration_since(SystemTime::now())
        .unwrap_or_default()
        .saturating_sub(HAND_OVER)
}
