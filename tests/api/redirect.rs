//! The way back from the payment window: a browser is sent on to the shop, with nothing but a checked id and our word.

use serde_json::json;

use crate::assertions::Says;
use crate::test_shop::{Calls, TestShop};
use local::Answer;
use local::event::request;

const SHOP: &str = "https://shop.example/orders/done?lang=ko";

/// What comes in the query, and what goes on in the shop's. `ORD-1` is paid by `imp_1`; `ORD-2` by nobody.
const CASES: &[(&str, &str)] = &[
    // What payment windows send.
    (
        "imp_uid=imp_1&merchant_uid=ORD-1",
        "merchant_uid=ORD-1&status=success",
    ),
    ("merchant_uid=ORD-1", "merchant_uid=ORD-1&status=success"),
    (
        "imp_uid=&merchant_uid=ORD-1",
        "merchant_uid=ORD-1&status=success",
    ),
    (
        "imp_uid=imp_1&merchant_uid=ORD-1&imp_success=false",
        "merchant_uid=ORD-1&status=success",
    ),
    (
        "imp_uid=imp_1&merchant_uid=ORD-1&imp_status=false&kcp_action=1",
        "merchant_uid=ORD-1&status=success",
    ),
    (
        "imp_uid=imp_1&merchant_uid=ORD-1&error_code=F1002&error_msg=%EC%9D%B4%EB%AF%B8",
        "merchant_uid=ORD-1&status=success",
    ),
    (
        "merchant_uid=ORD-2&imp_success=true&success=true",
        "merchant_uid=ORD-2&status=paymentNotFound",
    ),
    (
        "imp_uid=imp_2&merchant_uid=ORD-2",
        "merchant_uid=ORD-2&status=paymentNotFound",
    ),
    (
        "order_id=7&imp_uid=imp_1&merchant_uid=ORD-1",
        "merchant_uid=ORD-1&status=success",
    ),
    (
        "merchant%5Fuid=ORD%2D1",
        "merchant_uid=ORD-1&status=success",
    ),
    // A text in another encoding, in markup, too long: not ours to read.
    (
        "merchant_uid=ORD-1&error_msg=%B0%E1%C1%A6",
        "merchant_uid=ORD-1&status=success",
    ),
    (
        "merchant_uid=ORD-1&error_msg=<script>alert(1)</script>",
        "merchant_uid=ORD-1&status=success",
    ),
    (
        "merchant_uid=ORD-1&error_msg=%0d%0aLocation:%20https://evil.example",
        "merchant_uid=ORD-1&status=success",
    ),
    // What a liar sends.
    (
        "merchant_uid=ORD-2&status=success",
        "merchant_uid=ORD-2&status=paymentNotFound",
    ),
    (
        "merchant_uid=ORD-1&next=https://evil.example",
        "merchant_uid=ORD-1&status=success",
    ),
    (
        "merchant_uid=ORD-1&m_redirect_url=//evil.example",
        "merchant_uid=ORD-1&status=success",
    ),
    (
        "imp_uid=imp_1&merchant_uid=ORD-2",
        "merchant_uid=ORD-2&status=forgery",
    ),
    (
        "merchant_uid=nobody",
        "merchant_uid=nobody&status=orderNotFound",
    ),
    (
        "merchant_uid=//evil.example",
        "merchant_uid=%2F%2Fevil.example&status=orderNotFound",
    ),
    (
        "merchant_uid=https://evil.example",
        "merchant_uid=https%3A%2F%2Fevil.example&status=orderNotFound",
    ),
    (
        "merchant_uid=%5C%5Cevil.example",
        "merchant_uid=%5C%5Cevil.example&status=orderNotFound",
    ),
    (
        "merchant_uid=@evil.example",
        "merchant_uid=%40evil.example&status=orderNotFound",
    ),
    (
        "merchant_uid=a%26status%3Dsuccess",
        "merchant_uid=a%26status%3Dsuccess&status=orderNotFound",
    ),
    (
        "merchant_uid=a%23status%3Dsuccess",
        "merchant_uid=a%23status%3Dsuccess&status=orderNotFound",
    ),
    (
        "merchant_uid=a?status=success",
        "merchant_uid=a%3Fstatus%3Dsuccess&status=orderNotFound",
    ),
    (
        "merchant_uid=a;status=success",
        "merchant_uid=a%3Bstatus%3Dsuccess&status=orderNotFound",
    ),
    (
        "merchant_uid=%252e%252e%252f",
        "merchant_uid=%252e%252e%252f&status=orderNotFound",
    ),
    (
        "merchant_uid=%250d%250a",
        "merchant_uid=%250d%250a&status=orderNotFound",
    ),
    (
        "merchant_uid=a%20b+c",
        "merchant_uid=a%20b%20c&status=orderNotFound",
    ),
    (
        "merchant_uid=<img src=x onerror=alert(1)>",
        "merchant_uid=%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E&status=orderNotFound",
    ),
    (
        "merchant_uid=%22%27%60",
        "merchant_uid=%22%27%60&status=orderNotFound",
    ),
    (
        "merchant_uid=%EC%A3%BC%EB%AC%B8",
        "merchant_uid=%EC%A3%BC%EB%AC%B8&status=orderNotFound",
    ),
    (
        "merchant_uid=%E2%80%AE%E2%80%A8",
        "merchant_uid=%E2%80%AE%E2%80%A8&status=orderNotFound",
    ),
    (
        "imp_uid=imp_1&merchant_uid=..",
        "merchant_uid=..&status=forgery",
    ),
    // Malformed: no id goes along.
    ("", "status=badRequest"),
    ("imp_uid=imp_1", "status=badRequest"),
    ("merchant_uid=", "status=badRequest"),
    ("merchant_uid=..", "status=badRequest"),
    ("merchant_uid[]=ORD-1", "status=badRequest"),
    ("Merchant_Uid=ORD-1", "status=badRequest"),
    ("merchant_uid=ORD-1&merchant_uid=ORD-2", "status=badRequest"),
    (
        "imp_uid=imp_1&imp_uid=imp_2&merchant_uid=ORD-1",
        "status=badRequest",
    ),
    ("imp_uid=../imp_1&merchant_uid=ORD-1", "status=badRequest"),
    (
        "merchant_uid=ORD-1%0d%0aSet-Cookie:%20a=b",
        "status=badRequest",
    ),
    (
        "merchant_uid=ORD-1%0aLocation:%20//evil.example",
        "status=badRequest",
    ),
    ("merchant_uid=%00", "status=badRequest"),
    ("merchant_uid=%C2%85", "status=badRequest"),
    ("merchant_uid=%C0%AF%C0%AF", "status=badRequest"),
    ("merchant_uid=%ED%A0%80", "status=badRequest"),
    ("merchant_uid=%B0%E1", "status=badRequest"),
];

async fn open() -> TestShop {
    let shop = TestShop::open_with(&[("REDIRECT_URL", SHOP)]).await;
    shop.order(json!({})).await;
    shop.order_as("ORD-2", json!({})).await;
    shop.payment(r#"{"imp_uid": "imp_1"}"#);
    shop
}

#[track_caller]
fn goes_to(answer: &Answer, shop: &str, rest: &str) {
    assert_eq!(answer.code, 303, "{answer:?}");
    let location = answer.header("location").unwrap_or_default();
    assert_eq!(location, format!("{shop}{rest}"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(
        answer.headers.len(),
        4,
        "and the type that API Gateway adds: {answer:?}"
    );
    assert_eq!(answer.body, json!(""), "nothing to read on the way");
}

#[tokio::test]
async fn of_what_comes_in_only_a_checked_id_goes_on() {
    let shop = open().await;
    for (query, rest) in CASES {
        println!("{query}");
        goes_to(
            &shop.function.redirect(query).await,
            SHOP,
            &format!("&{rest}"),
        );
    }
    let longest = "주".repeat(100);
    let encoded = "%EC%A3%BC".repeat(100);
    let answer = shop
        .function
        .redirect(&format!("merchant_uid={longest}"))
        .await;
    goes_to(
        &answer,
        SHOP,
        &format!("&merchant_uid={encoded}&status=orderNotFound"),
    );
    let answer = shop
        .function
        .redirect(&format!("merchant_uid={longest}x"))
        .await;
    goes_to(&answer, SHOP, "&status=badRequest");
}

#[tokio::test]
async fn no_header_and_no_body_has_a_say() {
    let shop = open().await;
    let mut event = request("GET", "/payments/redirect?merchant_uid=ORD-1");
    for name in [
        "host",
        "x-forwarded-host",
        "forwarded",
        "referer",
        "origin",
        "x-original-url",
    ] {
        event["headers"][name] = "evil.example".into();
    }
    event["requestContext"]["domainName"] = "evil.example".into();
    event["queryStringParameters"] = json!({"merchant_uid": "ORD-2"});
    event["body"] = json!({"merchant_uid": "ORD-2", "imp_uid": "imp_9"})
        .to_string()
        .into();
    let answer: Answer = shop.function.invoke(event).await.into();
    goes_to(&answer, SHOP, "&merchant_uid=ORD-1&status=success");
}

#[tokio::test]
async fn the_shops_own_url_stays_as_it_is() {
    for (shop_url, goes_on_as) in [
        ("https://shop.example", "https://shop.example/?"),
        ("https://shop.example/done", "https://shop.example/done?"),
        ("https://shop.example/done?", "https://shop.example/done?"),
        (
            "https://shop.example/done?a=%26&b",
            "https://shop.example/done?a=%26&b&",
        ),
        (
            "https://쇼핑.example/완료",
            "https://xn--hp4bo76a.example/%EC%99%84%EB%A3%8C?",
        ),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/?"),
    ] {
        let shop = TestShop::open_with(&[("REDIRECT_URL", shop_url)]).await;
        let answer = shop.function.redirect("merchant_uid=ORD-1").await;
        goes_to(
            &answer,
            goes_on_as,
            "merchant_uid=ORD-1&status=orderNotFound",
        );
    }
}

#[tokio::test]
async fn it_settles_what_it_finds_and_shows_no_account() {
    let shop = open().await;
    let imp_uid = shop.account(r#"{"merchant_uid": "ORD-2"}"#);
    for query in [
        format!("imp_uid={imp_uid}&merchant_uid=ORD-2"),
        "merchant_uid=ORD-2".to_owned(),
    ] {
        let answer = shop.function.redirect(&query).await;
        goes_to(&answer, SHOP, "&merchant_uid=ORD-2&status=vbankIssued");
        assert_eq!(shop.row_of("ORD-2").await["imp_uid"], imp_uid);
    }
    shop.gateway.cancel("imp_1", None).unwrap();
    let answer = shop.function.redirect("merchant_uid=ORD-1").await;
    goes_to(&answer, SHOP, "&merchant_uid=ORD-1&status=cancelled");
}

#[tokio::test]
async fn without_a_shop_to_go_to_there_is_no_such_route() {
    let shop = TestShop::cold().await;
    for query in ["merchant_uid=ORD-1", ""] {
        shop.function.redirect(query).await.says(404, "notFound");
    }
    assert_eq!(shop.calls(), Calls::none());
}
