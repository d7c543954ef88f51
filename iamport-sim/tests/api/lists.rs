//! Lists as a sweep reads them: what a client meets at their edges, and the faults that befall them.

use iamport_sim::{Fault, NoPage, Pages, Route};
use reqwest::Method;

use crate::fixture::{Gateway, NO_SUCH_PAYMENT, NOW, answer, field};

const EMPTY: &str =
    r#"{"code":0,"message":null,"response":{"total":0,"previous":0,"next":0,"list":[]}}"#;

#[tokio::test]
async fn a_page_that_is_not_there_is_answered_as_told() {
    let gateway = Gateway::start().await;
    gateway.create("{}");
    let (beyond, first) = ("/payments/status/paid?page=2", "/payments/status/ready");
    assert_eq!(gateway.get(beyond).await.0, 400);
    assert_eq!(gateway.get(first).await, (200, EMPTY.to_owned()));
    assert_eq!(gateway.get(&format!("{first}?page=2")).await.0, 400);

    gateway.sim.set_pages(Pages {
        beyond: NoPage::NotFound,
        empty: NoPage::BadRequest,
    });
    for (path, expected) in [(beyond, 404), (first, 400)] {
        let (status, body) = gateway.get(path).await;
        assert_eq!(status, expected, "{path}");
        assert!(body.starts_with(r#"{"code":-1,"message":""#), "{body}");
        assert!(!body.contains(r"\uc0c1\ud0dc\uac12"), "a status is good");
    }

    let told = r#"{"beyond":"empty_list","empty":"not_found"}"#;
    let request = gateway.request(Method::PUT, "/control/pages");
    assert_eq!(answer(request.body(told)).await.0, 200);
    assert_eq!(gateway.get(first).await.0, 404);
    let (status, body) = gateway.get(beyond).await;
    assert_eq!(
        (status, field(&body, "total"), field(&body, "list")),
        (200, "1", "[]")
    );
    assert_eq!(field(&body, "previous"), "1");
    let last = format!("{beyond}{}&limit=1000", "0".repeat(18));
    assert_eq!(gateway.get(&last).await.0, 200);
}

#[tokio::test]
async fn a_list_shows_payments_as_the_look_up_does() {
    let gateway = Gateway::start().await;
    let imp_uid = gateway.create(r#"{"amount":14.20,"custom_data":"{\"a\":\"/\"}"}"#);
    let shown = gateway.sim.get(&imp_uid).unwrap();
    for (path, list) in [
        ("/payments/status/paid".to_owned(), true),
        ("/payments/status/all".to_owned(), true),
        (format!("/payments?imp_uid[]={imp_uid}"), false),
    ] {
        let (_, body) = gateway.get(&path).await;
        let response = if list {
            format!(r#"{{"total":1,"previous":0,"next":0,"list":[{shown}]}}"#)
        } else {
            format!("[{shown}]")
        };
        let expected = format!(r#"{{"code":0,"message":null,"response":{response}}}"#);
        assert_eq!(body, expected, "{path}");
    }
}

#[tokio::test]
async fn a_payment_moves_from_list_to_list() {
    let gateway = Gateway::start().await;
    let imp_uid = gateway.create(r#"{"status":"ready","pay_method":"vbank"}"#);
    let window = |at: i64| format!("?from={at}&to={at}");
    gateway.sim.stop_time(NOW + 100);
    gateway.sim.deposit(&imp_uid).unwrap();
    gateway.sim.stop_time(NOW + 200);
    gateway.sim.cancel(&imp_uid, Some("1")).unwrap();
    gateway.sim.stop_time(NOW + 300);
    gateway.sim.cancel(&imp_uid, Some("2")).unwrap();
    for (list, at, total) in [
        ("ready", 0, "0"),
        ("paid", 100, "0"),
        ("cancelled", 100, "0"),
        ("cancelled", 200, "0"),
        ("cancelled", 300, "1"),
        ("all", 300, "1"),
        ("all", 0, "0"),
    ] {
        let path = format!("/payments/status/{list}{}", window(NOW + at));
        let (_, body) = gateway.get(&path).await;
        assert_eq!(field(&body, "total"), total, "{list} at {at}");
    }
}

#[tokio::test]
async fn an_order_is_one_segment_decoded_once() {
    let gateway = Gateway::start().await;
    for (merchant_uid, encoded) in [
        ("a/b", "a%2Fb"),
        ("50%", "50%25"),
        ("a%2Fb", "a%252Fb"),
        ("who?page=9", "who%3Fpage=9"),
        ("a+b c#d", "a+b%20c%23d"),
        ("주문/1", "%EC%A3%BC%EB%AC%B8%2F1"),
        ("/", "%2F"),
    ] {
        let imp_uid = gateway.create(&format!(r#"{{"merchant_uid":"{merchant_uid}"}}"#));
        for path in [
            format!("/payments/findAll/{encoded}"),
            format!("/payments/findAll/{encoded}/paid?limit=1"),
            format!("/payments/find/{encoded}"),
        ] {
            let (status, body) = gateway.get(&path).await;
            assert_eq!(status, 200, "{path}");
            assert_eq!(field(&body, "imp_uid"), format!("\"{imp_uid}\""), "{path}");
        }
    }
    assert_eq!(
        gateway.get("/payments/findAll/50%2525").await,
        (404, NO_SUCH_PAYMENT.to_owned())
    );
}

#[tokio::test]
async fn each_kind_of_list_has_its_own_faults_and_count() {
    let gateway = Gateway::start().await;
    gateway.create(r#"{"imp_uid":"imp_1","merchant_uid":"ORD"}"#);
    let kinds = [
        (Route::Several, "several", "/payments?imp_uid[]=imp_1"),
        (Route::Find, "find", "/payments/find/ORD"),
        (Route::FindAll, "find_all", "/payments/findAll/ORD"),
        (Route::Status, "status", "/payments/status/paid"),
    ];
    for (route, name, path) in kinds {
        gateway.sim.clear_faults();
        let fault = format!(r#"{{"effect":{{"status":500}},"route":"{name}"}}"#);
        let request = gateway.request(Method::POST, "/control/faults");
        assert_eq!(answer(request.body(fault)).await.0, 200);
        for (_, _, other) in kinds {
            let expected = if other == path { 500 } else { 200 };
            assert_eq!(gateway.get(other).await.0, expected, "{name}: {other}");
        }
        gateway.sim.clear_calls();
        gateway.get(path).await;
        assert_eq!(
            kinds
                .map(|(kind, ..)| gateway.sim.count(kind))
                .iter()
                .sum::<usize>(),
            1
        );
        assert_eq!(gateway.sim.count(route), 1);
        assert_eq!(gateway.sim.count(Route::Search), 1, "all of them");
    }
    gateway.sim.clear_faults();
    gateway.sim.fault(Fault::status(503).on(Route::Search));
    for (_, _, path) in kinds {
        assert_eq!(gateway.get(path).await.0, 503, "{path}");
    }
    assert_eq!(gateway.get("/payments/imp_1").await.0, 200);
}

#[tokio::test]
async fn a_fault_bends_every_payment_of_a_list() {
    let gateway = Gateway::start().await;
    for imp_uid in ["imp_1", "imp_2"] {
        gateway.create(&format!(
            r#"{{"imp_uid":"{imp_uid}","merchant_uid":"ORD","$force":true}}"#
        ));
    }
    let bent = Fault::fields(r#"{"amount":"x","$omit":["currency"]}"#).unwrap();
    gateway.sim.fault(bent.on(Route::Search));
    for path in [
        "/payments?merchant_uid[]=ORD",
        "/payments/findAll/ORD",
        "/payments/status/paid",
    ] {
        let (status, body) = gateway.get(path).await;
        let bent = body.matches(r#""amount":"x""#).count();
        assert_eq!(
            (status, bent, body.contains("currency")),
            (200, 2, false),
            "{path}"
        );
    }
    assert!(
        gateway
            .sim
            .get("imp_1")
            .unwrap()
            .contains(r#""amount":1000"#)
    );
}
