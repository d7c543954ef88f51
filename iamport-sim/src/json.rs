//! JSON as the gateway prints it.
//!
//! A [`Json`] is the finished text, so what was given comes out again to the last digit: no number ever
//! becomes a float. Strings follow PHP's `json_encode`, as real answers do: `\uXXXX` for everything that is
//! not ASCII, and `\/` for a slash.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The members of an object; the gateway prints those of a payment in alphabetical order.
pub(crate) type Fields = BTreeMap<String, Json>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Json(String);

impl Json {
    pub(crate) fn null() -> Self {
        Self("null".to_owned())
    }

    /// Reprints what is known to be JSON.
    pub(crate) fn trusted(json: &str) -> Self {
        Self(reprint(json))
    }

    pub(crate) fn string(text: &str) -> Self {
        let mut out = String::with_capacity(text.len() + 2);
        push_string(&mut out, text);
        Self(out)
    }

    pub(crate) fn optional(text: Option<&str>) -> Self {
        text.map_or_else(Self::null, Self::string)
    }

    /// Anything whose text already is a JSON number or boolean.
    pub(crate) fn literal(value: impl fmt::Display) -> Self {
        Self(value.to_string())
    }

    pub(crate) fn list(items: impl IntoIterator<Item = Self>) -> Self {
        let items: Vec<String> = items.into_iter().map(|item| item.0).collect();
        Self(format!("[{}]", items.join(",")))
    }

    /// An object whose members keep the given order.
    pub(crate) fn object<K: AsRef<str>>(members: impl IntoIterator<Item = (K, Self)>) -> Self {
        let mut out = String::from("{");
        for (name, value) in members {
            if out.len() > 1 {
                out.push(',');
            }
            push_string(&mut out, name.as_ref());
            out.push(':');
            out.push_str(&value.0);
        }
        out.push('}');
        Self(out)
    }

    /// The text on the wire.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What a JSON string says; `None` for any other kind of value.
    pub(crate) fn text(&self) -> Option<String> {
        serde_json::from_str(&self.0).ok()
    }

    /// The items of a list; none if this is no list.
    pub(crate) fn items(&self) -> Vec<Self> {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&Fields> for Json {
    fn from(fields: &Fields) -> Self {
        Self::object(fields.iter().map(|(name, value)| (name, value.clone())))
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self::trusted(raw.get()))
    }
}

/// Valid JSON in the gateway's style: no white space, strings re-escaped, everything else as it stands.
fn reprint(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(c) = rest.chars().next() {
        let (token, tail) = if c == '"' {
            split_string(rest)
        } else {
            rest.split_at(c.len_utf8())
        };
        if c == '"' {
            match serde_json::from_str::<String>(token) {
                Ok(text) => push_string(&mut out, &text),
                // A lone surrogate is JSON, but no text: it stays as it was written.
                Err(_) => out.push_str(token),
            }
        } else if !c.is_ascii_whitespace() {
            out.push(c);
        }
        rest = tail;
    }
    out
}

/// Splits behind the closing quote of the string literal that `json` starts with.
fn split_string(json: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = json.bytes().skip(1).position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    json.split_at(end.map_or(json.len(), |end| end + 2))
}

fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' => out.push_str("\\/"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='\u{7f}' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a `String` cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(json: &str) -> String {
        serde_json::from_str::<Json>(json).unwrap().0
    }

    #[test]
    fn strings_are_escaped_as_php_does() {
        assert_eq!(Json::string("홍길동").as_str(), r#""\ud64d\uae38\ub3d9""#);
        assert_eq!(
            Json::string("😀 a/b \"c\"\\").as_str(),
            r#""\ud83d\ude00 a\/b \"c\"\\""#
        );
        assert_eq!(
            Json::string("\u{1}\u{8}\u{c}\n\r\t\u{7f}").as_str(),
            "\"\\u0001\\b\\f\\n\\r\\t\u{7f}\""
        );
    }

    #[test]
    fn numbers_keep_their_text() {
        for number in [
            "14.20",
            "9007199254740993",
            "1e3",
            "1E+3",
            "1e200",
            "-5",
            "-0",
            "0.1",
            &"9".repeat(39),
        ] {
            assert_eq!(printed(number), number);
        }
    }

    #[test]
    fn values_are_reprinted_whatever_their_style() {
        assert_eq!(
            printed(r#" { "b" : [ 1.0 , "\uD64D \u002F" ] , "a" : { } } "#),
            r#"{"b":[1.0,"\ud64d \/"],"a":{}}"#
        );
        assert_eq!(printed(r#"["a\\","\"",""]"#), r#"["a\\","\"",""]"#);
        assert_eq!(
            printed(r#""\ud800""#),
            r#""\ud800""#,
            "a lone surrogate stays"
        );
    }

    #[test]
    fn only_strings_have_text_and_only_lists_have_items() {
        assert_eq!(Json::string("a/é").text().as_deref(), Some("a/é"));
        assert_eq!(Json::literal(5).text(), None);
        assert_eq!(Json::null().text(), None);
        assert_eq!(
            Json::list([Json::literal(1), Json::null()]).items(),
            [Json::literal(1), Json::null()]
        );
        assert_eq!(Json::literal(1).items(), []);
    }
}
