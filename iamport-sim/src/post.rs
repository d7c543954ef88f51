//! One HTTP POST, with the patience the gateway has: for a webhook 10 s to connect and 30 s to read, 15 s for a re-send
//! (WH), and 10 s for `confirm_url` (DOC `confirm-process`; HELP says 5 s).

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

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

type Failure = Box<dyn std::error::Error + Send + Sync>;

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

/// Plain HTTP only: the shops here are on this machine.
pub(crate) fn parse(url: &str) -> Result<Uri, Failure> {
    let uri: Uri = url.parse().map_err(|error| format!("{url}: {error}"))?;
    if uri.scheme_str() != Some("http") || uri.host().is_none() {
        return Err(format!("{url}: not an http:// URL").into());
    }
    Ok(uri)
}

async fn receipt(attempt: impl Future<Output = Result<Receipt, Failure>>) -> Receipt {
    attempt.await.unwrap_or_else(|error| Receipt {
        status: None,
        body: error.to_string(),
    })
}

async fn connect(uri: &Uri) -> std::io::Result<TcpStream> {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    TcpStream::connect((host, uri.port_u16().unwrap_or(80))).await
}

async fn exchange(
    stream: TcpStream,
    uri: &Uri,
    content_type: &str,
    body: &str,
) -> Result<Receipt, Failure> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends with `sender` and the answer's body.
    tokio::spawn(connection);
    let request = Request::post(uri.path_and_query().map_or("/", |path| path.as_str()))
        .header(
            HOST,
            uri.authority().map_or("", |authority| authority.as_str()),
        )
        .header(CONTENT_TYPE, content_type)
        .body(Full::new(Bytes::copy_from_slice(body.as_bytes())))?;
    let answer = sender.send_request(request).await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_urls_will_do() {
        assert!(parse("http://127.0.0.1:3000/payments/webhook").is_ok());
        for url in [
            "https://shop.example/webhook",
            "ftp://x/",
            "/webhook",
            "",
            "http://",
        ] {
            assert!(parse(url).is_err(), "{url}");
        }
    }
}
