use crate::fixture::{Gateway, NO_SUCH_PAYMENT, NOW, field};

const UNKNOWN_STATUS: &str = r#"{"code":-1,"message":"\uc9c0\uc6d0\ub418\uc9c0 \uc54a\ub294 \uc0c1\ud0dc\uac12\uc785\ub2c8\ub2e4.","response":null}"#;

/// Which payments an answer shows, by the last character of their `imp_uid`.
fn shown(body: &str) -> String {
    body.split(r#""imp_uid":"imp_"#)
        .skip(1)
        .filter_map(|rest| rest.chars().next())
        .collect()
}

/// Order `ORD`: `a` failed, then `b` ready, then `c` paid late; `d` is another order's, cancelled.
async fn gateway() -> Gateway {
    let gateway = Gateway::start().await;
    for (imp_uid, fields) in [
        (
            "a",
            format!(
                r#""status":"failed","started_at":{},"failed_at":{}"#,
                NOW - 400,
                NOW - 390
            ),
        ),
        (
            "b",
            format!(r#""status":"ready","started_at":{}"#, NOW - 300),
        ),
        (
            "c",
            format!(
                r#""status":"paid","started_at":{},"paid_at":{}"#,
                NOW - 350,
                NOW - 100
            ),
        ),
    ] {
        gateway.create(&format!(
            r#"{{"imp_uid":"imp_{imp_uid}","merchant_uid":"ORD",{fields}}}"#
        ));
    }
    let times = format!(
        r#""started_at":{},"paid_at":{},"cancelled_at":{}"#,
        NOW - 900,
        NOW - 800,
        NOW - 50
    );
    gateway.create(&format!(
        r#"{{"imp_uid":"imp_d","merchant_uid":"ORD/다","status":"cancelled",{times}}}"#
    ));
    gateway
}

#[tokio::test]
async fn find_shows_the_first_by_sorting() {
    let gateway = gateway().await;
    for (path, expected) in [
        ("/payments/find/ORD", "b"),
        ("/payments/find/ORD/", "b"),
        ("/payments/find/ORD?sorting=started", "a"),
        ("/payments/find/ORD?sorting=-paid", "c"),
        ("/payments/find/ORD?sorting=updated", "a"),
        ("/payments/find/ORD?sorting=-updated", "c"),
        ("/payments/find/ORD/paid", "c"),
        ("/payments/find/ORD/failed?sorting=-started", "a"),
        ("/payments/find/ORD%2F%EB%8B%A4", "d"),
    ] {
        let (status, body) = gateway.get(path).await;
        assert_eq!((status, shown(&body).as_str()), (200, expected), "{path}");
        assert!(
            body.starts_with(r#"{"code":0,"message":null,"response":{"amount":1000,"#),
            "{body}"
        );
    }
    for path in [
        "/payments/find/NO",
        "/payments/find/ORD/cancelled",
        "/payments/find/ORD/x",
    ] {
        assert_eq!(
            gateway.get(path).await,
            (404, NO_SUCH_PAYMENT.to_owned()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn find_all_pages_through_an_order() {
    let gateway = gateway().await;
    for (path, total, previous, next, expected) in [
        ("/payments/findAll/ORD", 3, 0, 0, "bca"),
        ("/payments/findAll/ORD?sorting=started", 3, 0, 0, "acb"),
        ("/payments/findAll/ORD/ready", 1, 0, 0, "b"),
        ("/payments/findAll/ORD?limit=2", 3, 0, 2, "bc"),
        ("/payments/findAll/ORD?limit=2&page=2", 3, 1, 0, "a"),
        ("/payments/findAll/ORD?limit=1&page=2", 3, 1, 3, "c"),
    ] {
        let (status, body) = gateway.get(path).await;
        assert_eq!((status, shown(&body).as_str()), (200, expected), "{path}");
        let head = format!(
            r#"{{"code":0,"message":null,"response":{{"total":{total},"previous":{previous},"next":{next},"list":[{{"amount""#
        );
        assert!(body.starts_with(&head), "{path}: {body}");
    }
    assert_eq!(
        gateway.get("/payments/findAll/ORD/all").await,
        (400, UNKNOWN_STATUS.to_owned())
    );
    assert_eq!(
        gateway.get("/payments/findAll/NO").await,
        (404, NO_SUCH_PAYMENT.to_owned())
    );
    for query in [
        "page=3&limit=2",
        "page=0",
        "page=x",
        "limit=0",
        "limit=1001",
        "limit=-1",
    ] {
        assert_eq!(
            gateway
                .get(&format!("/payments/findAll/ORD?{query}"))
                .await
                .0,
            400,
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_page_has_twenty_payments_by_default() {
    let gateway = Gateway::start().await;
    for _ in 0..21 {
        gateway.create("{}");
    }
    let (_, first) = gateway.get("/payments/status/all").await;
    assert_eq!((field(&first, "next"), shown(&first).len()), ("2", 20));
    let (_, second) = gateway.get("/payments/status/all?page=2").await;
    assert_eq!(
        (
            field(&second, "previous"),
            field(&second, "next"),
            shown(&second).len()
        ),
        ("1", "0", 1)
    );
    let (_, all) = gateway.get("/payments/status/all?limit=1000").await;
    assert_eq!(shown(&all).len(), 21);
}

#[tokio::test]
async fn payments_are_listed_by_the_time_of_their_status() {
    const DAY: i64 = 24 * 60 * 60;
    let gateway = gateway().await;
    let at = |ago: i64| NOW - ago;
    for (query, expected) in [
        ("all".to_owned(), "bcad"),
        ("all?sorting=-updated".to_owned(), "dcba"),
        ("paid".to_owned(), "c"),
        ("cancelled".to_owned(), "d"),
        (format!("paid?from={}&to={}", at(100), at(100)), "c"),
        (format!("paid?from={}", at(99)), ""),
        (format!("paid?to={}", at(101)), ""),
        (format!("cancelled?from={}", at(50)), "d"),
        (format!("failed?from={}&to={}", at(390), at(390)), "a"),
        (format!("ready?from={}&to={}", at(300), at(300)), "b"),
        (format!("all?from={}&to={}", at(90 * DAY), at(0)), "bcad"),
    ] {
        let (status, body) = gateway.get(&format!("/payments/status/{query}")).await;
        assert_eq!((status, shown(&body).as_str()), (200, expected), "{query}");
    }
    assert_eq!(
        gateway
            .get(&format!("/payments/status/paid?to={}", at(101)))
            .await
            .1,
        r#"{"code":0,"message":null,"response":{"total":0,"previous":0,"next":0,"list":[]}}"#
    );
    assert_eq!(
        gateway.get("/payments/status/canceled").await,
        (400, UNKNOWN_STATUS.to_owned())
    );
    for query in [
        "page=2".to_owned(),
        "from=x".to_owned(),
        format!("from={}", at(90 * DAY + 1)),
    ] {
        assert_eq!(
            gateway
                .get(&format!("/payments/status/all?{query}"))
                .await
                .0,
            400,
            "{query}"
        );
    }

    gateway.sim.stop_time(NOW + 90 * DAY - 75);
    let (_, body) = gateway.get("/payments/status/all").await;
    assert_eq!(shown(&body), "d", "the window is the last 90 days");
}

#[tokio::test]
async fn several_are_shown_once_each_and_missing_ones_make_it_207() {
    let gateway = gateway().await;
    for (query, status, expected) in [
        ("imp_uid[]=imp_a&imp_uid[]=imp_c", 200, "ca"),
        (
            "imp_uid%5B%5D=imp_c&imp_uid%5B%5D=imp_c&merchant_uid[]=ORD",
            200,
            "bca",
        ),
        ("imp_uid[]=imp_a&imp_uid[]=imp_x", 207, "a"),
        ("imp_uid[]=imp_a&merchant_uid[]=NO", 207, "a"),
    ] {
        let (got, body) = gateway.get(&format!("/payments?{query}")).await;
        assert_eq!((got, shown(&body).as_str()), (status, expected), "{query}");
        assert!(
            body.starts_with(r#"{"code":0,"message":null,"response":[{"amount""#),
            "{body}"
        );
    }
    for query in ["imp_uid[]=imp_x", "", "imp_uid=imp_a"] {
        assert_eq!(
            gateway.get(&format!("/payments?{query}")).await,
            (404, NO_SUCH_PAYMENT.to_owned()),
            "{query}"
        );
    }
    let many = |count| vec!["imp_uid[]=imp_a"; count].join("&");
    assert_eq!(
        gateway.get(&format!("/payments?{}", many(100))).await.0,
        200
    );
    assert_eq!(
        gateway.get(&format!("/payments?{}", many(101))).await.0,
        400
    );
}
