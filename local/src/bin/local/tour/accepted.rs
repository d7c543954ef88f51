//! Money that comes, waits and goes back.

use futures_util::future::try_join_all;
use iamport_sim::{Delivery, Route};
use serde_json::json;

use super::row::Row;
use super::stage::Stage;
use crate::Problem;

type Played = Result<(), Problem>;

/// Plays them all, one after the other.
pub(crate) async fn all(stage: &mut Stage<'_>) -> Played {
    paid(stage).await?;
    paid_in_dollars(stage).await?;
    webhook_before_page(stage).await?;
    all_at_once(stage).await?;
    account_then_deposit(stage).await?;
    failed_then_paid(stage).await?;
    window_left(stage).await?;
    partial_then_full_cancel(stage).await?;
    two_payments(stage).await
}

async fn paid(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("paid", json!({"amount": 1000})).await?;
    let card = stage.pay(&order, json!({"amount": 1000}))?;
    for step in ["the page", "the page, reloaded"] {
        stage.shop.gateway.clear_calls();
        stage.shop.aws.clear_calls();
        stage
            .page(step, &card, "200 success", Row::paid(&card))
            .await?;
        let calls = (stage.shop.gateway.count(Route::Any), stage.shop.aws.calls());
        let one_each = calls == (1, [("UpdateItem".to_owned(), 1)].into());
        stage.check(
            &format!("{step} costs one gateway call and one UpdateItem: {calls:?}"),
            one_each,
        );
    }
    Ok(())
}

async fn paid_in_dollars(stage: &mut Stage<'_>) -> Played {
    let order = json!({"amount": {"N": "14.20"}, "currency": "USD"});
    let order = stage.order("paid, 14.2 for 14.20 dollars", order).await?;
    let card = stage.pay(&order, json!({"amount": 14.2, "currency": "USD"}))?;
    stage
        .page("", &card, "200 success", Row::paid(&card))
        .await?;
    Ok(())
}

async fn webhook_before_page(stage: &mut Stage<'_>) -> Played {
    let order = stage
        .order("webhook before page", json!({"amount": 1000}))
        .await?;
    let card = stage.pay(&order, json!({"amount": 1000}))?;
    stage
        .webhook("the webhook", &card, "200 success", Row::paid(&card))
        .await?;
    stage
        .page("the page", &card, "200 success", Row::paid(&card))
        .await?;
    Ok(())
}

async fn all_at_once(stage: &mut Stage<'_>) -> Played {
    const EACH: u32 = 10;
    let order = json!({"amount": 1000});
    let order = stage.order("page and webhook, 20 at once", order).await?;
    let card = stage.pay(&order, json!({"amount": 1000}))?;
    let notice = stage.shop.gateway.notice(&card.imp_uid)?;
    let (pages, webhooks) = tokio::try_join!(
        try_join_all((0..EACH).map(|_| stage.ask(&card))),
        stage.deliver(&notice, Delivery::AtOnce(EACH)),
    )?;
    let answers = || pages.iter().chain(&webhooks);
    let odd: Vec<_> = answers()
        .filter(|answer| answer.to_string() != "200 success")
        .collect();
    // The line in the table is an odd one's, if there is one.
    let shown = odd.first().copied().or_else(|| answers().next());
    let shown = shown.ok_or("nobody answered")?;
    stage
        .compare("", shown, "200 success", &order, Row::paid(&card))
        .await?;
    let told = format!(
        "all {} succeed, but {} did not",
        answers().count(),
        odd.len()
    );
    stage.check(&told, odd.is_empty());
    Ok(())
}

async fn account_then_deposit(stage: &mut Stage<'_>) -> Played {
    stage
        .shop
        .customers
        .put(json!({"customer_id": "tour-customer"}))
        .await?;
    let order = json!({"amount": 1000, "customer_id": "tour-customer", "phone": "010-1234-5678"});
    let order = stage.order("virtual account", order).await?;
    let account = json!({"amount": 1000, "pay_method": "vbank", "status": "ready"});
    let account = stage.pay(&order, account)?;
    let before = stage.shop.aws.sms_sent().len();

    let waiting = Row::ready(&account).with_notice("done");
    let answer = stage
        .page("issued, SMS sent", &account, "200 vbankIssued", waiting)
        .await?;
    let number = answer.body["vbank_num"].as_str().unwrap_or_default();
    stage.check("the page shows the account", !number.is_empty());
    let customer = stage.shop.customers.get("tour-customer").await?;
    stage.check(
        "the customer's record has the account",
        customer["vbank_num"] == number,
    );
    let sent = stage.shop.aws.sms_sent().split_off(before);
    let told = |sms: &local::Sms| sms.phone == "+821012345678" && sms.message.contains(number);
    stage.check(
        "one SMS tells the account to +821012345678",
        sent.len() == 1 && sent.iter().all(told),
    );

    stage.shop.gateway.deposit(&account.imp_uid)?;
    stage
        .webhook("deposited", &account, "200 success", Row::paid(&account))
        .await
}

async fn failed_then_paid(stage: &mut Stage<'_>) -> Played {
    let order = stage
        .order("late approval", json!({"amount": 1000}))
        .await?;
    let card = stage.pay(&order, json!({"amount": 1000, "status": "failed"}))?;
    stage
        .page("failed", &card, "200 failed", Row::failed(&card))
        .await?;
    stage.shop.gateway.pay(&card.imp_uid)?;
    stage
        .webhook("paid after all", &card, "200 success", Row::paid(&card))
        .await
}

async fn window_left(stage: &mut Stage<'_>) -> Played {
    let order = stage
        .order("payment window left", json!({"amount": 1000}))
        .await?;
    let card = stage.pay(&order, json!({"amount": 1000, "status": "ready"}))?;
    stage
        .page("", &card, "200 pending", Row::untouched())
        .await?;
    Ok(())
}

async fn partial_then_full_cancel(stage: &mut Stage<'_>) -> Played {
    let order = stage
        .order("cancelled in the console", json!({"amount": 1000}))
        .await?;
    let card = stage.pay(&order, json!({"amount": 1000}))?;
    stage
        .page("paid", &card, "200 success", Row::paid(&card))
        .await?;
    stage.shop.gateway.cancel(&card.imp_uid, Some("300"))?;
    let part = Row::partly_cancelled(&card, "300");
    stage
        .webhook("300 of 1000", &card, "200 partiallyCancelled", part)
        .await?;
    stage.shop.gateway.cancel(&card.imp_uid, None)?;
    stage
        .webhook(
            "the rest",
            &card,
            "200 cancelled",
            Row::refunded(&card, "1000"),
        )
        .await
}

async fn two_payments(stage: &mut Stage<'_>) -> Played {
    let order = stage
        .order("two payments for one order", json!({"amount": 1000}))
        .await?;
    let first = stage.pay(&order, json!({"amount": 1000}))?;
    let second = stage.pay(&order, json!({"amount": 1000, "$force": true}))?;
    stage
        .page("the first", &first, "200 success", Row::paid(&first))
        .await?;
    let held = Row::paid(&first).with_duplicate(&second);
    stage
        .page("the second", &second, "409 duplicatePayment", held)
        .await?;
    stage.shop.gateway.cancel(&first.imp_uid, None)?;
    let refunded = Row::refunded(&first, "1000").with_duplicate(&second);
    stage
        .webhook("the first refunded", &first, "200 cancelled", refunded)
        .await?;
    let replaced = Row::paid(&second).with_duplicate(&second);
    stage
        .page("the second counts", &second, "200 success", replaced)
        .await?;
    Ok(())
}
