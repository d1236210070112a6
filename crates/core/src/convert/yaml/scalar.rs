//! Scalars in the style that go-yaml chooses.

use std::borrow::Cow;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bulla_yaml::{Resolved, Style, resolve};

use crate::value::{Value, float_text};

/// How long a key may be before it needs a `?`.
const SIMPLE_KEY: usize = 128;

/// A scalar as it is written.
pub(super) struct Scalar {
    /// From its first byte to the one before the line break.
    pub(super) head: String,
    /// Whether it can be a key without a `?`.
    pub(super) is_simple: bool,
}

impl Scalar {
    /// A value whose lines go below it in that column, `by` further than its parent.
    pub(super) fn value(value: &Value<'_>, column: usize, by: usize) -> Self {
        let head = match value {
            Value::Null => "null".into(),
            Value::Bool(bool) => bool.to_string(),
            Value::Int(int) => int.to_string(),
            Value::Float(float) => number(*float),
            Value::Time(time) => time.to_string(),
            Value::Str(text) => match text.contains('\n') {
                true => literal(text, column, by).unwrap_or_else(|| double_quoted(text)),
                false => line(text),
            },
            Value::Bytes(bytes) => format!("!!binary {}", STANDARD.encode(bytes)),
            Value::Empty => "{}".into(),
        };
        Self { head, is_simple: true }
    }

    /// A key, always on one line.
    pub(super) fn key(key: &str) -> Self {
        let head = if key.contains('\n') { double_quoted(key) } else { line(key) };
        Self { is_simple: key.len() <= SIMPLE_KEY && !key.contains(is_break), head }
    }
}

/// Go's `FormatFloat(f, 'g', -1, 64)`, and `.0` behind what would be an integer.
fn number(float: f64) -> String {
    if float.is_nan() {
        return ".nan".into();
    }
    if float.is_infinite() {
        return if float > 0.0 { ".inf" } else { "-.inf" }.into();
    }
    let text = crate::value::text_of(&Value::Float(float)).map(Cow::into_owned);
    text.unwrap_or_else(|| float_text(float)).replace('E', "e")
}

/// A text on one line.
fn line(text: &str) -> String {
    let found = Analysis::of(text);
    let is_text = matches!(resolve(None, Style::Plain, text), Ok(Resolved::Str(_)));
    if !is_text || is_old(text) || text == "<<" {
        double_quoted(text)
    } else if found.plain {
        text.to_owned()
    } else if found.single {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        double_quoted(text)
    }
}

/// What YAML 1.1 reads as a bool or a number of base 60, which go-yaml quotes for
/// others.
fn is_old(text: &str) -> bool {
    const BOOLS: [&str; 16] = [
        "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off",
        "OFF",
    ];
    BOOLS.contains(&text) || is_base_60(text)
}

fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let mut places = whole.split(':');
    let first = places.next().unwrap_or_default();
    let mut count = 0;
    let places_fit = places.all(|place| {
        count += 1;
        match place.as_bytes() {
            [last] => last.is_ascii_digit(),
            [first, last] => (b'0'..=b'5').contains(first) && last.is_ascii_digit(),
            _ => false,
        }
    });
    first.starts_with(|first: char| first.is_ascii_digit())
        && digits(first)
        && places_fit
        && count > 0
        && digits(fraction)
}

/// What a text could be written as.
struct Analysis {
    plain: bool,
    single: bool,
    literal: bool,
}

impl Analysis {
    /// libyaml's rules for text outside of brackets.
    fn of(text: &str) -> Self {
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        let (mut special, mut tab, mut lines) = (false, false, false);
        let (mut break_space, mut space_break) = (false, false);
        let (mut after_space, mut after_break, mut after_blank) = (false, false, true);
        let mut characters = text.chars().peekable();
        let mut is_first = true;
        while let Some(character) = characters.next() {
            let before_blank = characters.peek().is_none_or(|next| is_blank(*next));
            indicators |= match character {
                ':' => before_blank,
                '-' | '?' if is_first => before_blank,
                '#' => is_first || after_blank,
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
                | '@' | '`' => is_first,
                _ => false,
            };
            match character {
                '\t' => tab = true,
                '\n' => {}
                character if !is_printable(character) => special = true,
                _ => {}
            }
            if character == ' ' {
                break_space |= after_break;
                (after_space, after_break) = (true, false);
            } else if is_break(character) {
                lines = true;
                space_break |= after_space;
                (after_space, after_break) = (false, true);
            } else {
                (after_space, after_break) = (false, false);
            }
            after_blank = is_blank(character);
            is_first = false;
        }
        let edge = |character: Option<char>| {
            character.is_some_and(|character| character == ' ' || is_break(character))
        };
        let at_edge = edge(text.chars().next()) || edge(text.chars().last());
        let quoted = space_break || special;
        Self {
            plain: !indicators && !at_edge && !break_space && !quoted && !tab && !lines,
            single: !break_space && !quoted && !tab && !lines,
            literal: !text.ends_with(' ') && !quoted,
        }
    }
}

/// What ends a line.
pub(super) fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What go-yaml takes for the end of a word: blanks and line breaks.
fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t') || is_break(character)
}

/// What go-yaml writes as it is.
fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}'
        | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// A literal block; `None` when go-yaml would not write one, or not one that it reads.
fn literal(text: &str, column: usize, by: usize) -> Option<String> {
    if !Analysis::of(text).literal || text.contains(['\r', '\u{2028}', '\u{2029}']) {
        return None;
    }
    let mut out = String::from("|");
    if text.starts_with([' ', '\n']) {
        // Writing to a String cannot fail.
        let _ = write!(out, "{by}");
    }
    let ends = text.len() - text.trim_end_matches('\n').len();
    match ends {
        0 => out.push('-'),
        1 if text.len() > 1 => {}
        _ => out.push('+'),
    }
    let lines = text.strip_suffix('\n').unwrap_or(text);
    out.push_str(&bulla_yaml::literal_body(lines, column, "\n"));
    Some(out)
}

fn double_quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        let escape = match character {
            '\0' => "\\0",
            '\u{7}' => "\\a",
            '\u{8}' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\u{b}' => "\\v",
            '\u{c}' => "\\f",
            '\r' => "\\r",
            '\u{1b}' => "\\e",
            '"' => "\\\"",
            '\\' => "\\\\",
            '\u{85}' => "\\N",
            '\u{2028}' => "\\L",
            '\u{2029}' => "\\P",
            character if is_printable(character) && character != '\u{feff}' => {
                out.push(character);
                continue;
            }
            character => {
                let code = u32::from(character);
                // Writing to a String cannot fail.
                let _ = match code {
                    0..=0xff => write!(out, "\\x{code:02X}"),
                    0x100..=0xffff => write!(out, "\\u{code:04X}"),
                    _ => write!(out, "\\U{code:08X}"),
                };
                continue;
            }
        };
        out.push_str(escape);
    }
    out.push('"');
    out
}
