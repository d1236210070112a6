//! What a value is in formats that know texts only, as sops writes it there.

use std::borrow::Cow;

use super::{Value, float_text};

/// How many digits before the point are still laid out.
const LAID_OUT: i64 = 6;

/// The text; `None` for what has none: null, an empty collection, bytes that are no
/// text.
pub(crate) fn text_of<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    Some(match value {
        Value::Null | Value::Empty => return None,
        Value::Bool(bool) => bool.to_string().into(),
        Value::Int(int) => int.to_string().into(),
        Value::Float(float) => scientific(*float).into(),
        Value::Time(time) => time.as_ref().into(),
        Value::Str(text) => text.as_ref().into(),
        Value::Bytes(bytes) => std::str::from_utf8(bytes).ok()?.into(),
    })
}

/// Go's `FormatFloat(f, 'G', -1, 64)`, and `.0` behind what would look like an
/// integer.
fn scientific(float: f64) -> String {
    let text = float_text(float);
    if !float.is_finite() {
        return text;
    }
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.as_str()),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let all = [whole, fraction].concat();
    let leading = all.len() - all.trim_start_matches('0').len();
    let digits = all.trim_matches('0');
    // A double has some hundreds of digits at most.
    let exponent = whole.len() as i64 - leading as i64 - 1;
    if digits.is_empty() || (-4..LAID_OUT).contains(&exponent) {
        return if fraction.is_empty() { text + ".0" } else { text };
    }
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let direction = if exponent < 0 { '-' } else { '+' };
    format!("{sign}{first}{point}{rest}E{direction}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::scientific;

    #[test]
    fn floats_are_written_as_sops_writes_them() {
        let cases = [
            (5.0, "5.0"),
            (1_234_567.0, "1.234567E+06"),
            (123_456.5, "123456.5"),
            (100_000.0, "100000.0"),
            (0.0001, "0.0001"),
            (0.00001, "1E-05"),
            (-1e20, "-1E+20"),
            (1e-7, "1E-07"),
            (1.5e300, "1.5E+300"),
            (-0.0, "-0.0"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ];
        for (float, text) in cases {
            assert_eq!(scientific(float), text);
        }
    }
}
