//! Some days of a shop, and what they were: lives of orders, told to the function or not.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::str::FromStr;

use desk::kst::Day;
use fastrand::Rng;
use local::{Function, Shop};
use payment_verifier::decimal::Decimal;
use serde_json::{Value, json};

/// Days that the past takes; the last one is yesterday.
const DAYS: i64 = 6;
const SECONDS: i64 = 24 * 3600;

/// A setting of the run, or what it is without being told.
pub(crate) fn number<T: FromStr<Err: Debug>>(name: &str, default: T) -> T {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// Money that really moved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moved {
    pub(crate) at: i64,
    pub(crate) order: String,
    pub(crate) imp_uid: String,
    pub(crate) currency: String,
    pub(crate) amount: Decimal,
}

/// What an order goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Card,
    Parts,
    Account,
    Deposit,
    Forgery,
    Duplicate,
    GivenBack,
    Closed,
    Again,
    Dollars,
}

const LIVES: [Life; 10] = [
    Life::Card,
    Life::Parts,
    Life::Account,
    Life::Deposit,
    Life::Forgery,
    Life::Duplicate,
    Life::GivenBack,
    Life::Closed,
    Life::Again,
    Life::Dollars,
];

/// What happens to an attempt at the gateway.
#[derive(Debug, Clone)]
enum Event {
    /// It is there, in this state and over so much.
    Comes(&'static str, String),
    Deposit,
    /// So much goes back, or all that is left.
    Back(Option<String>),
    /// A person closes it.
    Close,
}

#[derive(Debug, Clone)]
struct Step {
    at: i64,
    order: usize,
    attempt: char,
    event: Event,
}

impl Step {
    fn imp_uid(&self) -> String {
        format!("imp_{}{}", self.order, self.attempt)
    }
}

/// The days, and what happened in them.
pub(crate) struct Past {
    first: Day,
    lives: Vec<Life>,
    pub(crate) moved: Vec<Moved>,
    /// Every payment's order.
    pub(crate) payments: BTreeMap<String, String>,
}

impl Past {
    /// Lives through it: everything at its time by the gateway's clock, seven of ten told to the function.
    pub(crate) async fn live(shop: &Shop, seed: u64, orders: usize) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut past = Self {
            first: Day::of(shop.gateway.now() - DAYS * SECONDS),
            lives: LIVES.into_iter().cycle().take(orders).collect(),
            moved: Vec::new(),
            payments: BTreeMap::new(),
        };
        let mut steps = Vec::new();
        for order in 0..orders {
            let amount = 100 * rng.i64(10..=1000);
            shop.orders.put(past.row(order, amount)).await.unwrap();
            steps.extend(past.steps(order, amount, &mut rng));
        }
        // Those of one order are in order already.
        steps.sort_by_key(|step| step.at);
        let function = shop.function().unwrap();
        for step in steps {
            shop.gateway.stop_time(step.at);
            past.happens(shop, &step).await;
            if rng.u8(..10) < 7 {
                tell(&function, &step).await;
            }
        }
        shop.gateway.set_time_offset(0);
        past
    }

    fn row(&self, order: usize, amount: i64) -> Value {
        if self.lives[order] == Life::Dollars {
            json!({"merchant_uid": name(order), "amount": {"N": dollars(amount)}, "currency": "USD"})
        } else {
            json!({"merchant_uid": name(order), "amount": amount})
        }
    }

    fn steps(&self, order: usize, amount: i64, rng: &mut Rng) -> Vec<Step> {
        let comes =
            |attempt, state, amount: i64| (attempt, Event::Comes(state, amount.to_string()));
        let paid = |attempt| comes(attempt, "paid", amount);
        let back = |attempt, part: i64| (attempt, Event::Back(Some(part.to_string())));
        let rest = |attempt| (attempt, Event::Back(None));
        let events = match self.lives[order] {
            Life::Card => vec![paid('a')],
            Life::Parts => {
                // Of the same size, and some of them in the same second.
                let parts = (0..rng.i64(1..=4)).map(|_| back('a', amount / 10));
                let events = [paid('a')].into_iter().chain(parts);
                events.chain(rng.bool().then(|| rest('a'))).collect()
            }
            Life::Account => vec![comes('a', "ready", amount)],
            Life::Deposit => vec![
                comes('a', "ready", amount),
                ('a', Event::Deposit),
                back('a', amount / 4),
            ],
            Life::Forgery => vec![comes('a', "paid", 10)],
            Life::Duplicate => vec![paid('a'), paid('b'), back('b', amount / 2)],
            Life::GivenBack => vec![paid('a'), paid('b'), rest('b')],
            Life::Closed => vec![paid('a'), paid('b'), ('b', Event::Close)],
            Life::Again => vec![
                comes('a', "failed", amount),
                paid('b'),
                rest('b'),
                paid('c'),
            ],
            Life::Dollars => {
                let part = |cents: &str| ('a', Event::Back(Some(cents.to_owned())));
                vec![
                    ('a', Event::Comes("paid", dollars(amount))),
                    part("0.15"),
                    part("0.1"),
                ]
            }
        };
        let mut times: Vec<_> = events.iter().map(|_| self.some_time(rng)).collect();
        times.sort_unstable();
        let step = |(at, (attempt, event))| Step {
            at,
            order,
            attempt,
            event,
        };
        times.into_iter().zip(events).map(step).collect()
    }

    /// Any second of the days, the first and the last of each more often.
    fn some_time(&self, rng: &mut Rng) -> i64 {
        let begins = self.first.begins() + SECONDS * rng.i64(0..DAYS);
        match rng.u8(..6) {
            0 => begins,
            1 => begins + SECONDS - 1,
            _ => begins + rng.i64(0..SECONDS),
        }
    }

    async fn happens(&mut self, shop: &Shop, step: &Step) {
        let (order, imp_uid, gateway) = (name(step.order), step.imp_uid(), &shop.gateway);
        let is_dollars = self.lives[step.order] == Life::Dollars;
        let currency = if is_dollars { "USD" } else { "KRW" };
        let amount = match &step.event {
            Event::Comes(state, amount) => {
                let payment = json!({
                    "imp_uid": imp_uid, "merchant_uid": order, "currency": currency, "status": state, "$force": true,
                    "amount": serde_json::from_str::<Value>(amount).unwrap(),
                    "pay_method": if *state == "ready" { "vbank" } else { "card" },
                });
                gateway.create(payment.to_string()).unwrap();
                self.payments.insert(imp_uid.clone(), order.clone());
                (*state == "paid").then(|| amount.parse().unwrap())
            }
            Event::Deposit => {
                gateway.deposit(&imp_uid).unwrap();
                Some(held(shop, &imp_uid))
            }
            Event::Back(part) => {
                let held = held(shop, &imp_uid);
                gateway.cancel(&imp_uid, part.as_deref()).unwrap();
                Some(-part.as_ref().map_or(held, |part| part.parse().unwrap()))
            }
            Event::Close => {
                let closed = json!({"state": "closed", "note": "bank transfer"});
                let (key, is_open) = ([order.as_str(), &imp_uid], ("state", "open"));
                // Nobody closes what was not told yet.
                let _ = shop.unmatched.edit_if(key, closed, is_open).await.unwrap();
                None
            }
        };
        self.moved.extend(amount.map(|amount| Moved {
            at: step.at,
            order,
            imp_uid,
            currency: currency.to_owned(),
            amount,
        }));
    }

    /// The function finds all that it was not told; what waited for the cancel of another attempt, the second time.
    pub(crate) async fn sweep(&self, shop: &Shop) {
        let minutes = u32::try_from((DAYS + 2) * 24 * 60).unwrap();
        let function = shop.function().unwrap();
        for _ in 0..2 {
            let swept = function.sweep_last(minutes, shop.gateway.now()).await;
            swept.unwrap();
        }
    }

    /// The first and the last.
    pub(crate) fn days(&self) -> (Day, Day) {
        let days: Vec<_> = self.each_day().collect();
        (days[0], days[days.len() - 1])
    }

    pub(crate) fn each_day(&self) -> impl Iterator<Item = Day> {
        let begins = self.first.begins();
        (0..DAYS).map(move |day| Day::of(begins + SECONDS * day))
    }

    /// Where a payment's money may be on record in the end: it depends on what was told first.
    pub(crate) fn records(&self, order: &str, imp_uid: &str) -> &'static [&'static str] {
        let number: usize = order.trim_start_matches("order-").parse().unwrap();
        match (self.lives[number], imp_uid.chars().last()) {
            (Life::Forgery, _) => &["open"],
            (Life::Duplicate, _) | (Life::Closed, Some('a')) => &["order", "open"],
            (Life::Closed, _) => &["order", "open", "closed"],
            (Life::GivenBack | Life::Again, Some('b')) => &["refunded", "givenBack"],
            _ => &["order"],
        }
    }
}

async fn tell(function: &Function, step: &Step) {
    let answer = function.webhook(&step.imp_uid(), &name(step.order)).await;
    assert!(answer.code < 500, "{answer}");
}

/// What is left of a payment, as the gateway has it.
fn held(shop: &Shop, imp_uid: &str) -> Decimal {
    let payment: Value = serde_json::from_str(&shop.gateway.get(imp_uid).unwrap()).unwrap();
    let amount = |name: &str| payment[name].to_string().parse::<Decimal>().unwrap();
    amount("amount")
        .checked_add(-amount("cancel_amount"))
        .unwrap()
}

fn name(order: usize) -> String {
    format!("order-{order}")
}

/// So many cents and half a dollar, as dollars.
fn dollars(cents: i64) -> String {
    format!("{}.5", cents / 100)
}
