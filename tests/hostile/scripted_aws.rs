//! AWS from a script: every error of its services, with words that should not get out.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::canaries::{ACCOUNT, DIALLED, order};
use crate::http_server::{Response, serve};

/// Lambda's id of every invocation: what a row's notice is due for.
pub(crate) const REQUEST_ID: &str = "request-1";

/// AWS, answering from a script: DynamoDB, SNS and Secrets Manager alike.
pub(crate) struct ScriptedAws {
    address: SocketAddr,
    script: Arc<Mutex<Vec<Response>>>,
}

impl ScriptedAws {
    pub(crate) fn open() -> Self {
        let script = Arc::new(Mutex::new(vec![Response::json(500, "")]));
        let lines = Arc::clone(&script);
        let address = serve(move |request| {
            assert_eq!(request.path, "/", "a call to AWS");
            assert!(
                !request.target.is_empty() || !request.body.is_empty(),
                "{request:?}"
            );
            let mut lines = lines.lock().unwrap();
            // The last line is said for ever.
            if lines.len() > 1 {
                lines.remove(0)
            } else {
                lines[0].clone()
            }
        });
        Self { address, script }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn says(&self, script: &[Response]) {
        *self.script.lock().unwrap() = script.to_vec();
    }
}

/// An error in the words of DynamoDB and Secrets Manager.
fn error(status: u16, code: &str, more: &Value) -> Response {
    let mut body = json!({"__type": format!("com.amazonaws#{code}"), "message": "CANARY is not what it should be"});
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    Response::json(status, body)
}

/// A script, and what it stands for.
pub(crate) type Script = (&'static str, Vec<Response>);

/// What DynamoDB can answer to a write.
pub(crate) fn at_dynamodb() -> Vec<Script> {
    let none = json!({});
    let item = |attributes: Value| json!({ "Item": attributes });
    let refused = "ConditionalCheckFailedException";
    vec![
        (
            "a request it calls malformed",
            vec![error(400, "ValidationException", &none)],
        ),
        (
            "a caller it does not allow",
            vec![error(400, "AccessDeniedException", &none)],
        ),
        (
            "a table it does not find",
            vec![error(400, "ResourceNotFoundException", &none)],
        ),
        (
            "too much at a time",
            vec![error(400, "ProvisionedThroughputExceededException", &none)],
        ),
        (
            "a conflict",
            vec![error(400, "TransactionConflictException", &none)],
        ),
        (
            "an error of its own",
            vec![error(500, "InternalServerError", &none)],
        ),
        (
            "an error nobody knows",
            vec![error(400, "TomorrowsException", &none)],
        ),
        (
            "a refusal with the old item",
            vec![error(400, refused, &item(old_item()))],
        ),
        (
            "a refusal with an item of another form",
            vec![error(
                400,
                refused,
                &item(json!({"amount": "CANARY", "name": {"S": ["CANARY"]}})),
            )],
        ),
        (
            "a refusal with an item that is none",
            vec![error(400, refused, &item(json!("CANARY")))],
        ),
        (
            "a refusal that breaks off",
            vec![Response::json(
                400,
                r#"{"__type": "x#ConditionalCheckFailedException", "Item": {"name": {"S": "CANARY"#,
            )],
        ),
        (
            "a refusal without an item",
            vec![error(400, refused, &none)],
        ),
        ("a page", vec![Response::json(200, "<html>CANARY</html>")]),
        (
            "a page of a proxy",
            vec![Response::json(502, "<html>CANARY</html>")],
        ),
        (
            "success that breaks off",
            vec![Response::json(
                200,
                r#"{"Attributes": {"name": {"S": "CANARY"#,
            )],
        ),
        (
            "success of another form",
            vec![Response::json(
                200,
                json!({"Attributes": {"name": "CANARY"}}),
            )],
        ),
        (
            "a refused customer's record",
            vec![told(), error(400, "ValidationException", &none)],
        ),
        (
            "a broken customer's record",
            vec![told(), error(500, "InternalServerError", &none)],
        ),
        (
            "a refused `done`",
            vec![
                told(),
                Response::json(200, "{}"),
                sent(),
                error(400, "ValidationException", &none),
            ],
        ),
    ]
}

/// What SNS can answer to a text; its words repeat the number, as its real ones do.
pub(crate) fn at_sns() -> Vec<Script> {
    let error = |status: u16, code: &str| {
        let message = format!(
            "Invalid parameter: PhoneNumber Reason: {DIALLED} is not valid to publish {ACCOUNT} to; CANARY"
        );
        let error = format!(
            "<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        );
        let mut response =
            Response::json(status, format!("<ErrorResponse>{error}</ErrorResponse>"));
        response.headers = vec![("content-type", "text/xml".to_owned())];
        vec![told(), Response::json(200, "{}"), response]
    };
    vec![
        ("a number it calls invalid", error(400, "InvalidParameter")),
        (
            "a value it calls invalid",
            error(400, "InvalidParameterValue"),
        ),
        ("a number that opted out", error(400, "OptedOut")),
        (
            "a caller it does not allow",
            error(403, "AuthorizationError"),
        ),
        ("too much at a time", error(400, "Throttling")),
        ("an error of its own", error(500, "InternalError")),
        ("an error nobody knows", error(400, "TomorrowsError")),
        (
            "a page",
            vec![
                told(),
                Response::json(200, "{}"),
                Response::json(400, format!("CANARY {DIALLED}")),
            ],
        ),
    ]
}

/// What Secrets Manager can answer; `secret` is the true one's text.
pub(crate) fn at_secrets_manager(secret: &str) -> Vec<Script> {
    let none = json!({});
    let value = |text: &str| {
        vec![Response::json(
            200,
            json!({"Name": "iamport", "SecretString": text}),
        )]
    };
    vec![
        (
            "a secret it does not find",
            vec![error(400, "ResourceNotFoundException", &none)],
        ),
        (
            "a caller it does not allow",
            vec![error(400, "AccessDeniedException", &none)],
        ),
        (
            "a secret it cannot decrypt",
            vec![error(400, "DecryptionFailure", &none)],
        ),
        (
            "an error of its own",
            vec![error(500, "InternalServiceError", &none)],
        ),
        ("a secret that is text", value(secret)),
        (
            "a secret that breaks off",
            value(&format!(
                r#"{{"imp_key": "{secret}", "imp_secret": "{secret}"#
            )),
        ),
        (
            "a secret of other types",
            value(&format!(r#"{{"imp_key": ["{secret}"], "imp_secret": 1}}"#)),
        ),
        (
            "half a secret",
            value(&format!(r#"{{"imp_key": "{secret}"}}"#)),
        ),
        (
            "a secret with a key of the wrong name",
            value(&format!(r#"{{"{secret}": "{secret}"}}"#)),
        ),
        (
            "a secret in binary",
            vec![Response::json(
                200,
                json!({"Name": "iamport", "SecretBinary": "Q0FOQVJZ"}),
            )],
        ),
        (
            "a secret that is no JSON answer",
            vec![Response::json(200, format!("<html>{secret}</html>"))],
        ),
    ]
}

/// The row once the account is recorded, as `ALL_NEW` brings it: due to this request.
fn told() -> Response {
    Response::json(200, json!({ "Attributes": old_item() }))
}

fn sent() -> Response {
    let mut response = Response::json(
        200,
        "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>",
    );
    response.headers = vec![("content-type", "text/xml".to_owned())];
    response
}

/// An order's row in DynamoDB's JSON: the shop's columns, and an account whose notice is due.
fn old_item() -> Value {
    let mut item = json!({
        "amount": {"N": "1000"}, "imp_uid": {"S": "imp_1"}, "payment_status": {"S": "ready"}, "payment_stage": {"N": "1"},
        "payment_rank": {"N": "1"}, "cancel_amount": {"N": "0"}, "started_at": {"N": "1700000000"}, "payment": {"M": {}},
        "vbank_notice": {"S": format!("due:{REQUEST_ID}")}, "vbank_notices": {"N": "1"}, "merchant_uid": {"S": "ORD-1"},
    });
    for (name, value) in order(&json!({})).as_object().into_iter().flatten() {
        if let Some(text) = value.as_str() {
            item[name] = json!({ "S": text });
        }
    }
    item
}
