//! Objects on their way to a cluster.

use zeroize::Zeroizing;

use super::of_document;
use crate::cipher::Cipher;
use crate::document::{Document, Format};
use crate::error::Error;
use crate::keyring::Keyring;
use crate::open::open_values;
use crate::reseal::one_file;
use crate::selection::select;

/// A sealed object that was opened.
pub struct OpenedObject {
    /// The whole text; wiped when dropped.
    pub text: Zeroizing<String>,
    /// As [`Opened::ignored`](crate::Opened): the MAC and the code of the whole file are of
    /// the file as it was.
    pub ignored: Vec<Error>,
    /// Whether what is sealed in it is all that was sealed, each value at its path and of
    /// its type, in an object of this kind. Not so when the file has no record of that.
    pub is_checked: bool,
}

/// Opens one sealed object that kustomize has passed on: with its keys sorted, labels
/// added, or another name.
///
/// # Errors
///
/// As [`open`](crate::open()), and [`Error::IntegrityMismatch`] when there is a code of
/// the object and it is not this one's.
pub fn open_object(text: &str, keyring: &Keyring<'_>) -> Result<OpenedObject, Error> {
    let document = Document::parse(text, Format::Yaml)?;
    one_file(&document)?;
    let metadata = document.sealed_metadata()?;
    let cipher = Cipher::new(keyring.unwrap(metadata)?);
    let mut values = open_values(&document, metadata, &cipher, true)?;
    let selected = select(&document, metadata.selector.as_ref());
    let record = of_document(&document, metadata, &selected, values.parts(), &cipher);
    let is_checked = match record.object_holds(metadata)? {
        // The code is of one document.
        Some(holds) if holds && document.sections() == 1 => true,
        Some(_) => return Err(Error::IntegrityMismatch),
        None => false,
    };
    let text = values.text(&document, metadata, &cipher)?;
    Ok(OpenedObject { text, ignored: values.take_ignored(), is_checked })
}
