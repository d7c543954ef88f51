//! Lambda's Runtime API on loopback: hands out events, takes reports, notes when the function first asked.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderName, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use serde_json::Value;
use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::timeout;

use super::TIMEOUT;
use crate::Error;
use crate::server::Server;

/// A function that says nothing for so long is stuck.
const STUCK: Duration = Duration::from_mins(2);
const INVOCATION: &str = "/2018-06-01/runtime/invocation";

/// An event, and what Lambda says beside it.
#[derive(Debug, Clone)]
pub struct Invocation {
    event: Bytes,
    request_id: String,
    within: Duration,
}

impl Invocation {
    /// An event with an id of its own and the timeout of `template.yaml`.
    #[must_use]
    pub fn of(event: &Value) -> Self {
        Self {
            event: event.to_string().into(),
            request_id: uuid::Uuid::new_v4().to_string(),
            within: TIMEOUT,
        }
    }

    /// With this request id.
    #[must_use]
    pub fn id(self, request_id: &str) -> Self {
        Self {
            request_id: request_id.to_owned(),
            ..self
        }
    }

    /// With its deadline so long after it is handed out.
    #[must_use]
    pub fn within(self, within: Duration) -> Self {
        Self { within, ..self }
    }
}

/// What the function told Lambda.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// The answer to an event.
    Response(Bytes),
    /// It could not answer an event.
    Error(Bytes),
    /// It could not start.
    InitError(Bytes),
}

impl Report {
    /// The answer to an event.
    ///
    /// # Errors
    /// The report as text, if it is no answer in JSON.
    pub fn answer(&self) -> Result<Value, String> {
        match self {
            Self::Response(body) => serde_json::from_slice(body).map_err(|_| format!("{self:?}")),
            Self::Error(_) | Self::InitError(_) => Err(format!("{self:?}")),
        }
    }
}

/// The Runtime API of one function; dropping it stops it.
#[derive(Debug)]
pub struct RuntimeApi {
    server: Server,
    events: mpsc::UnboundedSender<Invocation>,
    reports: mpsc::UnboundedReceiver<Report>,
    asked: watch::Receiver<Option<Instant>>,
}

/// The function's side of it.
struct Desk {
    events: Mutex<mpsc::UnboundedReceiver<Invocation>>,
    reports: mpsc::UnboundedSender<Report>,
    asked: watch::Sender<Option<Instant>>,
}

impl RuntimeApi {
    /// Listens on a free port of loopback.
    ///
    /// # Errors
    /// When there is none.
    pub async fn open() -> Result<Self, Error> {
        let (events, queue) = mpsc::unbounded_channel();
        let (reporter, reports) = mpsc::unbounded_channel();
        let (first, asked) = watch::channel(None);
        let desk = Desk {
            events: Mutex::new(queue),
            reports: reporter,
            asked: first,
        };
        let router = Router::new()
            .route(&format!("{INVOCATION}/next"), get(next))
            .route(&format!("{INVOCATION}/{{id}}/{{kind}}"), post(report))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::new(desk));
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = Server::start("the Runtime API", anywhere, |listener| async {
            // An answer that waits for the peer's acknowledgement would be measured as the function's time.
            let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
            // Serving ends only with its task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            server: server.await?,
            events,
            reports,
            asked,
        })
    }

    /// Where it listens, for `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Hands an event to the function as soon as it asks for one.
    pub fn hand_out(&self, invocation: Invocation) {
        // The server, which reads it, lives as long as this.
        let _ = self.events.send(invocation);
    }

    /// What the function tells next.
    ///
    /// # Errors
    /// When it tells nothing.
    pub async fn report(&mut self) -> Result<Report, Error> {
        let report = timeout(STUCK, self.reports.recv()).await;
        report.ok().flatten().ok_or(Error::Stuck)
    }

    /// Hands an event over and waits for what the function makes of it.
    ///
    /// # Errors
    /// When it tells nothing.
    pub async fn invoke(&mut self, invocation: Invocation) -> Result<Report, Error> {
        self.hand_out(invocation);
        self.report().await
    }

    /// When the function first asked for work: its start is done.
    ///
    /// # Errors
    /// When it does not ask.
    pub async fn first_asked(&self) -> Result<Instant, Error> {
        let mut asked = self.asked.clone();
        let at = timeout(STUCK, asked.wait_for(Option::is_some)).await;
        at.ok().and_then(|at| *at.ok()?).ok_or(Error::Stuck)
    }
}

/// The next event, as soon as there is one.
async fn next(State(desk): State<Arc<Desk>>) -> impl IntoResponse {
    desk.asked
        .send_if_modified(|first| first.replace(first.unwrap_or_else(Instant::now)).is_none());
    let Some(invocation) = desk.events.lock().await.recv().await else {
        return Err(StatusCode::GONE);
    };
    let deadline = SystemTime::now() + invocation.within;
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default();
    let header = |name| HeaderName::from_static(name);
    let headers = [
        (header("content-type"), "application/json".to_owned()),
        (
            header("lambda-runtime-aws-request-id"),
            invocation.request_id,
        ),
        (
            header("lambda-runtime-deadline-ms"),
            deadline.as_millis().to_string(),
        ),
        (
            header("lambda-runtime-invoked-function-arn"),
            "arn:aws:lambda:ap-northeast-2:000000000000:function:payment-verifier".to_owned(),
        ),
        (
            header("lambda-runtime-trace-id"),
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0".to_owned(),
        ),
    ];
    Ok((headers, invocation.event))
}

async fn report(
    State(desk): State<Arc<Desk>>,
    Path((_, kind)): Path<(String, String)>,
    body: Bytes,
) -> StatusCode {
    desk.take(match kind.as_str() {
        "response" => Report::Response(body),
        "error" => Report::Error(body),
        _ => return StatusCode::NOT_FOUND,
    })
}

async fn init_error(State(desk): State<Arc<Desk>>, body: Bytes) -> StatusCode {
    desk.take(Report::InitError(body))
}

impl Desk {
    fn take(&self, report: Report) -> StatusCode {
        // Nobody may be waiting for it any more.
        let _ = self.reports.send(report);
        StatusCode::ACCEPTED
    }
}
