//! Which payments a window holds: by the time of their final status, seconds inclusive.

use iamport_sim::{NoPage, Pages, Route};
use serde_json::{Value, json};

use super::summary;
use crate::assertions::assert_row;
use crate::test_shop::TestShop;

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

/// The lists that were asked for, in this order.
fn lists(shop: &TestShop) -> Vec<String> {
    let calls = shop.gateway.calls().into_iter();
    calls
        .filter(|call| call.route == Some(Route::Status))
        .map(|call| call.path.rsplit_once('/').unwrap().1.to_owned())
        .collect()
}

#[tokio::test]
async fn both_ends_of_the_window_belong_to_it() {
    let until = TestShop::open().await.gateway.now() - 10 * MINUTE;
    for (status, field, fields) in [
        (
            "ready",
            "started_at",
            json!({"pay_method": "vbank", "status": "ready"}),
        ),
        ("paid", "paid_at", json!({})),
        ("cancelled", "cancelled_at", json!({"status": "cancelled"})),
    ] {
        let shop = TestShop::open().await;
        let mut expected = Vec::new();
        for (at, is_within) in [
            (until - 2 * MINUTE - 1, false),
            (until - 2 * MINUTE, true),
            (until - MINUTE, true),
            (until, true),
            (until + 1, false),
        ] {
            let order = format!("ORD-{at}");
            shop.order_as(&order, json!({})).await;
            let mut fields = fields.clone();
            fields["merchant_uid"] = order.as_str().into();
            fields[field] = at.into();
            shop.payment(&fields.to_string());
            expected.push((order, is_within));
        }
        let swept = shop.sweep_until(2, until).await;
        assert_eq!(swept, Ok(summary(&json!({"listed": 3, status: 3}))));
        for (order, is_within) in expected {
            let row = shop.row_of(&order).await;
            let recorded = if is_within {
                json!(status)
            } else {
                Value::Null
            };
            assert_eq!(row["payment_status"], recorded, "{order}");
        }
    }
}

/// Days after the window was opened: it counts when the money moved.
#[tokio::test]
async fn late_deposits_and_late_cancellations_are_found_where_they_happened() {
    let shop = TestShop::open().await;
    let now = shop.gateway.now();
    for order in ["DEPOSIT", "CANCEL", "PART", "FAILED"] {
        shop.order_as(order, json!({})).await;
    }
    let with = |order: &str, started_at: i64, fields: Value| {
        let mut payment = json!({"merchant_uid": order, "started_at": started_at});
        payment
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        shop.payment(&payment.to_string())
    };
    let account = json!({"status": "ready", "pay_method": "vbank"});
    let deposit = with("DEPOSIT", now - 5 * DAY, account);
    shop.gateway.deposit(&deposit).unwrap();
    let paid = |days: i64| json!({"paid_at": now - days * DAY});
    let cancelled = with("CANCEL", now - 40 * DAY, paid(40));
    shop.gateway.cancel(&cancelled, None).unwrap();
    let part = with("PART", now - 20 * DAY, paid(20));
    shop.gateway.cancel(&part, Some("300")).unwrap();
    with("FAILED", now - 10, json!({"status": "failed"}));
    let swept = shop.sweep(5).await;
    assert_eq!(
        swept,
        Ok(summary(&json!({"listed": 3, "paid": 1, "cancelled": 2})))
    );
    for (order, row) in [
        ("DEPOSIT", json!({"payment_status": "paid"})),
        (
            "CANCEL",
            json!({"payment_status": "cancelled", "cancel_amount": 1000}),
        ),
        (
            "PART",
            json!({"payment_status": "cancelled", "cancel_amount": 300}),
        ),
        ("FAILED", json!({"payment_status": null})),
    ] {
        assert_row(&shop.row_of(order).await, &row);
    }
}

#[tokio::test]
async fn a_sweep_costs_three_lists_and_one_write_for_each_payment() {
    let shop = TestShop::open().await;
    for order in 0..5 {
        shop.order_as(&format!("ORD-{order}"), json!({})).await;
        shop.payment(&json!({"merchant_uid": format!("ORD-{order}")}).to_string());
    }
    for (repaired, writes) in [(5, 5), (0, 5)] {
        shop.forget_calls();
        let swept = shop.sweep(5).await;
        let expected = summary(&json!({"listed": 5, "paid": repaired}));
        assert_eq!(swept, Ok(expected));
        let calls = shop.calls();
        assert_eq!((calls.gateway, calls.look_up, calls.token), (3, 0, 0));
        assert_eq!(lists(&shop), ["ready", "paid", "cancelled"]);
        assert_eq!(calls.aws["UpdateItem"], writes, "{:?}", calls.aws);
        // Two for items to look at, one to count the open ones.
        assert_eq!(calls.aws["Query"], 3);
        assert_eq!(calls.aws.len(), 2, "{:?}", calls.aws);
    }
}

/// A payment that moves on while it is swept is in one list at least, and its row never goes back.
#[tokio::test]
async fn what_a_delivery_told_already_is_no_news() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let account = shop.account("{}");
    shop.webhook(&account).await;
    shop.gateway.deposit(&account).unwrap();
    shop.webhook(&account).await;
    let before = shop.row().await;
    let swept = shop.sweep(5).await;
    assert_eq!(swept, Ok(summary(&json!({"listed": 1}))));
    assert_eq!(shop.row().await, before);
}

#[tokio::test]
async fn a_first_page_that_does_not_exist_is_an_empty_list() {
    for empty in [NoPage::EmptyList, NoPage::BadRequest, NoPage::NotFound] {
        let shop = TestShop::open().await;
        let beyond = Pages::default().beyond;
        shop.gateway.set_pages(Pages { empty, beyond });
        assert_eq!(shop.sweep(5).await, Ok(summary(&json!({}))), "{empty:?}");
        assert_eq!(lists(&shop), ["ready", "paid", "cancelled"]);
        shop.order(json!({})).await;
        shop.payment("{}");
        let swept = shop.sweep(5).await;
        let expected = summary(&json!({"listed": 1, "paid": 1}));
        assert_eq!(swept, Ok(expected), "{empty:?}");
    }
}

/// More than two pages of 500 in one second: found whole, each once.
#[tokio::test]
async fn a_second_that_overflows_is_read_page_by_page() {
    let shop = TestShop::open().await;
    let at = shop.gateway.now() - MINUTE;
    for order in 0..1001 {
        let fields = json!({"merchant_uid": format!("NO-{order}"), "sandbox": true, "paid_at": at});
        shop.payment(&fields.to_string());
    }
    shop.order(json!({})).await;
    // The oldest: on the last page.
    let fields = json!({"paid_at": at, "started_at": 1}).to_string();
    let paid = shop.payment(&fields);
    shop.forget_calls();
    let swept = shop.sweep(5).await.unwrap();
    assert_eq!(
        (&swept["listed"], &swept["repaired"]["paid"]),
        (&json!(1002), &json!(1))
    );
    assert_row(&shop.row().await, &json!({"imp_uid": paid}));
    let pages = shop.gateway.calls();
    let last = pages.iter().position(|call| call.query.ends_with("page=3"));
    let second = pages.iter().position(|call| call.query.ends_with("page=2"));
    assert!(last < second, "the last page comes first");
}
