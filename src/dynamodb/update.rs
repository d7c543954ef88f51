//! An `UpdateItem` in the making.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};

use super::condition::{Condition, alias};
use super::item::number;

/// What is written, and under which condition.
#[derive(Debug, Default)]
pub struct Update {
    pub(super) set: Vec<String>,
    pub(super) remove: Vec<String>,
    pub(super) names: HashMap<String, String>,
    pub(super) values: HashMap<String, AttributeValue>,
    pub(super) condition: String,
    pub(super) returns: Option<ReturnValue>,
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
        self.returns = Some(ReturnValue::AllNew);
        self
    }

    /// Asks for the item as it was before.
    #[must_use]
    pub fn returning_old(mut self) -> Self {
        self.returns = Some(ReturnValue::AllOld);
        self
    }

    fn alias(&mut self, name: &'static str) -> String {
        alias(name, &mut self.names)
    }
}
