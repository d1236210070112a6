//! Lines that are set and taken out.

use bulla_yaml::{Edit, Span};

use super::{PREFIX, Source, decode, encode};
use crate::change::{Subtree, Target};
use crate::document::{Document, Syntax};
use crate::error::Error;
use crate::path::Step;
use crate::value::text_of;

/// The edits that put `value` where the target is: a text at a key.
pub(super) fn set(
    source: &Source<'_>,
    document: &Document<'_>,
    target: &Target<'_>,
    value: &Subtree,
) -> Result<Vec<Edit<'static>>, Error> {
    let [Step::Key(key)] = target.path else { return Err(target.no_text()) };
    let Subtree::Leaf(value) = value else { return Err(target.no_text()) };
    let text = text_of(value).ok_or_else(|| target.no_text())?;
    let is_key = !key.is_empty() && !key.starts_with('#') && !key.contains(['=', '\n', '\r']);
    if !is_key {
        return Err(target.no_key());
    }
    if key.starts_with(PREFIX) {
        return Err(target.reserved());
    }
    let written = encode(&text);
    if decode(&written) != text {
        // A backslash before an `n` is a line break here.
        return Err(target.no_text());
    }
    Ok(vec![match line(source, document, key) {
        Some((_, span)) => Edit::replace(span, written),
        None => {
            let line = match source.lacks_final_break() {
                true => format!("\n{key}={written}"),
                false => format!("{key}={written}\n"),
            };
            // The text is no longer than 4 GiB.
            Edit::insert(source.text.len() as u32, line)
        }
    }])
}

/// The edits that take out the line of the target.
pub(super) fn unset(
    source: &Source<'_>,
    document: &Document<'_>,
    target: &Target<'_>,
) -> Result<Vec<Edit<'static>>, Error> {
    let [Step::Key(key)] = target.path else { return Err(target.missing()) };
    let (start, value) = line(source, document, key).ok_or_else(|| target.missing())?;
    Ok(vec![Edit::remove(match source.text[value.end as usize..].starts_with('\n') {
        true => Span { start, end: value.end + 1 },
        // With the line break before it: the text ends without one.
        false => Span { start: start.saturating_sub(1), end: value.end },
    })])
}

/// Where the line of a key begins, and where its value is. Of a key that is there
/// twice the first: so it is with every other path.
fn line(source: &Source<'_>, document: &Document<'_>, key: &str) -> Option<(u32, Span)> {
    let mut leaves = document.leaves();
    let leaf = leaves.find(|leaf| document.paths().last_key(leaf.path) == Some(key))?;
    Some((leaf.at, source.value(leaf)?))
}
