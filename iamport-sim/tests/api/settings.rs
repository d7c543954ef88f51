//! What the console shows: its pages, and what is switched.

use reqwest::Method;

use crate::control::{control, done};
use crate::fixture::{Gateway, NOW};

#[tokio::test]
async fn what_is_switched_can_be_read() {
    let gateway = Gateway::start().await;
    for (path, body) in [
        ("sandbox", r#"{"shown":true}"#),
        ("pages", r#"{"beyond":"not_found","empty":"bad_request"}"#),
        ("prepare", r#"{"twice_is_400":true}"#),
    ] {
        let done_so = control(&gateway, Method::PUT, path, body).await;
        assert_eq!(done_so, done());
    }
    let (_, settings) = control(&gateway, Method::GET, "settings", "").await;
    assert_eq!(
        settings,
        format!(
            r#"{{"webhook":null,"webhooks_to_lose":0,"sandbox_shown":true,"pages":{{"beyond":"not_found","empty":"bad_request"}},"prepare_twice_is_400":true,"imp_key":"imp_key","now":{NOW}}}"#
        )
    );
}

#[tokio::test]
async fn the_console_and_what_it_loads_are_there() {
    let gateway = Gateway::start().await;
    for (path, content_type, part) in [
        ("/console", "text/html", "console.js"),
        ("/console", "text/html", "style.css"),
        ("/console.js", "text/javascript", "/control/follow"),
        ("/style.css", "text/css", "color-scheme: light dark"),
        ("/window", "text/html", "style.css"),
    ] {
        let answer = gateway.request(Method::GET, path).send().await.unwrap();
        let is = answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        assert_eq!(is, format!("{content_type}; charset=utf-8"));
        assert!(answer.text().await.unwrap().contains(part), "{path}");
    }
    assert_eq!(gateway.sim.calls(), [], "no page is a call of the API");
}
