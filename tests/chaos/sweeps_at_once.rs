//! Sweeps beside deliveries and beside each other, half of them under the same request id: nothing is written twice, told
//! twice, or wrong.

use std::collections::BTreeMap;
use std::sync::Arc;

use local::Shop;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::environment::Environment;
use crate::setting::{draw, number, seed, whole};
use crate::story::{ROUNDS, Story, next_items_are_due};
use crate::writes;

/// Sweeps at the same time.
const SWEEPS: usize = 20;
/// The id of an invocation that Lambda repeats, and repeats.
const REPEATED: &str = "request-again";

/// Everything of one round is told and swept at once.
async fn all_at_once(
    shop: &Arc<Shop>,
    environments: &[Environment],
    happened: &[(Story, String)],
    round: usize,
) -> Vec<Result<Value, String>> {
    let mut deliveries = JoinSet::new();
    for (index, (story, imp_uid)) in happened.iter().cloned().enumerate() {
        // Half of them are lost.
        if draw(seed(), (&imp_uid, round)).bool() {
            let function = environments[index % SWEEPS].function.clone();
            deliveries.spawn(async move { story.told(&function, &imp_uid).await });
        }
    }
    let mut sweeps = JoinSet::new();
    let until = shop.gateway.now();
    for (index, environment) in environments.iter().enumerate() {
        let function = environment.function.clone();
        sweeps.spawn(async move {
            if index % 2 == 1 {
                return function.sweep_last(60, until).await;
            }
            let until = aws_smithy_types::DateTime::from_secs(until);
            let until = until.fmt(aws_smithy_types::date_time::Format::DateTime);
            let event = json!({"sweep": {"minutes": 60, "until": until.unwrap()}});
            function.sweep_as(REPEATED, event).await
        });
    }
    deliveries.join_all().await;
    sweeps.join_all().await
}

/// What is wrong in the end with all that was done.
async fn problems(
    stories: &[Story],
    told: &Shop,
    swept: &Shop,
    environments: &[Environment],
) -> Vec<String> {
    let mut problems = Vec::new();
    let (mut written, mut noted) = (BTreeMap::new(), BTreeMap::new());
    for environment in environments {
        problems.extend(environment.proxies.strays());
        let seen = environment.proxies.seen();
        for write in writes::taken(&seen) {
            let transition = (write.imp_uid, write.stage, write.cancelled);
            *written.entry(transition).or_insert(0) += 1;
        }
        for story in stories {
            *noted.entry(story.order.clone()).or_insert(0) +=
                writes::notes(&environment.proxies.seen_of(&story.order));
        }
    }
    let twice = written.iter().filter(|(_, times)| **times > 1);
    problems.extend(twice.map(|twice| format!("written more than once: {twice:?}")));
    println!("{:28} {:6}", "transitions written", written.len());
    println!(
        "{:28} {:6}",
        "unmatched written",
        noted.values().sum::<usize>()
    );
    for story in stories {
        let (expected, found) = (story.known(told).await, story.known(swept).await);
        if expected != found {
            let name = story.name();
            problems.push(format!("{}, {name}: {expected} but {found}", story.order));
        }
        let texts = story.texts(swept);
        if texts > story.accounts() {
            problems.push(format!("{}: {texts} texts", story.order));
        }
        let most = story.most_notes(swept).await;
        if noted[&story.order] > most {
            problems.push(format!(
                "{}: noted {} times",
                story.order, noted[&story.order]
            ));
        }
    }
    problems
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_sweeps_beside_deliveries_on_the_engine() {
    let orders = number("ROUNDS", if whole() { 120 } else { 24 });
    let swept = Arc::new(Shop::open().await.unwrap());
    let told = Shop::open().await.unwrap();
    let url = swept.gateway_url();
    let teller = told.function_with(&[("IAMPORT_BASE_URL", &url)]).unwrap();
    let stories = Story::many(orders);
    for story in &stories {
        story.write(&swept).await;
        story.write(&told).await;
    }
    let mut environments = Vec::new();
    for _ in 0..SWEEPS {
        environments.push(Environment::warm(&swept).await);
    }
    let mut failed = 0;
    for round in 0..ROUNDS {
        let mut happened = Vec::new();
        for story in &stories {
            if let Some(imp_uid) = story.happen(&swept, round) {
                story.told(&teller, &imp_uid).await;
                happened.push((story.clone(), imp_uid));
            }
        }
        let sweeps = all_at_once(&swept, &environments, &happened, round).await;
        failed += sweeps.iter().filter(|swept| swept.is_err()).count();
    }
    // Twenty at once may be too many for this machine's engine; one more is not.
    let now = swept.gateway.now();
    let last = swept.function().unwrap();
    last.sweep_last(60, now).await.unwrap();
    // Half an hour later.
    while next_items_are_due(&swept).await {
        last.sweep_last(1, now - 3600).await.unwrap();
    }
    while next_items_are_due(&told).await {
        teller.sweep_last(1, now - 3600).await.unwrap();
    }
    println!("{SWEEPS} sweeps at once, {ROUNDS} times, seed {}", seed());
    println!("{:28} {orders:6}", "orders");
    let problems = problems(&stories, &told, &swept, &environments).await;
    println!("{:28} {:6}", "sweeps that failed", failed);
    println!("{:28} {:6}\n", "wrong rows, items, writes", problems.len());
    assert!(problems.is_empty(), "{problems:#?}");
    let told = Arc::new(told);
    for shop in [told, swept] {
        if let Some(shop) = Arc::into_inner(shop) {
            shop.close().await.unwrap();
        }
    }
}
