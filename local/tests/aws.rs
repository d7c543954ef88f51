//! The stand-ins speak the protocols of the real SDK clients, count their calls and break on demand.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use local::aws::Fault;
use local::{Shop, Sms};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_secret_is_read_and_rotated() {
    let shop = Shop::open().await.unwrap();
    let client = aws_sdk_secretsmanager::Client::new(shop.sdk());
    let read = |id: &str| client.get_secret_value().secret_id(id).send();

    shop.aws.put_secret("one", "first");
    assert_eq!(read("one").await.unwrap().secret_string(), Some("first"));
    shop.aws.put_secret("one", "second");
    assert_eq!(read("one").await.unwrap().secret_string(), Some("second"));

    let unknown = read("two").await.unwrap_err().into_service_error();
    assert!(unknown.is_resource_not_found_exception(), "{unknown}");
    assert_eq!(shop.aws.calls(), [("GetSecretValue".to_owned(), 3)].into());
}

#[tokio::test]
async fn a_text_message_is_kept() {
    let shop = Shop::open().await.unwrap();
    let client = aws_sdk_sns::Client::new(shop.sdk());
    let publish = |phone: &str| {
        client
            .publish()
            .phone_number(phone)
            .message("입금 & 안내")
            .send()
    };

    assert!(
        publish("+821012345678")
            .await
            .unwrap()
            .message_id()
            .is_some()
    );
    let invalid = publish("010-1234-5678")
        .await
        .unwrap_err()
        .into_service_error();
    assert!(invalid.is_invalid_parameter_exception(), "{invalid}");

    let sent = Sms {
        phone: "+821012345678".to_owned(),
        message: "입금 & 안내".to_owned(),
    };
    assert_eq!(shop.aws.sms_sent(), [sent]);

    shop.aws.fault(Fault::fail().on("Publish"));
    assert!(
        publish("+821012345678")
            .await
            .unwrap_err()
            .into_service_error()
            .is_internal_error_exception()
    );
    shop.aws.clear_faults();
    publish("+821012345678").await.unwrap();
    assert_eq!(shop.aws.sms_sent().len(), 2);
}

#[tokio::test]
async fn dynamodb_is_reached_through_the_counting_endpoint() {
    let shop = Shop::open().await.unwrap();
    shop.orders
        .put(json!({"merchant_uid": "order-1", "amount": 1000}))
        .await
        .unwrap();
    assert!(
        shop.aws.calls().is_empty(),
        "the shop's own calls are not the function's"
    );

    update(&shop, "paid").await.unwrap();
    assert_eq!(
        shop.orders.get("order-1").await.unwrap()["payment_status"],
        "paid"
    );
    assert_eq!(shop.aws.calls(), [("UpdateItem".to_owned(), 1)].into());
    shop.aws.clear_calls();
    assert!(shop.aws.calls().is_empty());
}

#[tokio::test]
async fn faults_strike_in_order_and_only_as_often_as_told() {
    let shop = Shop::open().await.unwrap();
    shop.orders
        .put(json!({"merchant_uid": "order-1", "amount": 1000}))
        .await
        .unwrap();

    shop.aws.fault(Fault::deny().on("UpdateItem").times(1));
    shop.aws.fault(
        Fault::slow(Duration::from_millis(50))
            .on("UpdateItem")
            .times(1),
    );
    shop.aws.fault(Fault::fail().on("PutItem"));
    assert!(update(&shop, "denied").await.is_err());
    assert_eq!(
        shop.orders
            .get("order-1")
            .await
            .unwrap()
            .get("payment_status"),
        None
    );

    let start = Instant::now();
    update(&shop, "slow").await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(50));
    update(&shop, "as ever").await.unwrap();
}

#[tokio::test]
async fn a_dropped_reply_has_had_its_effect() {
    let shop = Shop::open().await.unwrap();
    shop.orders
        .put(json!({"merchant_uid": "order-1", "amount": 1000}))
        .await
        .unwrap();

    shop.aws.fault(Fault::dropped().on("UpdateItem"));
    let error = update(&shop, "paid").await.unwrap_err();
    // Not even a head: with one it would be a `ResponseError`.
    assert!(matches!(error, SdkError::DispatchFailure(_)), "{error:?}");
    assert_eq!(
        shop.orders.get("order-1").await.unwrap()["payment_status"],
        "paid"
    );
}

async fn update(shop: &Shop, status: &str) -> Result<(), SdkError<UpdateItemError>> {
    aws_sdk_dynamodb::Client::new(shop.sdk())
        .update_item()
        .table_name(shop.orders.name())
        .key("merchant_uid", AttributeValue::S("order-1".to_owned()))
        .update_expression("SET payment_status = :status")
        .expression_attribute_values(":status", AttributeValue::S(status.to_owned()))
        .send()
        .await
        .map(drop)
}
