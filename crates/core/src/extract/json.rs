//! One value or branch of JSON.

use bulla_yaml::Span;

use crate::document::{Document, Format};
use crate::error::Error;
use crate::path::{PathId, Step};
use crate::value::Value;

/// What stands at a path, if anything does.
pub(super) fn from_json(plain: &[u8], path: &[Step<'_>]) -> Result<Option<Vec<u8>>, Error> {
    let text = str::from_utf8(plain).map_err(|_| Error::NotText)?;
    let document = Document::parse(text, Format::Json)?;
    let mut at = PathId::ROOT;
    let mut steps = path.iter().peekable();
    // Parents come before their children, and children before what follows the parent.
    for (found, above, step) in document.paths().iter() {
        if above == at && steps.next_if(|&wanted| wanted == step).is_some() {
            at = found;
        }
    }
    if steps.next().is_some() {
        return Ok(None);
    }
    if let Some(leaf) = document.leaves().find(|leaf| leaf.path == at)
        && let Value::Str(text) = &leaf.value
    {
        return Ok(Some(text.as_bytes().to_vec()));
    }
    Ok(document.span_at(at).map(|span| outdented(text, span)))
}

/// A part of a text with the indentation of its first line taken from the others. An
/// object ends with a line break, as sops has it; nothing else does.
fn outdented(text: &str, part: Span) -> Vec<u8> {
    let line = text[..part.start as usize].rfind('\n').map_or(0, |found| found + 1);
    let first = &text[line..];
    let indent = &first[..first.len() - first.trim_start_matches([' ', '\t']).len()];
    let part = &text[part.range()];
    let mut out = String::with_capacity(part.len() + 1);
    for (count, line) in part.split_inclusive('\n').enumerate() {
        let line = if count == 0 { line } else { line.strip_prefix(indent).unwrap_or(line) };
        out.push_str(line);
    }
    if part.starts_with('{') {
        out.push('\n');
    }
    out.into_bytes()
}
