//! `POST` and `PUT /payments/prepare`: what an order costs, registered before the payment window opens.

use lambda_http::http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::envelope::{is_refused, response};
use super::error::GatewayError;
use crate::decimal::Decimal;
use crate::json::money;
use crate::orders::Price;
use crate::payment::MerchantUid;

/// The amount goes digit for digit: through a JSON value it would become a float.
#[derive(Serialize)]
struct Request<'a> {
    merchant_uid: &'a str,
    amount: Box<RawValue>,
    /// Without it, the window takes any currency (OAS).
    currency: &'a str,
}

/// The body of a request to register a price.
pub(super) fn request(merchant_uid: &MerchantUid, price: &Price) -> Option<String> {
    let body = Request {
        merchant_uid: merchant_uid.as_str(),
        amount: RawValue::from_string(price.amount.to_string()).ok()?,
        currency: &price.currency,
    };
    serde_json::to_string(&body).ok()
}

/// Whether the price is registered now; if not, something is registered already, and has to be changed. The gateway says so
/// with HTTP 200 or 400: sources differ.
pub(super) fn read(
    status: StatusCode,
    body: &[u8],
    method: &Method,
    price: &Price,
) -> Result<bool, GatewayError> {
    #[derive(Deserialize)]
    struct Registered {
        #[serde(deserialize_with = "money")]
        amount: Decimal,
        currency: String,
    }
    let is_answer = matches!(status, StatusCode::OK | StatusCode::BAD_REQUEST);
    if method == Method::POST && is_answer && is_refused(body) {
        return Ok(false);
    }
    if status != StatusCode::OK {
        return Err(GatewayError::Status(status));
    }
    let registered: Registered = response(body)?;
    if registered.amount == price.amount && registered.currency == price.currency {
        Ok(true)
    } else {
        Err(GatewayError::Nonsense(
            "another price than the one to register",
        ))
    }
}
