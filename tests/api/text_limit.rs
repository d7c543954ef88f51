//! Three texts an order at most.

use local::aws::Fault;
use serde_json::json;

use crate::assertions::Says;
use crate::test_shop::TestShop;

#[tokio::test]
async fn the_fourth_account_of_an_order_is_not_texted() {
    let shop = TestShop::open().await;
    shop.order(json!({"phone": "010-1234-5678", "customer_id": "customer-1"}))
        .await;
    shop.customers
        .put(json!({"customer_id": "customer-1"}))
        .await
        .unwrap();
    for count in 1..=6 {
        let fields =
            json!({"started_at": count * 100, "vbank_num": format!("N{count}")}).to_string();
        let imp_uid = shop.account(&fields);
        shop.webhook(&imp_uid).await.says(200, "vbankIssued");
        assert_eq!(shop.row().await["vbank_notices"], count);
        assert_eq!(shop.row().await["vbank_notice"], "done");
        assert_eq!(shop.aws.sms_sent().len(), count.min(3));
        let customer = shop.customers.get("customer-1").await.unwrap();
        assert_eq!(
            customer["vbank_num"],
            format!("N{count}"),
            "the record goes on"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_many_hear_of_an_old_account_at_once() {
    let shop = TestShop::open().await;
    shop.order(json!({"phone": "010-1234-5678"})).await;
    let imp_uid = shop.old_account("{}");
    let functions: Vec<_> = (0..4).map(|_| shop.another_function()).collect();
    for answer in TestShop::rush(&functions, &imp_uid, 20).await {
        answer.says(200, "vbankIssued");
    }
    let texts = shop.aws.sms_sent().len();
    assert!((1..=3).contains(&texts), "{texts} texts");
}

#[tokio::test]
async fn however_often_the_reply_of_sns_is_lost() {
    let shop = TestShop::open().await;
    shop.order(json!({"phone": "010-1234-5678"})).await;
    let imp_uid = shop.old_account("{}");
    shop.aws.fault(Fault::dropped().on("Publish"));
    for _ in 0..6 {
        shop.webhook(&imp_uid).await;
    }
    let texts = shop.aws.sms_sent().len();
    assert!((1..=3).contains(&texts), "{texts} texts");
}
