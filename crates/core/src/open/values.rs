//! What was opened, and the plaintext that it makes.

use std::borrow::Cow;

use bulla_yaml::{Edit, Span, splice};
use zeroize::Zeroizing;

use super::same_paths::SamePaths;
use crate::cipher::Cipher;
use crate::document::{Document, Leaf, Part};
use crate::error::Error;
use crate::layout::{Layout, Writing};
use crate::metadata::Metadata;
use crate::path::PathId;
use crate::value::Value;

/// The plaintext of every part that is sealed.
pub(crate) struct Values<'v> {
    /// For each part of the document.
    pub(super) opened: Vec<Option<OpenedPart<'v>>>,
    pub(super) readable_comments: Vec<usize>,
    /// As [`Opened::ignored`](super::Opened::ignored).
    pub(super) ignored: Vec<Error>,
}

pub(crate) enum OpenedPart<'v> {
    Value(Value<'v>),
    Comment(Zeroizing<String>),
    /// A comment that sops sealed as a list item.
    ListComment(Zeroizing<String>),
}

impl<'v> Values<'v> {
    /// The document with these values in it, as they were written if that is known
    /// and still fits.
    pub(crate) fn text(
        &self,
        document: &Document<'_>,
        metadata: &Metadata,
        cipher: &Cipher,
    ) -> Result<Zeroizing<String>, Error> {
        if let Some(layout) = self.layout(metadata, cipher) {
            let text = self.write(document, Some(&layout));
            if self.reads_back(document, &text).is_ok() {
                return Ok(text);
            }
            // The record does not fit what the file holds now.
        }
        let text = self.write(document, None);
        self.reads_back(document, &text)?;
        Ok(text)
    }

    /// The record of how the values were written, if it is of these values.
    pub(super) fn layout(&self, metadata: &Metadata, cipher: &Cipher) -> Option<Layout> {
        let layout = Layout::open(metadata.layout.as_deref()?, cipher, &metadata.last_modified)?;
        (layout.sealed == self.sealed()).then_some(layout)
    }

    fn sealed(&self) -> usize {
        let values = self.opened.iter().flatten();
        values.filter(|part| matches!(part, OpenedPart::Value(_))).count()
    }

    /// As [`Opened::ignored`](super::Opened::ignored).
    pub(crate) fn take_ignored(&mut self) -> Vec<Error> {
        std::mem::take(&mut self.ignored)
    }

    /// What was opened, in the order of the document's parts.
    pub(crate) fn parts(&self) -> &[Option<OpenedPart<'v>>] {
        &self.opened
    }

    fn write(&self, document: &Document<'_>, layout: Option<&Layout>) -> Zeroizing<String> {
        let edits = self.edits(document, layout);
        Zeroizing::new(splice(document.text(), &edits.0))
    }

    /// What makes the plaintext of the document.
    pub(super) fn edits<'d>(
        &self,
        document: &'d Document<'_>,
        layout: Option<&Layout>,
    ) -> Edits<'d> {
        let mut edits: Vec<Edit<'d>> = Vec::with_capacity(self.opened.iter().flatten().count() + 1);
        let mut writings = layout.map_or(&[][..], |layout| &layout.writings).iter().peekable();
        let mut comments = layout.map_or(&[][..], |layout| &layout.comments).iter().peekable();
        let (mut index, mut comment_index) = (0, 0);
        for (part, opened) in document.parts().iter().zip(&self.opened) {
            match (part, opened) {
                (Part::Leaf(leaf), Some(OpenedPart::Value(value))) => {
                    let writing: Option<&Writing> =
                        writings.next_if(|writing| writing.index == index);
                    index += 1;
                    document.open_leaf(leaf, value, writing, &mut edits);
                }
                (Part::Leaf(leaf), Some(OpenedPart::ListComment(text))) => {
                    // What cannot become a comment stays sealed, and is caught
                    // when the text is read back.
                    let _ = document.open_list_comment(leaf, text, &mut edits);
                }
                (Part::Comment(comment), Some(OpenedPart::Comment(text))) => {
                    let writing = comments.next_if(|writing| writing.index == comment_index);
                    comment_index += 1;
                    document.open_comment(comment, text, writing, &mut edits);
                }
                _ => {}
            }
        }
        document.remove_metadata(layout, &mut edits);
        edits.sort_by_key(|edit| edit.span);
        let edits = Edits(edits);
        // A record of how other comments were written, when somebody took one out.
        let fits = edits.0.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start);
        match layout {
            _ if fits => edits,
            Some(_) => self.edits(document, None),
            // Parts do not overlap; if they did, nothing would not read back as something.
            None => Edits(vec![Edit::remove(Span { start: 0, end: document.text().len() as u32 })]),
        }
    }

    /// Whether a text holds exactly these values at these paths.
    fn reads_back(&self, document: &Document<'_>, text: &str) -> Result<(), Error> {
        let read = Document::parse(text, document.format())?;
        let mut leaves = read.leaves().peekable();
        let mut same_paths = SamePaths::new(read.paths(), document.paths());
        let parts = document.parts().iter().zip(&self.opened);
        for (part, opened) in parts {
            let Part::Leaf(leaf) = part else { continue };
            let expected = match opened {
                Some(OpenedPart::Value(value)) => value,
                Some(_) => {
                    // A list of comments alone is an empty list.
                    let list = document.paths().parent(leaf.path).unwrap_or(PathId::ROOT);
                    let _ = leaves.next_if(|found| {
                        matches!(found.value, Value::Empty) && same_paths.are(found.path, list)
                    });
                    continue;
                }
                None => &leaf.value,
            };
            let same = leaves.next().is_some_and(|found| {
                found.section == leaf.section
                    && same_paths.are(found.path, leaf.path)
                    && (document.is_written_as(&found.value, expected)
                        || is_cut_off(document, leaf, &read, found, expected))
            });
            if !same {
                let place = document.place_of(leaf);
                return Err(match expected {
                    Value::Bytes(_) => Error::NotTextAt { place },
                    _ => Error::NotReproduced { place },
                });
            }
        }
        match leaves.next() {
            None => Ok(()),
            Some(leaf) => Err(Error::NotReproduced { place: read.place_of(leaf) }),
        }
    }
}

/// Edits with plaintext, which is wiped when they are dropped.
pub(super) struct Edits<'d>(pub(super) Vec<Edit<'d>>);

impl Drop for Edits<'_> {
    fn drop(&mut self) {
        for edit in self.0.drain(..) {
            if let Cow::Owned(text) = edit.text {
                drop(Zeroizing::new(text));
            }
        }
    }
}

/// The last value of a file without a final line break loses the one that the
/// `sops` block gave it.
fn is_cut_off(
    document: &Document<'_>,
    leaf: &Leaf<'_>,
    read: &Document<'_>,
    found: &Leaf<'_>,
    expected: &Value<'_>,
) -> bool {
    let (Value::Str(found_text), Value::Str(expected)) = (&found.value, expected) else {
        return false;
    };
    read.is_open_ended(found)
        && !document.is_open_ended(leaf)
        && expected.strip_suffix('\n') == Some(found_text)
}
