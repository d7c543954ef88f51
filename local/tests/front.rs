//! The front: HTTP reaches the function as an event, and its answer comes back.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, Response, header};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use iamport_sim::{Fault, Route};
use local::{Answer, Front, Shop};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const ANYWHERE: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

async fn open() -> (Shop, Front) {
    let shop = Shop::open().await.expect("the shop opens");
    let function = shop.function().expect("the settings are good");
    let front = Front::open(ANYWHERE.into(), function).await;
    (shop, front.expect("a free port"))
}

async fn send(front: &Front, method: Method, path: &str, body: impl Into<Body>) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(front.url() + path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body.into())
        .expect("a request");
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await.expect("an answer");
    let (head, body) = response.map(Body::new).into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("all of it");
    Response::from_parts(head, body).into()
}

#[tokio::test]
async fn a_payment_is_verified_over_http() {
    let (shop, front) = open().await;
    let order = json!({"merchant_uid": "order-1", "amount": 1000});
    shop.orders.put(order).await.unwrap();
    let imp_uid = shop
        .gateway
        .create(r#"{"merchant_uid": "order-1"}"#)
        .unwrap();

    let form = format!("imp_uid={imp_uid}&merchant_uid=order-1");
    let answer = send(&front, Method::POST, "/payments/complete", form).await;
    assert_eq!(answer.to_string(), "200 success");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(
        shop.orders.get("order-1").await.unwrap()["payment_status"],
        "paid"
    );
}

#[tokio::test]
async fn routes_are_the_functions_business() {
    let (_shop, front) = open().await;
    for (method, path, expected) in [
        (Method::GET, "/payments/complete", "405 methodNotAllowed"),
        (Method::POST, "/payments", "404 notFound"),
        (
            Method::POST,
            "/payments/complete?imp_uid=1",
            "400 badRequest",
        ),
    ] {
        let answer = send(&front, method, path, "").await;
        assert_eq!(answer.to_string(), expected, "{path}");
    }
}

#[tokio::test]
async fn a_body_over_api_gateways_limit_stays_outside() {
    let (_shop, front) = open().await;
    let body = vec![b'x'; 10 * 1024 * 1024 + 1];
    let answer = send(&front, Method::POST, "/payments/complete", body).await;
    assert_eq!(answer.code, 413);
    assert_eq!(answer.body["message"], "Request Entity Too Large");
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_refused_by_the_function() {
    let shop = Shop::open().await.unwrap();
    let answer = shop
        .function()
        .unwrap()
        .invoke(json!({"version": "1.0"}))
        .await;
    let answer = Answer::from(answer);
    assert_eq!((answer.code, answer.status()), (400, "badRequest"));
}

#[tokio::test]
async fn an_invocation_runs_on_when_the_caller_hangs_up() {
    let (shop, front) = open().await;
    let order = json!({"merchant_uid": "order-1", "amount": 1000});
    shop.orders.put(order).await.unwrap();
    let imp_uid = shop
        .gateway
        .create(r#"{"merchant_uid": "order-1"}"#)
        .unwrap();
    let slow = Fault::slow(Duration::from_millis(200)).on(Route::LookUp);
    shop.gateway.fault(slow);

    let form = format!("imp_uid={imp_uid}&merchant_uid=order-1");
    let request = format!(
        "POST /payments/complete HTTP/1.1\r\nHost: shop\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let address = front.url().replace("http://", "");
    let mut caller = TcpStream::connect(address).await.unwrap();
    caller.write_all(request.as_bytes()).await.unwrap();
    while shop.gateway.count(Route::LookUp) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(caller);

    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(
        shop.orders.get("order-1").await.unwrap()["payment_status"],
        "paid"
    );
}

#[tokio::test]
async fn a_front_has_its_port_for_itself_and_as_long_as_it_lives() {
    let (shop, front) = open().await;
    let address = front.url().replace("http://", "").parse().unwrap();
    let taken = Front::open(address, shop.function().unwrap())
        .await
        .unwrap_err();
    assert_eq!(
        taken.to_string(),
        format!("the front cannot listen on {address}")
    );

    drop(front);
    tokio::task::yield_now().await;
    Front::open(address, shop.function().unwrap())
        .await
        .unwrap();
}

/// A page on another port of this machine may ask and read, as the shop's pages may on AWS; nobody else's may.
#[tokio::test]
async fn pages_of_this_machine_may_read_answers() {
    let (_shop, front) = open().await;
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    for (origin, may) in [
        ("http://127.0.0.1:5173", true),
        ("http://localhost:3000", true),
        ("https://evil.example", false),
        ("http://127.0.0.1.evil.example", false),
        ("null", false),
    ] {
        for method in [Method::OPTIONS, Method::POST] {
            let request = Request::builder()
                .method(&method)
                .uri(front.url() + "/payments/complete")
                .header(header::ORIGIN, origin)
                .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
                .body(Body::empty())
                .unwrap();
            let answer = client.request(request).await.unwrap();
            let allowed = answer.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
            assert_eq!(allowed.is_some_and(|it| it == origin), may, "{origin}");
            let status = match (method == Method::OPTIONS, may) {
                (true, true) => 204,
                (true, false) => 405,
                (false, _) => 400,
            };
            assert_eq!(answer.status().as_u16(), status, "{method} {origin}");
        }
    }
}
