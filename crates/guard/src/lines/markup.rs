//! Names and values of XML, where one element has the name and another, or another
//! attribute, has the value.

use std::ops::Range;

use memchr::memmem;

use super::{Assignment, VALUE_LIMIT};
use crate::credential::Writing;

/// The value that belongs to a name which ends where `behind` begins; `behind` is the
/// rest of its line.
pub(super) fn value<'t>(
    text: &'t str,
    name: &'t str,
    start: usize,
    behind: Range<usize>,
) -> Option<Assignment<'t>> {
    let bytes = text.as_bytes();
    let value = if bytes[behind.clone()].starts_with(b"</key>") {
        entry(bytes, behind.start)?
    } else {
        attribute(bytes, start, behind)?
    };
    let is_text = text.is_char_boundary(value.start) && text.is_char_boundary(value.end);
    is_text.then_some(Assignment { name, value, writing: Writing::Data })
}

/// `<add key="Name" value="…" />`, `<property name="…" value="…"/>`
fn attribute(bytes: &[u8], start: usize, behind: Range<usize>) -> Option<Range<usize>> {
    let before = &bytes[start.saturating_sub(VALUE_LIMIT)..start];
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'"))?;
    if !before.ends_with(b"key=") && !before.ends_with(b"name=") {
        return None;
    }
    let tag = &bytes[behind.clone()];
    let tag = &tag[..memchr::memchr(b'>', tag).unwrap_or(tag.len())];
    let at = memmem::find(tag, b"value=")? + "value=".len();
    let quote = *tag.get(at).filter(|byte| matches!(byte, b'"' | b'\''))?;
    let length = memchr::memchr(quote, &tag[at + 1..])?;
    let start = behind.start + at + 1;
    Some(start..start + length)
}

/// `<key>name</key>`, then `<string>…</string>`, on the next line more often than not.
fn entry(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = &bytes[at..bytes.len().min(at + VALUE_LIMIT)];
    let behind = rest.strip_prefix(b"</key>")?;
    let inner = behind.trim_ascii_start().strip_prefix(b"<string>")?;
    let start = at + rest.len() - inner.len();
    let length = memmem::find(inner, b"</string>")?;
    Some(start..start + length)
}
