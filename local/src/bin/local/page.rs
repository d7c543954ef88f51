//! The shop's page at `/`: a checkout to copy, what the customer does, and what became true, live. None of it is on AWS.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt::Display;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::{Stream, stream};
use iamport_sim::{Simulator, WebhookTarget};
use local::{Shop, Table};
use serde_json::{Value, json};
use tokio::sync::watch;
use tracing_subscriber::fmt::MakeWriter;

/// Log lines that are kept, and those that the page shows.
const KEPT: usize = 2000;
const SHOWN: usize = 30;
/// What the page's orders are called; the tour's and the samples' are not its business.
const PREFIX: &str = "order-";

/// The function's last log lines. Whatever it does, it logs: each line is a change to look at.
#[derive(Clone)]
pub(crate) struct Lines {
    kept: Arc<Mutex<VecDeque<String>>>,
    changed: watch::Sender<()>,
}

impl Lines {
    pub(crate) fn new() -> Self {
        Self {
            kept: Arc::default(),
            changed: watch::Sender::new(()),
        }
    }

    fn last(&self) -> Vec<String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().take(SHOWN).cloned().collect()
    }

    /// Those that have this text, the oldest first.
    pub(crate) fn about(&self, text: &str) -> Vec<String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let about = kept.iter().rev().filter(|line| line.contains(text));
        about.cloned().collect()
    }
}

/// One line a write, as tracing's formatter does it; the latest first.
impl io::Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front(String::from_utf8_lossy(line).trim_end().to_owned());
        kept.truncate(KEPT);
        self.changed.send_replace(());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// What the page needs of the shop.
#[derive(Clone)]
struct Shared {
    gateway: Simulator,
    gateway_url: String,
    orders: Table,
    unmatched: Table,
    lines: Lines,
}

type Refusal = (StatusCode, String);

/// The page and what it asks for.
pub(crate) fn routes(shop: &Shop, lines: Lines) -> Router {
    let shared = Shared {
        gateway: shop.gateway.clone(),
        gateway_url: shop.gateway_url(),
        orders: shop.orders.clone(),
        unmatched: shop.unmatched.clone(),
        lines,
    };
    let script = |text: &'static str| {
        get(move || async move {
            (
                [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")],
                text,
            )
        })
    };
    Router::new()
        .route("/", get(page))
        .route(
            "/local/checkout.js",
            script(include_str!("page/checkout.js")),
        )
        .route("/local/shop.js", script(include_str!("page/shop.js")))
        .route("/local/state", get(state))
        .route("/local/changes", get(changes))
        .route("/local/orders", post(order))
        .route("/local/deposit", post(deposit))
        .route("/local/refund", post(refund))
        .route("/local/webhooks", post(webhooks))
        .with_state(shared)
}

async fn page(State(shop): State<Shared>) -> Html<String> {
    Html(include_str!("page/shop.html").replace("{{gateway}}", &shop.gateway_url))
}

/// The page's orders, the unmatched payments for them, and the last log lines.
async fn state(State(shop): State<Shared>) -> Result<Json<Value>, Refusal> {
    let own = |mut rows: Vec<Value>| {
        let is_own = |row: &Value| {
            let order = row["merchant_uid"].as_str().unwrap_or_default();
            order.starts_with(PREFIX)
        };
        rows.retain(is_own);
        rows.sort_by_key(|row| row["merchant_uid"].to_string());
        rows
    };
    let orders = own(shop.orders.rows().await.map_err(failed)?);
    let unmatched = own(shop.unmatched.rows().await.map_err(failed)?);
    Ok(Json(json!({
        "orders": orders, "unmatched": unmatched, "lines": shop.lines.last(),
    })))
}

/// An event at once, and one after every change.
async fn changes(State(shop): State<Shared>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut changed = shop.lines.changed.subscribe();
    changed.mark_changed();
    let events = stream::unfold(changed, |mut changed| async {
        changed.changed().await.ok()?;
        Some((Ok(Event::default().data("changed")), changed))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// A new order over so much.
async fn order(
    State(shop): State<Shared>,
    Json(asked): Json<Value>,
) -> Result<impl IntoResponse, Refusal> {
    let name = format!("{PREFIX}{}", uuid::Uuid::new_v4().simple());
    let row = json!({
        "merchant_uid": name[..PREFIX.len() + 8], "amount": asked["amount"],
        "customer_id": "customer-1", "phone": "010-1234-5678",
    });
    shop.orders.put(row).await.map_err(failed)?;
    shop.lines.changed.send_replace(());
    Ok(StatusCode::NO_CONTENT)
}

async fn deposit(
    State(shop): State<Shared>,
    Json(asked): Json<Value>,
) -> Result<StatusCode, Refusal> {
    let imp_uid = asked["imp_uid"].as_str().unwrap_or_default();
    shop.gateway.deposit(imp_uid).map_err(failed)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn refund(
    State(shop): State<Shared>,
    Json(asked): Json<Value>,
) -> Result<StatusCode, Refusal> {
    let imp_uid = asked["imp_uid"].as_str().unwrap_or_default();
    shop.gateway.cancel(imp_uid, None).map_err(failed)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Webhooks are lost, or come to where the page is.
async fn webhooks(
    State(shop): State<Shared>,
    headers: HeaderMap,
    Json(asked): Json<Value>,
) -> Result<StatusCode, Refusal> {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let url = format!("http://{}/payments/webhook", host.unwrap_or_default());
    let target = WebhookTarget {
        automatic: asked["lost"] != true,
        ..WebhookTarget::form(url)
    };
    shop.gateway.set_webhook(target).map_err(failed)?;
    Ok(StatusCode::NO_CONTENT)
}

fn failed(error: impl Display) -> Refusal {
    (StatusCode::CONFLICT, error.to_string())
}
