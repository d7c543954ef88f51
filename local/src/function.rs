//! The function in a Lambda environment, invoked as the service would.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::primitives::{DateTime, DateTimeFormat};
use axum::body::Bytes;
use axum::http::{Request, Response};
use lambda_http::{Context, LambdaEvent};
use payment_verifier::app::App;
use serde_json::{Value, json};

use crate::event::{Door, JSON, Post};
use crate::lambda::{SWEEP_TIMEOUT, TIMEOUT};
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

    /// The shop's page, or the browser on its way back, names an order and no payment.
    pub async fn complete_order(&self, merchant_uid: &str) -> Answer {
        let body = json!({"imp_uid": null, "merchant_uid": merchant_uid});
        let post = Post::text(JSON, body.to_string());
        self.invoke(post.event(Door::Page)).await.into()
    }

    /// The browser comes back from the payment window, with this query.
    pub async fn redirect(&self, query: &str) -> Answer {
        let path = format!("/payments/redirect?{query}");
        self.invoke(event::request("GET", &path)).await.into()
    }

    /// The shop's page is about to open the payment window.
    pub async fn prepare(&self, merchant_uid: &str) -> Answer {
        let body = json!({"merchant_uid": merchant_uid});
        let post = Post::text(JSON, body.to_string());
        self.invoke(post.sent("POST", "/payments/prepare"))
            .await
            .into()
    }

    /// Iamport is about to approve a payment of this amount, a number in JSON.
    pub async fn confirm(&self, imp_uid: &str, merchant_uid: &str, amount: &str) -> Answer {
        let ids = json!({"imp_uid": imp_uid, "merchant_uid": merchant_uid}).to_string();
        let body = format!(r#"{},"amount":{amount}}}"#, ids.trim_end_matches('}'));
        let post = Post::text(JSON, body);
        self.invoke(post.sent("POST", "/payments/confirm"))
            .await
            .into()
    }

    /// An HTTP request in, an HTTP response out, as API Gateway puts them through.
    pub async fn serve(&self, request: Request<Bytes>, source_ip: IpAddr) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        self.invoke(event::event(&head, &body, source_ip)).await
    }

    /// Any event of API Gateway's; a panic, an error or a timeout is its 500.
    pub async fn invoke(&self, event: Value) -> Response<Bytes> {
        let answer = self.handle(event, TIMEOUT).await;
        answer.map_or_else(
            |_| event::internal_server_error(),
            |answer| event::response(&answer),
        )
    }

    /// The scheduler's event, with what a sweep is given in time; its summary, or why the invocation failed.
    ///
    /// # Errors
    /// As the function says it.
    pub async fn sweep(&self, event: Value) -> Result<Value, String> {
        self.handle(event, SWEEP_TIMEOUT).await
    }

    /// The same under an id of one's own, as Lambda repeats an invocation under the id that it had.
    ///
    /// # Errors
    /// As the function says it.
    pub async fn sweep_as(&self, request_id: &str, event: Value) -> Result<Value, String> {
        let mut context = context(SWEEP_TIMEOUT);
        request_id.clone_into(&mut context.request_id);
        self.run(event, SWEEP_TIMEOUT, context).await
    }

    /// A sweep over the last so many minutes, up to now.
    ///
    /// # Errors
    /// As the function says it.
    pub async fn sweep_last(&self, minutes: u32, now: i64) -> Result<Value, String> {
        let until = DateTime::from_secs(now).fmt(DateTimeFormat::DateTime);
        let until = until.map_err(|error| error.to_string())?;
        self.sweep(json!({"sweep": {"minutes": minutes, "until": until}}))
            .await
    }

    async fn handle(&self, event: Value, timeout: Duration) -> Result<Value, String> {
        self.run(event, timeout, context(timeout)).await
    }

    /// Like Lambda's, the invocation runs on when the caller hangs up.
    async fn run(
        &self,
        event: Value,
        timeout: Duration,
        context: Context,
    ) -> Result<Value, String> {
        let app = Arc::clone(&self.app);
        let invocation = tokio::spawn(async move {
            let event =
                serde_json::value::to_raw_value(&event).map_err(|error| error.to_string())?;
            let handling = app.handle(LambdaEvent::new(event, context));
            let handled = tokio::time::timeout(timeout, handling).await;
            let response = handled
                .map_err(|_| "the invocation took too long".to_owned())?
                .map_err(|error| error.to_string())?;
            serde_json::to_value(response).map_err(|error| error.to_string())
        });
        invocation.await.map_err(|error| error.to_string())?
    }
}

fn context(timeout: Duration) -> Context {
    let deadline = SystemTime::now() + timeout;
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut context = Context::default();
    context.request_id = uuid::Uuid::new_v4().to_string();
    context.deadline = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
    context
}
