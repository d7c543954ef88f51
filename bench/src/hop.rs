//! One hop of the function's network: TLS, a latency, a count of the calls; behind it the real stub.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, HOST, HeaderMap, TRANSFER_ENCODING};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::Result;
use crate::tls::Authority;

/// A listening hop; it lives as long as the benchmark.
#[derive(Clone)]
pub(crate) struct Hop {
    /// `https://localhost:port`
    pub(crate) url: String,
    inner: Arc<Inner>,
}

struct Inner {
    route: Box<dyn Fn(&HeaderMap) -> Uri + Send + Sync>,
    client: Client<HttpConnector, Full<Bytes>>,
    latency_us: AtomicU64,
    calls: Mutex<BTreeMap<String, usize>>,
    heard: Mutex<Option<Vec<Heard>>>,
}

/// A request as it came in.
#[derive(Clone)]
pub(crate) struct Heard {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Hop {
    /// Listens on loopback; `route` names the stub a request goes on to, by its headers.
    pub(crate) async fn open(
        authority: &Authority,
        route: impl Fn(&HeaderMap) -> Uri + Send + Sync + 'static,
    ) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let inner = Arc::new(Inner {
            route: Box::new(route),
            client: Client::builder(TokioExecutor::new()).build_http(),
            latency_us: AtomicU64::new(0),
            calls: Mutex::default(),
            heard: Mutex::default(),
        });
        let tls = TlsAcceptor::from(Arc::clone(&authority.server));
        tokio::spawn(accept(listener, tls.clone(), Arc::clone(&inner)));
        // Where `localhost` is ::1 as well, clients try that first: spare them a refused connection.
        if let Ok(listener) = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
            tokio::spawn(accept(listener, tls, Arc::clone(&inner)));
        }
        Ok(Self {
            url: format!("https://localhost:{port}"),
            inner,
        })
    }

    /// From now on an answer leaves so long after its request came, if the stub was faster than that.
    pub(crate) fn set_latency(&self, latency: Duration) {
        let latency = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.inner.latency_us.store(latency, Ordering::Relaxed);
    }

    /// How often each thing was asked for since the last time.
    pub(crate) fn take_calls(&self) -> BTreeMap<String, usize> {
        std::mem::take(&mut *lock(&self.inner.calls))
    }

    /// Starts to keep what comes in.
    pub(crate) fn listen(&self) {
        *lock(&self.inner.heard) = Some(Vec::new());
    }

    /// Ends keeping, and gives what came in.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        lock(&self.inner.heard).take().unwrap_or_default()
    }
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, inner: Arc<Inner>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        tokio::spawn(connection(stream, tls.clone(), Arc::clone(&inner)));
    }
}

/// Serves until the other side hangs up; how it does is its own business.
async fn connection(stream: TcpStream, tls: TlsAcceptor, inner: Arc<Inner>) {
    let _ = stream.set_nodelay(true);
    let Ok(stream) = tls.accept(stream).await else {
        return;
    };
    let service = service_fn(move |request| {
        let inner = Arc::clone(&inner);
        async move { Ok::<_, Infallible>(inner.answer(request).await) }
    });
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

impl Inner {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let came = Instant::now();
        let answer = self.forward(request).await.unwrap_or_else(|error| {
            let mut answer = Response::new(Full::from(format!("the hop: {error}")));
            *answer.status_mut() = StatusCode::BAD_GATEWAY;
            answer
        });
        let latency = Duration::from_micros(self.latency_us.load(Ordering::Relaxed));
        wait_until(came + latency).await;
        answer
    }

    async fn forward(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        *lock(&self.calls)
            .entry(name(&head.method, head.uri.path(), &head.headers))
            .or_default() += 1;
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        if let Some(heard) = &mut *lock(&self.heard) {
            heard.push(Heard {
                method: head.method.clone(),
                path: path.to_owned(),
                headers: head.headers.clone(),
                body: body.clone(),
            });
        }
        let mut to = (self.route)(&head.headers).into_parts();
        to.path_and_query = Some(path.parse()?);
        let mut request = Request::from_parts(head, Full::new(body));
        *request.uri_mut() = Uri::from_parts(to)?;
        for name in [HOST, TRANSFER_ENCODING] {
            request.headers_mut().remove(name);
        }
        let (mut head, body) = self.client.request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        for name in [CONTENT_LENGTH, TRANSFER_ENCODING] {
            head.headers.remove(name);
        }
        Ok(Response::from_parts(head, Full::new(body)))
    }
}

/// The timer of the runtime is a whole millisecond coarse, which would show; a sleeping thread is not.
async fn wait_until(due: Instant) {
    let left = due.saturating_duration_since(Instant::now());
    if !left.is_zero() {
        let _ = tokio::task::spawn_blocking(move || std::thread::sleep(left)).await;
    }
}

/// What a call is called: its operation, or its method and the path without ids.
fn name(method: &Method, path: &str, headers: &HeaderMap) -> String {
    let target = headers.get("x-amz-target").and_then(|it| it.to_str().ok());
    if let Some((_, operation)) = target.and_then(|target| target.split_once('.')) {
        return operation.to_owned();
    }
    let end = path.find("/imp_").unwrap_or(path.len());
    format!("{method} {}", &path[..end])
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A port that is free now.
pub(crate) async fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    Ok(listener.local_addr()?.port())
}
