//! The facts of a payment that its order keeps (`payment` M), and nothing else: no person's data.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::decimal::Decimal;
use crate::payment::{Cancellation, Payment, Promotion};

/// A map that leaves out what the gateway did not say.
#[derive(Default)]
struct Facts(HashMap<String, AttributeValue>);

impl Facts {
    fn text(self, name: &str, text: Option<&String>) -> Self {
        self.with(name, text.cloned().map(AttributeValue::S))
    }

    fn number(self, name: &str, number: Option<i64>) -> Self {
        self.with(
            name,
            number.map(|number| AttributeValue::N(number.to_string())),
        )
    }

    fn money(self, name: &str, money: Option<Decimal>) -> Self {
        self.with(
            name,
            money.map(|money| AttributeValue::N(money.to_string())),
        )
    }

    fn with(mut self, name: &str, value: Option<AttributeValue>) -> Self {
        self.0.extend(value.map(|value| (name.to_owned(), value)));
        self
    }
}

/// The facts of one payment.
pub(crate) fn of(payment: &Payment) -> HashMap<String, AttributeValue> {
    let cancellations = payment
        .cancel_history
        .as_ref()
        .map(|history| history.iter().map(cancellation).collect());
    Facts::default()
        .text("status", Some(&payment.status))
        .money("amount", Some(payment.amount))
        .money("cancel_amount", Some(payment.cancel_amount))
        .text("currency", Some(&payment.currency))
        .with("sandbox", Some(AttributeValue::Bool(payment.sandbox)))
        .text("pay_method", payment.pay_method.as_ref())
        .text("pg_provider", payment.pg_provider.as_ref())
        .text("pg_id", payment.pg_id.as_ref())
        .text("pg_tid", payment.pg_tid.as_ref())
        .text("apply_num", payment.apply_num.as_ref())
        .text("card_name", payment.card_name.as_ref())
        .number("card_quota", payment.card_quota)
        .text("vbank_name", payment.vbank_name.as_ref())
        .text("vbank_num", payment.vbank_num.as_ref())
        .number("vbank_date", payment.vbank_date)
        .number("started_at", payment.started_at)
        .number("paid_at", payment.paid_at)
        .number("failed_at", payment.failed_at)
        .number("cancelled_at", payment.cancelled_at)
        .text("fail_reason", payment.fail_reason.as_ref())
        .text("cancel_reason", payment.cancel_reason.as_ref())
        .text("receipt_url", payment.receipt_url.as_ref())
        .with("promotion", payment.promotion.as_ref().and_then(promotion))
        .with("cancel_history", cancellations.map(AttributeValue::L))
        .0
}

fn promotion(promotion: &Promotion) -> Option<AttributeValue> {
    let facts = Facts::default()
        .text("id", promotion.id.as_ref())
        .money("discount", promotion.discount);
    (!facts.0.is_empty()).then_some(AttributeValue::M(facts.0))
}

fn cancellation(cancellation: &Cancellation) -> AttributeValue {
    let facts = Facts::default()
        .text("cancellation_id", cancellation.cancellation_id.as_ref())
        .money("amount", cancellation.amount)
        .number("cancelled_at", cancellation.cancelled_at)
        .text("reason", cancellation.reason.as_ref())
        .text("pg_tid", cancellation.pg_tid.as_ref())
        .text("receipt_url", cancellation.receipt_url.as_ref());
    AttributeValue::M(facts.0)
}
