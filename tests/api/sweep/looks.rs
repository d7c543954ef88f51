//! Open unmatched payments are looked at again.

use iamport_sim::{Fault, Route};
use serde_json::{Value, json};

use super::summary;
use crate::test_shop::{ORDER, TestShop};

const MINUTE: i64 = 60;

/// An open payment of an order that was never written; nobody looked at it for ages.
async fn forgotten(shop: &TestShop) -> String {
    let imp_uid = shop.payment("{}");
    shop.webhook(&imp_uid).await;
    shop.forget(ORDER, &imp_uid, json!({})).await;
    imp_uid
}

/// A sweep over a minute of long ago: nothing but looks.
async fn look(shop: &TestShop) -> Result<Value, String> {
    shop.forget_calls();
    shop.sweep_until(1, 1_600_000_000).await
}

#[tokio::test]
async fn items_are_due_after_half_an_hour_and_after_ten_minutes_where_a_refund_was_asked() {
    for (looked_at, asked, is_due) in [
        (29, false, false),
        (31, false, true),
        (9, true, false),
        (11, true, true),
        (11, false, false),
        (31, true, true),
    ] {
        let shop = TestShop::open().await;
        let imp_uid = forgotten(&shop).await;
        let now = shop.gateway.now();
        let mut changes = json!({"looked_at": now - looked_at * MINUTE});
        if asked {
            changes["refund_asked_at"] = (now - 20 * MINUTE).into();
            changes["refund_asks"] = 1.into();
        }
        shop.forget(ORDER, &imp_uid, changes).await;
        let swept = look(&shop).await;
        assert_eq!(swept, Ok(summary(&json!({"open": 1}))));
        let looks = shop.gateway.count(Route::LookUp);
        assert_eq!(looks, usize::from(is_due), "{looked_at}, {asked}");
        let looked_at = shop.noted(&imp_uid).await["looked_at"].as_i64().unwrap();
        assert_eq!(looked_at >= now, is_due);
    }
}

#[tokio::test]
async fn what_a_look_finds_is_what_the_item_says() {
    // What happens meanwhile to order and payment; what the item and the summary say.
    for (order, cancelled, state, reason, cancel_amount, figures) in [
        (
            Some(json!({})),
            None,
            "matched",
            "orderNotFound",
            0,
            json!({"paid": 1, "resolved": 1}),
        ),
        (
            Some(json!({})),
            Some("300"),
            "matched",
            "orderNotFound",
            0,
            json!({"cancelled": 1, "resolved": 1}),
        ),
        // A refund of nobody's payment, and of one that the order would have taken.
        (
            None,
            Some("1000"),
            "refunded",
            "orderNotFound",
            1000,
            json!({"resolved": 1}),
        ),
        (
            Some(json!({})),
            Some("1000"),
            "matched",
            "orderNotFound",
            0,
            json!({"cancelled": 1, "resolved": 1}),
        ),
        (
            Some(json!({"amount": 900})),
            Some("1000"),
            "refunded",
            "orderNotFound",
            1000,
            json!({"resolved": 1}),
        ),
        (None, None, "open", "orderNotFound", 0, json!({"open": 1})),
        (
            None,
            Some("300"),
            "open",
            "orderNotFound",
            300,
            json!({"open": 1}),
        ),
        (
            Some(json!({"amount": 900})),
            None,
            "open",
            "wrongMoney",
            0,
            json!({"open": 1}),
        ),
        (
            Some(json!({"amount": "1000"})),
            None,
            "open",
            "misconfigured",
            0,
            json!({"open": 1}),
        ),
        (
            Some(
                json!({"imp_uid": "imp_0", "payment_status": "paid", "payment_stage": 3, "payment_rank": 3}),
            ),
            None,
            "open",
            "duplicatePayment",
            0,
            json!({"open": 1}),
        ),
    ] {
        let shop = TestShop::open().await;
        let imp_uid = forgotten(&shop).await;
        let case = format!("{order:?}, {cancelled:?}");
        if let Some(order) = order {
            shop.order(order).await;
        }
        if cancelled.is_some() {
            shop.gateway.cancel(&imp_uid, cancelled).unwrap();
        }
        assert_eq!(look(&shop).await, Ok(summary(&figures)), "{case}");
        let item = shop.noted(&imp_uid).await;
        assert_eq!(
            (&item["state"], &item["reason"], &item["cancel_amount"]),
            (&json!(state), &json!(reason), &json!(cancel_amount)),
            "{case}"
        );
        assert!(item["looked_at"].as_i64().unwrap() > 1, "{case}");
        // A look is no second ask, and what is settled is settled.
        assert_eq!(look(&shop).await.unwrap()["resolved"], 0, "{case}");
        assert_eq!(shop.gateway.count(Route::LookUp), 0, "{case}");
    }
}

#[tokio::test]
async fn closed_and_settled_items_are_left() {
    for state in ["closed", "matched", "refunded"] {
        let shop = TestShop::open().await;
        let imp_uid = forgotten(&shop).await;
        let note = json!({"state": state, "note": "by bank transfer"});
        shop.forget(ORDER, &imp_uid, note).await;
        let before = shop.noted(&imp_uid).await;
        shop.order(json!({})).await;
        assert_eq!(look(&shop).await, Ok(summary(&json!({}))), "{state}");
        assert_eq!(shop.gateway.count(Route::LookUp), 0, "{state}");
        assert_eq!(shop.noted(&imp_uid).await, before);
    }
}

#[tokio::test]
async fn a_hundred_at_most_and_those_of_longest_ago_first() {
    let shop = TestShop::open().await;
    // Not in order of their names, and none of them known to the gateway.
    for looked_at in 1..=105 {
        let name = format!("imp_{:03}", (looked_at * 37) % 106);
        let item = json!({
            "merchant_uid": format!("NO-{}", looked_at % 7), "imp_uid": name, "state": "open", "looked_at": looked_at,
        });
        shop.unmatched.put(item).await.unwrap();
    }
    let expected: Vec<_> = (1..=105)
        .map(|at| format!("imp_{:03}", (at * 37) % 106))
        .collect();
    for (looks, expected) in [(100, &expected[..100]), (5, &expected[100..]), (0, &[])] {
        assert_eq!(look(&shop).await, Ok(summary(&json!({"open": 105}))));
        let calls = shop.gateway.calls().into_iter();
        let asked: Vec<_> = calls
            .filter(|call| call.route == Some(Route::LookUp))
            .map(|call| call.path.rsplit_once('/').unwrap().1.to_owned())
            .collect();
        assert_eq!(asked.len(), looks);
        assert_eq!(asked, expected);
    }
}

/// What cannot be looked at is an error; the others are looked at all the same, and it stays first.
#[tokio::test]
async fn trouble_with_one_item_does_not_keep_the_others() {
    let shop = TestShop::open().await;
    let [first, second] = [forgotten(&shop).await, forgotten(&shop).await];
    shop.gateway.cancel(&second, None).unwrap();
    let trouble = Fault::code(-1, "nonsense").on(Route::LookUp);
    shop.gateway.fault(trouble.at(&first));
    look(&shop).await.expect_err("a look failed");
    assert_eq!(
        shop.list().await,
        json!({&first: "open orderNotFound", &second: "refunded orderNotFound"})
    );
    assert_eq!(shop.noted(&first).await["looked_at"], 1);
    shop.gateway.clear_faults();
    let swept = look(&shop).await;
    assert_eq!(swept, Ok(summary(&json!({"open": 1}))));
}

/// Whatever the gateway says of an item now: money that was seen stays on the list until it is seen to be settled.
#[tokio::test]
async fn a_look_that_tells_nothing_leaves_the_item_open() {
    for fields in [
        json!({"merchant_uid": "ANOTHER"}),
        json!({"sandbox": true}),
        json!({"customer_uid_usage": "issue"}),
        json!({"status": "frozen"}),
        json!({"status": "failed", "paid_at": 0}),
        json!({"status": "ready", "paid_at": 0}),
    ] {
        let shop = TestShop::open().await;
        let imp_uid = forgotten(&shop).await;
        shop.gateway.update(&imp_uid, fields.to_string()).unwrap();
        shop.gateway.show_sandbox(true);
        assert_eq!(
            look(&shop).await,
            Ok(summary(&json!({"open": 1}))),
            "{fields}"
        );
        let item = shop.noted(&imp_uid).await;
        assert_eq!(item["state"], "open", "{fields}");
        assert!(
            item["looked_at"].as_i64().unwrap() > 1,
            "at the back: {fields}"
        );
    }
}
