//! API Gateway events in, answers out. Nothing here waits or decides about money.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_http::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use lambda_http::http::{HeaderMap, HeaderValue, Method};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::json;
use crate::outcome::Outcome;
use crate::payment::{Payment, PaymentIds};

/// The largest body that is read, after decoding, in bytes.
const MAX_BODY: usize = 16 * 1024;

/// The routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// `POST /payments/complete`: the shop's page.
    Complete,
    /// `POST /payments/webhook`: Iamport.
    Webhook,
}

impl Route {
    /// The route's name in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Webhook => "webhook",
        }
    }
}

/// The event as API Gateway's HTTP API sends it (payload format 2.0); `None` if it is anything else.
#[must_use]
pub fn event(payload: &RawValue) -> Option<ApiGatewayV2httpRequest> {
    serde_json::from_str(payload.get()).ok()
}

/// Which door the event came to.
///
/// # Errors
/// `NotFound` or `MethodNotAllowed`.
pub fn route(event: &ApiGatewayV2httpRequest) -> Result<Route, Outcome> {
    let route = match event.raw_path.as_deref() {
        Some("/payments/complete") => Route::Complete,
        Some("/payments/webhook") => Route::Webhook,
        _ => return Err(Outcome::NotFound),
    };
    if event.request_context.http.method == Method::POST {
        Ok(route)
    } else {
        Err(Outcome::MethodNotAllowed)
    }
}

/// The ids in the event's body; everything else in it is ignored, its `status` above all.
///
/// # Errors
/// Says what is wrong with the body.
pub fn payment_ids(event: &ApiGatewayV2httpRequest) -> Result<PaymentIds, &'static str> {
    let body = body(event)?;
    let (imp_uid, merchant_uid) = match declared_type(&event.headers) {
        Some("application/json") => from_json(&body)?,
        Some("application/x-www-form-urlencoded") => from_form(&body)?,
        _ if body.trim_start().starts_with('{') => from_json(&body)?,
        _ => from_form(&body)?,
    };
    PaymentIds::new(imp_uid, merchant_uid).ok_or("imp_uid or merchant_uid is not well-formed")
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

fn from_json(body: &str) -> Result<(String, String), &'static str> {
    #[derive(Deserialize)]
    struct Ids {
        imp_uid: String,
        merchant_uid: String,
    }
    let ids: Ids = json::object(body.as_bytes()).ok_or(
        "the body is not a JSON object with one imp_uid and one merchant_uid, both strings",
    )?;
    Ok((ids.imp_uid, ids.merchant_uid))
}

fn from_form(body: &str) -> Result<(String, String), &'static str> {
    let (mut imp_uid, mut merchant_uid) = (None, None);
    for pair in body.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, value) = (form_text(key)?, form_text(value)?);
        let id = match key.as_str() {
            "imp_uid" => &mut imp_uid,
            "merchant_uid" => &mut merchant_uid,
            _ => continue,
        };
        if id.replace(value).is_some() {
            return Err("imp_uid or merchant_uid is repeated");
        }
    }
    imp_uid
        .zip(merchant_uid)
        .ok_or("imp_uid or merchant_uid is missing")
}

/// Decodes one part of a form strictly: libraries would put U+FFFD where the bytes are not UTF-8.
fn form_text(encoded: &str) -> Result<String, &'static str> {
    let spaced = encoded.replace('+', " ");
    let decoded = percent_decode_str(&spaced)
        .decode_utf8()
        .map_err(|_| "the body is not UTF-8")?;
    Ok(decoded.into_owned())
}

/// The account, as the shop's page shows it.
#[derive(Serialize)]
struct Account<'a> {
    #[serde(rename = "vbank_num", skip_serializing_if = "Option::is_none")]
    number: Option<&'a str>,
    #[serde(rename = "vbank_name", skip_serializing_if = "Option::is_none")]
    bank: Option<&'a str>,
    #[serde(rename = "vbank_date", skip_serializing_if = "Option::is_none")]
    deposit_by: Option<i64>,
}

/// Turns an outcome into API Gateway's answer; `account` is the payment whose account the page may show.
#[must_use]
pub fn answer(outcome: Outcome, account: Option<&Payment>) -> ApiGatewayV2httpResponse {
    #[derive(Serialize)]
    struct Body<'a> {
        status: &'a str,
        message: &'a str,
        #[serde(flatten)]
        account: Option<Account<'a>>,
    }
    let body = Body {
        status: outcome.name(),
        message: outcome.message(),
        account: account.map(|payment| Account {
            number: payment.vbank_num.as_deref(),
            bank: payment.vbank_name.as_deref(),
            deposit_by: payment.vbank_date,
        }),
    };
    let mut answer = ApiGatewayV2httpResponse::default();
    answer.status_code = i64::from(outcome.http_status());
    answer.body = serde_json::to_string(&body).ok().map(Into::into);
    let headers = &mut answer.headers;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if outcome == Outcome::Unavailable {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    if outcome == Outcome::MethodNotAllowed {
        headers.insert(ALLOW, HeaderValue::from_static("POST"));
    }
    answer
}
