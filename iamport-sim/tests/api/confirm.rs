//! What the shop is asked before an approval.

use std::time::Duration;

use iamport_sim::Simulator;
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::fixture::{Gateway, Shop, field};
use crate::window::{json, open};

/// Why a payment failed; `null` if it did not.
fn fail_reason(sim: &Simulator, imp_uid: &str) -> String {
    let payment = sim.get(imp_uid).unwrap();
    let reason = field(&payment, "fail_reason");
    serde_json::from_str::<Option<String>>(reason)
        .unwrap()
        .unwrap_or_else(|| reason.to_owned())
}

fn stopped(detail: &str) -> String {
    format!("고객사 요청에 의해 결제를 중단합니다. (상세사유 : {detail})")
}

#[tokio::test]
async fn the_shop_is_asked_right_before_the_approval() {
    let (gateway, mut shop) = (Gateway::start().await, Shop::open().await);
    let imp_uid = open(
        &gateway.sim,
        &format!(
            r#"{{"merchant_uid":"ORD-홍","amount":14.20,"currency":"USD","confirm_url":"{}"}}"#,
            shop.url()
        ),
    );
    assert!(shop.is_idle(), "not when the window opens");
    gateway.sim.approve(&imp_uid).await.unwrap();
    let asked = format!(r#"{{"imp_uid":"{imp_uid}","merchant_uid":"ORD-\ud64d","amount":14.20}}"#);
    assert_eq!(
        shop.next().await,
        ("application/json".to_owned(), asked.clone())
    );
    assert_eq!(
        field(&gateway.sim.get(&imp_uid).unwrap(), "status"),
        r#""paid""#
    );

    let record = gateway.sim.confirms();
    assert_eq!(record.len(), 1);
    assert_eq!((&*record[0].url, &record[0].body), (shop.url(), &asked));
    assert_eq!(
        (record[0].receipt.status, &*record[0].receipt.body),
        (Some(200), "noted")
    );
    assert!(gateway.sim.approve(&imp_uid).await.is_err());
    assert!(shop.is_idle(), "a paid payment is not asked about");
}

#[tokio::test]
async fn only_200_goes_on() {
    let (gateway, shop) = (Gateway::start().await, Shop::open().await);
    for (status, body, detail) in [
        (200, r#"{"reason":"ignored"}"#, None),
        (200, "", None),
        (201, "", Some("알 수 없음")),
        (201, r#"{"reason":"만들었음"}"#, Some("만들었음")),
        (204, "", Some("알 수 없음")),
        (302, "", Some("알 수 없음")),
        (307, "", Some("알 수 없음")),
        (400, r#"{"reason":"재고 부족"}"#, Some("재고 부족")),
        (
            409,
            r#"{"status":"x","reason":"<b>%s</b>"}"#,
            Some("<b>%s</b>"),
        ),
        (400, r#"{"reason":""}"#, Some("알 수 없음")),
        (400, r#"{"reason":7}"#, Some("알 수 없음")),
        (400, r#"{"reason":null}"#, Some("알 수 없음")),
        (400, r#"["reason"]"#, Some("알 수 없음")),
        (404, "재고 부족", Some("알 수 없음")),
        (500, r#"{"reason":"장애"}"#, Some("장애")),
    ] {
        let imp_uid = open(&gateway.sim, &json(&[("confirm_url", shop.url())]));
        shop.answer_with(status, body);
        gateway.sim.approve(&imp_uid).await.unwrap();
        let payment = gateway.sim.get(&imp_uid).unwrap();
        let (wanted, reason) = match detail {
            None => (r#""paid""#, "null".to_owned()),
            Some(detail) => (r#""failed""#, stopped(detail)),
        };
        assert_eq!(field(&payment, "status"), wanted, "{status} {body}");
        assert_eq!(
            fail_reason(&gateway.sim, &imp_uid),
            reason,
            "{status} {body}"
        );
        assert_eq!(
            gateway.sim.confirms().last().unwrap().receipt.status,
            Some(status)
        );
    }
    assert_eq!(
        gateway.sim.confirms().len(),
        15,
        "nothing is asked twice, and no redirect followed"
    );
}

#[tokio::test]
async fn a_shop_that_is_down_stops_the_payment() {
    let (gateway, nobody) = (Gateway::start().await, Gateway::start().await);
    nobody.sim.stop().await;
    let imp_uid = open(&gateway.sim, &json(&[("confirm_url", &nobody.sim.url())]));
    gateway.sim.approve(&imp_uid).await.unwrap();
    assert_eq!(fail_reason(&gateway.sim, &imp_uid), stopped("알 수 없음"));
    let receipt = &gateway.sim.confirms()[0].receipt;
    assert_eq!(receipt.status, None);
    assert!(receipt.body.contains("refused"), "{}", receipt.body);
}

/// The clock of this test jumps to the next timer whenever nothing else is to be done: ten seconds take no time.
#[tokio::test(start_paused = true)]
async fn a_shop_that_says_nothing_has_ten_seconds() {
    let gateway = Gateway::start().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let imp_uid = open(&gateway.sim, &json(&[("confirm_url", &url)]));
    let asked = Instant::now();
    gateway.sim.approve(&imp_uid).await.unwrap();
    let waited = asked.elapsed().as_secs();
    assert_eq!(Duration::from_secs(waited), Duration::from_secs(10));
    assert_eq!(fail_reason(&gateway.sim, &imp_uid), stopped("알 수 없음"));
    assert_eq!(gateway.sim.confirms()[0].receipt.status, None);
}

#[tokio::test]
async fn an_account_is_issued_only_if_the_shop_agrees() {
    let (gateway, shop) = (Gateway::start().await, Shop::open().await);
    for (answer, status, account) in [(200, r#""ready""#, true), (409, r#""failed""#, false)] {
        shop.answer(&[answer]);
        let imp_uid = open(
            &gateway.sim,
            &json(&[("pay_method", "vbank"), ("confirm_url", shop.url())]),
        );
        gateway.sim.approve(&imp_uid).await.unwrap();
        let payment = gateway.sim.get(&imp_uid).unwrap();
        assert_eq!(field(&payment, "status"), status);
        assert_eq!(field(&payment, "vbank_num") != "null", account, "{payment}");
    }
}

#[tokio::test]
async fn what_happens_while_the_shop_thinks_counts() {
    let (gateway, mut shop) = (Gateway::start().await, Shop::open().await);
    let imp_uid = open(&gateway.sim, &json(&[("confirm_url", shop.url())]));
    let hold = shop.hold();
    let approval = tokio::spawn({
        let (sim, imp_uid) = (gateway.sim.clone(), imp_uid.clone());
        async move { sim.approve(&imp_uid).await }
    });
    shop.next().await;
    let (_, payment) = gateway.get(&format!("/payments/{imp_uid}")).await;
    assert_eq!(
        (field(&payment, "status"), field(&payment, "amount")),
        (r#""ready""#, "1000"),
        "it can be looked up meanwhile"
    );
    gateway.sim.fail(&imp_uid, "한도초과").unwrap();
    drop(hold);
    let error = approval.await.unwrap().unwrap_err().to_string();
    assert!(error.contains("is failed"), "{error}");
    assert_eq!(fail_reason(&gateway.sim, &imp_uid), "한도초과");
    assert_eq!(gateway.sim.confirms().len(), 1, "the question is on record");
}
