//! The event that starts a sweep: `{"sweep": {"minutes": 130, "until": "2026-11-24T10:00:00Z"}}`.

use std::collections::HashMap;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::clock::now;

/// The longest window: the gateway lists 90 days (OAS).
const MAX_MINUTES: i64 = 129_600;
/// A window that is not said to end ends so many seconds ago: what is younger may still be on its way.
const UNTIL: i64 = 60;

/// The window of one sweep, in UNIX seconds, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its first second.
    pub from: i64,
    /// Its last second.
    pub to: i64,
}

/// The event has a `sweep`, and is not one. It says what is wrong.
#[derive(Debug, thiserror::Error)]
#[error("not a sweep: {0}")]
pub struct NotASweep(String);

/// Reads an event; `None` if it has no `sweep`, and is something else.
///
/// # Errors
/// It names what is wrong with it.
pub fn read(payload: &RawValue) -> Option<Result<Window, NotASweep>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Event {
        sweep: Given,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Given {
        minutes: i64,
        until: Option<String>,
    }
    let json = payload.get();
    // A map takes a key twice, and leaves that to be told below.
    let keys: HashMap<String, &RawValue> = serde_json::from_str(json).ok()?;
    let sweep = keys.get("sweep")?.get();
    let window = || {
        // serde would take an array for a struct, too.
        if !sweep.starts_with('{') {
            return Err("sweep must be an object".to_owned());
        }
        let Event { sweep } = serde_json::from_str(json).map_err(|error| error.to_string())?;
        if !(1..=MAX_MINUTES).contains(&sweep.minutes) {
            return Err(format!("minutes must be 1 to {MAX_MINUTES}"));
        }
        let to = match sweep.until {
            None => now() - UNTIL,
            Some(until) => DateTime::from_str(&until, Format::DateTimeWithOffset)
                .map_err(|_| "until must be a time such as 2026-11-24T10:00:00Z".to_owned())?
                .secs(),
        };
        if to > now() {
            return Err("until must not be in the future".to_owned());
        }
        let from = to - sweep.minutes * 60;
        Ok(Window { from, to })
    };
    Some(window().map_err(NotASweep))
}
