//! A CPU quota as Lambda's: 7 % of a core is what a function with 128 MB gets. Control groups of both versions.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;

/// Microseconds of CPU time …
const SHARE_US: u32 = 1400;
/// … in every period of so many.
const PERIOD_US: u32 = 20_000;

/// A control group with the quota; dropping it removes it.
pub(crate) struct Quota {
    directory: PathBuf,
}

impl Quota {
    /// Makes the group. Only root may.
    pub(crate) fn new() -> Result<Self> {
        let name = format!("payment-verifier-bench-{}", std::process::id());
        let v1 = Path::new("/sys/fs/cgroup/cpu");
        let v2 = Path::new("/sys/fs/cgroup");
        if v1.join("cpu.cfs_quota_us").exists() {
            let directory = v1.join(name);
            fs::create_dir(&directory)?;
            let quota = Self { directory };
            quota.set("cpu.cfs_period_us", &PERIOD_US.to_string())?;
            quota.set("cpu.cfs_quota_us", &SHARE_US.to_string())?;
            Ok(quota)
        } else if v2.join("cgroup.controllers").exists() {
            // The groups below have the controller only once it is handed down; it may be already.
            let _ = fs::write(v2.join("cgroup.subtree_control"), "+cpu");
            let directory = v2.join(name);
            fs::create_dir(&directory)?;
            let quota = Self { directory };
            quota.set("cpu.max", &format!("{SHARE_US} {PERIOD_US}"))?;
            Ok(quota)
        } else {
            Err("no control groups for CPU time below /sys/fs/cgroup".into())
        }
    }

    /// The file that takes the id of a process that is to come in.
    pub(crate) fn entrance(&self) -> PathBuf {
        self.directory.join("cgroup.procs")
    }

    fn set(&self, file: &str, value: &str) -> Result<()> {
        let path = self.directory.join(file);
        fs::write(&path, value).map_err(|error| format!("{}: {error}", path.display()).into())
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        // Its processes have been killed; the last may take a moment to go.
        for _ in 0..50 {
            if fs::remove_dir(&self.directory).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        eprintln!("bench: {} stays behind", self.directory.display());
    }
}
