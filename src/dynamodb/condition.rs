//! Conditions as values: they render to DynamoDB's expressions, and can be asked of an item here.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::{Item, number, text};
use crate::decimal::Decimal;

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
    pub(super) fn render(
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

/// Every name goes by its alias: none can collide with a word that DynamoDB reserves.
pub(super) fn alias(name: &str, names: &mut HashMap<String, String>) -> String {
    let alias = format!("#{name}");
    names.insert(alias.clone(), name.to_owned());
    alias
}
