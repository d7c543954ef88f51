//! A table, and the one kind of write this function knows: an `UpdateItem` under a condition.
//!
//! The condition is a value. DynamoDB decides by what it renders to; the same value, asked of the old item that a refused
//! write returns, tells which part of it did not hold.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};

use crate::aws::CallError;
use crate::decimal::Decimal;
use crate::retry::Retry;

/// A DynamoDB item.
pub type Item = HashMap<String, AttributeValue>;

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
    /// It went through; with the item as it is now, if that was asked for.
    Applied(Option<Item>),
    /// The condition did not hold; with the item as it was, if there is one.
    Refused(Option<Item>),
}

/// An `UpdateItem` in the making. Every name goes by its alias: none can collide with a word that DynamoDB reserves.
#[derive(Debug, Default)]
pub struct Update {
    set: Vec<String>,
    remove: Vec<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
    condition: String,
    returns_new: bool,
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
            .return_values(if update.returns_new {
                ReturnValue::AllNew
            } else {
                ReturnValue::None
            })
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

impl Update {
    /// An update that applies only under this condition.
    #[must_use]
    pub fn only_if(condition: &Condition) -> Self {
        let mut update = Self::default();
        update.condition = condition.render(&mut update.names, &mut update.values);
        update
    }

    /// Sets an attribute.
    #[must_use]
    pub fn set(mut self, name: &'static str, value: AttributeValue) -> Self {
        let (alias, placeholder) = (self.alias(name), format!(":{name}"));
        self.set.push(format!("{alias} = {placeholder}"));
        self.values.insert(placeholder, value);
        self
    }

    /// Adds one to a number; an absent one counts as 0. One of another type has to be ruled out by the condition:
    /// DynamoDB would refuse the whole request as malformed.
    #[must_use]
    pub fn count(mut self, name: &'static str) -> Self {
        let alias = self.alias(name);
        self.set
            .push(format!("{alias} = if_not_exists({alias}, :none) + :one"));
        self.values.insert(":none".to_owned(), number(0.into()));
        self.values.insert(":one".to_owned(), number(1.into()));
        self
    }

    /// Sets an attribute unless it is there.
    #[must_use]
    pub fn set_once(mut self, name: &'static str, value: AttributeValue) -> Self {
        let (alias, placeholder) = (self.alias(name), format!(":{name}"));
        self.set
            .push(format!("{alias} = if_not_exists({alias}, {placeholder})"));
        self.values.insert(placeholder, value);
        self
    }

    /// Removes an attribute.
    #[must_use]
    pub fn remove(mut self, name: &'static str) -> Self {
        let alias = self.alias(name);
        self.remove.push(alias);
        self
    }

    /// Asks for the item as it is afterwards.
    #[must_use]
    pub fn returning_new(mut self) -> Self {
        self.returns_new = true;
        self
    }

    fn alias(&mut self, name: &'static str) -> String {
        alias(name, &mut self.names)
    }
}

/// What must be so of an item. A comparison with an attribute that is absent or of another type is false, as in DynamoDB;
/// there is no NOT and no `<>`, which would make it true.
#[derive(Debug, Clone)]
pub enum Condition {
    /// The attribute is there.
    Exists(&'static str),
    /// The attribute is not there.
    Missing(&'static str),
    /// The attribute is a number.
    IsNumber(&'static str),
    /// The attribute is a text that begins so.
    BeginsWith(&'static str, &'static str),
    /// The attribute compares so with this text or number.
    Is(&'static str, Comparison, Operand),
    /// All of these; true if there are none.
    All(Vec<Self>),
    /// One of these; false if there are none, which cannot be rendered.
    Any(Vec<Self>),
}

/// How an attribute compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `=`
    Equal,
    /// `>=`
    AtLeast,
    /// `>`
    Greater,
}

/// What an attribute is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// A text, compared by its bytes.
    Text(String),
    /// A number, compared by its value.
    Number(Decimal),
}

impl From<&str> for Operand {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Operand {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl From<Decimal> for Operand {
    fn from(number: Decimal) -> Self {
        Self::Number(number)
    }
}

impl Comparison {
    fn symbol(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Equal => "=",
            Self::AtLeast => ">=",
            Self::Greater => ">",
        }
    }

    fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::Equal => ordering.is_eq(),
            Self::AtLeast => ordering.is_ge(),
            Self::Greater => ordering.is_gt(),
        }
    }
}

impl Condition {
    /// The attribute equals this.
    pub fn equal(name: &'static str, operand: impl Into<Operand>) -> Self {
        Self::Is(name, Comparison::Equal, operand.into())
    }

    /// The attribute is less than this.
    pub fn less(name: &'static str, operand: impl Into<Operand>) -> Self {
        Self::Is(name, Comparison::Less, operand.into())
    }

    /// The attribute is this or less.
    pub fn at_most(name: &'static str, operand: impl Into<Operand>) -> Self {
        Self::Is(name, Comparison::AtMost, operand.into())
    }

    /// The attribute is this or more.
    pub fn at_least(name: &'static str, operand: impl Into<Operand>) -> Self {
        Self::Is(name, Comparison::AtLeast, operand.into())
    }

    /// The attribute is a text and another one than this.
    #[must_use]
    pub fn another(name: &'static str, text: &str) -> Self {
        Self::Any(vec![
            Self::less(name, text),
            Self::Is(name, Comparison::Greater, text.into()),
        ])
    }

    /// Whether it is so of this item.
    #[must_use]
    pub fn holds(&self, item: &Item) -> bool {
        match self {
            Self::Exists(name) => item.contains_key(*name),
            Self::Missing(name) => !item.contains_key(*name),
            Self::IsNumber(name) => item.get(*name).is_some_and(AttributeValue::is_n),
            Self::BeginsWith(name, start) => {
                let text = item.get(*name).and_then(|value| value.as_s().ok());
                text.is_some_and(|text| text.starts_with(start))
            }
            Self::Is(name, comparison, operand) => {
                let ordering = match (item.get(*name), operand) {
                    (Some(AttributeValue::S(text)), Operand::Text(operand)) => {
                        Some(text.cmp(operand))
                    }
                    (Some(AttributeValue::N(text)), Operand::Number(operand)) => text
                        .parse::<Decimal>()
                        .ok()
                        .map(|number| number.cmp(operand)),
                    _ => None,
                };
                ordering.is_some_and(|ordering| comparison.holds(ordering))
            }
            Self::All(all) => all.iter().all(|condition| condition.holds(item)),
            Self::Any(any) => any.iter().any(|condition| condition.holds(item)),
        }
    }

    /// The expression, with its names and values put beside. DynamoDB refuses parentheses that are not needed.
    fn render(
        &self,
        names: &mut HashMap<String, String>,
        values: &mut HashMap<String, AttributeValue>,
    ) -> String {
        let mut placeholder = |value| {
            let placeholder = format!(":c{}", values.len());
            values.insert(placeholder.clone(), value);
            placeholder
        };
        match self {
            Self::Exists(name) => format!("attribute_exists({})", alias(name, names)),
            Self::Missing(name) => format!("attribute_not_exists({})", alias(name, names)),
            Self::IsNumber(name) => {
                let number = placeholder(text("N"));
                format!("attribute_type({}, {number})", alias(name, names))
            }
            Self::BeginsWith(name, start) => {
                let start = placeholder(text(start));
                format!("begins_with({}, {start})", alias(name, names))
            }
            Self::Is(name, comparison, operand) => {
                let operand = placeholder(match operand {
                    Operand::Text(operand) => text(operand),
                    Operand::Number(operand) => number(*operand),
                });
                format!("{} {} {operand}", alias(name, names), comparison.symbol())
            }
            Self::All(all) => {
                let mut rendered = Vec::with_capacity(all.len());
                for condition in all {
                    let text = condition.render(names, values);
                    rendered.push(match condition {
                        Self::Any(any) if any.len() > 1 && all.len() > 1 => format!("({text})"),
                        _ => text,
                    });
                }
                rendered.retain(|text| !text.is_empty());
                rendered.join(" AND ")
            }
            // AND binds closer than OR.
            Self::Any(any) => {
                let rendered: Vec<_> = any
                    .iter()
                    .map(|condition| condition.render(names, values))
                    .collect();
                rendered.join(" OR ")
            }
        }
    }
}

fn alias(name: &str, names: &mut HashMap<String, String>) -> String {
    let alias = format!("#{name}");
    names.insert(alias.clone(), name.to_owned());
    alias
}

/// A text as DynamoDB's S.
#[must_use]
pub fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// A number as DynamoDB's N.
#[must_use]
pub fn number(number: Decimal) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
