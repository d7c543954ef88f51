//! A world to attack: a shop of its own, the function in it, and what has to hold after every request.

use std::collections::BTreeMap;

use iamport_sim::{Fault, Route};
use local::{Answer, Function, Item, Shop, shops_own};
use serde_json::{Map, Value};

use crate::attack::{self, Reach, Send, World};
use crate::rows::{assert_facts, assert_item, ours};
use crate::sent;

/// A world, set up.
pub(crate) struct Stage {
    pub(crate) shop: Shop,
    function: Function,
    orders: Vec<String>,
    shows_sandbox: bool,
}

/// An order's row: with DynamoDB's types, and as JSON.
pub(crate) type Rows = BTreeMap<String, (Option<Item>, Value)>;

const SETTINGS: [&str; 6] = [
    "ALLOW_SANDBOX",
    "BILLING_ISSUE_CHARGES",
    "CUSTOMERS_TABLE",
    "MERCHANT_UID_PREFIX",
    "REDIRECT_URL",
    "VBANK_SMS",
];

impl Stage {
    pub(crate) async fn set(world: &World) -> Self {
        let shop = Shop::open().await.unwrap();
        let setting = |name: &String| {
            *SETTINGS
                .iter()
                .find(|known| *known == name)
                .expect("a setting")
        };
        let settings: Vec<_> = world
            .settings
            .iter()
            .map(|(name, value)| (setting(name), value.as_str()))
            .collect();
        let function = shop.function_with(&settings).unwrap();
        let mut orders = Vec::new();
        for row in &world.orders {
            let row: Value = serde_json::from_str(&attack::expand(&row.to_string())).unwrap();
            orders.push(row["merchant_uid"].as_str().expect("a key").to_owned());
            shop.orders.put(row).await.unwrap();
        }
        for row in &world.customers {
            shop.customers.put(row.clone()).await.unwrap();
        }
        shop.gateway.show_sandbox(world.sandbox_shown);
        for fields in &world.payments {
            shop.gateway.create(attack::payment(fields)).unwrap();
        }
        if let Some(reply) = &world.gateway {
            let body = attack::expand(&reply.body);
            shop.gateway
                .fault(Fault::answer(reply.status, "application/json", &body).on(Route::LookUp));
        }
        function.warm().await;
        let shows_sandbox = world.settings.contains_key("ALLOW_SANDBOX");
        Self {
            shop,
            function,
            orders,
            shows_sandbox,
        }
    }

    /// Plays requests in order; each gets the answer it should, and gets no further than it should.
    pub(crate) async fn play(&self, sends: &[Send]) {
        for send in sends {
            for to in &send.to {
                for _ in 0..send.times {
                    self.shop.gateway.clear_calls();
                    self.shop.aws.clear_calls();
                    let answer = Answer::from(self.function.invoke(sent::of(send, to)).await);
                    assert_eq!(said(&answer), send.says, "{to}: {send:?}");
                    assert_answer(&answer, to);
                    self.assert_calls(send);
                }
            }
        }
    }

    fn assert_calls(&self, send: &Send) {
        let query = if self.shows_sandbox {
            "include_sandbox=true"
        } else {
            ""
        };
        let gateway = self.shop.gateway.calls();
        for call in &gateway {
            let imp_uid = call.path.strip_prefix("/payments/").unwrap_or_default();
            let is_id = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            let one_segment = |rest: &str| !rest.is_empty() && !rest.contains('/');
            let is_by_order = call.route == Some(Route::FindAll)
                && call
                    .path
                    .strip_prefix("/payments/findAll/")
                    .is_some_and(one_segment);
            let is_prepare = call.route == Some(Route::Prepare) && call.path == "/payments/prepare";
            let is_look_up = call.route == Some(Route::LookUp)
                && (1..=32).contains(&imp_uid.len())
                && imp_uid.chars().all(is_id)
                && call.query == query;
            assert!(
                is_look_up || is_by_order || is_prepare,
                "{call:?} for {send:?}"
            );
        }
        let aws = self.shop.aws.calls();
        let known =
            |operation: &String| ["UpdateItem", "GetItem", "Publish"].contains(&operation.as_str());
        assert!(aws.keys().all(known), "{aws:?} for {send:?}");
        let reached = match (gateway.is_empty(), aws.is_empty()) {
            (_, false) => Reach::Table,
            (false, true) => Reach::Gateway,
            (true, true) => Reach::Nobody,
        };
        match send.reach() {
            Reach::Nobody => assert_eq!(reached, Reach::Nobody, "{send:?}"),
            Reach::Gateway => assert_ne!(reached, Reach::Table, "{send:?}"),
            Reach::Table => {}
        }
    }

    pub(crate) async fn rows(&self) -> Rows {
        let mut rows = Rows::new();
        for order in &self.orders {
            let item = self.shop.orders.item(order).await.unwrap();
            let row = self.shop.orders.get(order).await.unwrap();
            rows.insert(order.clone(), (item, row));
        }
        rows
    }

    /// Payments that no order took, and why; they are open, as nothing here gives money back.
    pub(crate) async fn unmatched(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let mut unmatched = BTreeMap::<_, BTreeMap<_, _>>::new();
        for item in self.shop.unmatched.rows().await.unwrap() {
            assert_item(&item);
            let text = |name: &str| item[name].as_str().expect("text").to_owned();
            assert_eq!(text("state"), "open", "{item}");
            let order = unmatched.entry(text("merchant_uid")).or_default();
            order.insert(text("imp_uid"), text("reason"));
        }
        unmatched
    }

    /// Texts go to Korean numbers only, and to three accounts of an order at most.
    pub(crate) fn texts(&self) -> Vec<String> {
        let texts: Vec<_> = self
            .shop
            .aws
            .sms_sent()
            .into_iter()
            .map(|sms| sms.phone)
            .collect();
        assert!(
            texts.iter().all(|phone| phone.starts_with("+82")),
            "{texts:?}"
        );
        assert!(texts.len() <= 3 * self.orders.len(), "{texts:?}");
        texts
    }
}

/// Rows hold what the contract lists, and the shop's columns are untouched.
#[track_caller]
pub(crate) fn assert_rows(before: &Rows, after: &Rows) {
    for (order, (item, row)) in after {
        let own = |item: &Option<Item>| item.as_ref().map(shops_own);
        assert_eq!(own(item), own(&before[order].0), "{order}");
        assert_facts(row);
    }
}

/// Every order is as it was, but for what the attack may leave on it.
#[track_caller]
pub(crate) fn assert_left(before: &Rows, after: &Rows, leaves: &BTreeMap<String, Value>) {
    for (order, (item, row)) in after {
        match leaves
            .get(order)
            .map(|left| left.as_object().cloned().unwrap_or_default())
        {
            Some(left) => assert_eq!(without_notes(ours(row)), without_notes(left), "{order}"),
            None => assert_eq!(item, &before[order].0, "{order}"),
        }
    }
    let unknown = leaves.keys().find(|order| !after.contains_key(*order));
    assert_eq!(unknown, None, "an order that is not in the world");
}

/// A notice that is due carries a request id, which no file can know.
fn without_notes(mut row: Map<String, Value>) -> Map<String, Value> {
    if row
        .get("vbank_notice")
        .and_then(Value::as_str)
        .is_some_and(|notice| notice.starts_with("due:"))
    {
        row.insert("vbank_notice".to_owned(), "due".into());
    }
    row
}

/// HTTP status and `status`, which a redirect has in its URL.
fn said(answer: &Answer) -> String {
    let location = answer.header("location").unwrap_or_default();
    match location.rsplit_once("status=") {
        Some((_, status)) => format!("{} {status}", answer.code),
        None => answer.to_string(),
    }
}

#[track_caller]
fn assert_answer(answer: &Answer, to: &str) {
    if answer.code == 303 {
        assert_eq!(answer.body, "", "nothing to read on the way");
        return;
    }
    let members = answer.body.as_object().expect("a JSON object");
    for member in members.keys() {
        let account = member.starts_with("vbank_") && to == "page";
        let reason = member == "reason" && to.ends_with("/confirm") && answer.code != 200;
        let known = reason || ["status", "message"].contains(&member.as_str());
        assert!(
            known || (account && answer.status() == "vbankIssued"),
            "{member}: {answer:?}"
        );
    }
    let message = answer.body["message"].as_str().unwrap_or_default();
    assert!(!message.is_ascii(), "the message is in Korean: {answer:?}");
    assert!(
        !message.chars().any(char::is_numeric),
        "no amount: {answer:?}"
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}
