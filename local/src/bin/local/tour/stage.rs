//! Where the tour plays: what a scenario can do, and what it compares.

use std::io::{self, Stdout, Write};

use axum::http::HeaderMap;
use iamport_sim::{Delivery, Notice, Receipt};
use local::{Answer, Shop};
use serde_json::{Value, json};

use super::Report;
use super::row::{Attempt, Row};
use crate::Problem;
use crate::client::Client;

/// The width of the first column.
const WIDTH: usize = 46;

/// The shop, the page's HTTP client, and how the tour has gone so far.
pub(crate) struct Stage<'a> {
    pub(crate) shop: &'a Shop,
    out: Stdout,
    client: Client,
    scenario: &'static str,
    scenarios: usize,
    differences: Vec<String>,
}

impl<'a> Stage<'a> {
    pub(crate) fn open(shop: &'a Shop, front_url: &str) -> Result<Self, Problem> {
        let mut out = io::stdout();
        let row = "order row: status stage/rank imp_uid";
        writeln!(out, "{:WIDTH$}  HTTP  {:18}  {row}", "scenario", "status")?;
        writeln!(out, "{}", "-".repeat(WIDTH + 28 + row.len()))?;
        Ok(Self {
            shop,
            out,
            client: Client::new(front_url.to_owned()),
            scenario: "",
            scenarios: 0,
            differences: Vec::new(),
        })
    }

    pub(crate) fn report(self) -> Report {
        Report {
            scenarios: self.scenarios,
            differences: self.differences,
        }
    }

    /// Begins a scenario, and names the order it is about.
    pub(crate) fn scenario(&mut self, name: &'static str) -> String {
        self.scenario = name;
        self.scenarios += 1;
        format!("tour-{:02}", self.scenarios)
    }

    /// Begins a scenario with an order in the table.
    pub(crate) async fn order(
        &mut self,
        name: &'static str,
        mut attributes: Value,
    ) -> Result<String, Problem> {
        let merchant_uid = self.scenario(name);
        attributes["merchant_uid"] = merchant_uid.as_str().into();
        self.shop.orders.put(attributes).await?;
        Ok(merchant_uid)
    }

    /// Opens a payment at the gateway; what `fields` do not say is as in a paid card payment.
    pub(crate) fn pay(&self, merchant_uid: &str, mut fields: Value) -> Result<Attempt, Problem> {
        fields["merchant_uid"] = merchant_uid.into();
        Ok(Attempt {
            imp_uid: self.shop.gateway.create(fields.to_string())?,
            merchant_uid: merchant_uid.to_owned(),
        })
    }

    /// The shop's page comes back from the payment window.
    pub(crate) async fn page(
        &mut self,
        step: &str,
        attempt: &Attempt,
        expected: &str,
        row: Row,
    ) -> Result<Answer, Problem> {
        let answer = self.ask(attempt).await?;
        self.compare(step, &answer, expected, &attempt.merchant_uid, row)
            .await?;
        Ok(answer)
    }

    /// The gateway sends the payment's webhook.
    pub(crate) async fn webhook(
        &mut self,
        step: &str,
        attempt: &Attempt,
        expected: &str,
        row: Row,
    ) -> Result<(), Problem> {
        let notice = self.shop.gateway.notice(&attempt.imp_uid)?;
        for answer in self.deliver(&notice, Delivery::Once).await? {
            self.compare(step, &answer, expected, &attempt.merchant_uid, row.clone())
                .await?;
        }
        Ok(())
    }

    /// The page's request alone; see [`Stage::compare`].
    pub(crate) async fn ask(&self, attempt: &Attempt) -> Result<Answer, Problem> {
        let ids = json!({"imp_uid": attempt.imp_uid, "merchant_uid": attempt.merchant_uid});
        self.client.post("/payments/complete", &ids).await
    }

    /// The webhook alone, and what the shop answered; see [`Stage::compare`].
    pub(crate) async fn deliver(
        &self,
        notice: &Notice,
        delivery: Delivery,
    ) -> Result<Vec<Answer>, Problem> {
        let receipts = self.shop.gateway.deliver(notice, delivery).await?;
        Ok(receipts.iter().map(read).collect())
    }

    /// Prints a line of the table, and compares it with what the contract says.
    pub(crate) async fn compare(
        &mut self,
        step: &str,
        answer: &Answer,
        expected: &str,
        merchant_uid: &str,
        row: Row,
    ) -> Result<(), Problem> {
        let found = Row::from(&self.shop.orders.get(merchant_uid).await?);
        let name = match step {
            "" => self.scenario.to_owned(),
            _ => format!("{}: {step}", self.scenario),
        };
        writeln!(
            self.out,
            "{name:WIDTH$}  {:4}  {:18}  {found}",
            answer.code,
            answer.status()
        )?;
        if answer.to_string() != expected {
            self.differences
                .push(format!("{name}: answered {answer}, not {expected}"));
        }
        if found != row {
            self.differences
                .push(format!("{name}: the order row is [{found}], not [{row}]"));
        }
        Ok(())
    }

    /// Checks what the table does not show.
    pub(crate) fn check(&mut self, what: &str, holds: bool) {
        if !holds {
            self.differences
                .push(format!("{}: not so: {what}", self.scenario));
        }
    }
}

/// The shop's answer as the gateway's webhook log has it.
fn read(receipt: &Receipt) -> Answer {
    Answer {
        code: receipt.status.unwrap_or_default(),
        headers: HeaderMap::new(),
        body: serde_json::from_str(&receipt.body).unwrap_or_default(),
    }
}
