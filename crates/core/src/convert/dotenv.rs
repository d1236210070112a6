//! Dotenv: texts by their names.

use super::tree::{Item, Node};
use super::{misfit, text};
use crate::error::{Error, Misfit};

pub(super) fn write(document: &Node) -> Result<String, Error> {
    let mut out = String::new();
    for item in document.items() {
        match item {
            Item::Comment(comment) => {
                for (number, line) in comment.lines().enumerate() {
                    // Further lines come from INI, with the marks of their own.
                    let mark = if number == 0 || !line.starts_with('#') { "#" } else { "" };
                    out.extend([mark, line, "\n"]);
                }
            }
            Item::Entry(key, node) => {
                let value = text::need(node, &[key])?;
                let is_name = !key.contains(['=', '\n']) && !key.starts_with(['#', '\r']);
                if !is_name || key.starts_with("sops_") {
                    return Err(misfit(&[key], Misfit::Key));
                }
                if value.contains("\\n") {
                    return Err(misfit(&[key], Misfit::Backslash));
                }
                out.extend([key.as_str(), "=", &value.replace('\n', "\\n"), "\n"]);
            }
            // The top level is a mapping.
            Item::Element(_) => {}
        }
    }
    Ok(out)
}
