use std::time::Duration;

use iamport_sim::{Route, Settings};
use reqwest::Method;

use crate::fixture::{Gateway, NOW, answer, between, field};

const MISSING: &str = r#"{"code":-1,"message":"imp_key, imp_secret \ud30c\ub77c\uba54\ud130\uac00 \ub204\ub77d\ub418\uc5c8\uc2b5\ub2c8\ub2e4.","response":null}"#;
const REFUSED: &str = r#"{"code":-1,"message":"\uc778\uc99d\uc5d0 \uc2e4\ud328\ud558\uc600\uc2b5\ub2c8\ub2e4. API\ud0a4\uc640 secret\uc744 \ud655\uc778\ud558\uc138\uc694.","response":null}"#;
const UNAUTHORIZED: &str = r#"{"code":-1,"message":"Unauthorized","response":null}"#;

#[tokio::test]
async fn a_token_is_printed_as_documented() {
    let gateway = Gateway::start().await;
    let (status, body) = gateway.get_token().await;
    let token = between(&body, r#""access_token":""#, "\"");
    assert_eq!(status, 200);
    assert!(
        token.len() == 40
            && token
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
        "{token}"
    );
    assert_eq!(
        body,
        format!(
            r#"{{"code":0,"message":null,"response":{{"access_token":"{token}","now":{NOW},"expired_at":{}}}}}"#,
            NOW + 1800
        )
    );
}

#[tokio::test]
async fn json_and_form_get_the_same_token() {
    let gateway = Gateway::start().await;
    let json = gateway.get_token().await;
    let form = gateway
        .post_form("/users/getToken", "imp_key=imp_key&imp_secret=imp_secret")
        .await;
    assert_eq!(json, form);
}

#[tokio::test]
async fn it_stays_the_same_until_it_expires_and_lives_on_in_its_last_minute() {
    let gateway = Gateway::start().await;
    let mut seen = Vec::new();
    for at in [0, 1740, 1741, 2099, 2400] {
        gateway.sim.stop_time(NOW + at);
        let (_, body) = gateway.get_token().await;
        assert_eq!(field(&body, "now"), (NOW + at).to_string());
        let expired_at: i64 = field(&body, "expired_at").parse().unwrap();
        seen.push((
            between(&body, r#""access_token":""#, "\"").to_owned(),
            expired_at - NOW,
        ));
    }
    let first = seen[0].0.clone();
    assert_eq!(
        seen[..4],
        [1800, 1800, 2100, 2400].map(|expiry| (first.clone(), expiry))
    );
    assert_ne!(seen[4].0, first, "expired");
    assert_eq!(seen[4].1, 2400 + 1800);
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let settings = Settings {
        token_life: Duration::from_secs(90),
        ..Settings::default()
    };
    let gateway = Gateway::with(settings).await;
    let imp_uid = gateway.create("{}");
    let token = gateway.token().await;
    for (at, expected) in [(0, 200), (89, 200), (90, 401)] {
        gateway.sim.stop_time(NOW + at);
        let request = gateway
            .request(Method::GET, &format!("/payments/{imp_uid}"))
            .bearer_auth(&token);
        assert_eq!(answer(request).await.0, expected, "{at} s");
    }
}

#[tokio::test]
async fn credentials_are_checked() {
    let gateway = Gateway::start().await;
    for (body, expected) in [
        ("{}", (400, MISSING)),
        (r#"{"imp_key":"imp_key"}"#, (400, MISSING)),
        (r#"{"imp_key":"imp_key","imp_secret":""}"#, (400, MISSING)),
        (r#"{"imp_key":"imp_key","imp_secret":null}"#, (400, MISSING)),
        ("not json", (400, MISSING)),
        (
            r#"{"imp_key":"imp_key","imp_secret":"wrong"}"#,
            (401, REFUSED),
        ),
        (
            r#"{"imp_key":"wrong","imp_secret":"imp_secret"}"#,
            (401, REFUSED),
        ),
    ] {
        let (status, answer) = gateway.post_json("/users/getToken", body).await;
        assert_eq!((status, answer.as_str()), expected, "{body}");
    }
}

#[tokio::test]
async fn every_other_endpoint_wants_a_token() {
    let gateway = Gateway::start().await;
    for (method, path) in [
        (Method::GET, "/payments/imp_1"),
        (Method::GET, "/payments"),
        (Method::GET, "/payments/find/ORD"),
        (Method::GET, "/payments/findAll/ORD/paid"),
        (Method::GET, "/payments/status/all"),
        (Method::POST, "/payments/cancel"),
        (Method::POST, "/payments/prepare"),
        (Method::PUT, "/payments/prepare"),
        (Method::GET, "/payments/prepare/ORD"),
        (Method::DELETE, "/vbanks/imp_1"),
    ] {
        let (status, body) = answer(gateway.request(method, path)).await;
        assert_eq!((status, body.as_str()), (401, UNAUTHORIZED), "{path}");
    }
}

#[tokio::test]
async fn a_token_comes_in_any_of_four_ways_and_authorization_wins() {
    let gateway = Gateway::start().await;
    let (path, token) = (
        format!("/payments/{}", gateway.create("{}")),
        gateway.token().await,
    );
    let (bearer, query) = (format!("Bearer {token}"), format!("?_token={token}"));
    for (query, headers, expected) in [
        ("", vec![("authorization", token.as_str())], 200),
        ("", vec![("authorization", &bearer)], 200),
        ("", vec![("x-imptokenheader", &token)], 200),
        (&query, vec![], 200),
        (
            "",
            vec![("authorization", &token), ("x-imptokenheader", "wrong")],
            200,
        ),
        (
            "",
            vec![("authorization", "wrong"), ("x-imptokenheader", &token)],
            401,
        ),
        ("", vec![("authorization", "Bearer")], 401),
        (&query, vec![("authorization", "wrong")], 401),
        (&query, vec![("x-imptokenheader", "wrong")], 401),
        ("?_token=wrong", vec![("authorization", &token)], 200),
        ("?_token=wrong", vec![], 401),
    ] {
        let request = gateway.request(Method::GET, &format!("{path}{query}"));
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        assert_eq!(answer(request).await.0, expected, "{query} {headers:?}");
    }
}

#[tokio::test]
async fn rotated_credentials_leave_tokens_alone_until_they_are_revoked() {
    let gateway = Gateway::start().await;
    let (path, old) = (
        format!("/payments/{}", gateway.create("{}")),
        gateway.token().await,
    );
    let look_up = |token: &str| answer(gateway.request(Method::GET, &path).bearer_auth(token));

    gateway.sim.rotate_credentials("new_key", "new_secret");
    let old_credentials = r#"{"imp_key":"imp_key","imp_secret":"imp_secret"}"#;
    assert_eq!(
        gateway.post_json("/users/getToken", old_credentials).await,
        (401, REFUSED.to_owned())
    );
    let new = gateway.token().await;
    assert_ne!(new, old);
    assert_eq!((look_up(&old).await.0, look_up(&new).await.0), (200, 200));

    gateway.sim.revoke_tokens();
    assert_eq!((look_up(&old).await.0, look_up(&new).await.0), (401, 401));
    assert_ne!(gateway.token().await, new);
    assert_eq!(gateway.sim.count(Route::Token), 4);
}
