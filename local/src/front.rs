//! The front: plain HTTP where API Gateway would be.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
};
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::server::Server;
use crate::{Error, Function};

/// API Gateway's own limit.
const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// The function behind plain HTTP; dropping it stops it.
#[derive(Debug)]
pub struct Front {
    server: Server,
}

impl Front {
    /// Listens on `address` (port 0: a free one) and puts every request through `function`.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn open(address: SocketAddr, function: Function) -> Result<Self, Error> {
        Self::open_beside(address, function, Router::new()).await
    }

    /// The same, with routes of another's that never reach `function`.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn open_beside(
        address: SocketAddr,
        function: Function,
        beside: Router,
    ) -> Result<Self, Error> {
        let router = beside.merge(Router::new().fallback(serve).with_state(function));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = Server::start("the front", address, |listener| async {
            // Serving ends only with its task.
            let _ = axum::serve(listener, service).await;
        });
        Ok(Self {
            server: server.await?,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }
}

async fn serve(
    State(function): State<Function>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let origin = request.headers().get(ORIGIN).filter(|it| is_nearby(it));
    let origin = origin.cloned();
    let asks_first = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match &origin {
        Some(_) if asks_first => may_post(),
        _ => invoke(function, peer, request).await,
    };
    if let Some(origin) = origin {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

/// Pages of this machine are the shop's, on any port; on AWS they are those that `ShopOrigins` names.
fn is_nearby(origin: &HeaderValue) -> bool {
    let origin = origin.to_str().unwrap_or_default().parse::<Uri>();
    let host = origin.ok().and_then(|uri| uri.host().map(str::to_owned));
    host.is_some_and(|host| matches!(host.as_str(), "127.0.0.1" | "localhost" | "[::1]"))
}

/// What API Gateway says by itself to a page that asks first, as the template has it.
fn may_post() -> Response {
    let told = [
        (ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
        (ACCESS_CONTROL_MAX_AGE, "3600"),
    ];
    (StatusCode::NO_CONTENT, told).into_response()
}

async fn invoke(function: Function, peer: SocketAddr, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        let message = axum::Json(json!({"message": "Request Entity Too Large"}));
        return (StatusCode::PAYLOAD_TOO_LARGE, message).into_response();
    };
    let request = Request::from_parts(head, body);
    function.serve(request, peer.ip()).await.map(Body::from)
}
