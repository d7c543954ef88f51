//! The ledger against what really happened: thousands of payments over some days, whatever window cuts them.
//!
//! `WHOLE=true` takes 2,000 orders, `ORDERS` and `SEED` what they say.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod moving;
mod past;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use desk::kst::Day;
use desk::ledger::Ledger;
use desk::record::Record;
use desk::{Desk, DeskError};
use local::Shop;
use payment_verifier::config::Config;
use payment_verifier::decimal::Decimal;
use payment_verifier::http_client::http_client;
use serde_json::{Value, json};

use crate::past::{Moved, Past, number};

fn desk(shop: &Shop, changes: &[(&str, &str)]) -> Desk {
    let environment = shop.environment();
    let given = |name: &str| changes.iter().find(|(key, _)| *key == name);
    let lookup = |name: &str| match given(name) {
        Some((_, value)) => Some((*value).to_owned()),
        None => environment.get(name).cloned(),
    };
    Desk::new(
        Config::read(lookup).unwrap(),
        http_client().unwrap(),
        shop.sdk(),
    )
}

fn moved(ledger: &Ledger) -> Vec<Moved> {
    let lines = ledger.lines.iter().map(|(line, _)| Moved {
        at: line.at,
        order: line.merchant_uid.clone(),
        imp_uid: line.imp_uid.clone(),
        currency: line.currency.clone(),
        amount: line.amount,
    });
    lines.collect()
}

fn sorted(mut moved: Vec<Moved>) -> Vec<Moved> {
    moved.sort();
    moved
}

fn add(sum: &mut Decimal, more: Decimal) {
    *sum = sum.checked_add(more).unwrap();
}

fn counts(ledger: &Ledger) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (_, record) in &ledger.lines {
        *counts.entry(record.to_string()).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_export_is_what_happened_to_the_won() {
    let whole = number("WHOLE", false);
    let orders = number("ORDERS", if whole { 2_000 } else { 120 });
    let shop = Shop::open().await.unwrap();
    let past = Past::live(&shop, number("SEED", 20_261_124), orders).await;
    let desk = desk(&shop, &[]);
    let (first, last) = past.days();

    // What nobody told of is not on record yet, and in the ledger all the same.
    let early = desk.ledger(first, last).await.unwrap();
    assert!(counts(&early)["unknown"] > 0);
    past.sweep(&shop).await;
    let ledger = desk.ledger(first, last).await.unwrap();
    assert_eq!(ledger.unclear, Vec::<String>::new());
    assert_eq!(moved(&early), moved(&ledger));

    // Line by line, and each once.
    assert_eq!(sorted(moved(&ledger)), sorted(past.moved.clone()));
    let lines = ledger
        .lines
        .iter()
        .map(|(line, _)| (&line.imp_uid, line.number));
    assert_eq!(lines.collect::<HashSet<_>>().len(), ledger.lines.len());
    let csv = ledger.csv();
    assert_eq!(
        csv.lines().collect::<HashSet<_>>().len(),
        ledger.lines.len() + 1
    );

    // By order: what the gateway holds of its payments.
    let mut held: BTreeMap<String, Decimal> = BTreeMap::new();
    for (imp_uid, order) in &past.payments {
        let payment: Value = serde_json::from_str(&shop.gateway.get(imp_uid).unwrap()).unwrap();
        let amount = |name: &str| payment[name].to_string().parse::<Decimal>().unwrap();
        if matches!(payment["status"].as_str(), Some("paid" | "cancelled")) {
            let sum = held.entry(order.clone()).or_insert(Decimal::ZERO);
            add(sum, amount("amount"));
            add(sum, -amount("cancel_amount"));
        }
    }
    let mut listed = BTreeMap::new();
    for line in moved(&ledger) {
        add(
            listed.entry(line.order).or_insert(Decimal::ZERO),
            line.amount,
        );
    }
    assert_eq!(listed, held);

    // By day: what was paid less what went back.
    let mut expected: BTreeMap<_, (Decimal, Decimal)> = BTreeMap::new();
    for each in &past.moved {
        let key = (Day::of(each.at), each.currency.clone());
        let (paid, cancelled) = expected
            .entry(key)
            .or_insert((Decimal::ZERO, Decimal::ZERO));
        add(
            if each.amount.is_negative() {
                cancelled
            } else {
                paid
            },
            each.amount,
        );
    }
    let sums = ledger.sums().unwrap();
    let told = sums
        .iter()
        .map(|(key, sum)| (key.clone(), (sum.paid, sum.cancelled)));
    assert_eq!(told.collect::<BTreeMap<_, _>>(), expected);

    // Adjacent days add up, wherever they are cut.
    let days: Vec<_> = past.each_day().collect();
    let mut one_by_one = Vec::new();
    for day in &days {
        one_by_one.extend(moved(&desk.ledger(*day, *day).await.unwrap()));
    }
    assert_eq!(one_by_one, moved(&ledger));
    for cut in 1..days.len() {
        let mut both = moved(&desk.ledger(first, days[cut - 1]).await.unwrap());
        both.extend(moved(&desk.ledger(days[cut], last).await.unwrap()));
        assert_eq!(both, moved(&ledger));
    }

    // Each where it is on record.
    for (line, record) in &ledger.lines {
        let possible = past.records(&line.merchant_uid, &line.imp_uid);
        assert!(
            possible.contains(&record.to_string().as_str()),
            "{line:?}: {record}"
        );
    }
    println!("{} orders, {} payments", orders, past.payments.len());
    print!("{}", ledger.summary().unwrap());
    println!("{:?}", counts(&ledger));
}

#[tokio::test]
async fn what_moves_no_money_of_ours_is_no_line() {
    let shop = Shop::open().await.unwrap();
    let now = shop.gateway.now();
    for (number, fields) in [
        json!({"status": "failed"}),
        json!({"status": "ready"}),
        json!({"status": "ready", "pay_method": "vbank"}),
        json!({"sandbox": true}),
        json!({"customer_uid_usage": "issue"}),
        json!({"merchant_uid": "another-shops"}),
        json!({"amount": 0}),
    ]
    .into_iter()
    .enumerate()
    {
        let mut payment =
            json!({"merchant_uid": format!("ours-{number}"), "amount": 1000, "$force": true});
        payment
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        shop.gateway.create(payment.to_string()).unwrap();
    }
    shop.gateway.show_sandbox(true);
    let today = Day::of(now);
    let ledger = desk(&shop, &[("MERCHANT_UID_PREFIX", "ours-")])
        .ledger(today, today)
        .await
        .unwrap();
    assert!(
        ledger.lines.is_empty() && ledger.unclear.is_empty(),
        "{ledger:?}"
    );
    assert_eq!(ledger.summary().unwrap(), "no money moved\n");
}

#[tokio::test]
async fn what_cannot_be_told_is_named_and_the_rest_is_there() {
    let shop = Shop::open().await.unwrap();
    for (imp_uid, fields) in [
        ("imp_1", json!({})),
        ("imp_2", json!({"amount": "1000"})),
        // Nobody knows when.
        (
            "imp_3",
            json!({"status": "cancelled", "cancel_amount": 300, "paid_at": 0, "cancelled_at": shop.gateway.now()}),
        ),
    ] {
        let mut payment =
            json!({"imp_uid": imp_uid, "merchant_uid": imp_uid, "amount": 1000, "$force": true});
        payment
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        shop.gateway.create(payment.to_string()).unwrap();
    }
    let today = Day::of(shop.gateway.now());
    let ledger = desk(&shop, &[]).ledger(today, today).await.unwrap();
    let listed: BTreeSet<_> = ledger
        .lines
        .iter()
        .map(|(line, _)| line.imp_uid.as_str())
        .collect();
    assert_eq!(listed, ["imp_1"].into());
    assert_eq!(ledger.lines[0].1, Record::Unknown);
    let summary = ledger.summary().unwrap();
    assert!(
        summary.contains("not in it: imp_2: the gateway's entry cannot be read"),
        "{summary}"
    );
    assert!(
        summary.contains("not in it: imp_3: it was paid, and has no paid_at"),
        "{summary}"
    );
}

#[tokio::test]
async fn days_that_make_no_sense_and_a_gateway_that_is_down_are_errors() {
    let shop = Shop::open().await.unwrap();
    let desk = desk(&shop, &[]);
    let day = |text: &str| text.parse::<Day>().unwrap();
    let asked = |error: DeskError| error.to_string();
    let turned = desk.ledger(day("2026-11-24"), day("2026-11-23")).await;
    assert_eq!(asked(turned.unwrap_err()), "2026-11-24 is after 2026-11-23");
    let future = desk.ledger(day("2999-01-01"), day("2999-01-01")).await;
    assert_eq!(asked(future.unwrap_err()), "that day has not begun yet");
    shop.gateway.fault(local_fault());
    let today = Day::of(shop.gateway.now());
    let error = asked(desk.ledger(today, today).await.unwrap_err());
    assert!(
        error.starts_with("the gateway did not give an answer"),
        "{error}"
    );
}

fn local_fault() -> iamport_sim::Fault {
    iamport_sim::Fault::bad_gateway()
}
