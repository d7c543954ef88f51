//! What payments go through, what is said at every step, and what the order says in the end.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use local::event::{Door, Post};
use local::{Answer, Function, Shop};
use serde_json::{Value, json};

use crate::wire::Seen;
use crate::writes;

/// What happens at the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Event {
    Paid,
    /// Paid, but not what the order asked for.
    Forged,
    Account,
    Deposit,
    Failed,
    /// A part goes back.
    Part,
    /// All that is left goes back.
    Rest,
}

/// Something happens to an attempt, and is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) attempt: char,
    pub(crate) event: Event,
    /// The answer's `status`.
    pub(crate) says: &'static str,
}

/// The life of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Life {
    Card,
    Account,
    Deposit,
    Forgery,
    Refund,
    Duplicate,
    Retry,
}

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format!("{self:?}").to_lowercase())
    }
}

impl Life {
    pub(crate) const ALL: [Self; 7] = [
        Self::Card,
        Self::Account,
        Self::Deposit,
        Self::Forgery,
        Self::Refund,
        Self::Duplicate,
        Self::Retry,
    ];

    pub(crate) fn steps(self) -> Vec<Step> {
        let step = |attempt, event, says| Step {
            attempt,
            event,
            says,
        };
        let paid = step('a', Event::Paid, "success");
        let account = step('a', Event::Account, "vbankIssued");
        match self {
            Self::Card => vec![paid],
            Self::Account => vec![account],
            Self::Deposit => vec![account, step('a', Event::Deposit, "success")],
            Self::Forgery => vec![step('a', Event::Forged, "forgery")],
            Self::Refund => vec![
                paid,
                step('a', Event::Part, "partiallyCancelled"),
                step('a', Event::Rest, "cancelled"),
            ],
            Self::Duplicate => vec![paid, step('b', Event::Paid, "duplicatePayment")],
            Self::Retry => vec![
                step('a', Event::Failed, "failed"),
                step('b', Event::Paid, "success"),
            ],
        }
    }

    /// How often the conditional write has to go through: once for each transition.
    pub(crate) fn transitions(self) -> usize {
        match self {
            Self::Forgery => 0,
            Self::Duplicate => 1,
            _ => self.steps().len(),
        }
    }

    /// What the order's row says in the end; `null` for what is not there.
    pub(crate) fn row(self, order: &Order) -> Value {
        let (a, b) = (order.imp_uid('a'), order.imp_uid('b'));
        let row = |imp_uid: &str, status: &str, cancelled: u32| {
            json!({
                "imp_uid": imp_uid, "payment_status": status, "cancel_amount": cancelled,
                "vbank_notice": (status == "ready").then_some("done"),
            })
        };
        match self {
            Self::Card | Self::Deposit | Self::Duplicate => row(&a, "paid", 0),
            Self::Account => row(&a, "ready", 0),
            Self::Forgery => json!({"imp_uid": null, "payment_status": null}),
            Self::Refund => row(&a, "cancelled", 1000),
            Self::Retry => row(&b, "paid", 0),
        }
    }

    /// The attempt that is open in the unmatched table in the end, and for which reason.
    fn unmatched(self) -> Option<(char, &'static str)> {
        match self {
            Self::Forgery => Some(('a', "wrongMoney")),
            Self::Duplicate => Some(('b', "duplicatePayment")),
            _ => None,
        }
    }
}

/// An order of 1000 KRW, one of many, with a customer and a phone.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    name: String,
    number: usize,
}

impl Order {
    pub(crate) fn new(number: usize) -> Self {
        Self {
            name: format!("ORD-{number}"),
            number,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn number(&self) -> usize {
        self.number
    }

    pub(crate) fn imp_uid(&self, attempt: char) -> String {
        format!("imp_{}{attempt}", self.number)
    }

    /// The shop writes it.
    pub(crate) async fn write(&self, shop: &Shop) {
        let customer = format!("customer-{}", self.number);
        shop.customers
            .put(json!({"customer_id": customer}))
            .await
            .unwrap();
        let order = json!({
            "merchant_uid": self.name, "amount": 1000, "customer_id": customer,
            "phone": format!("010{:08}", self.number),
        });
        shop.orders.put(order).await.unwrap();
    }

    /// Lets it happen at the gateway.
    pub(crate) fn happen(&self, shop: &Shop, attempt: char, event: Event) {
        let imp_uid = self.imp_uid(attempt);
        let create = |more: Value| {
            let mut payment = json!({
                "imp_uid": imp_uid, "merchant_uid": self.name, "amount": 1000, "$force": true,
                "started_at": 1_700_000_000 + u64::from(attempt == 'b'),
            });
            for (name, value) in more.as_object().unwrap() {
                payment[name] = value.clone();
            }
            shop.gateway.create(payment.to_string()).map(drop)
        };
        match event {
            Event::Paid => create(json!({"status": "paid"})),
            Event::Forged => create(json!({"status": "paid", "amount": 10})),
            // An hour ago: whoever finds the notice due may take it over, as a re-send a minute later would.
            Event::Account => create(json!({
                "status": "ready", "pay_method": "vbank", "vbank_issued_at": now() - 3600,
            })),
            Event::Failed if shop.gateway.get(&imp_uid).is_err() => {
                create(json!({"status": "failed"}))
            }
            Event::Failed => shop.gateway.fail(&imp_uid, "실패"),
            Event::Deposit => shop.gateway.pay(&imp_uid),
            Event::Part => shop.gateway.cancel(&imp_uid, Some("300")),
            Event::Rest => shop.gateway.cancel(&imp_uid, None),
        }
        .unwrap();
    }

    /// Somebody tells the function about an attempt.
    pub(crate) async fn tell(&self, function: &Function, door: Door, attempt: char) -> Answer {
        function
            .tell(door, &self.imp_uid(attempt), &self.name)
            .await
    }

    /// The event of that, for a program of its own.
    pub(crate) fn told(&self, door: Door, attempt: char) -> Value {
        Post::ids(&self.imp_uid(attempt), &self.name).event(door)
    }

    /// How many texts it got.
    pub(crate) fn texts(&self, shop: &Shop) -> usize {
        let phone = format!("+8210{:08}", self.number);
        let sent = shop.aws.sms_sent();
        sent.iter().filter(|sms| sms.phone == phone).count()
    }

    pub(crate) async fn row(&self, shop: &Shop) -> Value {
        shop.orders.get(&self.name).await.unwrap()
    }

    /// What the unmatched table says of an attempt; `null` if nothing.
    pub(crate) async fn unmatched(&self, shop: &Shop, attempt: char) -> Value {
        let imp_uid = self.imp_uid(attempt);
        shop.unmatched.get([self.name(), &imp_uid]).await.unwrap()
    }
}

/// UNIX seconds by our clock, which the function shares.
fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap().as_secs()
}

/// What is wrong with an order in the end, given all that was done to it.
pub(crate) async fn problems(shop: &Shop, order: &Order, life: Life, seen: &[Seen]) -> Vec<String> {
    let row = order.row(shop).await;
    let mut problems = Vec::new();
    for (name, value) in life.row(order).as_object().unwrap() {
        if row[name] != *value {
            problems.push(format!("{name} is not {value} in {row}"));
        }
    }
    for attempt in ['a', 'b'] {
        let item = order.unmatched(shop, attempt).await;
        let expected = life.unmatched().filter(|(noted, _)| *noted == attempt);
        let right = match expected {
            Some((_, reason)) => item["state"] == "open" && item["reason"] == reason,
            None => item.is_null(),
        };
        if !right {
            problems.push(format!("{attempt}: {expected:?} is not {item}"));
        }
    }
    let noted = writes::notes(seen);
    if noted != usize::from(life.unmatched().is_some()) {
        problems.push(format!("noted {noted} times"));
    }
    let written = writes::taken(seen).count();
    if written != life.transitions() {
        problems.push(format!(
            "written {written} times, not {}",
            life.transitions()
        ));
    }
    // Accounts are counted once each.
    let notices = writes::notices(seen);
    if row["vbank_notices"].as_u64().unwrap_or(0) != notices as u64 {
        problems.push(format!("{notices} notices fell due, but {row}"));
    }
    let texts = order.texts(shop);
    let told = life.steps().iter().any(|step| step.event == Event::Account);
    if !(usize::from(told)..=3 * usize::from(told)).contains(&texts) {
        problems.push(format!("{texts} texts"));
    }
    problems
}
