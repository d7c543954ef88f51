//! Where things are, and how much of everything a run does.

use std::path::PathBuf;

use crate::Result;
use crate::stats::as_f64;

/// Paths, as `bench/run` hands them over.
pub(crate) struct Workspace {
    /// The function, as `make build` builds it; `BOOTSTRAP` names another one, to compare two builds.
    pub(crate) bootstrap: PathBuf,
    /// The peers, installed and built.
    pub(crate) peers: PathBuf,
    /// The ordinary Rust function.
    pub(crate) ordinary: PathBuf,
    /// Files of this run.
    pub(crate) scratch: PathBuf,
    /// Where the table and the picture go.
    pub(crate) docs: PathBuf,
}

impl Workspace {
    /// Reads them from the environment.
    pub(crate) fn read() -> Result<Self> {
        let path = |name: &str| {
            let value =
                std::env::var_os(name).ok_or(format!("{name} is not set: use `make bench`"));
            value.map(PathBuf::from)
        };
        let scratch = path("BENCH_SCRATCH")?;
        std::fs::create_dir_all(&scratch)?;
        Ok(Self {
            bootstrap: path("BOOTSTRAP")?,
            peers: path("BENCH_PEERS")?,
            ordinary: path("BENCH_ORDINARY")?,
            scratch,
            docs: path("BENCH_DOCS")?,
        })
    }

    /// The size of the archive beside the function, if it was built with one.
    pub(crate) fn zip_mb(&self) -> Option<f64> {
        let archive = std::fs::metadata(self.bootstrap.with_extension("zip")).ok()?;
        Some(as_f64(usize::try_from(archive.len()).ok()?) / 1e6)
    }
}
