//! Everything the function needs around it, on loopback and real where it counts.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{Region, SdkConfig};
use aws_sdk_dynamodb::config::Credentials;
use iamport_sim::Simulator;
use payment_verifier::app::App;
use payment_verifier::config::Config;
use payment_verifier::http_client::http_client;
use serde_json::json;

use crate::aws::{self, Aws};
use crate::server::{self, Server};
use crate::{Error, Function, REGION, Table};

/// The id of the secret with the gateway's credentials.
const SECRET_ID: &str = "iamport";
/// Access key and secret key: engines want some, and verify none.
const AWS_KEY: &str = "local";

/// Where the shop's parts are; the default is free loopback ports.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address every part listens on.
    pub host: IpAddr,
    /// The gateway's port; 0 for a free one.
    pub gateway_port: u16,
    /// The port of the AWS endpoint; 0 for a free one.
    pub aws_port: u16,
    /// A running DynamoDB to use in place of the embedded one.
    pub dynamodb: Option<String>,
    /// What the table names end in.
    pub suffix: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: Ipv4Addr::LOCALHOST.into(),
            gateway_port: 0,
            aws_port: 0,
            dynamodb: None,
            suffix: uuid::Uuid::new_v4().to_string(),
        }
    }
}

/// An open shop: gateway, AWS and tables; dropping it closes it.
#[derive(Debug)]
pub struct Shop {
    /// The gateway.
    pub gateway: Simulator,
    /// AWS, as the function sees it.
    pub aws: Aws,
    /// The orders, key `merchant_uid`.
    pub orders: Table,
    /// The payments that no order took, key `merchant_uid` and `imp_uid`.
    pub unmatched: Table,
    /// The customers, key `customer_id`.
    pub customers: Table,
    dynamodb: String,
    sdk: SdkConfig,
    _engine: Option<Server>,
}

impl Shop {
    /// Opens a shop of its own on free loopback ports, with tables nobody else has.
    ///
    /// `DYNAMODB_ENDPOINT` names a running DynamoDB to use in place of the embedded one.
    ///
    /// # Errors
    /// When a part cannot start.
    pub async fn open() -> Result<Self, Error> {
        let dynamodb = std::env::var("DYNAMODB_ENDPOINT")
            .ok()
            .filter(|url| !url.is_empty());
        Self::open_with(Options {
            dynamodb,
            ..Options::default()
        })
        .await
    }

    /// Opens a shop where `options` say.
    ///
    /// # Errors
    /// When a part cannot start.
    pub async fn open_with(options: Options) -> Result<Self, Error> {
        let on = |port| SocketAddr::new(options.host, port);
        let engine = match options.dynamodb {
            Some(_) => None,
            None => Some(aws::embedded(on(0)).await?),
        };
        let dynamodb = options
            .dynamodb
            .or_else(|| engine.as_ref().map(Server::url))
            .unwrap_or_default();
        let gateway = iamport_sim::Settings {
            addr: on(options.gateway_port),
            ..Default::default()
        };
        let gateway = Simulator::start(gateway).await.map_err(Error::Gateway)?;
        let aws = Aws::start(on(options.aws_port), &dynamodb).await?;
        let sdk = sdk(&aws.url()).await?;
        let table = |kind: &str, key, index| {
            let name = format!("{kind}-{}", options.suffix);
            Table::create(direct(&sdk, &dynamodb), name, key, index)
        };
        let by_state = ("by-state", ["state", "looked_at"]);
        let shop = Self {
            gateway,
            orders: table("orders", &["merchant_uid"], None).await?,
            unmatched: table("unmatched", &["merchant_uid", "imp_uid"], Some(by_state)).await?,
            customers: table("customers", &["customer_id"], None).await?,
            aws,
            dynamodb,
            sdk,
            _engine: engine,
        };
        shop.put_credentials(&shop.gateway.imp_key(), &shop.gateway.imp_secret());
        Ok(shop)
    }

    /// Drops the tables, for an engine that outlives the shop.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn close(self) -> Result<(), Error> {
        self.orders.drop().await?;
        self.unmatched.drop().await?;
        self.customers.drop().await
    }

    /// The gateway's base URL.
    #[must_use]
    pub fn gateway_url(&self) -> String {
        server::url(self.gateway.addr())
    }

    /// The DynamoDB engine itself, behind the counting endpoint.
    #[must_use]
    pub fn dynamodb(&self) -> &str {
        &self.dynamodb
    }

    /// The function's environment: its own settings and the SDK's, for a process as for [`Shop::function`].
    #[must_use]
    pub fn environment(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("ORDERS_TABLE", self.orders.name().to_owned()),
            ("UNMATCHED_TABLE", self.unmatched.name().to_owned()),
            ("CUSTOMERS_TABLE", self.customers.name().to_owned()),
            ("IAMPORT_BASE_URL", self.gateway_url()),
            ("IAMPORT_SECRET_ID", SECRET_ID.to_owned()),
            ("VBANK_SMS", "true".to_owned()),
            ("AWS_ENDPOINT_URL", self.aws.url()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", AWS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", AWS_KEY.to_owned()),
        ])
    }

    /// The SDK's configuration, towards this shop and with the function's own retries and timeouts.
    #[must_use]
    pub fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    /// A cold function with the shop's settings: production's, and text messages on.
    ///
    /// # Errors
    /// When the function refuses the settings.
    pub fn function(&self) -> Result<Function, Error> {
        self.function_with(&[])
    }

    /// A cold function with some settings changed; an empty value takes one away.
    ///
    /// # Errors
    /// When the function refuses the settings.
    pub fn function_with(&self, changes: &[(&'static str, &str)]) -> Result<Function, Error> {
        let mut environment = self.environment();
        for (name, value) in changes {
            environment.insert(name, (*value).to_owned());
        }
        let config = Config::read(|name| environment.get(name).cloned())
            .map_err(|source| Error::Settings(source.into()))?;
        let http = http_client().map_err(|source| Error::Settings(source.into()))?;
        let app = App::new(config, http, &self.sdk);
        Ok(Function::new(app))
    }

    /// Stores credentials for the gateway in Secrets Manager, or rotates them.
    pub fn put_credentials(&self, imp_key: &str, imp_secret: &str) {
        let secret = json!({"imp_key": imp_key, "imp_secret": imp_secret});
        self.aws.put_secret(SECRET_ID, &secret.to_string());
    }
}

/// The function's own retries and timeouts, towards `endpoint` and with no account of this machine's.
async fn sdk(endpoint: &str) -> Result<SdkConfig, Error> {
    let http = http_client().map_err(|source| Error::Settings(source.into()))?;
    let loader = payment_verifier::aws::loader(http)
        .region(Region::from_static(REGION))
        .credentials_provider(Credentials::new(AWS_KEY, AWS_KEY, None, None, "local"))
        .endpoint_url(endpoint);
    Ok(loader.load().await)
}

/// The shop's own way to the engine. An engine that has just started is slow, and makes no table twice: be patient, and
/// send nothing again.
fn direct(sdk: &SdkConfig, dynamodb: &str) -> aws_sdk_dynamodb::Client {
    let config = aws_sdk_dynamodb::config::Builder::from(sdk)
        .endpoint_url(dynamodb)
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::disabled());
    aws_sdk_dynamodb::Client::from_conf(config.build())
}
