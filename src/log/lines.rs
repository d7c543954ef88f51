//! The lines themselves: what a person wants to know, in fields that a query can use. Never a body, never a person's data.

use std::fmt::Display;
use std::time::Duration;

use tracing::field::display;
use tracing::{debug, error, info, warn};

use super::chain::Chain;
use crate::api::Route;
use crate::gateway::GatewayError;
use crate::outcome::Outcome;
use crate::payment::{MerchantUid, Payment};
use crate::verdict::Verdict;
use crate::verify::{Asked, Request, Verified, VerifyError};

/// The route of what came to none.
const NONE: &str = "none";

/// The function started.
pub fn started() {
    info!(
        version = env!("CARGO_PKG_VERSION"),
        commit = option_env!("GIT_COMMIT").unwrap_or("unknown"),
        "started"
    );
}

/// The function started without a token.
pub fn cold(error: &dyn Display) {
    warn!(error = %error, "started without a token; the first request tries again");
}

/// An event that no HTTP API sent.
pub fn unreadable(request_id: &str) {
    error!(
        request_id,
        route = NONE,
        http_status = Outcome::BadRequest.http_status(),
        outcome = Outcome::BadRequest.name(),
        "the event is not an HTTP API's, payload format 2.0"
    );
}

/// A path or method that does not exist: only for who looks closely, since anybody can cause it.
pub fn no_route(outcome: Outcome) {
    debug!(
        route = NONE,
        http_status = outcome.http_status(),
        outcome = outcome.name(),
        "no such route"
    );
}

/// A body without well-formed ids.
pub fn malformed(request_id: &str, route: Route, reason: &str) {
    macro_rules! line {
        ($level:ident) => {
            $level!(
                request_id,
                route = route.name(),
                http_status = Outcome::BadRequest.http_status(),
                outcome = Outcome::BadRequest.name(),
                reason,
                "the request is malformed"
            )
        };
    }
    // Iamport sends none of these; if it does, every payment of the shop's is among them.
    if route == Route::Webhook {
        line!(warn);
    } else {
        line!(info);
    }
}

/// One line for each verified request.
pub fn verified(route: Route, request: &Request<'_>, verified: &Verified) {
    let outcome = verified.outcome;
    macro_rules! line {
        ($level:ident, $message:literal $(, $field:ident = $value:expr)*) => {
            $level!(
                request_id = request.request_id,
                route = route.name(),
                merchant_uid = request.asked.order().as_str(),
                imp_uid = request.asked.imp_uid(),
                outcome = outcome.name(),
                http_status = outcome.http_status(),
                reason = verified.reason,
                gateway_ms = verified.gateway.map(milliseconds),
                orders_ms = verified.orders.map(milliseconds),
                unmatched = verified.is_newly_unmatched.then_some("opened"),
                $($field = $value,)*
                $message
            )
        };
    }
    if let Some(error) = &verified.notice_error {
        let error = display(Chain(error));
        line!(
            error,
            "the notice of an account is still due",
            notice = "due",
            error = error
        );
        return;
    }
    // Before there is a payment, a refusal is how things should be.
    if matches!(request.asked, Asked::Prepare(_) | Asked::Confirm(..))
        && outcome != Outcome::Misconfigured
    {
        line!(info, "answered");
        return;
    }
    match outcome {
        Outcome::Forgery => line!(warn, "refused: not what the order asked for"),
        Outcome::DuplicatePayment => line!(warn, "another attempt to pay this order"),
        Outcome::Misconfigured => line!(error, "the order's row cannot be used"),
        // Another shop's, which shares the gateway's account with us.
        Outcome::OrderNotFound if verified.orders.is_none() => line!(info, "not one of our orders"),
        // Nobody has paid for it: anybody can ask for one.
        Outcome::OrderNotFound if verified.gateway.is_none() => line!(info, "no such order"),
        Outcome::OrderNotFound => line!(warn, "the order is not in the table"),
        Outcome::PaymentNotFound => line!(warn, "the gateway knows no such payment"),
        _ => line!(info, "settled"),
    }
}

/// Money that no order took, found by a request that names no payment.
pub fn unmatched(request: &Request<'_>, payment: &Payment, verdict: Verdict) {
    warn!(
        request_id = request.request_id,
        route = "order",
        merchant_uid = payment.merchant_uid,
        imp_uid = payment.imp_uid,
        reason = verdict.reason(),
        unmatched = "opened",
        "no order took this payment's money"
    );
}

/// An attempt to pay an order that the gateway lists and that cannot be read.
pub fn unreadable_attempt(order: &MerchantUid, imp_uid: Option<&str>) {
    error!(
        merchant_uid = order.as_str(),
        imp_uid, "an attempt that the gateway lists cannot be read"
    );
}

/// One line for each request that something stopped.
pub fn unavailable(route: Route, request: &Request<'_>, error: &VerifyError, taken: Duration) {
    let refused = matches!(
        error,
        VerifyError::Gateway(GatewayError::CredentialsRefused)
            | VerifyError::Prepare(GatewayError::CredentialsRefused)
    );
    error!(
        request_id = request.request_id,
        route = route.name(),
        merchant_uid = request.asked.order().as_str(),
        imp_uid = request.asked.imp_uid(),
        outcome = Outcome::Unavailable.name(),
        http_status = Outcome::Unavailable.http_status(),
        reason = refused.then_some("credentialsRefused"),
        error = %Chain(error),
        duration_ms = milliseconds(taken),
        "could not be settled; trying again can help"
    );
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
