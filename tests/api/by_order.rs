//! `complete` with the order's id alone: every attempt that the gateway knows is settled, and the row answers.

use iamport_sim::{Fault, Route};
use local::event::{Door, FORM, JSON, Post};
use local::{Answer, aws};
use serde_json::{Value, json};

use crate::assertions::Says;
use crate::log_lines::Log;
use crate::test_shop::{Calls, ORDER, TestShop};

async fn ask(shop: &TestShop) -> Answer {
    shop.function.complete_order(ORDER).await
}

#[tokio::test]
async fn a_window_that_was_opened_again_for_a_paid_order_is_answered_success() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    shop.payment("{}");
    for (content_type, body) in [
        (
            JSON,
            r#"{"imp_uid":null,"merchant_uid":"ORD-1","error_code":"F1002"}"#,
        ),
        (JSON, r#"{"imp_uid":"","merchant_uid":"ORD-1"}"#),
        (JSON, r#"{"merchant_uid":"ORD-1"}"#),
        (FORM, "imp_uid=&merchant_uid=ORD-1"),
        (FORM, "merchant_uid=ORD-1"),
    ] {
        println!("{body}");
        let post = Post::text(content_type, body);
        shop.post(Door::Page, &post).await.says(200, "success");
        // Iamport always names the payment.
        shop.post(Door::Webhook, &post)
            .await
            .says(400, "badRequest");
    }
}

#[tokio::test]
async fn it_costs_two_reads_one_call_and_one_write_an_attempt() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    for attempts in 0..4 {
        shop.forget_calls();
        ask(&shop).await;
        assert_eq!(shop.gateway.count(Route::FindAll), 1);
        assert_eq!(shop.gateway.calls().len(), 1);
        let mut aws = json!({"GetItem": 2, "UpdateItem": attempts});
        if attempts == 0 {
            aws.as_object_mut().unwrap().remove("UpdateItem");
        }
        assert_eq!(json!(shop.aws.calls()), aws);
        shop.payment(r#"{"status": "failed"}"#);
    }
}

#[tokio::test]
async fn of_an_unknown_order_the_gateway_hears_nothing() {
    let shop = TestShop::open().await;
    shop.payment("{}");
    ask(&shop).await.says(404, "orderNotFound");
    assert_eq!(shop.calls(), Calls::of(0, 0, &[("GetItem", 1)]));
    assert_eq!(shop.list().await, json!({}));
}

/// Attempts, the oldest (`imp_0`) first; what the page reads; whose the row is; whose wrong money is to be given back.
const CASES: &[(&str, &str, &str, &str)] = &[
    ("", "404 paymentNotFound", "", ""),
    ("failed", "200 failed", "imp_0", ""),
    ("left", "200 pending", "", ""),
    ("paid", "200 success", "imp_0", ""),
    ("failed, paid, left", "200 success", "imp_1", ""),
    ("paid, failed, account", "200 success", "imp_0", ""),
    ("account, failed", "200 vbankIssued", "imp_0", ""),
    ("account, account", "200 vbankIssued", "imp_1", ""),
    ("account, forged account", "200 vbankIssued", "imp_0", ""),
    ("forged account", "400 forgery", "", ""),
    ("refunded, paid", "200 success", "imp_1", ""),
    ("paid, refunded", "200 success", "imp_0", ""),
    ("refunded, account", "200 cancelled", "imp_0", ""),
    ("partly", "200 partiallyCancelled", "imp_0", ""),
    ("forged", "400 forgery", "", "imp_0"),
    ("forged, paid", "200 success", "imp_1", "imp_0"),
    ("forged, left", "200 pending", "", "imp_0"),
    ("paid, sandbox", "200 success", "imp_0", ""),
    ("sandbox", "404 paymentNotFound", "", ""),
    ("card registration", "400 forgery", "", ""),
    ("paid, card registration", "200 success", "imp_0", ""),
    ("paid, another order's", "200 success", "imp_0", ""),
];

fn fields(kind: &str) -> Value {
    match kind {
        "failed" => json!({"status": "failed"}),
        "left" => json!({"status": "ready"}),
        "paid" => json!({}),
        "account" => json!({"status": "ready", "pay_method": "vbank"}),
        "forged account" => json!({"status": "ready", "pay_method": "vbank", "amount": 1}),
        "refunded" => json!({"status": "cancelled"}),
        "partly" => json!({"status": "cancelled", "cancel_amount": 1}),
        "forged" => json!({"amount": 1}),
        "sandbox" => json!({"sandbox": true}),
        "card registration" => json!({"customer_uid_usage": "issue"}),
        "another order's" => json!({"merchant_uid": "ORD-2"}),
        other => panic!("{other}"),
    }
}

/// Every order of the gateway's list, twice: the first settles, the second finds it settled.
#[tokio::test]
async fn attempts_of_every_kind_come_to_the_same_in_every_order_of_the_list() {
    for (kinds, answer, holder, noted) in CASES {
        let kinds: Vec<_> = kinds.split(", ").filter(|kind| !kind.is_empty()).collect();
        let ids: Vec<usize> = (0..kinds.len()).collect();
        for listed in permutations(&ids) {
            println!("{kinds:?} listed as {listed:?}");
            let shop = TestShop::open().await;
            shop.order(json!({})).await;
            let mut list = Vec::new();
            for index in listed {
                let mut fields = fields(kinds[index]);
                fields["imp_uid"] = format!("imp_{index}").into();
                fields["started_at"] = (1_700_000_000 + index).into();
                let imp_uid = shop.payment(&fields.to_string());
                list.push(shop.gateway.get(&imp_uid).unwrap());
            }
            // The gateway's own order is by start; ours must not hang on it.
            shop.gateway.fault(found(&list));
            for _ in 0..2 {
                assert_eq!(ask(&shop).await.to_string(), *answer);
                let row = shop.row().await;
                assert_eq!(row["imp_uid"].as_str().unwrap_or_default(), *holder);
                let mut list = json!({});
                if !noted.is_empty() {
                    list[noted] = "open wrongMoney".into();
                }
                assert_eq!(shop.list().await, list);
            }
        }
    }
}

fn permutations(ids: &[usize]) -> Vec<Vec<usize>> {
    if ids.is_empty() {
        return vec![Vec::new()];
    }
    let with_first = |first: &usize| {
        let rest: Vec<_> = ids.iter().copied().filter(|id| id != first).collect();
        let rest = permutations(&rest);
        rest.into_iter()
            .map(|rest| [vec![*first], rest].concat())
            .collect::<Vec<_>>()
    };
    ids.iter().flat_map(with_first).collect()
}

/// The gateway's list, word for word.
fn found(list: &[String]) -> Fault {
    let body = format!(
        r#"{{"code":0,"message":null,"response":{{"total":{},"previous":0,"next":0,"list":[{}]}}}}"#,
        list.len(),
        list.join(",")
    );
    Fault::answer(200, "application/json", &body).on(Route::FindAll)
}

/// What was refunded gives way first: one request is enough for the order to have its new payment.
#[tokio::test]
async fn an_attempt_that_was_cancelled_gives_way_to_the_one_that_pays() {
    for cancelled_is_later in [true, false] {
        let shop = TestShop::open().await;
        shop.order(json!({})).await;
        let started = |later| json!({"started_at": 1_700_000_000 + i64::from(later)}).to_string();
        let cancelled = shop.payment(&started(cancelled_is_later));
        ask(&shop).await.says(200, "success");
        shop.gateway.cancel(&cancelled, None).unwrap();
        let paid = shop.payment(&started(!cancelled_is_later));
        ask(&shop).await.says(200, "success");
        assert_eq!(shop.row().await["imp_uid"], paid);
        assert_eq!(shop.list().await, json!({}));
    }
}

/// Windows that were left decide nothing, and push nothing out.
#[tokio::test]
async fn windows_that_were_left_hide_no_payment() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let paid = shop.payment(r#"{"started_at": 1700000000}"#);
    for _ in 0..12 {
        shop.payment(r#"{"status": "ready"}"#);
    }
    ask(&shop).await.says(200, "success");
    assert_eq!(shop.row().await["imp_uid"], paid);
}

#[tokio::test]
async fn the_ten_latest_are_settled() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    for index in 0..12 {
        let fields = json!({"imp_uid": format!("imp_{index:02}"), "amount": 1, "started_at": 1_700_000_000 + index});
        shop.payment(&fields.to_string());
    }
    ask(&shop).await.says(400, "forgery");
    let list = shop.list().await;
    let listed: Vec<_> = list.as_object().unwrap().keys().collect();
    assert_eq!(
        listed,
        (2..12)
            .map(|index| format!("imp_{index:02}"))
            .collect::<Vec<_>>()
            .iter()
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn no_id_leads_to_another_endpoint() {
    let shop = TestShop::open().await;
    for merchant_uid in [
        "../imp_1",
        "..%2Fimp_1",
        "%2e%2e",
        "%2E%2E/status/paid",
        "/",
        "//",
        "ORD/1",
        "a?b=c",
        "a#b",
        "a;b",
        "a&b",
        "a b",
        "a\\..\\b",
        "…",
        "주문-1",
        "paid",
        "cancel",
        "@evil.example",
        ":8080",
        "a%00b",
        "...",
        "a/..",
        "./a",
    ] {
        println!("{merchant_uid}");
        shop.order_as(merchant_uid, json!({})).await;
        let fields = json!({"merchant_uid": merchant_uid, "$force": true});
        let imp_uid = shop.payment(&fields.to_string());
        shop.forget_calls();
        shop.function
            .complete_order(merchant_uid)
            .await
            .says(200, "success");
        assert_eq!(shop.row_of(merchant_uid).await["imp_uid"], imp_uid);
        assert_eq!(
            (
                shop.gateway.count(Route::FindAll),
                shop.gateway.calls().len()
            ),
            (1, 1)
        );
    }
    shop.forget_calls();
    for malformed in [".", "..", "", "a\nb", "a\u{0}b"] {
        shop.function
            .complete_order(malformed)
            .await
            .says(400, "badRequest");
    }
    assert_eq!(shop.calls(), Calls::none());
}

#[tokio::test]
async fn an_attempt_that_fails_is_trouble_and_nothing_is_half_answered() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let paid = shop.payment("{}");
    let unreadable = shop
        .gateway
        .get(&paid)
        .unwrap()
        .replace(r#""amount":1000"#, r#""amount":"1000""#);
    assert!(unreadable.contains(r#""amount":"1000""#));
    let list = [
        unreadable.replace(&paid, "imp_other"),
        shop.gateway.get(&paid).unwrap(),
    ];
    shop.gateway.fault(found(&list));
    ask(&shop).await.says(503, "unavailable");
    assert_eq!(
        shop.row().await["imp_uid"],
        paid,
        "what could be settled is"
    );
    shop.gateway.clear_faults();
    for operation in ["GetItem", "UpdateItem"] {
        shop.aws.fault(aws::Fault::fail().on(operation));
        ask(&shop).await.says(503, "unavailable");
        shop.aws.clear_faults();
    }
    let no_such_page = r#"{"code":-1,"message":"잘못된 요청입니다.","response":null}"#;
    for fault in [
        Fault::status(500),
        Fault::answer(400, "application/json", no_such_page),
    ] {
        shop.gateway.fault(fault.on(Route::FindAll));
        ask(&shop).await.says(503, "unavailable");
        shop.gateway.clear_faults();
    }
    ask(&shop).await.says(200, "success");
}

/// What is on the list already is no news any more: it has to be told by the request that put it there.
#[tokio::test]
async fn trouble_after_it_hides_no_money_from_the_log() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let forged = shop.payment(r#"{"amount": 1}"#);
    let list = [shop.gateway.get(&forged).unwrap(), "{}".to_owned()];
    shop.gateway.fault(found(&list));
    for lines in [1, 0] {
        let log = Log::default();
        let kept = log.keep();
        ask(&shop).await.says(503, "unavailable");
        drop(kept);
        let text = log.text();
        let opened: Vec<_> = text
            .lines()
            .filter(|line| line.contains("opened"))
            .collect();
        assert_eq!(opened.len(), lines, "{text}");
        assert!(opened.iter().all(|line| line.contains(&forged)), "{text}");
    }
    assert_eq!(shop.list().await, json!({forged: "open wrongMoney"}));
}

#[tokio::test]
async fn an_account_is_told_to_the_customer_and_not_to_who_asks() {
    let shop = TestShop::open().await;
    shop.order(json!({"phone": "010-1234-5678"})).await;
    shop.account("{}");
    let answer = ask(&shop).await;
    answer.says(200, "vbankIssued");
    assert_eq!(answer.body.as_object().unwrap().len(), 2, "{answer:?}");
    assert_eq!(shop.aws.sms_sent().len(), 1);
    assert_eq!(shop.row().await["vbank_notice"], "done");
}

#[tokio::test]
async fn a_row_that_cannot_be_used_is_misconfigured_and_its_money_listed() {
    let shop = TestShop::open().await;
    shop.order(json!({"amount": "1000"})).await;
    let imp_uid = shop.payment("{}");
    ask(&shop).await.says(500, "misconfigured");
    assert_eq!(shop.list().await, json!({imp_uid: "open misconfigured"}));
    // A state that no version of ours has written.
    shop.order_as("ORD-2", json!({"payment_stage": 9})).await;
    let answer = shop.function.complete_order("ORD-2").await;
    answer.says(500, "misconfigured");
}
