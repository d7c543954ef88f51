//! `iamport-sim trigger`: a payment in one command.

use bigdecimal::BigDecimal;
use serde_json::json;

use crate::Failure;
use crate::args::{Allowed, Args};
use crate::lines;

const ALLOWED: Allowed = Allowed {
    words: 1,
    options: &[
        "--url",
        "--merchant-uid",
        "--amount",
        "--currency",
        "--pay-method",
        "--cancel-amount",
    ],
    switches: &["--no-webhook", "--force"],
};

pub(crate) async fn run(args: &[String]) -> Result<(), Failure> {
    let mut args = Args::read(args, &ALLOWED)?;
    let control = args.control()?;
    let wants_webhook = !args.has("--no-webhook");
    let status = args.word().ok_or("which status? try --help")?;
    let fields = fields(&mut args, &status)?;

    let answer = control
        .send("POST", "payments?webhook=none", &fields)
        .await?;
    let imp_uid = lines::member(&answer, "imp_uid").ok_or("no imp_uid in the answer")?;
    lines::print(&imp_uid)?;
    if !wants_webhook {
        return Ok(lines::print("no webhook")?);
    }
    if status == "failed" {
        return Ok(lines::print(
            "no webhook: the gateway tells nobody of a failure",
        )?);
    }
    if control.send("GET", "webhook", "").await? == "null" {
        return Ok(lines::print("no webhook: the gateway has no URL for it")?);
    }
    let path = format!("payments/{imp_uid}/webhook");
    for line in lines::receipts(&control.send("POST", &path, "").await?)? {
        lines::print(&line)?;
    }
    Ok(())
}

/// The payment's fields, in JSON.
fn fields(args: &mut Args, status: &str) -> Result<String, String> {
    if !["ready", "paid", "failed", "cancelled"].contains(&status) {
        return Err(format!("{status} is not ready, paid, failed or cancelled"));
    }
    let merchant_uid = args.require("--merchant-uid")?;
    let amount = args.amount("--amount")?;
    let amount = amount.ok_or("--amount is missing; try --help")?;
    let mut fields = vec![
        ("merchant_uid", json!(merchant_uid).to_string()),
        ("amount", amount.clone()),
        ("status", json!(status).to_string()),
    ];
    if let Some(part) = args.amount("--cancel-amount")? {
        if status != "cancelled" {
            return Err(format!("--cancel-amount: for cancelled, not {status}"));
        }
        if number(&part) > number(&amount) {
            return Err(format!("--cancel-amount: {part} is more than {amount}"));
        }
        fields.push(("cancel_amount", part));
    }
    let mut pay_method = args.take("--pay-method");
    if status == "ready" {
        match pay_method.get_or_insert("vbank".to_owned()).as_str() {
            "vbank" => {}
            other => {
                return Err(format!(
                    "--pay-method: ready is a vbank with an account, not {other}"
                ));
            }
        }
    }
    let texts = [
        ("currency", args.take("--currency")),
        ("pay_method", pay_method),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(name, text)| Some((name, json!(text?).to_string())));
    fields.extend(texts);
    if args.has("--force") {
        fields.push(("$force", "true".to_owned()));
    }
    let members: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    Ok(format!("{{{}}}", members.join(",")))
}

fn number(text: &str) -> Option<BigDecimal> {
    text.parse().ok()
}
