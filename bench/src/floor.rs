//! The floor: nothing but the calls that ours makes, byte for byte as it sends them: the two of a warm verification, or
//! all the writes of a sweep, as many at once.
//!
//! A thread of its own with a client of its own: reqwest, rustls on ring, connections kept alive.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use hyper::header::{CONTENT_LENGTH, HOST};
use reqwest::{Certificate, Client};
use tokio::sync::{mpsc, oneshot};

use crate::Result;
use crate::contestant::Running;
use crate::hop::Heard;
use crate::process::Cpu;
use crate::stage::{Sale, Stage};

/// The way to the floor's thread.
pub(crate) struct Floor {
    jobs: mpsc::UnboundedSender<Job>,
    thread: u32,
}

struct Job {
    calls: Vec<RecordedCall>,
    at_once: usize,
    answer: oneshot::Sender<Result<Made>>,
}

/// What became of some calls.
pub(crate) struct Made {
    /// How long they took in all.
    pub(crate) taken: Duration,
    /// Writes whose condition did not hold.
    pub(crate) refused: usize,
}

/// A call that was recorded, and where it goes.
#[derive(Clone)]
pub(crate) struct RecordedCall {
    url: String,
    heard: Heard,
}

impl RecordedCall {
    /// A call that came in at a hop.
    pub(crate) fn new(url: &str, mut heard: Heard) -> Self {
        // The client writes these itself.
        heard.headers.remove(HOST);
        heard.headers.remove(CONTENT_LENGTH);
        Self {
            url: url.to_owned(),
            heard,
        }
    }
}

/// The two calls, as recorded for one sale.
#[derive(Clone)]
pub(crate) struct Recording {
    calls: Vec<RecordedCall>,
    sale: Sale,
}

impl Recording {
    /// Has ours verify a payment, and keeps what it sent.
    pub(crate) async fn of(ours: &mut Running, stage: &Stage) -> Result<Self> {
        let sale = stage.sell(0).await?;
        let hops = [&stage.gateway, &stage.aws];
        for hop in hops {
            hop.listen();
        }
        ours.verify(&sale).await?;
        let calls = hops.iter().flat_map(|hop| {
            let call = |heard| RecordedCall::new(&hop.url, heard);
            hop.heard().into_iter().map(call)
        });
        let calls = calls.collect();
        Ok(Self { calls, sale })
    }

    /// The same calls for another sale; its ids are as long.
    fn for_sale(&self, sale: &Sale) -> Vec<RecordedCall> {
        let renamed = |text: &str| {
            text.replace(&self.sale.imp_uid, &sale.imp_uid)
                .replace(&self.sale.merchant_uid, &sale.merchant_uid)
        };
        let mut calls = self.calls.clone();
        for call in &mut calls {
            call.heard.path = renamed(&call.heard.path);
            call.heard.body = Bytes::from(renamed(&String::from_utf8_lossy(&call.heard.body)));
        }
        calls
    }
}

impl Floor {
    /// Starts the thread.
    pub(crate) fn start(stage: &Stage) -> Result<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let authority = Certificate::from_der(&stage.authority().certificate)?;
        let client = Client::builder()
            .tls_certs_only([authority])
            .no_proxy()
            .build()?;
        let (jobs, queue) = mpsc::unbounded_channel();
        let (named, name) = std::sync::mpsc::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        std::thread::Builder::new()
            .name("floor".to_owned())
            .spawn(move || {
                let link = std::fs::read_link("/proc/thread-self").unwrap_or_default();
                let _ = named.send(link);
                runtime.block_on(work(client, queue));
            })?;
        let link = name.recv()?;
        let thread = link
            .file_name()
            .and_then(|name| name.to_str()?.parse().ok());
        Ok(Self {
            jobs,
            thread: thread.ok_or("no /proc/thread-self")?,
        })
    }

    /// Makes the two calls for a sale.
    pub(crate) async fn verify(&self, recording: &Recording, sale: &Sale) -> Result<Duration> {
        Ok(self.make(recording.for_sale(sale), 1).await?.taken)
    }

    /// Makes these calls, so many at once.
    pub(crate) async fn make(&self, calls: Vec<RecordedCall>, at_once: usize) -> Result<Made> {
        let (answer, answered) = oneshot::channel();
        let job = Job {
            calls,
            at_once,
            answer,
        };
        self.jobs.send(job).map_err(|_| "the floor has ended")?;
        answered.await?
    }

    /// CPU time so far.
    pub(crate) fn cpu(&self) -> Cpu {
        Cpu::of_thread(self.thread)
    }
}

async fn work(client: Client, mut jobs: mpsc::UnboundedReceiver<Job>) {
    while let Some(job) = jobs.recv().await {
        let started = Instant::now();
        let calls = stream::iter(job.calls).map(|call| make(&client, call));
        let refused = calls
            .buffer_unordered(job.at_once)
            .try_fold(0, async |refused, is_refused| {
                Ok(refused + usize::from(is_refused))
            });
        let made = refused.await.map(|refused| Made {
            taken: started.elapsed(),
            refused,
        });
        let _ = job.answer.send(made);
    }
}

/// Makes a call; whether it was a write whose condition did not hold, which is an answer, too.
async fn make(client: &Client, call: RecordedCall) -> Result<bool> {
    let Heard {
        method,
        path,
        headers,
        body,
    } = call.heard;
    let request = client
        .request(method, format!("{}{path}", call.url))
        .headers(headers)
        .body(body);
    let answer = request.send().await?;
    let (status, body) = (answer.status(), answer.bytes().await?);
    if status.is_success() {
        return Ok(false);
    }
    let body = String::from_utf8_lossy(&body);
    if body.contains("ConditionalCheckFailedException") {
        return Ok(true);
    }
    Err(format!("the floor: {status}: {body}").into())
}
