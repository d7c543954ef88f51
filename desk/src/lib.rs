//! For the people of a shop: what is known of one order, and the ledger of a day. It reads, and writes nothing.
//!
//! [`Desk`] is the gateway and the tables, by the function's own settings. [`order`] tells one order's story; [`ledger`]
//! lists ([`list`]) what the gateway has, takes it apart into [`movement`]s of money, and says for each where it is on
//! record ([`record`]). Days are Korea's ([`kst`]).

pub mod kst;
pub mod ledger;
pub mod list;
pub mod movement;
pub mod order;
pub mod record;

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use payment_verifier::aws::CallError;
use payment_verifier::config::{Config, ConfigError};
use payment_verifier::dynamodb::{Item, Table, text};
use payment_verifier::gateway::credentials::Secret;
use payment_verifier::gateway::{GatewayError, Iamport};
use payment_verifier::log::Chain;
use payment_verifier::payment::{MerchantUid, Payment, PaymentIds};
use payment_verifier::retry::Retry;
use tokio::time::Instant;

/// One call may take so long, all its tries included.
const ONE_CALL: Duration = Duration::from_secs(30);

/// What kept the desk from answering.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// A setting of the function is missing or malformed.
    #[error(transparent)]
    Setting(#[from] ConfigError),
    /// What was asked for makes no sense; it says why.
    #[error("{0}")]
    Asked(String),
    /// There is no trust store that can be read.
    #[error("no HTTP client: {}", Chain(.0))]
    Http(#[from] reqwest::Error),
    /// The gateway did not answer as it should.
    #[error("the gateway did not give an answer: {}", Chain(.0))]
    Gateway(#[from] GatewayError),
    /// A table cannot be read.
    #[error("DynamoDB did not give the {0}: {1}")]
    Table(&'static str, CallError),
}

/// The gateway and the tables, as the function sees them.
#[derive(Debug)]
pub struct Desk {
    config: Config,
    iamport: Iamport,
    orders: Table,
    dynamodb: Client,
    retry: Retry,
}

impl Desk {
    /// Builds the clients; asks nothing yet. The gateway is reached through `http`, AWS as `aws` says.
    #[must_use]
    pub fn new(config: Config, http: reqwest::Client, aws: &SdkConfig) -> Self {
        let dynamodb = Client::new(aws);
        let secrets = aws_sdk_secretsmanager::Client::new(aws);
        let secret = Secret::new(secrets, config.iamport_secret_id.clone());
        Self {
            iamport: Iamport::new(http, &config.iamport_base_url, config.allow_sandbox, secret),
            orders: Table::new(dynamodb.clone(), config.orders_table.clone()),
            dynamodb,
            retry: Retry::default(),
            config,
        }
    }

    /// Whether a payment is one of the shop's, and one that moves money: no test, no mere card registration.
    fn counts(&self, payment: &Payment, ids: &PaymentIds) -> bool {
        let ours = ids
            .merchant_uid()
            .starts_with(&self.config.merchant_uid_prefix);
        let (sandbox, billing) = (
            self.config.allow_sandbox,
            &self.config.billing_issue_charges,
        );
        ours && payment.screen(ids, sandbox, billing).is_ok()
    }

    /// The order's row.
    async fn row(&self, order: &MerchantUid) -> Result<Option<Item>, DeskError> {
        let row = self.orders.get(("merchant_uid", order.as_str())).await;
        row.map_err(|error| DeskError::Table("order", error))
    }

    /// The unmatched payments of an order.
    async fn unmatched(&self, order: &MerchantUid) -> Result<Vec<Item>, DeskError> {
        let request = self
            .dynamodb
            .query()
            .table_name(&self.config.unmatched_table)
            .consistent_read(true)
            .key_condition_expression("merchant_uid = :order")
            .expression_attribute_values(":order", text(order.as_str()));
        let (mut items, mut from) = (Vec::new(), None);
        loop {
            let request = request.clone().set_exclusive_start_key(from);
            let once = || async { request.clone().send().await.map_err(CallError::from) };
            let page = self.retry.run(None, once).await;
            let page = page.map_err(|error| DeskError::Table("unmatched payments", error))?;
            items.extend(page.items.unwrap_or_default());
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }
}

/// When a call has to have ended that begins now.
fn soon() -> Instant {
    Instant::now() + ONE_CALL
}
