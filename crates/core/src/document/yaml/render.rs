//! How a value is written when nothing else is known, and in a given style.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bulla_yaml::{Resolved, Style};

use crate::layout::WritingStyle;
use crate::value::{Value, float_text};

/// Where a value is to be written.
pub(super) struct Place<'p> {
    /// Inside brackets or braces.
    pub(super) in_flow: bool,
    /// The column of the entries around it; few values ask.
    pub(super) base: &'p dyn Fn() -> usize,
    /// How the token that stands for it is quoted.
    pub(super) quotes: Style,
    /// The file's line break.
    pub(super) line_break: &'static str,
}

/// A value as text.
#[derive(PartialEq, Eq)]
pub(super) struct Written {
    /// The scalar, or the header of a block scalar.
    pub(super) head: String,
    /// The lines of a block scalar.
    pub(super) body: Option<String>,
}

impl Written {
    fn line(head: impl Into<String>) -> Self {
        Self { head: head.into(), body: None }
    }
}

/// The cleanest text that reads back as the value.
pub(super) fn cleanest(value: &Value<'_>, place: &Place<'_>) -> Written {
    let text = match value {
        Value::Str(text) => text,
        _ => return Written::line(scalar(value)),
    };
    match place.quotes {
        Style::SingleQuoted if text.contains(['\n', '\r']) => {}
        Style::SingleQuoted => {
            if let Some(quoted) = bulla_yaml::single_quoted(text) {
                return Written::line(quoted);
            }
        }
        Style::DoubleQuoted => return Written::line(bulla_yaml::double_quoted(text)),
        _ => {}
    }
    if !place.in_flow && text.contains('\n') {
        let base = (place.base)();
        if let Some(layout) = bulla_yaml::literal(text, base + 2, base, place.line_break) {
            return Written { head: layout.header, body: Some(layout.body) };
        }
    }
    if let Some(plain) = plain(text, place.in_flow)
        && !is_old_number_or_bool(plain)
    {
        return Written::line(plain);
    }
    // JSON and paths of Windows are easier on the eye without escapes.
    let single = text.contains(['"', '\\']).then(|| bulla_yaml::single_quoted(text)).flatten();
    Written::line(single.unwrap_or_else(|| bulla_yaml::double_quoted(text)))
}

/// The value's text in a style, if it can be written so.
pub(super) fn in_style(value: &Value<'_>, style: WritingStyle, in_flow: bool) -> Option<String> {
    match (value, style) {
        (Value::Str(text), WritingStyle::Plain) => plain(text, in_flow).map(str::to_owned),
        (Value::Str(text), WritingStyle::Single) => bulla_yaml::single_quoted(text),
        (Value::Str(text), WritingStyle::Double) => Some(bulla_yaml::double_quoted(text)),
        (_, WritingStyle::Plain) => Some(scalar(value)),
        _ => None,
    }
}

/// The text without quotes, if it is then still a string.
fn plain(text: &str, in_flow: bool) -> Option<&str> {
    let plain = bulla_yaml::plain(text, in_flow)?;
    match bulla_yaml::resolve(None, Style::Plain, plain) {
        Ok(Resolved::Str(_)) => Some(plain),
        _ => None,
    }
}

/// What YAML 1.1 reads as a bool or as a number in base 60: go-yaml v3 reads a text,
/// but quotes it, because kubectl and much else still read the former.
fn is_old_number_or_bool(text: &str) -> bool {
    const OLD_BOOLS: [&str; 6] = ["y", "yes", "on", "n", "no", "off"];
    let base_60 = || {
        let mut parts = text.trim_start_matches(['+', '-']).split(':');
        let first = parts.next().unwrap_or_default();
        let digits =
            |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'_' | b'.'));
        first.starts_with(|first: char| first.is_ascii_digit())
            && digits(first)
            && text.contains(':')
            && parts.all(|part| !part.is_empty() && digits(part))
    };
    OLD_BOOLS.iter().any(|old| text.eq_ignore_ascii_case(old)) || base_60()
}

/// Values that are no text, written so that they resolve to their type.
fn scalar(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(bool) => bool.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Float(float) if float.is_nan() => ".nan".into(),
        Value::Float(float) if float.is_infinite() => {
            if *float > 0.0 { ".inf" } else { "-.inf" }.into()
        }
        Value::Float(float) => {
            let text = float_text(*float);
            if text.contains('.') { text } else { text + ".0" }
        }
        Value::Time(time) => time.to_string(),
        Value::Str(text) => bulla_yaml::double_quoted(text),
        Value::Bytes(bytes) => format!("!!binary {}", STANDARD.encode(bytes)),
        Value::Empty => "{}".into(),
    }
}
