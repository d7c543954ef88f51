//! What `make sweep`, `make unmatched`, `make order` and `make ledger` ask the running shop for: `/local/…`, where no route of the function's begins. None of it is on AWS, where the HTTP API has the function's routes
//! alone: a sweep is the scheduler's event there.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{Display, Write};

use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use iamport_sim::Simulator;
use local::{Function, Shop, Table};
use serde_json::{Value, json};

use crate::page::Lines;

/// What the control side needs of the shop.
#[derive(Clone)]
struct Shared {
    function: Function,
    gateway: Simulator,
    unmatched: Table,
    environment: BTreeMap<&'static str, String>,
    lines: Lines,
}

type Refusal = (StatusCode, String);

/// The control side of an open shop.
pub(crate) fn routes(shop: &Shop, function: Function, lines: Lines) -> Router {
    let shared = Shared {
        function,
        gateway: shop.gateway.clone(),
        unmatched: shop.unmatched.clone(),
        environment: shop.environment(),
        lines,
    };
    Router::new()
        .route("/local/sweep", post(sweep))
        .route("/local/environment", get(environment))
        .route("/local/log", get(log))
        .route("/local/unmatched", get(list))
        .route("/local/unmatched/{imp_uid}/close", post(close))
        .with_state(shared)
}

/// A sweep over the last `minutes` (20), up to now.
async fn sweep(
    State(shop): State<Shared>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Value>, Refusal> {
    let minutes = query.get("minutes").map_or("20", String::as_str);
    let minutes = minutes
        .parse()
        .map_err(|error| (StatusCode::BAD_REQUEST, format!("minutes: {error}\n")))?;
    let swept = shop.function.sweep_last(minutes, shop.gateway.now()).await;
    swept.map(Json).map_err(failed)
}

/// The function's environment, for a program that is to see what it sees: `NAME=value` lines.
async fn environment(State(shop): State<Shared>) -> String {
    let mut lines = String::new();
    for (name, value) in &shop.environment {
        // A string takes everything.
        let _ = writeln!(lines, "{name}={value}");
    }
    lines
}

/// The function's last log lines about an order.
async fn log(
    State(shop): State<Shared>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<String, Refusal> {
    let order = query.get("merchant_uid").filter(|name| !name.is_empty());
    let order = order.ok_or((
        StatusCode::BAD_REQUEST,
        "merchant_uid= is whose\n".to_owned(),
    ))?;
    let lines = shop.lines.about(&format!("merchant_uid={order:?}"));
    Ok(lines
        .iter()
        .fold(String::new(), |lines, line| lines + line + "\n"))
}

/// Every unmatched payment in a line of its own, the open ones first.
async fn list(State(shop): State<Shared>) -> Result<String, Refusal> {
    let mut rows = rows(&shop).await?;
    if rows.is_empty() {
        return Ok("no unmatched payments\n".to_owned());
    }
    rows.sort_by_key(|row| row["state"] != "open");
    let mut lines = String::new();
    for row in rows {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let (imp_uid, merchant_uid) = (text("imp_uid"), text("merchant_uid"));
        let (state, reason, note) = (text("state"), text("reason"), text("note"));
        let money = format!(
            "{} {}, {} cancelled",
            row["amount"],
            text("currency"),
            row["cancel_amount"]
        );
        let line =
            format!("{state:8}  {imp_uid:26}  {merchant_uid:24}  {reason:16}  {money}  {note}");
        // A string takes everything.
        let _ = writeln!(lines, "{}", line.trim_end());
    }
    Ok(lines)
}

/// Closes an open payment, with the `note` of whoever closes it.
async fn close(
    State(shop): State<Shared>,
    Path(imp_uid): Path<String>,
    Form(form): Form<HashMap<String, String>>,
) -> Result<String, Refusal> {
    let note = form.get("note").filter(|note| !note.trim().is_empty());
    let note = note.ok_or((StatusCode::BAD_REQUEST, "NOTE= says why\n".to_owned()))?;
    for row in rows(&shop).await? {
        let Some(merchant_uid) = row["merchant_uid"].as_str() else {
            continue;
        };
        if row["imp_uid"] != imp_uid.as_str() {
            continue;
        }
        let key = [merchant_uid, &imp_uid];
        let closed = json!({"state": "closed", "note": note});
        let is_open = ("state", "open");
        if shop
            .unmatched
            .edit_if(key, closed, is_open)
            .await
            .map_err(failed)?
        {
            return Ok(format!("closed {imp_uid} of {merchant_uid}: {note}\n"));
        }
    }
    let unknown = format!("{imp_uid} is not among the open payments\n");
    Err((StatusCode::NOT_FOUND, unknown))
}

async fn rows(shop: &Shared) -> Result<Vec<Value>, Refusal> {
    shop.unmatched.rows().await.map_err(failed)
}

fn failed(error: impl Display) -> Refusal {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n"))
}
