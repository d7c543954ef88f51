//! The order row: one conditional `UpdateItem` decides and writes at once.
//!
//! ```text
//! an attempt   account issued → failed → paid → cancelled, more and more       payment_stage, then cancel_amount
//! an order     what is worth most to it; among equals the latest attempt;      payment_rank, then started_at
//!              an attempt that holds money is never replaced by another
//! ```

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};

use crate::aws::CallError;
use crate::facts;
use crate::payment::{Payment, State};
use crate::verdict::{DEFAULT_CURRENCY, Item};

/// The table of orders.
#[derive(Debug, Clone)]
pub struct Orders {
    client: Client,
    table: String,
}

/// What the conditional write did.
#[derive(Debug)]
pub enum Write {
    /// It went through; for an account, with the row as it is now.
    Recorded(Option<Item>),
    /// The condition did not hold; the row as it was, if there is one.
    Refused(Option<Item>),
}

/// The sets on an order that name attempts which took money that is not the order's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misplaced {
    /// Money, but not what the order asked for.
    Refused,
    /// Money for an order that already had it.
    Duplicate,
}

impl Orders {
    /// Orders in `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Records a payment on its order if the order exists, the money is right and it is news.
    ///
    /// # Errors
    /// DynamoDB failed or could not be reached: whether it wrote is unknown, and safe to try again.
    pub async fn record(
        &self,
        payment: &Payment,
        state: State,
        request_id: &str,
    ) -> Result<Write, CallError> {
        let condition = condition(payment, state);
        let update = update(state);
        let values = placeholders([&condition, update], ':')
            .map(|name| (format!(":{name}"), value(name, payment, state, request_id)))
            .collect();
        let returned = match state {
            State::AccountIssued => ReturnValue::AllNew,
            _ => ReturnValue::None,
        };
        let names = aliases([&condition, update]);
        let request = self
            .row(&payment.merchant_uid)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .update_expression(update)
            .condition_expression(condition)
            .return_values(returned)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match request.send().await {
            Ok(written) => Ok(Write::Recorded(written.attributes)),
            Err(error) => unless_refused(error).map(Write::Refused),
        }
    }

    /// Notes an attempt that took money which is not the order's, for the shop to refund. `false`: the order is gone.
    ///
    /// # Errors
    /// As for [`Orders::record`].
    pub async fn note(&self, payment: &Payment, misplaced: Misplaced) -> Result<bool, CallError> {
        let set = match misplaced {
            Misplaced::Refused => "refused_imp_uids",
            Misplaced::Duplicate => "duplicate_imp_uids",
        };
        let request = self
            .row(&payment.merchant_uid)
            .expression_attribute_names("#set", set)
            .expression_attribute_names("#merchant_uid", "merchant_uid")
            .expression_attribute_values(
                ":imp_uid",
                AttributeValue::Ss(vec![payment.imp_uid.clone()]),
            )
            .update_expression("ADD #set :imp_uid")
            .condition_expression(EXISTS);
        applied(request).await
    }

    /// Passes the due notice of this attempt's account on, from one holder to another. The row as it is now; `None` if
    /// somebody else was faster.
    ///
    /// # Errors
    /// As for [`Orders::record`].
    pub async fn pass_notice(
        &self,
        payment: &Payment,
        from: &str,
        to: &str,
    ) -> Result<Option<Item>, CallError> {
        let request = self
            .row(&payment.merchant_uid)
            .expression_attribute_names("#imp_uid", "imp_uid")
            .expression_attribute_names("#vbank_notice", "vbank_notice")
            .expression_attribute_values(":imp_uid", AttributeValue::S(payment.imp_uid.clone()))
            .expression_attribute_values(":from", due(from))
            .expression_attribute_values(":to", due(to))
            .update_expression("SET #vbank_notice = :to")
            .condition_expression("#imp_uid = :imp_uid AND #vbank_notice = :from")
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match request.send().await {
            Ok(passed) => Ok(passed.attributes),
            // Our own write, met again after its reply was lost, is ours all the same.
            Err(error) => Ok(
                unless_refused(error)?.filter(|item| item.get("vbank_notice") == Some(&due(to)))
            ),
        }
    }

    /// Marks the notice of this attempt's account as done, if it still is this attempt's and due.
    ///
    /// # Errors
    /// As for [`Orders::record`].
    pub async fn notice_done(&self, payment: &Payment) -> Result<(), CallError> {
        let request = self
            .row(&payment.merchant_uid)
            .expression_attribute_names("#imp_uid", "imp_uid")
            .expression_attribute_names("#vbank_notice", "vbank_notice")
            .expression_attribute_values(":imp_uid", AttributeValue::S(payment.imp_uid.clone()))
            .expression_attribute_values(":due", AttributeValue::S("due:".to_owned()))
            .expression_attribute_values(":done", AttributeValue::S("done".to_owned()))
            .update_expression("SET #vbank_notice = :done")
            .condition_expression("#imp_uid = :imp_uid AND begins_with(#vbank_notice, :due)");
        applied(request).await.map(|_| ())
    }

    fn row(&self, merchant_uid: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key("merchant_uid", AttributeValue::S(merchant_uid.to_owned()))
    }
}

/// Sends a conditional write; `false` if its condition did not hold.
pub(crate) async fn applied(request: UpdateItemFluentBuilder) -> Result<bool, CallError> {
    match request.send().await {
        Ok(_) => Ok(true),
        Err(error) => unless_refused(error).map(|_| false),
    }
}

/// The old item of a write whose condition did not hold; any other error stays one.
fn unless_refused(error: SdkError<UpdateItemError>) -> Result<Option<Item>, CallError> {
    match error {
        SdkError::ServiceError(answer) => match answer.into_err() {
            UpdateItemError::ConditionalCheckFailedException(refused) => Ok(refused.item),
            other => Err(SdkError::service_error(other, ()).into()),
        },
        other => Err(other.into()),
    }
}

/// No write creates an order, or brings a deleted one back.
const EXISTS: &str = "attribute_exists(#merchant_uid)";
/// The money is what the order asked for, in a currency that the order names …
const ASKED_FOR: &str = "#amount = :amount AND #currency = :currency";
/// … or, for won, leaves out.
const ASKED_FOR_IN_WON: &str =
    "#amount = :amount AND (attribute_not_exists(#currency) OR #currency = :currency)";
/// Once recorded as paid, an attempt is never compared again: the shop may edit its order, a refund must still land.
const ONCE_PAID: &str = "#imp_uid = :imp_uid AND #payment_stage >= :paid";
/// Nothing is recorded yet.
const FIRST: &str = "attribute_not_exists(#payment_stage)";
/// The recorded attempt went further.
const FURTHER: &str = "#imp_uid = :imp_uid AND #payment_stage < :payment_stage";
/// More of the recorded attempt was cancelled.
const MORE_CANCELLED: &str =
    "#imp_uid = :imp_uid AND #payment_stage = :payment_stage AND #cancel_amount < :cancel_amount";
/// Another attempt is worth more. `<>` would be true for an attribute that is missing; `<` and `>` are not.
const WORTH_MORE: &str =
    "(#imp_uid < :imp_uid OR #imp_uid > :imp_uid) AND #payment_rank < :payment_rank";
/// Another attempt is worth as much, and started later.
const LATER: &str = "(#imp_uid < :imp_uid OR #imp_uid > :imp_uid) AND #payment_rank = :payment_rank AND #started_at < :started_at";
/// Another attempt is worth as much, and started in the same second: any fixed order will do.
const LATER_BY_NAME: &str =
    "#imp_uid < :imp_uid AND #payment_rank = :payment_rank AND #started_at = :started_at";
/// The accounts can be counted; otherwise DynamoDB would refuse the whole request as malformed.
const COUNTABLE: &str =
    "(attribute_not_exists(#vbank_notices) OR attribute_type(#vbank_notices, :number))";

/// The order exists, the money is right, and it is news: what [`crate::verdict::Row::takes`] says in Rust.
fn condition(payment: &Payment, state: State) -> String {
    let mut all = vec![EXISTS.to_owned()];
    let mut right = vec![ONCE_PAID];
    if payment.amount.is_positive() {
        right.push(match payment.currency.as_str() {
            DEFAULT_CURRENCY => ASKED_FOR_IN_WON,
            _ => ASKED_FOR,
        });
    }
    // No money moved in a failed attempt: there is nothing to compare.
    if state != State::Failed {
        all.push(format!("({})", right.join(" OR ")));
    }
    let mut news = vec![FIRST, FURTHER, MORE_CANCELLED, WORTH_MORE];
    // An attempt that holds money is never replaced by another attempt.
    if !state.holds_money() {
        news.extend([LATER, LATER_BY_NAME]);
    }
    all.push(format!("({})", news.join(" OR ")));
    if state == State::AccountIssued {
        all.push(COUNTABLE.to_owned());
    }
    all.join(" AND ")
}

/// What is written: the payment whole, and for an account the notice that is now due.
fn update(state: State) -> &'static str {
    match state {
        State::AccountIssued => {
            "SET #imp_uid = :imp_uid, #payment_status = :payment_status, #payment_stage = :payment_stage, \
             #payment_rank = :payment_rank, #cancel_amount = :cancel_amount, #started_at = :started_at, \
             #payment = :payment, #vbank_notice = :vbank_notice, \
             #vbank_notices = if_not_exists(#vbank_notices, :none) + :one"
        }
        _ => {
            "SET #imp_uid = :imp_uid, #payment_status = :payment_status, #payment_stage = :payment_stage, \
             #payment_rank = :payment_rank, #cancel_amount = :cancel_amount, #started_at = :started_at, \
             #payment = :payment REMOVE #vbank_notice"
        }
    }
}

/// The value of one placeholder: a function of the payment, the request id of a notice aside.
fn value(placeholder: &str, payment: &Payment, state: State, request_id: &str) -> AttributeValue {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let number = |number: i64| AttributeValue::N(number.to_string());
    match placeholder {
        "imp_uid" => text(&payment.imp_uid),
        "payment_status" => text(state.status()),
        "payment_stage" => number(state.stage()),
        "payment_rank" => number(state.rank()),
        "cancel_amount" => AttributeValue::N(payment.cancel_amount.to_string()),
        "started_at" => number(payment.started()),
        "payment" => AttributeValue::M(facts::of(payment)),
        "amount" => AttributeValue::N(payment.amount.to_string()),
        "currency" => text(&payment.currency),
        "paid" => number(State::Paid.stage()),
        "vbank_notice" => due(request_id),
        "number" => text("N"),
        "none" => number(0),
        "one" => number(1),
        unknown => unreachable!("no value for :{unknown}"),
    }
}

/// A notice that this holder has to give: the request that made it due, or one that took it over.
fn due(holder: &str) -> AttributeValue {
    AttributeValue::S(format!("due:{holder}"))
}

/// The placeholders that the expressions use: DynamoDB refuses a request that defines one more.
fn placeholders(expressions: [&str; 2], sigil: char) -> impl Iterator<Item = &str> {
    expressions.into_iter().flat_map(move |expression| {
        expression.split(sigil).skip(1).map(|rest| {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            &rest[..end.unwrap_or(rest.len())]
        })
    })
}

/// Every name goes by its alias: none can collide with a word that DynamoDB reserves.
fn aliases(expressions: [&str; 2]) -> HashMap<String, String> {
    placeholders(expressions, '#')
        .map(|name| (format!("#{name}"), name.to_owned()))
        .collect()
}
