//! `vbank_due`: until when a virtual account waits, in the shop's words.

use crate::error::Error;

const KOREA_IS_AHEAD: i64 = 9 * 60 * 60;
const DAY: i64 = 24 * 60 * 60;

/// `YYYY-MM-DD`, `YYYYMMDD`, `YYYY-MM-DD HH:mm:ss` or `YYYYMMDDHHmmss` (PAYRQ), in UNIX seconds. That it is Korean time,
/// and a day without a time lasts until its last second, is not documented.
pub(super) fn parse(text: &str) -> Result<i64, Error> {
    seconds(text).ok_or_else(|| Error::Invalid(format!("vbank_due: {text} is no date")))
}

fn seconds(text: &str) -> Option<i64> {
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    let shapes = [
        "0000-00-00",
        "00000000",
        "0000-00-00 00:00:00",
        "00000000000000",
    ];
    if !shapes.contains(&shape.as_str()) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let number = |from, to| digits.get(from..to)?.parse::<i64>().ok();
    let days = days(number(0, 4)?, number(4, 6)?, number(6, 8)?)?;
    let time = if digits.len() == 8 {
        DAY - 1
    } else {
        let (hour, minute, second) = (number(8, 10)?, number(10, 12)?, number(12, 14)?);
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        (hour * 60 + minute) * 60 + second
    };
    Some(days * DAY + time - KOREA_IS_AHEAD)
}

/// Days since 1970-01-01.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [
        31,
        if leap { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let before = usize::try_from(month.checked_sub(1)?).ok()?;
    if day < 1 || day > *lengths.get(before)? {
        return None;
    }
    let leap_days = |year: i64| year / 4 - year / 100 + year / 400;
    let years = (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969);
    Some(years + lengths.iter().take(before).sum::<i64>() + day - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_in_each_of_its_shapes() {
        for (text, due) in [
            ("1970-01-01 09:00:00", 0),
            ("2024-12-11 14:35:32", 1_733_895_332),
            ("20241211143532", 1_733_895_332),
            ("2024-02-29", 1_709_218_799),
            ("20240229", 1_709_218_799),
            ("2000-12-31 23:59:59", 978_274_799),
            ("2100-03-01 00:00:00", 4_107_510_000),
        ] {
            assert_eq!(parse(text).unwrap(), due, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_named() {
        for text in [
            "tomorrow",
            "2024-12-1",
            "2024-13-01",
            "2024-00-01",
            "2023-02-29",
            "2024-12-00",
            "2024-12-11T14:35:32",
            "2024-12-11 24:00:00",
            "2024-12-11 00:60:00",
            "２024-12-11",
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
    }
}
