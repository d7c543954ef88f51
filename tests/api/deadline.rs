//! Every answer comes within what the function has left, however slow the others are.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use iamport_sim::{Fault, Route};
use lambda_http::{Context, LambdaEvent};
use local::{Answer, aws, event};
use payment_verifier::app::App;
use payment_verifier::config::Config;
use payment_verifier::http_client::http_client;
use serde_json::{Value, json};

use crate::assertions::Says;
use crate::test_shop::{DOORS, Door, ORDER, TestShop};
use local::event::{JSON, Post};

const LEFT: Duration = Duration::from_secs(3);
const LATE: Duration = Duration::from_mins(1);

/// The function as it is deployed, without the kit around it.
fn deploy(shop: &TestShop) -> App {
    deploy_with(shop, &[])
}

/// The same with some settings changed.
pub(crate) fn deploy_with(shop: &TestShop, settings: &[(&'static str, &str)]) -> App {
    let mut environment = shop.environment();
    for (name, value) in settings {
        environment.insert(name, (*value).to_owned());
    }
    let config = Config::read(|name| environment.get(name).cloned()).unwrap();
    App::new(config, http_client().unwrap(), shop.sdk())
}

/// Invokes with so much time left; Lambda kills the function when it is over.
async fn invoke(app: &App, door: Door, imp_uid: &str, left: Duration) -> Answer {
    let body = json!({"imp_uid": imp_uid, "merchant_uid": ORDER}).to_string();
    invoke_event(app, &Post::text(JSON, body).event(door), left).await
}

async fn invoke_event(app: &App, event: &Value, left: Duration) -> Answer {
    let event = serde_json::value::to_raw_value(event).unwrap();
    let mut context = Context::default();
    "request-1".clone_into(&mut context.request_id);
    let deadline = SystemTime::now() + left;
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap().as_millis();
    context.deadline = deadline.try_into().unwrap();
    let answer = app.handle(LambdaEvent::new(event, context));
    let answer = tokio::time::timeout(left, answer).await;
    let answer = answer.expect("an answer before Lambda's deadline").unwrap();
    event::response(&serde_json::to_value(answer).unwrap()).into()
}

#[tokio::test]
async fn a_gateway_that_stalls_is_answered_in_time() {
    let mut tests = tokio::task::JoinSet::new();
    for route in [Route::LookUp, Route::Token] {
        for fault in [
            Fault::stalled(),
            Fault::endless(),
            Fault::slow(LATE),
            Fault::status(500).after(LATE),
        ] {
            tests.spawn(async move {
                let shop = TestShop::cold().await;
                shop.order(json!({})).await;
                let imp_uid = shop.payment("{}");
                shop.gateway.fault(fault.on(route));
                let app = deploy(&shop);
                for door in DOORS {
                    invoke(&app, door, &imp_uid, LEFT)
                        .await
                        .says(503, "unavailable");
                }
                assert_eq!(shop.row().await["payment_status"], Value::Null);
                shop.gateway.clear_faults();
                invoke(&app, DOORS[0], &imp_uid, LEFT)
                    .await
                    .says(200, "success");
            });
        }
    }
    tests.join_all().await;
}

#[tokio::test]
async fn aws_that_stalls_is_answered_in_time() {
    let mut tests = tokio::task::JoinSet::new();
    for operation in ["GetSecretValue", "UpdateItem"] {
        tests.spawn(async move {
            let shop = TestShop::cold().await;
            shop.order(json!({})).await;
            let imp_uid = shop.payment("{}");
            shop.aws.fault(aws::Fault::slow(LATE).on(operation));
            let app = deploy(&shop);
            for door in DOORS {
                invoke(&app, door, &imp_uid, LEFT)
                    .await
                    .says(503, "unavailable");
            }
            shop.aws.clear_faults();
            invoke(&app, DOORS[0], &imp_uid, LEFT)
                .await
                .says(200, "success");
        });
    }
    tests.join_all().await;
}

#[tokio::test]
async fn sns_that_stalls_is_answered_in_time() {
    let shop = TestShop::cold().await;
    shop.aws.fault(aws::Fault::slow(LATE).on("Publish"));
    let app = deploy(&shop);
    for (door, code, status) in [
        (Door::Webhook, 503, "unavailable"),
        (Door::Page, 200, "vbankIssued"),
    ] {
        shop.order(json!({"phone": "010-1234-5678"})).await;
        let imp_uid = shop.account("{}");
        invoke(&app, door, &imp_uid, LEFT).await.says(code, status);
        let row = shop.row().await;
        assert_eq!(row["payment_status"], "ready");
        assert!(
            row["vbank_notice"].as_str().unwrap().starts_with("due:"),
            "{row}"
        );
    }
}

#[tokio::test]
async fn with_hardly_any_time_left_there_is_still_an_answer() {
    let shop = TestShop::cold().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    let app = deploy(&shop);
    invoke(&app, DOORS[0], &imp_uid, LEFT)
        .await
        .says(200, "success");
    shop.gateway.fault(Fault::stalled().on(Route::LookUp));
    for left in [1000, 700] {
        let answer = invoke(&app, DOORS[1], &imp_uid, Duration::from_millis(left)).await;
        answer.says(503, "unavailable");
    }
}

/// The kit gives it 15 s and then answers 500 as API Gateway would; the function's own limit comes first.
#[tokio::test]
async fn with_all_the_time_in_the_world_there_is_an_answer_too() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    shop.gateway.fault(Fault::stalled().on(Route::LookUp));
    shop.webhook(&imp_uid).await.says(503, "unavailable");
}

#[tokio::test]
async fn a_request_that_needs_nobody_needs_no_time() {
    let shop = TestShop::cold().await;
    let app = deploy(&shop);
    for door in DOORS {
        let left = Duration::from_millis(200);
        invoke(&app, door, "../imp_1", left)
            .await
            .says(400, "badRequest");
    }
}

/// What Lambda gives the function, for the sake of sweeps: requests have a limit of their own.
const PLENTY: Duration = Duration::from_mins(1);
/// From the event to the answer, a start-up before it included.
const PROMISE: Duration = Duration::from_secs(10);

/// Who can be silent.
#[derive(Clone, Copy, Debug)]
enum Silent {
    Gateway(Route),
    Aws(&'static str),
}

impl Silent {
    fn strike(self, shop: &TestShop) {
        match self {
            Self::Gateway(route) => shop.gateway.fault(Fault::stalled().on(route)),
            Self::Aws(operation) => shop.aws.fault(aws::Fault::slow(LATE).on(operation)),
        }
    }
}

/// Whoever is silent, cold or warm, the answer comes within 10 s. What is quick is not timed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_silent_the_answer_comes_within_ten_seconds_of_the_event() {
    let mut tests = tokio::task::JoinSet::new();
    for silent in [
        Silent::Gateway(Route::Token),
        Silent::Gateway(Route::LookUp),
        Silent::Aws("GetSecretValue"),
        Silent::Aws("UpdateItem"),
        Silent::Aws("Publish"),
    ] {
        for cold in [true, false] {
            tests.spawn(async move {
                let shop = TestShop::cold().await;
                shop.order(json!({"phone": "010-1234-5678"})).await;
                let imp_uid = shop.account("{}");
                let app = deploy(&shop);
                if !cold {
                    app.warm().await;
                }
                silent.strike(&shop);
                let event = Instant::now();
                if cold {
                    app.warm().await;
                }
                let answer = invoke(&app, Door::Webhook, &imp_uid, PLENTY).await;
                let needed = match silent {
                    Silent::Gateway(Route::Token) | Silent::Aws("GetSecretValue") => cold,
                    _ => true,
                };
                let status = if needed { "unavailable" } else { "vbankIssued" };
                assert_eq!(answer.status(), status, "{silent:?}, cold: {cold}");
                let taken = event.elapsed();
                assert!(taken < PROMISE, "{silent:?}, cold: {cold}: {taken:?}");
            });
        }
    }
    tests.join_all().await;
}

/// Each hop in turn takes 5 s to answer once: the delivery settles all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hop_that_is_slow_once_is_asked_again() {
    let once = Duration::from_secs(5);
    let mut tests = tokio::task::JoinSet::new();
    for silent in [
        Silent::Gateway(Route::Token),
        Silent::Gateway(Route::LookUp),
        Silent::Aws("GetSecretValue"),
        Silent::Aws("UpdateItem"),
    ] {
        for cold in [true, false] {
            tests.spawn(async move {
                let shop = TestShop::cold().await;
                shop.order(json!({})).await;
                let imp_uid = shop.payment("{}");
                let app = deploy(&shop);
                if !cold {
                    app.warm().await;
                }
                match silent {
                    Silent::Gateway(route) => {
                        shop.gateway.fault(Fault::slow(once).on(route).times(1));
                    }
                    Silent::Aws(operation) => {
                        shop.aws
                            .fault(aws::Fault::slow(once).on(operation).times(1));
                    }
                }
                let answer = invoke(&app, Door::Webhook, &imp_uid, PLENTY).await;
                assert_eq!(answer.status(), "success", "{silent:?}, cold: {cold}");
            });
        }
    }
    tests.join_all().await;
}

/// The gateway may take its time, but not DynamoDB's: after a silent look-up there is room for a silent write.
#[tokio::test]
async fn a_slow_gateway_leaves_time_for_dynamodb() {
    let shop = TestShop::open().await;
    shop.order(json!({})).await;
    let imp_uid = shop.payment("{}");
    let app = deploy(&shop);
    app.warm().await;
    shop.gateway
        .fault(Fault::stalled().on(Route::LookUp).times(1));
    shop.aws
        .fault(aws::Fault::slow(LATE).on("UpdateItem").times(1));
    invoke(&app, Door::Webhook, &imp_uid, PLENTY)
        .await
        .says(200, "success");
}

/// The browser shows nothing while it waits, and the gateway gives up: `redirect` has 5 s and `confirm` 4 s from the
/// event, a start-up before it included.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_silent_the_browser_and_the_gateway_wait_less_long() {
    let by_id = "imp_uid=imp_1&merchant_uid=ORD-1";
    let by_order = "merchant_uid=ORD-1";
    let confirm = Post::text(
        JSON,
        r#"{"imp_uid":"imp_1","merchant_uid":"ORD-1","amount":1000}"#,
    );
    let confirm = confirm.sent("POST", "/payments/confirm");
    let redirect = |query| event::request("GET", &format!("/payments/redirect?{query}"));
    let token = Silent::Gateway(Route::Token);
    let (secret, read) = (Silent::Aws("GetSecretValue"), Silent::Aws("GetItem"));
    let mut tests = tokio::task::JoinSet::new();
    for (event, within, silent) in [
        (redirect(by_id), 5, vec![token]),
        (redirect(by_id), 5, vec![Silent::Gateway(Route::LookUp)]),
        (redirect(by_id), 5, vec![secret]),
        (redirect(by_id), 5, vec![Silent::Aws("UpdateItem")]),
        (redirect(by_order), 5, vec![Silent::Gateway(Route::FindAll)]),
        (redirect(by_order), 5, vec![Silent::Aws("UpdateItem")]),
        (redirect(by_order), 5, vec![read]),
        (redirect(by_order), 5, vec![token, read]),
        (confirm.clone(), 4, vec![token]),
        (confirm.clone(), 4, vec![secret]),
        (confirm.clone(), 4, vec![read]),
        (confirm.clone(), 4, vec![token, read]),
    ] {
        for cold in [true, false] {
            let (event, silent) = (event.clone(), silent.clone());
            tests.spawn(async move {
                let shop = TestShop::cold().await;
                shop.order(json!({})).await;
                shop.payment(r#"{"imp_uid": "imp_1"}"#);
                let app = deploy_with(&shop, &[("REDIRECT_URL", "https://shop.example/")]);
                if !cold {
                    app.warm().await;
                }
                for silent in &silent {
                    silent.strike(&shop);
                }
                let begin = Instant::now();
                if cold {
                    app.warm().await;
                }
                let answer = invoke_event(&app, &event, PLENTY).await;
                let elapsed = begin.elapsed();
                assert!(
                    elapsed < Duration::from_secs(within),
                    "{silent:?}, cold: {cold}: {elapsed:?}"
                );
                let needed = silent.iter().any(|silent| match silent {
                    Silent::Aws("GetSecretValue") | Silent::Gateway(Route::Token) => {
                        cold && within == 5
                    }
                    _ => true,
                });
                let told = (answer.code, answer.header("location"), answer.status());
                let shop =
                    |status| format!("https://shop.example/?merchant_uid=ORD-1&status={status}");
                let (unavailable, success) = (shop("unavailable"), shop("success"));
                let expected = match (within, needed) {
                    (4, true) => (503, None, "unavailable"),
                    (4, false) => (200, None, "confirmed"),
                    (_, true) => (303, Some(unavailable.as_str()), ""),
                    (_, false) => (303, Some(success.as_str()), ""),
                };
                assert_eq!(told, expected, "{silent:?}, cold: {cold}");
            });
        }
    }
    tests.join_all().await;
}

/// What a notice waits for is no part of the answer, also where other attempts come after it.
#[tokio::test]
async fn by_order_a_silent_sns_keeps_nobody_from_the_answer() {
    let shop = TestShop::open().await;
    shop.order(json!({"phone": "010-1234-5678"})).await;
    shop.account("{}");
    shop.payment(r#"{"status": "failed", "started_at": 1700000000}"#);
    shop.aws.fault(aws::Fault::slow(LATE).on("Publish"));
    let answer = shop.function.complete_order(ORDER).await;
    answer.says(200, "vbankIssued");
    let due = shop.row().await["vbank_notice"].clone();
    assert!(due.as_str().unwrap().starts_with("due:"), "{due}");
}
