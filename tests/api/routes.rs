//! The routes, each with one method; everything else is refused at once.

use serde_json::json;

use crate::assertions::Says;
use crate::test_shop::{Calls, TestShop};
use local::event::request;

#[tokio::test]
async fn other_paths_are_not_found() {
    let shop = TestShop::cold().await;
    for path in [
        "/",
        "",
        "/payments",
        "/payments/",
        "/payments/complete/now",
        "/payments/Complete",
        "/PAYMENTS/WEBHOOK",
        "/payments/webhooks",
        "/complete",
        "/v1/payments/complete",
        "/payments/../payments/webhook",
        "/payments%2Fcomplete",
    ] {
        for method in ["POST", "GET", "DELETE"] {
            let answer: local::Answer = shop.function.invoke(request(method, path)).await.into();
            println!("{method} {path}");
            answer.says(404, "notFound");
        }
    }
    assert_eq!(shop.calls(), Calls::none());
}

#[tokio::test]
async fn other_methods_are_told_which_one_is_allowed() {
    let shop_url = [("REDIRECT_URL", "https://shop.example/")];
    let shop = TestShop::cold_with(&shop_url).await;
    for (path, allowed) in [
        ("/payments/complete", "POST"),
        ("/payments/webhook", "POST"),
        ("/payments/prepare", "POST"),
        ("/payments/confirm", "POST"),
        ("/payments/redirect", "GET"),
    ] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] {
            if method == allowed {
                continue;
            }
            let mut event = request(method, path);
            event["body"] = json!({"imp_uid": "imp_1", "merchant_uid": "ORD-1"})
                .to_string()
                .into();
            let answer: local::Answer = shop.function.invoke(event).await.into();
            println!("{method} {path}");
            answer.says(405, "methodNotAllowed");
            assert_eq!(answer.header("allow"), Some(allowed));
        }
    }
    assert_eq!(shop.calls(), Calls::none());
}

#[tokio::test]
async fn the_query_string_names_no_payment() {
    let shop = TestShop::cold().await;
    let mut event = request("POST", "/payments/complete");
    event["rawQueryString"] = "imp_uid=imp_1&merchant_uid=ORD-1".into();
    event["queryStringParameters"] = json!({"imp_uid": "imp_1", "merchant_uid": "ORD-1"});
    let answer: local::Answer = shop.function.invoke(event).await.into();
    answer.says(400, "badRequest");
    assert_eq!(shop.calls(), Calls::none());
}
