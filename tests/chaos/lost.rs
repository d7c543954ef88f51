//! Every delivery lost: sweeps alone, while faults befall 5 % of all calls, bring every order and every unmatched payment
//! to what deliveries bring them to.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use local::{Function, Shop};
use serde_json::Value;

use crate::call::Call;
use crate::environment::Environment;
use crate::network_fault::NetworkFault;
use crate::setting::{draw, number, seed, whole};
use crate::story::{ROUNDS, Story, next_items_are_due};
use crate::writes;

/// Of a hundred calls, so many meet a fault.
const FAULTS_IN_100: u32 = 5;
/// Hours between two rounds: less than a day in all, so that accounts are still told.
const HOURS: i64 = 2;
/// Deliveries at the same time.
const AT_ONCE: usize = 16;
/// A sweep that fails is begun anew so often.
const TRIES: usize = 20;

/// How much a shop hears of by itself, and how often it is swept.
#[derive(Debug, Clone, Copy)]
struct Plan {
    name: &'static str,
    lost_in_100: u32,
    /// Otherwise once, when all is over.
    sweeps_every_round: bool,
}

/// Two shops with the same orders at the same gateway: one that is told of everything, and one that is swept.
struct Stage {
    plan: Plan,
    stories: Vec<Story>,
    told: Shop,
    teller: Function,
    swept: Shop,
    sweeper: Environment,
    figures: BTreeMap<&'static str, u64>,
}

impl Stage {
    async fn set(plan: Plan, orders: usize) -> Self {
        let (told, swept) = (Shop::open().await.unwrap(), Shop::open().await.unwrap());
        let url = swept.gateway_url();
        let teller = told.function_with(&[("IAMPORT_BASE_URL", &url)]).unwrap();
        let rounds = i64::try_from(ROUNDS).unwrap();
        swept.gateway.set_time_offset(-(rounds + 1) * HOURS * 3600);
        let stories = Story::many(orders);
        for story in &stories {
            story.write(&told).await;
            story.write(&swept).await;
        }
        let sweeper = Environment::warm(&swept).await;
        Self {
            plan,
            stories,
            told,
            teller,
            swept,
            sweeper,
            figures: BTreeMap::new(),
        }
    }

    fn count(&mut self, name: &'static str, more: u64) {
        *self.figures.entry(name).or_default() += more;
    }

    /// What befalls a call depends on the seed and on the call alone.
    fn storm(&self) {
        let seed = seed();
        self.sweeper.proxies.plan(move |call: &Call, nth| {
            let mut rng = draw(seed, (call.hop, &call.key, nth));
            let faults: Vec<_> = NetworkFault::of(call.hop).collect();
            (rng.u32(..100) < FAULTS_IN_100).then(|| *rng.choice(&faults).unwrap())
        });
    }

    async fn play(&mut self) {
        self.storm();
        for round in 0..ROUNDS {
            self.swept.gateway.advance_time(HOURS * 3600);
            let happened: Vec<_> = self
                .stories
                .iter()
                .filter_map(|story| Some((story, story.happen(&self.swept, round)?)))
                .collect();
            let (plan, teller, sweeper) = (self.plan, &self.teller, &self.sweeper.function);
            let events = happened.len() as u64;
            let deliveries = stream::iter(happened).map(|(story, imp_uid)| async move {
                story.told(teller, &imp_uid).await;
                let mut rng = draw(seed(), ("delivery", &imp_uid, round));
                let arrives = rng.u32(..100) >= plan.lost_in_100;
                if arrives {
                    story.told(sweeper, &imp_uid).await;
                }
                u64::from(arrives)
            });
            let arrived: Vec<u64> = deliveries.buffer_unordered(AT_ONCE).collect().await;
            self.count("events", events);
            self.count("deliveries that came", arrived.iter().sum());
            if self.plan.sweeps_every_round {
                self.sweep(HOURS * 60 + 10).await;
            }
        }
        if !self.plan.sweeps_every_round {
            let rounds = i64::try_from(ROUNDS).unwrap();
            self.sweep(rounds * HOURS * 60 + 10).await;
        }
        // Half an hour later all open items are looked at; deliveries alone would not.
        while next_items_are_due(&self.swept).await {
            self.sweep(1).await;
        }
        while next_items_are_due(&self.told).await {
            let now = self.swept.gateway.now();
            self.teller.sweep_last(1, now).await.unwrap();
        }
    }

    /// Sweeps until nothing fails.
    async fn sweep(&mut self, minutes: i64) {
        let until = self.swept.gateway.now();
        for _ in 0..TRIES {
            let minutes = u32::try_from(minutes).unwrap();
            let swept = self.sweeper.function.sweep_last(minutes, until).await;
            self.count("sweeps", 1);
            let Ok(summary) = swept else {
                self.count("  not finished", 1);
                continue;
            };
            let figure = |pointer| summary.pointer(pointer).and_then(Value::as_u64).unwrap();
            self.count("payments listed", figure("/listed"));
            self.count("  unmatched", figure("/unmatched"));
            self.count("  resolved", figure("/resolved"));
            return;
        }
        panic!("{TRIES} sweeps in a row failed");
    }

    /// What the two shops do not know alike, and what was written more than once.
    async fn problems(&mut self) -> Vec<String> {
        let mut problems = self.sweeper.proxies.strays();
        let seen = self.sweeper.proxies.seen();
        self.count("calls", seen.len() as u64);
        let faults = seen.iter().filter(|seen| seen.fault.is_some()).count();
        self.count("  met by a fault", faults as u64);
        let mut written = BTreeSet::new();
        for write in writes::taken(&seen) {
            self.count("transitions written", 1);
            if !written.insert((write.imp_uid.clone(), write.stage, write.cancelled)) {
                problems.push(format!("written twice: {write:?}"));
            }
        }
        for story in &self.stories {
            let (told, swept) = (
                story.known(&self.told).await,
                story.known(&self.swept).await,
            );
            if told != swept {
                problems.push(format!(
                    "{}, {}: {told} but {swept}",
                    story.order,
                    story.name()
                ));
            }
            if story.texts(&self.swept) > 3 * story.texts(&self.told) {
                problems.push(format!("{}: too many texts", story.order));
            }
        }
        problems
    }
}

async fn lose(plan: Plan, orders: usize) {
    let mut stage = Stage::set(plan, orders).await;
    stage.play().await;
    let problems = stage.problems().await;
    println!("{}, seed {}", plan.name, seed());
    println!("{:28} {orders:6}", "orders");
    for (name, figure) in &stage.figures {
        println!("{name:28} {figure:6}");
    }
    println!("{:28} {:6}\n", "wrong rows, items, writes", problems.len());
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(stage.figures["transitions written"] > 0);
}

fn orders() -> usize {
    number("PAYMENTS", if whole() { 2_000 } else { 72 })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_every_delivery_lost_sweeps_tell_it_all() {
    Box::pin(lose(
        Plan {
            name: "every delivery lost",
            lost_in_100: 100,
            sweeps_every_round: true,
        },
        orders(),
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_every_delivery_lost_one_late_sweep_tells_it_all() {
    Box::pin(lose(
        Plan {
            name: "every delivery lost, swept once",
            lost_in_100: 100,
            sweeps_every_round: false,
        },
        orders(),
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_some_deliveries_lost_sweeps_tell_the_rest() {
    Box::pin(lose(
        Plan {
            name: "30 % of deliveries lost",
            lost_in_100: 30,
            sweeps_every_round: true,
        },
        orders(),
    ))
    .await;
}
