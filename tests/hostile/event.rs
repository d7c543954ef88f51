//! Requests as API Gateway's HTTP API hands them over (payload format 2.0), honest or not.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::attack::{Body, Send, expand};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// The event of a request from a file.
pub(crate) fn of(send: &Send) -> Value {
    let (method, path) = match send.to.as_str() {
        "page" => ("POST", "/payments/complete"),
        "webhook" => ("POST", "/payments/webhook"),
        other => other.split_once(' ').expect("a method and a path"),
    };
    let mut event = request(method, path);
    let (declared, body, is_base64) = match &send.body {
        Body::Ids(imp_uid, merchant_uid) => {
            let ids = json!({"imp_uid": expand(imp_uid), "merchant_uid": expand(merchant_uid)});
            (Some(JSON), Some(ids.to_string()), false)
        }
        Body::Json(text) => (Some(JSON), Some(expand(text)), false),
        Body::Form(text) => (Some(FORM), Some(expand(text)), false),
        Body::Text(text) => (None, Some(expand(text)), false),
        Body::Base64(text) => (None, Some(expand(text)), true),
        Body::Bytes(text) => (None, Some(STANDARD.encode(latin_1(&expand(text)))), true),
        Body::Nothing => (None, None, false),
    };
    if let Some(declared) = declared {
        event["headers"]["content-type"] = declared.into();
    }
    for (name, value) in &send.headers {
        event["headers"][name] = value.as_str().into();
    }
    if let Some(body) = body {
        event["body"] = body.into();
    }
    event["isBase64Encoded"] = is_base64.into();
    event
}

/// What the shop's page or Iamport (`to`) sends about a payment.
pub(crate) fn ids(to: &str, imp_uid: &str, merchant_uid: &str) -> Value {
    of(&Send {
        to: to.to_owned(),
        body: Body::Ids(imp_uid.to_owned(), merchant_uid.to_owned()),
        ..Send::default()
    })
}

/// A request without a body.
fn request(method: &str, path: &str) -> Value {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "shop.example", "user-agent": "Mozilla/5.0", "x-forwarded-for": "192.0.2.1"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "api",
            "domainName": "shop.example",
            "domainPrefix": "shop",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "Mozilla/5.0",
            },
            "requestId": "request-1",
            "routeKey": "$default",
            "stage": "$default",
            "time": "22/Nov/2026:09:00:00 +0000",
            "timeEpoch": 1_795_338_000_000_i64,
        },
    })
}

/// A file of text cannot hold bytes that are no UTF-8: each character stands for one byte.
fn latin_1(text: &str) -> Vec<u8> {
    let byte = |c: char| u8::try_from(u32::from(c)).expect("one byte");
    text.chars().map(byte).collect()
}
