//! A second of trouble, at the gateway, at DynamoDB or at both: one delivery rides it out, as nobody may come again.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use local::Shop;
use local::event::Door;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::call::Hop;
use crate::environment::Environment;
use crate::life::{Event, Order};
use crate::network_fault::NetworkFault;
use crate::setting::whole;

/// How long a blip lasts, from the first call that meets it.
const BLIP: Duration = Duration::from_secs(1);
/// Deliveries that one environment gets, one after the other.
const EACH: usize = 10;

#[derive(Debug, Clone, Copy)]
enum Where {
    Gateway,
    DynamoDb,
    Both,
}

impl Where {
    fn is(self, hop: Hop) -> bool {
        match self {
            Self::Gateway => hop.is_gateway(),
            Self::DynamoDb => hop.is_dynamodb(),
            Self::Both => hop.is_gateway() || hop.is_dynamodb(),
        }
    }
}

impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Gateway => "gateway",
            Self::DynamoDb => "DynamoDB",
            Self::Both => "both at once",
        })
    }
}

/// What goes wrong, for a peer that has a word for it.
fn fault(how: &str, hop: Hop) -> NetworkFault {
    match how {
        "500" => NetworkFault::Failed,
        "reset" => NetworkFault::ResetBefore,
        _ if hop.is_gateway() => NetworkFault::TooMany,
        _ => NetworkFault::Throttled,
    }
}

/// Some deliveries to one environment, each with a blip of its own; how many were settled by the first.
async fn ride(
    shop: Arc<Shop>,
    orders: Vec<Order>,
    place: Where,
    how: &'static str,
    after_an_outage: bool,
) -> usize {
    let environment = Environment::warm(&shop).await;
    let mut settled = 0;
    for order in orders {
        order.write(&shop).await;
        order.happen(&shop, 'a', Event::Paid);
        if after_an_outage {
            environment
                .proxies
                .plan(move |call, _| place.is(call.hop).then(|| fault(how, call.hop)));
            for _ in 0..2 {
                let answer = order.tell(&environment.function, Door::Webhook, 'a').await;
                assert_eq!(answer.status(), "unavailable");
            }
        }
        let over = Arc::new(OnceLock::new());
        environment.proxies.plan(move |call, _| {
            let met =
                place.is(call.hop) && Instant::now() < *over.get_or_init(|| Instant::now() + BLIP);
            met.then(|| fault(how, call.hop))
        });
        let answer = order.tell(&environment.function, Door::Webhook, 'a').await;
        settled += usize::from(answer.code == 200);
        environment.proxies.calm().await;
    }
    settled
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_of_trouble_is_ridden_out_by_the_first_delivery() {
    let environments = if whole() { 50 } else { 2 };
    let shop = Arc::new(Shop::open().await.unwrap());
    let mut numbers = 0..;
    println!("a blip of 1 s         how       deliveries  settled by the first");
    for place in [Where::Gateway, Where::DynamoDb, Where::Both] {
        for how in ["500", "reset", "throttled"] {
            for after_an_outage in [false, true] {
                // An outage takes its time, and is told enough by fewer.
                let environments = if after_an_outage {
                    environments / 2
                } else {
                    environments
                };
                let each = if after_an_outage { 1 } else { EACH };
                let each = if whole() { each } else { 1 };
                let mut rides = JoinSet::new();
                for _ in 0..environments {
                    let orders = numbers.by_ref().take(each).map(Order::new).collect();
                    rides.spawn(ride(Arc::clone(&shop), orders, place, how, after_an_outage));
                }
                let settled: usize = rides.join_all().await.into_iter().sum();
                let deliveries = environments * each;
                let when = if after_an_outage {
                    ", after an outage"
                } else {
                    ""
                };
                println!("{place:20} {how:>9}  {deliveries:10} {settled:8}{when}");
                assert!(
                    (deliveries - settled) * 1000 <= deliveries,
                    "{place}, {how}{when}: {settled} of {deliveries}"
                );
            }
        }
    }
    println!();
}
