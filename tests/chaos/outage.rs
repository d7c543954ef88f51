//! A full outage of one peer, request after request: retries must not multiply it.

use std::fmt;
use std::sync::Arc;

use local::Shop;
use local::event::Door;
use tokio::task::JoinSet;

use crate::call::Hop;
use crate::environment::Environment;
use crate::life::{Event, Order};
use crate::network_fault::NetworkFault;
use crate::setting::whole;

/// Whoever is out, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Peer {
    Gateway,
    /// The gateway, for a function that has no token yet.
    GatewayCold,
    SecretsManager,
    DynamoDb,
    /// Only the unmatched table, while the orders' works.
    Unmatched,
    /// Only the customers' table, while the orders' works.
    Customers,
    Sns,
}

impl Peer {
    const ALL: [Self; 7] = [
        Self::Gateway,
        Self::GatewayCold,
        Self::SecretsManager,
        Self::DynamoDb,
        Self::Unmatched,
        Self::Customers,
        Self::Sns,
    ];

    fn serves(self, hop: Hop) -> bool {
        match self {
            Self::Gateway | Self::GatewayCold => hop.is_gateway(),
            Self::SecretsManager => hop == Hop::Secret,
            Self::DynamoDb => hop.is_dynamodb(),
            Self::Unmatched => hop == Hop::Note,
            Self::Customers => hop == Hop::Customer,
            Self::Sns => hop == Hop::Text,
        }
    }

    fn is_cold(self) -> bool {
        matches!(self, Self::GatewayCold | Self::SecretsManager)
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Gateway => "gateway",
            Self::GatewayCold => "gateway, cold",
            Self::SecretsManager => "Secrets Manager",
            Self::DynamoDb => "DynamoDB",
            Self::Unmatched => "unmatched table",
            Self::Customers => "customers' table",
            Self::Sns => "SNS",
        })
    }
}

/// Tries that came to the peer, over some requests to one environment.
struct Tries {
    peer: Peer,
    fault: NetworkFault,
    requests: usize,
    all: usize,
    /// The most for one request.
    most: usize,
}

/// One request after the other, as Lambda has it.
async fn endure(shop: Arc<Shop>, peer: Peer, fault: NetworkFault, orders: Vec<Order>) -> Tries {
    let shop = shop.as_ref();
    let environment = if peer.is_cold() {
        Environment::cold(shop).await
    } else {
        Environment::warm(shop).await
    };
    let event = match peer {
        Peer::Unmatched => Event::Forged,
        Peer::Customers | Peer::Sns => Event::Account,
        _ => Event::Paid,
    };
    for order in &orders {
        order.write(shop).await;
        order.happen(shop, 'a', event);
    }
    // What warming up cost is no request's.
    environment.proxies.forget();
    let strike = move |hop| peer.serves(hop).then_some(fault);
    environment.proxies.plan(move |call, _| strike(call.hop));
    let (requests, proxies) = (orders.len(), &environment.proxies);
    let count = || {
        let count = |proxy: &crate::proxy::Proxy| proxy.count(|hop| peer.serves(hop));
        count(&proxies.gateway) + count(&proxies.aws)
    };
    let (mut most, mut before) = (0, 0);
    for order in orders {
        let answer = order.tell(&environment.function, Door::Webhook, 'a').await;
        assert_eq!(answer.status(), "unavailable", "{peer}, {fault}");
        most = most.max(count() - before);
        before = count();
    }
    Tries {
        peer,
        fault,
        requests,
        all: count(),
        most,
    }
}

/// Every peer, in every way, side by side: most of the time goes by waiting.
async fn endure_all() -> Vec<Tries> {
    let shop = Arc::new(Shop::open().await.unwrap());
    let mut outages = JoinSet::new();
    let mut numbers = 0..;
    for peer in Peer::ALL {
        for fault in [
            NetworkFault::ResetBefore,
            NetworkFault::Failed,
            NetworkFault::Dropped,
            NetworkFault::StalledBefore,
        ] {
            let requests = match fault {
                _ if !whole() => 2,
                // Each waits for as long as there is.
                NetworkFault::StalledBefore => 20,
                _ => 200,
            };
            let orders = numbers.by_ref().take(requests).map(Order::new).collect();
            outages.spawn(endure(Arc::clone(&shop), peer, fault, orders));
        }
    }
    let mut all = outages.join_all().await;
    all.sort_by_key(|tries| (tries.peer, tries.fault));
    all
}

fn print(outages: &[Tries]) {
    println!(
        "{:18} {:16} requests  tries  on average  at most",
        "out", "how"
    );
    for Tries {
        peer,
        fault,
        requests,
        all,
        most,
    } in outages
    {
        let hundredths = all * 100 / requests;
        let average = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        println!("{peer:18} {fault:16} {requests:8} {all:6} {average:>11} {most:>8}");
    }
    println!();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_costs_more_than_three_tries_nor_an_outage_more_than_two_on_average() {
    let outages = endure_all().await;
    print(&outages);
    for Tries {
        peer,
        fault,
        requests,
        all,
        most,
    } in outages
    {
        assert!(most <= 3, "{peer}, {fault}: {most} tries for one request");
        assert!(
            all <= 2 * requests,
            "{peer}, {fault}: {all} tries for {requests} requests"
        );
    }
}
