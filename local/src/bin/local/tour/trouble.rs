//! What breaks, and comes back.

use local::aws::Fault;
use serde_json::json;

use super::row::Row;
use super::stage::Stage;
use crate::Problem;

type Played = Result<(), Problem>;

/// Plays them all, one after the other.
pub(crate) async fn all(stage: &mut Stage<'_>) -> Played {
    reply_lost(stage).await?;
    credentials_rotated(stage).await?;
    gateway_down(stage).await
}

async fn reply_lost(stage: &mut Stage<'_>) -> Played {
    let name = "DynamoDB's reply lost after the write";
    let order = stage.order(name, json!({"amount": 1000})).await?;
    let card = stage.pay(&order, json!({"amount": 1000}))?;
    stage
        .shop
        .aws
        .fault(Fault::dropped().on("UpdateItem").times(1));
    stage
        .page("", &card, "200 success", Row::paid(&card))
        .await?;
    Ok(())
}

async fn credentials_rotated(stage: &mut Stage<'_>) -> Played {
    let order = stage
        .order("credentials rotated", json!({"amount": 1000}))
        .await?;
    let card = stage.pay(&order, json!({"amount": 1000}))?;
    stage
        .shop
        .gateway
        .rotate_credentials("next_key", "next_secret");
    stage.shop.gateway.revoke_tokens();
    stage.shop.put_credentials("next_key", "next_secret");
    stage
        .page("", &card, "200 success", Row::paid(&card))
        .await?;
    Ok(())
}

async fn gateway_down(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("gateway", json!({"amount": 1000})).await?;
    let card = stage.pay(&order, json!({"amount": 1000}))?;
    stage.shop.gateway.pause().await?;
    let answer = stage
        .page("down", &card, "503 unavailable", Row::untouched())
        .await?;
    stage.check(
        "a 503 says when to come back",
        answer.header("retry-after").is_some(),
    );
    stage.shop.gateway.resume().await?;
    stage
        .page("back", &card, "200 success", Row::paid(&card))
        .await?;
    Ok(())
}
