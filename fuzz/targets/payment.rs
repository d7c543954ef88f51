//! A payment in the gateway's JSON: what is made of it keeps the contract's promises, and nothing is too odd to keep.
#![no_main]

use std::sync::LazyLock;

use aws_sdk_dynamodb::types::AttributeValue;
use libfuzzer_sys::fuzz_target;
use payment_verifier::config::Config;
use payment_verifier::decimal::Decimal;
use payment_verifier::payment::{Payment, PaymentIds, Screened, State};
use payment_verifier::verdict::{Item, Row, Verdict, explain};
// What the private module names by `crate::`.
use payment_verifier::{decimal, payment};

#[path = "../../src/facts.rs"]
mod facts;

static PRODUCTION: LazyLock<Config> = LazyLock::new(|| config(&[]));
static TEST_STAGE: LazyLock<Config> = LazyLock::new(|| config(&[("ALLOW_SANDBOX", "true")]));

fn config(more: &[(&str, &str)]) -> Config {
    let required = [("ORDERS_TABLE", "orders"), ("IAMPORT_SECRET_ID", "iamport")];
    let find = |name: &str| required.iter().chain(more).find(|(key, _)| *key == name);
    Config::read(|name| find(name).map(|(_, value)| (*value).to_owned())).expect("settings")
}

fuzz_target!(|data: &[u8]| {
    let Ok(payment) = serde_json::from_slice::<Payment>(data) else {
        return;
    };
    assert!(!payment.amount.is_negative() && !payment.cancel_amount.is_negative());
    screened(&payment);
    let Some(state) = payment.state() else { return };
    assert_eq!(
        State::recorded(state.stage().into(), state.rank().into()),
        Some(state)
    );
    if state == State::Paid {
        assert!(payment.status == "paid" && payment.cancel_amount == Decimal::ZERO);
    }
    if state.holds_money() && payment.amount.is_positive() {
        assert!(payment.cancel_amount < payment.amount);
    }
    judged(&payment, state);
});

fn screened(payment: &Payment) {
    let other = PaymentIds::new("imp_1".to_owned(), "another order".to_owned()).expect("ids");
    if payment.merchant_uid != other.merchant_uid() {
        assert!(matches!(
            payment.screen(&other, &TEST_STAGE),
            Screened::Forgery(_)
        ));
    }
    let Some(own) = PaymentIds::new("imp_1".to_owned(), payment.merchant_uid.clone()) else {
        return;
    };
    match payment.screen(&own, &PRODUCTION) {
        Screened::Decide(state) => {
            assert!(!payment.sandbox && payment.customer_uid_usage.as_deref() != Some("issue"));
            assert_eq!(payment.state(), Some(state));
        }
        Screened::Pending => assert_eq!(payment.state(), None),
        Screened::Forgery(reason) => assert!(!reason.is_empty()),
    }
}

/// Against no order, a new one that asks for just this money, and one that asks for another amount.
fn judged(payment: &Payment, state: State) {
    assert_eq!(explain(None, payment, state), Verdict::OrderNotFound);
    let order = |amount: &str| {
        let currency = AttributeValue::S(payment.currency.clone());
        let amount = AttributeValue::N(amount.to_owned());
        Item::from([
            ("amount".to_owned(), amount),
            ("currency".to_owned(), currency),
        ])
    };
    let asked_for = order(&payment.amount.to_string());
    let takes = Row::read(&asked_for).takes(payment, state);
    assert_eq!(
        takes,
        payment.amount.is_positive() || state == State::Failed
    );
    let other = order("0.000000000000000000000000000000000007");
    if payment.amount != "7e-36".parse::<Decimal>().expect("a number") && state != State::Failed {
        assert!(!Row::read(&other).takes(payment, state));
    }
    kept(payment);
}

/// DynamoDB takes 32 levels and no empty number; the facts are four levels at most, and every number is one.
fn kept(payment: &Payment) {
    fn check(value: &AttributeValue, levels: usize) {
        assert!(levels > 0);
        match value {
            AttributeValue::N(number) => assert!(number.parse::<Decimal>().is_ok(), "{number}"),
            AttributeValue::L(values) => values.iter().for_each(|value| check(value, levels - 1)),
            AttributeValue::M(values) => values.values().for_each(|value| check(value, levels - 1)),
            _ => {}
        }
    }
    check(&AttributeValue::M(facts::of(payment)), 4);
}
