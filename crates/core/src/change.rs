//! Changing one value of a plaintext: what is asked for, and not a byte besides.
//!
//! A format knows where a value stands and how it is written. Here is what is the
//! same for all: which document is meant, and whether the result holds the change
//! and nothing else.

mod address;
mod subtree;

pub use address::{Address, Section};
pub use subtree::{Subtree, SubtreeError};

use std::borrow::Cow;

use bulla_yaml::{Edit, splice};
use zeroize::Zeroizing;

use crate::document::{Document, Format, Leaf, binary};
use crate::error::{Error, Place};
use crate::metadata::KEY as METADATA_KEY;
use crate::path::Step;
use crate::value::Value;

/// Puts `value` where `address` leads. What is missing on the way is made: a key of
/// a mapping, and the item behind the last of a list. A value that stands where a
/// collection has to be gives way, as in sops.
///
/// # Errors
///
/// When the address fits nothing, or anything else would change with it. A binary file
/// is one text, at `["data"]`.
pub fn set(
    text: &str,
    format: Format,
    address: &Address,
    value: &Subtree,
) -> Result<Zeroizing<String>, Error> {
    if format == Format::Binary {
        return set_all(address, value);
    }
    let document = parse(text, format, address)?;
    let target = Target::new(&document, address)?;
    let edits = document.set(&target, value)?;
    apply(&document, edits, target.with(&document, value))
}

/// Takes out what stands where `address` leads, and its key with it; the items of a
/// list move up. A collection that has nothing left stays, and is empty.
///
/// # Errors
///
/// [`Error::NoSuchPath`] when nothing is there; else as [`set`].
pub fn unset(text: &str, format: Format, address: &Address) -> Result<Zeroizing<String>, Error> {
    let document = parse(text, format, address)?;
    let target = Target::new(&document, address)?;
    let edits = document.unset(&target)?;
    apply(&document, edits, target.without(&document))
}

/// The text of a binary file, which takes the place of all of its bytes.
fn set_all(address: &Address, value: &Subtree) -> Result<Zeroizing<String>, Error> {
    let path = || address.to_string();
    address.first_of_one()?;
    if address.path() != [Step::Key(binary::KEY.into())] {
        return Err(Error::Unchangeable { path: path() });
    }
    match value {
        Subtree::Leaf(Value::Str(text)) => Ok(Zeroizing::new(text.clone().into_owned())),
        _ => Err(Error::NoTextOfFormat { path: path() }),
    }
}

/// A binary file is one value: there is nothing in it to be taken out.
fn parse<'s>(text: &'s str, format: Format, address: &Address) -> Result<Document<'s>, Error> {
    match format {
        Format::Binary => Err(Error::Unchangeable { path: address.to_string() }),
        format => Document::parse(text, format),
    }
}

/// Makes the edits, and checks what came of them.
fn apply(
    document: &Document<'_>,
    mut edits: Vec<Edit<'_>>,
    expected: Vec<Entry<'_>>,
) -> Result<Zeroizing<String>, Error> {
    edits.sort_by_key(|edit| edit.span);
    let text = Zeroizing::new(splice(document.text(), &edits));
    for edit in edits {
        if let Cow::Owned(text) = edit.text {
            drop(Zeroizing::new(text));
        }
    }
    check(&text, document.format(), expected)?;
    Ok(text)
}

/// Whether a text has just these leaves.
fn check(text: &str, format: Format, expected: Vec<Entry<'_>>) -> Result<(), Error> {
    let read = Document::parse(text, format)?;
    let mut leaves = read.leaves();
    for expected in expected {
        let found = leaves.next();
        if !found.is_some_and(|leaf| Entry::of(&read, leaf).is_read_of(&expected, &read)) {
            let nowhere = Place { line: 1, path: String::new() };
            let place = found.map_or(nowhere, |leaf| read.place_of(leaf));
            return Err(Error::NotReproduced { place });
        }
    }
    match leaves.next() {
        Some(leaf) => Err(Error::NotReproduced { place: read.place_of(leaf) }),
        None => Ok(()),
    }
}

/// What is to be changed, in one text.
pub(crate) struct Target<'a> {
    /// The document of the stream.
    pub(crate) section: usize,
    /// The steps from its top level; at least one.
    pub(crate) path: &'a [Step<'static>],
    address: &'a Address,
}

impl<'a> Target<'a> {
    fn new(document: &Document<'_>, address: &'a Address) -> Result<Self, Error> {
        if address.path().is_empty() {
            return Err(Error::WholeDocument { path: address.to_string() });
        }
        if address.path().first() == Some(&Step::Key(METADATA_KEY.into())) {
            return Err(Error::Reserved { path: address.to_string() });
        }
        let section = address.section_in(document)?;
        Ok(Self { section, path: address.path(), address })
    }

    /// Nothing is there.
    pub(crate) fn missing(&self) -> Error {
        self.address.missing()
    }

    /// A key that the format cannot write.
    pub(crate) fn no_key(&self) -> Error {
        Error::NoKeyOfFormat { path: self.address.to_string() }
    }

    /// A value that is no text, where there is nothing else.
    pub(crate) fn no_text(&self) -> Error {
        Error::NoTextOfFormat { path: self.address.to_string() }
    }

    /// A key that is for metadata.
    pub(crate) fn reserved(&self) -> Error {
        Error::Reserved { path: self.address.to_string() }
    }

    /// There is a mapping where a list is meant, or the other way round.
    pub(crate) fn misfit(&self, is: &'static str) -> Error {
        Error::Misfit { path: self.address.to_string(), is }
    }

    /// An item is meant that does not follow the last one.
    pub(crate) fn beyond(&self, length: usize) -> Error {
        Error::BeyondList { path: self.address.to_string(), length }
    }

    /// What the leaves are to be once the value is set.
    fn with<'v>(&'v self, document: &'v Document<'_>, value: &'v Subtree) -> Vec<Entry<'v>> {
        let mut entries: Vec<_> = document.leaves().map(|leaf| Entry::of(document, leaf)).collect();
        let here = |entry: &Entry<'_>| entry.section == self.section;
        let shared = |entry: &Entry<'_>| {
            entry.path.iter().zip(self.path).take_while(|(theirs, ours)| theirs == ours).count()
        };
        let depth = entries.iter().filter(|entry| here(entry)).map(shared).max().unwrap_or(0);
        // What the value is put in place of: itself, or a value on the way to it.
        let replaced = |entry: &Entry<'_>| {
            here(entry)
                && shared(entry) == depth
                && (depth == self.path.len() || entry.path.len() == depth)
        };
        let range = match entries.iter().position(replaced) {
            Some(first) => {
                let count = entries[first..].iter().take_while(|entry| replaced(entry)).count();
                first..first + count
            }
            None => {
                let behind = |entry: &Entry<'_>| {
                    entry.section < self.section || (here(entry) && shared(entry) >= depth)
                };
                let end = entries.iter().rposition(behind).map_or(0, |last| last + 1);
                end..end
            }
        };
        let leaves = value.leaves().into_iter().map(|(below, value)| Entry {
            section: self.section,
            path: self.path.iter().cloned().chain(below).collect(),
            value,
        });
        let made: Vec<_> = leaves.collect();
        entries.splice(range, made);
        entries
    }

    /// What the leaves are to be once the value is gone.
    fn without<'v>(&'v self, document: &'v Document<'_>) -> Vec<Entry<'v>> {
        let mut entries: Vec<_> = document.leaves().map(|leaf| Entry::of(document, leaf)).collect();
        let (above, last) = self.path.split_at(self.path.len() - 1);
        let inside = |entry: &Entry<'_>, path: &[Step<'_>]| {
            entry.section == self.section && entry.path.starts_with(path)
        };
        let first = entries.iter().position(|entry| inside(entry, self.path)).unwrap_or(0);
        entries.retain(|entry| !inside(entry, self.path));
        if !above.is_empty() && !entries.iter().any(|entry| inside(entry, above)) {
            let path = above.to_vec();
            entries.insert(first, Entry { section: self.section, path, value: &Value::Empty });
        }
        if let [Step::Index(removed)] = last {
            for entry in &mut entries {
                if inside(entry, above)
                    && let Some(Step::Index(index)) = entry.path.get_mut(above.len())
                    && *index > *removed
                {
                    *index -= 1;
                }
            }
        }
        entries
    }
}

/// A leaf, wherever it comes from.
struct Entry<'v> {
    section: usize,
    path: Vec<Step<'v>>,
    value: &'v Value<'v>,
}

impl<'v> Entry<'v> {
    fn of(document: &'v Document<'_>, leaf: &'v Leaf<'_>) -> Self {
        let path = document.paths().steps(leaf.path).into_iter().map(|step| match step {
            Step::Key(key) => Step::Key(Cow::Borrowed(key.as_ref())),
            Step::Index(index) => Step::Index(*index),
        });
        Self { section: leaf.section as usize, path: path.collect(), value: &leaf.value }
    }

    /// Whether this was read where the other was to be written.
    fn is_read_of(&self, expected: &Entry<'_>, read: &Document<'_>) -> bool {
        self.section == expected.section
            && self.path == expected.path
            && read.is_written_as(self.value, expected.value)
            && (*self.value == Value::Empty) == (*expected.value == Value::Empty)
    }
}
