//! Lambda's Runtime API for one process: hands out an event, takes the answer, notes when.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Notify, mpsc};

use crate::Result;

/// What Lambda gives an invocation here.
const INVOCATION: Duration = Duration::from_secs(30);

/// The Runtime API, as its driver sees it.
pub(crate) struct RuntimeApi {
    pub(crate) address: SocketAddr,
    events: mpsc::UnboundedSender<Bytes>,
    reports: mpsc::UnboundedReceiver<Report>,
    asked: Arc<Asked>,
    server: tokio::task::JoinHandle<()>,
}

/// What the function said.
pub(crate) struct Report {
    pub(crate) path: String,
    pub(crate) body: Bytes,
}

/// When the first `GET …/next` came: the start is done.
#[derive(Default)]
struct Asked {
    first: OnceLock<Instant>,
    notify: Notify,
}

struct Desk {
    events: Mutex<mpsc::UnboundedReceiver<Bytes>>,
    reports: mpsc::UnboundedSender<Report>,
    asked: Arc<Asked>,
}

impl RuntimeApi {
    /// Listens on loopback.
    pub(crate) async fn open() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (events, queue) = mpsc::unbounded_channel();
        let (reporter, reports) = mpsc::unbounded_channel();
        let asked = Arc::new(Asked::default());
        let desk = Arc::new(Desk {
            events: Mutex::new(queue),
            reports: reporter,
            asked: Arc::clone(&asked),
        });
        let server = tokio::spawn(async move {
            loop {
                if let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(connection(stream, Arc::clone(&desk)));
                }
            }
        });
        Ok(Self {
            address,
            events,
            reports,
            asked,
            server,
        })
    }

    /// Hands over an event and waits for what the function makes of it.
    pub(crate) async fn invoke(&mut self, event: Bytes) -> Result<Report> {
        self.events.send(event)?;
        self.reports.recv().await.ok_or_else(|| "gone".into())
    }

    /// When the function first asked for work.
    pub(crate) async fn first_asked(&self) -> Instant {
        loop {
            let notified = self.asked.notify.notified();
            if let Some(at) = self.asked.first.get() {
                return *at;
            }
            notified.await;
        }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn connection(stream: TcpStream, desk: Arc<Desk>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let desk = Arc::clone(&desk);
        async move { Ok::<_, Infallible>(desk.answer(request).await) }
    });
    // A function that is ended hangs up in the middle of its question.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

impl Desk {
    /// `GET …/invocation/next`, `POST …/invocation/{id}/response` and all the ways to report an error.
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if request.method() == Method::POST {
            let path = request.uri().path().to_owned();
            let body = request.into_body().collect().await;
            let body = body
                .map(http_body_util::Collected::to_bytes)
                .unwrap_or_default();
            // Nobody may be waiting for it any more.
            let _ = self.reports.send(Report { path, body });
            return status(StatusCode::ACCEPTED);
        }
        if self.asked.first.set(Instant::now()).is_ok() {
            self.asked.notify.notify_waiters();
        }
        let Some(event) = self.events.lock().await.recv().await else {
            return status(StatusCode::GONE);
        };
        let deadline = (SystemTime::now() + INVOCATION)
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let answer = Response::builder()
            .header("content-type", "application/json")
            .header(
                "lambda-runtime-aws-request-id",
                "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
            )
            .header(
                "lambda-runtime-deadline-ms",
                deadline.as_millis().to_string(),
            )
            .header(
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:ap-northeast-2:000000000000:function:bench",
            )
            .header(
                "lambda-runtime-trace-id",
                "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
            )
            .body(Full::new(event));
        answer.unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
    }
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut answer = Response::default();
    *answer.status_mut() = status;
    answer
}
