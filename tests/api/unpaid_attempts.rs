//! Where invariant 5 ends: two attempts of which neither ever holds money, one of them worth less than it was.

use serde_json::Value;

use crate::assertions::Says;
use crate::test_shop::TestShop;

/// The attempt on the row after these deliveries, each of the state that its attempt is in by then.
async fn ends_with(deliveries: &[(&str, &str)]) -> (TestShop, Value) {
    let shop = TestShop::open().await;
    shop.order(serde_json::json!({})).await;
    shop.account(r#"{"imp_uid": "imp_a", "started_at": 100}"#);
    shop.payment(r#"{"imp_uid": "imp_b", "started_at": 200, "status": "failed", "paid_at": 0}"#);
    for (imp_uid, state) in deliveries {
        if *state == "void" {
            let void = r#"{"status": "cancelled", "cancelled_at": 300}"#;
            shop.gateway.update(imp_uid, void).unwrap();
        }
        let status = match *state {
            "ready" => "vbankIssued",
            "void" => "cancelled",
            state => state,
        };
        shop.webhook(imp_uid).await.says(200, status);
    }
    let recorded = shop.row().await["imp_uid"].clone();
    (shop, recorded)
}

#[tokio::test]
async fn a_void_account_beats_a_failure_only_if_it_was_heard_of_last() {
    let (a_ready, a_void, b_failed) = (("imp_a", "ready"), ("imp_a", "void"), ("imp_b", "failed"));
    let (_, recorded) = ends_with(&[a_ready, a_void, b_failed]).await;
    assert_eq!(recorded, "imp_b");
    let (shop, recorded) = ends_with(&[a_ready, b_failed, a_void]).await;
    assert_eq!(recorded, "imp_a", "the counterexample");
    shop.webhook("imp_b").await.says(200, "failed");
    assert_eq!(
        shop.row().await["imp_uid"],
        "imp_b",
        "the latest states, once more, settle it"
    );
}
