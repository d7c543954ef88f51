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
    /// Files of this run alone; gone with it.
    pub(crate) scratch: PathBuf,
    /// Where a quick run leaves its picture.
    pub(crate) results: PathBuf,
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
        let results = path("BENCH_SCRATCH")?;
        let scratch = results.join(std::process::id().to_string());
        std::fs::create_dir_all(&scratch)?;
        Ok(Self {
            bootstrap: path("BOOTSTRAP")?,
            peers: path("BENCH_PEERS")?,
            ordinary: path("BENCH_ORDINARY")?,
            scratch,
            results,
            docs: path("BENCH_DOCS")?,
        })
    }

    /// The size of the archive beside the function, if it was built with one.
    pub(crate) fn zip_mb(&self) -> Option<f64> {
        let archive = std::fs::metadata(self.bootstrap.with_extension("zip")).ok()?;
        Some(as_f64(usize::try_from(archive.len()).ok()?) / 1e6)
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.scratch);
    }
}
