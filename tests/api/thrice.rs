//! Three texts an order at most.

use local::aws::Fault;
use serde_json::json;

use crate::says::Says;
use crate::till::{Till, now};

#[tokio::test]
async fn the_fourth_account_of_an_order_is_not_texted() {
    let till = Till::open().await;
    till.order(json!({"phone": "010-1234-5678", "customer_id": "customer-1"}))
        .await;
    till.customers
        .put(json!({"customer_id": "customer-1"}))
        .await
        .unwrap();
    for count in 1..=6 {
        let fields =
            json!({"started_at": count * 100, "vbank_num": format!("N{count}")}).to_string();
        let imp_uid = till.account(&fields);
        till.webhook(&imp_uid).await.says(200, "vbankIssued");
        assert_eq!(till.row().await["vbank_notices"], count);
        assert_eq!(till.row().await["vbank_notice"], "done");
        assert_eq!(till.aws.sms_sent().len(), count.min(3));
        let customer = till.customers.get("customer-1").await.unwrap();
        assert_eq!(
            customer["vbank_num"],
            format!("N{count}"),
            "the record goes on"
        );
    }
}

/// An account that was issued an hour before anybody heard of it: whoever finds it due may tell of it.
fn old_account(till: &Till) -> String {
    till.account(&json!({"vbank_issued_at": now() - 3600}).to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_many_hear_of_an_old_account_at_once() {
    let till = Till::open().await;
    till.order(json!({"phone": "010-1234-5678"})).await;
    let imp_uid = old_account(&till);
    let functions: Vec<_> = (0..4).map(|_| till.another_function()).collect();
    for answer in Till::rush(&functions, &imp_uid, 20).await {
        answer.says(200, "vbankIssued");
    }
    let texts = till.aws.sms_sent().len();
    assert!((1..=3).contains(&texts), "{texts} texts");
}

#[tokio::test]
async fn however_often_the_reply_of_sns_is_lost() {
    let till = Till::open().await;
    till.order(json!({"phone": "010-1234-5678"})).await;
    let imp_uid = old_account(&till);
    till.aws.fault(Fault::dropped().on("Publish"));
    for _ in 0..6 {
        till.webhook(&imp_uid).await;
    }
    let texts = till.aws.sms_sent().len();
    assert!((1..=3).contains(&texts), "{texts} texts");
}
