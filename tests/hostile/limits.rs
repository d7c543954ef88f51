//! What the function reads is bounded: of a request, and of the gateway's answer.

use iamport_sim::{Fault, Route};
use local::event::{Door, Post};
use local::lambda::Invocation;
use serde_json::{Value, json};

use crate::attack::{Body, Send, World};
use crate::canary_shop::{answer, start};
use crate::sent;
use crate::world::Stage;

/// The largest answer of the gateway that is read, in bytes.
const MAX_ANSWER: usize = 256 * 1024;

#[tokio::test]
async fn an_answer_of_256_kib_is_read_and_one_byte_more_is_not() {
    let stage = Stage::set(&World::default()).await;
    let payment = stage.shop.gateway.get("imp_1").unwrap();
    let answer = r#"{"code":0,"message":null,"response":}"#.len() + payment.len();
    for (bytes, says) in [
        (MAX_ANSWER, "200 success"),
        (MAX_ANSWER + 1, "503 unavailable"),
    ] {
        stage.shop.gateway.clear_faults();
        stage
            .shop
            .gateway
            .fault(Fault::padded(bytes - answer).on(Route::LookUp));
        stage
            .play(&[Send {
                to: vec!["page".to_owned()],
                says: says.to_owned(),
                ..Send::default()
            }])
            .await;
    }
    // Three tries, no more.
    assert_eq!(stage.shop.gateway.count(Route::LookUp), 3);
}

/// The smallest function that Lambda offers has 128 MB: whatever is sent, the real binary stays well below.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn the_binary_stays_small_whatever_is_sent() {
    let shop = local::Shop::open().await.unwrap();
    shop.orders
        .put(json!({"merchant_uid": "ORD-1", "amount": 1000}))
        .await
        .unwrap();
    shop.gateway
        .create(r#"{"imp_uid": "imp_1", "merchant_uid": "ORD-1"}"#)
        .unwrap();
    let mut function = start(&shop.environment()).await;
    let id = function.id();
    let mut ask = async |event: &Value| {
        answer(&mut function, Invocation::of(event)).await["statusCode"].clone()
    };
    assert_eq!(
        ask(&Post::ids("imp_1", "ORD-1").event(Door::Page)).await,
        200
    );
    let usual = peak_kib(id);
    for fault in [Fault::endless(), Fault::padded(64 * 1024 * 1024)] {
        shop.gateway.clear_faults();
        shop.gateway.fault(fault.on(Route::LookUp));
        for _ in 0..8 {
            assert_eq!(
                ask(&Post::ids("imp_1", "ORD-1").event(Door::Page)).await,
                503
            );
        }
    }
    let read = peak_kib(id);
    // Lambda itself hands over six megabytes at most.
    for _ in 0..4 {
        let send = Send {
            body: Body::Text("<<[*5900000>>".to_owned()),
            ..Send::default()
        };
        assert_eq!(ask(&sent::of(&send, "page")).await, 400);
    }
    let sent = peak_kib(id);
    println!(
        "peak: {usual} KiB usually, {read} KiB after long answers, {sent} KiB after long requests"
    );
    assert!(
        read < usual + 4 * 1024,
        "{usual} KiB usually, {read} KiB after long answers"
    );
    assert!(sent < 100 * 1024, "{sent} KiB");
}

/// The most memory the process ever had.
#[cfg(target_os = "linux")]
fn peak_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .expect("a peak");
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
