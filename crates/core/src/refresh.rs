//! A sealed file whose values stay, with another `sops` block.

use bulla_yaml::splice;

use crate::binary;
use crate::cipher::Cipher;
use crate::document::{Document, Format};
use crate::error::{Error, Place};
use crate::integrity::{self, Placeholder};
use crate::metadata::Metadata;
use crate::open::open_values;
use crate::seal::Sealed;
use crate::selection::select;

/// Puts `next` in the place of the block that `document` has, with the integrity record
/// of what the file is then. Every ciphertext stays, and so does the MAC.
///
/// # Errors
///
/// When the result does not open to `plain`: nothing is to be written then.
pub(crate) fn with_block(
    document: &Document<'_>,
    plain: &[u8],
    next: Metadata,
    cipher: &Cipher,
) -> Result<Sealed, Error> {
    let format = document.format();
    let mut edits = Vec::new();
    document.remove_metadata(None, &mut edits);
    edits.sort_by_key(|edit| edit.span);
    let without = splice(document.text(), &edits);
    // Without the block, nothing tells it from other JSON.
    let bare = match format {
        Format::Binary => Document::parse(&without, Format::Json)?,
        format => Document::parse(&without, format)?,
    };
    // A binary file is no object of Kubernetes, whatever its one value is.
    let placeholder = Placeholder::new(&bare)?;
    let next = Metadata { integrity: Some(placeholder.text().to_owned()), ..next };
    let mut edits = Vec::new();
    bare.add_metadata(&next, &mut edits);
    edits.sort_by_key(|edit| edit.span);
    let mut text = splice(&without, &edits);
    let record = {
        let document = Document::parse(&text, format)?;
        let read = document.sealed_metadata()?;
        // There is no record to be checked yet.
        let unchecked = Metadata { integrity: None, ..next.clone() };
        let (is_same, record) = if format == Format::Binary {
            let opened = binary::open_with(&document, &unchecked, cipher, false)?;
            (*opened.bytes == *plain, opened.record(&next, cipher))
        } else {
            let values = open_values(&document, &unchecked, cipher, false)?;
            let opened = values.text(&document, &unchecked, cipher)?;
            let selected = select(&document, next.selector.as_ref());
            let parts = values.parts();
            let record = integrity::of_document(&document, &next, &selected, parts, cipher);
            (opened.as_bytes() == plain, record)
        };
        if !is_same || !read.says_the_same_as(&next) {
            return Err(Error::NotReproduced { place: Place { line: 1, path: String::new() } });
        }
        record
    };
    placeholder.fill(&mut text, &record);
    Ok(Sealed { text, count: 0 })
}
