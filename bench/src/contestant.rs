//! The contestants, and how each is started and asked.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use local::lambda::{Invocation, Report, RuntimeApi};
use serde_json::Value;

use crate::hop::free_port;
use crate::process::{Asked, Process, Program};
use crate::quota::Quota;
use crate::stage::{Sale, Stage};
use crate::workspace::Workspace;
use crate::{Failure, Result};

/// An answer that takes longer is none.
const STUCK: Duration = Duration::from_mins(1);

/// The four of them; ours first.
pub(crate) fn all(workspace: &Workspace) -> Vec<Program> {
    let text = |path: &std::path::Path| path.display().to_string();
    let node = |path: &str| vec!["node".to_owned(), text(&workspace.peers.join(path))];
    let program = |name, command, asked| Program {
        name,
        command,
        asked,
    };
    vec![
        program("ours", vec![text(&workspace.bootstrap)], Asked::RuntimeApi),
        program("guide", node("express/server.js"), Asked::Http),
        program(
            "node",
            node("powertools/dist/bootstrap.js"),
            Asked::RuntimeApi,
        ),
        program(
            "ordinary",
            vec![text(&workspace.ordinary)],
            Asked::RuntimeApi,
        ),
    ]
}

/// A contestant that runs.
pub(crate) struct Running {
    pub(crate) name: &'static str,
    pub(crate) process: Process,
    way: Way,
}

enum Way {
    RuntimeApi(RuntimeApi),
    Http(Box<Client<HttpConnector, Full<Bytes>>>, String),
}

impl Running {
    /// Starts a program against the stage.
    pub(crate) async fn start(
        program: &Program,
        stage: &Stage,
        quota: Option<&Quota>,
    ) -> Result<Self> {
        let mut environment: Vec<_> = stage.environment().into_iter().collect();
        let way = match program.asked {
            Asked::RuntimeApi => {
                let api = RuntimeApi::open().await?;
                environment.push((
                    "AWS_LAMBDA_RUNTIME_API".to_owned(),
                    api.address().to_string(),
                ));
                Way::RuntimeApi(api)
            }
            Asked::Http => {
                let port = free_port().await?;
                environment.push(("PORT".to_owned(), port.to_string()));
                let client = Client::builder(TokioExecutor::new()).build_http();
                Way::Http(
                    Box::new(client),
                    format!("http://127.0.0.1:{port}/payments/complete"),
                )
            }
        };
        Ok(Self {
            name: program.name,
            process: Process::start(program, &environment, quota).await?,
            way,
        })
    }

    /// From the start until it asks for work, or listens.
    pub(crate) async fn ready(&self) -> Result<Duration> {
        let at = match &self.way {
            Way::RuntimeApi(api) => api.first_asked().await.ok(),
            Way::Http(..) => {
                let line = tokio::time::timeout(STUCK, self.process.first_line()).await;
                line.ok().and_then(Result::ok)
            }
        };
        let at = at.ok_or_else(|| self.failed("does not get ready"))?;
        Ok(at - self.process.spawned)
    }

    /// Has a payment verified: how long that took. Any answer but `success` is an error.
    pub(crate) async fn verify(&mut self, sale: &Sale) -> Result<Duration> {
        let (started, taken);
        let answer = match &mut self.way {
            Way::RuntimeApi(api) => {
                let invocation = Invocation::of(&sale.event());
                started = Instant::now();
                let report = api.invoke(invocation).await;
                taken = started.elapsed();
                report.map_err(Failure::from).and_then(|it| body_of(&it))
            }
            Way::Http(client, url) => {
                let request = Request::post(url.as_str())
                    .header("content-type", "application/json")
                    .body(Full::from(sale.body().to_string()))?;
                started = Instant::now();
                let answer = tokio::time::timeout(STUCK, post(client, request)).await;
                taken = started.elapsed();
                answer.unwrap_or_else(|_| Err("stuck".into()))
            }
        };
        match answer {
            Ok(body) if body["status"] == "success" => Ok(taken),
            Ok(body) => Err(self.failed(&format!("answered {body}"))),
            Err(error) => Err(self.failed(&format!("failed: {error}"))),
        }
    }

    /// Has a sweep made: how long that took, and what it says of itself.
    pub(crate) async fn sweep(
        &mut self,
        event: &Value,
        within: Duration,
    ) -> Result<(Duration, Value)> {
        let Way::RuntimeApi(api) = &mut self.way else {
            return Err(self.failed("has no sweep"));
        };
        let started = Instant::now();
        api.hand_out(Invocation::of(event).within(within));
        let report = loop {
            match api.report().await {
                // It says nothing before it is through, and may take longer than a request.
                Err(_) if started.elapsed() < within => {}
                report => break report,
            }
        };
        let taken = started.elapsed();
        let answer = report.map_err(Failure::from);
        match answer.and_then(|report| Ok(report.answer()?)) {
            Ok(summary) => Ok((taken, summary)),
            Err(error) => Err(self.failed(&format!("failed to sweep: {error}"))),
        }
    }

    fn failed(&self, how: &str) -> Failure {
        format!("{} {how}\n{}", self.name, self.process.printed()).into()
    }
}

/// The body of the answer, as API Gateway reads it from the report.
fn body_of(report: &Report) -> Result<Value> {
    let answer = report.answer()?;
    Ok(serde_json::from_str(
        answer["body"].as_str().unwrap_or_default(),
    )?)
}

async fn post(
    client: &Client<HttpConnector, Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Result<Value> {
    let (head, body) = client.request(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    if head.status != StatusCode::OK {
        return Err(format!("{}: {}", head.status, String::from_utf8_lossy(&body)).into());
    }
    Ok(serde_json::from_slice(&body)?)
}
