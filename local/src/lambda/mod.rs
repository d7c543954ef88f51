//! Lambda as a real program meets it: a process with nothing but its environment, and the Runtime API it asks for work.
//!
//! One driver for every suite that runs the program itself; [`crate::Function`] is the one without a process.

mod runtime_api;

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tokio::task::{JoinHandle, spawn_blocking, yield_now};

use crate::Error;

pub use runtime_api::{Invocation, Report, RuntimeApi};

/// How long a sweep may take: the function's timeout in `template.yaml`.
pub(crate) const SWEEP_TIMEOUT: Duration = Duration::from_mins(1);
/// How long a request may take: API Gateway's timeout in `template.yaml`.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(15);

/// A running program and its Runtime API; dropping it ends both.
#[derive(Debug)]
pub struct Lambda {
    /// What hands it its events.
    pub api: RuntimeApi,
    program: Child,
    printed: Vec<JoinHandle<io::Result<String>>>,
}

impl Lambda {
    /// Starts a program with these variables, and with nothing else but what Lambda itself sets.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(
        program: &Path,
        environment: &BTreeMap<&'static str, String>,
    ) -> Result<Self, Error> {
        let api = RuntimeApi::open().await?;
        let mut program = Command::new(program)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", api.address().to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "payment-verifier")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(Error::Program)?;
        let output = program.stdout.take().map(keep);
        let errors = program.stderr.take().map(keep);
        Ok(Self {
            api,
            program,
            printed: output.into_iter().chain(errors).collect(),
        })
    }

    /// The process's id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.program.id()
    }

    /// SIGKILL; returns once it is gone.
    ///
    /// # Errors
    /// When the process cannot be waited for.
    pub fn kill(&mut self) -> Result<(), Error> {
        // It may have ended by itself.
        let _ = self.program.kill();
        self.program.wait().map_err(Error::Program)?;
        Ok(())
    }

    /// SIGSTOP; returns once it stands still.
    ///
    /// # Errors
    /// When the process is gone.
    pub async fn freeze(&self) -> Result<(), Error> {
        self.signal("STOP")?;
        let stat = format!("/proc/{}/stat", self.id());
        // The state follows the name in parentheses.
        while !std::fs::read_to_string(&stat)
            .map_err(Error::Program)?
            .contains(") T ")
        {
            yield_now().await;
        }
        Ok(())
    }

    /// SIGCONT.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn thaw(&self) -> Result<(), Error> {
        self.signal("CONT")
    }

    /// Waits until it ends by itself: how it ended, and all that it printed, standard output first.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn ended(&mut self) -> Result<(ExitStatus, String), Error> {
        let mut printed = String::new();
        for part in self.printed.drain(..) {
            let part = part.await.map_err(io::Error::other).flatten();
            printed += &part.map_err(Error::Program)?;
        }
        let status = self.program.wait().map_err(Error::Program)?;
        Ok((status, printed))
    }

    /// Kills it: all that it printed.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn end(mut self) -> Result<String, Error> {
        self.kill()?;
        Ok(self.ended().await?.1)
    }

    fn signal(&self, name: &str) -> Result<(), Error> {
        let id = self.id().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status();
        if status.map_err(Error::Program)?.success() {
            return Ok(());
        }
        Err(Error::Program(io::ErrorKind::NotFound.into()))
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        // By its id; an error means that it is gone already.
        let _ = self.kill();
    }
}

/// Reads until the program closes it, which is when it ends.
fn keep(mut stream: impl Read + Send + 'static) -> JoinHandle<io::Result<String>> {
    spawn_blocking(move || {
        let mut printed = Vec::new();
        stream.read_to_end(&mut printed)?;
        Ok(String::from_utf8_lossy(&printed).into_owned())
    })
}
