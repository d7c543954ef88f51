//! The rules as tables: what a look-up alone tells, which of two attempts an order goes by, and what a sweep may refund.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use aws_sdk_dynamodb::types::AttributeValue;
use payment_verifier::dynamodb::Item;
use payment_verifier::orders::condition;
use payment_verifier::payment::{Payment, PaymentIds};
use payment_verifier::refund::{is_due, is_duplicate, may_ask};
use payment_verifier::state::State;
use payment_verifier::unmatched::Open;
use payment_verifier::verdict::Verdict;
use serde_json::{Value, json};

/// A paid card payment with some fields changed.
fn payment(changes: &Value) -> Payment {
    let mut payment = json!({
        "imp_uid": "imp_1", "merchant_uid": "order-1", "status": "paid", "amount": 1000, "cancel_amount": 0,
        "currency": "KRW", "pay_method": "card", "started_at": 1, "paid_at": 2, "sandbox": false,
    });
    for (name, value) in changes.as_object().unwrap() {
        payment[name] = value.clone();
    }
    serde_json::from_str(&payment.to_string()).unwrap()
}

#[test]
fn the_state_follows_from_status_amounts_and_account() {
    let account =
        json!({"status": "ready", "pay_method": "vbank", "vbank_num": "X1", "paid_at": 0});
    let with = |changes: Value| {
        let mut payment = account.clone();
        payment
            .as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        payment
    };
    let cancelled = |amount: u32, paid_at: u32| json!({"status": "cancelled", "cancel_amount": amount, "paid_at": paid_at});
    for (fields, state, stage_and_rank) in [
        (json!({}), Some(State::Paid), (3, 3)),
        (account.clone(), Some(State::AccountIssued), (1, 1)),
        (with(json!({"pay_method": "card"})), None, (0, 0)),
        (with(json!({"vbank_num": null})), None, (0, 0)),
        (with(json!({"vbank_num": ""})), None, (0, 0)),
        (with(json!({"pay_method": null})), None, (0, 0)),
        (json!({"status": "ready", "paid_at": 0}), None, (0, 0)),
        (json!({"status": "frozen"}), None, (0, 0)),
        (json!({"status": "PAID"}), None, (0, 0)),
        (
            json!({"status": "failed", "paid_at": 0}),
            Some(State::Failed),
            (2, 0),
        ),
        (
            json!({"cancel_amount": 300}),
            Some(State::PartiallyCancelled),
            (4, 3),
        ),
        (
            json!({"cancel_amount": 1000}),
            Some(State::Refunded),
            (4, 2),
        ),
        (cancelled(300, 2), Some(State::PartiallyCancelled), (4, 3)),
        (cancelled(1000, 2), Some(State::Refunded), (4, 2)),
        (cancelled(1200, 2), Some(State::Refunded), (4, 2)),
        (cancelled(0, 2), Some(State::PartiallyCancelled), (4, 3)),
        (cancelled(0, 0), Some(State::Voided), (4, 0)),
        (cancelled(1000, 0), Some(State::Voided), (4, 0)),
        (cancelled(300, 0), Some(State::PartiallyCancelled), (4, 3)),
    ] {
        let found = payment(&fields).state();
        assert_eq!(found, state, "{fields}");
        if let Some(state) = found {
            assert_eq!((state.stage(), state.rank()), stage_and_rank, "{fields}");
            let (stage, rank) = (state.stage().into(), state.rank().into());
            assert_eq!(
                State::recorded(stage, rank),
                Some(state),
                "the way back, {fields}"
            );
        }
    }
}

#[test]
fn the_screen_refuses_in_the_contracts_order() {
    let production = (false, vec![]);
    let test_stage = (true, vec![]);
    let billing = (false, vec!["kcp".to_owned(), "nice".to_owned()]);
    let named = PaymentIds::new("imp_1".to_owned(), "order-1".to_owned()).unwrap();
    let screen = |fields: &Value, (sandbox, charges): &(bool, Vec<String>)| {
        payment(fields).screen(&named, *sandbox, charges)
    };
    let other_order = json!({"merchant_uid": "order-2"});
    let sandbox = json!({"sandbox": true});
    let registration = json!({"customer_uid_usage": "issue", "pg_provider": "nice"});
    let window = json!({"status": "ready", "paid_at": 0});
    for (fields, config, refused) in [
        (json!({}), &production, None),
        (other_order, &production, Some("another order")),
        (
            json!({"merchant_uid": "order-2", "sandbox": true}),
            &production,
            Some("another order"),
        ),
        (sandbox.clone(), &production, Some("test channel")),
        (sandbox, &test_stage, None),
        (registration.clone(), &production, Some("registered a card")),
        (registration, &billing, None),
        (
            json!({"customer_uid_usage": "issue", "pg_provider": "kcp_v2"}),
            &billing,
            Some("registered a card"),
        ),
        (
            json!({"customer_uid_usage": "issue", "pg_provider": null}),
            &billing,
            Some("registered a card"),
        ),
        (json!({"customer_uid_usage": "payment"}), &production, None),
        (
            json!({"customer_uid_usage": "issue", "status": "failed"}),
            &production,
            Some("registered a card"),
        ),
    ] {
        match (screen(&fields, config), refused) {
            (Err(Verdict::Forged(reason)), Some(expected)) => {
                assert!(reason.contains(expected), "{fields}: {reason}");
            }
            (Ok(_), None) => {}
            (screened, _) => panic!("{fields}: {screened:?}"),
        }
    }
    assert_eq!(
        screen(&window, &production),
        Err(Verdict::Pending("the payment window is open, or was left"))
    );
}

#[test]
fn among_attempts_worth_the_same_the_latest_wins_and_money_is_never_replaced() {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let number = |number: i64| AttributeValue::N(number.to_string());
    for (recorded, recorded_start, imp_uid, start, replaced) in [
        ("imp_1", 5, "imp_2", 6, true),
        ("imp_1", 5, "imp_2", 5, true),
        ("imp_1", 5, "imp_2", 4, false),
        ("imp_2", 5, "imp_1", 6, true),
        ("imp_2", 5, "imp_1", 5, false),
        ("imp_2", 5, "imp_1", 4, false),
        ("imp_1", 5, "imp_1", 6, false),
    ] {
        let failed = json!({"status": "failed", "paid_at": 0});
        let account =
            json!({"status": "ready", "pay_method": "vbank", "vbank_num": "X1", "paid_at": 0});
        for (fields, may) in [(failed, replaced), (account, replaced), (json!({}), false)] {
            let mut payment = payment(&fields);
            payment.imp_uid = imp_uid.to_owned();
            payment.started_at = Some(start);
            let state = payment.state().unwrap();
            let row = Item::from([
                ("merchant_uid".to_owned(), text("order-1")),
                ("amount".to_owned(), number(1000)),
                ("imp_uid".to_owned(), text(recorded)),
                ("payment_stage".to_owned(), number(state.stage())),
                ("payment_rank".to_owned(), number(state.rank())),
                ("cancel_amount".to_owned(), number(0)),
                ("started_at".to_owned(), number(recorded_start)),
            ]);
            assert_eq!(
                condition(&payment, state).holds(&row),
                may,
                "{recorded} of {recorded_start}, then {imp_uid} of {start}: {fields}"
            );
        }
    }
}

#[test]
fn times_with_a_fraction_are_cut_to_seconds() {
    let fields = r#"{"imp_uid": "imp_1", "merchant_uid": "order-1", "status": "paid", "amount": 1000, "cancel_amount": 0,
        "currency": "KRW", "started_at": 1700000000.75, "paid_at": 1.700000001e9, "vbank_date": 1700000002.0}"#;
    let payment: Payment = serde_json::from_str(fields).unwrap();
    assert_eq!(
        (payment.started_at, payment.paid_at, payment.vbank_date),
        (
            Some(1_700_000_000),
            Some(1_700_000_001),
            Some(1_700_000_002)
        )
    );
}

#[test]
fn what_decides_is_read_strictly_and_what_is_kept_leniently() {
    let read = |changes: Value| {
        let mut fields = json!({
            "imp_uid": "imp_1", "merchant_uid": "order-1", "status": "paid", "amount": 1000, "cancel_amount": 0,
            "currency": "KRW",
        });
        for (name, value) in changes.as_object().unwrap() {
            fields[name] = value.clone();
        }
        serde_json::from_str::<Payment>(&fields.to_string())
    };
    for strict in [
        json!({"amount": "1000"}),
        json!({"amount": null}),
        json!({"amount": -1}),
        json!({"cancel_amount": []}),
        json!({"currency": null}),
        json!({"status": 1}),
        json!({"imp_uid": null}),
        json!({"merchant_uid": 1}),
        json!({"sandbox": "true"}),
        json!({"sandbox": null}),
        json!({"pay_method": 1}),
        json!({"customer_uid_usage": ["issue"]}),
    ] {
        assert!(read(strict.clone()).is_err(), "{strict}");
    }
    let odd = json!({
        "card_quota": "0", "vbank_date": "soon", "promotion": "none", "cancel_history": {}, "receipt_url": 1,
        "paid_at": "yesterday", "started_at": null, "unheard_of": {"deep": [1, {}]},
    });
    let payment = read(odd).unwrap();
    assert_eq!(
        (payment.card_quota, payment.vbank_date, payment.started()),
        (None, None, 0)
    );
    assert!(payment.cancel_history.is_none());
    // One that cannot be read is one all the same: such a payment is not refunded by a program.
    let promotion = payment.promotion.unwrap();
    assert!(promotion.id.is_none() && promotion.discount.is_none());
}

#[test]
fn a_refund_is_due_only_if_nothing_speaks_against_it() {
    const NOW: i64 = 1_000_000;
    let an_hour_ago = json!({"paid_at": NOW - 3600, "escrow": false});
    let is_due = |changes: &Value, max: i64| {
        let mut fields = an_hour_ago.clone();
        let changes = changes.as_object().unwrap().clone();
        fields.as_object_mut().unwrap().extend(changes);
        is_due(&payment(&fields), NOW, max.into())
    };
    for (changes, due) in [
        (json!({}), true),
        (json!({"pay_method": "point"}), true),
        (json!({"paid_at": NOW - 600}), true),
        (json!({"paid_at": NOW - 599}), false),
        (json!({"paid_at": NOW - 86_400}), true),
        (json!({"paid_at": NOW - 86_401}), false),
        (json!({"paid_at": 0}), false),
        (json!({"paid_at": null}), false),
        (json!({"status": "ready"}), false),
        (json!({"status": "cancelled"}), false),
        (json!({"cancel_amount": 1}), false),
        (json!({"cancel_amount": 1000}), false),
        (json!({"currency": "USD"}), false),
        (json!({"amount": 1000.01}), false),
        (json!({"amount": 999}), true),
        (json!({"escrow": true}), false),
        (json!({"escrow": null}), false),
        (json!({"escrow": "false"}), false),
        (json!({"promotion": {"id": "p", "discount": 1}}), false),
        (json!({"promotion": null}), true),
        (json!({"pay_method": "vbank"}), false),
        (json!({"pay_method": "trans"}), false),
        (json!({"pay_method": "phone"}), false),
        (json!({"pay_method": "Card"}), false),
        (json!({"pay_method": null}), false),
    ] {
        assert_eq!(is_due(&changes, 1000), due, "{changes}");
    }
    assert!(!is_due(&json!({}), 999));
}

#[test]
fn a_refund_is_asked_for_three_times_at_most_ten_minutes_apart() {
    const NOW: i64 = 1_000_000;
    for (asks, asked_at, may) in [
        (0, None, true),
        (1, Some(NOW - 600), true),
        (1, Some(NOW - 599), false),
        (1, Some(NOW), false),
        (2, Some(NOW - 600), true),
        (3, Some(NOW - 86_400), false),
        (4, None, false),
    ] {
        let item = Open {
            ids: PaymentIds::new("imp_1".to_owned(), "order-1".to_owned()).unwrap(),
            refund_asked_at: asked_at,
            refund_asks: asks,
        };
        assert_eq!(may_ask(&item, NOW), may, "{asks} {asked_at:?}");
    }
}

#[test]
fn a_duplicate_is_one_beside_a_payment_that_its_order_keeps() {
    let paid = payment(&json!({}));
    let other = payment(&json!({"imp_uid": "imp_2"}));
    let in_part = json!({"imp_uid": "imp_2", "status": "cancelled", "cancel_amount": 1});
    let in_part = payment(&in_part);
    let known = Verdict::Known(State::Paid);
    let part_known = Verdict::Known(State::PartiallyCancelled);
    let given_back = payment(&json!({"status": "cancelled", "cancel_amount": 1000}));
    for (attempts, is) in [
        (vec![(&paid, Verdict::Duplicate), (&other, known)], true),
        (vec![(&other, known), (&paid, Verdict::Duplicate)], true),
        (
            vec![
                (&other, Verdict::Written(State::Paid)),
                (&paid, Verdict::Duplicate),
            ],
            true,
        ),
        (vec![], false),
        (vec![(&paid, Verdict::Duplicate)], false),
        (vec![(&other, known)], false),
        // The order took it in the meantime.
        (vec![(&paid, known), (&other, Verdict::Duplicate)], false),
        (vec![(&paid, Verdict::WrongMoney), (&other, known)], false),
        (
            vec![(&paid, Verdict::OrderNotFound), (&other, known)],
            false,
        ),
        // The order's own is going back, or was before.
        (
            vec![(&paid, Verdict::Duplicate), (&in_part, part_known)],
            false,
        ),
        (vec![(&paid, Verdict::Duplicate), (&in_part, known)], false),
        (
            vec![(&paid, Verdict::Duplicate), (&other, part_known)],
            false,
        ),
        (
            vec![
                (&paid, Verdict::Duplicate),
                (&other, Verdict::Known(State::Refunded)),
            ],
            false,
        ),
        // It is going back itself.
        (
            vec![(&given_back, Verdict::Duplicate), (&other, known)],
            false,
        ),
    ] {
        assert_eq!(is_duplicate(&paid, attempts.clone()), is, "{attempts:?}");
    }
}
