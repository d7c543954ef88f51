//! What a request asks for.

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;

use super::Route;
use super::fields::Fields;
use crate::payment::{MerchantUid, PaymentIds};
use crate::verify::Asked;

/// The longest `merchant_uid` that the payment window takes, in characters (OAS `POST /payments/prepare`).
const MAX_AT_THE_WINDOW: usize = 40;

/// What the event asks for; everything in it but the ids and `confirm`'s amount is ignored, its `status` above all.
///
/// # Errors
/// Says what is wrong with the body or the query.
pub fn asked(route: Route, event: &ApiGatewayV2httpRequest) -> Result<Asked, &'static str> {
    let fields = match route {
        Route::Redirect => Fields::of_query(event),
        _ => Fields::of_body(event)?,
    };
    let Some(order) = fields.text("merchant_uid")? else {
        return Err(if route == Route::Webhook && is_v2(&fields) {
            "a webhook of V2: the console has to be set to V1"
        } else {
            "merchant_uid is missing"
        });
    };
    let order = MerchantUid::new(order).ok_or("merchant_uid is not well-formed")?;
    if route == Route::Prepare {
        return at_the_window(&order).map(|()| Asked::Prepare(order));
    }
    match (route, fields.text("imp_uid")?) {
        (Route::Complete | Route::Redirect, None) => by_order(order),
        (Route::Complete | Route::Redirect, Some(imp_uid)) if imp_uid.is_empty() => by_order(order),
        (_, None) => Err("imp_uid is missing"),
        (_, Some(imp_uid)) => {
            let ids = PaymentIds::of(imp_uid, order).ok_or("imp_uid is not well-formed")?;
            if route != Route::Confirm {
                return Ok(Asked::Payment(ids));
            }
            at_the_window(ids.order())?;
            let amount = fields.money("amount")?.ok_or("amount is missing")?;
            Ok(Asked::Confirm(ids, amount))
        }
    }
}

/// PortOne's other API names a payment `payment_id`, or in its newer form within `data` (V2 webhook 2024-01-01, 2024-04-25).
fn is_v2(fields: &Fields) -> bool {
    fields.has("payment_id") || (fields.has("type") && fields.has("data"))
}

/// The gateway's path for it has the id as a segment, and no encoding keeps a URL's parser from taking these for steps.
fn by_order(order: MerchantUid) -> Result<Asked, &'static str> {
    if matches!(order.as_str(), "." | "..") {
        return Err("merchant_uid is not well-formed");
    }
    Ok(Asked::Order(order))
}

fn at_the_window(order: &MerchantUid) -> Result<(), &'static str> {
    if order.as_str().chars().count() > MAX_AT_THE_WINDOW {
        return Err("merchant_uid is longer than the payment window takes");
    }
    Ok(())
}
