//! `GET /control/payments` and `GET /control/follow`: what there is, and what happens.

use std::time::Duration;

use iamport_sim::Delivery;
use reqwest::{Method, Response};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::control::{control, post};
use crate::fixture::{Gateway, NOW, Shop};

const PATIENCE: Duration = Duration::from_mins(1);

/// A reader of the events.
struct Follower {
    response: Response,
    unread: String,
}

impl Follower {
    async fn of(gateway: &Gateway) -> Self {
        let request = gateway.request(Method::GET, "/control/follow");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            response,
            unread: String::new(),
        }
    }

    /// The next event's name and data.
    async fn next(&mut self) -> (String, String) {
        loop {
            if let Some(end) = self.unread.find("\n\n") {
                let rest = self.unread.split_off(end + 2);
                let event = std::mem::replace(&mut self.unread, rest);
                let (name, data) = event.trim_end().split_once('\n').unwrap();
                let name = name.strip_prefix("event: ").unwrap().to_owned();
                let data = data.strip_prefix("data: ").unwrap().to_owned();
                return (name, data);
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await.unwrap();
            self.unread += std::str::from_utf8(&chunk.unwrap().unwrap()).unwrap();
        }
    }

    async fn expect_payment(&mut self, imp_uid: &str, why: &str) {
        let data = format!(r#"{{"imp_uid":"{imp_uid}"}}"#);
        assert_eq!(self.next().await, ("payment".to_owned(), data), "{why}");
    }
}

#[tokio::test]
async fn payments_are_listed_the_latest_first() {
    let gateway = Gateway::start().await;
    let list = async |query: &str| {
        let path = format!("payments{query}");
        control(&gateway, Method::GET, &path, "").await
    };
    assert_eq!(list("").await, (200, "[]".to_owned()));

    for fields in [
        r#"{"imp_uid":"imp_2","merchant_uid":"ORD 1","status":"failed"}"#,
        r#"{"imp_uid":"imp_1","merchant_uid":"ORD-2","amount":14.20}"#,
        r#"{"imp_uid":"imp_3","merchant_uid":"ORD 1"}"#,
    ] {
        gateway.create(fields);
    }
    let shown = |imp_uids: &[&str]| {
        let payments = imp_uids.iter().map(|uid| gateway.sim.get(uid).unwrap());
        (200, format!("[{}]", payments.collect::<Vec<_>>().join(",")))
    };
    assert_eq!(list("").await, shown(&["imp_3", "imp_1", "imp_2"]));
    assert_eq!(
        list("?merchant_uid=ORD%201").await,
        shown(&["imp_3", "imp_2"])
    );
    assert_eq!(list("?merchant_uid=ORD").await, shown(&[]));
}

#[tokio::test]
async fn every_record_is_told_as_it_is_listed() {
    let (gateway, shop) = (Gateway::start().await, Shop::open().await);
    gateway.token().await;
    gateway.sim.set_webhook(shop.json()).unwrap();
    let mut follower = Follower::of(&gateway).await;

    let window = format!(
        r#"{{"merchant_uid":"ORD-1","amount":1000,"confirm_url":"{}"}}"#,
        shop.url()
    );
    let iamport_sim::Window::Open(imp_uid) = gateway.sim.request_pay(window).unwrap() else {
        panic!("the window did not open");
    };
    gateway.sim.approve(&imp_uid).await.unwrap();
    gateway.sim.webhook(&imp_uid, Delivery::Once).await.unwrap();
    gateway.token().await;

    let listed = async |path: &str| control(&gateway, Method::GET, path, "").await.1;
    let last_call = format!(
        r#"{{"method":"POST","path":"\/users\/getToken","query":"","at":{NOW},"status":200}}"#
    );
    follower.expect_payment(&imp_uid, "opened").await;
    let (name, confirm) = follower.next().await;
    assert_eq!(name, "confirm");
    assert_eq!(listed("confirms").await, format!("[{confirm}]"));
    follower.expect_payment(&imp_uid, "paid").await;
    let (name, webhook) = follower.next().await;
    assert_eq!(name, "webhook");
    assert_eq!(listed("webhooks").await, format!("[{webhook}]"));
    // The first token was asked for before.
    assert_eq!(
        follower.next().await,
        ("call".to_owned(), last_call.clone())
    );
    assert_eq!(listed("calls").await, format!("[{last_call},{last_call}]"));
}

#[tokio::test]
async fn whoever_changes_a_payment_it_is_told_once() {
    let gateway = Gateway::start().await;
    let mut follower = Follower::of(&gateway).await;
    let account = r#"{"imp_uid":"imp_1","status":"ready","pay_method":"vbank"}"#;
    for (path, body) in [
        ("payments", account),
        ("payments/imp_1/deposit", ""),
        ("payments/imp_1/cancel", r#"{"amount":100}"#),
    ] {
        assert_eq!(post(&gateway, path, body).await.0, 200);
        follower.expect_payment("imp_1", path).await;
    }
    // Refused, so nothing changed: the next is the other payment's.
    assert_eq!(post(&gateway, "payments/imp_1/pay", "").await.0, 409);
    let refused = gateway.sim.update("imp_1", "[]");
    refused.unwrap_err();
    let later = r#"{"imp_uid":"imp_2","status":"ready","$cancel_later":true}"#;
    gateway.create(later);
    follower.expect_payment("imp_2", "create").await;
    gateway.sim.fail("imp_2", "x").unwrap();
    follower.expect_payment("imp_2", "fail").await;
    gateway.sim.pay("imp_2").unwrap();
    follower.expect_payment("imp_2", "pay").await;
    gateway.sim.update("imp_2", r#"{"name":"x"}"#).unwrap();
    follower.expect_payment("imp_2", "update").await;

    // The API's cancellation is put off first, and done at once with the other.
    let cancel = async |imp_uid: &str| {
        let body = format!(
            r#"{{"imp_uid":"{imp_uid}","refund_holder":"x","refund_bank":"88","refund_account":"1"}}"#
        );
        let answer = gateway.send(Method::POST, "/payments/cancel", &body).await;
        assert!(answer.1.starts_with(r#"{"code":0"#), "{}", answer.1);
    };
    cancel("imp_2").await;
    for _ in ["token", "cancel"] {
        assert_eq!(follower.next().await.0, "call");
    }
    gateway.sim.finish_cancel("imp_2").unwrap();
    follower.expect_payment("imp_2", "finish_cancel").await;
    cancel("imp_1").await;
    assert_eq!(follower.next().await.0, "call");
    follower.expect_payment("imp_1", "cancel").await;
    assert_eq!(follower.next().await.0, "call");

    gateway.create(r#"{"imp_uid":"imp_3","status":"ready"}"#);
    follower.expect_payment("imp_3", "create").await;
    gateway.sim.issue_account("imp_3", "{}").unwrap();
    follower.expect_payment("imp_3", "issue_account").await;
    gateway.send(Method::DELETE, "/vbanks/imp_3", "").await;
    assert_eq!(follower.next().await.0, "call");
    follower.expect_payment("imp_3", "close_account").await;
    assert_eq!(follower.next().await.0, "call");
}

#[tokio::test]
async fn who_lags_behind_is_told_how_much_was_lost() {
    let gateway = Gateway::start().await;
    gateway.create(r#"{"imp_uid":"imp_1"}"#);
    let mut follower = Follower::of(&gateway).await;
    // The gateway is on this thread: it tells nothing until the test waits.
    for _ in 0..1_024 + 7 {
        gateway.sim.update("imp_1", "{}").unwrap();
    }
    gateway.create(r#"{"imp_uid":"imp_2"}"#);
    let lost = ("lost".to_owned(), r#"{"events":8}"#.to_owned());
    assert_eq!(follower.next().await, lost);
    for _ in 1..1_024 {
        follower.expect_payment("imp_1", "not lost").await;
    }
    follower.expect_payment("imp_2", "the last").await;
}

#[tokio::test]
async fn a_follower_who_does_not_read_or_leaves_holds_up_nobody() {
    let gateway = Gateway::start().await;
    let addr = gateway.sim.addr();
    let mut deaf = TcpStream::connect(addr).await.unwrap();
    let request = format!("GET /control/follow HTTP/1.1\r\nhost: {addr}\r\n\r\n");
    deaf.write_all(request.as_bytes()).await.unwrap();
    let gone = Follower::of(&gateway).await;
    let mut follower = Follower::of(&gateway).await;
    drop(gone);
    // More than the buffers between the gateway and who does not read.
    let path = format!("/nothing?{}", "x".repeat(60_000));
    for _ in 0..150 {
        let called = gateway.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(called.status(), 404);
        let (name, data) = follower.next().await;
        assert!(name == "call" && data.len() > 60_000);
    }
}

#[tokio::test]
async fn it_stops_while_somebody_follows() {
    let gateway = Gateway::start().await;
    let mut follower = Follower::of(&gateway).await;
    timeout(PATIENCE, gateway.sim.stop()).await.unwrap();
    let end = timeout(PATIENCE, follower.response.chunk()).await.unwrap();
    end.unwrap_err();
}

#[tokio::test]
async fn following_is_a_get() {
    let gateway = Gateway::start().await;
    assert_eq!(post(&gateway, "follow", "").await.0, 404);
}
