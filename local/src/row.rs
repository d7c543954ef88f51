//! Rows as plain JSON, and back.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use payment_verifier::orders::COLUMNS;
use serde_json::{Map, Value};

/// A row's attributes, as the engine has them.
pub type Item = HashMap<String, AttributeValue>;

/// The columns of an order that are the shop's own business.
#[must_use]
pub fn shops_own(item: &Item) -> Item {
    let own = item
        .iter()
        .filter(|(name, _)| !COLUMNS.contains(&name.as_str()));
    own.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Reads a JSON object as a row; anything else is a row without a key, which the engine refuses.
pub(crate) fn item(row: Value) -> Item {
    let attributes = match row {
        Value::Object(attributes) => attributes,
        _ => Map::new(),
    };
    attributes
        .into_iter()
        .map(|(name, value)| (name, attribute(value)))
        .collect()
}

fn attribute(value: Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(flag) => AttributeValue::Bool(flag),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text),
        Value::Array(values) => AttributeValue::L(values.into_iter().map(attribute).collect()),
        Value::Object(fields) => {
            typed(&fields).unwrap_or_else(|| AttributeValue::M(item(fields.into())))
        }
    }
}

/// DynamoDB's own JSON, for the types that plain JSON cannot say.
fn typed(fields: &Map<String, Value>) -> Option<AttributeValue> {
    let mut fields = fields.iter();
    let (Some((kind, value)), None) = (fields.next(), fields.next()) else {
        return None;
    };
    match (kind.as_str(), value) {
        ("N", Value::String(text)) => Some(AttributeValue::N(text.clone())),
        ("S", Value::String(text)) => Some(AttributeValue::S(text.clone())),
        ("SS", Value::Array(texts)) => {
            let texts = texts.iter().map(|text| text.as_str().map(str::to_owned));
            Some(AttributeValue::Ss(texts.collect::<Option<_>>()?))
        }
        _ => None,
    }
}

/// Shows a row as JSON, names and sets in alphabetical order.
pub(crate) fn row(item: Item) -> Value {
    let sorted: BTreeMap<_, _> = item
        .into_iter()
        .map(|(name, value)| (name, plain(value)))
        .collect();
    Value::Object(sorted.into_iter().collect())
}

fn plain(value: AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => text.into(),
        AttributeValue::N(number) => whole_number(number),
        AttributeValue::Bool(flag) => flag.into(),
        AttributeValue::L(values) => values.into_iter().map(plain).collect(),
        AttributeValue::M(fields) => row(fields),
        AttributeValue::Ss(mut texts) | AttributeValue::Ns(mut texts) => {
            texts.sort_unstable();
            texts.into()
        }
        // The function writes no binary, and the shop's own is not looked at.
        _ => Value::Null,
    }
}

/// Text where a JSON number could lose digits.
fn whole_number(number: String) -> Value {
    match number.parse::<i64>() {
        Ok(whole) => whole.into(),
        Err(_) => number.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn plain_json_there_and_back() {
        let order = json!({
            "amount": 1000, "digital": true, "lines": [{"name": "mug", "count": 2}], "merchant_uid": "order-1", "note": null,
        });
        assert_eq!(row(item(order.clone())), order);
    }

    #[test]
    fn types_can_be_said() {
        let typed =
            item(json!({"amount": {"N": "14.20"}, "ids": {"SS": ["b", "a"]}, "map": {"N": 1}}));
        assert_eq!(typed["amount"], AttributeValue::N("14.20".to_owned()));
        assert_eq!(
            row(typed),
            json!({"amount": "14.20", "ids": ["a", "b"], "map": {"N": 1}})
        );
    }

    #[test]
    fn no_digit_is_lost() {
        for number in [
            "9007199254740993",
            "14.2",
            "99999999999999999999999999999999999999",
        ] {
            let shown = plain(AttributeValue::N(number.to_owned()));
            assert_eq!(shown.to_string().trim_matches('"'), number);
        }
    }
}
