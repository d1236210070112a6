//! Entries that are set and taken out, and sections that are begun.

use bulla_yaml::{Edit, Span};

use super::{Source, write};
use crate::change::{Subtree, Target};
use crate::document::{Document, Leaf, Syntax};
use crate::error::Error;
use crate::path::Step;
use crate::value::{Value, text_of};

/// The edits that put `value` where the target is: a text at a key of a section.
pub(super) fn set(
    source: &Source<'_>,
    document: &Document<'_>,
    target: &Target<'_>,
    value: &Subtree,
) -> Result<Vec<Edit<'static>>, Error> {
    let [Step::Key(section), Step::Key(key)] = target.path else {
        return Err(target.no_text());
    };
    let Subtree::Leaf(value) = value else { return Err(target.no_text()) };
    let text = text_of(value).ok_or_else(|| target.no_text())?.into_owned();
    if let Some(leaf) = entry(document, section, key) {
        let mut edits = Vec::new();
        source.open_leaf(leaf, &Value::Str(text.into()), None, &mut edits);
        // They were made of texts of their own.
        return Ok(edits
            .into_iter()
            .map(|edit| Edit::replace(edit.span, edit.text.into_owned()))
            .collect());
    }
    let name = write::key(key).ok_or_else(|| target.no_key())?;
    let written = write::value(&text).ok_or_else(|| target.no_text())?;
    let line = format!("{name} = {written}");
    let line_break = source.line_break;
    let (at, text) = match last_of(document, section) {
        Some(leaf) => {
            let at = end_of(source, leaf);
            match source.text[..at].ends_with('\n') {
                true => (at, format!("{line}{line_break}")),
                false => (at, format!("{line_break}{line}")),
            }
        }
        None if section.is_empty() || section.contains(['[', ']', '\n', '\r']) => {
            return Err(target.no_key());
        }
        None => {
            let header = format!("[{section}]");
            let text = match source.lacks_final_break() {
                true => format!("{line_break}{header}{line_break}{line}"),
                false => format!("{header}{line_break}{line}{line_break}"),
            };
            (source.text.len(), text)
        }
    };
    Ok(vec![Edit::insert(at as u32, text)])
}

/// The edits that take out the lines of the target.
pub(super) fn unset(
    source: &Source<'_>,
    document: &Document<'_>,
    target: &Target<'_>,
) -> Result<Vec<Edit<'static>>, Error> {
    let [Step::Key(section), Step::Key(key)] = target.path else { return Err(target.missing()) };
    let leaf = entry(document, section, key).ok_or_else(|| target.missing())?;
    let text = source.text;
    let mut start = text[..leaf.at as usize].rfind('\n').map_or(0, |at| at + 1);
    let end = end_of(source, leaf);
    if !text[..end].ends_with('\n') {
        // With the line break before it: the text ends without one.
        let before = &text[..start];
        let kept = before.strip_suffix("\r\n").or_else(|| before.strip_suffix('\n'));
        start = kept.unwrap_or(before).len();
    }
    Ok(vec![Edit::remove(Span { start: start as u32, end: end as u32 })])
}

/// The entry of a section. A section that comes up again counts as sops counts it: the
/// first that has the key.
fn entry<'d, 's>(document: &'d Document<'s>, section: &str, key: &str) -> Option<&'d Leaf<'s>> {
    document.leaves().find(|leaf| {
        let steps = document.paths().steps(leaf.path);
        matches!(steps.as_slice(), [Step::Key(above), Step::Key(name)] if above == section && name == key)
    })
}

/// The last entry of the first section of this name, or its header.
fn last_of<'d, 's>(document: &'d Document<'s>, section: &str) -> Option<&'d Leaf<'s>> {
    let paths = document.paths();
    let first = paths.iter().find_map(|(path, above, step)| {
        let is_meant =
            above == crate::PathId::ROOT && matches!(step, Step::Key(name) if name == section);
        is_meant.then_some(path)
    })?;
    let in_it = |leaf: &&Leaf<'_>| leaf.path == first || paths.parent(leaf.path) == Some(first);
    document.leaves().filter(in_it).last()
}

/// Where the line behind an entry, or behind a header, begins.
fn end_of(source: &Source<'_>, leaf: &Leaf<'_>) -> usize {
    match source.value(leaf) {
        Some(value) => value.next,
        None => super::value::line_end(source.text, leaf.at as usize),
    }
}
