//! Every way to say which payment it is.

use serde_json::json;

use crate::assertions::Says;
use crate::test_shop::{DOORS, TestShop};
use local::event::{FORM, JSON, Post};

const IMP_UID: &str = "imp_448280090638";
const LIMIT: usize = 16 * 1024;

/// Every one of these names the same payment of the same order.
fn bodies() -> Vec<Post> {
    let json = format!(r#"{{"imp_uid": "{IMP_UID}", "merchant_uid": "홍 1+1=2&3%/ord"}}"#);
    let form = format!("imp_uid={IMP_UID}&merchant_uid=%ED%99%8D+1%2B1%3D2%263%25%2Ford");
    let json_types = [
        JSON,
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "Application/JSON",
        "APPLICATION/JSON; Charset=\"utf-8\"",
        " application/json ",
        "application/json ; charset=utf-8",
    ];
    let form_types = [
        FORM,
        "application/x-www-form-urlencoded; charset=utf-8",
        "Application/X-WWW-Form-Urlencoded",
        "APPLICATION/X-WWW-FORM-URLENCODED;CHARSET=UTF-8",
        " application/x-www-form-urlencoded ",
    ];
    let undeclared = [
        None,
        Some(""),
        Some("text/plain"),
        Some("text/plain; charset=utf-8"),
        Some("application/octet-stream"),
        Some("*/*"),
        Some("nonsense"),
    ];
    let mut bodies = Vec::new();
    for content_type in json_types.into_iter().map(Some).chain(undeclared) {
        bodies.push(Post::text(content_type, &json));
        bodies.push(Post::bytes(content_type, &json));
        bodies.push(Post::text(content_type, format!(" \r\n\t{json} \r\n\t")));
    }
    for content_type in form_types.into_iter().map(Some).chain(undeclared) {
        bodies.push(Post::text(content_type, &form));
        bodies.push(Post::bytes(content_type, &form));
    }
    bodies
}

#[tokio::test]
async fn json_and_forms_in_text_and_base64_declared_or_not_are_understood() {
    let shop = TestShop::open().await;
    shop.order_as("홍 1+1=2&3%/ord", json!({})).await;
    shop.payment(&json!({"imp_uid": IMP_UID, "merchant_uid": "홍 1+1=2&3%/ord"}).to_string());
    for body in bodies() {
        for door in DOORS {
            println!("{door:?} {body:?}");
            shop.post(door, &body).await.says(200, "success");
        }
    }
}

#[tokio::test]
async fn what_else_a_body_says_is_ignored() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    shop.payment(&json!({"imp_uid": IMP_UID}).to_string());
    let ids = format!(r#""imp_uid": "{IMP_UID}", "merchant_uid": "ORD-1""#);
    for body in [
        format!(r#"{{{ids}, "status": "cancelled", "cancellation_id": "06JC8FVHJTW2WY16FEY0"}}"#),
        format!(r#"{{"status": 7, "amount": 1e400, {ids}, "custom": {{"imp_uid": "imp_1"}}}}"#),
        format!(r#"{{{ids}, "status": "paid", "status": "failed"}}"#),
        format!(
            r#"{{{ids}, "imp_uids": ["a"], "IMP_UID": "imp_2", "": null, "deep": [[[[{{}}]]]]}}"#
        ),
        r#"{"imp\u005fuid": "\u0069mp_448280090638", "merchant_uid": "ORD\u002d1"}"#.to_owned(),
    ] {
        for content_type in [Some(JSON), None] {
            println!("{body}");
            let post = Post::text(content_type, body.clone());
            shop.post(DOORS[0], &post).await.says(200, "success");
            shop.post(DOORS[1], &post).await.says(200, "success");
        }
    }
    let ids = format!("imp_uid={IMP_UID}&merchant_uid=ORD-1");
    for body in [
        format!("{ids}&status=cancelled&cancellation_id=06JC8FVHJTW2WY16FEY0"),
        format!("status=paid&status=failed&{ids}&status"),
        format!("&&{ids}&=&imp_uid[]=imp_1&x=&IMP_UID=imp_2"),
        "merchant%5Fuid=%4FRD-1&%69mp_uid=imp%5F448280090638".to_owned(),
    ] {
        for content_type in [Some(FORM), None] {
            println!("{body}");
            let post = Post::text(content_type, body.clone());
            shop.post(DOORS[0], &post).await.says(200, "success");
            shop.post(DOORS[1], &post).await.says(200, "success");
        }
    }
}

#[tokio::test]
async fn the_header_may_be_written_in_any_case() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    shop.payment(&json!({"imp_uid": IMP_UID}).to_string());
    // A form that starts like JSON: only the declared type tells.
    let form = format!("{{=1&imp_uid={IMP_UID}&merchant_uid=ORD-1");
    for name in ["content-type", "Content-Type", "CONTENT-TYPE"] {
        let mut event = Post::text(None, form.clone()).event(DOORS[0]);
        event["headers"][name] = FORM.into();
        let answer: local::Answer = shop.function.invoke(event.clone()).await.into();
        answer.says(200, "success");
        // Nor is a form read for JSON.
        event["body"] = form.trim_start_matches('{').into();
        event["headers"][name] = JSON.into();
        let answer: local::Answer = shop.function.invoke(event).await.into();
        answer.says(400, "badRequest");
    }
}

/// Padded with a field nobody reads, to so many bytes.
fn padded(kind: &'static str, bytes: usize, padding: &str) -> String {
    let body = |padding: &str| match kind {
        JSON => format!(r#"{{"imp_uid": "{IMP_UID}", "merchant_uid": "ORD-1", "x": "{padding}"}}"#),
        _ => format!("imp_uid={IMP_UID}&merchant_uid=ORD-1&x={padding}"),
    };
    let mut text = padding.repeat((bytes - body("").len()) / padding.len());
    while body(&text).len() < bytes {
        text.push('x');
    }
    body(&text)
}

#[tokio::test]
async fn sixteen_kibibytes_after_decoding_are_enough_for_everybody() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    shop.payment(&json!({"imp_uid": IMP_UID}).to_string());
    for kind in [JSON, FORM] {
        // The limit counts bytes, not characters.
        for padding in ["a", "홍", "💳"] {
            let (fits, too_long) = (
                padded(kind, LIMIT, padding),
                padded(kind, LIMIT + 1, padding),
            );
            assert_eq!((fits.len(), too_long.len()), (LIMIT, LIMIT + 1));
            for door in DOORS {
                shop.post(door, &Post::text(kind, &fits))
                    .await
                    .says(200, "success");
                shop.post(door, &Post::bytes(kind, &fits))
                    .await
                    .says(200, "success");
                shop.forget_calls();
                shop.post(door, &Post::text(kind, &too_long))
                    .await
                    .says(400, "badRequest");
                shop.post(door, &Post::bytes(kind, &too_long))
                    .await
                    .says(400, "badRequest");
                assert_eq!(shop.calls(), crate::test_shop::Calls::none());
            }
        }
    }
}
