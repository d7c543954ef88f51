//! Where the tour plays: what a scenario can do, and what it compares.

use axum::http::HeaderMap;
use iamport_sim::{Delivery, Notice, Receipt};
use local::{Answer, Shop};
use serde_json::{Value, json};

use super::row::Row;
use crate::Problem;
use crate::client::Client;

/// The shop, the page's HTTP client, and how the tour has gone so far.
pub(crate) struct Stage<'a> {
    pub(crate) shop: &'a Shop,
    page: Client,
    scenario: &'static str,
    pub(crate) scenarios: usize,
    pub(crate) differences: Vec<String>,
}

impl<'a> Stage<'a> {
    pub(crate) fn new(shop: &'a Shop, front_url: &str) -> Self {
        let page = Client::new(front_url.to_owned());
        Self { shop, page, scenario: "", scenarios: 0, differences: Vec::new() }
    }

    /// Begins a scenario, and names the order it is about.
    pub(crate) fn scenario(&mut self, name: &'static str) -> String {
        self.scenario = name;
        self.scenarios += 1;
        format!("tour-{:02}", self.scenarios)
    }

    /// Begins a scenario with an order in the table.
    pub(crate) async fn order(&mut self, name: &'static str, attributes: Value) -> Result<String, Problem> {
        let merchant_uid = self.scenario(name);
        self.put_order(&merchant_uid, attributes).await?;
        Ok(merchant_uid)
    }

    pub(crate) async fn put_order(&self, merchant_uid: &str, mut attributes: Value) -> Result<(), Problem> {
        attributes["merchant_uid"] = merchant_uid.into();
        Ok(self.shop.orders.put(attributes).await?)
    }

    /// Opens a payment at the gateway and returns its `imp_uid`.
    pub(crate) fn pay(&self, merchant_uid: &str, mut fields: Value) -> Result<String, Problem> {
        fields["merchant_uid"] = merchant_uid.into();
        Ok(self.shop.gateway.create(fields.to_string())?)
    }

    /// The shop's page comes back from the payment window.
    pub(crate) async fn complete(&self, imp_uid: &str, merchant_uid: &str) -> Result<Answer, Problem> {
        let ids = json!({"imp_uid": imp_uid, "merchant_uid": merchant_uid});
        self.page.post("/payments/complete", &ids).await
    }

    /// The gateway sends the payment's webhook.
    pub(crate) async fn webhook(&self, imp_uid: &str) -> Result<Answer, Problem> {
        let answers = self.webhooks(imp_uid, 1).await?;
        answers.into_iter().next().ok_or_else(|| "the gateway sent no webhook".into())
    }

    /// The gateway sends the payment's webhook so many times at once.
    pub(crate) async fn webhooks(&self, imp_uid: &str, times: u32) -> Result<Vec<Answer>, Problem> {
        let receipts = self.shop.gateway.webhook(imp_uid, Delivery::AtOnce(times)).await?;
        Ok(receipts.iter().map(read).collect())
    }

    /// Somebody presses the test button in the gateway's console.
    pub(crate) async fn test_button(&self) -> Result<Answer, Problem> {
        let receipts = self.shop.gateway.deliver(&Notice::test_button(), Delivery::Once).await?;
        receipts.first().map(read).ok_or_else(|| "the gateway sent no webhook".into())
    }

    /// Prints a line of the table, and compares it with what the contract says.
    pub(crate) async fn expect(
        &mut self,
        step: &str,
        answer: &Answer,
        expected: (u16, &str),
        merchant_uid: &str,
        row: Row,
    ) -> Result<(), Problem> {
        let found = Row::from(&self.shop.orders.get(merchant_uid).await?);
        let name = [self.scenario, step].map(str::to_owned);
        let name = if step.is_empty() { self.scenario.to_owned() } else { name.join(": ") };
        super::print_line(&name, answer, &found);
        let (code, status) = expected;
        if (answer.code, answer.status()) != (code, status) {
            self.differences.push(format!("{name}: answered {answer}, not {code} {status}"));
        }
        if found != row {
            self.differences.push(format!("{name}: the order row is [{found}], not [{row}]"));
        }
        Ok(())
    }

    /// Checks what the table does not show.
    pub(crate) fn check(&mut self, what: &str, holds: bool) {
        if !holds {
            self.differences.push(format!("{}: {what}", self.scenario));
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
