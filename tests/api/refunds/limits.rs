//! How many refunds a sweep gives, how old a payment may be, and by whose clock; and where there are none at all.

use iamport_sim::Route;
use serde_json::json;

use super::{HOUR, MINUTE};
use crate::sweep::summary;
use crate::test_shop::{ORDER, TestShop};

#[tokio::test]
async fn ten_are_refunded_and_of_eleven_none() {
    for (duplicates, refunds) in [(10, 10), (11, 0)] {
        let shop = TestShop::open_with(&[("REFUND_DUPLICATES_MAX", "50000")]).await;
        for order in 0..duplicates {
            let order = format!("ORD-{order}");
            shop.order_as(&order, json!({})).await;
            let at = shop.gateway.now() - 20 * MINUTE;
            let fields = json!({"merchant_uid": order, "paid_at": at, "started_at": at});
            let [first, second] = [(); 2].map(|()| shop.payment(&fields.to_string()));
            shop.webhook(&first).await;
            shop.webhook(&second).await;
            shop.forget(&order, &second, json!({})).await;
        }
        let swept = shop.sweep(5).await;
        let expected = summary(&json!({"resolved": refunds, "refunded": refunds}));
        match refunds {
            0 => assert!(swept.unwrap_err().contains("1 failure")),
            _ => assert_eq!(swept, Ok(expected)),
        }
        assert_eq!(shop.gateway.refunds().len(), refunds);
        assert_eq!(shop.gateway.count(Route::Cancel), refunds);
        assert_eq!(shop.gateway.count(Route::FindAll), refunds);
    }
}

#[tokio::test]
async fn ages_go_by_the_gateways_clock() {
    for (offset, age, is_refunded) in [
        (2 * HOUR, 20 * MINUTE, true),
        (-2 * HOUR, 20 * MINUTE, true),
        // By our clock it is eleven minutes old, or 129.
        (2 * MINUTE, 13 * MINUTE, true),
        (-2 * HOUR, 9 * MINUTE, false),
        (2 * HOUR, 25 * HOUR, false),
    ] {
        let shop = TestShop::open().await;
        shop.gateway.set_time_offset(offset);
        shop.order(json!({})).await;
        let at = shop.gateway.now() - age;
        let fields = json!({"paid_at": at, "started_at": at}).to_string();
        for payment in [(); 2].map(|()| shop.payment(&fields)) {
            shop.complete(&payment).await;
        }
        let items = shop.unmatched.rows().await.unwrap();
        let second = items[0]["imp_uid"].as_str().unwrap();
        shop.forget(ORDER, second, json!({})).await;
        let settings = [("REFUND_DUPLICATES_MAX", "50000")];
        let function = shop.function_with(&settings).unwrap();
        let event = json!({"sweep": {"minutes": 1, "until": "2026-01-01T00:00:00Z"}});
        let swept = function.sweep(event).await.unwrap();
        let refunded = u32::from(is_refunded);
        assert_eq!(swept["refunded"], refunded, "{offset}, {age}");
        assert_eq!(shop.gateway.refunds().len(), usize::from(is_refunded));
    }
}

#[tokio::test]
async fn a_test_stage_refunds_nothing() {
    let shop = TestShop::open().await;
    let settings = [
        ("REFUND_DUPLICATES_MAX", "50000"),
        ("ALLOW_SANDBOX", "true"),
    ];
    let Err(error) = shop.function_with(&settings) else {
        panic!("refused at the start");
    };
    let mut said = error.to_string();
    let mut source: Option<&dyn std::error::Error> = std::error::Error::source(&error);
    while let Some(error) = source {
        said = format!("{said}: {error}");
        source = error.source();
    }
    assert!(said.contains("REFUND_DUPLICATES_MAX"), "{said}");
    for value in ["0", "-1", "1.5", "1e3", " 1000", "ten", "+5"] {
        let settings = [("REFUND_DUPLICATES_MAX", value)];
        assert!(shop.function_with(&settings).is_err(), "{value}");
    }
}
