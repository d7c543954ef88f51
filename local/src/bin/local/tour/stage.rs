//! Where the tour plays: what each step does, and what it compares.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::UNIX_EPOCH;

use axum::http::HeaderMap;
use futures_util::future::try_join_all;
use iamport_sim::{Delivery, Notice, Receipt, Route};
use local::aws::Fault;
use local::event::Door;
use local::{Answer, Function, Shop};
use serde_json::{Value, json};

use super::Report;
use super::row::{shown, swept};
use crate::Problem;
use crate::client::Client;

/// The width of the first column.
const WIDTH: usize = 46;
/// The width of the third.
const STATUS: usize = 22;
/// Pages, and as many webhooks, that come at once.
const RUSH: u32 = 10;
/// `looked_at` of an unmatched payment that nobody has looked at for long.
const LONG_AGO: i64 = 1;

/// The shop, the page's HTTP client, and how the tour has gone so far.
pub(crate) struct Stage<'a> {
    pub(crate) report: Report,
    pub(super) shop: &'a Shop,
    pub(super) client: Client,
    /// What sweeps: the function that serves, or one that refunds.
    sweeper: Function,
    scenario: String,
    pub(super) merchant_uid: String,
    /// The `imp_uid` of each attempt of this scenario.
    pub(super) attempts: BTreeMap<String, String>,
    answer: Option<Answer>,
    texts: usize,
}

impl<'a> Stage<'a> {
    pub(crate) fn open(
        shop: &'a Shop,
        front_url: &str,
        function: Function,
    ) -> Result<Self, Problem> {
        let row = "order row: status stage/rank imp_uid, unmatched payments";
        writeln!(
            io::stdout(),
            "{:WIDTH$}  HTTP  {:STATUS$}  {row}\n{}",
            "scenario",
            "status",
            "-".repeat(WIDTH + STATUS + 10 + row.len())
        )?;
        Ok(Self {
            report: Report::default(),
            shop,
            client: Client::new(front_url.to_owned()),
            sweeper: function,
            scenario: String::new(),
            merchant_uid: String::new(),
            attempts: BTreeMap::new(),
            answer: None,
            texts: 0,
        })
    }

    /// Plays one step.
    pub(crate) async fn play(&mut self, cells: &[&str]) -> Result<(), Problem> {
        let shop = self.shop;
        let gateway = &shop.gateway;
        match *cells {
            ["scenario", name] => {
                self.report.scenarios += 1;
                name.clone_into(&mut self.scenario);
                self.merchant_uid = format!("tour-{:02}", self.report.scenarios);
                self.attempts.clear();
            }
            ["order", fields] => shop.orders.put(self.with(fields)?).await?,
            ["edit", fields] => {
                let fields = serde_json::from_str(fields)?;
                shop.orders.edit(&self.merchant_uid, fields).await?;
            }
            ["customer", id] => shop.customers.put(json!({"customer_id": id})).await?,
            ["pay", attempt, fields] => {
                let imp_uid = gateway.create(self.with(fields)?.to_string())?;
                self.attempts.insert(attempt.to_owned(), imp_uid);
            }
            ["deposit", attempt] => drop(gateway.deposit(&self.imp_uid(attempt))?),
            ["approve", attempt] => drop(gateway.pay(&self.imp_uid(attempt))?),
            ["cancel", attempt, amount] => {
                let amount = Some(amount).filter(|amount| *amount != "the rest");
                gateway.cancel(&self.imp_uid(attempt), amount)?;
            }
            ["time", when] => {
                let offset = ago(when)?;
                let now = i64::try_from(UNIX_EPOCH.elapsed()?.as_secs())?;
                gateway.advance_time(now - offset - gateway.now());
            }
            ["forgotten", attempt] => {
                let key = [self.merchant_uid.clone(), self.imp_uid(attempt)];
                let key = [key[0].as_str(), key[1].as_str()];
                let long_ago = json!({"looked_at": LONG_AGO});
                shop.unmatched.edit(key, long_ago).await?;
            }
            ["refunds", max] => {
                self.sweeper = shop.function_with(&[("REFUND_DUPLICATES_MAX", max)])?;
            }
            ["sweep", minutes, step, says, row] => {
                let summary = self.sweeper.sweep_last(minutes.parse()?, gateway.now());
                let told = swept(&summary.await);
                self.compare(step, "", &told, says, row).await?;
            }
            ["sandbox", "shown"] => gateway.show_sandbox(true),
            ["sandbox", "hidden"] => gateway.show_sandbox(false),
            ["gateway", "down"] => gateway.pause().await?,
            ["gateway", "up"] => gateway.resume().await?,
            ["lose", "UpdateItem"] => {
                shop.aws.fault(Fault::dropped().on("UpdateItem").times(1));
            }
            ["rotate", key, secret] => {
                gateway.rotate_credentials(key, secret);
                gateway.revoke_tokens();
                shop.put_credentials(key, secret);
            }
            ["page", attempt, step, says, row] => {
                gateway.clear_calls();
                shop.aws.clear_calls();
                self.texts = shop.aws.sms_sent().len();
                let answer = self.ask(attempt).await?;
                let may_wait = answer.code != 503 || answer.header("retry-after").is_some();
                self.check("a 503 says when to come back", may_wait);
                self.compare_answer(step, &answer, says, row).await?;
                self.answer = Some(answer);
            }
            ["webhook", attempt, step, says, row] => {
                let notice = gateway.notice(&self.imp_uid(attempt))?;
                for answer in self.deliver(&notice, Delivery::Once).await? {
                    self.compare_answer(step, &answer, says, row).await?;
                }
            }
            ["button", says, row] => {
                let notice = Notice::test_button();
                for answer in self.deliver(&notice, Delivery::Once).await? {
                    self.compare_answer("", &answer, says, row).await?;
                }
            }
            ["rush", attempt, says, row] => self.rush(attempt, says, row).await?,
            ["costs", what] => {
                let made = (gateway.count(Route::Any), shop.aws.calls());
                let one_each = made == (1, [("UpdateItem".to_owned(), 1)].into());
                self.check(&format!("it costs {what}: {made:?}"), one_each);
            }
            ["account", customer, phone] => self.account(customer, phone).await?,
            _ => self.play_around_the_window(cells).await?,
        }
        Ok(())
    }

    /// Page and customer see the account that the payment has, and one text tells it.
    async fn account(&mut self, customer: &str, phone: &str) -> Result<(), Problem> {
        let answer = self.answer.take().ok_or("nobody has asked")?;
        let number = answer.body["vbank_num"].as_str().unwrap_or_default();
        self.check("the page shows the account", !number.is_empty());
        let customer = self.shop.customers.get(customer).await?;
        self.check(
            "the customer's record has the account",
            customer["vbank_num"] == number,
        );
        let sent = self.shop.aws.sms_sent().split_off(self.texts);
        let told = |sms: &local::Sms| sms.phone == phone && sms.message.contains(number);
        self.check(
            &format!("one SMS tells the account to {phone}"),
            sent.len() == 1 && sent.iter().all(told),
        );
        Ok(())
    }

    /// Page and webhook at the same time.
    async fn rush(&mut self, attempt: &str, says: &str, row: &str) -> Result<(), Problem> {
        let notice = self.shop.gateway.notice(&self.imp_uid(attempt))?;
        let (mut answers, webhooks) = tokio::try_join!(
            try_join_all((0..RUSH).map(|_| self.ask(attempt))),
            self.deliver(&notice, Delivery::AtOnce(RUSH)),
        )?;
        answers.extend(webhooks);
        let odd = answers.iter().filter(|answer| answer.to_string() != says);
        let (told, count) = (answers.len(), odd.clone().count());
        // The line in the table is an odd one's, if there is one.
        let shown = odd.chain(&answers).next().ok_or("nobody answered")?;
        self.compare_answer("", shown, says, row).await?;
        self.check(
            &format!("all {told} are alike, but {count} are not"),
            count == 0 && told == 2 * RUSH as usize,
        );
        Ok(())
    }

    /// These fields, and what goes without saying: which order, and 1000.
    pub(super) fn with(&self, fields: &str) -> Result<Value, Problem> {
        let mut all = json!({"merchant_uid": self.merchant_uid, "amount": 1000});
        let fields: BTreeMap<String, Value> = serde_json::from_str(fields)?;
        for (name, value) in fields {
            all[name] = value;
        }
        Ok(all)
    }

    /// An attempt's; what is no attempt's name is an `imp_uid` itself.
    pub(super) fn imp_uid(&self, attempt: &str) -> String {
        self.attempts
            .get(attempt)
            .map_or(attempt, String::as_str)
            .to_owned()
    }

    /// The page's request.
    async fn ask(&self, attempt: &str) -> Result<Answer, Problem> {
        let ids = json!({"imp_uid": self.imp_uid(attempt), "merchant_uid": self.merchant_uid});
        self.client.post(Door::Page.path(), &ids).await
    }

    /// A webhook, and what the shop answered.
    async fn deliver(&self, notice: &Notice, delivery: Delivery) -> Result<Vec<Answer>, Problem> {
        let receipts = self.shop.gateway.deliver(notice, delivery).await?;
        Ok(receipts.iter().map(read).collect())
    }

    pub(super) async fn compare_answer(
        &mut self,
        step: &str,
        answer: &Answer,
        says: &str,
        row: &str,
    ) -> Result<(), Problem> {
        let (code, status) = says.split_once(' ').unwrap_or((says, ""));
        self.expect(
            &self.name(step),
            "the code is",
            &answer.code.to_string(),
            code,
        );
        let told = answer.code.to_string();
        self.compare(step, &told, answer.status(), status, row)
            .await
    }

    /// Prints a line of the table, and compares it with what the contract says.
    async fn compare(
        &mut self,
        step: &str,
        code: &str,
        told: &str,
        says: &str,
        row: &str,
    ) -> Result<(), Problem> {
        let order = self.shop.orders.get(&*self.merchant_uid).await?;
        let mut unmatched = self.shop.unmatched.rows().await?;
        unmatched.retain(|item| item["merchant_uid"] == self.merchant_uid.as_str());
        let found = shown(&order, &unmatched);
        let mut expected = row.to_owned();
        for (attempt, imp_uid) in &self.attempts {
            expected = expected.replace(attempt, imp_uid);
        }
        let name = self.name(step);
        writeln!(
            io::stdout(),
            "{name:WIDTH$}  {code:>4}  {told:STATUS$}  {found}"
        )?;
        self.expect(&name, "told", told, says);
        self.expect(&name, "the order row is", &found, &expected);
        Ok(())
    }

    fn name(&self, step: &str) -> String {
        match step {
            "" => self.scenario.clone(),
            _ => format!("{}: {step}", self.scenario),
        }
    }

    fn expect(&mut self, name: &str, what: &str, found: &str, expected: &str) {
        if found != expected {
            let difference = format!("{name}: {what} [{found}], not [{expected}]");
            self.report.differences.push(difference);
        }
    }

    /// Checks what the table does not show.
    pub(super) fn check(&mut self, what: &str, holds: bool) {
        if !holds {
            let difference = format!("{}: not so: {what}", self.scenario);
            self.report.differences.push(difference);
        }
    }
}

/// The seconds in `now`, `20 minutes ago`, `1 hour ago`, `30 days ago`.
fn ago(when: &str) -> Result<i64, Problem> {
    let words: Vec<_> = when.split(' ').collect();
    let (count, unit) = match *words {
        ["now"] => return Ok(0),
        [count, unit, "ago"] => (count.parse::<i64>()?, unit.trim_end_matches('s')),
        _ => return Err(format!("no time of a tour: {when}").into()),
    };
    match unit {
        "minute" => Ok(count * 60),
        "hour" => Ok(count * 3600),
        "day" => Ok(count * 24 * 3600),
        _ => Err(format!("no time of a tour: {when}").into()),
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
