//! What the order did not ask for, and what nobody knows.

use iamport_sim::{Delivery, Notice};
use serde_json::{Value, json};

use super::row::{Attempt, Row};
use super::stage::Stage;
use crate::Problem;

type Played = Result<(), Problem>;

/// Plays them all, one after the other.
pub(crate) async fn all(stage: &mut Stage<'_>) -> Played {
    let less = json!({"amount": 100});
    forged("amount tampered", stage, json!({"amount": 1000}), less).await?;
    let dollars = json!({"amount": 1000, "currency": "USD"});
    forged("currency tampered", stage, dollars, json!({"amount": 1000})).await?;
    another_order(stage).await?;
    card_registration(stage).await?;
    sandbox_hidden(stage).await?;
    sandbox_returned(stage).await?;
    unknown_payment(stage).await?;
    unknown_order(stage).await?;
    test_button(stage).await
}

/// The money is not what the order asked for: it is held, so the order remembers the attempt.
async fn forged(name: &'static str, stage: &mut Stage<'_>, order: Value, payment: Value) -> Played {
    let order = stage.order(name, order).await?;
    let card = stage.pay(&order, payment)?;
    let row = Row::untouched().with_refused(&card);
    stage.page("", &card, "400 forgery", row).await?;
    Ok(())
}

async fn another_order(stage: &mut Stage<'_>) -> Played {
    let order = stage
        .order("a payment of another order", json!({"amount": 1000}))
        .await?;
    let card = stage.pay("somebody-elses", json!({"amount": 1000}))?;
    let claimed = Attempt {
        merchant_uid: order,
        ..card
    };
    stage
        .page("", &claimed, "400 forgery", Row::untouched())
        .await?;
    Ok(())
}

async fn card_registration(stage: &mut Stage<'_>) -> Played {
    let order = stage
        .order("card registered, not charged", json!({"amount": 1000}))
        .await?;
    let card = json!({"amount": 1000, "customer_uid": "card-1", "customer_uid_usage": "issue"});
    let card = stage.pay(&order, card)?;
    stage
        .page("", &card, "400 forgery", Row::untouched())
        .await?;
    Ok(())
}

async fn sandbox_hidden(stage: &mut Stage<'_>) -> Played {
    let order = stage
        .order(
            "test channel, hidden by the gateway",
            json!({"amount": 1000}),
        )
        .await?;
    let card = stage.pay(&order, json!({"amount": 1000, "sandbox": true}))?;
    stage
        .page("", &card, "404 paymentNotFound", Row::untouched())
        .await?;
    Ok(())
}

async fn sandbox_returned(stage: &mut Stage<'_>) -> Played {
    let order = stage
        .order(
            "test channel, returned all the same",
            json!({"amount": 1000}),
        )
        .await?;
    let card = stage.pay(&order, json!({"amount": 1000, "sandbox": true}))?;
    stage.shop.gateway.show_sandbox(true);
    stage
        .page("", &card, "400 forgery", Row::untouched())
        .await?;
    stage.shop.gateway.show_sandbox(false);
    Ok(())
}

async fn unknown_payment(stage: &mut Stage<'_>) -> Played {
    let merchant_uid = stage
        .order("unknown payment", json!({"amount": 1000}))
        .await?;
    let imp_uid = "imp_000000000000".to_owned();
    let unknown = Attempt {
        imp_uid,
        merchant_uid,
    };
    stage
        .page("", &unknown, "404 paymentNotFound", Row::untouched())
        .await?;
    Ok(())
}

async fn unknown_order(stage: &mut Stage<'_>) -> Played {
    let order = stage.scenario("unknown order");
    let card = stage.pay(&order, json!({"amount": 1000}))?;
    stage
        .page("", &card, "404 orderNotFound", Row::untouched())
        .await?;
    let row = stage.shop.orders.get(&order).await?;
    stage.check("no write creates an order", row.is_null());
    Ok(())
}

async fn test_button(stage: &mut Stage<'_>) -> Played {
    let order = stage.scenario("the console's test button");
    for answer in stage
        .deliver(&Notice::test_button(), Delivery::Once)
        .await?
    {
        stage
            .compare("", &answer, "200 ignored", &order, Row::untouched())
            .await?;
    }
    Ok(())
}
