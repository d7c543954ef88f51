//! Outcomes as API Gateway's answers.

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION, REFERRER_POLICY, RETRY_AFTER,
};
use lambda_http::http::{HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;
use serde::Serialize;

use crate::outcome::Outcome;
use crate::payment::{MerchantUid, Payment};

/// An id as a value in a query: all but what no URL's reader gives a meaning.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

#[derive(Serialize)]
struct Body<'a> {
    status: &'a str,
    message: &'a str,
    /// What the customer reads where the payment stops (CONFIRM).
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(flatten)]
    account: Option<Account<'a>>,
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

/// Turns an outcome into an answer; `account` is the payment whose account the page may show.
#[must_use]
pub fn answer(outcome: Outcome, account: Option<&Payment>) -> ApiGatewayV2httpResponse {
    let account = account.map(|payment| Account {
        number: payment.vbank_num.as_deref(),
        bank: payment.vbank_name.as_deref(),
        deposit_by: payment.vbank_date,
    });
    with_body(outcome, account, None)
}

/// Turns an outcome into an answer to `confirm_url`: with a reason, unless approval may go on.
#[must_use]
pub fn confirmation(outcome: Outcome) -> ApiGatewayV2httpResponse {
    let reason = match outcome {
        Outcome::Confirmed => None,
        Outcome::Forgery => Some("주문 금액이 변경되었습니다. 주문서를 다시 열어 주세요."),
        _ => Some(outcome.message()),
    };
    with_body(outcome, None, reason)
}

/// Sends the browser back to the shop, with what came of the order. Of the request only the checked id goes along.
#[must_use]
pub fn redirection(
    shop: &Url,
    order: Option<&MerchantUid>,
    outcome: Outcome,
) -> ApiGatewayV2httpResponse {
    let mut query = shop.query().unwrap_or_default().to_owned();
    let order = order.map(|order| utf8_percent_encode(order.as_str(), VALUE));
    for (name, value) in [
        ("merchant_uid", order.map(|order| order.to_string())),
        ("status", Some(outcome.name().to_owned())),
    ] {
        let Some(value) = value else { continue };
        if !query.is_empty() {
            query.push('&');
        }
        query.extend([name, "=", &value]);
    }
    let mut location = shop.clone();
    location.set_query(Some(&query));
    let mut answer = ApiGatewayV2httpResponse::default();
    answer.status_code = i64::from(StatusCode::SEE_OTHER.as_u16());
    let headers = &mut answer.headers;
    // A URL that was parsed is ASCII.
    if let Ok(location) = HeaderValue::from_str(location.as_str()) {
        headers.insert(LOCATION, location);
    }
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

fn with_body(
    outcome: Outcome,
    account: Option<Account>,
    reason: Option<&str>,
) -> ApiGatewayV2httpResponse {
    let body = Body {
        status: outcome.name(),
        message: outcome.message(),
        reason,
        account,
    };
    let mut answer = ApiGatewayV2httpResponse::default();
    answer.status_code = i64::from(outcome.http_status());
    answer.body = serde_json::to_string(&body).ok().map(Into::into);
    let headers = &mut answer.headers;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match outcome {
        Outcome::Unavailable => headers.insert(RETRY_AFTER, HeaderValue::from_static("5")),
        Outcome::MethodNotAllowed(method) => {
            headers.insert(ALLOW, HeaderValue::from_static(method))
        }
        _ => None,
    };
    answer
}
