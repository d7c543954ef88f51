//! The program, while it runs.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iamport-sim"));
    command
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Waits for the program's end, without holding up the gateway of the test.
pub(crate) async fn output(mut command: Command) -> Output {
    spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

/// What it printed when all went well.
pub(crate) async fn printed(command: Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = output(command).await;
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!((status.code(), stderr.as_str()), (Some(0), ""));
    String::from_utf8(stdout).unwrap()
}

/// The one line that says why not.
pub(crate) async fn refused(command: Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = output(command).await;
    assert_eq!((status.code(), stdout.as_slice()), (Some(1), &b""[..]));
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    stderr
}

/// A program that does not outlive its test.
pub(crate) struct Running {
    child: Child,
    lines: UnboundedReceiver<String>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let (tell, lines) = unbounded_channel();
        listen(child.stdout.take().unwrap(), tell.clone());
        listen(child.stderr.take().unwrap(), tell);
        Self { child, lines }
    }

    /// The next line, of either kind.
    pub(crate) async fn line(&mut self) -> String {
        let line = timeout(PATIENCE, self.lines.recv()).await;
        line.unwrap().expect("the program has ended")
    }

    /// Sends it a signal, and returns its exit code.
    pub(crate) async fn end(&mut self, signal: &str) -> Option<i32> {
        let id = self.child.id().to_string();
        let kill = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(kill.unwrap().success());
        self.ended().await
    }

    /// Its exit code, once it has ended.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        let rest = async { while self.lines.recv().await.is_some() {} };
        timeout(PATIENCE, rest).await.unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ = self.child.kill();
    }
}

fn listen(pipe: impl Read + Send + 'static, tell: UnboundedSender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let _ = tell.send(line);
        }
    });
}
