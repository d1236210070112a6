//! Sealing and opening files that are no text: all of their bytes are one value.
//!
//! Such files may be large, so they are sealed piece by piece and opened in place. At no
//! time is there more in memory than the bytes and the sealed text.

mod line;
mod pieces;

use zeroize::Zeroizing;

use crate::cipher::{Cipher, IV_LENGTH};
use crate::data_key::DataKey;
use crate::document::{Document, Format, binary};
use crate::error::Error;
use crate::integrity::{self, Record};
use crate::keyring::Keyring;
use crate::mac::Mac;
use crate::metadata::Metadata;
use crate::open::doubt;
use crate::recipe::Recipe;
use crate::refresh;
use crate::reseal::{added, next_metadata};
use crate::rules::Indent;
use crate::seal::{Sealed, fresh_metadata};
use crate::sealed_value::{self, SealedValueError};
use crate::value::ValueType;

pub use pieces::seal_binary_pieces;
use pieces::write_pieces;

/// The additional data of the one value.
const AAD: &str = "data:";

/// Seals bytes with a fresh data key.
///
/// The recipe's selector does not matter: everything is sealed. `now` as in
/// [`crate::seal`].
///
/// # Errors
///
/// When a key cannot be sealed for, or the bytes are more than the cipher or the
/// file format takes (3 GiB).
pub fn seal_binary(
    plain: Zeroizing<Vec<u8>>,
    recipe: &Recipe,
    keyring: &Keyring<'_>,
    now: &str,
) -> Result<Sealed, Error> {
    refuse_sealed(&plain)?;
    let data_key = DataKey::generate()?;
    let groups = keyring.wrap(&recipe.groups, recipe.threshold, &data_key, now)?;
    let metadata = fresh_metadata(groups, None, recipe, now);
    write(plain, &Cipher::new(data_key), metadata, recipe.envelope)
}

/// Seals bytes with the data key of a sealed predecessor. When they have not changed,
/// the result is `previous`, byte for byte, but for an integrity record that it lacks.
///
/// `plain` is taken when it is sealed; after an error about `previous` it is as it was.
///
/// # Errors
///
/// As [`seal_binary`], and when `previous` cannot be opened or its MAC does not hold.
pub fn reseal_binary(
    plain: &mut Zeroizing<Vec<u8>>,
    previous: &str,
    recipe: &Recipe,
    keyring: &Keyring<'_>,
    now: &str,
) -> Result<Sealed, Error> {
    refuse_sealed(plain)?;
    let before = Document::parse(previous, Format::Binary)?;
    let metadata = before.sealed_metadata()?;
    let Some(added) = added(metadata, recipe) else {
        return seal_binary(std::mem::take(plain), recipe, keyring, now);
    };
    let cipher = Cipher::new(keyring.unwrap(metadata)?);
    let is_same = open_with(&before, metadata, &cipher, false)?.bytes == *plain;
    if is_same && added.is_empty() && metadata.mac_only_encrypted == recipe.mac_only_encrypted {
        return match metadata.integrity {
            Some(_) => Ok(Sealed { text: previous.to_owned(), count: 0 }),
            None => refresh::with_block(&before, plain, metadata.clone(), &cipher),
        };
    }
    let next = next_metadata(metadata, added, None, recipe, keyring, cipher.key(), now)?;
    let indent = binary::indent(&before);
    drop(before);
    write(std::mem::take(plain), &cipher, next, indent)
}

/// A file that is sealed would be sealed twice, which nobody wants: sops says nothing.
fn refuse_sealed(plain: &[u8]) -> Result<(), Error> {
    if !looks_sealed(plain) {
        return Ok(());
    }
    let text = str::from_utf8(plain).unwrap_or_default();
    match Document::parse(text, Format::Binary) {
        Ok(document) if document.metadata().is_some() => Err(Error::AlreadySealed { line: 1 }),
        _ => Ok(()),
    }
}

/// Whether bytes begin as a sealed file does.
fn looks_sealed(plain: &[u8]) -> bool {
    let head = &plain[..plain.len().min(HEAD)];
    let head = str::from_utf8(head).or_else(|error| str::from_utf8(&head[..error.valid_up_to()]));
    head.is_ok_and(binary::looks_like_one)
}

/// How much of a file shows whether it may be sealed.
const HEAD: usize = 1024;

/// A sealed file, opened.
pub(crate) struct OpenedBinary {
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    kind: ValueType,
    /// As [`Opened::ignored`](crate::Opened).
    pub(crate) ignored: Vec<Error>,
}

impl OpenedBinary {
    /// The integrity record of the file.
    pub(crate) fn record(&self, metadata: &Metadata, cipher: &Cipher) -> Record {
        integrity::of_bytes(&self.bytes, self.kind, metadata, cipher)
    }
}

/// Opens a sealed file and checks its MAC and its integrity record.
pub(crate) fn open_with(
    document: &Document<'_>,
    metadata: &Metadata,
    cipher: &Cipher,
    ignore_mac: bool,
) -> Result<OpenedBinary, Error> {
    let (bytes, kind) = open_value(document, cipher)?;
    let mut opened = OpenedBinary { bytes, kind, ignored: Vec::new() };
    let mut mac = Mac::new(metadata.mac_only_encrypted);
    mac.add_bytes(&opened.bytes, true);
    let verified = mac.verify(&metadata.mac, cipher, &metadata.last_modified);
    opened.ignored.extend(doubt(verified, ignore_mac)?);
    if metadata.integrity.is_some() {
        let verified = opened.record(metadata, cipher).verify(metadata);
        opened.ignored.extend(doubt(verified, ignore_mac)?);
    }
    Ok(opened)
}

fn open_value(
    document: &Document<'_>,
    cipher: &Cipher,
) -> Result<(Zeroizing<Vec<u8>>, ValueType), Error> {
    // Parsing has seen to it that there is one leaf, and that it is a text.
    let Some(leaf) = document.leaves().next() else { return Err(Error::NotSealed) };
    if leaf.value.stays_readable() {
        return Ok((Zeroizing::default(), ValueType::Str));
    }
    let not_sealed = |error| Error::NotSealedValue { place: document.place_of(leaf), error };
    let token = Document::token(leaf).unwrap_or(Err(SealedValueError::NotSealed));
    let token = token.map_err(not_sealed)?;
    let tampered = || Error::Tampered { place: document.place_of(leaf) };
    if !matches!(token.kind, ValueType::Str | ValueType::Bytes) {
        return Err(tampered());
    }
    let kind = token.kind;
    Ok((cipher.open(token, AAD).map_err(|_| tampered())?, kind))
}

/// Seals bytes, and checks that they can be opened.
pub(crate) fn write(
    plain: Zeroizing<Vec<u8>>,
    cipher: &Cipher,
    metadata: Metadata,
    indent: Indent,
) -> Result<Sealed, Error> {
    // The text never moves: a copy of it would cost as much as the cipher.
    let mut text = String::with_capacity(sealed_value::length(plain.len(), IV_LENGTH) + BLOCK_ROOM);
    let mut rest = plain.as_slice();
    let mut read = |room: &mut [u8]| {
        let (next, behind) = rest.split_at(room.len().min(rest.len()));
        room[..next.len()].copy_from_slice(next);
        rest = behind;
        Ok(next.len())
    };
    let mut write = |piece: &str| {
        text.push_str(piece);
        Ok(())
    };
    write_pieces::<Error>(plain.len(), &mut read, &mut write, cipher, metadata, indent)?;
    Ok(Sealed { text, count: 1 })
}

/// What is enough for most `sops` blocks, in bytes.
const BLOCK_ROOM: usize = 16 << 10;
