//! Thousands of payments while faults befall 5 % of all calls.

use std::sync::Arc;
use std::time::Instant;

use local::Shop;
use local::event::Door;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::call::Call;
use crate::environment::Environment;
use crate::life::{self, Event, Life, Order, Step};
use crate::network_fault::NetworkFault;
use crate::setting::{draw, number, seed, whole};
use crate::tally::Tally;
use crate::writes;

/// Of a hundred calls, so many meet a fault.
const FAULTS_IN_100: u32 = 5;
/// Customers at the same time.
const CUSTOMERS: usize = 32;

async fn rage(seed: u64, payments: usize) -> Tally {
    let shop = Arc::new(Shop::open().await.unwrap());
    let mut customers = JoinSet::new();
    for number in 0..CUSTOMERS.min(payments) {
        let environments = [
            Environment::warm(&shop).await,
            Environment::warm(&shop).await,
        ];
        let customer = Customer {
            shop: Arc::clone(&shop),
            seed,
            number,
            environments,
        };
        let orders = (number..payments).step_by(CUSTOMERS);
        customers.spawn(async move { customer.shopping(orders).await });
    }
    let mut tally = Tally::default();
    while let Some(one) = customers.join_next().await {
        tally.add(one.unwrap());
    }
    tally
}

/// Somebody who pays one order after the other, served by two environments of the function.
struct Customer {
    shop: Arc<Shop>,
    seed: u64,
    number: usize,
    environments: [Environment; 2],
}

impl Customer {
    async fn shopping(&self, orders: impl Iterator<Item = usize>) -> Tally {
        self.storm();
        let mut tally = Tally::default();
        for number in orders {
            tally.add(self.pay(number).await);
        }
        for environment in &self.environments {
            let seen = environment.proxies.seen();
            tally.calls += seen.len();
            tally.writes += writes::taken(&seen).count();
            for fault in seen.iter().filter_map(|seen| seen.fault) {
                *tally.faults.entry(fault).or_default() += 1;
            }
            tally.problems.extend(environment.proxies.strays());
        }
        tally
    }

    /// What befalls a call depends on the seed and on the call alone, whatever else goes on.
    fn storm(&self) {
        for (index, environment) in self.environments.iter().enumerate() {
            let (seed, customer) = (self.seed, self.number);
            environment.proxies.plan(move |call: &Call, nth| {
                let mut rng = draw(seed, (customer, index, call.hop, &call.key, nth));
                let faults: Vec<_> = NetworkFault::of(call.hop).collect();
                (rng.u32(..100) < FAULTS_IN_100).then(|| *rng.choice(&faults).unwrap())
            });
        }
    }

    async fn pay(&self, number: usize) -> Tally {
        let mut rng = draw(self.seed, number);
        let life = *rng.choice(&Life::ALL).unwrap();
        let order = Order::new(number);
        let mut tally = Tally {
            payments: [(life, 1)].into(),
            transitions: life.transitions(),
            ..Tally::default()
        };
        order.write(&self.shop).await;
        for step in life.steps() {
            order.happen(&self.shop, step.attempt, step.event);
            // By one door, the other, or both at the same time, each in an environment of its own.
            let doors = rng.choice([
                &[Door::Page][..],
                &[Door::Webhook],
                &[Door::Page, Door::Webhook],
            ]);
            let mut deliveries = JoinSet::new();
            for (door, environment) in doors.unwrap().iter().zip(&self.environments) {
                let (shop, environment) = (Arc::clone(&self.shop), environment.clone());
                deliveries.spawn(deliver(shop, environment, order.clone(), *door, step));
            }
            for delivery in deliveries.join_all().await {
                tally.add(delivery);
            }
            if is_due(&order.row(&self.shop).await) {
                tally.late_notices += 1;
                tally.problems.extend(self.tell_in_calm(&order, step).await);
            }
        }
        let about = |environment: &Environment| environment.proxies.seen_about(&order);
        let seen = self.environments.each_ref().map(about).concat();
        let problems = life::problems(&self.shop, &order, life, &seen).await;
        let named = |problem| format!("{}, {life:?}: {problem}", order.name());
        tally.problems.extend(problems.into_iter().map(named));
        tally
    }

    /// One more delivery, undisturbed, gives a notice that is still due; whether it did shows in the row.
    async fn tell_in_calm(&self, order: &Order, step: Step) -> Option<String> {
        let [environment, _] = &self.environments;
        environment.proxies.calm().await;
        let answer = order
            .tell(&environment.function, Door::Webhook, step.attempt)
            .await;
        self.storm();
        (answer.status() != step.says).then(|| format!("{}: {answer} in calm", order.name()))
    }
}

/// Delivers once, and once more if the order was not settled.
async fn deliver(
    shop: Arc<Shop>,
    environment: Environment,
    order: Order,
    door: Door,
    step: Step,
) -> Tally {
    let mut tally = Tally {
        deliveries: 1,
        ..Tally::default()
    };
    for settled in [&mut tally.first, &mut tally.second] {
        let started = Instant::now();
        let answer = order.tell(&environment.function, door, step.attempt).await;
        tally.slowest = tally.slowest.max(started.elapsed());
        // A webhook whose notice alone is late gets a 503 too; by now, another delivery may have given it.
        let only_notice_late = answer.code == 503
            && step.event == Event::Account
            && order.row(&shop).await["imp_uid"] == order.imp_uid(step.attempt).as_str();
        if answer.status() == step.says || only_notice_late {
            *settled += 1;
            break;
        }
        tally.excuses.push(excuse(&environment, &order, step));
        if answer.code != 503 {
            let problem = format!("{}, {step:?}, by {door:?}: {answer}", order.name());
            tally.problems.push(problem);
        }
    }
    tally
}

/// What befell the calls about this attempt.
fn excuse(environment: &Environment, order: &Order, step: Step) -> String {
    let (seen, imp_uid) = (environment.proxies.seen(), order.imp_uid(step.attempt));
    let about = seen
        .iter()
        .filter(|seen| [order.name(), &imp_uid].contains(&seen.call.key.as_str()));
    let befell = about.map(|seen| match seen.fault {
        Some(fault) => format!("{}: {fault}", seen.call.hop),
        None => seen.call.hop.to_string(),
    });
    let befell = befell.collect::<Vec<_>>().join(", ");
    format!("{}, {:?}: {befell}", order.name(), step.event)
}

/// Whether an account is on the order, but its customer was not told yet.
fn is_due(row: &Value) -> bool {
    let notice = row["vbank_notice"].as_str();
    notice.is_some_and(|notice| notice.starts_with("due:"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_leaves_every_order_right() {
    let payments = number("PAYMENTS", if whole() { 2_000 } else { 60 });
    let tally = rage(seed(), payments).await;
    tally.print(seed());
    tally.check();
    if whole() {
        tally.check_figures();
    }
}
