//! JSON, as Go's encoder and sops's indentation write it.

use std::fmt::Write;

use super::misfit;
use super::tree::{Item, Node};
use crate::error::{Error, Misfit};
use crate::rules::Indent;
use crate::value::{Value, float_text};

pub(super) fn write(document: &Node, indent: Indent) -> Result<String, Error> {
    let mut writer = Writer { out: String::new(), indent, path: Vec::new() };
    writer.node(document, 0)?;
    writer.out.push('\n');
    Ok(writer.out)
}

struct Writer<'n> {
    out: String,
    indent: Indent,
    path: Vec<&'n str>,
}

impl<'n> Writer<'n> {
    fn node(&mut self, node: &'n Node, depth: usize) -> Result<(), Error> {
        let (items, [open, close]) = match node {
            Node::Leaf(value) => return self.value(value),
            Node::Map(items) => (items, ['{', '}']),
            Node::List(items) => (items, ['[', ']']),
        };
        self.out.push(open);
        let mut is_empty = true;
        let mut seen = std::collections::HashSet::new();
        for item in items {
            let (key, node) = match item {
                Item::Comment(_) => continue,
                Item::Entry(key, node) => (Some(key.as_str()), node),
                Item::Element(node) => (None, node),
            };
            if !std::mem::replace(&mut is_empty, false) {
                self.out.push(',');
            }
            self.line(depth + 1);
            self.path.extend(key);
            if let Some(key) = key {
                if !seen.insert(key) {
                    return Err(misfit(&self.path, Misfit::Twice));
                }
                string(&mut self.out, key);
                self.out.push_str(": ");
            }
            self.node(node, depth + 1)?;
            if key.is_some() {
                self.path.pop();
            }
        }
        if !is_empty {
            self.line(depth);
        }
        self.out.push(close);
        Ok(())
    }

    fn line(&mut self, depth: usize) {
        self.out.push('\n');
        match self.indent {
            Indent::Tab => self.out.extend(std::iter::repeat_n('\t', depth)),
            Indent::Spaces(spaces) => {
                self.out.extend(std::iter::repeat_n(' ', depth * usize::from(spaces)));
            }
        }
    }

    fn value(&mut self, value: &Value<'_>) -> Result<(), Error> {
        match value {
            Value::Null | Value::Empty => self.out.push_str("null"),
            Value::Bool(bool) => self.out.push_str(if *bool { "true" } else { "false" }),
            Value::Int(int) => self.out.push_str(&int.to_string()),
            Value::Float(float) if !float.is_finite() => {
                return Err(misfit(&self.path, Misfit::Infinite));
            }
            Value::Float(float) => self.out.push_str(&number(*float)),
            Value::Time(text) => string(&mut self.out, text),
            Value::Str(text) => string(&mut self.out, text),
            Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => string(&mut self.out, text),
                Err(_) => return Err(misfit(&self.path, Misfit::Binary)),
            },
        }
        Ok(())
    }
}

/// A number as Go's `encoding/json` writes it: without an exponent from 1e-6 up to
/// 1e21.
fn number(float: f64) -> String {
    let size = float.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return float_text(float);
    }
    // Rust's shortest digits are Go's, and so is this notation but for the sign.
    let text = format!("{float:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => text,
    }
}

/// A text as Go's `encoding/json` writes it, safe for HTML.
fn string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            character => out.push(character),
        }
    }
    out.push('"');
}
