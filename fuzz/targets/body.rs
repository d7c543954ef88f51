//! A request's body, in every declared form: ids come out as they are written, or not at all.
#![no_main]

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_http::http::HeaderValue;
use libfuzzer_sys::fuzz_target;
use payment_verifier::api::{Route, asked};
use payment_verifier::verify::Asked;
use serde_json::value::RawValue;

const TYPES: [Option<&str>; 4] = [
    None,
    Some("application/json"),
    Some("application/x-www-form-urlencoded"),
    Some("text/plain"),
];

fuzz_target!(|data: &[u8]| {
    let [shape, body @ ..] = data else { return };
    let mut event = ApiGatewayV2httpRequest::default();
    if let Some(declared) = TYPES[usize::from(shape % 4)] {
        event
            .headers
            .insert("content-type", HeaderValue::from_static(declared));
    }
    event.is_base64_encoded = shape & 4 != 0;
    // Base64 of anything, what claims to be base64, or text.
    event.body = match (
        event.is_base64_encoded && shape & 8 != 0,
        str::from_utf8(body),
    ) {
        (true, _) => Some(STANDARD.encode(body)),
        (false, Ok(text)) => Some(text.to_owned()),
        (false, Err(_)) => return,
    };
    let Ok(Asked::Payment(ids)) = asked(Route::Webhook, &event) else {
        return;
    };

    let (imp_uid, merchant_uid) = (ids.imp_uid(), ids.merchant_uid());
    let is_id = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    assert!((1..=32).contains(&imp_uid.len()) && imp_uid.chars().all(is_id));
    assert!((1..=100).contains(&merchant_uid.chars().count()));
    assert!(!merchant_uid.chars().any(char::is_control));

    let read = match (event.is_base64_encoded, event.body) {
        (true, Some(text)) => STANDARD.decode(text).expect("it was read"),
        (_, text) => text.unwrap_or_default().into_bytes(),
    };
    assert!(read.len() <= 16 * 1024);
    let ids = Some((imp_uid.to_owned(), merchant_uid.to_owned()));
    assert!(ids == as_json(&read) || ids == as_form(&read));
});

fn as_json(body: &[u8]) -> Option<(String, String)> {
    let body: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(body).ok()?;
    let id = |name| serde_json::from_str(body.get(name)?.get()).ok();
    Some((id("imp_uid")?, id("merchant_uid")?))
}

/// The only value of each id, as browsers' rules have it.
fn as_form(body: &[u8]) -> Option<(String, String)> {
    let id = |name| {
        let mut values = form_urlencoded::parse(body).filter(|(key, _)| key == name);
        let (_, value) = values.next()?;
        values.next().is_none().then(|| value.into_owned())
    };
    Some((id("imp_uid")?, id("merchant_uid")?))
}
