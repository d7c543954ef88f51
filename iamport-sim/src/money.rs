//! Exact decimal arithmetic for amounts.

use bigdecimal::{BigDecimal, Zero};

/// Beyond this many digits either side of the point, plain digits are no longer worth printing.
const MAX_SCALE: u64 = 1_000;

/// An amount, exact to the digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Money(BigDecimal);

impl Money {
    /// Reads a number's text, such as `1000`, `14.20` or `1e3`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if !text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
        {
            return None;
        }
        let amount: BigDecimal = text.parse().ok()?;
        (amount.fractional_digit_count().unsigned_abs() <= MAX_SCALE).then_some(Self(amount))
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    pub(crate) fn is_positive(&self) -> bool {
        self.0 > BigDecimal::zero()
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self(&self.0 + &other.0)
    }

    pub(crate) fn minus(&self, other: &Self) -> Self {
        Self(&self.0 - &other.0)
    }
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.to_plain_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        Money::parse(text).unwrap()
    }

    #[test]
    fn arithmetic_is_exact() {
        assert_eq!(money("0.1").plus(&money("0.2")), money("0.3"));
        assert_eq!(money("14.20").minus(&money("4.2")).to_string(), "10.00");
        assert_eq!(
            money("9007199254740993").minus(&money("1")).to_string(),
            "9007199254740992"
        );
    }

    #[test]
    fn equal_numbers_are_equal_however_written() {
        assert_eq!(money("1e3"), money("1000.0"));
        assert_eq!(money("1e3").to_string(), "1000");
        assert!(money("0.00").is_zero());
        assert!(!money("-5").is_positive());
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "abc",
            "1_000",
            "0x10",
            "--1",
            "1e999999999",
            "1e-999999999",
            "inf",
            "NaN",
        ] {
            assert_eq!(Money::parse(text), None, "{text}");
        }
    }
}
