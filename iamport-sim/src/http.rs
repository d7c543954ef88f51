//! One HTTP/1.1 request, over a connection of its own.

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request, Response, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Plain HTTP only: the shops here are on this machine.
pub(crate) fn parse(url: &str) -> Result<Uri, Failure> {
    let uri: Uri = url.parse().map_err(|error| format!("{url}: {error}"))?;
    if uri.scheme_str() != Some("http") || uri.host().is_none() {
        return Err(format!("{url}: not an http:// URL").into());
    }
    Ok(uri)
}

pub(crate) async fn connect(uri: &Uri) -> std::io::Result<TcpStream> {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    TcpStream::connect((host, uri.port_u16().unwrap_or(80))).await
}

pub(crate) async fn exchange(
    stream: TcpStream,
    method: &Method,
    uri: &Uri,
    content_type: &str,
    body: &str,
) -> Result<Response<Incoming>, Failure> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends with `sender` and the answer's body.
    tokio::spawn(connection);
    let request = Request::builder()
        .method(method)
        .uri(uri.path_and_query().map_or("/", |path| path.as_str()))
        .header(
            HOST,
            uri.authority().map_or("", |authority| authority.as_str()),
        )
        .header(CONTENT_TYPE, content_type)
        .body(Full::new(Bytes::copy_from_slice(body.as_bytes())))?;
    Ok(sender.send_request(request).await?)
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
