//! SNS: `Publish` to a phone number, query protocol in, XML out.

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::Response;

use super::call::{AwsCall, form_field, xml};

/// A text message that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sms {
    /// The number, in E.164.
    pub phone: String,
    /// The text.
    pub message: String,
}

pub(super) fn answer(sent: &mut Vec<Sms>, call: &AwsCall, body: &Bytes) -> Response {
    if call.operation != "Publish" {
        return call.unknown();
    }
    let field = |name| form_field(body, name).unwrap_or_default();
    let sms = Sms {
        phone: field("PhoneNumber"),
        message: field("Message"),
    };
    if !is_e164(&sms.phone) {
        return invalid(call, "PhoneNumber");
    }
    if sms.message.is_empty() {
        return invalid(call, "Message");
    }
    sent.push(sms);
    let id = uuid::Uuid::new_v4();
    let result = format!("<PublishResult><MessageId>{id}</MessageId></PublishResult>");
    xml(
        StatusCode::OK,
        &format!("<PublishResponse>{result}</PublishResponse>"),
    )
}

fn invalid(call: &AwsCall, parameter: &str) -> Response {
    let message = format!("Invalid parameter: {parameter}");
    call.error(StatusCode::BAD_REQUEST, "InvalidParameter", &message)
}

fn is_e164(phone: &str) -> bool {
    let digits = phone.strip_prefix('+').unwrap_or_default();
    (8..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}
