//! The function: its clients, and the one place where an outcome or an error becomes an answer and a log line.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_dynamodb::config::retry::RetryPartition;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use lambda_http::LambdaEvent;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use serde_json::value::RawValue;
use tokio::time::Instant;
use tracing::field::display;
use tracing::{debug, error, info, warn};

use crate::aws::MayPass;
use crate::config::Config;
use crate::customers::Customers;
use crate::exchange::ExchangeError;
use crate::http::{self, Route};
use crate::iamport::{GatewayError, Iamport};
use crate::log::Chain;
use crate::notice::Notices;
use crate::orders::Orders;
use crate::outcome::Outcome;
use crate::secrets::Secrets;
use crate::settle::{Request, SettleError, Settled, Verifier};

/// The longest time to an answer: a shop's page waits for it.
const ANSWER_WITHIN: Duration = Duration::from_millis(9500);
/// Kept back from what Lambda leaves us, to hand over the answer.
const HAND_OVER: Duration = Duration::from_millis(500);
/// Start-up may take so long in all; Lambda gives it 10 s.
const WARM_WITHIN: Duration = Duration::from_secs(5);

/// The function, ready to answer events.
#[derive(Debug)]
pub struct App {
    verifier: Verifier,
}

impl App {
    /// Builds the clients; sends nothing yet. The gateway is reached through `http`, AWS as `aws` says.
    #[must_use]
    pub fn new(config: Config, http: reqwest::Client, aws: &SdkConfig) -> Self {
        // A retry budget for each table: what works on one must not pay for an outage of the other.
        let dynamodb = |table: &str| {
            let config = aws_sdk_dynamodb::config::Builder::from(aws)
                .retry_partition(RetryPartition::custom(table.to_owned()).build())
                .retry_classifier(MayPass::<UpdateItemError>::default())
                .build();
            aws_sdk_dynamodb::Client::from_conf(config)
        };
        let secrets = aws_sdk_secretsmanager::config::Builder::from(aws)
            .retry_classifier(MayPass::<GetSecretValueError>::default())
            .build();
        let secrets = Secrets::new(
            aws_sdk_secretsmanager::Client::from_conf(secrets),
            config.iamport_secret_id.clone(),
        );
        // A text that may have gone out is not sent again at once: a redelivery decides that.
        let sns = aws_sdk_sns::config::Builder::from(aws)
            .retry_config(RetryConfig::disabled())
            .build();
        let sns = config
            .vbank_sms
            .then(|| aws_sdk_sns::Client::from_conf(sns));
        let customers = config
            .customers_table
            .clone()
            .map(|table| Customers::new(dynamodb(&table), table));
        if config.allow_sandbox {
            warn!(
                "ALLOW_SANDBOX is on: payments through test channels count, which is for a test stage only"
            );
        }
        Self {
            verifier: Verifier {
                iamport: Iamport::new(
                    http,
                    &config.iamport_base_url,
                    config.allow_sandbox,
                    secrets,
                ),
                orders: Orders::new(dynamodb(&config.orders_table), config.orders_table.clone()),
                notices: Notices::new(customers, sns),
                config,
            },
        }
    }

    /// Loads the secret and a token ahead of the first request. A failure is logged, and tried again on demand.
    pub async fn warm(&self) {
        let deadline = Instant::now() + WARM_WITHIN;
        let warmed = tokio::time::timeout_at(deadline, self.verifier.iamport.warm(deadline)).await;
        if let Err(error) = warmed.unwrap_or(Err(ExchangeError::TimedOut.into())) {
            warn!(error = %Chain(&error), "started without a token; the first request tries again");
        }
    }

    /// Answers one API Gateway event. Every failure is an answer too, an event that cannot be read among them: the
    /// runtime's own complaint would go to the log and quote from it.
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> ApiGatewayV2httpResponse {
        let started = Instant::now();
        let LambdaEvent { payload, context } = event;
        let Some(event) = http::event(&payload) else {
            let (http_status, outcome, _) = Outcome::BadRequest.answer();
            error!(
                request_id = context.request_id,
                http_status, outcome, "the event is not an HTTP API's, payload format 2.0"
            );
            return http::answer(Outcome::BadRequest, None);
        };
        let route = match http::route(&event) {
            Ok(route) => route,
            Err(outcome) => {
                let (http_status, outcome_name, _) = outcome.answer();
                debug!(http_status, outcome = outcome_name, "no such route");
                return http::answer(outcome, None);
            }
        };
        let ids = match http::payment_ids(&event) {
            Ok(ids) => ids,
            Err(reason) => {
                let (http_status, outcome, _) = Outcome::BadRequest.answer();
                info!(
                    request_id = context.request_id,
                    route = route.name(),
                    http_status,
                    outcome,
                    reason,
                    "the request is malformed"
                );
                return http::answer(Outcome::BadRequest, None);
            }
        };
        let request = Request {
            route,
            ids,
            request_id: &context.request_id,
            deadline: started + ANSWER_WITHIN.min(left(context.deadline)),
        };
        match self.verifier.settle(&request).await {
            Ok(settled) => answer(&request, &settled),
            Err(error) => unavailable(&request, &error, started.elapsed()),
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

fn answer(request: &Request<'_>, settled: &Settled) -> ApiGatewayV2httpResponse {
    let outcome = match request.route {
        // Iamport delivers again after a 5xx, and the notice is given then; the page has what it needs.
        Route::Webhook if settled.notice_error.is_some() => Outcome::Unavailable,
        _ => settled.outcome,
    };
    log(request, settled, outcome);
    let shows_account = request.route == Route::Complete && outcome == Outcome::VbankIssued;
    http::answer(outcome, settled.payment.as_ref().filter(|_| shows_account))
}

/// One line for each settled request: what a person wants to know, in fields that a query can use.
fn log(request: &Request<'_>, settled: &Settled, outcome: Outcome) {
    let (http_status, name, _) = outcome.answer();
    macro_rules! line {
        ($level:ident, $message:literal $(, $field:ident = $value:expr)*) => {
            $level!(
                request_id = request.request_id,
                route = request.route.name(),
                merchant_uid = request.ids.merchant_uid(),
                imp_uid = request.ids.imp_uid(),
                outcome = name,
                http_status,
                reason = settled.reason,
                gateway_ms = milliseconds(settled.gateway),
                orders_ms = settled.orders.map(milliseconds),
                $($field = $value,)*
                $message
            )
        };
    }
    if let Some(error) = &settled.notice_error {
        let error = display(Chain(error));
        line!(
            error,
            "the notice of an account is still due",
            notice = "due",
            error = error
        );
        return;
    }
    match outcome {
        Outcome::Forgery => line!(warn, "refused: not what the order asked for"),
        Outcome::DuplicatePayment => line!(warn, "another attempt to pay this order"),
        Outcome::Misconfigured => line!(error, "the order's row cannot be used"),
        Outcome::OrderNotFound => line!(warn, "the order is not in the table"),
        Outcome::PaymentNotFound => line!(warn, "the gateway knows no such payment"),
        _ => line!(info, "settled"),
    }
}

fn unavailable(
    request: &Request<'_>,
    error: &SettleError,
    taken: Duration,
) -> ApiGatewayV2httpResponse {
    let (http_status, outcome, _) = Outcome::Unavailable.answer();
    let refused = matches!(
        error,
        SettleError::Gateway(GatewayError::CredentialsRefused)
    );
    error!(
        request_id = request.request_id,
        route = request.route.name(),
        merchant_uid = request.ids.merchant_uid(),
        imp_uid = request.ids.imp_uid(),
        outcome,
        http_status,
        reason = refused.then_some("credentialsRefused"),
        error = %Chain(error),
        duration_ms = milliseconds(taken),
        "could not be settled; trying again can help"
    );
    http::answer(Outcome::Unavailable, None)
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
