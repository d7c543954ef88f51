//! A payment, taken apart into the movements of its money.

use payment_verifier::decimal::Decimal;
use payment_verifier::payment::Payment;
use payment_verifier::state::State;

/// Money that came, or went back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// When, in UNIX seconds.
    pub at: i64,
    /// The shop's id of the order.
    pub merchant_uid: String,
    /// The gateway's id of the payment.
    pub imp_uid: String,
    /// 0 when it was paid; the first, second, … time that something of it went back.
    pub number: usize,
    /// The provider's id of this movement, or else of the payment.
    pub pg_tid: Option<String>,
    /// The provider, as the gateway names it.
    pub pg_provider: Option<String>,
    /// How it was paid, as the gateway names it.
    pub pay_method: Option<String>,
    /// The currency of `amount`.
    pub currency: String,
    /// More than zero if it came, less if it went back.
    pub amount: Decimal,
    /// What has gone back of the payment by then, this included.
    pub gone_back: Decimal,
}

/// A payment whose money cannot be told: what is wrong with what the gateway says.
pub type Unclear = &'static str;

/// The movements of a payment's money, in the order of time. They add up to what it holds.
///
/// # Errors
/// The gateway did not say when, or the amounts cannot be added up.
pub fn movements(payment: &Payment) -> Result<Vec<Movement>, Unclear> {
    let has_moved = payment.state().is_some_and(|state| {
        matches!(
            state,
            State::Paid | State::PartiallyCancelled | State::Refunded
        )
    });
    if !has_moved || !payment.amount.is_positive() {
        return Ok(Vec::new());
    }
    let movement = |at, number, amount, gone_back, pg_tid: Option<&String>| Movement {
        at,
        number,
        amount,
        gone_back,
        merchant_uid: payment.merchant_uid.clone(),
        imp_uid: payment.imp_uid.clone(),
        pg_tid: pg_tid.or(payment.pg_tid.as_ref()).cloned(),
        pg_provider: payment.pg_provider.clone(),
        pay_method: payment.pay_method.clone(),
        currency: payment.currency.clone(),
    };
    let said = |at: Option<i64>| at.filter(|at| *at > 0);
    let paid_at = said(payment.paid_at).ok_or("it was paid, and has no paid_at")?;
    let mut movements = vec![movement(paid_at, 0, payment.amount, Decimal::ZERO, None)];
    let mut gone_back = Decimal::ZERO;
    let last = said(payment.cancelled_at);
    let mut parts = Vec::new();
    for entry in payment.cancel_history.iter().flatten() {
        if let (Some(amount), Some(at)) = (entry.amount, said(entry.cancelled_at).or(last)) {
            parts.push((at, amount, entry.pg_tid.as_ref()));
        }
    }
    // As the gateway lists them where two are of the same second.
    parts.sort_by_key(|(at, ..)| *at);
    let told = parts
        .iter()
        .try_fold(Decimal::ZERO, |sum, (_, part, _)| sum.checked_add(*part));
    let rest = told.and_then(|told| payment.cancel_amount.checked_add(-told));
    match rest.ok_or("its cancels cannot be added up")? {
        Decimal::ZERO => {}
        // The history is not all: the total is what counts, and the rest went back last.
        rest => parts.push((
            last.ok_or("it was cancelled, and has no cancelled_at")?,
            rest,
            None,
        )),
    }
    for (index, (at, part, pg_tid)) in parts.into_iter().enumerate() {
        gone_back = gone_back
            .checked_add(part)
            .ok_or("its cancels cannot be added up")?;
        movements.push(movement(at, index + 1, -part, gone_back, pg_tid));
    }
    Ok(movements)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn payment(fields: &Value) -> Payment {
        let mut payment = json!({
            "imp_uid": "imp_1", "merchant_uid": "a", "status": "cancelled", "amount": 1000, "cancel_amount": 0,
            "currency": "KRW", "pg_tid": "first", "paid_at": 100, "cancelled_at": 900,
        });
        let fields = fields.as_object().expect("an object").clone();
        payment.as_object_mut().expect("an object").extend(fields);
        serde_json::from_str(&payment.to_string()).expect("a payment")
    }

    fn told(fields: &Value) -> Vec<(i64, String, String)> {
        let moved = movements(&payment(fields)).expect("movements");
        let told = |it: Movement| (it.at, it.amount.to_string(), it.pg_tid.unwrap_or_default());
        moved.into_iter().map(told).collect()
    }

    fn line(at: i64, amount: &str, pg_tid: &str) -> (i64, String, String) {
        (at, amount.to_owned(), pg_tid.to_owned())
    }

    #[test]
    fn each_cancel_is_a_movement_at_its_own_time() {
        let history = json!([
            {"amount": 200, "cancelled_at": 900, "pg_tid": "third"},
            {"amount": 100.5, "cancelled_at": 300, "pg_tid": "second"},
        ]);
        let moved = told(&json!({"cancel_amount": 300.5, "cancel_history": history}));
        assert_eq!(
            moved,
            [
                line(100, "1000", "first"),
                line(300, "-100.5", "second"),
                line(900, "-200", "third")
            ]
        );
    }

    #[test]
    fn what_the_history_leaves_out_went_back_last() {
        for history in [
            json!(null),
            json!([]),
            json!([{"cancelled_at": 5}]),
            json!("none"),
        ] {
            let moved = told(&json!({"cancel_amount": 300, "cancel_history": history}));
            assert_eq!(
                moved,
                [line(100, "1000", "first"), line(900, "-300", "first")]
            );
        }
        let partly = json!([{"amount": 100, "cancelled_at": 300}]);
        let moved = told(&json!({"cancel_amount": 300, "cancel_history": partly}));
        assert_eq!(
            moved[1..],
            [line(300, "-100", "first"), line(900, "-200", "first")]
        );
    }

    #[test]
    fn no_money_no_movement_and_no_time_no_guess() {
        for fields in [
            json!({"status": "failed"}),
            json!({"status": "ready"}),
            json!({"cancel_amount": 1000, "paid_at": 0}),
            json!({"status": "paid", "amount": 0}),
        ] {
            assert_eq!(told(&fields), []);
        }
        let fields = json!({"status": "paid", "paid_at": 0});
        assert_eq!(
            movements(&payment(&fields)),
            Err("it was paid, and has no paid_at")
        );
        let fields = json!({"cancel_amount": 300, "cancelled_at": 0});
        assert_eq!(
            movements(&payment(&fields)),
            Err("it was cancelled, and has no cancelled_at")
        );
    }

    proptest! {
        /// Whatever the history says, the movements add up to what the payment holds.
        #[test]
        fn they_add_up(cancelled in 0_i64..=1000, parts in vec((0_i64..600, 0_i64..1000), 0..6)) {
            let parts: Vec<_> = parts.into_iter().map(|(amount, at)| json!({"amount": amount, "cancelled_at": at})).collect();
            let fields = json!({"status": "paid", "cancel_amount": cancelled, "cancel_history": parts});
            let moved = movements(&payment(&fields)).expect("movements");
            let sum = moved.iter().try_fold(Decimal::ZERO, |sum, each| sum.checked_add(each.amount));
            prop_assert_eq!(sum, Some((1000 - cancelled).into()));
        }
    }
}
