//! AWS's own engine beside the embedded one, where there is one: `DYNAMODB_ENDPOINT`, or what `make test` installed.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::Result;

/// A running DynamoDB Local.
pub(crate) struct Engine {
    pub(crate) url: String,
    started: Option<Child>,
}

impl Engine {
    /// The one that runs already, or one that is started; `None` if there is none.
    pub(crate) async fn find() -> Result<Option<Self>> {
        let given = |name| std::env::var(name).ok().filter(|it| !it.is_empty());
        if let Some(url) = given("DYNAMODB_ENDPOINT") {
            return Ok(Some(Self { url, started: None }));
        }
        let Some(tool) = given("BENCH_DYNAMODB_LOCAL") else {
            return Ok(None);
        };
        // It runs until its input closes, which is when this program ends, however it does.
        let mut child = Command::new(tool)
            .args(["sh", "-c", "echo \"$DYNAMODB_ENDPOINT\"; exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("no output")?;
        let mut lines = BufReader::new(output).lines();
        let url = lines.next_line().await?;
        Ok(Some(Self {
            url: url.ok_or("DynamoDB Local did not start")?,
            started: Some(child),
        }))
    }

    /// Ends it, if it was started here.
    pub(crate) async fn end(self) -> Result<()> {
        if let Some(mut child) = self.started {
            drop(child.stdin.take());
            child.wait().await?;
        }
        Ok(())
    }
}
