//! The port: open, closed for a while, or gone.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::Either;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Mutex, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use crate::answer::Reply;
use crate::body::Body;
use crate::browser;
use crate::control::{self, follow};
use crate::core::Core;
use crate::error::Error;
use crate::request::Request;

const BACKLOG: u32 = 1_024;

#[derive(Debug)]
pub(crate) struct Server {
    addr: SocketAddr,
    core: Core,
    door: Mutex<Door>,
}

#[derive(Debug)]
enum Door {
    /// Dropping `stop` closes it, and so does dropping the server.
    Open {
        stop: oneshot::Sender<()>,
        task: JoinHandle<()>,
    },
    /// Bound, but not listening: connections are refused, and nobody who asks for a free port gets this one.
    Closed(TcpSocket),
    Gone,
}

impl Server {
    pub(crate) async fn start(addr: SocketAddr, core: Core) -> Result<Self, Error> {
        let bound = bind(addr).and_then(|socket| Ok((socket.local_addr()?, socket)));
        let (addr, socket) = bound.map_err(|source| Error::Listen { addr, source })?;
        let server = Self {
            addr,
            core,
            door: Mutex::new(Door::Closed(socket)),
        };
        server.resume().await?;
        Ok(server)
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub(crate) async fn pause(&self) -> Result<(), Error> {
        let mut door = self.door.lock().await;
        if let Door::Open { .. } = *door {
            close(std::mem::replace(&mut *door, Door::Gone)).await;
            *door = Door::Closed(bind(self.addr).map_err(|source| self.taken(source))?);
        }
        Ok(())
    }

    pub(crate) async fn resume(&self) -> Result<(), Error> {
        let mut door = self.door.lock().await;
        *door = match std::mem::replace(&mut *door, Door::Gone) {
            Door::Closed(socket) => self.open(
                socket
                    .listen(BACKLOG)
                    .map_err(|source| self.taken(source))?,
            ),
            other => other,
        };
        Ok(())
    }

    pub(crate) async fn stop(&self) {
        let mut door = self.door.lock().await;
        close(std::mem::replace(&mut *door, Door::Gone)).await;
    }

    fn taken(&self, source: io::Error) -> Error {
        Error::Listen {
            addr: self.addr,
            source,
        }
    }

    fn open(&self, listener: TcpListener) -> Door {
        let (stop, stopped) = oneshot::channel();
        Door::Open {
            stop,
            task: tokio::spawn(serve(listener, self.core.clone(), stopped)),
        }
    }
}

fn bind(addr: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if addr.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    // Connections of a moment ago must not keep the port.
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    Ok(socket)
}

async fn close(door: Door) {
    if let Door::Open { stop, task } = door {
        drop(stop);
        // It neither panics nor is aborted.
        let _ = task.await;
    }
}

/// Serves until `stopped`; then the port is free and every connection cut.
async fn serve(listener: TcpListener, core: Core, mut stopped: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            // Out of file descriptors, say: wait until a connection has ended.
            Ok((stream, _)) = listener.accept() => { connections.spawn(connection(stream, core.clone())); }
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn connection(stream: TcpStream, core: Core) {
    // Small answers should not wait for one another.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| respond(&core, request));
    // An error is a peer that left, or a fault that cut it off.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn respond(
    core: &Core,
    request: hyper::Request<Incoming>,
) -> io::Result<hyper::Response<Either<Body, follow::Events>>> {
    let reply = match Request::read(request).await {
        None => Reply::plain(413, "the body is too long, or broke off\n"),
        Some(request) if follow::concerns(&request) => {
            return Ok(follow::answer(core).map(Either::Right));
        }
        Some(request) if control::concerns(&request) => control::answer(core, &request).await,
        Some(request) => match browser::page(&request) {
            Some(page) => page,
            None => core.serve(&request),
        },
    };
    if reply.delay > Duration::ZERO {
        tokio::time::sleep(reply.delay).await;
    }
    Body::response(reply).map(|response| response.map(Either::Left))
}
