//! Values as text, where there is nothing but text: in variables, dotenv and INI.

use std::borrow::Cow;

use super::Value;

/// From this exponent on, Go writes a float with one when it writes as few digits as
/// it can.
const LARGE: i32 = 6;

/// Below this one, it does as well.
const SMALL: i32 = -4;

impl Value<'_> {
    /// The value as sops writes it where there are no types: `true`, `1.5`, `1E+06`,
    /// times without their fraction. `None` for what is no value there: nulls and
    /// empty collections.
    pub fn flat(&self) -> Option<Cow<'_, [u8]>> {
        Some(match self {
            Self::Null | Self::Empty => return None,
            Self::Bool(bool) => text(bool.to_string()),
            Self::Float(float) => text(float_text(*float)),
            Self::Time(time) => text(without_fraction(time)),
            Self::Int(_) | Self::Str(_) | Self::Bytes(_) => self.wire_bytes(),
        })
    }
}

fn text(text: String) -> Cow<'static, [u8]> {
    Cow::Owned(text.into_bytes())
}

/// The shortest digits that read back, as Go's `%G` lays them out, and with a digit
/// behind the point so that nobody takes it for an integer.
fn float_text(float: f64) -> String {
    if float.is_nan() {
        return "NaN".into();
    }
    if float.is_infinite() {
        return if float > 0.0 { "+Inf" } else { "-Inf" }.into();
    }
    let scientific = format!("{float:E}");
    // Rust always writes the exponent.
    let (digits, exponent) = scientific.split_once('E').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (SMALL..LARGE).contains(&exponent) {
        let text = float.to_string();
        return if text.contains('.') { text } else { text + ".0" };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}E{sign}{:02}", exponent.unsigned_abs())
}

fn without_fraction(time: &str) -> String {
    match time.split_once('.') {
        Some((seconds, rest)) => {
            let zone = rest.trim_start_matches(|char: char| char.is_ascii_digit());
            format!("{seconds}{zone}")
        }
        None => time.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(value: &Value<'_>) -> String {
        String::from_utf8(value.flat().unwrap().into_owned()).unwrap()
    }

    #[test]
    fn floats_are_written_as_go_writes_them() {
        for (float, text) in [
            (1_234_567.5, "1.2345675E+06"),
            (1_234_567.0, "1.234567E+06"),
            (0.00001, "1E-05"),
            (0.0001, "0.0001"),
            (100_000.0, "100000.0"),
            (1e6, "1E+06"),
            (1e21, "1E+21"),
            (1e-300, "1E-300"),
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (123_456.5, "123456.5"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(flat(&Value::Float(float)), text);
        }
    }

    #[test]
    fn times_lose_their_fraction_and_nothing_stands_for_nothing() {
        assert_eq!(
            flat(&Value::Time("2020-01-01T10:00:00.5+02:00".into())),
            "2020-01-01T10:00:00+02:00"
        );
        assert_eq!(flat(&Value::Time("2020-01-01T10:00:00Z".into())), "2020-01-01T10:00:00Z");
        assert_eq!(flat(&Value::Bool(true)), "true");
        assert!(Value::Null.flat().is_none() && Value::Empty.flat().is_none());
    }
}
