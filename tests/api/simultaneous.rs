//! Page and webhook at the same time, in one environment and in several.

use serde_json::{Value, json};

use crate::assertions::{Says, assert_row};
use crate::test_shop::{DOORS, TestShop};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_at_once_make_one_transition() {
    let shop = TestShop::open().await;
    let environments: Vec<_> = (0..4).map(|_| shop.another_function()).collect();
    for functions in [&environments[..1], &environments[..]] {
        shop.order(json!({})).await;
        let imp_uid = shop.payment("{}");
        for answer in TestShop::rush(functions, &imp_uid, 20).await {
            answer.says(200, "success");
        }
        let row = json!({"imp_uid": imp_uid, "payment_status": "paid", "payment_stage": 3});
        assert_row(&shop.row().await, &row);
        assert_eq!(shop.list().await, json!({}));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_at_once_issue_one_account_and_send_one_text() {
    for cold in [false, true] {
        let shop = TestShop::open().await;
        shop.order(json!({"phone": "010-1234-5678", "customer_id": "customer-1"}))
            .await;
        shop.customers
            .put(json!({"customer_id": "customer-1"}))
            .await
            .unwrap();
        let functions = if cold {
            (0..5).map(|_| shop.another_function()).collect()
        } else {
            vec![shop.function.clone()]
        };
        let imp_uid = shop.account("{}");
        for answer in TestShop::rush(&functions, &imp_uid, 20).await {
            answer.says(200, "vbankIssued");
        }
        assert_row(
            &shop.row().await,
            &json!({"vbank_notice": "done", "vbank_notices": 1}),
        );
        assert_eq!(shop.aws.sms_sent().len(), 1);
        // One writes, tells the customer and is done; the others only try to write.
        assert_eq!(shop.aws.count("UpdateItem"), 20 + 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_payments_at_once_one_holds_the_order_and_one_is_a_duplicate() {
    let shop = TestShop::open().await;
    let functions = [shop.another_function(), shop.another_function()];
    shop.order(json!({})).await;
    let (one, other) = (shop.payment("{}"), shop.payment("{}"));
    let (mut ones, others) = tokio::join!(
        TestShop::rush(&functions, &one, 10),
        TestShop::rush(&functions, &other, 10),
    );
    let row = shop.row().await;
    let holder = row["imp_uid"].as_str().unwrap();
    let duplicate = if holder == one { &other } else { &one };
    assert_eq!(row["payment_status"], "paid");
    let list = json!({duplicate.as_str(): "open duplicatePayment"});
    assert_eq!(shop.list().await, list);
    ones.extend(others);
    assert_eq!(ones.iter().filter(|answer| answer.code == 200).count(), 10);
    assert_eq!(ones.iter().filter(|answer| answer.code == 409).count(), 10);
    // Whoever asks later hears the same.
    let holder = holder.to_owned();
    shop.complete(&holder).await.says(200, "success");
    shop.complete(duplicate).await.says(409, "duplicatePayment");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgery_twenty_times_at_once_is_one_note() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let forged = shop.payment(r#"{"amount": 1}"#);
    for answer in TestShop::rush(
        &[shop.function.clone(), shop.another_function()],
        &forged,
        20,
    )
    .await
    {
        answer.says(400, "forgery");
    }
    let list = json!({forged.as_str(): "open wrongMoney"});
    assert_eq!(shop.list().await, list);
    assert_eq!(shop.aws.count("UpdateItem"), 2 * 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_moves_on_while_it_is_told_ends_where_it_is() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.account("{}");
    let functions = [shop.function.clone(), shop.another_function()];
    let (answers, ()) = tokio::join!(TestShop::rush(&functions, &imp_uid, 20), async {
        shop.gateway.deposit(&imp_uid).unwrap();
        tokio::task::yield_now().await;
        shop.gateway.cancel(&imp_uid, Some("300")).unwrap();
        tokio::task::yield_now().await;
        shop.gateway.cancel(&imp_uid, None).unwrap();
    });
    for answer in answers {
        assert_eq!(answer.code, 200, "{answer:?}");
    }
    for door in DOORS {
        shop.knock(door, &imp_uid).await.says(200, "cancelled");
    }
    let row = json!({"payment_status": "cancelled", "payment_rank": 2, "cancel_amount": 1000, "vbank_notice": Value::Null});
    assert_row(&shop.row().await, &row);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_do_not_get_in_each_others_way() {
    let shop = TestShop::open().await;
    let mut payments = Vec::new();
    for index in 0..10 {
        let order = format!("ORD-{index}");
        shop.order_as(&order, json!({"amount": 1000 + index})).await;
        payments.push(
            shop.payment(&json!({"merchant_uid": order, "amount": 1000 + index}).to_string()),
        );
    }
    let requests = payments.iter().enumerate().map(|(index, imp_uid)| {
        let (function, imp_uid) = (shop.function.clone(), imp_uid.clone());
        tokio::spawn(async move { function.complete(&imp_uid, &format!("ORD-{index}")).await })
    });
    let requests: Vec<_> = requests.collect();
    for request in requests {
        request.await.unwrap().says(200, "success");
    }
    for (index, imp_uid) in payments.iter().enumerate() {
        let row = shop.row_of(&format!("ORD-{index}")).await;
        assert_eq!(
            (&row["imp_uid"], &row["payment_status"]),
            (&json!(imp_uid), &json!("paid"))
        );
    }
}
