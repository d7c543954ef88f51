//! The rule, three times over: as DynamoDB evaluates its expression, as its value is asked of a row in Rust, and as the
//! contract puts it (`expression/contract.rs`, which shares no code with the product). All three say the same, on
//! whatever rows a shop may have.
//!
//! `CASES` sets how many pairs are drawn and `SEED` which; a failure prints both.

mod contract;

use std::collections::HashMap;
use std::env;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use local::Shop;
use payment_verifier::dynamodb::{Item, Table};
use payment_verifier::orders::{COLUMNS, Orders, condition, explain, restated};
use payment_verifier::payment::Payment;
use payment_verifier::state::State;
use payment_verifier::verdict::Verdict;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tokio::task::JoinSet;

/// DynamoDB Local takes some ten times longer for a pair than the embedded engine.
const CASES: (usize, usize) = (20_000, 2_000);
/// Pairs on the way at the same time.
const AT_ONCE: usize = 32;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_engine_decides_as_the_rule_says() {
    let shop = Shop::open().await.unwrap();
    // One try, however long it takes: a write met again would be refused, which is another test's matter.
    let sdk = shop.sdk().to_builder().endpoint_url(shop.dynamodb());
    let sdk = sdk
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::disabled())
        .build();
    let client = Client::new(&sdk);
    let default = if env::var("DYNAMODB_ENDPOINT").is_ok() {
        CASES.1
    } else {
        CASES.0
    };
    let pairs = number("CASES").unwrap_or(default);
    let seed = number("SEED").unwrap_or(20_261_122);
    let mut drawn = Drawn::new(seed);
    let mut running = JoinSet::new();
    let mut outcomes: HashMap<String, usize> = HashMap::new();
    for nth in 0..pairs {
        if running.len() == AT_ONCE {
            let outcome: String = running.join_next().await.unwrap().unwrap();
            *outcomes.entry(outcome).or_default() += 1;
        }
        let (row, payment) = drawn.pair();
        let table = shop.orders.name().to_owned();
        running.spawn(check(
            client.clone(),
            table,
            format!("{seed}-{nth}"),
            row,
            payment,
        ));
    }
    while let Some(outcome) = running.join_next().await {
        *outcomes.entry(outcome.unwrap()).or_default() += 1;
    }
    println!("{pairs} pairs, seed {seed}: {outcomes:?}");
    for outcome in [
        "written",
        "order not found",
        "misconfigured",
        "known",
        "wrong money",
        "duplicate",
        "passed",
    ] {
        let share = outcomes.get(outcome).copied().unwrap_or(0);
        assert!(
            share * 100 >= pairs,
            "{outcome} was hardly drawn: {share} of {pairs}"
        );
    }
}

/// Puts the row, records the payment, and holds what the engine did against the rule.
async fn check(
    client: Client,
    table: String,
    key: String,
    row: Option<Item>,
    payment: Payment,
) -> String {
    let payment = Payment {
        merchant_uid: key.clone(),
        ..payment
    };
    let state = payment.state().unwrap();
    let before = row.map(|mut row| {
        row.insert("merchant_uid".to_owned(), AttributeValue::S(key.clone()));
        row
    });
    if let Some(item) = &before {
        let put = client
            .put_item()
            .table_name(&table)
            .set_item(Some(item.clone()));
        put.send().await.unwrap();
    }
    let orders = Orders::new(Table::new(client.clone(), table.clone()));
    let recorded = orders.record(&payment, state, "request-1").await;
    let pair = format!("{key}: {before:#?}\n{payment:#?}");
    let recorded = recorded.unwrap_or_else(|error| panic!("{error:?}\n{pair}"));
    let get = client
        .get_item()
        .table_name(&table)
        .key("merchant_uid", AttributeValue::S(key));
    let after = get.consistent_read(true).send().await.unwrap().item;
    // The row may know better than the payment what became of it.
    let restated = before
        .as_ref()
        .and_then(|item| restated(item, &payment, state));
    let state = restated.unwrap_or(state);
    let taken = before
        .as_ref()
        .is_some_and(|item| condition(&payment, state).holds(item));
    let asked_for = before
        .as_ref()
        .is_some_and(|item| contract::takes(item, &payment, state));
    assert_eq!(taken, asked_for, "the rule's value, the contract\n{pair}");
    if let Verdict::Written(written) = recorded.verdict {
        assert!(taken, "the engine wrote, the rule refuses\n{pair}");
        assert_eq!(written, state, "{pair}");
        assert_recorded(&before.unwrap(), &after.unwrap(), &payment, state, &pair);
        let due = recorded.notice.map(|notice| notice.holder);
        let expected = (state == State::AccountIssued).then(|| "request-1".to_owned());
        assert_eq!(due, expected, "the notice\n{pair}");
        return "written".to_owned();
    }
    assert!(!taken, "the engine refused, the rule writes\n{pair}");
    assert_eq!(
        comparable(after.as_ref()),
        comparable(before.as_ref()),
        "nothing written\n{pair}"
    );
    let verdict = explain(before.as_ref(), &payment, state);
    assert_eq!(recorded.verdict, verdict, "{pair}");
    assert!(
        !matches!(verdict, Verdict::Passed(state) if state.holds_money()),
        "money is reported but not recorded\n{pair}"
    );
    match verdict {
        Verdict::OrderNotFound => "order not found",
        Verdict::Misconfigured(_) => "misconfigured",
        Verdict::Known(_) => "known",
        Verdict::WrongMoney => "wrong money",
        Verdict::Duplicate => "duplicate",
        Verdict::Passed(_) => "passed",
        other => panic!("{other:?} after a write that was refused\n{pair}"),
    }
    .to_owned()
}

/// Our attributes are the payment's, the notice is due or gone, and the shop's own are as they were.
fn assert_recorded(before: &Item, after: &Item, payment: &Payment, state: State, pair: &str) {
    let text = |name: &str| {
        after
            .get(name)
            .and_then(|value| value.as_s().ok())
            .map(String::as_str)
    };
    let number = |name: &str| {
        after
            .get(name)
            .and_then(|value| value.as_n().ok()?.parse().ok())
    };
    assert_eq!(text("imp_uid"), Some(payment.imp_uid.as_str()), "{pair}");
    assert_eq!(text("payment_status"), Some(state.status()), "{pair}");
    assert_eq!(
        number("payment_stage"),
        Some(state.stage().into()),
        "{pair}"
    );
    assert_eq!(number("payment_rank"), Some(state.rank().into()), "{pair}");
    assert_eq!(
        number("cancel_amount"),
        Some(payment.cancel_amount),
        "{pair}"
    );
    assert_eq!(
        number("started_at"),
        Some(payment.started().into()),
        "{pair}"
    );
    let count = |item: &Item| -> Option<payment_verifier::decimal::Decimal> {
        item.get("vbank_notices")?.as_n().ok()?.parse().ok()
    };
    if state == State::AccountIssued {
        assert_eq!(text("vbank_notice"), Some("due:request-1"), "{pair}");
        assert!(count(after) > count(before), "{pair}");
    } else {
        assert_eq!(after.get("vbank_notice"), None, "{pair}");
        assert_eq!(count(after), count(before), "{pair}");
    }
    for name in [
        "merchant_uid",
        "amount",
        "currency",
        "note",
        "refused_imp_uids",
    ] {
        let value = |item: &Item| comparable(Some(item)).unwrap().remove(name);
        assert_eq!(value(after), value(before), "{name}\n{pair}");
    }
}

/// Engines give numbers back as they were sent, or normalised.
fn comparable(item: Option<&Item>) -> Option<HashMap<String, String>> {
    let show = |value: &AttributeValue| match value {
        AttributeValue::N(number) => format!(
            "N {:?}",
            number
                .parse::<bigdecimal::BigDecimal>()
                .unwrap()
                .normalized()
        ),
        other => format!("{other:?}"),
    };
    Some(
        item?
            .iter()
            .map(|(name, value)| (name.clone(), show(value)))
            .collect(),
    )
}

fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    env::var(name).ok()?.parse().ok()
}

/// Pairs from few values, so that they meet often.
struct Drawn {
    runner: TestRunner,
    pairs: BoxedStrategy<(Option<Item>, Payment)>,
}

impl Drawn {
    fn new(seed: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let rows = prop_oneof![1 => Just(None), 20 => rows().prop_map(Some)];
        Self {
            runner: TestRunner::new_with_rng(Config::default(), rng),
            pairs: (rows, payments()).boxed(),
        }
    }

    fn pair(&mut self) -> (Option<Item>, Payment) {
        self.pairs.new_tree(&mut self.runner).unwrap().current()
    }
}

const ATTEMPTS: [&str; 3] = ["imp_1", "imp_2", "imp_3"];
const AMOUNTS: [&str; 4] = ["1000", "1000.0", "14.2", "9007199254740993"];
const CANCELLED: [&str; 4] = ["0", "0", "300", "1000"];

fn payments() -> impl Strategy<Value = Payment> {
    let status = select(&["ready", "failed", "paid", "cancelled"]);
    let amount = prop_oneof![8 => Just("1e3"), 1 => select(&AMOUNTS), 1 => Just("0")];
    let currency = prop_oneof![5 => Just("KRW"), 1 => Just("USD")];
    (select(&ATTEMPTS), status, amount, select(&CANCELLED), currency, 1..=3, any::<bool>()).prop_map(
        |(imp_uid, status, amount, cancel_amount, currency, started_at, was_paid)| {
            let cancel_amount = if status == "cancelled" { cancel_amount } else { "0" };
            let text = format!(
                r#"{{"imp_uid":"{imp_uid}","merchant_uid":"","status":"{status}","amount":{amount},
                    "cancel_amount":{cancel_amount},"currency":"{currency}","started_at":{started_at},
                    "paid_at":{},"pay_method":"vbank","vbank_num":"X1"}}"#,
                if was_paid { 5 } else { 0 },
            );
            serde_json::from_str(&text).unwrap()
        },
    )
}

/// Rows as the function leaves them, with one attribute or another missing, odd or of another type.
fn rows() -> impl Strategy<Value = Item> {
    let text = |values: &'static [&'static str]| {
        select(values).prop_map(|text| AttributeValue::S(text.to_owned()))
    };
    let number = |values: &'static [&'static str]| {
        select(values).prop_map(|text| AttributeValue::N(text.to_owned()))
    };
    // One of the states that exist, or nothing recorded.
    let progress = select(&[
        ("1", "1"),
        ("2", "0"),
        ("3", "3"),
        ("4", "3"),
        ("4", "2"),
        ("4", "0"),
        ("", ""),
        ("", ""),
    ]);
    let recorded = (
        progress,
        attribute(4, text(&ATTEMPTS)),
        attribute(4, number(&CANCELLED)),
        attribute(4, number(&["1", "2", "3"])),
        text(&["ready", "failed", "paid", "cancelled"]),
    );
    let order = (
        attribute(
            8,
            number(&[
                "1000",
                "1000",
                "1E3",
                "1000.0",
                "14.20",
                "0",
                "-5",
                "9007199254740992",
            ]),
        ),
        optional(3, text(&["KRW", "KRW", "USD"])),
        // What an older version left on rows is neither read nor touched.
        optional(4, any_type()),
        optional(3, text(&["done", "due:request-1", "due:request-2"])),
        optional(3, number(&["1", "2", "3"])),
    );
    let columns = [&["amount", "currency"], &COLUMNS[..]].concat();
    let oddity = prop_oneof![
        12 => Just(None),
        3 => (select(columns.clone()), any_type()).prop_map(|(name, value)| Some((name, Some(value)))),
        2 => select(columns).prop_map(|name| Some((name, None))),
    ];
    (recorded, order, oddity).prop_map(|(recorded, order, oddity)| {
        let ((stage, rank), imp_uid, cancel_amount, started_at, status) = recorded;
        let (amount, currency, refused, notice, notices) = order;
        let mut row = Item::from([(
            "note".to_owned(),
            AttributeValue::S("the shop's own".to_owned()),
        )]);
        let mut put = |name: &str, value: Option<AttributeValue>| {
            row.extend(value.map(|value| (name.to_owned(), value)));
        };
        put("amount", amount);
        put("currency", currency);
        put("refused_imp_uids", refused);
        put("vbank_notices", notices);
        if !stage.is_empty() {
            put("payment_stage", Some(AttributeValue::N(stage.to_owned())));
            put("payment_rank", Some(AttributeValue::N(rank.to_owned())));
            put("imp_uid", imp_uid);
            put("cancel_amount", cancel_amount);
            put("started_at", started_at);
            put("payment_status", Some(status));
            put("payment", Some(AttributeValue::M(HashMap::new())));
            put("vbank_notice", notice);
        }
        match oddity {
            Some((name, Some(value))) => {
                row.insert(name.to_owned(), value);
            }
            Some((name, None)) => {
                row.remove(name);
            }
            None => {}
        }
        row
    })
}

/// Nearly always there.
fn attribute(
    times: u32,
    value: impl Strategy<Value = AttributeValue> + 'static,
) -> impl Strategy<Value = Option<AttributeValue>> {
    prop_oneof![times * 8 => value.prop_map(Some), 1 => Just(None)]
}

/// There now and then.
fn optional(
    times: u32,
    value: impl Strategy<Value = AttributeValue> + 'static,
) -> impl Strategy<Value = Option<AttributeValue>> {
    prop_oneof![1 => value.prop_map(Some), times => Just(None)]
}

fn any_type() -> impl Strategy<Value = AttributeValue> {
    select(vec![
        AttributeValue::S("imp_2".to_owned()),
        AttributeValue::S(String::new()),
        AttributeValue::N("3".to_owned()),
        AttributeValue::N("7".to_owned()),
        AttributeValue::N("-1".to_owned()),
        AttributeValue::N("2.5".to_owned()),
        AttributeValue::Bool(true),
        AttributeValue::Null(true),
        AttributeValue::M(HashMap::new()),
        AttributeValue::L(Vec::new()),
        AttributeValue::Ss(vec!["imp_1".to_owned()]),
        AttributeValue::Ns(vec!["3".to_owned()]),
    ])
}
