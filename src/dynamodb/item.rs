//! Items, and the two kinds of values that this function compares.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::decimal::Decimal;

/// A DynamoDB item.
pub type Item = HashMap<String, AttributeValue>;

/// A text of an item.
#[must_use]
pub fn text_of<'a>(item: &'a Item, name: &str) -> Option<&'a String> {
    item.get(name)?.as_s().ok()
}

/// A number of an item.
#[must_use]
pub fn number_of(item: &Item, name: &str) -> Option<Decimal> {
    item.get(name)?.as_n().ok()?.parse().ok()
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
