//! A plain HTTP client: what the shop's page has.

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use local::Answer;

use crate::Problem;

const ANSWER_LIMIT: usize = 64 * 1024;

/// Requests to the front.
pub(crate) struct Client {
    http: hyper_util::client::legacy::Client<HttpConnector, Body>,
    url: String,
}

impl Client {
    pub(crate) fn new(url: String) -> Self {
        Self {
            http: hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http(),
            url,
        }
    }

    /// Posts JSON.
    pub(crate) async fn post(
        &self,
        path: &str,
        json: &serde_json::Value,
    ) -> Result<Answer, Problem> {
        let request = Request::post(format!("{}{path}", self.url))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(json.to_string()))?;
        self.send(request).await
    }

    /// Follows a link, but not where it is sent on.
    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Problem> {
        let request = Request::get(format!("{}{path}", self.url)).body(Body::empty())?;
        self.send(request).await
    }

    /// Where the front is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    async fn send(&self, request: Request<Body>) -> Result<Answer, Problem> {
        let (head, body) = self.http.request(request).await?.into_parts();
        let body = to_bytes(Body::new(body), ANSWER_LIMIT).await?;
        Ok(axum::http::Response::from_parts(head, body).into())
    }
}
