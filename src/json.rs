//! JSON objects, and nothing that could pass for one; all their members; lists of a bounded length;
//! amounts of money.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::decimal::Decimal;

/// Reads a JSON object as `T`; `None` if it is anything else, trailing bytes included.
///
/// serde would take an array for a struct too, its values by position.
pub(crate) fn object<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
    let starts_as_one = json.trim_ascii_start().starts_with(b"{");
    starts_as_one.then(|| serde_json::from_slice(json).ok())?
}

/// A list of at most so many; a longer one is an error before it is all in memory.
#[derive(Debug)]
pub(crate) struct AtMost<T, const MOST: usize>(pub(crate) Vec<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for AtMost<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Items<T, const MOST: usize>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for Items<T, MOST> {
            type Value = AtMost<T, MOST>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {MOST}")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    if items.len() == MOST {
                        return Err(A::Error::invalid_length(MOST + 1, &self));
                    }
                    items.push(item);
                }
                Ok(AtMost(items))
            }
        }

        json.deserialize_seq(Items(PhantomData))
    }
}

/// The members of a JSON object as they are written, those that repeat a name too.
pub(crate) struct Members<'a>(pub(crate) Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct All;

        impl<'de> Visitor<'de> for All {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        json.deserialize_map(All)
    }
}

/// An amount of money: a JSON number, not negative, that DynamoDB can hold. Read from its text: no floating point comes near it.
pub(crate) fn money<'de, D: Deserializer<'de>>(json: D) -> Result<Decimal, D::Error> {
    let text = <&RawValue>::deserialize(json)?.get();
    match text.parse::<Decimal>() {
        Ok(amount) if !amount.is_negative() => Ok(amount),
        _ => Err(D::Error::custom(
            "an amount is not a number of 0 to 38 digits",
        )),
    }
}
