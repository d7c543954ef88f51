//! Malformed requests are refused before any network call.

use crate::post::{FORM, JSON, Post};
use crate::says::Says;
use crate::till::{Calls, DOORS, Till};

/// Nothing in here is a request, at either door.
async fn refused(posts: impl IntoIterator<Item = Post>) {
    let till = Till::cold().await;
    for post in posts {
        for door in DOORS {
            println!("{door:?} {post:?}");
            till.post(door, &post).await.says(400, "badRequest");
            assert_eq!(till.calls(), Calls::none(), "{post:?}");
        }
    }
}

/// Each body declared, undeclared, and in base64.
fn every_way(declared: &'static str, bodies: &[&str]) -> Vec<Post> {
    let ways = bodies.iter().flat_map(|body| {
        [
            Post::text(declared, *body),
            Post::bytes(declared, body),
            Post::text(None, *body),
            Post::bytes(None, body),
        ]
    });
    ways.collect()
}

#[tokio::test]
async fn no_body() {
    let types = [None, Some(JSON), Some(FORM)];
    refused(types.map(Post::nothing)).await;
    refused(types.map(|content_type| Post::text(content_type, ""))).await;
    refused(types.map(|content_type| Post::bytes(content_type, ""))).await;
    refused(types.map(|content_type| Post::text(content_type, " \n "))).await;
}

#[tokio::test]
async fn ids_missing_repeated_or_no_strings_in_json() {
    refused(every_way(
        JSON,
        &[
            "{}",
            r#"{"imp_uid": "imp_1"}"#,
            r#"{"merchant_uid": "ORD-1"}"#,
            r#"{"imp_uid": "", "merchant_uid": "ORD-1"}"#,
            r#"{"imp_uid": "imp_1", "merchant_uid": ""}"#,
            r#"{"imp_uid": null, "merchant_uid": "ORD-1"}"#,
            r#"{"imp_uid": "imp_1", "merchant_uid": null}"#,
            r#"{"imp_uid": 1, "merchant_uid": "ORD-1"}"#,
            r#"{"imp_uid": "imp_1", "merchant_uid": 1}"#,
            r#"{"imp_uid": true, "merchant_uid": "ORD-1"}"#,
            r#"{"imp_uid": ["imp_1"], "merchant_uid": "ORD-1"}"#,
            r#"{"imp_uid": {"imp_uid": "imp_1"}, "merchant_uid": "ORD-1"}"#,
            r#"{"imp_uid": "imp_1", "merchant_uid": ["ORD-1"]}"#,
            r#"{"imp_uid": "imp_1", "merchant_uid": {"S": "ORD-1"}}"#,
            r#"{"imp_uid": "imp_1", "imp_uid": "imp_1", "merchant_uid": "ORD-1"}"#,
            r#"{"imp_uid": "imp_1", "imp_uid": "imp_2", "merchant_uid": "ORD-1"}"#,
            r#"{"imp_uid": "imp_1", "merchant_uid": "ORD-1", "merchant_uid": "ORD-1"}"#,
            r#"{"imp_uid": "imp_1", "merchant_uid": "ORD-1", "imp\u005fuid": "imp_1"}"#,
            r#"{"imp_uid": null, "imp_uid": "imp_1", "merchant_uid": "ORD-1"}"#,
            r#"{"IMP_UID": "imp_1", "MERCHANT_UID": "ORD-1"}"#,
            r#"{"response": {"imp_uid": "imp_1", "merchant_uid": "ORD-1"}}"#,
        ],
    ))
    .await;
}

#[tokio::test]
async fn ids_missing_or_repeated_in_forms() {
    refused(every_way(
        FORM,
        &[
            "imp_uid=imp_1",
            "merchant_uid=ORD-1",
            "imp_uid=&merchant_uid=ORD-1",
            "imp_uid=imp_1&merchant_uid=",
            "imp_uid&merchant_uid",
            "imp_uid=imp_1&merchant_uid=ORD-1&imp_uid=imp_1",
            "imp_uid=imp_1&imp_uid=imp_2&merchant_uid=ORD-1",
            "imp_uid=imp_1&merchant_uid=ORD-1&merchant_uid=ORD-1",
            "imp_uid=imp_1&merchant_uid=ORD-1&imp%5Fuid=imp_1",
            "imp_uid=imp_1&merchant_uid=ORD-1&imp_uid",
            "imp_uid[]=imp_1&merchant_uid[]=ORD-1",
            "imp_uid=imp_1;merchant_uid=ORD-1",
            "IMP_UID=imp_1&MERCHANT_UID=ORD-1",
            "hello",
            "&&&",
        ],
    ))
    .await;
}

#[tokio::test]
async fn what_is_no_json_object() {
    let ids = r#"{"imp_uid": "imp_1", "merchant_uid": "ORD-1"}"#;
    let broken = [
        r#"["imp_1", "ORD-1"]"#.to_owned(),
        format!("[{ids}]"),
        format!("{ids}{ids}"),
        format!("{ids} x"),
        format!("{ids},"),
        format!("{ids}\0"),
        ids[..ids.len() - 1].to_owned(),
        ids.replace('"', "'"),
        ids.replace("ORD-1", "ORD\n1"),
        ids.replace("ORD-1", r"ORD-\ud800"),
        ids.replace("ORD-1", r"ORD-\x31"),
        ids.replace('}', ",}"),
        format!("/* ids */{ids}"),
        "null".to_owned(),
        "\"imp_1\"".to_owned(),
        "17".to_owned(),
        "{".repeat(10_000),
        "[".repeat(10_000),
        format!(r#"{{"x": {}"#, "[".repeat(10_000)),
    ];
    let broken: Vec<_> = broken.iter().map(String::as_str).collect();
    refused(every_way(JSON, &broken)).await;
}

#[tokio::test]
async fn a_declared_type_is_parsed_only_as_such() {
    let json = r#"{"imp_uid": "imp_1", "merchant_uid": "ORD-1"}"#;
    let form = "imp_uid=imp_1&merchant_uid=ORD-1";
    refused([
        Post::text(JSON, form),
        Post::bytes(JSON, form),
        Post::text("APPLICATION/json; charset=utf-8", form),
        Post::text(FORM, json),
        Post::bytes(FORM, json),
        Post::text("Application/X-WWW-form-urlencoded;charset=utf-8", json),
        // Undeclared, a first `{` means JSON, and anything else a form.
        Post::text(None, format!("{{=1&{form}")),
        Post::text(None, format!("[]{json}")),
    ])
    .await;
}

#[tokio::test]
async fn base64_that_is_none() {
    let json = r#"{"imp_uid": "imp_1", "merchant_uid": "ORD-1"}"#;
    let form = "imp_uid=imp_1&merchant_uid=ORD-1";
    let mut posts = Vec::new();
    for (content_type, body) in [(JSON, json), (FORM, form), ("text/plain", json)] {
        posts.push(Post::encoded(content_type, body));
        posts.push(Post::encoded(content_type, "!!!!"));
        posts.push(Post::encoded(content_type, "e30=e30="));
        posts.push(Post::encoded(content_type, "e"));
        posts.push(Post::encoded(content_type, "홍길동"));
    }
    refused(posts).await;
}

#[tokio::test]
async fn text_that_is_no_utf_8() {
    let raw: &[(&'static str, &[u8])] = &[
        (
            JSON,
            b"{\"imp_uid\": \"imp_1\", \"merchant_uid\": \"ORD-\xff\"}",
        ),
        (
            JSON,
            b"{\"imp_uid\": \"imp_\xc0\xb1\", \"merchant_uid\": \"ORD-1\"}",
        ),
        (
            JSON,
            b"{\"imp_uid\": \"imp_1\", \"merchant_uid\": \"ORD-1\", \"x\": \"\xff\"}",
        ),
        (
            JSON,
            b"{\"imp_uid\": \"imp_1\", \"merchant_uid\": \"ORD-1\"}\xff",
        ),
        (
            JSON,
            b"{\"imp_uid\": \"imp_1\", \"merchant_uid\": \"\xed\xa0\x80\"}",
        ),
        (FORM, b"imp_uid=imp_1&merchant_uid=ORD-\xff"),
        (FORM, b"imp_uid=imp_1&merchant_uid=ORD-1&x=\xff"),
        (FORM, b"imp_uid=imp_1&merchant_uid=ORD-%FF"),
        (FORM, b"imp_uid=imp_1&merchant_uid=%B1%E8"),
        (FORM, b"imp_uid=imp_1%ff&merchant_uid=ORD-1"),
        (FORM, b"imp_uid=imp_1&merchant_uid=%ED%A0%80"),
        // UTF-16
        (JSON, b"{\0\"\0}\0"),
    ];
    let mut posts = Vec::new();
    for (content_type, body) in raw {
        posts.push(Post::bytes(*content_type, body));
        posts.push(Post::bytes(None, body));
    }
    refused(posts).await;
}
