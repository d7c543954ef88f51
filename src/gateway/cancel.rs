//! `POST /payments/cancel`: the one call that moves money.

use lambda_http::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::error::GatewayError;
use crate::json;
use crate::payment::Payment;

/// What the gateway says of a payment that was cancelled in full before.
const CANCELLED_BEFORE: &str = "이미 전액취소";

/// What the gateway made of a request to cancel a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    /// It took the request, or it was cancelled in full before. Some providers cancel later all the same.
    Taken,
    /// It refused: the money stays where it is.
    Refused,
}

/// The amount goes digit for digit: through a JSON value it would become a float.
#[derive(Serialize)]
struct Request<'a> {
    imp_uid: &'a str,
    checksum: Box<RawValue>,
    reason: &'a str,
    extra: Extra,
}

#[derive(Serialize)]
struct Extra {
    /// Naver Pay wants to know who asks.
    requester: &'static str,
}

/// The body of a request to give all of a payment back. The whole amount goes along as `checksum`, so that of several
/// such requests one takes effect (CANCEL).
pub(super) fn request(payment: &Payment, reason: &str) -> Option<String> {
    let body = Request {
        imp_uid: &payment.imp_uid,
        checksum: RawValue::from_string(payment.amount.to_string()).ok()?,
        reason,
        extra: Extra { requester: "admin" },
    };
    serde_json::to_string(&body).ok()
}

/// A refusal is a `code` other than 0, with HTTP 200 (CANCEL).
pub(super) fn read(status: StatusCode, body: &[u8]) -> Result<Cancelled, GatewayError> {
    #[derive(Deserialize)]
    struct Answer {
        code: i64,
        message: Option<String>,
    }
    match status {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED => return Err(GatewayError::Unauthorized),
        status => return Err(GatewayError::Status(status)),
    }
    let answer: Answer = json::object(body).ok_or(GatewayError::Nonsense("not its envelope"))?;
    let before = answer
        .message
        .is_some_and(|message| message.contains(CANCELLED_BEFORE));
    Ok(if answer.code == 0 || before {
        Cancelled::Taken
    } else {
        Cancelled::Refused
    })
}
