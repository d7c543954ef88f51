//! The library's own errors, in every trouble: neither `Display` nor `Debug` has a canary in it.

use std::error::Error;
use std::time::Duration;

use local::Shop;
use payment_verifier::config::Config;
use payment_verifier::customers::Customers;
use payment_verifier::dynamodb::Table;
use payment_verifier::gateway::Iamport;
use payment_verifier::gateway::credentials::Secret;
use payment_verifier::http_client::http_client;
use payment_verifier::log::Chain;
use payment_verifier::orders::Orders;
use payment_verifier::payment::PaymentIds;
use payment_verifier::unmatched::Unmatched;
use payment_verifier::vbank_notice::Notices;
use payment_verifier::verify::{Asked, Caller, Request, Verifier};
use serde_json::json;
use tokio::time::Instant;

use crate::canaries::{self, Nose};
use crate::gateway_troubles;
use crate::scripted_aws::{self, REQUEST_ID, ScriptedAws};

const KEY: &str = "CANARY-imp-key";
const SECRET: &str = "CANARY-imp-secret";

/// What one request comes to, as an error says it in every way; nothing if it went well.
async fn errors(verifier: &Verifier, imp_uid: &str) -> Option<[String; 3]> {
    fn said(error: &(impl Error + 'static)) -> [String; 3] {
        [
            error.to_string(),
            format!("{error:?}"),
            Chain(error).to_string(),
        ]
    }
    let request = Request {
        caller: Caller::Webhook,
        asked: Asked::Payment(PaymentIds::new(imp_uid.to_owned(), "ORD-1".to_owned()).unwrap()),
        request_id: REQUEST_ID,
        deadline: Instant::now() + Duration::from_secs(9),
    };
    match verifier.answer(&request).await {
        Ok(found) => found.notice_error.as_ref().map(said),
        Err(error) => Some(said(&error)),
    }
}

/// The function's parts, with DynamoDB, SNS and Secrets Manager each where it should be.
fn verifier(shop: &Shop, dynamodb: &str, secrets: &str) -> Verifier {
    let environment = shop.environment();
    let config = Config::read(|name| environment.get(name).cloned()).unwrap();
    let at = |url: &str| shop.sdk().to_builder().endpoint_url(url).build();
    let secret = Secret::new(
        aws_sdk_secretsmanager::Client::new(&at(secrets)),
        config.iamport_secret_id.clone(),
    );
    let tables = aws_sdk_dynamodb::Client::new(&at(dynamodb));
    let table = |name: &str| Table::new(tables.clone(), name.to_owned());
    let customers = Customers::new(table("customers"));
    Verifier {
        allow_sandbox: false,
        billing_issue_charges: Vec::new(),
        merchant_uid_prefix: String::new(),
        iamport: Iamport::new(
            http_client().unwrap(),
            &config.iamport_base_url,
            false,
            secret,
        ),
        orders: Orders::new(table(&config.orders_table)),
        unmatched: Unmatched::new(table(&config.unmatched_table)),
        notices: Notices::new(
            Some(customers),
            Some(aws_sdk_sns::Client::new(&at(dynamodb))),
        ),
    }
}

async fn shop() -> Shop {
    let shop = Shop::open().await.unwrap();
    shop.gateway.rotate_credentials(KEY, SECRET);
    shop.put_credentials(KEY, SECRET);
    for (imp_uid, status) in [("imp_0", "paid"), ("imp_1", "ready")] {
        let more = json!({"status": status, "pay_method": "vbank", "started_at": 1_700_000_000});
        shop.gateway
            .create(canaries::payment(imp_uid, "ORD-1", &more))
            .unwrap();
    }
    shop
}

/// Collects every hit before it fails, so that one run shows them all.
#[derive(Default)]
struct Hits {
    errors: usize,
    found: Vec<String>,
}

impl Hits {
    fn look(&mut self, nose: &Nose, trouble: &str, said: Option<[String; 3]>) {
        let Some(said) = said else { return };
        self.errors += 1;
        for (way, text) in ["Display", "Debug", "Chain"].into_iter().zip(said) {
            self.found.extend(
                nose.smells(&text)
                    .map(|hit| format!("{trouble}, {way}: {hit}")),
            );
        }
    }

    fn assert_none(&self) {
        assert!(self.errors > 0, "no error to look at");
        assert!(
            self.found.is_empty(),
            "{} hits in {} errors:\n{}",
            self.found.len(),
            self.errors,
            self.found.join("\n")
        );
    }
}

#[tokio::test]
async fn no_error_of_the_gateway_shows_a_canary() {
    let shop = shop().await;
    let verifier = verifier(&shop, &shop.aws.url(), &shop.aws.url());
    let echo = format!("Bearer CANARY-token {KEY} {SECRET}");
    let mut hits = Hits::default();
    for (name, faults) in gateway_troubles::at_the_gateway(&echo) {
        shop.gateway.clear_faults();
        for fault in faults {
            shop.gateway.fault(fault);
        }
        hits.look(&Nose::new(&[]), name, errors(&verifier, "imp_0").await);
    }
    hits.assert_none();
}

#[tokio::test]
async fn no_error_of_aws_shows_a_canary() {
    let shop = shop().await;
    let aws = ScriptedAws::open();
    let mut hits = Hits::default();
    let working = verifier(&shop, &aws.url(), &shop.aws.url());
    for (name, script) in scripted_aws::at_dynamodb()
        .into_iter()
        .chain(scripted_aws::at_sns())
    {
        for imp_uid in ["imp_0", "imp_1"] {
            aws.says(&script);
            hits.look(&Nose::new(&[]), name, errors(&working, imp_uid).await);
        }
    }
    for (name, script) in scripted_aws::at_secrets_manager("CANARY-secret") {
        aws.says(&script);
        let cold = verifier(&shop, &shop.aws.url(), &aws.url());
        hits.look(&Nose::new(&[]), name, errors(&cold, "imp_0").await);
    }
    hits.assert_none();
}

#[test]
fn no_error_of_a_setting_shows_a_canary() {
    for (name, value) in [
        ("IAMPORT_BASE_URL", "https://CANARY@x"),
        ("ALLOW_SANDBOX", "CANARY"),
        ("VBANK_SMS", "CANARY"),
    ] {
        let error = Config::read(|asked| {
            (asked == name)
                .then(|| value.to_owned())
                .or(Some("CANARY".to_owned()))
        })
        .unwrap_err();
        Nose::new(&[]).assert_clean(name, &format!("{error} {error:?}"));
    }
}

#[tokio::test]
async fn the_function_itself_shows_no_canary() {
    let shop = shop().await;
    let verifier = verifier(&shop, &shop.aws.url(), &shop.aws.url());
    // It holds credentials and a token from here on.
    shop.orders
        .put(json!({"merchant_uid": "ORD-1", "amount": canaries::AMOUNT}))
        .await
        .unwrap();
    assert_eq!(errors(&verifier, "imp_0").await, None);
    Nose::new(&[]).assert_clean("Debug", &format!("{:?}", verifier.iamport));
}
