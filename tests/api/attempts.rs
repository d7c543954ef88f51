//! Several attempts to pay for one order.

use serde_json::json;

use crate::assertions::{Says, assert_row};
use crate::test_shop::{DOORS, TestShop};

/// An attempt that began at `started_at`.
fn attempt(shop: &TestShop, imp_uid: &str, started_at: u32, rest: &str) -> String {
    let rest = rest.trim_start_matches('{');
    let comma = if rest == "}" { "" } else { "," };
    shop.payment(&format!(
        r#"{{"imp_uid": "{imp_uid}", "started_at": {started_at}{comma}{rest}"#
    ))
}

const ACCOUNT: &str = r#"{"status": "ready", "pay_method": "vbank"}"#;
const FAILED: &str = r#"{"status": "failed"}"#;
const PAID: &str = "{}";
const RETURNED: &str = r#"{"status": "cancelled"}"#;
const PARTLY: &str = r#"{"status": "cancelled", "cancel_amount": 300}"#;
const WITHDRAWN: &str = r#"{"status": "cancelled", "pay_method": "vbank", "paid_at": 0}"#;

/// First the one attempt is recorded, then the other one comes: does it take the order over, and what is said?
#[tokio::test]
async fn the_worthier_attempt_has_the_order() {
    let (later, earlier) = (200, 100);
    let cases = [
        (FAILED, ACCOUNT, later, true, 200, "vbankIssued"),
        (FAILED, ACCOUNT, earlier, true, 200, "vbankIssued"),
        (FAILED, PAID, earlier, true, 200, "success"),
        (FAILED, RETURNED, earlier, true, 200, "cancelled"),
        (FAILED, FAILED, later, true, 200, "failed"),
        (FAILED, FAILED, earlier, false, 200, "failed"),
        (FAILED, WITHDRAWN, later, true, 200, "cancelled"),
        (FAILED, WITHDRAWN, earlier, false, 200, "cancelled"),
        (WITHDRAWN, FAILED, later, true, 200, "failed"),
        (WITHDRAWN, FAILED, earlier, false, 200, "failed"),
        (WITHDRAWN, ACCOUNT, earlier, true, 200, "vbankIssued"),
        (WITHDRAWN, PAID, earlier, true, 200, "success"),
        (ACCOUNT, FAILED, later, false, 200, "failed"),
        (ACCOUNT, WITHDRAWN, later, false, 200, "cancelled"),
        (ACCOUNT, ACCOUNT, later, true, 200, "vbankIssued"),
        (ACCOUNT, ACCOUNT, earlier, false, 200, "vbankIssued"),
        (ACCOUNT, PAID, later, true, 200, "success"),
        (ACCOUNT, PAID, earlier, true, 200, "success"),
        (ACCOUNT, PARTLY, earlier, true, 200, "partiallyCancelled"),
        (ACCOUNT, RETURNED, earlier, true, 200, "cancelled"),
        (RETURNED, FAILED, later, false, 200, "failed"),
        (RETURNED, ACCOUNT, later, false, 200, "vbankIssued"),
        (RETURNED, RETURNED, later, true, 200, "cancelled"),
        (RETURNED, RETURNED, earlier, false, 200, "cancelled"),
        (RETURNED, PAID, later, true, 200, "success"),
        (RETURNED, PAID, earlier, true, 200, "success"),
        (RETURNED, PARTLY, earlier, true, 200, "partiallyCancelled"),
        (PAID, FAILED, later, false, 200, "failed"),
        (PAID, WITHDRAWN, later, false, 200, "cancelled"),
        (PAID, ACCOUNT, later, false, 409, "duplicatePayment"),
        (PAID, PAID, later, false, 409, "duplicatePayment"),
        (PAID, PAID, earlier, false, 409, "duplicatePayment"),
        (PAID, PARTLY, later, false, 409, "duplicatePayment"),
        (PAID, RETURNED, later, false, 200, "cancelled"),
        (PARTLY, RETURNED, later, false, 200, "cancelled"),
        (PARTLY, ACCOUNT, later, false, 409, "duplicatePayment"),
        (PARTLY, PAID, earlier, false, 409, "duplicatePayment"),
        (PARTLY, PAID, later, false, 409, "duplicatePayment"),
        (PARTLY, FAILED, later, false, 200, "failed"),
    ];
    let shop = TestShop::open().await;
    let mut list = json!({});
    for (case, (first, second, started_at, takes_over, code, status)) in
        cases.into_iter().enumerate()
    {
        shop.order(json!({})).await;
        let one = attempt(&shop, &format!("imp_{case}_1"), 150, first);
        let other = attempt(&shop, &format!("imp_{case}_2"), started_at, second);
        shop.webhook(&one).await;
        let before = shop.row().await;
        for door in DOORS {
            println!("{first} at 150, then {second} at {started_at}");
            shop.knock(door, &other).await.says(code, status);
        }
        let row = shop.row().await;
        assert_eq!(row["imp_uid"], if takes_over { &*other } else { &*one });
        if !takes_over {
            assert_eq!(row, before);
        }
        if code == 409 && [PAID, PARTLY].contains(&second) {
            list[other] = "open duplicatePayment".into();
        }
        assert_eq!(shop.list().await, list);
    }
}

#[tokio::test]
async fn of_two_that_started_together_the_greater_imp_uid_wins() {
    let shop = TestShop::open().await;
    let mut turn = 0;
    for kind in [ACCOUNT, FAILED, RETURNED, WITHDRAWN] {
        for (lesser, greater) in [("1", "2"), ("A", "a"), ("_", "_0"), ("10", "9")] {
            for order in [[lesser, greater], [greater, lesser]] {
                println!("{kind}: {order:?}");
                shop.order(json!({})).await;
                turn += 1;
                for name in order {
                    let imp_uid = format!("imp_{turn}-{name}");
                    attempt(&shop, &imp_uid, 150, kind);
                    shop.webhook(&imp_uid).await;
                }
                let row = shop.row().await;
                let winner = row["imp_uid"].as_str().unwrap().split_once('-');
                assert_eq!(winner.unwrap().1, greater);
            }
        }
    }
}

#[tokio::test]
async fn the_first_is_refunded_then_the_second_counts() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let (first, second) = (shop.payment("{}"), shop.payment("{}"));
    shop.complete(&first).await.says(200, "success");
    shop.webhook(&second).await.says(409, "duplicatePayment");
    shop.gateway.cancel(&first, Some("999")).unwrap();
    shop.webhook(&first).await.says(200, "partiallyCancelled");
    shop.webhook(&second).await.says(409, "duplicatePayment");
    shop.gateway.cancel(&first, None).unwrap();
    shop.webhook(&first).await.says(200, "cancelled");
    shop.webhook(&second).await.says(200, "success");
    let row =
        json!({"imp_uid": second, "payment_status": "paid", "payment_rank": 3, "cancel_amount": 0});
    assert_row(&shop.row().await, &row);
    shop.webhook(&first).await.says(200, "cancelled");
    assert_row(&shop.row().await, &row);
}

#[tokio::test]
async fn an_account_that_waits_beside_a_paid_order_is_a_duplicate_before_and_after_its_deposit() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let account = shop.account("{}");
    shop.webhook(&account).await.says(200, "vbankIssued");
    let card = shop.payment("{}");
    shop.webhook(&card).await.says(200, "success");
    let row = json!({"imp_uid": card, "vbank_notice": null});
    assert_row(&shop.row().await, &row);
    shop.complete(&account).await.says(409, "duplicatePayment");
    assert_row(&shop.row().await, &row);
    assert_eq!(shop.list().await, json!({}));
    shop.gateway.deposit(&account).unwrap();
    shop.webhook(&account).await.says(409, "duplicatePayment");
    assert_row(&shop.row().await, &row);
    let list = json!({account.as_str(): "open duplicatePayment"});
    assert_eq!(shop.list().await, list);
}

#[tokio::test]
async fn three_attempts_for_one_order() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let failed = attempt(&shop, "imp_1", 100, FAILED);
    let account = attempt(&shop, "imp_2", 200, ACCOUNT);
    let card = attempt(&shop, "imp_3", 300, PAID);
    for (imp_uid, status, holder) in [
        (&failed, "failed", "imp_1"),
        (&account, "vbankIssued", "imp_2"),
        (&failed, "failed", "imp_2"),
        (&card, "success", "imp_3"),
        (&failed, "failed", "imp_3"),
    ] {
        shop.webhook(imp_uid).await.says(200, status);
        assert_eq!(shop.row().await["imp_uid"], holder);
    }
}

/// The rules as written do not make these two orders of the same deliveries end alike: an attempt that ends unpaid
/// is worth less than the account it had. Whichever is in the row then, no money is, and the next one counts.
#[tokio::test]
async fn whichever_of_two_unpaid_attempts_is_left_the_next_deposit_counts() {
    for orders in [[0, 1, 2], [1, 2, 0]] {
        let shop = TestShop::open().await;
        shop.order(json!({})).await;
        let older = attempt(&shop, "imp_1", 100, ACCOUNT);
        let newer = attempt(&shop, "imp_2", 200, ACCOUNT);
        for delivery in orders {
            match delivery {
                0 => shop.webhook(&older).await.says(200, "vbankIssued"),
                1 => shop.webhook(&newer).await.says(200, "vbankIssued"),
                _ => {
                    shop.gateway.fail(&newer, "입금기한 초과").unwrap();
                    shop.webhook(&newer).await.says(200, "failed");
                }
            }
        }
        assert!(
            ["ready", "failed"].contains(&shop.row().await["payment_status"].as_str().unwrap())
        );
        shop.gateway.deposit(&older).unwrap();
        shop.webhook(&older).await.says(200, "success");
        assert_row(
            &shop.row().await,
            &json!({"imp_uid": "imp_1", "payment_status": "paid"}),
        );
    }
}
