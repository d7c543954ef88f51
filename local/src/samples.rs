//! The orders and payments behind `events/`: one for every answer, named after it. `samples.json` has what is not
//! usual about each; the tests in Python read it too.

use serde_json::{Map, Value, json};

use crate::{Error, Shop};

const SAMPLES: &str = include_str!("../samples.json");

/// Stocks the shop with what the events ask for.
///
/// # Errors
/// When the gateway or the engine refuses.
///
/// # Panics
/// Never: the samples are JSON.
pub async fn stock(shop: &Shop) -> Result<(), Error> {
    let samples: Map<String, Value> = serde_json::from_str(SAMPLES).expect("samples in JSON");
    for (name, sample) in samples {
        let merchant_uid = format!("sample-{name}");
        // `null` is none; nothing is a usual one.
        let has = |what| sample.get(what) != Some(&Value::Null);
        if has("payment") {
            let payment = json!({"imp_uid": format!("imp_sample_{name}"), "merchant_uid": merchant_uid, "amount": 1000});
            let payment = with(payment, &sample["payment"]).to_string();
            shop.gateway.create(payment).map_err(Error::Gateway)?;
        }
        if has("order") {
            let order = json!({"merchant_uid": merchant_uid, "amount": 1000});
            shop.orders.put(with(order, &sample["order"])).await?;
        }
    }
    Ok(())
}

fn with(mut usual: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().into_iter().flatten() {
        usual[name] = value.clone();
    }
    usual
}
