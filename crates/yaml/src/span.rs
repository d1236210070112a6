//! Places in a text, and changes to it.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// A half-open range of bytes of the parsed text.
///
/// Offsets are 32 bits wide: [`crate::Stream::parse`] refuses longer texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end`, in bytes.
    ///
    /// The offsets come from a text that `parse` has accepted, so they fit.
    pub(crate) fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end && end <= u32::MAX as usize);
        Self { start: start as u32, end: end as u32 }
    }

    /// An empty span at `at`.
    pub fn at(at: u32) -> Self {
        Self { start: at, end: at }
    }

    /// Whether the span holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// How many bytes it holds.
    pub(crate) fn len(self) -> u32 {
        self.end - self.start
    }

    /// The span as a range that slices a `str`.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// One change: the bytes of `span` give way to `text`.
#[derive(Clone, PartialEq, Eq)]
pub struct Edit<'t> {
    /// What is replaced; an empty span inserts.
    pub span: Span,
    /// What stands there afterwards.
    pub text: Cow<'t, str>,
}

impl fmt::Debug for Edit<'_> {
    /// Without the text, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edit").field("span", &self.span).finish_non_exhaustive()
    }
}

impl<'t> Edit<'t> {
    /// Puts `text` in place of `span`.
    pub fn replace(span: Span, text: impl Into<Cow<'t, str>>) -> Self {
        Self { span, text: text.into() }
    }

    /// Puts `text` before the byte at `at`.
    pub fn insert(at: u32, text: impl Into<Cow<'t, str>>) -> Self {
        Self::replace(Span::at(at), text)
    }

    /// Takes `span` out.
    pub fn remove(span: Span) -> Self {
        Self::replace(span, "")
    }
}

/// Applies `edits` to `text`.
///
/// The edits are ordered by their spans and do not overlap; two insertions at
/// one place keep their order. Bytes outside the spans are copied as they are.
///
/// # Panics
///
/// When the edits overlap, are out of order or cut a character in two: they are
/// made by code, never by input.
pub fn splice(text: &str, edits: &[Edit<'_>]) -> String {
    let added: usize = edits.iter().map(|edit| edit.text.len()).sum();
    let removed: usize = edits.iter().map(|edit| edit.span.len() as usize).sum();
    let mut out = String::with_capacity((text.len() + added).saturating_sub(removed));
    let mut copied = 0;
    for edit in edits {
        let Range { start, end } = edit.span.range();
        assert!(copied <= start, "edits overlap or are out of order at byte {start}");
        out.push_str(&text[copied..start]);
        out.push_str(&edit.text);
        copied = end;
    }
    out.push_str(&text[copied..]);
    out
}

/// Whether applying `edits`, which are as for [`splice`], would give `expected`. Takes no
/// memory.
///
/// # Errors
///
/// The first byte of `expected` that would not be there.
pub fn splices_to(text: &str, edits: &[Edit<'_>], expected: &str) -> Result<(), usize> {
    let mut rest = expected.as_bytes();
    let mut same = |piece: &str| match rest.strip_prefix(piece.as_bytes()) {
        Some(behind) => {
            rest = behind;
            Ok(())
        }
        None => {
            let same = piece.bytes().zip(rest).take_while(|(one, other)| one == *other).count();
            Err(expected.len() - rest.len() + same)
        }
    };
    let mut copied = 0;
    for edit in edits {
        let Range { start, end } = edit.span.range();
        same(&text[copied..start])?;
        same(&edit.text)?;
        copied = end;
    }
    same(&text[copied..])?;
    if rest.is_empty() { Ok(()) } else { Err(expected.len() - rest.len()) }
}

/// The number, from 1, of the line that holds the byte at `offset`.
///
/// Lines end with LF, CRLF or a lone CR, as in YAML. Linear in `offset`: it is
/// meant for messages.
pub fn line_of(text: &str, offset: u32) -> usize {
    let before = &text.as_bytes()[..(offset as usize).min(text.len())];
    let breaks = memchr::memchr2_iter(b'\n', b'\r', before)
        .filter(|&at| before[at] == b'\n' || text.as_bytes().get(at + 1) != Some(&b'\n'))
        .count();
    breaks + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_edit_is_the_text_itself() {
        assert_eq!(splice("a: b\r\n", &[]), "a: b\r\n");
    }

    #[test]
    fn insertions_at_one_place_keep_their_order() {
        let edits = [Edit::insert(1, "x"), Edit::insert(1, "y"), Edit::remove(Span::new(1, 2))];
        assert_eq!(splice("abc", &edits), "axyc");
    }

    #[test]
    fn what_would_come_out_is_compared_byte_by_byte() {
        let edits = [Edit::insert(1, "xy"), Edit::remove(Span::new(1, 2))];
        let made = splice("abc", &edits);
        assert_eq!(splices_to("abc", &edits, &made), Ok(()));
        for (expected, at) in
            [("axyd", 3), ("axy", 3), ("axycd", 4), ("bxyc", 0), ("axzc", 2), ("", 0)]
        {
            assert_eq!(splices_to("abc", &edits, expected), Err(at), "{expected}");
        }
    }

    #[test]
    fn every_line_break_counts_once() {
        let text = "a\nb\r\nc\rd";
        let lines: Vec<_> = ["a", "b", "c", "d"]
            .iter()
            .map(|letter| line_of(text, text.find(letter).expect("present") as u32))
            .collect();
        assert_eq!(lines, [1, 2, 3, 4]);
    }
}
