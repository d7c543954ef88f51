//! A contestant's process: started, watched from outside, ended.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use crate::Result;
use crate::quota::Quota;

/// How many lines of what it printed are kept, to explain a failure.
const KEPT: usize = 20;

/// A contestant that is a process of its own.
pub(crate) struct Program {
    /// Its column in the table.
    pub(crate) name: &'static str,
    /// Program and arguments.
    pub(crate) command: Vec<String>,
    /// How it is asked.
    pub(crate) asked: Asked,
}

/// How requests reach a contestant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// It asks Lambda's Runtime API for them.
    RuntimeApi,
    /// It listens on `PORT`, and says so on its first line.
    Http,
}

/// A running process; dropping it ends it.
pub(crate) struct Process {
    child: Child,
    id: u32,
    /// When it was let go.
    pub(crate) spawned: Instant,
    printed: Arc<Mutex<VecDeque<String>>>,
    first_line: watch::Receiver<Option<Instant>>,
}

/// CPU time by thread, in nanoseconds: of the process and all its children.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cpu(BTreeMap<u32, u64>);

impl Cpu {
    /// Time spent since `before`; a thread that ended in between is left out.
    pub(crate) fn since(&self, before: &Self) -> Duration {
        let spent = self.0.iter().map(|(thread, now)| {
            now.saturating_sub(before.0.get(thread).copied().unwrap_or_default())
        });
        Duration::from_nanos(spent.sum())
    }

    /// Time spent since the start.
    pub(crate) fn total(&self) -> Duration {
        self.since(&Self::default())
    }

    /// What the threads of these processes spent so far.
    pub(crate) fn of(processes: &[u32]) -> Self {
        let threads = processes.iter().flat_map(|id| {
            let entries = fs::read_dir(format!("/proc/{id}/task"));
            entries.into_iter().flatten().flatten()
        });
        Self(
            threads
                .filter_map(|thread| {
                    let id = thread.file_name().to_str()?.parse().ok()?;
                    Some((id, on_cpu(&thread.path().join("schedstat"))?))
                })
                .collect(),
        )
    }

    /// What one thread of this program spent so far.
    pub(crate) fn of_thread(id: u32) -> Self {
        let path = format!("/proc/self/task/{id}/schedstat");
        Self(
            on_cpu(path.as_ref())
                .map(|spent| (id, spent))
                .into_iter()
                .collect(),
        )
    }
}

fn on_cpu(schedstat: &std::path::Path) -> Option<u64> {
    let text = fs::read_to_string(schedstat).ok()?;
    text.split_whitespace().next()?.parse().ok()
}

impl Process {
    /// Starts a program, in a cage if there is one.
    pub(crate) async fn start(
        program: &Program,
        environment: &[(String, String)],
        quota: Option<&Quota>,
    ) -> Result<Self> {
        let mut command = match quota {
            None => Command::new(&program.command[0]),
            // The shell is up before the clock starts, and becomes the program.
            Some(quota) => {
                let mut command = Command::new("/bin/sh");
                command.args(["-c", "read -r go; echo $$ > \"$0\"; exec \"$@\""]);
                command.arg(quota.entrance());
                command.arg(&program.command[0]);
                command.stdin(Stdio::piped());
                command
            }
        };
        if quota.is_none() {
            command.stdin(Stdio::null());
        }
        command
            .args(&program.command[1..])
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut spawned = Instant::now();
        let mut child = command
            .spawn()
            .map_err(|error| format!("{}: {error}", program.command[0]))?;
        if let Some(mut stdin) = child.stdin.take() {
            tokio::time::sleep(Duration::from_millis(50)).await;
            spawned = Instant::now();
            stdin.write_all(b"go\n").await?;
        }
        let (noted, first_line) = watch::channel(None);
        let printed = Arc::new(Mutex::new(VecDeque::new()));
        let noted = Arc::new(noted);
        if let Some(output) = child.stdout.take() {
            tokio::spawn(keep(output, Arc::clone(&printed), Some(noted)));
        }
        if let Some(output) = child.stderr.take() {
            tokio::spawn(keep(output, Arc::clone(&printed), None));
        }
        let id = child.id().ok_or("the process has ended")?;
        Ok(Self {
            child,
            id,
            spawned,
            printed,
            first_line,
        })
    }

    /// CPU time so far.
    pub(crate) fn cpu(&self) -> Cpu {
        Cpu::of(&self.family())
    }

    /// The most memory it ever held, its children's added: `VmHWM`, in KB.
    pub(crate) fn peak_kb(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// The memory it holds now: `VmRSS`, in KB.
    pub(crate) fn resident_kb(&self) -> u64 {
        self.status("VmRSS:")
    }

    fn status(&self, field: &str) -> u64 {
        let read = |id: &u32| {
            let text = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
            let line = text.lines().find_map(|line| line.strip_prefix(field))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        self.family().iter().filter_map(read).sum()
    }

    /// When its first line came out.
    pub(crate) async fn first_line(&self) -> Result<Instant> {
        let mut line = self.first_line.clone();
        let at = *line.wait_for(Option::is_some).await?;
        at.ok_or_else(|| "no line".into())
    }

    /// The last lines it printed.
    pub(crate) fn printed(&self) -> String {
        let printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<_> = printed.iter().map(String::as_str).collect();
        lines.join("\n")
    }

    /// Ends it.
    pub(crate) async fn end(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// The process and its children, and theirs.
    fn family(&self) -> Vec<u32> {
        let mut family = vec![self.id];
        let parents = parents();
        let mut index = 0;
        while let Some(parent) = family.get(index).copied() {
            family.extend(parents.iter().filter(|it| it.1 == parent).map(|it| it.0));
            index += 1;
        }
        family
    }
}

/// Every process of this machine, and its parent.
fn parents() -> Vec<(u32, u32)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let parent = |id: u32| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name before it may hold anything, but nothing after it holds a parenthesis.
        stat.rsplit_once(')')?
            .1
            .split_whitespace()
            .nth(1)?
            .parse()
            .ok()
    };
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|id| Some((id, parent(id)?)))
        .collect()
}

async fn keep(
    output: impl AsyncRead + Unpin,
    printed: Arc<Mutex<VecDeque<String>>>,
    noted: Option<Arc<watch::Sender<Option<Instant>>>>,
) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(noted) = &noted {
            noted.send_if_modified(|first| {
                let is_first = first.is_none();
                first.get_or_insert_with(Instant::now);
                is_first
            });
        }
        let mut printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
        if printed.len() == KEPT {
            printed.pop_front();
        }
        printed.push_back(line);
    }
}
