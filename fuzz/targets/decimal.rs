//! Two numbers, next to an independent implementation: what is read, what is refused, and which is greater.
#![no_main]

use std::str::FromStr;

use bigdecimal::BigDecimal;
use libfuzzer_sys::fuzz_target;
use payment_verifier::decimal::Decimal;
use serde_json::value::RawValue;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let (left, right) = text.split_once(' ').unwrap_or((text, ""));
    let (Some(left), Some(right)) = (read(left), read(right)) else {
        return;
    };
    assert_eq!(left.0.cmp(&right.0), left.1.cmp(&right.1));
    assert_eq!(left.0 == right.0, left.1 == right.1);
    assert_eq!(left.0.is_negative(), left.1 < BigDecimal::from(0));
    assert_eq!(left.0.is_positive(), left.1 > BigDecimal::from(0));
});

/// The number in both worlds. They may only disagree about what no JSON says or no N of DynamoDB's can hold.
fn read(text: &str) -> Option<(Decimal, BigDecimal)> {
    let theirs = BigDecimal::from_str(text);
    match text.parse::<Decimal>() {
        Ok(ours) => {
            let theirs = theirs.expect("what is read is a number");
            assert!(is_held(&theirs), "{text}");
            assert_eq!(
                BigDecimal::from_str(&ours.to_string()).expect("as shown"),
                theirs
            );
            Some((ours, theirs))
        }
        Err(_) => {
            let is_json =
                serde_json::from_str::<&RawValue>(text).is_ok_and(|json| json.get() == text);
            // Even a zero may be refused for an exponent that is out of this world.
            let is_near =
                |number: &BigDecimal| i32::try_from(number.fractional_digit_count()).is_ok();
            let held = theirs.is_ok_and(|number| is_held(&number) && is_near(&number));
            assert!(!(is_json && held), "{text}");
            None
        }
    }
}

/// 38 digits, and powers of ten from -130 to 125.
fn is_held(number: &BigDecimal) -> bool {
    let (coefficient, scale) = number.as_bigint_and_exponent();
    let digits = coefficient.magnitude().to_string();
    let significant = digits.trim_end_matches('0');
    let magnitude = i64::try_from(digits.len()).map(|length| length - 1 - scale);
    significant.is_empty()
        || (significant.len() <= 38 && magnitude.is_ok_and(|power| (-130..=125).contains(&power)))
}
