//! Our clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// The time in UNIX seconds.
pub(crate) fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs().cast_signed())
}
