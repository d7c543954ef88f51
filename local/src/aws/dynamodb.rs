//! DynamoDB is never imitated: calls go through, unchanged, to an engine.

use std::net::SocketAddr;

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::uri::Scheme;
use axum::http::{Request, StatusCode, Uri};
use axum::response::Response;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;

use super::call;
use crate::Error;
use crate::server::Server;

/// Starts DynamoDB in this process: dynoxide, in memory.
pub(crate) async fn embedded(address: SocketAddr) -> Result<Server, Error> {
    let database = dynoxide::Database::memory()
        .map_err(|error| Error::dynamodb("open the embedded engine".to_owned(), error))?;
    Server::start("DynamoDB", address, |listener| {
        dynoxide::server::serve_on(listener, database)
    })
    .await
}

/// The way to the engine.
#[derive(Debug)]
pub(super) struct Forward {
    client: Client<HttpConnector, Body>,
    engine: Uri,
}

impl Forward {
    pub(super) fn to(endpoint: &str) -> Result<Self, Error> {
        let engine = endpoint.parse::<Uri>().ok();
        let engine = engine.filter(|uri| uri.scheme() == Some(&Scheme::HTTP) && uri.path() == "/");
        let engine = engine.ok_or_else(|| Error::Endpoint(endpoint.to_owned()))?;
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            engine,
        })
    }

    pub(super) async fn send(&self, request: Parts, body: Bytes) -> Response {
        let mut forwarded = Request::from_parts(request, Body::from(body));
        *forwarded.uri_mut() = self.engine.clone();
        match self.client.request(forwarded).await {
            Ok(response) => response.map(Body::new),
            Err(_) => call::plain(StatusCode::BAD_GATEWAY),
        }
    }
}
