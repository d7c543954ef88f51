//! The orders and payments behind `events/`: one for every answer, named after it.

use serde_json::{Value, json};

use crate::{Error, Shop};

/// Stocks the shop with what the events ask for.
///
/// # Errors
/// When the gateway or the engine refuses.
pub async fn stock(shop: &Shop) -> Result<(), Error> {
    let paid = json!({"status": "paid"});
    let cancelled = |amount: u32| json!({"status": "cancelled", "cancel_amount": amount, "cancelled_at": 1_795_338_000});
    let samples = [
        ("success", paid.clone()),
        ("vbankIssued", account()),
        ("pending", json!({"status": "ready", "paid_at": 0})),
        (
            "failed",
            json!({"status": "failed", "paid_at": 0, "fail_reason": "한도 초과"}),
        ),
        ("cancelled", cancelled(1000)),
        ("partiallyCancelled", cancelled(300)),
        ("forgery", json!({"status": "paid", "amount": 10})),
        ("duplicatePayment", paid.clone()),
        ("misconfigured", paid.clone()),
        ("orderNotFound", paid),
        // No amount that money comes in: the gateway talks nonsense.
        ("unavailable", json!({"status": "paid", "amount": -1000})),
    ];
    for (sample, mut payment) in samples {
        payment["imp_uid"] = format!("imp_sample_{sample}").into();
        payment["merchant_uid"] = format!("sample-{sample}").into();
        if payment["amount"].is_null() {
            payment["amount"] = 1000.into();
        }
        shop.gateway
            .create(payment.to_string())
            .map_err(Error::Gateway)?;
        if sample != "orderNotFound" {
            shop.orders.put(order(sample)).await?;
        }
    }
    Ok(())
}

fn account() -> Value {
    json!({
        "status": "ready", "pay_method": "vbank", "paid_at": 0, "vbank_name": "신한", "vbank_num": "X3790127821223",
        "vbank_date": 1_795_942_800,
    })
}

fn order(sample: &str) -> Value {
    let mut order = json!({"merchant_uid": format!("sample-{sample}"), "amount": 1000});
    match sample {
        "misconfigured" => order["amount"] = "1000".into(),
        // As the function leaves it once another attempt was paid.
        "duplicatePayment" => {
            for (name, value) in [
                ("imp_uid", json!("imp_sample_first")),
                ("payment_status", json!("paid")),
                ("payment_stage", json!(3)),
                ("payment_rank", json!(3)),
                ("cancel_amount", json!(0)),
                ("started_at", json!(1_795_337_000)),
                ("payment", json!({"status": "paid"})),
            ] {
                order[name] = value;
            }
        }
        _ => {}
    }
    order
}
