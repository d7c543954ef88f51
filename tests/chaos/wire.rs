//! What becomes of calls on their way to one peer and back.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use crate::call::{Call, Hop};
use crate::http::Message;
use crate::network_fault::NetworkFault;

/// How long a peer that went down is away: less than the pauses between tries, mostly.
const MOMENT: Duration = Duration::from_millis(5);
/// Between two bytes of an answer that drips.
const DRIP: Duration = Duration::from_millis(20);
/// Between two chunks of an endless body: nobody's memory should fill before a timeout can tell.
const CHUNK: (usize, Duration) = (16 * 1024, Duration::from_millis(1));
/// Calls on the way at the same time to a peer that takes its time, and by how many some of its answers fall behind.
const PACE: (usize, usize) = (12, 4);

type Plan = Arc<dyn Fn(&Call, usize) -> Option<NetworkFault> + Send + Sync>;

/// A call that came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) call: Call,
    pub(crate) fault: Option<NetworkFault>,
    /// What the peer answered, if it was asked at all.
    pub(crate) answered: Option<u16>,
    /// Around the peer's work.
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
}

/// The way to one peer, and what is known of it.
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    peer: SocketAddr,
    pub(crate) plan: Mutex<Plan>,
    pub(crate) tries: Mutex<HashMap<(Hop, String), usize>>,
    pub(crate) seen: Mutex<Vec<Seen>>,
    /// How many calls are written down.
    pub(crate) came: watch::Sender<usize>,
    /// How many came to the wire that this one keeps pace with.
    pub(crate) pace: Mutex<Option<watch::Receiver<usize>>>,
    pub(crate) strays: Mutex<Vec<String>>,
    pub(crate) hangs: Notify,
    pub(crate) open: watch::Sender<bool>,
    pub(crate) cut: watch::Sender<u64>,
}

/// How a connection ends.
pub(crate) enum Ending {
    Closed,
    Reset,
}

impl Wire {
    pub(crate) fn new(address: SocketAddr, peer: SocketAddr) -> Self {
        Self {
            address,
            peer,
            plan: Mutex::new(Arc::new(|_, _| None)),
            tries: Mutex::default(),
            seen: Mutex::default(),
            came: watch::Sender::new(0),
            pace: Mutex::default(),
            strays: Mutex::default(),
            hangs: Notify::new(),
            open: watch::Sender::new(true),
            cut: watch::Sender::new(0),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends every connection.
    pub(crate) fn cut(&self) {
        self.cut.send_modify(|cuts| *cuts += 1);
    }

    /// Serves one connection until a fault, or the client, ends it.
    pub(crate) async fn talk(
        self: &Arc<Self>,
        client: &mut BufReader<TcpStream>,
    ) -> io::Result<Ending> {
        while let Some(request) = Message::request(client).await? {
            let Some(call) = Call::of(&request) else {
                let (method, path) = request.target();
                self.strays.lock().unwrap().push(format!("{method} {path}"));
                client
                    .write_all(&Message::saying(404, &[], "").bytes())
                    .await?;
                continue;
            };
            let (index, fault) = self.note(&call);
            let said = fault.and_then(|fault| fault.says(&self.url()));
            let answer = match (fault, said) {
                (None, _) => self.pass_on(request, index).await?,
                (Some(_), Some(said)) => said,
                (Some(NetworkFault::AnotherPayment), _) => {
                    let answer = self.pass_on(request, index).await?;
                    NetworkFault::about_another_payment(&call, answer)
                }
                (Some(fault), None) => return self.befall(fault, request, index, client).await,
            };
            client.write_all(&answer.bytes()).await?;
        }
        Ok(Ending::Closed)
    }

    /// Writes a call down, and what shall become of it.
    fn note(&self, call: &Call) -> (usize, Option<NetworkFault>) {
        let nth = {
            let mut tries = self.tries.lock().unwrap();
            let tries = tries.entry((call.hop, call.key.clone())).or_default();
            *tries += 1;
            *tries
        };
        let plan = Arc::clone(&*self.plan.lock().unwrap());
        let fault = plan(call, nth);
        let now = Instant::now();
        let seen = Seen {
            call: call.clone(),
            fault,
            answered: None,
            began: now,
            ended: now,
        };
        let mut all = self.seen.lock().unwrap();
        all.push(seen);
        self.came.send_replace(all.len());
        (all.len() - 1, fault)
    }

    /// Asks the peer.
    async fn pass_on(&self, request: Message, index: usize) -> io::Result<Message> {
        let (ahead, behind) = PACE;
        self.keep_pace(index, ahead).await;
        let began = Instant::now();
        let mut peer = BufReader::new(TcpStream::connect(self.peer).await?);
        peer.write_all(&request.last(true).bytes()).await?;
        let answer = Message::answer(&mut peer).await?.last(false);
        if let Some(seen) = self.seen.lock().unwrap().get_mut(index) {
            (seen.answered, seen.began, seen.ended) =
                (Some(answer.status()), began, Instant::now());
        }
        if index.is_multiple_of(3) {
            self.keep_pace(index, ahead - behind).await;
        }
        Ok(answer)
    }

    async fn keep_pace(&self, index: usize, ahead: usize) {
        let other = self.pace.lock().unwrap().clone();
        if let Some(mut other) = other {
            let _ = other.wait_for(|came| came + ahead > index).await;
        }
    }

    /// Faults that end the connection.
    async fn befall(
        self: &Arc<Self>,
        fault: NetworkFault,
        request: Message,
        index: usize,
        client: &mut BufReader<TcpStream>,
    ) -> io::Result<Ending> {
        match fault {
            NetworkFault::Refused | NetworkFault::Down => {
                self.go_down(fault == NetworkFault::Down);
                return Ok(Ending::Reset);
            }
            NetworkFault::ResetBefore => return Ok(Ending::Reset),
            NetworkFault::StalledBefore => return self.hang(client).await,
            NetworkFault::Endless => return endless(client).await,
            _ => {}
        }
        let answer = self.pass_on(request, index).await?.bytes();
        match fault {
            NetworkFault::ResetAfter => return Ok(Ending::Reset),
            NetworkFault::StalledAfter => return self.hang(client).await,
            NetworkFault::Cut => client.write_all(&answer[..answer.len() / 2]).await?,
            NetworkFault::Dripped => {
                for byte in answer {
                    client.write_all(&[byte]).await?;
                    sleep(DRIP).await;
                }
            }
            // The reply is dropped.
            _ => {}
        }
        Ok(Ending::Closed)
    }

    /// Says nothing until the client gives up.
    async fn hang(&self, client: &mut BufReader<TcpStream>) -> io::Result<Ending> {
        self.hangs.notify_one();
        while client.read(&mut [0; 64]).await? > 0 {}
        Ok(Ending::Closed)
    }

    fn go_down(self: &Arc<Self>, for_good: bool) {
        self.open.send_replace(false);
        self.cut();
        if !for_good {
            let wire = Arc::clone(self);
            tokio::spawn(async move {
                sleep(MOMENT).await;
                wire.open.send_replace(true);
            });
        }
    }
}

/// White space until the client gives up.
async fn endless(client: &mut BufReader<TcpStream>) -> io::Result<Ending> {
    let (size, pause) = CHUNK;
    client
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
        .await?;
    loop {
        client.write_all(&vec![b' '; size]).await?;
        sleep(pause).await;
    }
}
