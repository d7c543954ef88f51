//! A proxy that does to each call what the plan says, and writes down what it saw.

use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet, yield_now};

use crate::call::{Call, Hop};
use crate::network_fault::NetworkFault;
use crate::wire::{Ending, Seen, Wire};

const BACKLOG: u32 = 1024;

/// A listening proxy; dropping it stops it.
pub(crate) struct Proxy {
    wire: Arc<Wire>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Passes everything on to `peer`, a URL on this machine.
    pub(crate) async fn start(peer: &str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let peer = peer.strip_prefix("http://").unwrap().parse().unwrap();
        let wire = Arc::new(Wire::new(listener.local_addr().unwrap(), peer));
        let task = tokio::spawn(accept(Arc::clone(&wire), listener));
        Self { wire, task }
    }

    pub(crate) fn url(&self) -> String {
        self.wire.url()
    }

    /// From now on this happens, given a call and which of its kind and key it is from now on: 1, 2, …
    pub(crate) fn plan(
        &self,
        plan: impl Fn(&Call, usize) -> Option<NetworkFault> + Send + Sync + 'static,
    ) {
        self.wire.tries.lock().unwrap().clear();
        *self.wire.plan.lock().unwrap() = Arc::new(plan);
    }

    /// From now on nothing happens; returns once it can be reached again.
    pub(crate) async fn calm(&self) {
        self.plan(|_, _| None);
        self.wire.open.send_replace(true);
        while TcpStream::connect(self.wire.address).await.is_err() {
            yield_now().await;
        }
    }

    /// Takes its time: the peer is asked, and some of its answers handed over, only as calls come to `other`.
    pub(crate) fn keep_pace_with(&self, other: &Self) {
        *self.wire.pace.lock().unwrap() = Some(other.wire.came.subscribe());
    }

    /// Closes every connection, as a thaw finds them.
    pub(crate) fn cut(&self) {
        self.wire.cut();
    }

    /// Waits until a call hangs: nothing else happens before somebody gives up.
    pub(crate) async fn hanging(&self) {
        self.wire.hangs.notified().await;
    }

    /// Waits until so many calls came.
    pub(crate) async fn came(&self, calls: usize) {
        let mut came = self.wire.came.subscribe();
        came.wait_for(|came| *came >= calls).await.unwrap();
    }

    /// The calls so far, in the order in which they came.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.wire.seen.lock().unwrap().clone()
    }

    /// The calls that were about this.
    pub(crate) fn seen_about(&self, key: &str) -> Vec<Seen> {
        let seen = self.wire.seen.lock().unwrap();
        seen.iter()
            .filter(|seen| seen.call.key == key)
            .cloned()
            .collect()
    }

    /// How many calls of these kinds came.
    pub(crate) fn count(&self, hops: impl Fn(Hop) -> bool) -> usize {
        let seen = self.wire.seen.lock().unwrap();
        seen.iter().filter(|seen| hops(seen.call.hop)).count()
    }

    /// Forgets the calls so far.
    pub(crate) fn forget(&self) {
        self.wire.seen.lock().unwrap().clear();
        self.wire.came.send_replace(0);
    }

    /// Calls that the function has no business to make; a redirect that was followed is one.
    pub(crate) fn strays(&self) -> Vec<String> {
        self.wire.strays.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(wire: Arc<Wire>, mut listener: TcpListener) {
    let mut open = wire.open.subscribe();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                connections.spawn(connection(Arc::clone(&wire), stream));
            }
            Some(_) = connections.join_next() => {}
            Ok(()) = becomes(&mut open, false) => {
                drop(listener);
                // Bound but not listening: connections are refused, and nobody else gets the port.
                let socket = TcpSocket::new_v4().unwrap();
                socket.set_reuseaddr(true).unwrap();
                socket.bind(wire.address).unwrap();
                becomes(&mut open, true).await.unwrap();
                listener = socket.listen(BACKLOG).unwrap();
            }
        }
    }
}

async fn becomes(
    open: &mut watch::Receiver<bool>,
    state: bool,
) -> Result<(), watch::error::RecvError> {
    open.wait_for(|open| *open == state).await.map(drop)
}

async fn connection(wire: Arc<Wire>, stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let mut client = BufReader::new(stream);
    let mut cut = wire.cut.subscribe();
    let ending = tokio::select! {
        biased;
        ending = wire.talk(&mut client) => ending.unwrap_or(Ending::Closed),
        _ = cut.changed() => Ending::Closed,
    };
    if matches!(ending, Ending::Reset) {
        let _ = client.get_ref().set_zero_linger();
    }
}
