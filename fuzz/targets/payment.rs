//! A payment in the gateway's JSON: what is made of it keeps the contract's promises, and nothing is too odd to keep.
#![no_main]

use aws_sdk_dynamodb::types::AttributeValue;
use libfuzzer_sys::fuzz_target;
use payment_verifier::decimal::Decimal;
use payment_verifier::dynamodb::Item;
use payment_verifier::orders::{condition, explain};
use payment_verifier::payment::{Payment, PaymentIds};
use payment_verifier::state::State;
use payment_verifier::verdict::Verdict;
// What the private module names by `crate::`.
use payment_verifier::{decimal, payment};

#[path = "../../src/orders/facts.rs"]
mod facts;

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
        let screened = payment.screen(&other, true, &[]);
        assert!(matches!(screened, Err(Verdict::Forged(_))));
    }
    let Some(own) = PaymentIds::new("imp_1".to_owned(), payment.merchant_uid.clone()) else {
        return;
    };
    match payment.screen(&own, false, &[]) {
        Ok(state) => {
            assert!(!payment.sandbox && payment.customer_uid_usage.as_deref() != Some("issue"));
            assert_eq!(payment.state(), Some(state));
        }
        Err(Verdict::Pending) => assert_eq!(payment.state(), None),
        Err(verdict) => assert!(matches!(verdict, Verdict::Forged(reason) if !reason.is_empty())),
    }
}

/// Against no order, a new one that asks for just this money, and one that asks for another amount.
fn judged(payment: &Payment, state: State) {
    assert_eq!(explain(None, payment, state), Verdict::OrderNotFound);
    let order = |amount: &str| {
        let currency = AttributeValue::S(payment.currency.clone());
        let amount = AttributeValue::N(amount.to_owned());
        Item::from([
            ("merchant_uid".to_owned(), AttributeValue::S("x".to_owned())),
            ("amount".to_owned(), amount),
            ("currency".to_owned(), currency),
        ])
    };
    let takes = condition(payment, state);
    let asked_for = order(&payment.amount.to_string());
    assert_eq!(
        takes.holds(&asked_for),
        payment.amount.is_positive() || state == State::Failed
    );
    let other = order("0.000000000000000000000000000000000007");
    if payment.amount != "7e-36".parse::<Decimal>().expect("a number") && state != State::Failed {
        assert!(!takes.holds(&other));
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
