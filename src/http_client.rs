//! The one HTTP client: everything that leaves the function goes through it, so there is one TLS stack, one trust store
//! to read, and one pool of connections.

use std::time::Duration;

use reqwest::{Client, Response, redirect};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// A client with our choices made: HTTP/1.1, no redirects, no proxy, and retries left to who calls.
///
/// # Errors
/// The client could not be built: there is no trust store that can be read.
pub fn http_client() -> Result<Client, reqwest::Error> {
    // reqwest takes the process's TLS provider; a second client finds it in place.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .retry(reqwest::retry::never())
        .build()
}

/// The answer's body; `None` if it is longer than `limit` bytes, of which no more than that are kept.
///
/// # Errors
/// The connection broke.
pub(crate) async fn body(
    answer: &mut Response,
    limit: usize,
) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > limit {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}
