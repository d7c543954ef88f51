//! The real program in a process of its own, driven through Lambda's Runtime API.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lambda_http::http::Request;
use local::{Answer, event};
use serde_json::{Value, json};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinHandle, JoinSet, yield_now};
use tokio::time::timeout;

use crate::http::Message;
use crate::life::{Door, Order};

/// What the service gives an invocation: the timeout in `template.yaml`.
const TIMEOUT: Duration = Duration::from_secs(15);
/// A test that hangs says so in the end.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// A running program, and the service that hands it events.
pub(crate) struct Lambda {
    program: Child,
    service: JoinHandle<()>,
    events: mpsc::UnboundedSender<Value>,
    answers: mpsc::UnboundedReceiver<Value>,
}

/// The service's end of the Runtime API.
struct Service {
    events: Mutex<mpsc::UnboundedReceiver<Value>>,
    answers: mpsc::UnboundedSender<Value>,
}

impl Lambda {
    /// Starts the program with these settings and nothing else.
    pub(crate) async fn start(environment: &BTreeMap<&'static str, String>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (events, handed_out) = mpsc::unbounded_channel();
        let (given, answers) = mpsc::unbounded_channel();
        let service = Arc::new(Service {
            events: Mutex::new(handed_out),
            answers: given,
        });
        let program = Command::new(env!("CARGO_BIN_EXE_payment-verifier"))
            .env_clear()
            .envs(environment)
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "payment-verifier")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            program,
            service: tokio::spawn(service.listen(listener)),
            events,
            answers,
        }
    }

    /// Hands it an event: somebody tells about an attempt.
    pub(crate) fn invoke(&self, order: &Order, door: Door, attempt: char) {
        let path = match door {
            Door::Page => "/payments/complete",
            Door::Webhook => "/payments/webhook",
        };
        let body =
            json!({"imp_uid": order.imp_uid(attempt), "merchant_uid": order.name()}).to_string();
        let request = Request::post(path)
            .header("content-type", "application/json")
            .body(())
            .unwrap();
        let source = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let event = event::event(&request.into_parts().0, &body.into(), source);
        self.events.send(event).unwrap();
    }

    /// What it answers.
    pub(crate) async fn answer(&mut self) -> Answer {
        let answer = timeout(PATIENCE, self.answers.recv()).await;
        event::response(&answer.expect("no answer").unwrap()).into()
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.program.kill().unwrap();
        self.program.wait().unwrap();
    }

    /// SIGSTOP; returns once it stands still.
    pub(crate) async fn freeze(&self) {
        self.signal("STOP");
        let stat = format!("/proc/{}/stat", self.program.id());
        // The state follows the name in parentheses.
        while !std::fs::read_to_string(&stat).unwrap().contains(") T ") {
            yield_now().await;
        }
    }

    /// SIGCONT.
    pub(crate) fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let id = self.program.id().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status();
        assert!(status.unwrap().success(), "no signal {name} for {id}");
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        self.service.abort();
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl Service {
    async fn listen(self: Arc<Self>, listener: TcpListener) {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let service = Arc::clone(&self);
            connections.spawn(async move { service.talk(stream).await });
        }
    }

    async fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut program = BufReader::new(stream);
        while let Some(request) = Message::request(&mut program).await? {
            let answer = match request.target() {
                ("GET", "/2018-06-01/runtime/invocation/next") => self.next().await,
                ("POST", path) if path.ends_with("/response") || path.ends_with("/error") => {
                    let _ = self.answers.send(serde_json::from_slice(&request.body)?);
                    Message::saying(202, &[], "")
                }
                other => panic!("not of the Runtime API: {other:?}"),
            };
            program.write_all(&answer.bytes()).await?;
        }
        Ok(())
    }

    /// The next event, as soon as there is one.
    async fn next(&self) -> Message {
        let Some(event) = self.events.lock().await.recv().await else {
            return std::future::pending().await;
        };
        let deadline = (SystemTime::now() + TIMEOUT)
            .duration_since(UNIX_EPOCH)
            .unwrap();
        let headers = [
            ("content-type", "application/json"),
            (
                "lambda-runtime-aws-request-id",
                event["requestContext"]["requestId"].as_str().unwrap(),
            ),
            (
                "lambda-runtime-deadline-ms",
                &deadline.as_millis().to_string(),
            ),
            (
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:local:000000000000:function:payment-verifier",
            ),
        ];
        Message::saying(200, &headers, &event.to_string())
    }
}
