//! Exact decimals: what a number in the gateway's JSON and an N in DynamoDB have in common.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Neg;
use std::str::FromStr;

/// Significant digits that DynamoDB's N keeps.
const MAX_DIGITS: usize = 38;
/// Powers of ten of the first digit that DynamoDB's N can hold (1E-130 to 9.99…E+125).
const MAGNITUDES: std::ops::RangeInclusive<i64> = -130..=125;

/// A decimal number exactly as DynamoDB's N can hold it.
///
/// Always normalised (no trailing zero in the coefficient), so equal values are equal structs: 14.20 is 14.2.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    coefficient: i128,
    exponent: i32,
}

/// The text is not a decimal number, or not one that DynamoDB's N can hold without rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotADecimal;

impl Decimal {
    /// Nothing.
    pub const ZERO: Self = Self {
        coefficient: 0,
        exponent: 0,
    };

    /// Whether the number is less than zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.coefficient < 0
    }

    /// Whether the number is greater than zero.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.coefficient > 0
    }

    /// The number without its fraction; `None` if it is out of the range of an `i64`.
    #[must_use]
    pub fn whole(self) -> Option<i64> {
        let power = 10_i128.checked_pow(self.exponent.unsigned_abs());
        let whole = match power {
            Some(power) if self.exponent < 0 => self.coefficient / power,
            Some(power) => self.coefficient.checked_mul(power)?,
            // Too large, or all of it a fraction.
            None if self.exponent < 0 => 0,
            None => return None,
        };
        i64::try_from(whole).ok()
    }

    /// The sum, exactly; `None` if DynamoDB's N cannot hold it.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        if self.coefficient == 0 || other.coefficient == 0 {
            return Some(if self.coefficient == 0 { other } else { self });
        }
        let exponent = self.exponent.min(other.exponent);
        let aligned = |number: Self| {
            let power = 10_i128.checked_pow(number.exponent.abs_diff(exponent))?;
            number.coefficient.checked_mul(power)
        };
        let sum = Self::normalised(aligned(self)?.checked_add(aligned(other)?)?, exponent);
        let is_held = usize::try_from(sum.digits()).is_ok_and(|digits| digits <= MAX_DIGITS)
            && (sum.coefficient == 0 || MAGNITUDES.contains(&sum.magnitude()));
        is_held.then_some(sum)
    }

    /// Without trailing zeros in the coefficient.
    fn normalised(mut coefficient: i128, mut exponent: i32) -> Self {
        if coefficient == 0 {
            return Self::ZERO;
        }
        while coefficient % 10 == 0 {
            coefficient /= 10;
            exponent += 1;
        }
        Self {
            coefficient,
            exponent,
        }
    }

    fn digits(self) -> i64 {
        i64::from(
            self.coefficient
                .unsigned_abs()
                .checked_ilog10()
                .unwrap_or(0),
        ) + 1
    }

    /// The power of ten of the first digit.
    fn magnitude(self) -> i64 {
        i64::from(self.exponent) + self.digits() - 1
    }
}

impl FromStr for Decimal {
    type Err = NotADecimal;

    /// Reads what JSON and DynamoDB write: a sign, digits with or without a point, an exponent.
    fn from_str(text: &str) -> Result<Self, NotADecimal> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, power) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, Some(power)),
            None => (unsigned, None),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(NotADecimal);
        }
        let significant = digits.trim_end_matches('0');
        let dropped = i64::try_from(digits.len() - significant.len()).map_err(|_| NotADecimal)?;
        let significant = significant.trim_start_matches('0');
        let power = power.map_or(Ok(0), exponent)?;
        if significant.is_empty() {
            return Ok(Self::ZERO);
        }
        if significant.len() > MAX_DIGITS {
            return Err(NotADecimal);
        }
        let fraction = i64::try_from(fraction.len()).map_err(|_| NotADecimal)?;
        let coefficient: i128 = significant.parse().map_err(|_| NotADecimal)?;
        let number = Self {
            coefficient: if negative { -coefficient } else { coefficient },
            exponent: i32::try_from(i64::from(power) - fraction + dropped)
                .map_err(|_| NotADecimal)?,
        };
        if MAGNITUDES.contains(&number.magnitude()) {
            Ok(number)
        } else {
            Err(NotADecimal)
        }
    }
}

/// A power of ten; one that no number here can have, which nothing but zero survives, is as good as any other.
fn exponent(text: &str) -> Result<i32, NotADecimal> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(NotADecimal);
    }
    Ok(text.parse().unwrap_or(i32::MAX))
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self::normalised(i128::from(number), 0)
    }
}

impl Neg for Decimal {
    type Output = Self;

    fn neg(self) -> Self {
        Self {
            coefficient: -self.coefficient,
            ..self
        }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_sign = self.coefficient.signum().cmp(&other.coefficient.signum());
        if by_sign != Ordering::Equal || self.coefficient == 0 {
            return by_sign;
        }
        let by_size = self.magnitude().cmp(&other.magnitude()).then_with(|| {
            // Same magnitude: written with the lower exponent, both still have at most 38 digits.
            let exponent = self.exponent.min(other.exponent);
            let aligned = |number: &Self| {
                number.coefficient.unsigned_abs()
                    * 10_u128.pow((number.exponent - exponent).unsigned_abs())
            };
            aligned(self).cmp(&aligned(other))
        });
        if self.is_negative() {
            by_size.reverse()
        } else {
            by_size
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    /// Plain digits where they stay readable, an exponent elsewhere; both are an N that DynamoDB takes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            coefficient,
            exponent,
        } = *self;
        if !(-20..=20).contains(&self.magnitude()) {
            return write!(f, "{coefficient}E{exponent}");
        }
        let decimals = exponent.min(0).unsigned_abs() as usize;
        if decimals == 0 {
            let zeros = exponent.unsigned_abs() as usize;
            return write!(f, "{coefficient}{:0<zeros$}", "");
        }
        let sign = if self.is_negative() { "-" } else { "" };
        let width = decimals + 1;
        let digits = format!("{:0>width$}", coefficient.unsigned_abs());
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bigdecimal::BigDecimal;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().expect(text)
    }

    #[test]
    fn equal_values_are_equal() {
        for (left, right) in [
            ("14.2", "14.20"),
            ("1e3", "1000.0"),
            ("1000", "1E+3"),
            ("0", "-0.000"),
            ("0e7", "0"),
            ("0E-5990004272", "0"),
            ("+5", "5"),
            (".5", "0.5"),
            ("5.", "5"),
        ] {
            assert_eq!(decimal(left), decimal(right), "{left} {right}");
        }
        assert_ne!(decimal("9007199254740993"), decimal("9007199254740992"));
    }

    #[test]
    fn bounds_are_those_of_dynamodb() {
        let digits38 = "9".repeat(38);
        for held in [
            digits38.as_str(),
            "1E-130",
            "9.9E125",
            "100000000000000000000000000000000000000000",
        ] {
            decimal(held);
        }
        let digits39 = "1".repeat(39);
        for refused in [
            digits39.as_str(),
            "1e200",
            "1E126",
            "9E-131",
            "1e99999999999",
            "",
            "-",
            ".",
            "e5",
            "1e",
            "1.2.3",
            "0x1",
            "NaN",
            "inf",
            " 1",
            "1 ",
            "1_000",
            "--1",
            "१",
        ] {
            assert_eq!(refused.parse::<Decimal>(), Err(NotADecimal), "{refused:?}");
        }
    }

    #[test]
    fn shown_as_people_write_it() {
        for (text, shown) in [
            ("1000", "1000"),
            ("14.20", "14.2"),
            ("-0.005", "-0.005"),
            ("1e30", "1E30"),
            ("1e-30", "1E-30"),
            ("0", "0"),
        ] {
            assert_eq!(decimal(text).to_string(), shown);
        }
    }

    #[test]
    fn a_fraction_is_cut() {
        for (text, whole) in [
            ("1700000000.999", Some(1_700_000_000)),
            ("1.7e9", Some(1_700_000_000)),
            ("-1.9", Some(-1)),
            ("0.1e-100", Some(0)),
            ("9223372036854775807.5", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("1e30", None),
            ("1e100", None),
        ] {
            assert_eq!(decimal(text).whole(), whole, "{text}");
        }
    }

    /// Numbers near each other, so that comparisons are decided by late digits too.
    fn numerals() -> impl Strategy<Value = String> {
        prop_oneof![
            "-?[0-9]{1,38}",
            "-?[0-9]{1,19}\\.[0-9]{1,19}",
            "-?[0-9]{1,5}(\\.[0-9]{1,5})?[eE][+-]?[0-9]{1,2}",
            "-?1[0-2]{0,3}0{0,3}(\\.[0-2]0{0,2})?",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        /// An independent implementation agrees on equality, order and text.
        #[test]
        fn agrees_with_bigdecimal(left in numerals(), right in numerals()) {
            let (ours, theirs) = (decimal(&left), BigDecimal::from_str(&left).expect("numeral"));
            let (ours2, theirs2) = (decimal(&right), BigDecimal::from_str(&right).expect("numeral"));
            prop_assert_eq!(ours.cmp(&ours2), theirs.cmp(&theirs2));
            prop_assert_eq!(ours == ours2, theirs == theirs2);
            prop_assert_eq!(BigDecimal::from_str(&ours.to_string()).expect("shown"), theirs);
        }

        /// Adds as an independent implementation does, or says that N cannot hold it.
        #[test]
        fn adds_as_bigdecimal_does(left in numerals(), right in numerals()) {
            let sum = BigDecimal::from_str(&left).expect("numeral") + BigDecimal::from_str(&right).expect("numeral");
            let held = sum.normalized().to_scientific_notation().parse::<Decimal>().ok();
            prop_assert_eq!(decimal(&left).checked_add(decimal(&right)), held);
            prop_assert_eq!(decimal(&left).checked_add(-decimal(&left)), Some(Decimal::ZERO));
        }

        #[test]
        fn integers_are_themselves(number: i64) {
            prop_assert_eq!(Decimal::from(number), decimal(&number.to_string()));
        }
    }
}
