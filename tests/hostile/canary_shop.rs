//! The real binary in a shop full of canaries: what it answers, prints and writes is looked at.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use local::Shop;
use local::event::{Door, JSON, Post};
use local::lambda::{Invocation, Lambda};
use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::canaries::{self, ACCOUNT, FACT, Nose};
use crate::rows::{assert_facts, assert_item, ours};
use crate::scripted_aws::REQUEST_ID;

/// The gateway's credentials.
pub(crate) const SECRETS: [(&str, &str); 2] = [
    ("imp_key", "CANARY-imp-key"),
    ("imp_secret", "CANARY-imp-secret"),
];

/// The real binary with these variables and no others.
pub(crate) async fn start(environment: &BTreeMap<&'static str, String>) -> Lambda {
    let binary = Path::new(env!("CARGO_BIN_EXE_payment-verifier"));
    Lambda::start(binary, environment).await.unwrap()
}

/// What the binary answers.
pub(crate) async fn answer(function: &mut Lambda, invocation: Invocation) -> Value {
    let report = function
        .api
        .invoke(invocation.id(REQUEST_ID))
        .await
        .unwrap();
    report.answer().unwrap()
}

/// A shop full of canaries, its token's value, and a nose for all of it.
pub(crate) struct CanaryShop {
    pub(crate) shop: Shop,
    pub(crate) token: String,
    pub(crate) nose: Nose,
}

impl CanaryShop {
    pub(crate) async fn open() -> Self {
        let shop = Shop::open().await.unwrap();
        let [(_, key), (_, secret)] = SECRETS;
        shop.gateway.rotate_credentials(key, secret);
        shop.put_credentials(key, secret);
        shop.gateway.show_sandbox(true);
        shop.customers.put(canaries::customer()).await.unwrap();
        let token = block_in_place(|| token(&shop));
        let nose = Nose::new(&[&token]);
        Self { shop, token, nose }
    }

    /// The binary's environment: AWS credentials are canaries too, and logging is as loud as it can be made.
    pub(crate) fn environment(&self, format: &str) -> BTreeMap<&'static str, String> {
        let mut environment = self.shop.environment();
        for (name, value) in [
            ("AWS_ACCESS_KEY_ID", "CANARYACCESSKEY"),
            ("AWS_SECRET_ACCESS_KEY", "CANARY-secret-access-key"),
            ("AWS_SESSION_TOKEN", "CANARY-session-token"),
            ("AWS_LAMBDA_LOG_LEVEL", "TRACE"),
            ("AWS_LAMBDA_LOG_FORMAT", format),
            ("RUST_LOG", "trace"),
            ("RUST_BACKTRACE", "full"),
        ] {
            environment.insert(name, value.to_owned());
        }
        environment
    }

    pub(crate) async fn order(&self, merchant_uid: &str, fields: Value) {
        let mut order = canaries::order(&fields);
        order["merchant_uid"] = merchant_uid.into();
        self.shop.orders.put(order).await.unwrap();
    }

    pub(crate) fn pay(&self, imp_uid: &str, merchant_uid: &str, more: &Value) {
        let payment = canaries::payment(imp_uid, merchant_uid, more);
        self.shop.gateway.create(payment).unwrap();
    }

    /// What the binary answers is clean; the page's account aside.
    pub(crate) async fn ask(&self, function: &mut Lambda, event: &Value) -> Value {
        self.ask_now(function, event, Invocation::of(event)).await
    }

    /// The same, with a deadline of its own.
    pub(crate) async fn ask_now(
        &self,
        function: &mut Lambda,
        event: &Value,
        invocation: Invocation,
    ) -> Value {
        let answer = answer(function, invocation).await;
        let body: Value =
            serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap();
        let is_account = body["status"] == "vbankIssued" && event["rawPath"] == Door::Page.path();
        let nose = if is_account {
            self.nose.without(ACCOUNT).without(FACT)
        } else {
            self.nose.clone()
        };
        nose.assert_clean("an answer", &answer.to_string());
        assert!(!is_account || body["vbank_num"] == ACCOUNT, "{body}");
        body
    }

    /// What the binary printed is clean, has a line for each of these, and is JSON if it should be.
    pub(crate) async fn assert_log(&self, function: Lambda, format: &str, says: &[&str]) {
        self.assert_clean(&function.end().await.unwrap(), format, says);
    }

    #[track_caller]
    pub(crate) fn assert_clean(&self, log: &str, format: &str, says: &[&str]) {
        for word in says {
            assert!(log.contains(word), "no {word} in {log}");
        }
        self.nose.assert_clean("the log", log);
        if format == "JSON" {
            let not_json = log
                .lines()
                .find(|line| serde_json::from_str::<Value>(line).is_err());
            assert_eq!(not_json, None);
        }
    }

    /// Two attempts that took money for one order.
    pub(crate) async fn duplicates(&self, function: &mut Lambda) {
        self.order("ORD-twice", json!({})).await;
        for (imp_uid, status) in [("imp_first", "success"), ("imp_second", "duplicatePayment")] {
            self.pay(imp_uid, "ORD-twice", &json!({}));
            for door in Door::ALL {
                let body = self.ask(function, &loud(door, imp_uid, "ORD-twice")).await;
                assert_eq!(body["status"], status);
            }
        }
        self.assert_row("ORD-twice").await;
    }

    /// Requests that are none.
    pub(crate) async fn nonsense(&self, function: &mut Lambda) {
        for (method, path, body) in [
            (
                "POST",
                Door::Page.path(),
                r#"{"imp_uid": "CANARY <a@b>", "merchant_uid": "CANARY"}"#,
            ),
            (
                "POST",
                Door::Page.path(),
                r#"{"imp_uid": 1, "merchant_uid": "CANARY\n"}"#,
            ),
            (
                "POST",
                Door::Webhook.path(),
                "CANARY=CANARY&imp_uid=CANARY%FF",
            ),
            ("GET", Door::Page.path(), "CANARY"),
            ("POST", "/CANARY", "CANARY"),
        ] {
            let event = shout(Post::text(JSON, body).sent(method, path));
            self.ask(function, &event).await;
        }
        for event in [
            json!("CANARY"),
            json!(["CANARY"]),
            json!({"rawPath": ["CANARY"], "requestContext": {"http": {"method": "CANARY"}}}),
            json!({"httpMethod": "POST", "path": "/CANARY", "body": "CANARY", "requestContext": {"stage": "CANARY"}}),
            json!({"Records": [{"body": "CANARY"}]}),
        ] {
            let body = self.ask(function, &event).await;
            assert_eq!(body["status"], "badRequest", "{event}");
        }
    }

    /// The function's attributes have no canary, and the account's number is in `payment` alone.
    pub(crate) async fn assert_row(&self, merchant_uid: &str) {
        let row = self.shop.orders.get(merchant_uid).await.unwrap();
        let ours: Value = ours(&row)
            .into_iter()
            .filter(|(_, value)| !value.to_string().contains("CANARY-stage"))
            .collect();
        let nose = self.nose.without(&canaries::AMOUNT.to_string());
        nose.assert_clean(merchant_uid, &ours.to_string());
        assert_facts(&row);
        let facts = row["payment"].to_string();
        nose.without(FACT)
            .without(ACCOUNT)
            .assert_clean(merchant_uid, &facts);
    }

    /// What a customer should see did arrive, and nothing beyond it.
    pub(crate) async fn assert_kept_only_where_it_belongs(&self) {
        let account = ["vbank_num", "vbank_name", "vbank_date", "vbank_started_at"];
        let mut customer = self.shop.customers.get("CANARY-customer_id").await.unwrap();
        assert_eq!(customer["vbank_num"], ACCOUNT);
        for name in account {
            customer.as_object_mut().unwrap().remove(name);
        }
        assert_eq!(customer, canaries::customer());
        let unmatched = self.shop.unmatched.rows().await.unwrap();
        assert!(!unmatched.is_empty(), "payments that no order took");
        for item in unmatched {
            assert_item(&item);
            let nose = self.nose.without(&canaries::AMOUNT.to_string());
            nose.assert_clean("an unmatched payment", &item.to_string());
        }
        let texts = self.shop.aws.sms_sent();
        assert_eq!(texts.len(), 2, "one for each order with an account");
        for text in texts {
            assert!(text.message.contains(ACCOUNT));
            self.nose
                .without(ACCOUNT)
                .without(FACT)
                .assert_clean("a text", &text.message);
        }
    }
}

/// What the gateway gives whoever has the credentials; it is the function's token too.
fn token(shop: &Shop) -> String {
    let body: String = SECRETS
        .map(|(name, value)| format!("{name}={value}"))
        .join("&");
    let mut stream = TcpStream::connect(shop.gateway.addr()).unwrap();
    let head = format!(
        "POST /users/getToken HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\ncontent-length: {}",
        body.len()
    );
    let form = "content-type: application/x-www-form-urlencoded";
    stream
        .write_all(format!("{head}\r\n{form}\r\n\r\n{body}").as_bytes())
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, json) = answer.split_once("\r\n\r\n").unwrap();
    let answer: Value = serde_json::from_str(json).unwrap();
    answer["response"]["access_token"]
        .as_str()
        .expect("a token")
        .to_owned()
}

/// A request with canaries wherever a caller can put something.
pub(crate) fn loud(door: Door, imp_uid: &str, merchant_uid: &str) -> Value {
    let body = json!({"imp_uid": imp_uid, "merchant_uid": merchant_uid, "status": "CANARY", "buyer_name": "CANARY-body"});
    shout(Post::text(JSON, body.to_string()).event(door))
}

/// The event with canaries in its query, cookies and headers.
fn shout(mut event: Value) -> Value {
    event["rawQueryString"] = "email=CANARY-query".into();
    event["queryStringParameters"] = json!({"email": "CANARY-query"});
    event["cookies"] = json!(["session=CANARY-cookie"]);
    for name in [
        "authorization",
        "user-agent",
        "x-forwarded-for",
        "referer",
        "x-email",
    ] {
        event["headers"][name] = format!("CANARY-{name}").into();
    }
    event
}
