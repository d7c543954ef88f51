//! The real program, killed around every step of a sweep that refunds a duplicate: later sweeps settle it, and the money
//! goes back once.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use local::Shop;
use local::event::Door;
use local::lambda::{Invocation, Lambda};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::call::Hop;
use crate::crashes::{AT_ONCE, PATIENCE, program};
use crate::environment::Proxies;
use crate::life::{Event, Order};
use crate::network_fault::NetworkFault;

/// What Lambda gives a sweep.
const SWEEP_WITHIN: Duration = Duration::from_mins(1);

/// One step on the network: the kind of call, what it is about, and which of those it is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    hop: Hop,
    key: String,
    nth: usize,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hop, key, nth } = self;
        write!(f, "{hop:19} {nth} {key:16}")
    }
}

/// A shop with one order that was paid twice, and a sweep that is about to give the second payment back.
struct Duplicate {
    shop: Shop,
    order: Order,
    proxies: Arc<Proxies>,
}

impl Duplicate {
    async fn new() -> Self {
        let shop = Shop::open().await.unwrap();
        let order = Order::new(0);
        order.write(&shop).await;
        let paid_at = shop.gateway.now() - 3600;
        for attempt in ['a', 'b'] {
            order.happen(&shop, attempt, Event::Paid);
            let fields = json!({"pay_method": "card", "escrow": false, "paid_at": paid_at});
            let imp_uid = order.imp_uid(attempt);
            shop.gateway.update(&imp_uid, fields.to_string()).unwrap();
            let function = shop.function().unwrap();
            order.tell(&function, Door::Webhook, attempt).await;
        }
        let proxies = Proxies::before(&shop).await;
        let duplicate = Self {
            shop,
            order,
            proxies,
        };
        duplicate.half_an_hour_passes().await;
        duplicate
    }

    fn key(&self) -> [String; 2] {
        [self.order.name().to_owned(), self.order.imp_uid('b')]
    }

    async fn item(&self) -> Value {
        let [merchant_uid, imp_uid] = self.key();
        let item = self.shop.unmatched.get([&*merchant_uid, &*imp_uid]).await;
        item.unwrap()
    }

    /// Whatever was done to the item was done half an hour earlier.
    async fn half_an_hour_passes(&self) {
        let item = self.item().await;
        let mut earlier = json!({});
        for name in ["looked_at", "refund_asked_at"] {
            if let Some(at) = item[name].as_i64() {
                earlier[name] = json!(at - 30 * 60);
            }
        }
        let [merchant_uid, imp_uid] = self.key();
        let key = [&*merchant_uid, &*imp_uid];
        self.shop.unmatched.edit(key, earlier).await.unwrap();
    }

    async fn program(&self) -> Lambda {
        let mut environment = self.proxies.environment(&self.shop);
        environment.insert("REFUND_DUPLICATES_MAX", "1000".to_owned());
        program(&environment).await
    }

    async fn sweep(&self, program: &mut Lambda) -> Result<Value, String> {
        let event = json!({"sweep": {"minutes": 1}});
        let sweep = Invocation::of(&event).within(SWEEP_WITHIN);
        program.api.invoke(sweep).await.unwrap().answer()
    }

    /// The calls so far, in the order in which they came.
    fn steps(&self) -> Vec<Step> {
        let mut seen = self.proxies.seen();
        seen.sort_by_key(|seen| seen.began);
        let mut counts = HashMap::new();
        let steps = seen.into_iter().map(|seen| {
            let (hop, key) = (seen.call.hop, seen.call.key);
            let nth = counts.entry((hop, key.clone())).or_default();
            *nth += 1;
            Step {
                hop,
                key,
                nth: *nth,
            }
        });
        steps.collect()
    }

    /// Both payments are where they belong, and the money went back once.
    async fn assert_settled(&self, what: &str) {
        let item = self.item().await;
        assert_eq!(item["state"], "refunded", "{what}: {item}");
        let row = self.order.row(&self.shop).await;
        assert_eq!(
            row["imp_uid"],
            self.order.imp_uid('a').as_str(),
            "{what}: {row}"
        );
        assert_eq!(row["payment_status"], "paid", "{what}: {row}");
        let refunds = self.shop.gateway.refunds();
        let refunded: Vec<_> = refunds
            .iter()
            .map(|refund| (refund.imp_uid.as_str(), refund.amount.as_str()))
            .collect();
        assert_eq!(refunded, [(&*self.order.imp_uid('b'), "1000")], "{what}");
    }
}

/// Killed there, and settled by the next sweep: whether that one had to, and how often a refund was asked for.
async fn play(step: Step, applied: bool) -> (bool, Value) {
    let side = if applied { "after" } else { "before" };
    let what = format!("killed {side} {step}");
    let duplicate = Duplicate::new().await;
    let proxies = &duplicate.proxies;
    let proxy = proxies.of(step.hop);
    let stalled = if applied {
        NetworkFault::StalledAfter
    } else {
        NetworkFault::StalledBefore
    };
    proxy.plan(move |call, nth| {
        let is_it = call.hop == step.hop && call.key == step.key && nth == step.nth;
        is_it.then_some(stalled)
    });
    let mut program = duplicate.program().await;
    let event = json!({"sweep": {"minutes": 1}});
    let sweep = Invocation::of(&event).within(SWEEP_WITHIN);
    program.api.hand_out(sweep);
    timeout(PATIENCE, proxy.hanging())
        .await
        .unwrap_or_else(|_| panic!("{what}: the step is never taken"));
    program.kill().unwrap();
    proxies.calm().await;

    let is_open = duplicate.item().await["state"] == "open";
    if is_open {
        duplicate.half_an_hour_passes().await;
        let mut program = duplicate.program().await;
        let swept = duplicate.sweep(&mut program).await;
        swept.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    duplicate.assert_settled(&what).await;
    (is_open, duplicate.item().await["refund_asks"].clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_is_given_once_wherever_the_sweep_is_killed() {
    let duplicate = Duplicate::new().await;
    let mut program = duplicate.program().await;
    let swept = duplicate.sweep(&mut program).await.unwrap();
    assert_eq!(swept["refunded"], 1, "{swept}");
    duplicate.assert_settled("undisturbed").await;
    let steps = duplicate.steps();
    for hop in [
        Hop::Attempts,
        Hop::Claim,
        Hop::Cancel,
        Hop::Note,
        Hop::Record,
    ] {
        assert!(steps.iter().any(|step| step.hop == hop), "{hop}: {steps:?}");
    }

    let at_once = Arc::new(Semaphore::new(AT_ONCE));
    let mut crashes = JoinSet::new();
    let all = steps.into_iter().enumerate();
    for (number, step) in all {
        for applied in [false, true] {
            let (step, at_once) = (step.clone(), Arc::clone(&at_once));
            crashes.spawn(async move {
                let _turn = at_once.acquire_owned().await;
                let (is_left, asks) = play(step.clone(), applied).await;
                let settled = if is_left {
                    "left to the next sweep"
                } else {
                    "settled"
                };
                (
                    number,
                    applied,
                    format!("{step}: {settled}, asked for {asks} times"),
                )
            });
        }
    }
    let mut crashes = crashes.join_all().await;
    crashes.sort();
    for (number, applied, told) in crashes {
        let side = if applied { "after" } else { "before" };
        println!("killed {side:6} {:2}. {told}", number + 1);
    }
}
