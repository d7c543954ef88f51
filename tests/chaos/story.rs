//! Lives of orders that nobody tells of, or everybody, and what has to be known of them in the end either way.

use local::{Function, Shop};
use serde_json::{Value, json};

/// What happens to one attempt.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    /// It is there, with these fields.
    Opens(&'static str),
    /// The money comes: a deposit, or an approval after all.
    Pays,
    /// A part goes back.
    Part,
    /// All that is left goes back.
    Rest,
}

use Act::{Opens, Part, Pays, Rest};

const PAID: Act = Opens("{}");
const ACCOUNT: Act = Opens(r#"{"status": "ready", "pay_method": "vbank"}"#);
const WINDOW: Act = Opens(r#"{"status": "ready"}"#);
const FAILED: Act = Opens(r#"{"status": "failed"}"#);
const FORGED: Act = Opens(r#"{"amount": 10}"#);
const DOLLARS: Act = Opens(r#"{"currency": "USD"}"#);
const TEST: Act = Opens(r#"{"sandbox": true}"#);
const CARD: Act = Opens(r#"{"customer_uid_usage": "issue"}"#);

/// Names, what the shop wrote of the order (1000 won unless it says so; nothing: no order), and one act for each round.
type Plot = (&'static str, Option<&'static str>, &'static [(char, Act)]);

const PLOTS: [Plot; 24] = [
    ("card", Some("{}"), &[('a', PAID)]),
    ("account", Some("{}"), &[('a', ACCOUNT)]),
    ("deposit", Some("{}"), &[('a', ACCOUNT), ('a', Pays)]),
    ("window left", Some("{}"), &[('a', WINDOW)]),
    ("window paid", Some("{}"), &[('a', WINDOW), ('a', Pays)]),
    ("approved late", Some("{}"), &[('a', FAILED), ('a', Pays)]),
    ("retry", Some("{}"), &[('a', FAILED), ('b', PAID)]),
    ("part", Some("{}"), &[('a', PAID), ('a', Part)]),
    (
        "refund",
        Some("{}"),
        &[('a', PAID), ('a', Part), ('a', Rest)],
    ),
    (
        "two accounts",
        Some("{}"),
        &[('a', ACCOUNT), ('b', ACCOUNT)],
    ),
    (
        "old account paid",
        Some("{}"),
        &[('a', ACCOUNT), ('b', ACCOUNT), ('a', Pays)],
    ),
    (
        "both accounts paid",
        Some("{}"),
        &[('a', ACCOUNT), ('b', ACCOUNT), ('b', Pays), ('a', Pays)],
    ),
    ("account, card", Some("{}"), &[('a', ACCOUNT), ('b', PAID)]),
    ("duplicate", Some("{}"), &[('a', PAID), ('b', PAID)]),
    (
        "duplicate refunded",
        Some("{}"),
        &[('a', PAID), ('b', PAID), ('b', Rest)],
    ),
    (
        "first refunded",
        Some("{}"),
        &[('a', PAID), ('b', PAID), ('a', Rest)],
    ),
    (
        "duplicate in part",
        Some("{}"),
        &[('a', PAID), ('b', PAID), ('b', Part)],
    ),
    ("forgery", Some("{}"), &[('a', FORGED)]),
    (
        "forgery refunded",
        Some("{}"),
        &[('a', FORGED), ('a', Rest)],
    ),
    ("wrong currency", Some("{}"), &[('a', DOLLARS), ('a', Part)]),
    ("no order", None, &[('a', PAID), ('b', PAID), ('b', Rest)]),
    (
        "unusable order",
        Some(r#"{"amount": "1000"}"#),
        &[('a', PAID)],
    ),
    ("test channel", Some("{}"), &[('a', TEST), ('b', PAID)]),
    ("card registered", Some("{}"), &[('a', CARD)]),
];

/// So many rounds are enough for every plot.
pub(crate) const ROUNDS: usize = 4;

/// The life of one order.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    pub(crate) order: String,
    number: usize,
    plot: Plot,
}

impl Story {
    /// All plots in turn.
    pub(crate) fn many(orders: usize) -> Vec<Self> {
        let plots = PLOTS.iter().cycle().take(orders).enumerate();
        plots
            .map(|(number, plot)| Self {
                order: format!("ORD-{number}"),
                number,
                plot: *plot,
            })
            .collect()
    }

    pub(crate) fn name(&self) -> &'static str {
        self.plot.0
    }

    pub(crate) fn imp_uid(&self, attempt: char) -> String {
        format!("imp_{}{attempt}", self.number)
    }

    /// The shop writes its order, if there is one.
    pub(crate) async fn write(&self, shop: &Shop) {
        let customer = format!("customer-{}", self.number);
        let record = json!({"customer_id": customer});
        shop.customers.put(record).await.unwrap();
        if let Some(fields) = self.plot.1 {
            let mut order = json!({
                "merchant_uid": self.order, "amount": 1000, "customer_id": customer, "phone": self.phone(),
            });
            let fields: Value = serde_json::from_str(fields).unwrap();
            let members = order.as_object_mut().unwrap();
            members.extend(fields.as_object().unwrap().clone());
            shop.orders.put(order).await.unwrap();
        }
    }

    fn phone(&self) -> String {
        format!("010{:08}", self.number)
    }

    /// What this round brings, if anything: it happens at the gateway. Whose attempt it was.
    pub(crate) fn happen(&self, shop: &Shop, round: usize) -> Option<String> {
        let (attempt, act) = *self.plot.2.get(round)?;
        let imp_uid = self.imp_uid(attempt);
        let gateway = &shop.gateway;
        match act {
            Opens(fields) => {
                let mut payment: Value = serde_json::from_str(fields).unwrap();
                payment["imp_uid"] = imp_uid.as_str().into();
                payment["merchant_uid"] = self.order.as_str().into();
                payment["$force"] = true.into();
                gateway.create(payment.to_string()).map(drop)
            }
            Pays => gateway.pay(&imp_uid),
            Part => gateway.cancel(&imp_uid, Some("3")),
            Rest => gateway.cancel(&imp_uid, None),
        }
        .unwrap();
        Some(imp_uid)
    }

    /// Iamport tells of an attempt.
    pub(crate) async fn told(&self, function: &Function, imp_uid: &str) {
        function.webhook(imp_uid, &self.order).await;
    }

    /// Whether two attempts hold money at the same time: which of them the order has depends on which it saw first.
    fn is_paid_twice(&self) -> bool {
        matches!(
            self.name(),
            "duplicate" | "both accounts paid" | "duplicate in part"
        )
    }

    /// All that has to be known in the end.
    pub(crate) async fn known(&self, shop: &Shop) -> Value {
        let row = shop.orders.get(&self.order).await.unwrap();
        let mut open = Vec::new();
        for attempt in ['a', 'b'] {
            let imp_uid = self.imp_uid(attempt);
            let item = shop.unmatched.get([&*self.order, &*imp_uid]).await.unwrap();
            if item["state"] == "open" {
                let of = |name: &str| item[name].clone();
                open.push(json!({
                    "imp_uid": imp_uid, "reason": of("reason"), "amount": of("amount"), "currency": of("currency"),
                    "cancel_amount": of("cancel_amount"),
                }));
            }
        }
        // What was never more than a failed attempt leaves no trace in a sweep.
        let row = match row["payment_status"].as_str() {
            None | Some("failed") => Value::Null,
            Some(_) => json!({
                "imp_uid": row["imp_uid"], "payment_status": row["payment_status"], "payment": row["payment"],
                "cancel_amount": row["cancel_amount"], "vbank_notice": row["vbank_notice"],
            }),
        };
        if !self.is_paid_twice() {
            return json!({"row": row, "open": open});
        }
        let mut holders: Vec<_> = [&row].into_iter().chain(&open).map(holder).collect();
        holders.sort();
        json!({"holders": holders, "reasons": open.iter().map(|open| &open["reason"]).collect::<Vec<_>>()})
    }

    /// How many accounts its order gets.
    pub(crate) fn accounts(&self) -> usize {
        let acts = self.plot.2.iter();
        acts.filter(|(_, act)| matches!(act, Opens(fields) if fields.contains("vbank")))
            .count()
    }

    /// How often its unmatched payments can have been written at most: each once, and once more if something went back.
    pub(crate) async fn most_notes(&self, shop: &Shop) -> usize {
        let mut most = 0;
        for attempt in ['a', 'b'] {
            let imp_uid = self.imp_uid(attempt);
            let item = shop.unmatched.get([&*self.order, &*imp_uid]).await.unwrap();
            let went_back = item["cancel_amount"].as_u64().is_some_and(|won| won > 0);
            most += usize::from(!item.is_null()) + usize::from(went_back);
        }
        most
    }

    /// How many texts it got.
    pub(crate) fn texts(&self, shop: &Shop) -> usize {
        let phone = self.phone().replacen('0', "+82", 1);
        let sent = shop.aws.sms_sent();
        sent.iter().filter(|sms| sms.phone == phone).count()
    }
}

/// Who holds how much.
fn holder(of: &Value) -> String {
    format!("{} {}", of["imp_uid"], of["cancel_amount"])
}

/// Half an hour passes for the next hundred open items, as many as one sweep looks at; whether there are any.
pub(crate) async fn next_items_are_due(shop: &Shop) -> bool {
    let items = shop.unmatched.rows().await.unwrap().into_iter();
    let due: Vec<_> = items
        .filter(|item| item["state"] == "open" && item["was_due"] != true)
        .take(100)
        .collect();
    for item in &due {
        let key = ["merchant_uid", "imp_uid"].map(|name| item[name].as_str().unwrap());
        let changes = json!({"looked_at": 1, "was_due": true});
        shop.unmatched.edit(key, changes).await.unwrap();
    }
    !due.is_empty()
}
