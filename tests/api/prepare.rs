//! Before the payment window opens: the order's own price is registered, and the window takes no other.

use iamport_sim::{Fault, Route};
use local::event::{FORM, Post};
use local::{Answer, aws};
use serde_json::{Value, json};

use crate::amounts::PAIRS;
use crate::assertions::Says;
use crate::test_shop::{ORDER, TestShop, now};

async fn prepare(shop: &TestShop) -> Answer {
    shop.function.prepare(ORDER).await
}

/// What the gateway has registered, digit for digit.
fn registered(shop: &TestShop, merchant_uid: &str) -> String {
    let prepared = shop.gateway.prepared(merchant_uid);
    prepared.map_or_else(
        || "nothing".to_owned(),
        |(amount, currency)| format!("{amount} {}", currency.unwrap_or_default()),
    )
}

/// Calls to the gateway's `prepare`, to the gateway at all, and to AWS.
fn cost(shop: &TestShop) -> (usize, usize, Value) {
    let (prepare, all) = (
        shop.gateway.count(Route::Prepare),
        shop.gateway.calls().len(),
    );
    (prepare, all, json!(shop.aws.calls()))
}

#[tokio::test]
async fn it_costs_one_read_and_one_call_or_two_where_a_price_is_registered() {
    let shop = TestShop::open().await;
    for (row, calls, price) in [
        (json!({}), 1, "1000 KRW"),
        (json!({}), 2, "1000 KRW"),
        (
            json!({"amount": {"N": "14.20"}, "currency": "USD"}),
            2,
            "14.2 USD",
        ),
    ] {
        shop.order(row).await;
        shop.forget_calls();
        prepare(&shop).await.says(200, "prepared");
        assert_eq!(cost(&shop), (calls, calls, json!({"GetItem": 1})));
        assert_eq!(registered(&shop, ORDER), price);
    }
}

#[tokio::test]
async fn a_gateway_that_says_registered_already_with_400_is_understood_too() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    prepare(&shop).await.says(200, "prepared");
    shop.gateway.prepared_twice_is_400(true);
    shop.order(json!({"amount": 2000})).await;
    prepare(&shop).await.says(200, "prepared");
    assert_eq!(registered(&shop, ORDER), "2000 KRW");
}

#[tokio::test]
async fn what_may_not_be_paid_is_registered_nowhere() {
    let shop = TestShop::open().await;
    for (row, code, status) in [
        (json!({"amount": "1000"}), 500, "misconfigured"),
        (json!({"amount": -1}), 500, "misconfigured"),
        (json!({"payment": "x"}), 500, "misconfigured"),
        (json!({"pay_until": "soon"}), 500, "misconfigured"),
        (json!({"pay_until": now() - 1}), 409, "orderClosed"),
        (
            json!({"imp_uid": "imp_1", "payment_rank": 3, "pay_until": 1}),
            409,
            "duplicatePayment",
        ),
    ] {
        println!("{row}");
        shop.order(row).await;
        prepare(&shop).await.says(code, status);
    }
    shop.function
        .prepare("ORD-9")
        .await
        .says(404, "orderNotFound");
    assert_eq!(shop.gateway.calls().len(), 0);
    for row in [
        json!({"imp_uid": "imp_1", "payment_rank": 2}),
        json!({"imp_uid": "imp_1", "payment_rank": 1, "pay_until": now() + 60}),
    ] {
        shop.order(row).await;
        prepare(&shop).await.says(200, "prepared");
    }
}

#[tokio::test]
async fn every_amount_is_registered_to_the_digit() {
    let shop = TestShop::open().await;
    for (amount, _, _) in PAIRS {
        println!("{amount}");
        shop.order(json!({"amount": {"N": amount}})).await;
        prepare(&shop).await.says(200, "prepared");
        let registered = registered(&shop, ORDER);
        let (registered, _) = registered.split_once(' ').unwrap();
        let exact = |text: &str| text.parse::<bigdecimal::BigDecimal>().unwrap();
        assert_eq!(exact(registered), exact(amount));
    }
}

/// An echo that says something else would leave the window open for something else.
#[tokio::test]
async fn an_echo_of_another_price_is_no_registration() {
    for echo in [
        r#"{"merchant_uid":"ORD-1","amount":1001,"currency":"KRW"}"#,
        r#"{"merchant_uid":"ORD-1","amount":1000,"currency":"USD"}"#,
        r#"{"merchant_uid":"ORD-1","amount":1000,"currency":null}"#,
        r#"{"merchant_uid":"ORD-1","amount":1000}"#,
        r#"{"merchant_uid":"ORD-1","amount":"1000","currency":"KRW"}"#,
        r#"{"merchant_uid":"ORD-1","currency":"KRW"}"#,
        "null",
        "[]",
    ] {
        println!("{echo}");
        let shop = TestShop::open().await;
        shop.order(json!({})).await;
        let body = format!(r#"{{"code":0,"message":null,"response":{echo}}}"#);
        shop.gateway
            .fault(Fault::answer(200, "application/json", &body).on(Route::Prepare));
        prepare(&shop).await.says(503, "unavailable");
    }
    for (status, body) in [
        (200, "no envelope"),
        (200, r#"{"code":1,"message":"no","response":null}"#),
        (400, "<html>"),
        (404, r#"{"code":1,"message":"no","response":null}"#),
        (500, r#"{"code":1,"message":"no","response":null}"#),
    ] {
        println!("{status} {body}");
        let shop = TestShop::open().await;
        shop.order(json!({})).await;
        shop.gateway
            .fault(Fault::answer(status, "application/json", body).on(Route::Prepare));
        prepare(&shop).await.says(503, "unavailable");
    }
}

#[tokio::test]
async fn trouble_that_passes_is_ridden_out() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    for fault in [Fault::status(500), Fault::dropped(), Fault::unauthorized()] {
        shop.gateway.fault(fault.on(Route::Prepare).times(1));
        prepare(&shop).await.says(200, "prepared");
        assert_eq!(registered(&shop, ORDER), "1000 KRW");
    }
    shop.aws.fault(aws::Fault::fail().on("GetItem").times(1));
    prepare(&shop).await.says(200, "prepared");
}

#[tokio::test]
async fn only_the_orders_id_is_read() {
    let shop = TestShop::open().await;
    let odd = "주문 1/2?&#=+%";
    shop.order_as(odd, json!({})).await;
    let form =
        "merchant_uid=%EC%A3%BC%EB%AC%B8+1/2?%26%23%3D%2B%25&amount=1&imp_uid[]=x&currency=USD";
    let post = Post::bytes(FORM, form).sent("POST", "/payments/prepare");
    let answer: Answer = shop.function.invoke(post).await.into();
    answer.says(200, "prepared");
    assert_eq!(registered(&shop, odd), "1000 KRW");
    let longest = "주".repeat(40);
    shop.function
        .prepare(&longest)
        .await
        .says(404, "orderNotFound");
    shop.forget_calls();
    for bad in ["", &"x".repeat(41), "a\nb"] {
        shop.function.prepare(bad).await.says(400, "badRequest");
    }
    assert_eq!(cost(&shop), (0, 0, json!({})));
}
