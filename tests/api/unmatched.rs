//! Money that no order took: one item of the unmatched table for each payment, written once.

use local::Function;
use payment_verifier::decimal::Decimal;
use serde_json::{Value, json};

use crate::assertions::{Says, assert_row};
use crate::test_shop::{Calls, DOORS, Door, ORDER, TestShop, now};

/// What a payment costs that is not its order's, warm.
fn two_writes() -> Calls {
    Calls::of(0, 1, &[("UpdateItem", 2)])
}

/// Orders that do not take a payment of 1000 won, with what is said and noted of it.
fn orders_that_do_not_take_it() -> [(Option<Value>, u16, &'static str, &'static str); 4] {
    let held = json!({"imp_uid": "imp_0", "payment_status": "paid", "payment_stage": 3, "payment_rank": 3});
    let unusable = json!({"amount": "1000"});
    [
        (Some(json!({"amount": 999})), 400, "forgery", "wrongMoney"),
        (Some(held), 409, "duplicatePayment", "duplicatePayment"),
        (None, 404, "orderNotFound", "orderNotFound"),
        (Some(unusable), 500, "misconfigured", "misconfigured"),
    ]
}

/// A shop with one of these orders, or without.
async fn till_with(order: Option<Value>) -> TestShop {
    let shop = TestShop::open().await;
    if let Some(order) = order {
        shop.order(order).await;
    }
    shop
}

/// A shop with a payment of 400 won for an order of 1000, noted long ago.
async fn noted_long_ago() -> (TestShop, String) {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let forged = shop.payment(r#"{"amount": 400}"#);
    shop.webhook(&forged).await.says(400, "forgery");
    long_ago(&shop, &forged, json!({})).await;
    (shop, forged)
}

/// Somebody or something changed an item, and all of it was long ago.
async fn long_ago(shop: &TestShop, imp_uid: &str, changes: Value) {
    let mut item = json!({"first_seen_at": 1, "looked_at": 2});
    for (name, value) in changes.as_object().unwrap() {
        item[name] = value.clone();
    }
    let edited = shop.unmatched.edit([ORDER, imp_uid], item).await;
    edited.unwrap();
}

#[tokio::test]
async fn every_reason_is_noted_once_and_a_repeated_delivery_changes_nothing() {
    for (order, code, status, reason) in orders_that_do_not_take_it() {
        let shop = till_with(order).await;
        let before = shop.row().await;
        let imp_uid = shop.payment("{}");
        let expected = json!({imp_uid.as_str(): format!("open {reason}")});
        shop.forget_calls();
        shop.webhook(&imp_uid).await.says(code, status);
        assert_eq!(shop.calls(), two_writes(), "{reason}");
        assert_eq!(shop.list().await, expected);
        long_ago(&shop, &imp_uid, json!({})).await;
        let noted = shop.noted(&imp_uid).await;
        for door in DOORS {
            shop.forget_calls();
            shop.knock(door, &imp_uid).await.says(code, status);
            assert_eq!(shop.calls(), two_writes(), "{reason}");
            assert_eq!(shop.noted(&imp_uid).await, noted);
        }
        assert_eq!(shop.list().await, expected);
        assert_eq!(shop.row().await, before, "the order is left alone");
    }
}

#[tokio::test]
async fn an_item_says_what_whoever_refunds_has_to_know_and_no_more() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let began = now();
    for (payment, said) in [
        (
            json!({"amount": 5000, "status": "cancelled", "cancel_amount": 4000, "paid_at": 1_700_000_000,
                   "pay_method": "card", "pg_provider": "html5_inicis", "buyer_name": "CANARY", "buyer_tel": "CANARY",
                   "card_number": "CANARY", "custom_data": "CANARY", "customer_uid": "CANARY"}),
            json!({"amount": 5000, "cancel_amount": 4000, "currency": "KRW", "pay_method": "card",
                   "pg_provider": "html5_inicis", "paid_at": 1_700_000_000}),
        ),
        (
            json!({"currency": "USD", "pay_method": null, "pg_provider": null, "paid_at": null}),
            json!({"amount": 1000, "cancel_amount": 0, "currency": "USD"}),
        ),
        (
            json!({"amount": 1, "pay_method": "vbank", "pg_provider": 7, "paid_at": 0}),
            json!({"amount": 1, "cancel_amount": 0, "currency": "KRW", "pay_method": "vbank"}),
        ),
    ] {
        let imp_uid = shop.payment(&payment.to_string());
        shop.complete(&imp_uid).await.says(400, "forgery");
        let mut noted = shop.noted(&imp_uid).await;
        for name in ["first_seen_at", "looked_at"] {
            let at = noted.as_object_mut().unwrap().remove(name).unwrap();
            let at = at.as_u64().unwrap();
            assert!((began..=now()).contains(&at), "{name} is {at}");
        }
        let mut expected = said;
        for (name, value) in [
            ("merchant_uid", ORDER),
            ("imp_uid", &imp_uid),
            ("state", "open"),
            ("reason", "wrongMoney"),
        ] {
            expected[name] = value.into();
        }
        assert_eq!(noted, expected);
    }
}

#[tokio::test]
async fn no_digit_of_a_noted_amount_is_lost() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment(
        r#"{"amount": 99999999999999999999999999999999999999, "cancel_amount": 9007199254740993.25, "status": "cancelled"}"#,
    );
    shop.webhook(&imp_uid).await.says(400, "forgery");
    let noted = shop.noted(&imp_uid).await;
    // Engines give numbers back as they were sent, or normalised.
    let number = |name: &str| noted[name].as_str().unwrap().parse::<Decimal>().unwrap();
    let digits = |text: &str| text.parse::<Decimal>().unwrap();
    assert_eq!(
        number("amount"),
        digits("99999999999999999999999999999999999999")
    );
    assert_eq!(number("cancel_amount"), digits("9007199254740993.25"));
}

#[tokio::test]
async fn every_payment_has_an_item_of_its_own() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let forged: Vec<_> = (0..3).map(|_| shop.payment(r#"{"amount": 1}"#)).collect();
    for imp_uid in &forged {
        shop.webhook(imp_uid).await.says(400, "forgery");
    }
    let paid = shop.payment("{}");
    shop.webhook(&paid).await.says(200, "success");
    let second: Vec<_> = (0..3).map(|_| shop.payment("{}")).collect();
    for imp_uid in &second {
        shop.webhook(imp_uid).await.says(409, "duplicatePayment");
    }
    let elsewhere = shop.payment(r#"{"merchant_uid": "ORD-2"}"#);
    shop.webhook(&elsewhere).await.says(404, "orderNotFound");
    let mut list = json!({elsewhere.as_str(): "open orderNotFound"});
    for (imp_uids, told) in [
        (&forged, "open wrongMoney"),
        (&second, "open duplicatePayment"),
    ] {
        for imp_uid in imp_uids {
            list[imp_uid] = told.into();
        }
    }
    assert_eq!(shop.list().await, list);
    assert_eq!(shop.row().await["imp_uid"], paid);
}

#[tokio::test]
async fn the_right_payment_still_lands_after_a_forgery() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let forged = shop.payment(r#"{"amount": 1}"#);
    shop.webhook(&forged).await.says(400, "forgery");
    let paid = shop.payment("{}");
    shop.webhook(&paid).await.says(200, "success");
    shop.webhook(&forged).await.says(400, "forgery");
    let row = json!({"imp_uid": paid, "payment_status": "paid"});
    assert_row(&shop.row().await, &row);
    let list = json!({forged.as_str(): "open wrongMoney"});
    assert_eq!(shop.list().await, list);
}

#[tokio::test]
async fn wrong_money_for_a_paid_order_is_a_forgery_not_a_duplicate() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let paid = shop.payment("{}");
    shop.webhook(&paid).await.says(200, "success");
    let mut list = json!({});
    for (status, code, outcome) in [
        ("ready", 400, "forgery"),
        ("paid", 400, "forgery"),
        ("cancelled", 200, "cancelled"),
    ] {
        let payment = json!({"status": status, "pay_method": "vbank", "amount": 1});
        let other = shop.payment(&payment.to_string());
        for door in DOORS {
            shop.knock(door, &other).await.says(code, outcome);
        }
        if status == "paid" {
            list[other] = "open wrongMoney".into();
        }
        assert_eq!(shop.list().await, list, "{status}");
    }
    assert_eq!(shop.row().await["imp_uid"], paid);
}

#[tokio::test]
async fn an_account_paid_with_another_amount_is_a_forgery_and_the_account_still_waits() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let account = shop.account("{}");
    shop.webhook(&account).await.says(200, "vbankIssued");
    shop.gateway.deposit(&account).unwrap();
    shop.gateway.update(&account, r#"{"amount": 999}"#).unwrap();
    shop.webhook(&account).await.says(400, "forgery");
    let row = json!({"imp_uid": account, "payment_status": "ready", "payment_stage": 1});
    assert_row(&shop.row().await, &row);
    let list = json!({account.as_str(): "open wrongMoney"});
    assert_eq!(shop.list().await, list);
}

#[tokio::test]
async fn what_is_given_back_is_kept_up_with_until_all_of_it_is() {
    for (order, code, status, reason) in orders_that_do_not_take_it() {
        let shop = till_with(order).await;
        let imp_uid = shop.payment("{}");
        shop.webhook(&imp_uid).await.says(code, status);
        for (part, cancelled) in [("300", 300), ("600", 900)] {
            long_ago(&shop, &imp_uid, json!({})).await;
            shop.gateway.cancel(&imp_uid, Some(part)).unwrap();
            shop.webhook(&imp_uid).await.says(code, status);
            let noted = shop.noted(&imp_uid).await;
            let item = json!({"state": "open", "reason": reason, "cancel_amount": cancelled, "first_seen_at": 1});
            assert_row(&noted, &item);
            assert!(noted["looked_at"].as_u64() > Some(2), "{noted}");
        }
        shop.gateway.cancel(&imp_uid, None).unwrap();
        long_ago(&shop, &imp_uid, json!({})).await;
        shop.webhook(&imp_uid).await;
        let noted = shop.noted(&imp_uid).await;
        let item =
            json!({"state": "refunded", "cancel_amount": 1000, "amount": 1000, "first_seen_at": 1});
        assert_row(&noted, &item);
        assert!(noted["looked_at"].as_u64() > Some(2), "{noted}");
    }
}

#[tokio::test]
async fn a_payment_cancelled_in_full_that_is_not_its_orders_is_cancelled_with_one_call_more() {
    for beside_a_paid_one in [false, true] {
        let shop = TestShop::open().await;
        shop.order(json!({})).await;
        let amount = if beside_a_paid_one { 1000 } else { 5000 };
        if beside_a_paid_one {
            let paid = shop.payment("{}");
            shop.webhook(&paid).await.says(200, "success");
        }
        let before = shop.item().await;
        for paid_at in [json!(1_700_000_000), json!(0)] {
            let payment = json!({"amount": amount, "status": "cancelled", "paid_at": paid_at});
            let imp_uid = shop.payment(&payment.to_string());
            for door in DOORS {
                shop.forget_calls();
                shop.knock(door, &imp_uid).await.says(200, "cancelled");
                assert_eq!(shop.calls(), two_writes());
            }
        }
        assert_eq!(shop.list().await, json!({}), "it holds nothing");
        assert_eq!(shop.item().await, before);
    }
}

#[tokio::test]
async fn refunded_is_for_good() {
    let (shop, forged) = noted_long_ago().await;
    shop.gateway.cancel(&forged, None).unwrap();
    shop.webhook(&forged).await.says(200, "cancelled");
    long_ago(&shop, &forged, json!({})).await;
    let refunded = shop.noted(&forged).await;
    assert_eq!(refunded["state"], "refunded");
    shop.webhook(&forged).await.says(200, "cancelled");
    assert_eq!(shop.noted(&forged).await, refunded);
    // A look-up that was on its way for long shows it as it once was.
    for before in [
        r#"{"status": "paid", "cancel_amount": 0}"#,
        r#"{"status": "cancelled", "cancel_amount": 399}"#,
    ] {
        shop.gateway.update(&forged, before).unwrap();
        shop.webhook(&forged).await.says(400, "forgery");
        assert_eq!(shop.noted(&forged).await, refunded);
    }
}

#[tokio::test]
async fn what_a_person_closed_is_left_alone_until_it_is_refunded() {
    let (shop, forged) = noted_long_ago().await;
    let closed = json!({"state": "closed", "note": "by bank transfer"});
    long_ago(&shop, &forged, closed).await;
    let closed = shop.noted(&forged).await;
    for door in DOORS {
        shop.knock(door, &forged).await.says(400, "forgery");
        assert_eq!(shop.noted(&forged).await, closed);
    }
    shop.gateway.cancel(&forged, Some("300")).unwrap();
    for door in DOORS {
        shop.knock(door, &forged).await.says(400, "forgery");
        assert_eq!(shop.noted(&forged).await, closed);
    }
    shop.gateway.cancel(&forged, None).unwrap();
    shop.webhook(&forged).await.says(200, "cancelled");
    let item = json!({"state": "refunded", "note": "by bank transfer", "cancel_amount": 400, "first_seen_at": 1});
    assert_row(&shop.noted(&forged).await, &item);
}

#[tokio::test]
async fn what_was_matched_may_open_again_for_another_reason() {
    let (shop, imp_uid) = noted_long_ago().await;
    long_ago(&shop, &imp_uid, json!({"state": "matched"})).await;
    shop.orders.delete(ORDER).await.unwrap();
    shop.webhook(&imp_uid).await.says(404, "orderNotFound");
    let noted = shop.noted(&imp_uid).await;
    let item = json!({"state": "open", "reason": "orderNotFound", "first_seen_at": 1});
    assert_row(&noted, &item);
    assert!(noted["looked_at"].as_u64() > Some(2), "{noted}");
}

#[tokio::test]
async fn what_was_matched_is_refunded_once_it_is_no_orders_and_cancelled_in_full() {
    let (shop, imp_uid) = noted_long_ago().await;
    long_ago(&shop, &imp_uid, json!({"state": "matched"})).await;
    shop.gateway.cancel(&imp_uid, None).unwrap();
    shop.webhook(&imp_uid).await.says(200, "cancelled");
    let item = json!({"state": "refunded", "cancel_amount": 400, "first_seen_at": 1});
    assert_row(&shop.noted(&imp_uid).await, &item);
}

/// A sweep is who finds out that it is matched.
#[tokio::test]
async fn an_order_that_takes_a_noted_payment_after_all_costs_no_call_more() {
    let (shop, imp_uid) = noted_long_ago().await;
    let noted = shop.noted(&imp_uid).await;
    let edited = shop.orders.edit(ORDER, json!({"amount": 400})).await;
    edited.unwrap();
    for door in DOORS {
        shop.forget_calls();
        shop.knock(door, &imp_uid).await.says(200, "success");
        assert_eq!(shop.calls(), Calls::of(0, 1, &[("UpdateItem", 1)]));
    }
    assert_eq!(shop.noted(&imp_uid).await, noted);
}

#[tokio::test]
async fn what_holds_no_money_is_not_noted() {
    for (order, ..) in orders_that_do_not_take_it() {
        let shop = till_with(order.clone()).await;
        let before = shop.row().await;
        for payment in [
            r#"{"amount": 0}"#,
            r#"{"amount": 0, "status": "cancelled", "cancel_amount": 0}"#,
            r#"{"status": "ready", "pay_method": "vbank"}"#,
            r#"{"status": "ready"}"#,
            r#"{"status": "frozen"}"#,
            r#"{"status": "cancelled"}"#,
            r#"{"status": "cancelled", "pay_method": "vbank", "paid_at": 0}"#,
            r#"{"status": "paid", "cancel_amount": 1000}"#,
            r#"{"status": "paid", "cancel_amount": 1001}"#,
        ] {
            println!("{payment} for {order:?}");
            let imp_uid = shop.payment(payment);
            for door in DOORS {
                shop.knock(door, &imp_uid).await;
            }
        }
        assert_eq!(shop.list().await, json!({}));
        assert_eq!(shop.row().await, before);
    }
}

#[tokio::test]
async fn a_failed_payment_is_not_noted() {
    for (order, ..) in orders_that_do_not_take_it() {
        let shop = till_with(order).await;
        let failed = shop.payment(r#"{"status": "failed"}"#);
        shop.webhook(&failed).await;
        assert_eq!(shop.list().await, json!({}));
    }
}

#[tokio::test]
async fn what_the_look_up_alone_refuses_is_not_noted() {
    let shop = TestShop::open().await;
    shop.gateway.show_sandbox(true);
    shop.order(json!({})).await;
    shop.order_as("ORD-2", json!({})).await;
    for payment in [
        r#"{"sandbox": true}"#,
        r#"{"sandbox": true, "amount": 1}"#,
        r#"{"customer_uid_usage": "issue"}"#,
        r#"{"customer_uid_usage": "issue", "amount": 1}"#,
    ] {
        let imp_uid = shop.payment(payment);
        for door in DOORS {
            shop.knock(door, &imp_uid).await.says(400, "forgery");
        }
    }
    // The ids of two orders, of which one may not be there.
    for merchant_uid in ["ORD-2", "ORD-3"] {
        let other = json!({"merchant_uid": merchant_uid});
        let other = shop.payment(&other.to_string());
        for door in DOORS {
            shop.claim(door, &other, ORDER).await.says(400, "forgery");
        }
    }
    assert_eq!(shop.list().await, json!({}));
    assert_eq!(shop.aws.calls(), [].into());
}

#[tokio::test]
async fn a_test_stage_notes_payments_of_its_test_channel() {
    let shop = TestShop::open_with(&[("ALLOW_SANDBOX", "true")]).await;
    shop.order(json!({})).await;
    let forged = shop.payment(r#"{"sandbox": true, "amount": 1}"#);
    shop.webhook(&forged).await.says(400, "forgery");
    let list = json!({forged.as_str(): "open wrongMoney"});
    assert_eq!(shop.list().await, list);
}

#[tokio::test]
async fn a_card_registration_that_charges_is_noted_as_any_payment() {
    let shop = TestShop::open_with(&[("BILLING_ISSUE_CHARGES", "html5_inicis")]).await;
    shop.order(json!({})).await;
    let forged = shop
        .payment(r#"{"customer_uid_usage": "issue", "pg_provider": "html5_inicis", "amount": 1}"#);
    shop.webhook(&forged).await.says(400, "forgery");
    let list = json!({forged.as_str(): "open wrongMoney"});
    assert_eq!(shop.list().await, list);
}

#[tokio::test]
async fn a_note_makes_no_order() {
    let shop = TestShop::open().await;
    let forged = shop.payment(r#"{"amount": 1}"#);
    for door in DOORS {
        shop.knock(door, &forged).await.says(404, "orderNotFound");
    }
    assert_eq!(shop.row().await, Value::Null);
}

#[tokio::test]
async fn without_the_table_only_what_belongs_there_is_unavailable() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let settings = [("UNMATCHED_TABLE", "no-such-table")];
    let function: Function = shop.function_with(&settings).unwrap();
    let (forged, paid) = (shop.payment(r#"{"amount": 1}"#), shop.payment("{}"));
    for _ in 0..2 {
        let answer = function.tell(Door::Webhook, &forged, ORDER).await;
        answer.says(503, "unavailable");
        let answer = function.tell(Door::Page, &paid, ORDER).await;
        answer.says(200, "success");
    }
    shop.webhook(&forged).await.says(400, "forgery");
    let list = json!({forged.as_str(): "open wrongMoney"});
    assert_eq!(shop.list().await, list);
}

/// An older version kept two sets on the order's row.
#[tokio::test]
async fn sets_of_an_older_version_are_neither_read_nor_touched() {
    for kept in [
        json!({"SS": ["imp_1", "imp_2"]}),
        json!(["imp_1"]),
        json!("imp_1"),
        json!(7),
        json!(null),
        json!({"imp_1": true}),
    ] {
        let shop = TestShop::open().await;
        let order = json!({"merchant_uid": ORDER, "amount": 1000,
                           "refused_imp_uids": kept, "duplicate_imp_uids": kept});
        shop.orders.put(order).await.unwrap();
        let before = shop.item().await;
        shop.payment(r#"{"imp_uid": "imp_1", "amount": 1}"#);
        shop.payment(r#"{"imp_uid": "imp_2"}"#);
        shop.payment(r#"{"imp_uid": "imp_3"}"#);
        println!("{kept}");
        shop.webhook("imp_1").await.says(400, "forgery");
        shop.webhook("imp_2").await.says(200, "success");
        shop.webhook("imp_3").await.says(409, "duplicatePayment");
        let list = json!({"imp_1": "open wrongMoney", "imp_3": "open duplicatePayment"});
        assert_eq!(shop.list().await, list);
        let after = shop.item().await;
        for name in ["refused_imp_uids", "duplicate_imp_uids"] {
            assert_eq!(after[name], before[name], "{name}");
        }
    }
}
