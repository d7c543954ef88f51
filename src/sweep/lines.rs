//! The lines of a sweep: one of its own for what was news or in trouble, and one in the end with what it came to.

use std::error::Error;

use tracing::{error, info, warn};

use super::summary::Summary;
use crate::log::Chain;
use crate::payment::{Payment, PaymentIds};
use crate::state::State;
use crate::verdict::Verdict;

const ROUTE: &str = "sweep";

/// What a sweep came to. Without failures it covered its window.
pub(crate) fn finished(summary: &Summary, failures: u64) {
    macro_rules! line {
        ($level:ident, $message:literal) => {
            $level!(
                route = ROUTE,
                finished = failures == 0,
                failures,
                listed = summary.listed,
                repaired_ready = summary.repaired.ready,
                repaired_paid = summary.repaired.paid,
                repaired_cancelled = summary.repaired.cancelled,
                newly_unmatched = summary.unmatched,
                resolved = summary.resolved,
                refunded = summary.refunded,
                open = summary.open,
                $message
            )
        };
    }
    if failures == 0 {
        line!(info, "swept");
    } else {
        line!(error, "the sweep is not finished; the next one begins anew");
    }
}

/// A payment was news to its order: nobody had told of it.
pub(crate) fn repaired(payment: &Payment, state: State) {
    info!(
        route = ROUTE,
        merchant_uid = payment.merchant_uid,
        imp_uid = payment.imp_uid,
        repaired = state.status(),
        "recorded what nobody had told"
    );
}

/// Money that no order took, and that the list did not have.
pub(crate) fn unmatched(payment: &Payment, verdict: Verdict) {
    warn!(
        route = ROUTE,
        merchant_uid = payment.merchant_uid,
        imp_uid = payment.imp_uid,
        reason = verdict.reason(),
        unmatched = "opened",
        "no order took this payment's money"
    );
}

/// An order's row that cannot be used.
pub(crate) fn refused(payment: &Payment, verdict: Verdict) {
    error!(
        route = ROUTE,
        merchant_uid = payment.merchant_uid,
        imp_uid = payment.imp_uid,
        reason = verdict.reason(),
        "the order's row cannot be used"
    );
}

/// An item that is open no more.
pub(crate) fn resolved(merchant_uid: &str, imp_uid: &str, state: &str) {
    info!(
        route = ROUTE,
        merchant_uid,
        imp_uid,
        unmatched = state,
        "an unmatched payment is settled"
    );
}

/// An open item about which a look-up tells nothing.
pub(crate) fn unexplained(ids: &PaymentIds, reason: &str) {
    warn!(
        route = ROUTE,
        merchant_uid = ids.merchant_uid(),
        imp_uid = ids.imp_uid(),
        reason,
        "an unmatched payment stays open"
    );
}

/// The gateway is about to be asked for a refund.
pub(crate) fn asking(ids: &PaymentIds, refund_asks: i64) {
    warn!(
        route = ROUTE,
        merchant_uid = ids.merchant_uid(),
        imp_uid = ids.imp_uid(),
        refund_asks,
        "asking for the refund of a duplicate"
    );
}

/// The gateway does not give a duplicate back: a person has to.
pub(crate) fn refund_refused(ids: &PaymentIds) {
    warn!(
        route = ROUTE,
        merchant_uid = ids.merchant_uid(),
        imp_uid = ids.imp_uid(),
        refund = "refused",
        "the gateway refuses the refund of a duplicate: a person should look"
    );
}

/// An entry of a list that cannot be read.
pub(crate) fn unreadable(imp_uid: Option<&str>) {
    warn!(
        route = ROUTE,
        imp_uid, "an entry of the gateway's list cannot be read"
    );
}

/// Something was left.
pub(crate) fn failed(
    error: &(dyn Error + 'static),
    merchant_uid: Option<&str>,
    imp_uid: Option<&str>,
) {
    error!(
        route = ROUTE,
        merchant_uid,
        imp_uid,
        error = %Chain(error),
        "left for the next sweep"
    );
}
