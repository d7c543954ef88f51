//! Korea's days and times: UTC and nine hours, all year.

use std::fmt;
use std::str::FromStr;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use crate::DeskError;

const AHEAD: i64 = 9 * 3600;
const DAY: i64 = 24 * 3600;

/// A day in Korea.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

impl Day {
    /// The day of a time in UNIX seconds.
    #[must_use]
    pub fn of(at: i64) -> Self {
        Self((at + AHEAD).div_euclid(DAY))
    }

    /// Its first second, in UNIX seconds.
    #[must_use]
    pub fn begins(self) -> i64 {
        self.0 * DAY - AHEAD
    }

    /// Its last second, in UNIX seconds.
    #[must_use]
    pub fn ends(self) -> i64 {
        self.begins() + DAY - 1
    }
}

impl FromStr for Day {
    type Err = DeskError;

    fn from_str(text: &str) -> Result<Self, DeskError> {
        let midnight = DateTime::from_str(&format!("{text}T00:00:00Z"), Format::DateTime);
        let day = midnight.ok().map(|at| Self(at.secs().div_euclid(DAY)));
        // What is read leniently reads back as something else.
        day.filter(|day| day.to_string() == text)
            .ok_or_else(|| DeskError::Asked(format!("{text:?} is not a day such as 2026-11-24")))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let midnight = time(self.begins());
        f.write_str(midnight.split(' ').next().unwrap_or_default())
    }
}

/// A time in UNIX seconds, as Korea's clocks show it: `2026-11-24 09:30:00`.
#[must_use]
pub fn time(at: i64) -> String {
    let shown = DateTime::from_secs(at.saturating_add(AHEAD)).fmt(Format::DateTime);
    shown.map_or_else(
        |_| at.to_string(),
        |text| text.trim_end_matches('Z').replace('T', " "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_koreas() {
        let day: Day = "2026-11-24".parse().expect("a day");
        assert_eq!(time(day.begins()), "2026-11-24 00:00:00");
        assert_eq!(time(day.ends()), "2026-11-24 23:59:59");
        // 2026-11-23T15:00:00Z
        assert_eq!(day.begins(), 1_795_446_000);
        assert_eq!((Day::of(day.begins()), Day::of(day.ends())), (day, day));
        assert!(Day::of(day.begins() - 1) < day && Day::of(day.ends() + 1) > day);
        assert_eq!(day.to_string(), "2026-11-24");
        assert_eq!(Day::of(-1).to_string(), "1970-01-01");
    }

    #[test]
    fn what_is_no_day_says_so() {
        for text in [
            "",
            "yesterday",
            "2026-02-30",
            "2026-1-2",
            "20261124",
            "2026-11-24T00:00:00",
            "2026-13-01",
        ] {
            let error = text.parse::<Day>().expect_err(text).to_string();
            assert!(error.contains("is not a day such as 2026-11-24"), "{error}");
        }
    }
}
