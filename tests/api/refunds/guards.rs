//! Each guard alone keeps a refund from being asked for.

use iamport_sim::{Fault, Route};
use serde_json::{Value, json};

use super::{HOUR, MINUTE, Twice};
use crate::test_shop::{ORDER, TestShop};

/// No refund is asked for, and the item is as open as before.
async fn refused(twice: &Twice, guard: &str) {
    let swept = twice.sweep().await.expect(guard);
    assert_eq!(swept["refunded"], 0, "{guard}");
    assert_eq!(twice.asks(), 0, "{guard}");
    assert_eq!(twice.refunds(), [], "{guard}");
}

#[tokio::test]
async fn what_the_payment_says() {
    let now = TestShop::open().await.gateway.now();
    for (second, is_refunded) in [
        (json!({}), true),
        (json!({"paid_at": now - 9 * MINUTE}), false),
        (json!({"paid_at": now - 11 * MINUTE}), true),
        (json!({"paid_at": now - 25 * HOUR}), false),
        (json!({"paid_at": now - 23 * HOUR}), true),
        (json!({"paid_at": now + HOUR}), false),
        (json!({"paid_at": 0}), false),
        (json!({"paid_at": null}), false),
        (json!({"escrow": true}), false),
        (json!({"escrow": null}), false),
        (json!({"escrow": "false"}), false),
        (json!({"escrow": 0}), false),
        (json!({"$omit": ["escrow"]}), false),
        (json!({"promotion": {"id": "p-1", "discount": 100}}), false),
        (json!({"promotion": {}}), false),
        (json!({"promotion": "p-1"}), false),
        (json!({"promotion": ["p-1"]}), false),
        (json!({"promotion": null}), true),
        (json!({"$omit": ["promotion"]}), true),
        (json!({"status": "paid", "cancel_amount": 1}), false),
        (json!({"status": "cancelled", "cancel_amount": 300}), false),
        (json!({"pay_method": "card"}), true),
        (json!({"pay_method": "kakaopay"}), true),
        (json!({"pay_method": "naverpay"}), true),
        (json!({"pay_method": "tosspay"}), true),
        (json!({"pay_method": "payco"}), true),
        (json!({"pay_method": "samsung"}), true),
        (json!({"pay_method": "lpay"}), true),
        (json!({"pay_method": "ssgpay"}), true),
        (json!({"pay_method": "point"}), true),
        (json!({"pay_method": "vbank"}), false),
        (json!({"pay_method": "trans"}), false),
        (json!({"pay_method": "phone"}), false),
        (json!({"pay_method": "cultureland"}), false),
        (json!({"pay_method": "CARD"}), false),
        (json!({"pay_method": ""}), false),
        (json!({"pay_method": null}), false),
        (json!({"$omit": ["pay_method"]}), false),
    ] {
        let twice = Twice::paid(&second).await;
        if is_refunded {
            twice.sweep().await.unwrap();
            assert_eq!(twice.refunds().len(), 1, "{second}");
            twice.assert_refunded().await;
        } else {
            refused(&twice, &second.to_string()).await;
            assert_eq!(twice.item().await["state"], "open", "{second}");
        }
    }
}

#[tokio::test]
async fn the_largest_refund_and_the_currency() {
    for (settings, currency, is_refunded) in [
        (&[("REFUND_DUPLICATES_MAX", "1000")][..], "KRW", true),
        (&[("REFUND_DUPLICATES_MAX", "999")], "KRW", false),
        (&[("REFUND_DUPLICATES_MAX", "50000")], "USD", false),
        (&[("REFUND_DUPLICATES_MAX", "")], "KRW", false),
        (&[], "KRW", false),
    ] {
        let order = json!({"currency": currency});
        let twice = Twice::paid_with(settings, &order, &json!({})).await;
        if is_refunded {
            twice.sweep().await.unwrap();
            twice.assert_refunded().await;
        } else {
            refused(&twice, currency).await;
        }
    }
}

#[tokio::test]
async fn what_was_asked_before() {
    let now = TestShop::open().await.gateway.now();
    for (item, is_asked) in [
        (json!({"refund_asks": 3}), false),
        (json!({"refund_asks": 7}), false),
        (json!({"refund_asks": 3, "refund_asked_at": 1}), false),
        (
            json!({"refund_asks": 1, "refund_asked_at": now - 5 * MINUTE}),
            false,
        ),
        (json!({"refund_asks": 1, "refund_asked_at": now}), false),
        (
            json!({"refund_asks": 1, "refund_asked_at": now - 11 * MINUTE}),
            true,
        ),
        (
            json!({"refund_asks": 2, "refund_asked_at": now - 11 * MINUTE}),
            true,
        ),
    ] {
        let twice = Twice::paid(&json!({})).await;
        twice.forget(item.clone()).await;
        if is_asked {
            twice.sweep().await.unwrap();
            twice.assert_refunded().await;
        } else {
            refused(&twice, &item.to_string()).await;
        }
    }
}

/// A person closed it, or it was looked at a moment ago: it is not among the items of this sweep.
#[tokio::test]
async fn items_that_are_not_looked_at() {
    let now = TestShop::open().await.gateway.now();
    for item in [
        json!({"state": "closed", "note": "keeps it"}),
        json!({"looked_at": now - 5 * MINUTE}),
    ] {
        let twice = Twice::paid(&json!({})).await;
        twice.forget(item.clone()).await;
        refused(&twice, &item.to_string()).await;
    }
}

#[tokio::test]
async fn other_reasons_than_a_duplicate() {
    for reason in ["wrongMoney", "orderNotFound", "misconfigured"] {
        let fields = match reason {
            "wrongMoney" => json!({"amount": 900}),
            _ => json!({}),
        };
        let twice = Twice::paid(&fields).await;
        match reason {
            "orderNotFound" => twice.shop.orders.delete(ORDER).await.unwrap(),
            "misconfigured" => {
                let edited = twice.shop.orders.edit(ORDER, json!({"amount": "1000"}));
                edited.await.unwrap();
            }
            _ => {}
        }
        refused(&twice, reason).await;
        let item = twice.item().await;
        assert_eq!(
            (&item["state"], &item["reason"]),
            (&json!("open"), &json!(reason))
        );
        assert!(item["refund_asks"].is_null());
    }
}

/// Nobody told of what happened to the order's own attempt: only the list of all attempts shows it.
#[tokio::test]
async fn the_orders_own_attempt_has_to_be_paid() {
    for (amount, imp_uid_is_second) in [(None, true), (Some("1"), false)] {
        let twice = Twice::paid(&json!({})).await;
        twice.shop.gateway.cancel(&twice.first, amount).unwrap();
        // Not in the sweep's window either.
        let at = json!({"cancelled_at": 1_600_000_000}).to_string();
        twice.shop.gateway.update(&twice.first, at).unwrap();
        refused(&twice, &format!("{amount:?}")).await;
        let row = twice.shop.row().await;
        let (status, holder) = if imp_uid_is_second {
            ("paid", &twice.second)
        } else {
            ("cancelled", &twice.first)
        };
        assert_eq!(
            (&row["payment_status"], &row["imp_uid"]),
            (&json!(status), &json!(holder))
        );
        // The next look finds that its order has it.
        twice.wait(40).await;
        refused(&twice, "next").await;
        let state = if imp_uid_is_second { "matched" } else { "open" };
        assert_eq!(twice.item().await["state"], state);
    }
}

#[tokio::test]
async fn what_is_no_duplicate_any_more() {
    let twice = Twice::paid(&json!({})).await;
    twice.shop.gateway.cancel(&twice.first, None).unwrap();
    for payment in [&twice.first, &twice.second] {
        twice.shop.webhook(payment).await;
    }
    refused(&twice, "the order has it").await;
    assert_eq!(twice.item().await["state"], "matched");
    // The gateway's list has lost one of them: nothing is certain.
    for gone in [true, false] {
        let twice = Twice::paid(&json!({})).await;
        let gone = if gone { &twice.first } else { &twice.second };
        let elsewhere = r#"{"merchant_uid": "ELSEWHERE"}"#;
        twice.shop.gateway.update(gone, elsewhere).unwrap();
        refused(&twice, "not in the list").await;
    }
}

/// The row says paid, and the gateway's list says something else: whatever that is, it is not certain.
#[tokio::test]
async fn an_attempt_that_the_gateway_shows_otherwise_is_not_enough() {
    for fields in [
        json!({"status": "failed", "paid_at": 0}),
        json!({"status": "ready", "paid_at": 0, "pay_method": "vbank", "vbank_num": "1"}),
        json!({"sandbox": true}),
        json!({"amount": "1000"}),
    ] {
        let twice = Twice::paid(&json!({})).await;
        let updated = twice.shop.gateway.update(&twice.first, fields.to_string());
        updated.unwrap();
        refused(&twice, &fields.to_string()).await;
        assert_eq!(twice.item().await["state"], "open", "{fields}");
    }
}

/// The row says paid, and the gateway has never heard of that attempt as the order's.
#[tokio::test]
async fn an_attempt_that_only_the_row_knows_is_not_enough() {
    let twice = Twice::paid(&json!({})).await;
    let edited = twice.shop.orders.edit(ORDER, json!({"imp_uid": "imp_0"}));
    edited.await.unwrap();
    refused(&twice, "imp_0").await;
    assert_eq!(twice.item().await["state"], "open");
}

#[tokio::test]
async fn nothing_may_have_failed_before() {
    for route in ["/ready", "/paid", "/cancelled"] {
        let twice = Twice::paid(&json!({})).await;
        let refusal = Fault::code(-1, "?").on(Route::Status);
        twice.shop.gateway.fault(refusal.at(route));
        twice.sweep().await.expect_err("a list failed");
        assert_eq!(twice.asks(), 0, "{route}");
        assert_eq!(twice.shop.gateway.count(Route::FindAll), 0, "{route}");
        // It was looked at all the same.
        assert!(
            twice.item().await["looked_at"].as_i64() > Some(1),
            "{route}"
        );
        twice.shop.gateway.clear_faults();
        twice.wait(40).await;
        twice.sweep().await.unwrap();
        twice.assert_refunded().await;
    }
    let twice = Twice::paid(&json!({})).await;
    twice
        .shop
        .gateway
        .fault(Fault::code(-1, "?").on(Route::FindAll));
    twice.sweep().await.expect_err("its attempts are not known");
    assert_eq!(twice.asks(), 0);
    assert!(twice.item().await["refund_asks"].is_null());
}

/// The gateway's clock says how old a payment is, whatever ours says.
/// The look-up says what the money is: the item's own columns are nobody's authority.
#[tokio::test]
async fn what_the_item_says_of_the_money_does_not_count() {
    let twice = Twice::paid(&json!({"pay_method": "phone"})).await;
    let lies =
        json!({"pay_method": "card", "amount": 1, "paid_at": 1, "reason": "duplicatePayment"});
    twice.forget(lies).await;
    refused(&twice, "phone").await;
    let twice = Twice::paid(&json!({})).await;
    let lies: Value =
        json!({"amount": 7, "currency": "USD", "reason": "wrongMoney", "pay_method": "vbank"});
    twice.forget(lies).await;
    twice.sweep().await.unwrap();
    twice.assert_refunded().await;
}
