//! What comes of asking for a refund.

use std::sync::Arc;

use iamport_sim::{Fault, Route};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::Twice;
use crate::assertions::assert_row;
use crate::sweep::summary;
use crate::test_shop::ORDER;

#[tokio::test]
async fn a_refusal_is_left_to_a_person() {
    for (code, message) in [
        (-1, "PG사 취소 실패"),
        (1, "취소할 결제건이 존재하지 않습니다."),
    ] {
        let twice = Twice::paid(&json!({})).await;
        twice
            .shop
            .gateway
            .fault(Fault::code(code, message).on(Route::Cancel));
        assert_eq!(twice.sweep().await, Ok(summary(&json!({"open": 1}))));
        let item = twice.item().await;
        assert_eq!(
            (&item["refund_asks"], &item["state"]),
            (&json!(3), &json!("open"))
        );
        twice.shop.gateway.clear_faults();
        for _ in 0..3 {
            twice.wait(40).await;
            assert_eq!(twice.sweep().await, Ok(summary(&json!({"open": 1}))));
        }
        assert_eq!((twice.asks(), twice.refunds().len()), (1, 0));
    }
}

/// `이미 전액취소` is the answer to whoever asked second: what the look-up says then counts.
#[tokio::test]
async fn cancelled_before_is_no_refusal() {
    let twice = Twice::paid(&json!({})).await;
    let before = Fault::code(1, "이미 전액취소된 주문입니다.");
    twice.shop.gateway.fault(before.on(Route::Cancel));
    assert_eq!(twice.sweep().await, Ok(summary(&json!({"open": 1}))));
    assert_eq!(twice.item().await["refund_asks"], 1);
    twice.shop.gateway.clear_faults();
    twice.wait(11).await;
    let refunded = summary(&json!({"resolved": 1, "refunded": 1}));
    assert_eq!(twice.sweep().await, Ok(refunded));
    twice.assert_refunded().await;
}

/// Some providers take the request and cancel later: never asked more than three times, ten minutes apart.
#[tokio::test]
async fn what_is_cancelled_later_stays_open_until_then() {
    let twice = Twice::paid(&json!({})).await;
    twice
        .shop
        .gateway
        .fault(Fault::code(0, "").on(Route::Cancel));
    for sweep in 1..=6 {
        assert_eq!(twice.sweep().await, Ok(summary(&json!({"open": 1}))));
        assert_eq!(twice.asks(), sweep.min(3), "{sweep}");
        assert_eq!(twice.item().await["refund_asks"], sweep.min(3));
        // Too early for another.
        twice.wait(0).await;
        assert_eq!(twice.sweep().await, Ok(summary(&json!({"open": 1}))));
        assert_eq!(twice.asks(), sweep.min(3), "{sweep}");
        twice.wait(40).await;
    }
    assert_eq!(twice.refunds(), []);
}

#[tokio::test]
async fn a_provider_that_refuses_the_second_request_is_not_asked_again() {
    let twice = Twice::paid(&json!({"$cancel_later": true})).await;
    assert_eq!(twice.sweep().await, Ok(summary(&json!({"open": 1}))));
    assert_eq!(twice.item().await["refund_asks"], 1);
    twice.wait(11).await;
    // It is being cancelled already.
    assert_eq!(twice.sweep().await, Ok(summary(&json!({"open": 1}))));
    assert_eq!(twice.item().await["refund_asks"], 3);
    twice.shop.gateway.finish_cancel(&twice.second).unwrap();
    let at = json!({"cancelled_at": 1_600_000_000}).to_string();
    twice.shop.gateway.update(&twice.second, at).unwrap();
    twice.wait(11).await;
    assert_eq!(twice.sweep().await, Ok(summary(&json!({"resolved": 1}))));
    twice.assert_refunded().await;
}

/// Without an answer, the look-up tells whether it took effect; the request is never repeated at once.
#[tokio::test]
async fn no_answer_is_looked_up() {
    for (fault, took_effect) in [
        (Fault::dropped(), true),
        (Fault::truncated(), true),
        (Fault::status(500), false),
        (Fault::not_json(), false),
        (Fault::unauthorized(), false),
        (Fault::bad_gateway(), false),
    ] {
        let twice = Twice::paid(&json!({})).await;
        twice.shop.gateway.fault(fault.clone().on(Route::Cancel));
        let swept = twice.sweep().await;
        assert_eq!(twice.asks(), 1, "{fault:?}");
        if took_effect {
            let refunded = summary(&json!({"resolved": 1, "refunded": 1}));
            assert_eq!(swept, Ok(refunded), "{fault:?}");
        } else {
            swept.expect_err("it is not refunded");
            assert_eq!(twice.item().await["refund_asks"], 1);
            twice.shop.gateway.clear_faults();
            twice.wait(11).await;
            twice.sweep().await.unwrap();
            assert_eq!(twice.asks(), 2);
        }
        twice.assert_refunded().await;
    }
}

#[tokio::test]
async fn of_many_sweeps_at_once_one_asks() {
    let twice = Twice::paid(&json!({})).await;
    let settings = [("REFUND_DUPLICATES_MAX", "50000")];
    let until = twice.shop.gateway.now();
    let mut sweeps = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let function = twice.shop.function_with(&settings).unwrap();
        sweeps.spawn(async move { function.sweep_last(5, until).await });
    }
    let swept = sweeps.join_all().await;
    let refunded = swept
        .iter()
        .flatten()
        .map(|swept| swept["refunded"].as_u64().unwrap());
    assert_eq!(refunded.sum::<u64>(), 1, "{swept:?}");
    assert_eq!(twice.asks(), 1);
    twice.assert_refunded().await;
}

/// The way to the gateway; it holds the request for a refund until it is let go.
struct Held {
    url: String,
    came: Arc<Notify>,
    go: Arc<Notify>,
}

impl Held {
    async fn before(gateway: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (came, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let peer = gateway.strip_prefix("http://").unwrap().to_owned();
        let notices = (Arc::clone(&came), Arc::clone(&go));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let peer = TcpStream::connect(&peer).await.unwrap();
                let (came, go) = notices.clone();
                tokio::spawn(pass_on(client, peer, came, go));
            }
        });
        Self { url, came, go }
    }
}

async fn pass_on(client: TcpStream, peer: TcpStream, came: Arc<Notify>, go: Arc<Notify>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_peer, mut to_peer) = peer.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut from_peer, &mut to_client).await });
    let mut chunk = vec![0; 64 * 1024];
    while let Ok(size @ 1..) = from_client.read(&mut chunk).await {
        if chunk.starts_with(b"POST /payments/cancel") {
            came.notify_one();
            go.notified().await;
        }
        if to_peer.write_all(&chunk[..size]).await.is_err() {
            return;
        }
    }
}

/// Something happens after every guard, and before the gateway gets the request.
async fn in_the_instant_between<T: Future<Output = ()>>(
    twice: &Twice,
    happens: impl FnOnce() -> T,
) -> Result<Value, String> {
    let held = Held::before(&twice.shop.gateway_url()).await;
    let settings = [
        ("REFUND_DUPLICATES_MAX", "50000"),
        ("IAMPORT_BASE_URL", &held.url),
    ];
    let function = twice.shop.function_with(&settings).unwrap();
    let until = twice.shop.gateway.now();
    let sweep = tokio::spawn(async move { function.sweep_last(5, until).await });
    held.came.notified().await;
    happens().await;
    held.go.notify_one();
    sweep.await.unwrap()
}

/// The one thing that no guard can see; the order tells it.
#[tokio::test]
async fn what_its_order_took_in_the_instant_between_is_recorded_as_cancelled() {
    let twice = Twice::paid(&json!({})).await;
    let swept = in_the_instant_between(&twice, || async {
        twice.shop.gateway.cancel(&twice.first, None).unwrap();
        for payment in [&twice.first, &twice.second] {
            twice.shop.webhook(payment).await;
        }
        let taken = json!({"imp_uid": twice.second, "payment_status": "paid"});
        assert_row(&twice.shop.row().await, &taken);
    })
    .await
    .unwrap();
    assert_eq!((&swept["refunded"], &swept["open"]), (&json!(1), &json!(0)));
    assert_eq!(twice.refunds(), [(twice.second.clone(), "1000".to_owned())]);
    let row =
        json!({"imp_uid": twice.second, "payment_status": "cancelled", "cancel_amount": 1000});
    assert_row(&twice.shop.row().await, &row);
}

/// A person was faster, with all of it or with a part: never is more given back than was paid.
#[tokio::test]
async fn what_a_person_gave_back_in_the_instant_between_is_not_given_twice() {
    for (amount, state, refunded) in [(None, "refunded", true), (Some("300"), "open", false)] {
        let twice = Twice::paid(&json!({})).await;
        let swept = in_the_instant_between(&twice, || async {
            twice.shop.gateway.cancel(&twice.second, amount).unwrap();
        })
        .await;
        assert_eq!(swept.unwrap()["refunded"], u32::from(refunded));
        assert_eq!(twice.refunds(), []);
        let item = twice.item().await;
        assert_eq!(item["state"], state);
        if !refunded {
            assert_eq!(
                (&item["refund_asks"], &item["cancel_amount"]),
                (&json!(3), &json!(300))
            );
        }
    }
}

/// A delivery told of the refund before the sweep looked: it is counted as one all the same.
#[tokio::test]
async fn a_refund_that_somebody_else_settles_first_is_counted() {
    let twice = Twice::paid(&json!({})).await;
    let swept = in_the_instant_between(&twice, || async {
        twice.shop.gateway.cancel(&twice.second, None).unwrap();
        twice.shop.webhook(&twice.second).await;
    })
    .await;
    assert_eq!(swept, Ok(summary(&json!({"refunded": 1}))));
    assert_eq!(twice.item().await["state"], "refunded");
}

/// The gateway refuses, and meanwhile its order took the payment: nothing was refunded, so none is counted.
#[tokio::test]
async fn a_refusal_of_what_its_order_took_is_no_refund() {
    let twice = Twice::paid(&json!({})).await;
    let refusal = Fault::code(-1, "PG사 취소 실패").on(Route::Cancel);
    twice.shop.gateway.fault(refusal);
    let swept = in_the_instant_between(&twice, || async {
        twice.shop.gateway.cancel(&twice.first, None).unwrap();
        for payment in [&twice.first, &twice.second] {
            twice.shop.webhook(payment).await;
        }
    })
    .await;
    assert_eq!(swept.unwrap()["refunded"], 0);
    assert_eq!(twice.refunds(), []);
    assert_row(
        &twice.shop.row_of(ORDER).await,
        &json!({"imp_uid": twice.second, "payment_status": "paid"}),
    );
    assert_eq!(twice.item().await["state"], "matched");
}
