//! AWS behind one loopback endpoint (`AWS_ENDPOINT_URL`): routes by service, counts every call, breaks on demand.
//!
//! One endpoint for all services is what the SDK's own setting allows, so the function needs no seam for it.

mod call;
mod dynamodb;
mod fault;
mod secrets;
mod sns;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;

use crate::Error;
use crate::server::Server;
use call::{AwsCall, Service};

pub(crate) use dynamodb::embedded;
pub use fault::Fault;
pub use sns::Sms;

/// The largest body DynamoDB accepts.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// AWS on this machine: DynamoDB forwarded to a real engine, Secrets Manager and SNS answered here.
#[derive(Debug)]
pub struct Aws {
    cloud: Arc<Cloud>,
    server: Server,
}

#[derive(Debug)]
struct Cloud {
    dynamodb: dynamodb::Forward,
    secrets: Mutex<BTreeMap<String, String>>,
    sms: Mutex<Vec<Sms>>,
    calls: Mutex<BTreeMap<String, usize>>,
    faults: Mutex<Vec<Fault>>,
}

impl Aws {
    /// Listens on `address`, with the DynamoDB engine at `dynamodb` behind it.
    pub(crate) async fn start(address: SocketAddr, dynamodb: &str) -> Result<Self, Error> {
        let cloud = Arc::new(Cloud {
            dynamodb: dynamodb::Forward::to(dynamodb)?,
            secrets: Mutex::default(),
            sms: Mutex::default(),
            calls: Mutex::default(),
            faults: Mutex::default(),
        });
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&cloud));
        let server = Server::start("AWS", address, |listener| async {
            // Serving ends only with its task.
            let _ = axum::serve(listener, router).await;
        })
        .await?;
        Ok(Self { cloud, server })
    }

    /// The endpoint, for `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Stores a secret, or rotates it.
    pub fn put_secret(&self, id: &str, value: &str) {
        lock(&self.cloud.secrets).insert(id.to_owned(), value.to_owned());
    }

    /// Every text message sent so far, oldest first.
    #[must_use]
    pub fn sms_sent(&self) -> Vec<Sms> {
        lock(&self.cloud.sms).clone()
    }

    /// How often the function called this operation (`UpdateItem`, `GetSecretValue`, `Publish`, …), retries included.
    #[must_use]
    pub fn count(&self, operation: &str) -> usize {
        lock(&self.cloud.calls)
            .get(operation)
            .copied()
            .unwrap_or_default()
    }

    /// How often the function called each operation.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<String, usize> {
        lock(&self.cloud.calls).clone()
    }

    /// Forgets the calls so far.
    pub fn clear_calls(&self) {
        lock(&self.cloud.calls).clear();
    }

    /// Switches a fault on. Of several that fit a call, the oldest befalls it.
    pub fn fault(&self, fault: Fault) {
        lock(&self.cloud.faults).push(fault);
    }

    /// Switches every fault off.
    pub fn clear_faults(&self) {
        lock(&self.cloud.faults).clear();
    }
}

impl Cloud {
    async fn serve(&self, call: &AwsCall, request: Parts, body: Bytes) -> Response {
        match call.service {
            Service::DynamoDb => self.dynamodb.send(request, body).await,
            Service::SecretsManager => secrets::answer(&lock(&self.secrets), call, &body),
            Service::Sns => sns::answer(&mut lock(&self.sms), call, &body),
        }
    }

    fn fault(&self, call: &AwsCall) -> Option<Fault> {
        lock(&self.faults)
            .iter_mut()
            .find_map(|fault| fault.strikes(call).then(|| fault.clone()))
    }
}

async fn answer(State(cloud): State<Arc<Cloud>>, request: Request) -> Response {
    let (request, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return call::plain(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let Some(call) = AwsCall::read(&request.headers, &body) else {
        return call::plain(StatusCode::NOT_FOUND);
    };
    *lock(&cloud.calls)
        .entry(call.operation.clone())
        .or_default() += 1;
    let served = cloud.serve(&call, request, body);
    match cloud.fault(&call) {
        None => served.await,
        Some(fault) => fault.befall(&call, served).await,
    }
}

/// A panic elsewhere does not make these plain lists and maps any less true.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
