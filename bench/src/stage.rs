//! What every contestant plays against: the local shop, and a hop with TLS in front of each of its parts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use hyper::Uri;
use hyper::header::HeaderValue;
use local::event::{Door, Post};
use local::{Options, Shop};
use serde_json::{Value, json};

use crate::Result;
use crate::hop::Hop;
use crate::item;
use crate::tls::Authority;
use crate::workspace::Workspace;

/// What the gateway takes.
pub(crate) const GATEWAY: Duration = Duration::from_millis(40);
/// What DynamoDB and Secrets Manager take.
pub(crate) const AWS: Duration = Duration::from_millis(5);
/// The table of Powertools' idempotency.
const IDEMPOTENCY: &str = "idempotency";

/// What a browser and the platform send along.
const HEADERS: [(&str, &str); 11] = [
    ("accept", "application/json, text/plain, */*"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("accept-language", "ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7"),
    (
        "host",
        "abcdefghij.execute-api.ap-northeast-2.amazonaws.com",
    ),
    ("origin", "https://shop.example.com"),
    ("referer", "https://shop.example.com/checkout"),
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    ),
    (
        "x-amzn-trace-id",
        "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700",
    ),
    ("x-forwarded-for", "203.0.113.7"),
    ("x-forwarded-port", "443"),
    ("x-forwarded-proto", "https"),
];

/// The stubs, open.
pub(crate) struct Stage {
    pub(crate) shop: Shop,
    pub(crate) gateway: Hop,
    pub(crate) aws: Hop,
    authority: Authority,
    sold: AtomicU64,
}

/// A payment at the gateway for an order in the table. All ids are of the same length, so requests are, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sale {
    pub(crate) imp_uid: String,
    pub(crate) merchant_uid: String,
}

impl Stage {
    /// Opens the shop and the hops; on the embedded engine, or on one that runs already.
    pub(crate) async fn open(workspace: &Workspace, dynamodb: Option<String>) -> Result<Self> {
        let shop = Shop::open_with(Options {
            dynamodb,
            ..Options::default()
        })
        .await?;
        // Of its own: another stage may be open.
        let files = workspace.scratch.join(shop.orders.name());
        std::fs::create_dir_all(&files)?;
        let authority = Authority::new(&files)?;
        let gateway: Uri = shop.gateway_url().parse()?;
        let gateway = Hop::open(&authority, move |_| gateway.clone()).await?;
        // Straight to the engine: the shop's own counting endpoint would cost CPU for nothing.
        let (engine, others): (Uri, Uri) = (shop.dynamodb().parse()?, shop.aws.url().parse()?);
        let aws = Hop::open(&authority, move |headers| {
            let target = headers.get("x-amz-target").map(HeaderValue::as_bytes);
            match target {
                Some(target) if target.starts_with(b"DynamoDB_") => engine.clone(),
                _ => others.clone(),
            }
        })
        .await?;
        Ok(Self {
            shop,
            gateway,
            aws,
            authority,
            sold: AtomicU64::new(0),
        })
    }

    /// Drops the tables: the engine may outlive the stage.
    pub(crate) async fn close(self) -> Result<()> {
        Ok(self.shop.close().await?)
    }

    /// The authority's certificate.
    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The hops take what they take in Seoul, or nothing.
    pub(crate) fn set_latency(&self, real: bool) {
        let or_none = |latency| if real { latency } else { Duration::ZERO };
        self.gateway.set_latency(or_none(GATEWAY));
        self.aws.set_latency(or_none(AWS));
    }

    /// The environment of every contestant: each takes from it what it knows.
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let path = |path: &std::path::Path| path.display().to_string();
        let mut environment: BTreeMap<_, _> = self
            .shop
            .environment()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let ours = [
            ("IAMPORT_BASE_URL", self.gateway.url.clone()),
            ("AWS_ENDPOINT_URL", self.aws.url.clone()),
            ("SSL_CERT_FILE", path(&self.authority.bundle)),
            ("NODE_EXTRA_CA_CERTS", path(&self.authority.alone)),
            ("NODE_ENV", "production".to_owned()),
            ("IDEMPOTENCY_TABLE", IDEMPOTENCY.to_owned()),
            ("AWS_LAMBDA_FUNCTION_NAME", "bench".to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128".to_owned()),
            ("PATH", std::env::var("PATH").unwrap_or_default()),
        ];
        environment.extend(ours.map(|(name, value)| (name.to_owned(), value)));
        environment
    }

    /// Puts an order of about `size` bytes into the table, and a card payment for it into the gateway.
    pub(crate) async fn sell(&self, size: usize) -> Result<Sale> {
        let number = self.sold.fetch_add(1, Ordering::Relaxed);
        let sale = Sale {
            imp_uid: format!("imp_{number:012}"),
            merchant_uid: format!("ORD-20261122-{number:08}"),
        };
        self.shop.orders.put(sale.order(size)).await?;
        let payment = json!({
            "imp_uid": sale.imp_uid, "merchant_uid": sale.merchant_uid, "amount": 15000, "status": "paid",
            // Spares the gateway a look through all payments for another one of this order.
            "$force": true,
            "name": "검은 티셔츠 L", "buyer_name": "구매자", "buyer_email": "buyer@example.com", "buyer_tel": "010-1234-5678",
        });
        self.shop.gateway.create(payment.to_string())?;
        Ok(sale)
    }

    /// The order is again as it was sold, and knows no payment.
    pub(crate) async fn forget(&self, sale: &Sale) -> Result<()> {
        Ok(self.shop.orders.put(sale.order(0)).await?)
    }

    /// The order's row says that this payment paid it.
    pub(crate) async fn check(&self, sale: &Sale) -> Result<()> {
        let row = self.shop.orders.get(&sale.merchant_uid).await?;
        if row["payment_status"] == "paid" && row["imp_uid"] == sale.imp_uid {
            return Ok(());
        }
        Err(format!("the row of {} is wrong: {row}", sale.merchant_uid).into())
    }

    /// The size of an order's row.
    pub(crate) async fn row_bytes(&self, sale: &Sale) -> Result<usize> {
        let item = self.shop.orders.item(&sale.merchant_uid).await?;
        Ok(item.as_ref().map_or(0, item::size))
    }

    /// Forgets what the stubs keep for tests, so that a long run does not grow.
    pub(crate) fn tidy(&self) {
        self.shop.gateway.clear_calls();
        self.shop.aws.clear_calls();
    }

    /// Makes the table of Powertools' idempotency.
    pub(crate) async fn make_idempotency_table(&self) -> Result<()> {
        let config = aws_sdk_dynamodb::config::Builder::from(self.shop.sdk())
            .endpoint_url(self.shop.dynamodb())
            .build();
        let definition = AttributeDefinition::builder()
            .attribute_name("id")
            .attribute_type(ScalarAttributeType::S)
            .build()?;
        let key = KeySchemaElement::builder()
            .attribute_name("id")
            .key_type(KeyType::Hash)
            .build()?;
        aws_sdk_dynamodb::Client::from_conf(config)
            .create_table()
            .table_name(IDEMPOTENCY)
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(definition)
            .key_schema(key)
            .send()
            .await?;
        Ok(())
    }
}

impl Sale {
    /// The order's row as the shop writes it, of about `size` bytes.
    fn order(&self, size: usize) -> Value {
        // A cart with as many lines as it takes.
        let line = json!({"sku": "TSHIRT-BLACK-L", "name": "검은 티셔츠 L", "quantity": 1, "price": 15000});
        json!({
            "merchant_uid": self.merchant_uid, "amount": 15000, "customer_id": "customer-1", "phone": "010-1234-5678",
            "lines": vec![line; (size / 85).max(1)],
        })
    }

    /// What the shop's page sends.
    pub(crate) fn body(&self) -> Value {
        json!({"imp_uid": self.imp_uid, "merchant_uid": self.merchant_uid})
    }

    /// The same as API Gateway hands it to a function, with the headers that a browser and the platform send.
    pub(crate) fn event(&self) -> Value {
        let mut event = Post::ids(&self.imp_uid, &self.merchant_uid).event(Door::Page);
        for (name, value) in HEADERS {
            event["headers"][name] = value.into();
        }
        event
    }
}
