//! Values and the bytes that stand for them on the wire and in the MAC.

mod flat;

use std::borrow::Cow;
use std::fmt;

mod text;

pub(crate) use text::text_of;

/// A leaf's value, typed as go-yaml types it.
///
/// It has no `Debug`: most values are secrets.
#[derive(Clone, PartialEq)]
pub enum Value<'s> {
    /// Never sealed, never hashed.
    Null,
    /// `True` or `False` on the wire.
    Bool(bool),
    /// In decimal on the wire.
    Int(i64),
    /// Shortest digits that read back, never an exponent.
    Float(f64),
    /// RFC 3339, the fraction's zeros trimmed.
    Time(Box<str>),
    /// Text; on the wire as it is.
    Str(Cow<'s, str>),
    /// Bytes that may not be text (`!!binary`); sealed as `str`, as sops does.
    Bytes(Box<[u8]>),
    /// A collection without anything in it: neither sealed nor hashed, but an
    /// entry of the tree all the same.
    Empty,
}

/// The `type:` of a sealed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// `str`
    Str,
    /// `int`
    Int,
    /// `float`
    Float,
    /// `bool`
    Bool,
    /// `time`
    Time,
    /// `bytes`, which is read but not written.
    Bytes,
    /// `comment`
    Comment,
}

impl ValueType {
    /// As it stands in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Str => "str",
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Time => "time",
            Self::Bytes => "bytes",
            Self::Comment => "comment",
        }
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "str" => Self::Str,
            "int" => Self::Int,
            "float" => Self::Float,
            "bool" => Self::Bool,
            "time" => Self::Time,
            "bytes" => Self::Bytes,
            "comment" => Self::Comment,
            _ => return None,
        })
    }
}

impl Value<'_> {
    /// The bytes that are encrypted, and hashed into the MAC.
    ///
    /// Empty for [`Value::Null`] and [`Value::Empty`], which are neither.
    pub fn wire_bytes(&self) -> Cow<'_, [u8]> {
        let text: Cow<'_, str> = match self {
            Self::Null | Self::Empty => "".into(),
            Self::Bool(true) => "True".into(),
            Self::Bool(false) => "False".into(),
            Self::Int(int) => int.to_string().into(),
            Self::Float(float) => float_text(*float).into(),
            Self::Time(time) => time.as_ref().into(),
            Self::Str(text) => text.as_ref().into(),
            Self::Bytes(bytes) => return Cow::Borrowed(bytes),
        };
        match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        }
    }

    /// How many bytes [`wire_bytes`](Self::wire_bytes) has at most.
    pub(crate) fn wire_length(&self) -> usize {
        match self {
            Self::Null | Self::Empty => 0,
            Self::Bool(_) => "False".len(),
            Self::Int(int) => {
                let digits = int.unsigned_abs().checked_ilog10().unwrap_or(0) + 1;
                digits as usize + usize::from(*int < 0)
            }
            Self::Float(float) => float_text(*float).len(),
            Self::Time(text) => text.len(),
            Self::Str(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    /// The same value, borrowed.
    pub(crate) fn by_ref(&self) -> Value<'_> {
        match self {
            Self::Str(text) => Value::Str(Cow::Borrowed(text)),
            Self::Bytes(bytes) => Value::Bytes(bytes.clone()),
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(*bool),
            Self::Int(int) => Value::Int(*int),
            Self::Float(float) => Value::Float(*float),
            Self::Time(time) => Value::Time(time.clone()),
            Self::Empty => Value::Empty,
        }
    }

    /// The type it is sealed with.
    pub fn wire_type(&self) -> ValueType {
        match self {
            Self::Bool(_) => ValueType::Bool,
            Self::Int(_) => ValueType::Int,
            Self::Float(_) => ValueType::Float,
            Self::Time(_) => ValueType::Time,
            Self::Null | Self::Empty | Self::Str(_) | Self::Bytes(_) => ValueType::Str,
        }
    }

    /// Whether sealing leaves it readable: nulls, empty strings, empty collections.
    pub fn stays_readable(&self) -> bool {
        match self {
            Self::Null | Self::Empty => true,
            Self::Str(text) => text.is_empty(),
            Self::Bytes(bytes) => bytes.is_empty(),
            _ => false,
        }
    }

    /// The value that these decrypted bytes are, if they fit their type.
    pub fn from_wire(bytes: Vec<u8>, kind: ValueType) -> Option<Value<'static>> {
        if let ValueType::Bytes = kind {
            return Some(Value::Bytes(bytes.into()));
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) if kind == ValueType::Str => {
                return Some(Value::Bytes(error.into_bytes().into()));
            }
            Err(_) => return None,
        };
        Some(match kind {
            ValueType::Str | ValueType::Comment => Value::Str(text.into()),
            ValueType::Int => Value::Int(text.parse().ok()?),
            ValueType::Float => match text.as_str() {
                "NaN" => Value::Float(f64::NAN),
                "+Inf" => Value::Float(f64::INFINITY),
                "-Inf" => Value::Float(f64::NEG_INFINITY),
                _ => Value::Float(text.parse().ok().filter(|float: &f64| float.is_finite())?),
            },
            ValueType::Bool => match text.to_ascii_lowercase().as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                _ => return None,
            },
            ValueType::Time => Value::Time(text.into()),
            ValueType::Bytes => return None,
        })
    }

    /// Whether two values are the same on the wire, `NaN` included.
    pub fn same_as(&self, other: &Value<'_>) -> bool {
        let readable = |value: &Value<'_>| matches!(value, Value::Null | Value::Empty);
        readable(self) == readable(other)
            && self.wire_type() == other.wire_type()
            && self.wire_bytes() == other.wire_bytes()
    }

    /// The value without its borrow.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(bool),
            Self::Int(int) => Value::Int(int),
            Self::Float(float) => Value::Float(float),
            Self::Time(time) => Value::Time(time),
            Self::Str(text) => Value::Str(text.into_owned().into()),
            Self::Bytes(bytes) => Value::Bytes(bytes),
            Self::Empty => Value::Empty,
        }
    }
}

impl fmt::Debug for Value<'_> {
    /// The kind alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Bool(_) => "Bool(..)",
            Self::Int(_) => "Int(..)",
            Self::Float(_) => "Float(..)",
            Self::Time(_) => "Time(..)",
            Self::Str(_) => "Str(..)",
            Self::Bytes(_) => "Bytes(..)",
            Self::Empty => "Empty",
        })
    }
}

/// Go's `FormatFloat(f, 'f', -1, 64)`.
///
/// Rust's own `Display` rounds exact ties otherwise than Go, and the MAC would
/// break, so the shortest digits are laid out here.
pub fn float_text(float: f64) -> String {
    if float.is_nan() {
        return "NaN".into();
    }
    if float.is_infinite() {
        return if float > 0.0 { "+Inf" } else { "-Inf" }.into();
    }
    let mut buffer = zmij::Buffer::new();
    let shortest = buffer.format_finite(float);
    let (sign, shortest) = match shortest.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", shortest),
    };
    let (mantissa, exponent) = match shortest.split_once('e') {
        // The exponent of a finite double has at most three digits.
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().unwrap_or(0)),
        None => (shortest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = if fraction == "0" { "" } else { fraction };
    let digits: String = [whole, fraction].concat();
    let point = whole.len() as i32 + exponent;
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let digits = digits.trim_start_matches('0').trim_end_matches('0');
    if digits.is_empty() {
        return format!("{sign}0");
    }
    let point = point - leading as i32;
    if point <= 0 {
        return format!("{sign}0.{}{digits}", "0".repeat(point.unsigned_abs() as usize));
    }
    let point = point as usize;
    if digits.len() <= point {
        return format!("{sign}{digits}{}", "0".repeat(point - digits.len()));
    }
    format!("{sign}{}.{}", &digits[..point], &digits[point..])
}

#[cfg(test)]
mod tests {
    use super::float_text;

    #[test]
    fn floats_are_laid_out_as_go_does() {
        let cases = [
            (1.0, "1"),
            (-0.0, "-0"),
            (0.1, "0.1"),
            (1e21, "1000000000000000000000"),
            (1.5e-7, "0.00000015"),
            (123_456_789.123_456_79, "123456789.12345679"),
            (100.25, "100.25"),
            // Rust's Display says …55.63.
            (184_467_447_370_955.63, "184467447370955.62"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Inf"),
        ];
        for (float, text) in cases {
            assert_eq!(float_text(float), text);
        }
        assert_eq!(float_text(5e-324).len(), 326);
        assert_eq!(float_text(f64::MAX).len(), 309);
    }
}
