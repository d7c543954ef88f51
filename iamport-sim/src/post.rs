//! One HTTP POST, with the patience the gateway has: for a webhook 10 s to connect and 30 s to read, 15 s for a re-send
//! (WH), and 10 s for `confirm_url` (DOC `confirm-process`; HELP says 5 s).

use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::{Method, Uri};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::http::{self, Failure, connect, parse};

const CONNECT: Duration = Duration::from_secs(10);
const READ: Duration = Duration::from_secs(30);
const RESEND: Duration = Duration::from_secs(15);
const CONFIRM: Duration = Duration::from_secs(10);
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// What came of one attempt to send something to a shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The shop's HTTP status; `None` if it gave no answer.
    pub status: Option<u16>,
    /// The shop's body, or why there was no answer.
    pub body: String,
}

pub(crate) async fn send(url: &str, content_type: &str, body: &str) -> Receipt {
    receipt(async {
        let uri = parse(url)?;
        let stream = timeout(CONNECT, connect(&uri)).await??;
        timeout(READ, exchange(stream, &uri, content_type, body)).await?
    })
    .await
}

pub(crate) async fn resend(url: &str, content_type: &str, body: &str) -> Receipt {
    within(RESEND, url, content_type, body).await
}

pub(crate) async fn confirm(url: &str, content_type: &str, body: &str) -> Receipt {
    within(CONFIRM, url, content_type, body).await
}

async fn within(patience: Duration, url: &str, content_type: &str, body: &str) -> Receipt {
    receipt(async {
        let uri = parse(url)?;
        timeout(patience, async {
            exchange(connect(&uri).await?, &uri, content_type, body).await
        })
        .await?
    })
    .await
}

async fn receipt(attempt: impl Future<Output = Result<Receipt, Failure>>) -> Receipt {
    attempt.await.unwrap_or_else(|error| Receipt {
        status: None,
        body: error.to_string(),
    })
}

async fn exchange(
    stream: TcpStream,
    uri: &Uri,
    content_type: &str,
    body: &str,
) -> Result<Receipt, Failure> {
    let answer = http::exchange(stream, &Method::POST, uri, content_type, body).await?;
    let status = Some(answer.status().as_u16());
    let body = Limited::new(answer.into_body(), MAX_ANSWER_BYTES)
        .collect()
        .await?
        .to_bytes();
    Ok(Receipt {
        status,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}
