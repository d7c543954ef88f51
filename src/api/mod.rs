//! API Gateway events in, answers out. Nothing here waits or decides about money.

mod answer;
mod asked;
mod fields;

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_http::http::Method;
use serde_json::value::RawValue;

pub use self::answer::{answer, confirmation, redirection};
pub use self::asked::asked;

use crate::outcome::Outcome;

/// The routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// `POST /payments/complete`: the shop's page, after the payment window.
    Complete,
    /// `POST /payments/webhook`: Iamport.
    Webhook,
    /// `GET /payments/redirect`: the customer's browser, sent by the payment window.
    Redirect,
    /// `POST /payments/prepare`: the shop, before the payment window.
    Prepare,
    /// `POST /payments/confirm`: Iamport, right before it approves.
    Confirm,
}

impl Route {
    /// The route's name in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Webhook => "webhook",
            Self::Redirect => "redirect",
            Self::Prepare => "prepare",
            Self::Confirm => "confirm",
        }
    }
}

/// The event as API Gateway's HTTP API sends it (payload format 2.0); `None` if it is anything else.
#[must_use]
pub fn event(payload: &RawValue) -> Option<ApiGatewayV2httpRequest> {
    serde_json::from_str(payload.get()).ok()
}

/// Which door the event came to.
///
/// # Errors
/// `NotFound` or `MethodNotAllowed`.
pub fn route(event: &ApiGatewayV2httpRequest) -> Result<Route, Outcome> {
    let route = match event.raw_path.as_deref() {
        Some("/payments/complete") => Route::Complete,
        Some("/payments/webhook") => Route::Webhook,
        Some("/payments/redirect") => Route::Redirect,
        Some("/payments/prepare") => Route::Prepare,
        Some("/payments/confirm") => Route::Confirm,
        _ => return Err(Outcome::NotFound),
    };
    let method = &event.request_context.http.method;
    match route {
        Route::Redirect if method == Method::GET => Ok(route),
        Route::Redirect => Err(Outcome::MethodNotAllowed("GET")),
        _ if method == Method::POST => Ok(route),
        _ => Err(Outcome::MethodNotAllowed("POST")),
    }
}
