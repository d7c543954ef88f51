//! The guide's flow as an ordinary Rust function: clients made once, the secret and a token asked for each time, the
//! order read, compared and written.

use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::{Body, Error, Request, Response, run, service_fn, tracing};
use serde::Deserialize;
use serde_json::json;

struct Clients {
    dynamodb: aws_sdk_dynamodb::Client,
    secrets: aws_sdk_secretsmanager::Client,
    http: reqwest::Client,
    gateway: String,
    secret_id: String,
    orders: String,
}

#[derive(Deserialize)]
struct Ids {
    imp_uid: String,
    merchant_uid: String,
}

#[derive(Deserialize)]
struct Envelope<T> {
    response: T,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

#[derive(Deserialize)]
struct Payment {
    merchant_uid: String,
    amount: serde_json::Number,
    status: String,
    pay_method: Option<String>,
    pg_provider: Option<String>,
    pg_tid: Option<String>,
    paid_at: Option<i64>,
    receipt_url: Option<String>,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let config = aws_config::load_from_env().await;
    let clients = Clients {
        dynamodb: aws_sdk_dynamodb::Client::new(&config),
        secrets: aws_sdk_secretsmanager::Client::new(&config),
        http: reqwest::Client::new(),
        gateway: std::env::var("IAMPORT_BASE_URL")?,
        secret_id: std::env::var("IAMPORT_SECRET_ID")?,
        orders: std::env::var("ORDERS_TABLE")?,
    };
    run(service_fn(|request| verify(&clients, request))).await
}

async fn verify(clients: &Clients, request: Request) -> Result<Response<Body>, Error> {
    let ids: Ids = serde_json::from_slice(request.body())?;

    let secret = clients
        .secrets
        .get_secret_value()
        .secret_id(&clients.secret_id)
        .send()
        .await?;
    let credentials: serde_json::Value =
        serde_json::from_str(secret.secret_string().unwrap_or_default())?;
    let token = clients
        .http
        .post(format!("{}/users/getToken", clients.gateway))
        .json(&credentials)
        .send()
        .await?;
    let token: Envelope<Token> = token.error_for_status()?.json().await?;
    let payment = clients
        .http
        .get(format!("{}/payments/{}", clients.gateway, ids.imp_uid))
        .bearer_auth(token.response.access_token)
        .send()
        .await?;
    let payment: Envelope<Payment> = payment.error_for_status()?.json().await?;
    let payment = payment.response;

    let key = AttributeValue::S(ids.merchant_uid.clone());
    let order = clients
        .dynamodb
        .get_item()
        .table_name(&clients.orders)
        .key("merchant_uid", key.clone())
        .send()
        .await?;
    let Some(order) = order.item else {
        return answer(404, "orderNotFound", "주문을 찾을 수 없습니다");
    };
    let amount = order.get("amount").and_then(|amount| amount.as_n().ok());
    if payment.merchant_uid != ids.merchant_uid || amount != Some(&payment.amount.to_string()) {
        return answer(400, "forgery", "위조된 결제시도");
    }
    if payment.status != "paid" {
        return answer(200, &payment.status, "결제가 완료되지 않았습니다");
    }

    let text = |text: Option<String>| text.map_or(AttributeValue::Null(true), AttributeValue::S);
    let paid_at = payment.paid_at.unwrap_or_default().to_string();
    let facts = [
        ("pay_method", text(payment.pay_method)),
        ("pg_provider", text(payment.pg_provider)),
        ("pg_tid", text(payment.pg_tid)),
        ("receipt_url", text(payment.receipt_url)),
        ("paid_at", AttributeValue::N(paid_at)),
    ];
    let facts = facts
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    clients
        .dynamodb
        .update_item()
        .table_name(&clients.orders)
        .key("merchant_uid", key)
        .update_expression("SET imp_uid = :imp_uid, payment_status = :status, payment = :payment")
        .expression_attribute_values(":imp_uid", AttributeValue::S(ids.imp_uid))
        .expression_attribute_values(":status", AttributeValue::S(payment.status))
        .expression_attribute_values(":payment", AttributeValue::M(facts))
        .send()
        .await?;
    answer(200, "success", "일반 결제 성공")
}

fn answer(code: u16, status: &str, message: &str) -> Result<Response<Body>, Error> {
    let body = json!({"status": status, "message": message}).to_string();
    let response = Response::builder()
        .status(code)
        .header("content-type", "application/json");
    Ok(response.body(body.into())?)
}
