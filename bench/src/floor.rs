//! The floor: nothing but the two calls of a warm verification, byte for byte as ours sends them.
//!
//! A thread of its own with a client of its own: reqwest, rustls on ring, connections kept alive.

use std::time::{Duration, Instant};

use bytes::Bytes;
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

type Job = (Vec<RecordedCall>, oneshot::Sender<Result<Duration>>);

/// A call that was recorded, and where it goes.
#[derive(Clone)]
struct RecordedCall {
    url: String,
    heard: Heard,
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
            let url = hop.url.clone();
            let call = move |heard| RecordedCall {
                url: url.clone(),
                heard,
            };
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
            // The client writes these itself.
            call.heard.headers.remove(HOST);
            call.heard.headers.remove(CONTENT_LENGTH);
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
        let (answer, answered) = oneshot::channel();
        self.jobs.send((recording.for_sale(sale), answer))?;
        answered.await?
    }

    /// CPU time so far.
    pub(crate) fn cpu(&self) -> Cpu {
        Cpu::of_thread(self.thread)
    }
}

async fn work(client: Client, mut jobs: mpsc::UnboundedReceiver<Job>) {
    while let Some((calls, answer)) = jobs.recv().await {
        let _ = answer.send(make(&client, calls).await);
    }
}

async fn make(client: &Client, calls: Vec<RecordedCall>) -> Result<Duration> {
    let started = Instant::now();
    for call in calls {
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
        let body = String::from_utf8_lossy(&body);
        // The second time the condition does not hold, which is the answer.
        if !status.is_success() && !body.contains("ConditionalCheckFailedException") {
            return Err(format!("the floor: {status}: {body}").into());
        }
    }
    Ok(started.elapsed())
}
