//! A table, and the one kind of write this function knows: an `UpdateItem` under a condition.
//!
//! The condition is a value. DynamoDB decides by what it renders to; the same value, asked of the old item that a refused
//! write returns, tells which part of it did not hold.

mod condition;
mod item;
mod update;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValuesOnConditionCheckFailure, Select};

pub use self::condition::{Comparison, Condition, Operand};
pub use self::item::{Item, number, number_of, text, text_of};
pub use self::update::Update;

use crate::aws::CallError;
use crate::retry::Retry;

/// A table, with a retry budget of its own: what works on one must not pay for an outage of another.
#[derive(Debug)]
pub struct Table {
    client: Client,
    name: String,
    retry: Retry,
}

/// What a conditional write did.
#[derive(Debug)]
pub enum Written {
    /// It went through; with the item as it is now, or as it was, if that was asked for.
    Applied(Option<Item>),
    /// The condition did not hold; with the item as it was, if there is one.
    Refused(Option<Item>),
}

impl Table {
    /// The table of this name.
    #[must_use]
    pub fn new(client: Client, name: String) -> Self {
        Self {
            client,
            name,
            retry: Retry::default(),
        }
    }

    /// Applies an update to the item with this key, if its condition holds.
    ///
    /// # Errors
    /// DynamoDB failed or could not be reached: whether it wrote is unknown, and safe to try again.
    pub async fn write<const KEYS: usize>(
        &self,
        key: [(&'static str, &str); KEYS],
        update: Update,
    ) -> Result<Written, CallError> {
        let mut expression = format!("SET {}", update.set.join(", "));
        if !update.remove.is_empty() {
            expression = format!("{expression} REMOVE {}", update.remove.join(", "));
        }
        let key = key.map(|(name, value)| (name.to_owned(), text(value)));
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key.into()))
            .set_expression_attribute_names(Some(update.names))
            .set_expression_attribute_values(Some(update.values))
            .update_expression(expression)
            .condition_expression(update.condition)
            .set_return_values(update.returns)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let once = || async {
            match request.clone().send().await {
                Ok(written) => Ok(Written::Applied(written.attributes)),
                Err(error) => refused(error).map(Written::Refused),
            }
        };
        self.retry.run(None, once).await
    }
}

impl Table {
    /// The item with this key as it is now, if there is one.
    ///
    /// # Errors
    /// DynamoDB failed or could not be reached.
    pub async fn get(&self, (name, value): (&str, &str)) -> Result<Option<Item>, CallError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.name)
            .key(name, text(value))
            .consistent_read(true);
        let once = || async { request.clone().send().await.map_err(CallError::from) };
        Ok(self.retry.run(None, once).await?.item)
    }
}

/// Which items of an index are asked for: those with this text, and a number in this range.
#[derive(Debug, Clone, Copy)]
pub struct Range<'a> {
    /// The index.
    pub index: &'static str,
    /// The text that its items have.
    pub text: (&'static str, &'a str),
    /// The number that they are sorted by, lowest first, and the least and the most that it may be.
    pub between: (&'static str, i64, i64),
}

impl Table {
    /// One page of the items in this range that this holds of, at most so many; and where the next page begins.
    ///
    /// # Errors
    /// DynamoDB failed or could not be reached.
    pub async fn query(
        &self,
        range: Range<'_>,
        filter: &Condition,
        most: i32,
        from: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), CallError> {
        let request = self.range(range, filter).limit(most);
        let request = request.set_exclusive_start_key(from);
        let once = || async { request.clone().send().await.map_err(CallError::from) };
        let page = self.retry.run(None, once).await?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }

    /// How many items are in this range.
    ///
    /// # Errors
    /// DynamoDB failed or could not be reached.
    pub async fn count(&self, range: Range<'_>) -> Result<u64, CallError> {
        let request = self
            .range(range, &Condition::All(Vec::new()))
            .select(Select::Count);
        let (mut items, mut from) = (0, None);
        loop {
            let request = request.clone().set_exclusive_start_key(from);
            let once = || async { request.clone().send().await.map_err(CallError::from) };
            let page = self.retry.run(None, once).await?;
            items += u64::try_from(page.count).unwrap_or_default();
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }

    fn range(&self, range: Range<'_>, filter: &Condition) -> QueryFluentBuilder {
        let (name, least, most) = range.between;
        let mut names = HashMap::from([
            ("#text".to_owned(), range.text.0.to_owned()),
            ("#number".to_owned(), name.to_owned()),
        ]);
        let mut values = HashMap::from([
            (":text".to_owned(), text(range.text.1)),
            (":least".to_owned(), number(least.into())),
            (":most".to_owned(), number(most.into())),
        ]);
        let filter = filter.render(&mut names, &mut values);
        self.client
            .query()
            .table_name(&self.name)
            .index_name(range.index)
            .key_condition_expression("#text = :text AND #number BETWEEN :least AND :most")
            .set_filter_expression(Some(filter).filter(|filter| !filter.is_empty()))
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
    }
}

/// The old item of a write whose condition did not hold; any other error stays one.
fn refused(
    error: SdkError<UpdateItemError, aws_smithy_runtime_api::client::orchestrator::HttpResponse>,
) -> Result<Option<Item>, CallError> {
    match error {
        SdkError::ServiceError(answer) if answer.err().is_conditional_check_failed_exception() => {
            match answer.into_err() {
                UpdateItemError::ConditionalCheckFailedException(refused) => Ok(refused.item),
                _ => Ok(None),
            }
        }
        other => Err(other.into()),
    }
}
