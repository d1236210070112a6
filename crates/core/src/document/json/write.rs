//! Values and the `sops` block as JSON text.

use serde_json::Value as Json;

use super::read::Top;
use crate::rules::{Indent, WIDEST};
use crate::value::{Value, float_text};

/// The text of a value when nothing else is known.
pub(super) fn cleanest(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Empty => "{}".into(),
        Value::Bool(bool) => bool.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Float(float) => number(*float),
        Value::Time(text) => quoted(text),
        Value::Str(text) => quoted(text),
        // JSON has no bytes; that this is not them is found out when it is read back.
        Value::Bytes(bytes) => quoted(&String::from_utf8_lossy(bytes)),
    }
}

/// Very large and very small numbers have an exponent, as everybody writes them.
fn number(float: f64) -> String {
    let size = float.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        return Json::from(float).to_string();
    }
    float_text(float)
}

fn quoted(text: &str) -> String {
    let is_escaped = |byte: &u8| matches!(byte, 0..b' ' | b'"' | b'\\');
    let escaped = text.bytes().filter(is_escaped).count();
    let mut out = Vec::with_capacity(text.len() + escaped + 2);
    // Writing a text to memory cannot fail, and gives a text.
    let _ = serde_json::to_writer(&mut out, text);
    String::from_utf8(out).unwrap_or_default()
}

/// How the entries of a file are laid out.
pub(super) struct Style<'s> {
    /// The line break and the blanks before each entry of the top level; none when
    /// entries stand behind each other.
    line: Option<(&'static str, &'s str)>,
    /// Behind a colon, and behind a comma between two entries of a line.
    blank: &'static str,
}

impl<'s> Style<'s> {
    /// The style of a file's own top level. sops's own, when it has no entry.
    pub(super) fn of(text: &'s str, top: &Top) -> Self {
        let Some(last) = top.last else { return Self::sops() };
        let before = &text[..last.start as usize];
        let indent = &before[before.trim_end_matches([' ', '\t']).len()..];
        let above = &before[..before.len() - indent.len()];
        let line = match above {
            _ if above.ends_with("\r\n") => Some(("\r\n", indent)),
            _ if above.ends_with(['\n', '\r']) => Some(("\n", indent)),
            _ => None,
        };
        let has_blank = text[last.colon as usize..].starts_with([' ', '\t', '\n', '\r']);
        Self { line, blank: if has_blank { " " } else { "" } }
    }

    /// What sops writes: tabs.
    pub(super) fn sops() -> Self {
        Style::indented(Indent::Tab)
    }

    /// A line for each entry.
    pub(super) fn indented(indent: Indent) -> Self {
        const SPACES: &str = "                                ";
        const { assert!(SPACES.len() == WIDEST as usize) }
        let indent = match indent {
            Indent::Tab => "\t",
            Indent::Spaces(spaces) => &SPACES[..usize::from(spaces.min(WIDEST))],
        };
        Self { line: Some(("\n", indent)), blank: " " }
    }

    /// The indentation of each level; a tab, if it is no other that could be chosen.
    pub(super) fn indent(&self) -> Indent {
        let spaces = |indent: &&str| indent.bytes().all(|byte| byte == b' ');
        let indent = self.line.map(|(_, indent)| indent).filter(spaces);
        let width = indent.and_then(|indent| u8::try_from(indent.len()).ok());
        width.filter(|&width| width <= WIDEST).map_or(Indent::Tab, Indent::Spaces)
    }

    /// The `sops` entry; `is_first` when there is no entry before it.
    pub(super) fn entry(&self, key: &str, value: &Json, is_first: bool) -> String {
        let mut out = String::new();
        if !is_first {
            out.push(',');
        }
        if !is_first || self.line.is_some() {
            self.next(&mut out, 1);
        }
        self.pair(&mut out, key, value, 1);
        out
    }

    /// What stands before an entry at this depth.
    fn next(&self, out: &mut String, depth: usize) {
        match self.line {
            Some((line_break, indent)) => {
                out.push_str(line_break);
                out.extend(std::iter::repeat_n(indent, depth));
            }
            None => out.push_str(self.blank),
        }
    }

    fn pair(&self, out: &mut String, key: &str, value: &Json, depth: usize) {
        out.push_str(&quoted(key));
        out.push(':');
        // Flux looks for `"mac": "ENC[` with just this space, however dense the file.
        out.push_str(if key == "mac" { " " } else { self.blank });
        self.value(out, value, depth);
    }

    /// Recursive: blocks are written by us or read by serde_json, which limits them.
    fn value(&self, out: &mut String, value: &Json, depth: usize) {
        let before = |out: &mut String, count: usize| {
            if count > 0 {
                out.push(',');
            }
            if count > 0 || self.line.is_some() {
                self.next(out, depth + 1);
            }
        };
        let after = |out: &mut String| {
            if self.line.is_some() {
                self.next(out, depth);
            }
        };
        match value {
            Json::Object(map) if !map.is_empty() => {
                out.push('{');
                for (count, (key, value)) in map.iter().enumerate() {
                    before(out, count);
                    self.pair(out, key, value, depth + 1);
                }
                after(out);
                out.push('}');
            }
            Json::Array(items) if !items.is_empty() => {
                out.push('[');
                for (count, item) in items.iter().enumerate() {
                    before(out, count);
                    self.value(out, item, depth + 1);
                }
                after(out);
                out.push(']');
            }
            other => out.push_str(&other.to_string()),
        }
    }
}
