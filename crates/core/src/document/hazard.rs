//! Numbers without quotes that are not numbers to those who wrote them.
//!
//! sops reads `12345678e90` as a float, and a key in hexadecimal is gone. What does
//! not survive being a number is refused where it would be sealed.

use crate::error::Refusal;
use crate::value::float_text;

/// How many digits make `…e…` look like a key in hexadecimal.
const KEY_DIGITS: usize = 8;

/// Why a text must not be sealed as the float that it is read as.
pub(crate) fn of(text: &str, float: f64) -> Option<Refusal> {
    if !float.is_finite() {
        return None;
    }
    let text = text.replace('_', "");
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let whole_number = !text.contains(['.', 'e', 'E']);
    if !text.contains('.') && text.contains(['e', 'E']) && digits >= KEY_DIGITS {
        return Some(Refusal::HexInDisguise);
    }
    let unsigned = text.trim_start_matches(['+', '-']);
    let leading_zero =
        unsigned.len() > 1 && unsigned.starts_with('0') && unsigned.as_bytes()[1].is_ascii_digit();
    if leading_zero {
        return Some(Refusal::FloatLosesDigits);
    }
    if whole_number {
        // Too long for an int; a float of the same digits is still no int.
        return Some(Refusal::Integer);
    }
    (decimal(&text) != decimal(&float_text(float))).then_some(Refusal::FloatLosesDigits)
}

/// The number as its significant digits and the place of its point.
fn decimal(text: &str) -> Option<(String, i64)> {
    let unsigned = text.trim_start_matches(['+', '-']);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = [whole, fraction].concat();
    let leading = all.len() - all.trim_start_matches('0').len();
    let digits = all.trim_start_matches('0').trim_end_matches('0');
    if digits.is_empty() {
        return Some((String::new(), 0));
    }
    Some((digits.to_owned(), whole.len() as i64 - leading as i64 + exponent))
}

#[cfg(test)]
mod tests {
    use bulla_yaml::{Resolved, Style, resolve};

    use super::*;

    #[test]
    fn numbers_that_are_not_what_they_seem() {
        let cases = [
            ("12345678e90", Some(Refusal::HexInDisguise)),
            ("1234567e1", Some(Refusal::HexInDisguise)),
            ("1e3", None),
            ("99999999999999999999", Some(Refusal::Integer)),
            ("100000000000000000000", Some(Refusal::Integer)),
            ("-9223372036854775809", Some(Refusal::Integer)),
            ("0123456789", Some(Refusal::FloatLosesDigits)),
            ("08", Some(Refusal::FloatLosesDigits)),
            ("3.14159265358979323846", Some(Refusal::FloatLosesDigits)),
            ("1e-400", Some(Refusal::FloatLosesDigits)),
            ("0.1", None),
            ("1.10", None),
            ("1.5e3", None),
            ("-0.0", None),
            (".5", None),
            ("0777", None),
            ("1e400", None),
            ("12", None),
        ];
        for (text, expected) in cases {
            let resolved = resolve(None, Style::Plain, text).expect("resolves");
            let found = match resolved {
                Resolved::Float(float) => of(text, float),
                _ => None,
            };
            assert_eq!(found, expected, "{text}");
        }
    }
}
