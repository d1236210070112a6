//! The integrity record: what the file MAC of sops leaves open.
//!
//! The MAC is a hash of values. Keys, nesting, types, nulls, comments, the selector and
//! the recipients can change under it. This record is a keyed code over all of that, in
//! a form that docs/integrity.md specifies, and stands in the `sops` block as
//! `bulla.integrity`, which sops ignores:
//!
//! ```text
//! v1.<file>          of any file
//! v1.<file>.<object> of Kubernetes objects
//! ```
//!
//! Each part is 32 bytes in base64. The second is of one document alone, without what
//! kustomize changes on the way to a cluster.

mod form;
mod object;
mod order;
mod sink;
mod trail;

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::data_key::DataKey;
use crate::document::{Document, Format};
use crate::error::Error;
use crate::kubernetes;
use crate::metadata::Metadata;

pub(crate) use form::{Pieces, of_bytes, of_document};
pub use object::{OpenedObject, open_object};

/// What the record begins with.
const VERSION: &str = "v1";

/// A code, in bytes.
type Tag = [u8; 32];

/// What the keys of the two codes are derived for.
const FILE_LABEL: &[u8] = b"bulla integrity v1 file";
const OBJECT_LABEL: &[u8] = b"bulla integrity v1 object";

/// The codes of a file as it is.
pub(crate) struct Record {
    file: Tag,
    /// One for each `sops` block.
    objects: Vec<Tag>,
}

/// The two codes before anything is put in.
struct Keys {
    file: Hmac<Sha256>,
    object: Hmac<Sha256>,
}

impl Keys {
    fn new(data_key: &DataKey) -> Self {
        let extracted = Hkdf::<Sha256>::new(None, data_key.expose());
        let keyed = |label| {
            let mut key = Zeroizing::new([0; 32]);
            // HKDF gives up to 255 times 32 bytes.
            extracted.expand(label, key.as_mut_slice()).expect("32 bytes are not too many");
            Hmac::new_from_slice(key.as_slice()).expect("a key of any length will do")
        };
        Self { file: keyed(FILE_LABEL), object: keyed(OBJECT_LABEL) }
    }
}

impl Record {
    /// Whether this is the record that the file has.
    ///
    /// # Errors
    ///
    /// [`Error::IntegrityMismatch`], or [`Error::IntegrityUnknown`] for a record that
    /// this version cannot read.
    pub(crate) fn verify(&self, metadata: &Metadata) -> Result<(), Error> {
        let Some(theirs) = &metadata.integrity else { return Ok(()) };
        let theirs = Theirs::read(theirs)?;
        let mut holds = same(&self.file, theirs.file);
        if let Some(object) = theirs.object {
            holds &= self.objects.first().is_some_and(|ours| same(ours, object));
        }
        if holds { Ok(()) } else { Err(Error::IntegrityMismatch) }
    }

    /// Whether the code of the one document is that of the record; `None` when there is
    /// no such code.
    pub(crate) fn object_holds(&self, metadata: &Metadata) -> Result<Option<bool>, Error> {
        let theirs = metadata.integrity.as_deref().map(Theirs::read).transpose()?;
        let object = theirs.and_then(|theirs| theirs.object);
        Ok(object.map(|object| self.objects.first().is_some_and(|ours| same(ours, object))))
    }

    /// The text of the record, for a file of one block.
    pub(crate) fn print(&self) -> String {
        self.text(None)
    }

    fn text(&self, object: Option<&Tag>) -> String {
        let mut text = format!("{VERSION}.{}", STANDARD.encode(self.file));
        if let Some(object) = object {
            // Writing to a String cannot fail.
            let _ = write!(text, ".{}", STANDARD.encode(object));
        }
        text
    }
}

/// A record as it stands in a file.
struct Theirs<'t> {
    file: &'t str,
    object: Option<&'t str>,
}

impl<'t> Theirs<'t> {
    fn read(text: &'t str) -> Result<Self, Error> {
        let mut parts = text.split('.');
        let (version, file, object) = (parts.next(), parts.next(), parts.next());
        match (version, file, parts.next()) {
            (Some(VERSION), Some(file), None) => Ok(Self { file, object }),
            _ => Err(Error::IntegrityUnknown),
        }
    }
}

/// Compares texts, so that no other spelling of a code is one.
fn same(ours: &Tag, theirs: &str) -> bool {
    STANDARD.encode(ours).as_bytes().ct_eq(theirs.as_bytes()).into()
}

/// What stands in the place of a record until the text around it is known: random, so
/// that it is nowhere else in the text.
pub(crate) struct Placeholder {
    text: String,
    with_objects: bool,
}

impl Placeholder {
    /// A placeholder for the record of what is sealed now.
    ///
    /// # Errors
    ///
    /// When the operating system gives no randomness.
    pub(crate) fn new(document: &Document<'_>) -> Result<Self, Error> {
        let with_objects = matches!(document.format(), Format::Yaml | Format::Json)
            && kubernetes::is_stream(document);
        let mut random = Tag::default();
        getrandom::fill(&mut random).map_err(|_| Error::NoRandomness)?;
        let record = Record { file: random, objects: Vec::new() };
        Ok(Self { text: record.text(with_objects.then_some(&random)), with_objects })
    }

    /// The text, as long as that of the record.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Puts the record in its place in every block.
    pub(crate) fn fill(&self, text: &mut String, record: &Record) {
        let finder = memchr::memmem::Finder::new(&self.text);
        let found: Vec<usize> = finder.find_iter(text.as_bytes()).collect();
        for (block, at) in found.into_iter().enumerate() {
            let object = record.objects.get(block).filter(|_| self.with_objects);
            // As many blocks were written as the document that was read has.
            let record = record.text(object);
            text.replace_range(at..at + self.text.len(), &record);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    #[test]
    fn a_record_is_read_in_one_spelling_only() {
        let record = Record { file: [1; 32], objects: vec![[2; 32]] };
        let full = record.text(record.objects.first());
        let metadata = |bulla: Json| {
            Metadata::from_json(&json!({"version": "3.13.1", "bulla": bulla})).unwrap()
        };
        let verify = |text: &str| record.verify(&metadata(json!({"integrity": text})));
        assert_eq!(verify(&full), Ok(()));
        assert_eq!(verify(&record.print()), Ok(()));
        for wrong in [full.trim_end_matches('='), &full.to_lowercase(), &format!("{full}=")] {
            assert_eq!(verify(wrong), Err(Error::IntegrityMismatch), "{wrong}");
        }
        for unknown in ["", "v1", "v2.x", &format!("{full}."), &full[1..]] {
            assert_eq!(verify(unknown), Err(Error::IntegrityUnknown), "{unknown}");
        }
        assert_eq!(record.verify(&metadata(json!({}))), Ok(()));
    }
}
