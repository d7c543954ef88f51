//! The function in a Lambda environment, invoked as the service would.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::http::{Request, Response};
use lambda_http::{Context, LambdaEvent};
use payment_verifier::app::App;
use serde_json::{Value, json};

use crate::event::{Door, JSON, Post};
use crate::lambda::TIMEOUT;
use crate::{Answer, event};

/// One environment of the function, cold until [`Function::warm`] or its first request.
///
/// Clones share it.
#[derive(Clone)]
pub struct Function {
    app: Arc<App>,
}

impl Function {
    /// Puts the function into an environment.
    #[must_use]
    pub fn new(app: App) -> Self {
        Self { app: Arc::new(app) }
    }

    /// What Lambda's init phase does before the first request.
    pub async fn warm(&self) {
        self.app.warm().await;
    }

    /// Somebody tells it about a payment, in JSON; a webhook adds a status that proves nothing.
    pub async fn tell(&self, door: Door, imp_uid: &str, merchant_uid: &str) -> Answer {
        let mut body = json!({"imp_uid": imp_uid, "merchant_uid": merchant_uid});
        if door == Door::Webhook {
            body["status"] = "paid".into();
        }
        let post = Post::text(JSON, body.to_string());
        self.invoke(post.event(door)).await.into()
    }

    /// The shop's page tells it about a payment.
    pub async fn complete(&self, imp_uid: &str, merchant_uid: &str) -> Answer {
        self.tell(Door::Page, imp_uid, merchant_uid).await
    }

    /// Iamport tells it about a payment.
    pub async fn webhook(&self, imp_uid: &str, merchant_uid: &str) -> Answer {
        self.tell(Door::Webhook, imp_uid, merchant_uid).await
    }

    /// An HTTP request in, an HTTP response out, as API Gateway puts them through.
    pub async fn serve(&self, request: Request<Bytes>, source_ip: IpAddr) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        self.invoke(event::event(&head, &body, source_ip)).await
    }

    /// Any event; a panic or a timeout is API Gateway's 500.
    ///
    /// Like Lambda's, the invocation runs on when the caller hangs up.
    pub async fn invoke(&self, event: Value) -> Response<Bytes> {
        let app = Arc::clone(&self.app);
        let invocation = tokio::spawn(async move {
            let event = serde_json::value::to_raw_value(&event).ok()?;
            let answering = app.handle(LambdaEvent::new(event, context()));
            let answer = tokio::time::timeout(TIMEOUT, answering).await.ok()?;
            serde_json::to_value(answer).ok()
        });
        match invocation.await {
            Ok(Some(answer)) => event::response(&answer),
            Ok(None) | Err(_) => event::internal_server_error(),
        }
    }
}

fn context() -> Context {
    let deadline = SystemTime::now() + TIMEOUT;
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut context = Context::default();
    context.request_id = uuid::Uuid::new_v4().to_string();
    context.deadline = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
    context
}
