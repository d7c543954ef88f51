//! A shop of one's own with the function in it, and the verbs that tests are written in.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use iamport_sim::Route;
use local::event::Post;
use local::{Answer, Function, Item, Shop};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::task::JoinSet;

pub(crate) use local::event::Door;

/// The order most tests are about.
pub(crate) const ORDER: &str = "ORD-1";

/// Both ways in.
pub(crate) const DOORS: [Door; 2] = Door::ALL;

/// An open shop and one environment of the function.
pub(crate) struct TestShop {
    shop: Shop,
    pub(crate) function: Function,
}

impl Deref for TestShop {
    type Target = Shop;

    fn deref(&self) -> &Shop {
        &self.shop
    }
}

impl TestShop {
    /// A warm function; calls are counted from here on.
    pub(crate) async fn open() -> Self {
        Self::open_with(&[]).await
    }

    /// A warm function with some settings changed.
    pub(crate) async fn open_with(settings: &[(&'static str, &str)]) -> Self {
        let shop = Self::cold_with(settings).await;
        shop.warm_up().await;
        shop
    }

    /// A function that has not done anything yet.
    pub(crate) async fn cold() -> Self {
        Self::cold_with(&[]).await
    }

    /// The same with some settings changed.
    pub(crate) async fn cold_with(settings: &[(&'static str, &str)]) -> Self {
        let shop = Shop::open().await.expect("the shop opens");
        let function = shop
            .function_with(settings)
            .expect("the function takes its settings");
        Self { shop, function }
    }

    /// Lambda's init phase, uncounted.
    pub(crate) async fn warm_up(&self) {
        self.function.warm().await;
        self.forget_calls();
    }

    /// Another environment of the same function, cold.
    pub(crate) fn another_function(&self) -> Function {
        self.shop
            .function()
            .expect("the function takes its settings")
    }

    /// The shop writes `ORD-1`: 1000 KRW, and whatever else it likes.
    pub(crate) async fn order(&self, more: Value) {
        self.order_as(ORDER, more).await;
    }

    /// The shop writes an order: 1000 KRW unless told otherwise; a `null` leaves an attribute out.
    pub(crate) async fn order_as(&self, merchant_uid: &str, more: Value) {
        let mut row = json!({"merchant_uid": merchant_uid, "amount": 1000});
        for (name, value) in more.as_object().expect("an object") {
            row[name] = value.clone();
        }
        row.as_object_mut()
            .expect("an object")
            .retain(|_, value| !value.is_null());
        self.orders
            .put(row)
            .await
            .expect("the shop writes its order");
    }

    /// A payment at the gateway: a paid card, 1000 KRW for `ORD-1`, unless `fields` (JSON) say otherwise.
    pub(crate) fn payment(&self, fields: &str) -> String {
        let mut members: BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(fields).expect("a JSON object");
        for (name, value) in [("merchant_uid", json!(ORDER)), ("$force", json!(true))] {
            let value = serde_json::value::to_raw_value(&value).expect("JSON");
            members.entry(name.to_owned()).or_insert(value);
        }
        let fields = serde_json::to_string(&members).expect("JSON");
        self.gateway.create(fields).expect("the payment opens")
    }

    /// A virtual account that waits for its money.
    pub(crate) fn account(&self, fields: &str) -> String {
        let fields = fields.trim().trim_start_matches('{');
        let comma = if fields.starts_with('}') { "" } else { "," };
        self.payment(&format!(
            r#"{{"status": "ready", "pay_method": "vbank"{comma}{fields}"#
        ))
    }

    /// An account that was issued an hour ago: whoever finds its notice due may tell of it.
    pub(crate) fn old_account(&self, fields: &str) -> String {
        let issued_at = self.gateway.now() - 3600;
        let fields = fields.trim().trim_start_matches('{');
        let comma = if fields.starts_with('}') { "" } else { "," };
        self.account(&format!(
            r#"{{"vbank_issued_at": {issued_at}{comma}{fields}"#
        ))
    }

    /// The shop's page tells about a payment, with the order it is for.
    pub(crate) async fn complete(&self, imp_uid: &str) -> Answer {
        self.knock(Door::Page, imp_uid).await
    }

    /// Iamport tells about a payment, with the order it is for.
    pub(crate) async fn webhook(&self, imp_uid: &str) -> Answer {
        self.knock(Door::Webhook, imp_uid).await
    }

    /// The page or Iamport tells about a payment, with the order it is for.
    pub(crate) async fn knock(&self, door: Door, imp_uid: &str) -> Answer {
        let payment = self.gateway.get(imp_uid).expect("a payment");
        let members: BTreeMap<&str, &RawValue> = serde_json::from_str(&payment).expect("JSON");
        let merchant_uid: String =
            serde_json::from_str(members["merchant_uid"].get()).expect("a string");
        self.claim(door, imp_uid, &merchant_uid).await
    }

    /// The page or Iamport tells about any payment and any order.
    pub(crate) async fn claim(&self, door: Door, imp_uid: &str, merchant_uid: &str) -> Answer {
        self.function.tell(door, imp_uid, merchant_uid).await
    }

    /// Somebody sends something to the page's door or to Iamport's.
    pub(crate) async fn post(&self, door: Door, post: &Post) -> Answer {
        self.function.invoke(post.event(door)).await.into()
    }

    /// Page and webhook at the same time, `times` requests in all, by turns at each of `functions`.
    pub(crate) async fn rush(functions: &[Function], imp_uid: &str, times: usize) -> Vec<Answer> {
        let mut requests = JoinSet::new();
        for turn in 0..times {
            let function = functions[turn % functions.len()].clone();
            let imp_uid = imp_uid.to_owned();
            let door = DOORS[turn / functions.len() % 2];
            requests.spawn(async move { function.tell(door, &imp_uid, ORDER).await });
        }
        requests.join_all().await
    }

    /// The row of `ORD-1`, as JSON; `Null` if there is none.
    pub(crate) async fn row(&self) -> Value {
        self.row_of(ORDER).await
    }

    pub(crate) async fn row_of(&self, merchant_uid: &str) -> Value {
        self.orders.get(merchant_uid).await.expect("a table")
    }

    /// The row of `ORD-1` with DynamoDB's own types.
    pub(crate) async fn item(&self) -> Item {
        let item = self.orders.item(ORDER).await.expect("a table");
        item.expect("a row")
    }

    /// What the unmatched table says of a payment for `ORD-1`; `Null` if nothing.
    pub(crate) async fn noted(&self, imp_uid: &str) -> Value {
        let noted = self.unmatched.get([ORDER, imp_uid]).await;
        noted.expect("a table")
    }

    /// The unmatched table in short: `imp_uid`s, each with state and reason.
    pub(crate) async fn list(&self) -> Value {
        let rows = self.unmatched.rows().await.expect("a table");
        let short = rows.iter().map(|row| {
            let text = |name: &str| row[name].as_str().unwrap_or("?").to_owned();
            let told = format!("{} {}", text("state"), text("reason"));
            (text("imp_uid"), told.into())
        });
        Value::Object(short.collect())
    }

    /// Calls so far to the gateway and to AWS.
    pub(crate) fn calls(&self) -> Calls {
        Calls {
            token: self.gateway.count(Route::Token),
            look_up: self.gateway.count(Route::LookUp),
            gateway: self.gateway.calls().len(),
            aws: self.aws.calls(),
        }
    }

    pub(crate) fn forget_calls(&self) {
        self.gateway.clear_calls();
        self.aws.clear_calls();
    }
}

/// What a request cost.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Calls {
    pub(crate) token: usize,
    pub(crate) look_up: usize,
    pub(crate) gateway: usize,
    pub(crate) aws: BTreeMap<String, usize>,
}

impl Calls {
    pub(crate) fn none() -> Self {
        Self::of(0, 0, &[])
    }

    pub(crate) fn of(token: usize, look_up: usize, aws: &[(&str, usize)]) -> Self {
        Self {
            token,
            look_up,
            gateway: token + look_up,
            aws: aws
                .iter()
                .map(|(operation, times)| ((*operation).to_owned(), *times))
                .collect(),
        }
    }
}

/// UNIX seconds by our clock, which the function shares.
pub(crate) fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("a time after 1970").as_secs()
}

/// Waits for something that is about to happen; a minute is for ever.
pub(crate) async fn until(happened: impl Fn() -> bool) {
    let waiting = async {
        while !happened() {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_mins(1), waiting).await;
    waited.expect("it never happened");
}
