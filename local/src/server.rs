//! A loopback server that lives as long as its owner.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::Error;

/// A listening server; dropping it stops it.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Listens on `address` (port 0: a free one) before it returns, then serves in the background.
    pub(crate) async fn start<F>(
        part: &'static str,
        address: SocketAddr,
        serve: impl FnOnce(TcpListener) -> F,
    ) -> Result<Self, Error>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let failed = |source| Error::Listen {
            part,
            address,
            source,
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self {
            address,
            task: tokio::spawn(serve(listener)),
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self) -> String {
        url(self.address)
    }
}

/// Where this machine reaches what listens on `address`.
pub(crate) fn url(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    format!("http://{address}")
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
