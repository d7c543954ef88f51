//! How large DynamoDB takes an item to be, which is what writes and reads are charged by.

use aws_sdk_dynamodb::types::AttributeValue;
use local::Item;

/// Names and values together, in bytes.
pub(crate) fn size(item: &Item) -> usize {
    item.iter()
        .map(|(name, value)| name.len() + value_size(value))
        .sum()
}

/// By DynamoDB's published rules; a number takes about a byte for two digits.
fn value_size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number.len().div_ceil(2) + 1,
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::Ss(texts) => texts.iter().map(String::len).sum(),
        AttributeValue::L(list) => {
            3 + list
                .iter()
                .map(|value| 1 + value_size(value))
                .sum::<usize>()
        }
        AttributeValue::M(map) => 3 + size(map) + map.len(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_values_count_their_envelopes() {
        let map = Item::from([("ab".to_owned(), AttributeValue::N("15000".to_owned()))]);
        let item = Item::from([
            ("key".to_owned(), AttributeValue::S("가".to_owned())),
            ("m".to_owned(), AttributeValue::M(map)),
        ]);
        // 3 + 3, and 1 + (3 + 2 + 4 + 1)
        assert_eq!(size(&item), 17);
    }
}
