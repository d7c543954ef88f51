//! What the gateway wraps its answers in.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::GatewayError;
use crate::json;

/// What the gateway wraps every answer in: `code` ≠ 0 is an error, even with HTTP 200, and `response` is always there,
/// if only as null (OAS `ResponseAnnotation`).
#[derive(Deserialize)]
struct Envelope<'a> {
    code: i64,
    #[serde(borrow)]
    response: &'a RawValue,
}

/// Whether it is the gateway that says no, and not something in between.
pub(super) fn is_refused(body: &[u8]) -> bool {
    json::object::<Envelope>(body).is_some_and(|envelope| envelope.code != 0)
}

/// What is in the envelope of an answer with HTTP 200.
pub(super) fn response<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, GatewayError> {
    let envelope: Envelope =
        json::object(body).ok_or(GatewayError::Nonsense("not its envelope"))?;
    if envelope.code != 0 {
        return Err(GatewayError::Nonsense("an error with HTTP 200"));
    }
    json::object(envelope.response.get().as_bytes()).ok_or(GatewayError::Nonsense(
        "a field that matters is missing or of another type",
    ))
}
