//! Secrets Manager: `GetSecretValue`, AWS JSON 1.1.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::call::AwsCall;

pub(super) fn answer(secrets: &BTreeMap<String, String>, call: &AwsCall, body: &Bytes) -> Response {
    if call.operation != "GetSecretValue" {
        return call.unknown();
    }
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let id = request["SecretId"].as_str().unwrap_or_default();
    match secrets.get(id) {
        Some(value) => call.json(
            StatusCode::OK,
            &json!({
                "ARN": format!("arn:aws:secretsmanager:{}:000000000000:secret:{id}-local1", crate::REGION),
                "Name": id,
                "SecretString": value,
                "VersionId": uuid::Uuid::new_v4().to_string(),
                "VersionStages": ["AWSCURRENT"],
            }),
        ),
        None => call.error(
            StatusCode::BAD_REQUEST,
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret.",
        ),
    }
}
