//! What happened, in one line that a person can read.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Failure;

/// So much of an answer is enough to know it by.
const SHOWN: usize = 200;

type Fields = BTreeMap<String, Box<RawValue>>;

#[derive(Deserialize)]
struct Call {
    method: String,
    path: String,
    query: String,
    status: Option<u16>,
}

#[derive(Deserialize)]
struct Sent {
    url: String,
    notice: Fields,
    receipts: Vec<Receipt>,
}

#[derive(Deserialize)]
struct Confirm {
    url: String,
    question: Fields,
    receipt: Receipt,
}

#[derive(Deserialize)]
struct Receipt {
    status: Option<u16>,
    body: String,
}

/// Prints a line at once, even into a pipe.
pub(crate) fn print(line: &str) -> io::Result<()> {
    let line: String = line
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// One line for each of a list of answers to a webhook.
pub(crate) fn receipts(json: &str) -> Result<Vec<String>, Failure> {
    let receipts: Vec<Receipt> = serde_json::from_str(json)?;
    Ok(receipts
        .iter()
        .map(|receipt| format!("webhook {}", receipt.text()))
        .collect())
}

pub(crate) fn call(json: &str) -> Result<String, Failure> {
    let Call {
        method,
        path,
        query,
        status,
    } = serde_json::from_str(json)?;
    let status = status.map_or("cut".to_owned(), |status| status.to_string());
    let mark = if query.is_empty() { "" } else { "?" };
    Ok(format!("call     {method} {path}{mark}{query}: {status}"))
}

pub(crate) fn webhook(json: &str) -> Result<String, Failure> {
    let Sent {
        url,
        notice,
        receipts,
    } = serde_json::from_str(json)?;
    let answers: Vec<_> = receipts.iter().map(Receipt::text).collect();
    let said = text(&notice, &["imp_uid", "merchant_uid", "status"]);
    let came = if answers.is_empty() {
        "lost".to_owned()
    } else {
        answers.join("; ")
    };
    Ok(format!("webhook  {said} to {url}: {came}"))
}

pub(crate) fn confirm(json: &str) -> Result<String, Failure> {
    let Confirm {
        url,
        question,
        receipt,
    } = serde_json::from_str(json)?;
    let asked = text(&question, &["imp_uid", "merchant_uid", "amount"]);
    Ok(format!("confirm  {asked} at {url}: {}", receipt.text()))
}

pub(crate) fn payment(json: &str) -> Result<String, Failure> {
    const SHOWN: [&str; 6] = [
        "imp_uid",
        "merchant_uid",
        "status",
        "amount",
        "currency",
        "pay_method",
    ];
    let payment = serde_json::from_str(json)?;
    Ok(format!("payment  {}", text(&payment, &SHOWN)))
}

impl Receipt {
    fn text(&self) -> String {
        let body: String = self.body.chars().take(SHOWN).collect();
        match self.status {
            Some(status) => format!("answered {status} {body}"),
            None => format!("not answered: {body}"),
        }
    }
}

/// Fields as they were written, but for the quotes.
fn text(fields: &Fields, names: &[&str]) -> String {
    let shown = |name: &&str| {
        let raw = fields.get(*name)?.get();
        Some(serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned()))
    };
    names.iter().filter_map(shown).collect::<Vec<_>>().join(" ")
}

/// A member of an answer that is text.
pub(crate) fn member(json: &str, name: &str) -> Option<String> {
    let fields: Fields = serde_json::from_str(json).ok()?;
    serde_json::from_str(fields.get(name)?.get()).ok()
}
