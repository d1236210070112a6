//! Opening: text with tokens in, the text that was sealed out.

pub(crate) mod check;
pub(crate) mod reopen;
mod same_paths;
mod values;

use zeroize::Zeroizing;

use crate::binary;
use crate::cipher::Cipher;
use crate::document::{Comment, Document, Format, Leaf, Part};
use crate::error::Error;
use crate::integrity;
use crate::keyring::Keyring;
use crate::mac::Mac;
use crate::metadata::Metadata;
use crate::path::{Aads, PathId};
use crate::sealed_value::{SealedValue, SealedValueError};
use crate::selection::select;
use crate::value::{Value, ValueType};

pub(crate) use values::{OpenedPart, Values};

/// An opened file.
pub struct Opened {
    /// The whole text; wiped when dropped.
    pub text: Zeroizing<String>,
    /// The lines of comments that are not sealed, though the selector covers them.
    /// Not an error: older versions of sops did not seal comments.
    pub readable_comments: Vec<usize>,
    /// What does not hold of MAC and integrity record, when that was to be ignored.
    pub ignored: Vec<Error>,
    /// Whether there is an integrity record: of each, in a file that was put together.
    pub has_record: bool,
}

/// An opened file of any format.
pub struct OpenedBytes {
    /// The whole plaintext; wiped when dropped. UTF-8 in every format but binary.
    pub bytes: Zeroizing<Vec<u8>>,
    /// As [`Opened::readable_comments`].
    pub readable_comments: Vec<usize>,
    /// As [`Opened::ignored`].
    pub ignored: Vec<Error>,
    /// As [`Opened::has_record`].
    pub has_record: bool,
}

/// Opens a sealed text.
///
/// `ignore_mac` accepts values that were added, removed or reordered, and whatever the
/// integrity record is about; each value is still authenticated at its own path.
///
/// # Errors
///
/// When no key opens it, a value or the MAC is not what was sealed, or a value
/// that should be sealed is not. Nothing of the plaintext is given out then.
/// [`Error::NotText`] for a binary file that is not UTF-8.
pub fn open(
    text: &str,
    format: Format,
    keyring: &Keyring<'_>,
    ignore_mac: bool,
) -> Result<Opened, Error> {
    if format == Format::Binary {
        let OpenedBytes { mut bytes, readable_comments, ignored, has_record } =
            open_bytes(text, format, keyring, ignore_mac)?;
        let text = String::from_utf8(std::mem::take(&mut *bytes)).map_err(|error| {
            drop(Zeroizing::new(error.into_bytes()));
            Error::NotText
        })?;
        return Ok(Opened { text: text.into(), readable_comments, ignored, has_record });
    }
    let document = Document::parse(text, format)?;
    let files = document.files();
    if files.len() > 1 {
        drop(document);
        return open_each(&files, format, keyring, ignore_mac);
    }
    let metadata = document.sealed_metadata()?;
    let data_key = keyring.unwrap(metadata)?;
    open_with(&document, &Cipher::new(data_key), ignore_mac)
}

/// Opens files that were put together to one text, one by one.
fn open_each(
    files: &[&str],
    format: Format,
    keyring: &Keyring<'_>,
    ignore_mac: bool,
) -> Result<Opened, Error> {
    let length = files.iter().map(|file| file.len()).sum();
    let mut all = Zeroizing::new(String::with_capacity(length));
    let (mut readable_comments, mut ignored) = (Vec::new(), Vec::new());
    let (mut lines, mut has_record) = (0, true);
    for file in files {
        let opened = open(file, format, keyring, ignore_mac).map_err(|error| match error {
            Error::NotSealed => Error::PartNotSealed { line: lines + 1 },
            error => error,
        })?;
        readable_comments.extend(opened.readable_comments.iter().map(|line| lines + line));
        ignored.extend(opened.ignored);
        has_record &= opened.has_record;
        lines += file.matches('\n').count();
        if !all.is_empty() && !all.ends_with(['\n', '\r']) {
            all.push('\n');
        }
        all.push_str(&opened.text);
    }
    Ok(Opened { text: all, readable_comments, ignored, has_record })
}

/// Opens a sealed text of any format: what [`open`] does, for plaintexts that need
/// not be text.
///
/// # Errors
///
/// As [`open`], but any bytes will do.
pub fn open_bytes(
    text: &str,
    format: Format,
    keyring: &Keyring<'_>,
    ignore_mac: bool,
) -> Result<OpenedBytes, Error> {
    if format == Format::Binary {
        let document = Document::parse(text, format)?;
        let metadata = document.sealed_metadata()?;
        let cipher = Cipher::new(keyring.unwrap(metadata)?);
        let opened = binary::open_with(&document, metadata, &cipher, ignore_mac)?;
        let binary::OpenedBinary { bytes, ignored, .. } = opened;
        let has_record = metadata.integrity.is_some();
        return Ok(OpenedBytes { bytes, readable_comments: Vec::new(), ignored, has_record });
    }
    let Opened { mut text, readable_comments, ignored, has_record } =
        open(text, format, keyring, ignore_mac)?;
    let bytes = Zeroizing::new(std::mem::take(&mut *text).into_bytes());
    Ok(OpenedBytes { bytes, readable_comments, ignored, has_record })
}

pub(crate) fn open_with(
    document: &Document<'_>,
    cipher: &Cipher,
    ignore_mac: bool,
) -> Result<Opened, Error> {
    let metadata = document.sealed_metadata()?;
    let values = open_values(document, metadata, cipher, ignore_mac)?;
    let text = values.text(document, metadata, cipher)?;
    let Values { readable_comments, ignored, .. } = values;
    Ok(Opened { text, readable_comments, ignored, has_record: metadata.integrity.is_some() })
}

/// Opens every sealed value, and checks the MAC and the integrity record.
pub(crate) fn open_values(
    document: &Document<'_>,
    metadata: &Metadata,
    cipher: &Cipher,
    ignore_mac: bool,
) -> Result<Values<'static>, Error> {
    let selected = select(document, metadata.selector.as_ref());
    let mut mac = Mac::new(metadata.mac_only_encrypted);
    let mut values = open_parts(document, &selected, cipher, Some(&mut mac))?;
    let verified = match mac.verify(&metadata.mac, cipher, &metadata.last_modified) {
        Err(Error::MacMismatch) => {
            let mac = older_mac(document, metadata, &selected, &values);
            mac.ok_or(Error::MacMismatch)
                .and_then(|mac| mac.verify(&metadata.mac, cipher, &metadata.last_modified))
        }
        verified => verified,
    };
    values.ignored.extend(doubt(verified, ignore_mac)?);
    if metadata.integrity.is_some() {
        let record = integrity::of_document(document, metadata, &selected, &values.opened, cipher);
        values.ignored.extend(doubt(record.verify(metadata), ignore_mac)?);
    }
    Ok(values)
}

/// What does not hold, when that is to be ignored.
pub(crate) fn doubt(verified: Result<(), Error>, ignore: bool) -> Result<Option<Error>, Error> {
    match verified {
        Err(error) if ignore => Ok(Some(error)),
        Err(error) => Err(error),
        Ok(()) => Ok(None),
    }
}

/// The MAC over the values as older versions of sops read them; `None` when they are
/// the same.
fn older_mac(
    document: &Document<'_>,
    metadata: &Metadata,
    selected: &[bool],
    values: &Values,
) -> Option<Mac> {
    let mut mac = Mac::new(metadata.mac_only_encrypted);
    let mut differs = false;
    for ((part, &selected), opened) in document.parts().iter().zip(selected).zip(&values.opened) {
        match (part, opened) {
            (Part::Leaf(_), Some(OpenedPart::Value(value))) => mac.add(value, true),
            (Part::Leaf(leaf), None) => {
                let older = document.older_reading(leaf);
                differs |= older.is_some();
                mac.add(older.as_ref().unwrap_or(&leaf.value), selected);
            }
            _ => {}
        }
    }
    differs.then_some(mac)
}

fn open_parts(
    document: &Document<'_>,
    selected: &[bool],
    cipher: &Cipher,
    mut mac: Option<&mut Mac>,
) -> Result<Values<'static>, Error> {
    let mut opened = Vec::with_capacity(selected.len());
    let mut readable = Vec::new();
    let mut aads = Aads::new(document.paths());
    for (part, &selected) in document.parts().iter().zip(selected) {
        let aad = aads.of(part.path());
        opened.push(match part {
            Part::Comment(comment) if selected => {
                let text = open_comment(document, comment, cipher);
                if text.is_none() && !comment.text.is_empty() {
                    readable.push(comment.span.start);
                }
                text.map(OpenedPart::Comment)
            }
            Part::Leaf(leaf) if selected && !leaf.value.stays_readable() => {
                let part = open_leaf(document, leaf, cipher, aad)?;
                if let (OpenedPart::Value(value), Some(mac)) = (&part, &mut mac) {
                    mac.add(value, true);
                }
                Some(part)
            }
            Part::Leaf(leaf) => {
                if let Some(mac) = &mut mac {
                    mac.add(&leaf.value, selected);
                }
                None
            }
            Part::Comment(_) => None,
        });
    }
    let readable_comments = lines(document.text(), readable);
    Ok(Values { opened, readable_comments, ignored: Vec::new() })
}

/// The lines of these offsets, in order. Each is counted from the one before, or a file
/// of comments would take quadratic time; and INI's sections may be read in another order
/// than they stand in.
fn lines(text: &str, mut offsets: Vec<u32>) -> Vec<usize> {
    offsets.sort_unstable();
    let (mut counted, mut line) = (0, 1);
    let line_at = |offset| {
        line += bulla_yaml::line_of(&text[counted as usize..], offset - counted) - 1;
        counted = offset;
        line
    };
    offsets.into_iter().map(line_at).collect()
}

fn open_leaf(
    document: &Document<'_>,
    leaf: &Leaf<'_>,
    cipher: &Cipher,
    aad: &str,
) -> Result<OpenedPart<'static>, Error> {
    let sealed = Document::token(leaf)
        .unwrap_or(Err(SealedValueError::NotSealed))
        .map_err(|error| Error::NotSealedValue { place: document.place_of(leaf), error })?;
    let is_comment = sealed.kind == ValueType::Comment;
    let value = cipher
        .open_value(sealed, aad)
        .map_err(|_| Error::Tampered { place: document.place_of(leaf) })?;
    Ok(match value {
        Value::Str(text) if is_comment => {
            OpenedPart::ListComment(Zeroizing::new(text.into_owned()))
        }
        value => OpenedPart::Value(value),
    })
}

/// How many paths are tried for a comment. go-yaml is never off by more than a few,
/// and a file of comments in a deep document would take quadratic time.
const COMMENT_PATHS: usize = 16;

/// The paths that a comment may have been sealed at: which mapping it hangs on is
/// go-yaml's guess, so the paths above are tried too.
fn candidates(document: &Document<'_>, path: PathId) -> impl Iterator<Item = PathId> {
    std::iter::successors(Some(path), |path| document.paths().parent(*path)).take(COMMENT_PATHS)
}

fn open_comment(
    document: &Document<'_>,
    comment: &Comment<'_>,
    cipher: &Cipher,
) -> Option<Zeroizing<String>> {
    let sealed = SealedValue::parse(&comment.text).ok()?;
    let plain = candidates(document, comment.path)
        .find_map(|path| cipher.open(sealed.clone(), &document.paths().aad(path)).ok())?;
    std::str::from_utf8(&plain).ok().map(|text| Zeroizing::new(text.into()))
}
