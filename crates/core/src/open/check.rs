//! What can be said about a sealed file without a key.

use crate::document::{Document, Format, Part};
use crate::error::Error;
use crate::sealed_value::SealedValueError;
use crate::selection::select;

/// Checks that a file is sealed: it has metadata with keys, and every value that its
/// own selector covers is a token. Whether they can be opened, and whether the MAC
/// holds, takes a key.
///
/// # Errors
///
/// [`Error::NotSealed`], [`Error::Metadata`], or [`Error::NotSealedValue`] for the first
/// value that can be read.
pub fn check_sealed(text: &str, format: Format) -> Result<(), Error> {
    let document = Document::parse(text, format)?;
    for file in document.files() {
        let part;
        let file = if file.len() == text.len() {
            &document
        } else {
            part = Document::parse(file, format)?;
            &part
        };
        check(file)?;
    }
    Ok(())
}

fn check(document: &Document<'_>) -> Result<(), Error> {
    let metadata = document.sealed_metadata()?;
    if metadata.keys().next().is_none() {
        return Err(Error::NotSealed);
    }
    let selected = select(document, metadata.selector.as_ref());
    for (part, selected) in document.parts().iter().zip(selected) {
        let Part::Leaf(leaf) = part else { continue };
        if !selected || leaf.value.stays_readable() {
            continue;
        }
        let token = Document::token(leaf).unwrap_or(Err(SealedValueError::NotSealed));
        token.map_err(|error| Error::NotSealedValue { place: document.place_of(leaf), error })?;
    }
    Ok(())
}
