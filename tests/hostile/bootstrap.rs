//! The real binary, in the hands of a Lambda Runtime API on loopback: everything it says and prints is kept.

use std::collections::BTreeMap;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::loopback::{Request, Response, serve};

/// Lambda's id of every invocation.
pub(crate) const REQUEST_ID: &str = "request-1";
/// What Lambda gives an invocation, unless it gives less.
pub(crate) const PLENTY: Duration = Duration::from_secs(30);
/// A binary that says nothing for so long is stuck.
const STUCK: Duration = Duration::from_mins(1);

/// One running environment of the function.
pub(crate) struct Bootstrap {
    child: Child,
    events: Sender<(Duration, String)>,
    reports: Mutex<Receiver<(String, String)>>,
    output: Vec<JoinHandle<String>>,
}

impl Bootstrap {
    /// Starts the binary with these variables and no others.
    pub(crate) fn start(environment: &BTreeMap<&'static str, String>) -> Self {
        let (events, queue) = channel();
        let (reporter, reports) = channel();
        let (queue, reporter) = (Mutex::new(queue), Mutex::new(reporter));
        let api = serve(move |request| runtime_api(&request, &queue, &reporter));
        let mut child = Command::new(env!("CARGO_BIN_EXE_payment-verifier"))
            .env_clear()
            .envs([
                ("AWS_LAMBDA_RUNTIME_API", api.to_string().as_str()),
                ("AWS_LAMBDA_FUNCTION_NAME", "payment-verifier"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
            ])
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = vec![
            drain(child.stdout.take().unwrap()),
            drain(child.stderr.take().unwrap()),
        ];
        Self {
            child,
            events,
            reports: Mutex::new(reports),
            output,
        }
    }

    /// Hands over an event, and what the function makes of it: where it reported to, and what.
    pub(crate) fn invoke(&self, event: &Value, within: Duration) -> (String, String) {
        self.events.send((within, event.to_string())).unwrap();
        let reports = self.reports.lock().unwrap();
        reports.recv_timeout(STUCK).expect("the function reports")
    }

    /// As [`Bootstrap::invoke`], for an event that has an answer: that one.
    pub(crate) fn answer(&self, event: &Value, within: Duration) -> Value {
        let (path, answer) = self.invoke(event, within);
        assert!(path.ends_with("/response"), "{path}: {answer}");
        serde_json::from_str(&answer).unwrap()
    }

    /// The process's id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether the process ended by itself.
    pub(crate) fn wait(&mut self) -> bool {
        self.child.wait().unwrap().success()
    }

    /// Ends it; all that it printed, to standard output and to standard error.
    pub(crate) fn end(mut self) -> String {
        // It may have ended by itself.
        let _ = self.child.kill();
        self.child.wait().unwrap();
        self.output
            .into_iter()
            .map(|output| output.join().unwrap())
            .collect()
    }
}

/// `GET …/invocation/next`, `POST …/invocation/{id}/response`, `…/error` and `…/init/error`.
fn runtime_api(
    request: &Request,
    queue: &Mutex<Receiver<(Duration, String)>>,
    reporter: &Mutex<Sender<(String, String)>>,
) -> Response {
    if request.method == "POST" {
        let report = String::from_utf8_lossy(&request.body).into_owned();
        // Nobody may be waiting for it any more.
        let _ = reporter
            .lock()
            .unwrap()
            .send((request.path.clone(), report));
        return Response::json(202, "");
    }
    let Ok((within, event)) = queue.lock().unwrap().recv() else {
        // The test is over, and its binary with it.
        return Response::json(500, "");
    };
    let deadline = (SystemTime::now() + within)
        .duration_since(UNIX_EPOCH)
        .unwrap();
    let mut next = Response::json(200, event);
    next.headers.extend([
        ("lambda-runtime-aws-request-id", REQUEST_ID.to_owned()),
        (
            "lambda-runtime-deadline-ms",
            deadline.as_millis().to_string(),
        ),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:::function:f".to_owned(),
        ),
    ]);
    next
}

fn drain(mut stream: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut printed = Vec::new();
        stream.read_to_end(&mut printed).unwrap();
        String::from_utf8_lossy(&printed).into_owned()
    })
}
