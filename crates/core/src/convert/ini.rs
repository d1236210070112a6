//! INI: texts by section and name, laid out as go-ini does.

use super::tree::{Item, Node};
use super::{misfit, text};
use crate::document::ini::{DEFAULT, written_key, written_value};
use crate::error::{Error, Misfit};

pub(super) fn write(document: &Node) -> Result<String, Error> {
    let mut out = String::new();
    let mut is_first = true;
    let mut is_behind_section = false;
    for item in document.items() {
        if std::mem::take(&mut is_behind_section) && !out.is_empty() {
            out.push('\n');
        }
        match item {
            Item::Comment(text) => comment(text, &mut out),
            Item::Entry(name, node) => {
                section(name, node, is_first, &mut out)?;
                is_first = false;
                is_behind_section = true;
            }
            // The top level is a mapping.
            Item::Element(_) => {}
        }
    }
    Ok(out)
}

fn section(name: &str, node: &Node, is_first: bool, out: &mut String) -> Result<(), Error> {
    let Node::Map(items) = node else { return Err(misfit(&[name], Misfit::Section)) };
    if name.is_empty() || name.contains('\n') || name == crate::metadata::KEY {
        return Err(misfit(&[name], Misfit::Key));
    }
    // Keys without a header are of this section.
    if !(is_first && name == DEFAULT) {
        out.extend(["[", name, "]\n"]);
    } else if items.is_empty() {
        return Ok(());
    }
    let mut entries = Vec::with_capacity(items.len());
    for item in items {
        entries.push(match item {
            Item::Entry(key, node) => {
                let path = [name, key.as_str()];
                let value = text::need(node, &path)?;
                let key = written_key(key).ok_or_else(|| misfit(&path, Misfit::Key))?;
                let value = written_value(&value).ok_or_else(|| misfit(&path, Misfit::Quotes))?;
                Ok((key, value))
            }
            Item::Comment(text) => Err(text),
            Item::Element(_) => continue,
        });
    }
    let widest = entries.iter().flatten().map(|(key, _)| key.len()).max().unwrap_or_default();
    for entry in entries {
        match entry {
            Ok((key, value)) => {
                // go-ini counts bytes.
                let blanks = " ".repeat(widest - key.len());
                out.extend([&key, &blanks, " = ", &value, "\n"]);
            }
            Err(text) => comment(text, out),
        }
    }
    Ok(())
}

fn comment(text: &str, out: &mut String) {
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (mark, rest) = match line.strip_prefix(['#', ';']) {
            Some(rest) => (&line[..1], rest.trim()),
            None => (";", line),
        };
        out.extend([mark, " ", rest, "\n"]);
    }
}
