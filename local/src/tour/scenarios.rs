//! The scenarios, in the contract's words.

use futures_util::future::try_join_all;
use iamport_sim::Route;
use local::aws::Fault;
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
    two_payments(stage).await?;
    second_after_refund(stage).await?;
    amount_tampered(stage).await?;
    currency_tampered(stage).await?;
    another_order(stage).await?;
    card_registration(stage).await?;
    sandbox_hidden(stage).await?;
    sandbox_returned(stage).await?;
    unknown_payment(stage).await?;
    unknown_order(stage).await?;
    test_button(stage).await?;
    reply_lost(stage).await?;
    secret_rotated(stage).await?;
    gateway_down(stage).await
}

async fn paid(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("paid", json!({"amount": 1000})).await?;
    let card = stage.pay(&order, json!({"amount": 1000}))?;
    for step in ["the page", "the page, reloaded"] {
        stage.shop.gateway.clear_calls();
        stage.shop.aws.clear_calls();
        let answer = stage.complete(&card, &order).await?;
        stage.expect(step, &answer, (200, "success"), &order, Row::paid(&card)).await?;
        let calls = (stage.shop.gateway.count(Route::Any), stage.shop.aws.calls());
        let cost = calls == (1, [("UpdateItem".to_owned(), 1)].into());
        stage.check(&format!("{step} costs one gateway call and one DynamoDB call, not {calls:?}"), cost);
    }
    Ok(())
}

async fn paid_in_dollars(stage: &mut Stage<'_>) -> Played {
    let order = json!({"amount": {"N": "14.20"}, "currency": "USD"});
    let order = stage.order("paid, 14.2 for 14.20 dollars", order).await?;
    let card = stage.pay(&order, json!({"amount": 14.2, "currency": "USD"}))?;
    let answer = stage.complete(&card, &order).await?;
    stage.expect("", &answer, (200, "success"), &order, Row::paid(&card)).await
}

async fn webhook_before_page(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("webhook before page", json!({"amount": 1000})).await?;
    let card = stage.pay(&order, json!({"amount": 1000}))?;
    let answer = stage.webhook(&card).await?;
    stage.expect("the webhook", &answer, (200, "success"), &order, Row::paid(&card)).await?;
    let answer = stage.complete(&card, &order).await?;
    stage.expect("the page", &answer, (200, "success"), &order, Row::paid(&card)).await
}

async fn all_at_once(stage: &mut Stage<'_>) -> Played {
    const TIMES: u32 = 20;
    let order = stage.order("page and webhook, 20 each at once", json!({"amount": 1000})).await?;
    let card = stage.pay(&order, json!({"amount": 1000}))?;
    let pages = try_join_all((0..TIMES).map(|_| stage.complete(&card, &order)));
    let (pages, webhooks) = tokio::try_join!(pages, stage.webhooks(&card, TIMES))?;
    let answers: Vec<_> = pages.into_iter().chain(webhooks).collect();
    let odd = answers.iter().find(|answer| (answer.code, answer.status()) != (200, "success"));
    let answer = odd.or(answers.first()).ok_or("nobody answered")?;
    stage.expect("", answer, (200, "success"), &order, Row::paid(&card)).await
}

async fn account_then_deposit(stage: &mut Stage<'_>) -> Played {
    stage.shop.customers.put(json!({"customer_id": "tour-customer"})).await?;
    let order = json!({"amount": 1000, "customer_id": "tour-customer", "phone": "010-1234-5678"});
    let order = stage.order("virtual account", order).await?;
    let texts = stage.shop.aws.sms_sent().len();
    let account = stage.pay(&order, json!({"amount": 1000, "pay_method": "vbank", "status": "ready"}))?;

    let answer = stage.complete(&account, &order).await?;
    let row = Row::ready(&account).with_notice("done");
    stage.expect("issued, SMS sent", &answer, (200, "vbankIssued"), &order, row).await?;
    let number = answer.body["vbank_num"].as_str().unwrap_or_default();
    stage.check("the page shows the account", !number.is_empty());
    let customer = stage.shop.customers.get("tour-customer").await?;
    stage.check("the customer's record has the account", customer["vbank_num"] == answer.body["vbank_num"]);
    let sent = stage.shop.aws.sms_sent();
    let sent = sent.get(texts..).unwrap_or_default();
    let told = |sms: &local::Sms| sms.phone == "+821012345678" && sms.message.contains(number);
    stage.check("one SMS with the account to +821012345678", sent.len() == 1 && sent.iter().all(told));

    stage.shop.gateway.deposit(&account)?;
    let answer = stage.webhook(&account).await?;
    stage.expect("deposited", &answer, (200, "success"), &order, Row::paid(&account)).await
}

async fn failed_then_paid(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("late approval", json!({"amount": 1000})).await?;
    let card = stage.pay(&order, json!({"amount": 1000, "status": "failed"}))?;
    let answer = stage.complete(&card, &order).await?;
    stage.expect("failed", &answer, (200, "failed"), &order, Row::failed(&card)).await?;
    stage.shop.gateway.pay(&card)?;
    let answer = stage.webhook(&card).await?;
    stage.expect("paid after all", &answer, (200, "success"), &order, Row::paid(&card)).await
}

async fn window_left(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("payment window left", json!({"amount": 1000})).await?;
    let card = stage.pay(&order, json!({"amount": 1000, "status": "ready"}))?;
    let answer = stage.complete(&card, &order).await?;
    stage.expect("", &answer, (200, "pending"), &order, Row::untouched()).await
}

async fn partial_then_full_cancel(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("cancelled in the console", json!({"amount": 1000})).await?;
    let card = stage.pay(&order, json!({"amount": 1000}))?;
    let answer = stage.complete(&card, &order).await?;
    stage.expect("paid", &answer, (200, "success"), &order, Row::paid(&card)).await?;
    stage.shop.gateway.cancel(&card, Some("300"))?;
    let answer = stage.webhook(&card).await?;
    let row = Row::partly_cancelled(&card, "300");
    stage.expect("300 of 1000", &answer, (200, "partiallyCancelled"), &order, row).await?;
    stage.shop.gateway.cancel(&card, None)?;
    let answer = stage.webhook(&card).await?;
    stage.expect("the rest", &answer, (200, "cancelled"), &order, Row::refunded(&card, "1000")).await
}

async fn two_payments(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("two payments for one order", json!({"amount": 1000})).await?;
    let first = stage.pay(&order, json!({"amount": 1000}))?;
    let second = stage.pay(&order, json!({"amount": 1000, "$force": true}))?;
    let answer = stage.complete(&first, &order).await?;
    stage.expect("the first", &answer, (200, "success"), &order, Row::paid(&first)).await?;
    let answer = stage.complete(&second, &order).await?;
    let row = Row::paid(&first).with_duplicate(&second);
    stage.expect("the second", &answer, (409, "duplicatePayment"), &order, row).await
}

async fn second_after_refund(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("the first refunded, then the second", json!({"amount": 1000})).await?;
    let first = stage.pay(&order, json!({"amount": 1000}))?;
    let answer = stage.complete(&first, &order).await?;
    stage.expect("paid", &answer, (200, "success"), &order, Row::paid(&first)).await?;
    stage.shop.gateway.cancel(&first, None)?;
    let answer = stage.webhook(&first).await?;
    stage.expect("refunded", &answer, (200, "cancelled"), &order, Row::refunded(&first, "1000")).await?;
    let second = stage.pay(&order, json!({"amount": 1000}))?;
    let answer = stage.complete(&second, &order).await?;
    stage.expect("paid again", &answer, (200, "success"), &order, Row::paid(&second)).await
}

async fn amount_tampered(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("amount tampered", json!({"amount": 1000})).await?;
    let card = stage.pay(&order, json!({"amount": 100}))?;
    let answer = stage.complete(&card, &order).await?;
    let row = Row::untouched().with_refused(&card);
    stage.expect("", &answer, (400, "forgery"), &order, row).await
}

async fn currency_tampered(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("currency tampered", json!({"amount": 1000, "currency": "USD"})).await?;
    let card = stage.pay(&order, json!({"amount": 1000, "currency": "KRW"}))?;
    let answer = stage.complete(&card, &order).await?;
    let row = Row::untouched().with_refused(&card);
    stage.expect("", &answer, (400, "forgery"), &order, row).await
}

async fn another_order(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("a payment of another order", json!({"amount": 1000})).await?;
    let card = stage.pay("somebody-elses", json!({"amount": 1000}))?;
    let answer = stage.complete(&card, &order).await?;
    stage.expect("", &answer, (400, "forgery"), &order, Row::untouched()).await
}

async fn card_registration(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("card registered, not charged", json!({"amount": 1000})).await?;
    let card = json!({"amount": 1000, "customer_uid": "card-1", "customer_uid_usage": "issue"});
    let card = stage.pay(&order, card)?;
    let answer = stage.complete(&card, &order).await?;
    stage.expect("", &answer, (400, "forgery"), &order, Row::untouched()).await
}

async fn sandbox_hidden(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("test channel, hidden by the gateway", json!({"amount": 1000})).await?;
    let card = stage.pay(&order, json!({"amount": 1000, "sandbox": true}))?;
    let answer = stage.complete(&card, &order).await?;
    stage.expect("", &answer, (404, "paymentNotFound"), &order, Row::untouched()).await
}

async fn sandbox_returned(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("test channel, returned all the same", json!({"amount": 1000})).await?;
    let card = stage.pay(&order, json!({"amount": 1000, "sandbox": true}))?;
    stage.shop.gateway.show_sandbox(true);
    let answer = stage.complete(&card, &order).await?;
    stage.shop.gateway.show_sandbox(false);
    stage.expect("", &answer, (400, "forgery"), &order, Row::untouched()).await
}

async fn unknown_payment(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("unknown payment", json!({"amount": 1000})).await?;
    let answer = stage.complete("imp_000000000000", &order).await?;
    stage.expect("", &answer, (404, "paymentNotFound"), &order, Row::untouched()).await
}

async fn unknown_order(stage: &mut Stage<'_>) -> Played {
    let order = stage.scenario("unknown order");
    let card = stage.pay(&order, json!({"amount": 1000}))?;
    let answer = stage.complete(&card, &order).await?;
    stage.expect("", &answer, (404, "orderNotFound"), &order, Row::untouched()).await?;
    let row = stage.shop.orders.get(&order).await?;
    stage.check("no write creates an order", row.is_null());
    Ok(())
}

async fn test_button(stage: &mut Stage<'_>) -> Played {
    let order = stage.scenario("the console's test button");
    let answer = stage.test_button().await?;
    stage.expect("", &answer, (200, "ignored"), &order, Row::untouched()).await
}

async fn reply_lost(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("DynamoDB's reply lost after the write", json!({"amount": 1000})).await?;
    let card = stage.pay(&order, json!({"amount": 1000}))?;
    stage.shop.aws.fault(Fault::dropped().on("UpdateItem").times(1));
    let answer = stage.complete(&card, &order).await?;
    stage.shop.aws.clear_faults();
    stage.expect("", &answer, (200, "success"), &order, Row::paid(&card)).await
}

async fn secret_rotated(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("credentials rotated", json!({"amount": 1000})).await?;
    let card = stage.pay(&order, json!({"amount": 1000}))?;
    stage.shop.gateway.rotate_credentials("another_key", "another_secret");
    stage.shop.gateway.revoke_tokens();
    stage.shop.put_credentials("another_key", "another_secret");
    let answer = stage.complete(&card, &order).await?;
    stage.expect("", &answer, (200, "success"), &order, Row::paid(&card)).await
}

async fn gateway_down(stage: &mut Stage<'_>) -> Played {
    let order = stage.order("gateway", json!({"amount": 1000})).await?;
    let card = stage.pay(&order, json!({"amount": 1000}))?;
    stage.shop.gateway.pause().await?;
    let answer = stage.complete(&card, &order).await;
    stage.shop.gateway.resume().await?;
    let answer = answer?;
    stage.expect("down", &answer, (503, "unavailable"), &order, Row::untouched()).await?;
    stage.check("a 503 says when to come back", answer.header("retry-after").is_some());
    let answer = stage.complete(&card, &order).await?;
    stage.expect("back", &answer, (200, "success"), &order, Row::paid(&card)).await
}
