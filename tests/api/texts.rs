//! The text message with the account number.

use std::time::Duration;

use iamport_sim::Route;
use local::aws::Fault;
use serde_json::{Value, json};

use crate::assertions::Says;
use crate::test_shop::{TestShop, until};

/// An order of this phone gets an account; the number texted, if any.
async fn texted(shop: &TestShop, phone: &str) -> Option<String> {
    let before = shop.aws.sms_sent().len();
    shop.order(json!({"phone": phone})).await;
    let imp_uid = shop.account("{}");
    shop.webhook(&imp_uid).await.says(200, "vbankIssued");
    assert_eq!(shop.row().await["vbank_notice"], "done");
    let mut texts = shop.aws.sms_sent().split_off(before);
    assert!(texts.len() < 2, "{texts:?}");
    texts.pop().map(|text| text.phone)
}

#[tokio::test]
async fn korean_numbers_get_a_text_however_they_are_written() {
    let shop = TestShop::open().await;
    for (phone, number) in [
        ("010-1234-5678", "+821012345678"),
        ("01012345678", "+821012345678"),
        ("010 1234 5678", "+821012345678"),
        ("+821012345678", "+821012345678"),
        ("+82-10-1234-5678", "+821012345678"),
        ("+82 10 1234 5678", "+821012345678"),
        ("011-123-4567", "+82111234567"),
    ] {
        println!("{phone}");
        assert_eq!(texted(&shop, phone).await.as_deref(), Some(number));
    }
}

#[tokio::test]
async fn no_other_number_gets_one() {
    let shop = TestShop::open().await;
    for phone in [
        "+12025550123",
        "+81312345678",
        "+8",
        "+82",
        "82",
        "+882161234567",
        "+8613812345678",
        "+999821012345678",
        "12025550123",
        "0012025550123",
        "119",
        "010",
        "전화하지 마세요",
        "010-1234-567a",
        "010-1234-5678,010-8765-4321",
        "010-1234-5678 010-8765-4321",
        "+821012345678\n+12025550123",
        "arn:aws:sns:us-east-1:0:x",
        "",
        " ",
        "-",
        "+",
        "+82101234567890123",
        "010123456789012345",
    ] {
        println!("{phone}");
        assert_eq!(texted(&shop, phone).await, None);
    }
}

#[tokio::test]
async fn the_text_has_the_account_and_no_amount_and_nobody_elses_words() {
    let shop = TestShop::open().await;
    let order = json!({"amount": 48_765, "phone": "010-1234-5678", "name": "CANARY", "customer_id": "CANARY"});
    shop.order(order).await;
    let imp_uid = shop.account(
        r#"{"amount": 48765, "vbank_num": "110-222-333333", "vbank_name": "신한", "vbank_holder": "CANARY",
            "name": "CANARY", "buyer_name": "CANARY", "buyer_tel": "CANARY", "custom_data": "CANARY"}"#,
    );
    shop.webhook(&imp_uid).await.says(200, "vbankIssued");
    let texts = shop.aws.sms_sent();
    assert_eq!(texts.len(), 1);
    let text = &texts[0].message;
    assert!(
        text.contains("110-222-333333") && text.contains("신한"),
        "{text}"
    );
    for absent in ["48765", "48,765", "CANARY", "ORD-1", &imp_uid] {
        assert!(!text.contains(absent), "{text}");
    }
}

#[tokio::test]
async fn the_text_is_the_same_for_every_order_but_for_the_account() {
    let shop = TestShop::open().await;
    let mut texts = Vec::new();
    for (order, amount, vbank_num) in [("ORD-1", 1000, "111"), ("ORD-2", 2_000_000, "222")] {
        shop.order_as(order, json!({"amount": amount, "phone": "010-1234-5678"}))
            .await;
        let fields = json!({"merchant_uid": order, "amount": amount, "vbank_num": vbank_num, "vbank_date": 1_900_000_000});
        let imp_uid = shop.account(&fields.to_string());
        shop.webhook(&imp_uid).await.says(200, "vbankIssued");
        texts.push(
            shop.aws
                .sms_sent()
                .last()
                .unwrap()
                .message
                .replace(vbank_num, "N"),
        );
    }
    assert_eq!(texts[0], texts[1]);
}

#[tokio::test]
async fn a_text_that_cannot_be_sent_is_the_webhooks_problem_not_the_pages() {
    for fault in [Fault::fail, Fault::deny] {
        let shop = TestShop::open().await;
        shop.order(json!({"phone": "010-1234-5678"})).await;
        shop.order_as("ORD-2", json!({"phone": "010-1234-5678"}))
            .await;
        shop.aws.fault(fault().on("Publish"));
        let first = shop.account("{}");
        let second = shop.account(r#"{"merchant_uid": "ORD-2"}"#);
        shop.webhook(&first).await.says(503, "unavailable");
        let page = shop.complete(&second).await;
        page.says(200, "vbankIssued");
        assert_eq!(page.body["vbank_num"], "X3790127821223");
        for order in ["ORD-1", "ORD-2"] {
            let row = shop.row_of(order).await;
            assert_eq!(row["payment_status"], "ready");
            assert!(
                row["vbank_notice"].as_str().unwrap().starts_with("due:"),
                "{row}"
            );
        }
        assert_eq!(shop.aws.sms_sent(), []);
    }
}

#[tokio::test]
async fn a_customers_record_that_cannot_be_written_is_the_webhooks_problem_not_the_pages() {
    for fault in [Fault::fail, Fault::deny] {
        for (is_page, code, status) in [(false, 503, "unavailable"), (true, 200, "vbankIssued")] {
            let shop = TestShop::open().await;
            shop.order(json!({"customer_id": "customer-1"})).await;
            shop.customers
                .put(json!({"customer_id": "customer-1"}))
                .await
                .unwrap();
            // The first `UpdateItem` goes well: it records.
            shop.aws
                .fault(Fault::slow(Duration::ZERO).on("UpdateItem").times(1));
            shop.aws.fault(fault().on("UpdateItem"));
            let imp_uid = shop.account("{}");
            let answer = if is_page {
                shop.complete(&imp_uid).await
            } else {
                shop.webhook(&imp_uid).await
            };
            answer.says(code, status);
            let row = shop.row().await;
            assert_eq!(row["payment_status"], "ready");
            assert!(
                row["vbank_notice"].as_str().unwrap().starts_with("due:"),
                "{row}"
            );
        }
    }
}

#[tokio::test]
async fn a_deposit_is_no_reason_for_a_text() {
    let shop = TestShop::open().await;
    shop.order(json!({"phone": "010-1234-5678"})).await;
    let imp_uid = shop.account("{}");
    shop.gateway.deposit(&imp_uid).unwrap();
    shop.webhook(&imp_uid).await.says(200, "success");
    assert_eq!(shop.aws.sms_sent(), []);
    assert_eq!(shop.gateway.count(Route::LookUp), 1);
}

#[tokio::test]
async fn an_account_for_the_wrong_money_is_not_told() {
    let shop = TestShop::open().await;
    shop.order(json!({"phone": "010-1234-5678", "customer_id": "customer-1"}))
        .await;
    shop.customers
        .put(json!({"customer_id": "customer-1"}))
        .await
        .unwrap();
    let forged = shop.account(r#"{"amount": 1}"#);
    shop.webhook(&forged).await.says(400, "forgery");
    let paid = shop.payment("{}");
    shop.webhook(&paid).await.says(200, "success");
    let waiting = shop.account("{}");
    shop.webhook(&waiting).await.says(409, "duplicatePayment");
    assert_eq!(shop.aws.sms_sent(), []);
    assert_eq!(
        shop.customers.get("customer-1").await.unwrap(),
        json!({"customer_id": "customer-1"})
    );
}

#[tokio::test]
async fn an_order_that_vanishes_while_it_is_told_is_not_revived() {
    let shop = TestShop::open().await;
    shop.order(json!({"phone": "010-1234-5678"})).await;
    let imp_uid = shop.account("{}");
    // The text is out, and the answer of SNS still on its way, when the shop deletes the order.
    shop.aws
        .fault(Fault::slow(Duration::from_millis(500)).on("Publish"));
    let (answer, ()) = tokio::join!(shop.webhook(&imp_uid), async {
        until(|| !shop.aws.sms_sent().is_empty()).await;
        shop.orders.delete("ORD-1").await.unwrap();
    });
    answer.says(200, "vbankIssued");
    assert_eq!(shop.row().await, Value::Null);
}

#[tokio::test]
async fn an_order_that_is_paid_while_it_is_told_stays_paid() {
    let shop = TestShop::open().await;
    shop.order(json!({"phone": "010-1234-5678"})).await;
    let imp_uid = shop.account("{}");
    shop.aws
        .fault(Fault::slow(Duration::from_millis(500)).on("Publish"));
    let (answer, ()) = tokio::join!(shop.webhook(&imp_uid), async {
        until(|| !shop.aws.sms_sent().is_empty()).await;
        shop.gateway.deposit(&imp_uid).unwrap();
        shop.complete(&imp_uid).await.says(200, "success");
    });
    answer.says(200, "vbankIssued");
    let row = shop.row().await;
    assert_eq!(
        (&row["payment_status"], &row["vbank_notice"]),
        (&json!("paid"), &Value::Null)
    );
}
