//! The program's verbs, on a gateway that runs elsewhere.

use std::process::Command;

use iamport_sim::WebhookTarget;
use reqwest::Method;

use crate::fixture::{Gateway, Shop, answer, field};
use crate::running::{Running, printed, program};

pub(crate) fn verb(gateway: &Gateway, args: &[&str]) -> Command {
    let mut command = program(args);
    command.env("IAMPORT_SIM_URL", gateway.sim.url());
    command
}

/// What the control API shows.
pub(crate) async fn show(gateway: &Gateway, path: &str) -> String {
    let request = gateway.request(Method::GET, &format!("/control/{path}"));
    answer(request).await.1
}

fn automatic(shop: &Shop) -> WebhookTarget {
    WebhookTarget {
        automatic: true,
        ..shop.form()
    }
}

#[tokio::test]
async fn trigger_makes_a_payment_and_says_what_its_webhook_was_answered() {
    let (gateway, mut shop) = (Gateway::start().await, Shop::open().await);
    // By themselves, too: nothing is sent twice.
    gateway.sim.set_webhook(automatic(&shop)).unwrap();
    for (args, told, fields) in [
        (
            "paid --amount 14.20 --currency USD",
            "paid",
            &[("amount", "14.20"), ("currency", r#""USD""#)][..],
        ),
        (
            "paid --amount=1000 --pay-method=trans",
            "paid",
            &[("pay_method", r#""trans""#), ("bank_code", r#""004""#)],
        ),
        (
            "ready --amount 1000",
            "ready",
            &[
                ("pay_method", r#""vbank""#),
                ("vbank_num", r#""X3790127821223""#),
            ],
        ),
        (
            "cancelled --amount 1000 --cancel-amount 300",
            "cancelled",
            &[("cancel_amount", "300"), ("status", r#""cancelled""#)],
        ),
        (
            "cancelled --amount 1000 --force",
            "cancelled",
            &[("cancel_amount", "1000"), ("status", r#""cancelled""#)],
        ),
    ] {
        let order = format!("ORD-{}", gateway.sim.webhooks().len());
        let mut line = vec!["trigger", "--merchant-uid", &order];
        line.extend(args.split(' '));
        let printed = printed(verb(&gateway, &line)).await;
        let (imp_uid, answer) = printed.split_once('\n').unwrap();
        assert_eq!(answer, "webhook answered 200 noted\n");
        let (_, webhook) = shop.next().await;
        let expected = format!("imp_uid={imp_uid}&merchant_uid={order}&status={told}");
        assert!(webhook.starts_with(&expected), "{webhook}");
        let payment = gateway.sim.get(imp_uid).unwrap();
        for (name, value) in fields {
            assert_eq!(field(&payment, name), *value, "{args}");
        }
    }
    let part = gateway.sim.webhooks()[3].notice.clone();
    let part = gateway.sim.get(&part.imp_uid).unwrap();
    assert_eq!(part.matches(r#""amount":300,"#).count(), 1, "{part}");
    assert!(shop.is_idle());
}

#[tokio::test]
async fn trigger_says_why_there_is_no_webhook() {
    let (gateway, shop) = (Gateway::start().await, Shop::open().await);
    let expect = async |target: Option<WebhookTarget>, args: &[&str], why: &str| {
        gateway.sim.set_webhook(target).unwrap();
        let line = ["trigger", "--merchant-uid", "A", "--amount", "1", "--force"];
        let printed = printed(verb(&gateway, &[&line[..], args].concat())).await;
        assert_eq!(printed.lines().nth(1).unwrap(), why);
    };
    expect(None, &["paid"], "no webhook: the gateway has no URL for it").await;
    let target = || Some(automatic(&shop));
    expect(target(), &["paid", "--no-webhook"], "no webhook").await;
    let failed = "no webhook: the gateway tells nobody of a failure";
    expect(target(), &["failed"], failed).await;
    assert!(shop.is_idle());
}

#[tokio::test]
async fn resend_sends_a_webhook_again_once_or_twice_with_any_status() {
    let (gateway, mut shop) = (Gateway::start().await, Shop::open().await);
    gateway.create(r#"{"imp_uid":"imp_1","merchant_uid":"A"}"#);
    gateway.sim.set_webhook(shop.form()).unwrap();
    shop.answer(&[503]);
    let once = printed(verb(&gateway, &["resend", "imp_1"])).await;
    assert_eq!(once, "webhook answered 503 noted\n");
    let again = ["resend", "imp_1", "--status", "ready", "--twice"];
    let twice = printed(verb(&gateway, &again)).await;
    assert_eq!(twice, "webhook answered 200 noted\n".repeat(2));
    for status in ["paid", "ready", "ready"] {
        let told = format!("imp_uid=imp_1&merchant_uid=A&status={status}");
        assert_eq!(shop.next().await.1, told);
    }
    gateway
        .sim
        .set_webhook(WebhookTarget::json("http://127.0.0.1:1/"))
        .unwrap();
    let nobody = printed(verb(&gateway, &["resend", "imp_1"])).await;
    assert!(nobody.starts_with("webhook not answered: "), "{nobody}");
}

#[tokio::test]
async fn follow_prints_what_happens_until_the_gateway_stops() {
    let (gateway, shop) = (Gateway::start().await, Shop::open().await);
    gateway.sim.set_webhook(shop.form()).unwrap();
    let mut people = Running::start(verb(&gateway, &["follow"]));
    let mut machine = Running::start(verb(&gateway, &["follow", "--json"]));
    let following = format!("following {}, until Ctrl-C", gateway.sim.url());
    assert_eq!(people.line().await, following);
    assert_eq!(machine.line().await, following);

    let url = shop.url();
    let window = format!(r#"{{"merchant_uid":"A","amount":14.20,"confirm_url":"{url}"}}"#);
    let iamport_sim::Window::Open(imp_uid) = gateway.sim.request_pay(window).unwrap() else {
        panic!("the window did not open");
    };
    let opened = format!("payment  {imp_uid} A ready 14.20 KRW card");
    assert_eq!(people.line().await, opened);
    shop.answer_with(200, "a\nb\u{1b}[2J");
    gateway.sim.approve(&imp_uid).await.unwrap();
    let asked = format!("confirm  {imp_uid} A 14.20 at {url}: answered 200 a b [2J");
    assert_eq!(people.line().await, asked);
    let paid = format!("payment  {imp_uid} A paid 14.20 KRW card");
    assert_eq!(people.line().await, paid);
    gateway
        .sim
        .webhook(&imp_uid, iamport_sim::Delivery::Duplicated(2))
        .await
        .unwrap();
    let told =
        format!("webhook  {imp_uid} A paid to {url}: answered 200 noted; answered 200 noted");
    assert_eq!(people.line().await, told);
    gateway
        .request(Method::GET, "/payments?x=1")
        .send()
        .await
        .unwrap();
    assert_eq!(people.line().await, "call     GET /payments?x=1: 401");

    let payment = format!(r#"{{"event":"payment","data":{{"imp_uid":"{imp_uid}"}}}}"#);
    assert_eq!(machine.line().await, payment);
    for name in ["confirm", "payment", "webhook", "call"] {
        let line = machine.line().await;
        assert!(
            line.starts_with(&format!(r#"{{"event":"{name}","data":{{"#)),
            "{line}"
        );
    }
    gateway.sim.stop().await;
    assert_eq!(people.line().await, "iamport-sim: the gateway has stopped");
    assert_eq!(people.ended().await, Some(1));
    assert_eq!(machine.ended().await, Some(1));
}

#[tokio::test]
async fn forward_takes_the_webhooks_and_gives_them_back() {
    let (gateway, former) = (Gateway::start().await, Shop::open().await);
    let mut shop = Shop::open().await;
    let target = async || show(&gateway, "webhook").await;
    for (signal, set) in [("INT", Some(former.form())), ("TERM", None)] {
        gateway.sim.set_webhook(set).unwrap();
        let before = target().await;
        let mut forward = Running::start(verb(&gateway, &["forward", "--to", shop.url()]));
        let line = forward.line().await;
        assert!(line.starts_with("webhooks of http://"), "{line}");
        let imp_uid = gateway.create(r#"{"merchant_uid":"A","$force":true}"#);
        let (content_type, _) = shop.next().await;
        // As it was before.
        assert_eq!(content_type.contains("form"), signal == "INT");
        let told = format!(
            "webhook  {imp_uid} A paid to {}: answered 200 noted",
            shop.url()
        );
        assert_eq!(forward.line().await, told);
        assert_eq!(forward.end(signal).await, Some(0));
        assert_eq!(target().await, before);
    }
    assert!(former.is_idle());
}

#[tokio::test]
async fn forward_leaves_alone_what_somebody_else_has_set() {
    let (gateway, shop) = (Gateway::start().await, Shop::open().await);
    let to = ["forward", "--to", shop.url(), "--webhook-type", "form"];
    let mut forward = Running::start(verb(&gateway, &to));
    forward.line().await;
    gateway
        .sim
        .set_webhook(WebhookTarget::json("http://127.0.0.1:1/"))
        .unwrap();
    let theirs = show(&gateway, "webhook").await;
    assert_eq!(forward.end("INT").await, Some(0));
    assert_eq!(show(&gateway, "webhook").await, theirs);
}
