//! What a scalar means: the types that go-yaml v3 gives, since sops sees those.
//!
//! Neither YAML 1.1 nor 1.2: `yes` is a string, `0777` is an int, `08` is a float,
//! `1_000` is an int, dates are times.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::stream::Style;
use crate::timestamp;

const YAML_TAG: &str = "tag:yaml.org,2002:";

/// A scalar with its type.
#[derive(Clone, PartialEq)]
pub enum Resolved<'s> {
    /// `~`, `null`, or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer that fits 64 bits with a sign.
    Int(i64),
    /// An integer beyond that, up to 64 bits without a sign. sops refuses it.
    Uint(u64),
    /// A float; may be infinite or not a number.
    Float(f64),
    /// A point in time, in RFC 3339 with the zeros behind its fraction trimmed.
    Time(String),
    /// Text.
    Str(Cow<'s, str>),
    /// The bytes of a `!!binary`.
    Binary(Vec<u8>),
}

impl fmt::Debug for Resolved<'_> {
    /// The type alone: the value may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Bool(_) => "Bool(..)",
            Self::Int(_) => "Int(..)",
            Self::Uint(_) => "Uint(..)",
            Self::Float(_) => "Float(..)",
            Self::Time(_) => "Time(..)",
            Self::Str(_) => "Str(..)",
            Self::Binary(_) => "Binary(..)",
        })
    }
}

/// A tag that does not fit its scalar; go-yaml refuses the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// `!!int abc`
    #[error("the tag names another type than the value has")]
    TagMismatch,
    /// `!!binary` without base64
    #[error("this is tagged !!binary but is not base64")]
    NotBase64,
    /// A time with a zone offset that no RFC 3339 text can hold.
    #[error("this time has a zone offset of 24 hours or more")]
    ZoneOffset,
}

/// Resolves a scalar. `tag` is in its long form.
///
/// # Errors
///
/// When tag and text contradict each other.
pub fn resolve<'s>(
    tag: Option<&str>,
    style: Style,
    text: impl Into<Cow<'s, str>>,
) -> Result<Resolved<'s>, ResolveError> {
    let text = text.into();
    Ok(other_than_text(tag, style, &text)?.unwrap_or(Resolved::Str(text)))
}

/// What a scalar is; `None` when it is its text.
fn other_than_text(
    tag: Option<&str>,
    style: Style,
    text: &str,
) -> Result<Option<Resolved<'static>>, ResolveError> {
    // go-yaml drops the non-specific tag.
    let Some(tag) = tag.filter(|&tag| tag != "!") else {
        return match style {
            Style::Plain => untagged(text, true),
            _ => Ok(None),
        };
    };
    // Any other tag keeps its text, as a tag of the application does.
    let Some(kind) = tag.strip_prefix(YAML_TAG) else { return Ok(None) };
    match kind {
        "binary" => {
            let compact: Vec<u8> =
                text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
            let bytes = STANDARD.decode(compact).map_err(|_| ResolveError::NotBase64)?;
            Ok(Some(Resolved::Binary(bytes)))
        }
        "null" | "bool" | "int" | "float" | "timestamp" => {
            match (kind, untagged(text, kind == "timestamp")?) {
                ("float", Some(Resolved::Int(int))) => Ok(Some(Resolved::Float(int as f64))),
                ("null", found @ Some(Resolved::Null))
                | ("bool", found @ Some(Resolved::Bool(_)))
                | ("int", found @ Some(Resolved::Int(_) | Resolved::Uint(_)))
                | ("float", found @ Some(Resolved::Float(_)))
                | ("timestamp", found @ Some(Resolved::Time(_))) => Ok(found),
                _ => Err(ResolveError::TagMismatch),
            }
        }
        _ => Ok(None),
    }
}

/// What a plain scalar without a tag is; `None` when it is its text.
fn untagged(text: &str, times: bool) -> Result<Option<Resolved<'static>>, ResolveError> {
    let Some(first) = text.bytes().next() else { return Ok(Some(Resolved::Null)) };
    Ok(match first {
        b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' => match text {
            "~" | "null" | "Null" | "NULL" => Some(Resolved::Null),
            "true" | "True" | "TRUE" => Some(Resolved::Bool(true)),
            "false" | "False" | "FALSE" => Some(Resolved::Bool(false)),
            _ => None,
        },
        b'.' => match text {
            ".nan" | ".NaN" | ".NAN" => Some(Resolved::Float(f64::NAN)),
            ".inf" | ".Inf" | ".INF" => Some(Resolved::Float(f64::INFINITY)),
            _ => dotted_float(text).map(Resolved::Float),
        },
        b'+' | b'-' | b'0'..=b'9' => {
            match text {
                "+.inf" | "+.Inf" | "+.INF" => return Ok(Some(Resolved::Float(f64::INFINITY))),
                "-.inf" | "-.Inf" | "-.INF" => return Ok(Some(Resolved::Float(f64::NEG_INFINITY))),
                _ => {}
            }
            if times && let Some(time) = timestamp::parse(text) {
                return time.map(Resolved::Time).map(Some).ok_or(ResolveError::ZoneOffset);
            }
            number(text)
        }
        _ => None,
    })
}

/// Go's `ParseInt(base 0)`, `ParseUint`, go-yaml's float pattern, and go-yaml's
/// own look at `0b` and `0o`, in this order, underscores removed first.
fn number(text: &str) -> Option<Resolved<'static>> {
    let plain: Cow<'_, str> =
        if text.contains('_') { text.replace('_', "").into() } else { text.into() };
    if let Some(int) = parse_int(&plain) {
        return Some(Resolved::Int(int));
    }
    if let Some((base, digits)) = base_of(&plain)
        && let Some(uint) = parse_digits(digits, base).and_then(|n| u64::try_from(n).ok())
    {
        return Some(Resolved::Uint(uint));
    }
    if is_float(&plain)
        && let Ok(float) = plain.parse::<f64>()
        && float.is_finite()
    {
        return Some(Resolved::Float(float));
    }
    // `0o+7` and `0b-1`: the digits are parsed again, with a sign of their own.
    let (negative, rest) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, &*plain),
    };
    let (base, digits) = match rest.get(..2)? {
        "0b" => (2, &rest[2..]),
        "0o" => (8, &rest[2..]),
        _ => return None,
    };
    let (sign, digits) = match digits.bytes().next()? {
        b'-' if !negative => (-1, &digits[1..]),
        b'+' if !negative => (1, &digits[1..]),
        _ => (if negative { -1 } else { 1 }, digits),
    };
    let value = sign * i128::try_from(parse_digits(digits, base)?).ok()?;
    i64::try_from(value).ok().map(Resolved::Int)
}

/// A signed integer in Go's notations.
fn parse_int(text: &str) -> Option<i64> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let (base, digits) = base_of(rest)?;
    let value = sign * i128::try_from(parse_digits(digits, base)?).ok()?;
    i64::try_from(value).ok()
}

/// The base that the prefix names, and the digits behind it.
fn base_of(text: &str) -> Option<(u32, &str)> {
    let bytes = text.as_bytes();
    Some(match (bytes.first()?, bytes.get(1)) {
        (b'0', Some(b'x' | b'X')) => (16, &text[2..]),
        (b'0', Some(b'b' | b'B')) => (2, &text[2..]),
        (b'0', Some(b'o' | b'O')) => (8, &text[2..]),
        (b'0', Some(_)) => (8, &text[1..]),
        _ => (10, text),
    })
}

fn parse_digits(digits: &str, base: u32) -> Option<u128> {
    if digits.is_empty() || !digits.bytes().all(|byte| (byte as char).is_digit(base)) {
        return None;
    }
    u128::from_str_radix(digits, base).ok()
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_float(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let digits = |at: &mut usize| {
        let from = *at;
        while bytes.get(*at).is_some_and(u8::is_ascii_digit) {
            *at += 1;
        }
        *at - from
    };
    let whole = digits(&mut at);
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        let fraction = digits(&mut at);
        if whole == 0 && fraction == 0 {
            return false;
        }
    } else if whole == 0 {
        return false;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1;
        at += usize::from(matches!(bytes.get(at), Some(b'-' | b'+')));
        if digits(&mut at) == 0 {
            return false;
        }
    }
    at == bytes.len()
}

/// A float that begins with its dot; Go lets underscores stand between digits.
fn dotted_float(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let lone = |at: usize| {
        let digit =
            |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
        bytes[at] == b'_' && !(digit(at.checked_sub(1)) && digit(Some(at + 1)))
    };
    if (0..bytes.len()).any(lone) {
        return None;
    }
    let plain = text.replace('_', "");
    if !is_float(&plain) {
        return None;
    }
    plain.parse::<f64>().ok().filter(|float| float.is_finite())
}
