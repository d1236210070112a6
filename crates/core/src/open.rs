//! Opening: text with tokens in, the text that was sealed out.

pub(crate) mod check;
pub(crate) mod reopen;

use std::borrow::Cow;

use bulla_yaml::{Edit, Span, splice};
use zeroize::Zeroizing;

use crate::binary;
use crate::cipher::Cipher;
use crate::document::{Comment, Document, Format, Leaf, Part};
use crate::error::Error;
use crate::integrity;
use crate::keyring::Keyring;
use crate::layout::{Layout, Writing};
use crate::mac::Mac;
use crate::metadata::Metadata;
use crate::path::{Aads, PathId, Paths, Step};
use crate::sealed_value::{SealedValue, SealedValueError};
use crate::selection::select;
use crate::value::{Value, ValueType};

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

/// The plaintext of every part that is sealed.
pub(crate) struct Values<'v> {
    /// For each part of the document.
    opened: Vec<Option<OpenedPart<'v>>>,
    readable_comments: Vec<usize>,
    /// As [`Opened::ignored`].
    ignored: Vec<Error>,
}

pub(crate) enum OpenedPart<'v> {
    Value(Value<'v>),
    Comment(Zeroizing<String>),
    /// A comment that sops sealed as a list item.
    ListComment(Zeroizing<String>),
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
    fn layout(&self, metadata: &Metadata, cipher: &Cipher) -> Option<Layout> {
        let layout = Layout::open(metadata.layout.as_deref()?, cipher, &metadata.last_modified)?;
        (layout.sealed == self.sealed()).then_some(layout)
    }

    fn sealed(&self) -> usize {
        let values = self.opened.iter().flatten();
        values.filter(|part| matches!(part, OpenedPart::Value(_))).count()
    }

    /// As [`Opened::ignored`].
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
    fn edits<'d>(&self, document: &'d Document<'_>, layout: Option<&Layout>) -> Edits<'d> {
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
struct Edits<'d>(Vec<Edit<'d>>);

impl Drop for Edits<'_> {
    fn drop(&mut self) {
        for edit in self.0.drain(..) {
            if let Cow::Owned(text) = edit.text {
                drop(Zeroizing::new(text));
            }
        }
    }
}

/// Compares paths of two documents; what is above siblings is compared once.
struct SamePaths<'p, 's, 't> {
    ours: &'p Paths<'s>,
    theirs: &'p Paths<'t>,
    above: Option<(PathId, PathId)>,
}

impl<'p, 's, 't> SamePaths<'p, 's, 't> {
    fn new(ours: &'p Paths<'s>, theirs: &'p Paths<'t>) -> Self {
        Self { ours, theirs, above: None }
    }

    /// Whether two paths have the same keys. List indexes may differ: items that
    /// were sealed comments are gone.
    fn are(&mut self, our: PathId, their: PathId) -> bool {
        let above = self.ours.parent(our).zip(self.theirs.parent(their));
        let (mut at, known) = ((our, their), self.above);
        loop {
            match (self.ours.last(at.0), self.theirs.last(at.1)) {
                (Some(Step::Index(_)), Some(Step::Index(_))) => {}
                (Some(Step::Key(our)), Some(Step::Key(their))) if our == their => {}
                (None, None) => break,
                _ => return false,
            }
            match self.ours.parent(at.0).zip(self.theirs.parent(at.1)) {
                parents if parents.is_some() && parents == known => break,
                Some(parents) => at = parents,
                None => return false,
            }
        }
        self.above = above;
        true
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
