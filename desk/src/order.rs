//! One order's story: its row, what of its money no order took, and what the gateway knows.

use std::fmt::Write;

use aws_sdk_dynamodb::types::AttributeValue;
use payment_verifier::decimal::Decimal;
use payment_verifier::dynamodb::Item;
use payment_verifier::gateway::Listed;
use payment_verifier::orders::COLUMNS;
use payment_verifier::payment::{MerchantUid, Payment};

use crate::movement::movements;
use crate::record::Record;
use crate::{Desk, DeskError, kst, soon};

/// The shop's columns that the function reads and that are about nobody.
const SHOWN: [&str; 4] = ["merchant_uid", "amount", "currency", "pay_until"];
/// Of the facts kept, what a customer pays into.
const HIDDEN: &str = "vbank_num";

impl Desk {
    /// What is known of the order, as text; and whether anything is.
    ///
    /// # Errors
    /// The name cannot be an order's, or the gateway or a table cannot be read.
    pub async fn order(&self, merchant_uid: &str) -> Result<(String, bool), DeskError> {
        let order = MerchantUid::new(merchant_uid.to_owned());
        let order = order.ok_or_else(|| {
            DeskError::Asked(
                "an order's name has 1 to 100 characters, and no control characters".to_owned(),
            )
        })?;
        let row = self.row(&order).await?;
        let unmatched = self.unmatched(&order).await?;
        let attempts = self.iamport.attempts(&order, soon()).await?;
        let is_known = row.is_some() || !unmatched.is_empty() || !attempts.is_empty();

        let mut text = format!("order, in {}\n", self.config.orders_table);
        match &row {
            None => text.push_str("  there is none of this name\n"),
            Some(row) => lines(&mut text, row, |name| {
                SHOWN.contains(&name) || COLUMNS.contains(&name)
            }),
        }
        let _ = writeln!(
            text,
            "unmatched payments, in {}",
            self.config.unmatched_table
        );
        if unmatched.is_empty() {
            text.push_str("  none\n");
        }
        for item in &unmatched {
            lines(&mut text, item, |_| true);
        }
        text.push_str("gateway, the latest attempt first\n");
        if attempts.is_empty() {
            text.push_str("  it knows no attempt\n");
        }
        for attempt in &attempts {
            match attempt {
                Listed::Payment(payment, _) => told(&mut text, payment, row.as_ref(), &unmatched),
                Listed::Unreadable(imp_uid) => {
                    let imp_uid = imp_uid.as_deref().unwrap_or("an attempt");
                    let _ = writeln!(text, "  {imp_uid} cannot be read");
                }
            }
        }
        Ok((text, is_known))
    }
}

/// An item's attributes by name, those that are shown with their values.
fn lines(text: &mut String, item: &Item, is_shown: impl Fn(&str) -> bool) {
    let mut names: Vec<_> = item.keys().collect();
    names.sort();
    for name in names {
        let value = if is_shown(name) {
            value(&item[name])
        } else {
            "(the shop's, not shown)".to_owned()
        };
        let _ = writeln!(text, "  {name:16}  {value}");
    }
}

fn value(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.clone(),
        AttributeValue::Bool(flag) => flag.to_string(),
        AttributeValue::L(list) => {
            let list: Vec<_> = list.iter().map(self::value).collect();
            format!("[{}]", list.join(", "))
        }
        AttributeValue::M(map) => {
            let mut names: Vec<_> = map.keys().collect();
            names.sort();
            let shown = |name: &&String| name.as_str() != HIDDEN;
            let members = names
                .into_iter()
                .filter(shown)
                .map(|name| format!("{name}: {}", self::value(&map[name])));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        _ => "(of a type that is none of ours)".to_owned(),
    }
}

/// One attempt, and the movements of its money.
fn told(text: &mut String, payment: &Payment, row: Option<&Item>, unmatched: &[Item]) {
    let Payment {
        imp_uid,
        status,
        amount,
        cancel_amount,
        currency,
        ..
    } = payment;
    let method = payment.pay_method.as_deref().unwrap_or("?");
    let provider = payment.pg_provider.as_deref().unwrap_or("?");
    let channel = if payment.sandbox {
        ", through a test channel"
    } else {
        ""
    };
    let _ = writeln!(
        text,
        "  {imp_uid}  {status}  {amount} {currency}, {cancel_amount} cancelled  {method} by {provider}{channel}"
    );
    if let Some(started) = payment.started_at.filter(|at| *at > 0) {
        let _ = writeln!(text, "    {}  started", kst::time(started));
    }
    if let (Some(at), Some(why)) = (payment.failed_at.filter(|at| *at > 0), &payment.fail_reason) {
        let _ = writeln!(text, "    {}  failed: {why}", kst::time(at));
    }
    match movements(payment) {
        Err(why) => {
            let _ = writeln!(text, "    {why}");
        }
        Ok(moved) => {
            for movement in moved {
                let record = Record::of(payment, movement.gone_back, row, unmatched);
                let sign = if movement.amount > Decimal::ZERO {
                    "+"
                } else {
                    ""
                };
                let at = kst::time(movement.at);
                let _ = writeln!(
                    text,
                    "    {at}  {sign}{}  recorded: {record}",
                    movement.amount
                );
            }
        }
    }
}
