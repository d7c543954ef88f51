//! The front: plain HTTP where API Gateway would be.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
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
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        let message = axum::Json(json!({"message": "Request Entity Too Large"}));
        return (StatusCode::PAYLOAD_TOO_LARGE, message).into_response();
    };
    let request = Request::from_parts(head, body);
    function.serve(request, peer.ip()).await.map(Body::from)
}
