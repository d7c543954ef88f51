use std::time::{SystemTime, UNIX_EPOCH};

/// The gateway's own clock, in UNIX seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clock {
    /// Off the machine's clock by so much.
    Running {
        offset: i64,
    },
    Stopped {
        at: i64,
    },
}

impl Clock {
    /// So many seconds later, running or stopped as before.
    pub(crate) fn advanced(self, seconds: i64) -> Self {
        match self {
            Self::Running { offset } => Self::Running {
                offset: offset.saturating_add(seconds),
            },
            Self::Stopped { at } => Self::Stopped {
                at: at.saturating_add(seconds),
            },
        }
    }

    pub(crate) fn now(self) -> i64 {
        match self {
            Self::Stopped { at } => at,
            Self::Running { offset } => {
                let since_epoch = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default();
                i64::try_from(since_epoch.as_secs())
                    .unwrap_or(i64::MAX)
                    .saturating_add(offset)
            }
        }
    }
}
