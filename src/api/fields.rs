//! The fields of a request: the members of a JSON object, or the pairs of a form or a query.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_http::http::HeaderMap;
use lambda_http::http::header::CONTENT_TYPE;
use percent_encoding::percent_decode_str;

use crate::decimal::Decimal;
use crate::json::{self, Members};

/// The largest body that is read, after decoding, in bytes.
const MAX_BODY: usize = 16 * 1024;

/// What a request says, by name. Only what is asked for is looked at.
pub(super) struct Fields(Vec<(String, Field)>);

enum Field {
    /// A value in JSON.
    Json(String),
    /// A value of a form, still encoded.
    Form(String),
}

impl Fields {
    /// Those of the body; a declared type is read only as such.
    ///
    /// # Errors
    /// Says what is wrong with the body.
    pub(super) fn of_body(event: &ApiGatewayV2httpRequest) -> Result<Self, &'static str> {
        let body = body(event)?;
        match declared_type(&event.headers) {
            Some("application/json") => Self::json(&body),
            Some("application/x-www-form-urlencoded") => Self::form(&body),
            _ if body.trim_start().starts_with('{') => Self::json(&body),
            _ => Self::form(&body),
        }
    }

    /// Those of the query. Some payment windows put texts there in an encoding of their own.
    pub(super) fn of_query(event: &ApiGatewayV2httpRequest) -> Self {
        Self::pairs(event.raw_query_string.as_deref().unwrap_or_default())
    }

    fn json(body: &str) -> Result<Self, &'static str> {
        let Members(members) =
            json::object(body.as_bytes()).ok_or("the body is not a JSON object")?;
        let field = |value: &serde_json::value::RawValue| Field::Json(value.get().to_owned());
        let fields = members
            .into_iter()
            .map(|(name, value)| (name, field(value)));
        Ok(Self(fields.collect()))
    }

    fn form(body: &str) -> Result<Self, &'static str> {
        match percent_decode_str(body).decode_utf8() {
            Ok(_) => Ok(Self::pairs(body)),
            Err(_) => Err("the body is not UTF-8"),
        }
    }

    fn pairs(encoded: &str) -> Self {
        let pairs = encoded.split('&').filter_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((form_text(name)?, Field::Form(value.to_owned())))
        });
        Self(pairs.collect())
    }

    /// A text; `None` if it is not there, or is null.
    ///
    /// # Errors
    /// It is there twice, or is no text.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, &'static str> {
        match self.one(name)? {
            None => Ok(None),
            Some(Field::Json(json)) => {
                serde_json::from_str(json).map_err(|_| "an id is not a string")
            }
            Some(Field::Form(encoded)) => match form_text(encoded) {
                Some(text) => Ok(Some(text)),
                None => Err("an id is not UTF-8"),
            },
        }
    }

    /// An amount of money: a JSON number, or the text of one; `None` if it is not there.
    ///
    /// # Errors
    /// It is there twice, or is no number of 0 to 38 digits.
    pub(super) fn money(&self, name: &str) -> Result<Option<Decimal>, &'static str> {
        let text = match self.one(name)? {
            None => return Ok(None),
            Some(Field::Json(json)) if json.starts_with('"') => serde_json::from_str(json).ok(),
            Some(Field::Json(json)) => Some(json.clone()),
            Some(Field::Form(encoded)) => form_text(encoded),
        };
        let amount = text.and_then(|text| text.parse::<Decimal>().ok());
        match amount.filter(|amount| !amount.is_negative()) {
            Some(amount) => Ok(Some(amount)),
            None => Err("amount is not a number of 0 to 38 digits"),
        }
    }

    /// Whether there is a field of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(other, _)| other == name)
    }

    fn one(&self, name: &str) -> Result<Option<&Field>, &'static str> {
        let mut named = self.0.iter().filter(|(other, _)| other == name);
        match (named.next(), named.next()) {
            (_, Some(_)) => Err("a field is repeated"),
            (field, None) => Ok(field.map(|(_, field)| field)),
        }
    }
}

fn body(event: &ApiGatewayV2httpRequest) -> Result<Cow<'_, str>, &'static str> {
    let text = event.body.as_deref().unwrap_or_default();
    let body = if event.is_base64_encoded {
        if text.len() > MAX_BODY.div_ceil(3) * 4 {
            return Err("the body is too large");
        }
        let bytes = BASE64.decode(text).map_err(|_| "the body is not base64")?;
        Cow::Owned(String::from_utf8(bytes).map_err(|_| "the body is not UTF-8")?)
    } else {
        Cow::Borrowed(text)
    };
    if body.len() > MAX_BODY {
        return Err("the body is too large");
    }
    Ok(body)
}

/// The media type the caller declared, if it is one of the two that are understood.
fn declared_type(headers: &HeaderMap) -> Option<&'static str> {
    let declared = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let essence = declared.split(';').next()?.trim();
    ["application/json", "application/x-www-form-urlencoded"]
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(essence))
}

/// Decodes one part of a form strictly: libraries would put U+FFFD where the bytes are not UTF-8.
fn form_text(encoded: &str) -> Option<String> {
    let spaced = encoded.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}
