//! A request, read in full and taken apart.

use std::collections::BTreeMap;

use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use percent_encoding::percent_decode_str;

use crate::json::{Fields, Json};

const MAX_BODY_BYTES: usize = 1024 * 1024;

#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// As it was sent, for the record.
    pub(crate) path: String,
    pub(crate) query: String,
    /// The decoded segments of the path; an encoded slash does not separate.
    pub(crate) segments: Vec<String>,
    pub(crate) token: Option<String>,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

impl Request {
    /// `None` if the body is too long or broke off.
    pub(crate) async fn read(request: hyper::Request<Incoming>) -> Option<Self> {
        let (head, body) = request.into_parts();
        let body: Bytes = Limited::new(body, MAX_BODY_BYTES)
            .collect()
            .await
            .ok()?
            .to_bytes();
        let mut read = Self::new(
            head.method.as_str(),
            head.uri.path(),
            head.uri.query().unwrap_or_default(),
        );
        // The query is the old way (seen in shops' code, in no document): headers win over it.
        read.token = token(&head.headers).or_else(|| read.query().get("_token").map(str::to_owned));
        read.content_type = header(&head.headers, CONTENT_TYPE.as_str())
            .unwrap_or_default()
            .to_ascii_lowercase();
        read.body = String::from_utf8_lossy(&body).into_owned();
        Some(read)
    }

    pub(crate) fn new(method: &str, path: &str, query: &str) -> Self {
        let decoded = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            segments: path.trim_matches('/').split('/').map(decoded).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn route(&self) -> (&str, Vec<&str>) {
        (
            &self.method,
            self.segments.iter().map(String::as_str).collect(),
        )
    }

    pub(crate) fn query(&self) -> Params {
        Params::form(&self.query)
    }

    /// The parameters in the body, JSON or form. What cannot be read has none.
    pub(crate) fn params(&self) -> Params {
        if self.content_type.contains("json") {
            Params::json(&self.body)
        } else {
            Params::form(&self.body)
        }
    }
}

/// `Authorization` wins over the header of old plugins, whether it is any good or not.
fn token(headers: &HeaderMap) -> Option<String> {
    let token =
        header(headers, AUTHORIZATION.as_str()).or_else(|| header(headers, "x-imptokenheader"))?;
    let bare = token
        .get(..7)
        .filter(|scheme| scheme.eq_ignore_ascii_case("bearer "))
        .map_or(token, |_| &token[7..]);
    Some(bare.trim().to_owned())
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Parameters by name. All values are text, as in PHP: `1000` and `"1000"` are the same amount.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Params(BTreeMap<String, Vec<String>>);

impl Params {
    fn json(body: &str) -> Self {
        let mut params = Self::default();
        params.add("", serde_json::from_str(body).unwrap_or_default());
        params
    }

    /// The members of an object within get the names they have in a form: `extra[requester]`.
    fn add(&mut self, within: &str, fields: Fields) {
        for (name, value) in fields {
            let name = if within.is_empty() {
                name
            } else {
                format!("{within}[{name}]")
            };
            if let Ok(members) = serde_json::from_str(value.as_str()) {
                self.add(&name, members);
            } else if value != Json::null() {
                let text = value.text().unwrap_or_else(|| value.as_str().to_owned());
                self.0.insert(name, vec![text]);
            }
        }
    }

    fn form(encoded: &str) -> Self {
        let mut params: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(encoded.as_bytes()) {
            params
                .entry(name.into_owned())
                .or_default()
                .push(value.into_owned());
        }
        Self(params)
    }

    /// The value of a parameter; the last one wins, and empty is as good as missing.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)?
            .last()
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The values of `name[]`, `name[0]`, …
    pub(crate) fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        let item = move |key: &str| {
            key.strip_prefix(name)
                .is_some_and(|key| key.starts_with('[') && key.ends_with(']'))
        };
        self.0
            .iter()
            .filter(move |(key, _)| item(key))
            .flat_map(|(_, values)| values)
            .map(String::as_str)
    }

    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_decoded_after_the_path_is_split() {
        let request = Request::new("GET", "/payments/find/a%2Fb%20%ED%99%8D/", "x=1");
        assert_eq!(request.segments, ["payments", "find", "a/b 홍"]);
    }

    #[test]
    fn json_and_form_say_the_same() {
        let json = Params::json(
            r#"{"imp_uid":"imp_1","amount":14.20,"extra":{"a":1,"b":{"c":"d"}},"checksum":null}"#,
        );
        let form =
            Params::form("imp_uid=imp_1&amount=14.20&extra[a]=1&extra%5Bb%5D[c]=d&checksum=");
        for name in ["imp_uid", "amount", "extra[a]", "extra[b][c]", "checksum"] {
            assert_eq!(json.get(name), form.get(name), "{name}");
        }
        assert_eq!(json.get("extra[b][c]"), Some("d"));
        assert_eq!(json.get("amount"), Some("14.20"));
        assert_eq!(json.get("checksum"), None);
        assert_eq!(Params::json("not json"), Params::default());
    }

    #[test]
    fn lists_take_every_way_to_write_them() {
        let query =
            Params::form("imp_uid[]=a&imp_uid%5B%5D=b&imp_uid[2]=c&imp_uid=d&merchant_uid[]=e");
        assert_eq!(query.list("imp_uid").collect::<Vec<_>>(), ["c", "a", "b"]);
    }

    #[test]
    fn authorization_wins_and_bearer_is_optional() {
        let token = |pairs: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            super::token(&headers)
        };
        assert_eq!(token(&[("authorization", "abc")]).as_deref(), Some("abc"));
        assert_eq!(
            token(&[("authorization", "bearer abc")]).as_deref(),
            Some("abc")
        );
        assert_eq!(
            token(&[("x-imptokenheader", "abc")]).as_deref(),
            Some("abc")
        );
        assert_eq!(
            token(&[("x-imptokenheader", "abc"), ("authorization", "x")]).as_deref(),
            Some("x")
        );
        assert_eq!(token(&[]), None);
    }
}
