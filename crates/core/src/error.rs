//! What can go wrong in a document. No variant can hold a plaintext.

mod attempt;
mod refusal;

use std::fmt;

use crate::document::Format;
use crate::master_key::{KeyError, MasterKey};
use crate::sealed_value::SealedValueError;
use crate::selection::SelectorError;

pub use attempt::{Attempt, Missing};
pub use refusal::{Misfit, Refusal};

/// A place in a file: its line and, where there is one, the key path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// `["data"]["key"]`; empty for the top level.
    pub path: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if !self.path.is_empty() {
            write!(f, ", {}", self.path)?;
        }
        Ok(())
    }
}

/// Why a document was not sealed or opened.
///
/// Messages are lower case, name line and key path, and say what to do next. They
/// never show a value, a part of one, or a digest of one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not YAML, or not the same YAML for sops.
    #[error(transparent)]
    Yaml(#[from] bulla_yaml::Error),
    /// What was opened as text is none.
    #[error("this is sealed as binary, and what it holds is no text")]
    NotText,
    /// A value that no text of this format can hold.
    #[error("{place}: this value is no text; say --input-type binary if it is a whole file")]
    NotTextAt {
        /// Where.
        place: Place,
    },
    /// The text is not of its format, or larger or deeper than anybody writes it.
    #[error("line {line}: this is not valid {format}: {reason}")]
    Syntax {
        /// What it should be.
        format: Format,
        /// From 1.
        line: usize,
        /// What is wrong; quotes nothing of the text.
        reason: &'static str,
    },
    /// Something that sops would read differently, or not at all.
    #[error("{place}: {refusal}")]
    Refused {
        /// Where.
        place: Place,
        /// What.
        refusal: Refusal,
    },
    /// Sealing a file that is sealed.
    #[error(
        "line {line}: there is a `sops` key already, so this file is sealed; decrypt it first, or rename the key if it is data"
    )]
    AlreadySealed {
        /// The line of the key.
        line: usize,
    },
    /// There is no document in the file.
    #[error("this file holds no document")]
    Empty,
    /// Nothing would be sealed.
    #[error(
        "nothing in this file is selected by {selector}, so it would be written in the clear; correct the selector, or leave the file unsealed"
    )]
    NothingSelected {
        /// The selector, as in metadata.
        selector: String,
    },
    /// Part of a Secret would stay readable.
    #[error(
        "{place}: this value of a Secret is not selected by {selector} and would stay readable; use encrypted_regex: ^(data|stringData)$"
    )]
    SecretLeftReadable {
        /// Where.
        place: Place,
        /// The selector, as in metadata.
        selector: String,
    },
    /// A selector that cannot be used.
    #[error(transparent)]
    Selector(#[from] SelectorError),
    /// No key to seal for.
    #[error("there is no key to seal for; name one in a creation rule or with --age")]
    NoRecipients,
    /// A group that nobody could open.
    #[error("key group {group} has no key; name one, or remove the group")]
    EmptyGroup {
        /// Which, from 1.
        group: usize,
    },
    /// A threshold that the groups cannot meet, or that is none.
    #[error("{}", threshold_problem(*threshold, *groups))]
    Threshold {
        /// How many groups would be needed.
        threshold: usize,
        /// How many there are.
        groups: usize,
    },
    /// A master key could not wrap the data key.
    #[error("cannot seal for {key}: {error}")]
    Wrap {
        /// For whom.
        key: Box<MasterKey>,
        /// Why not.
        error: KeyError,
    },
    /// Nothing opened the data key.
    #[error("{}", no_key(attempts, missing.as_ref()))]
    NoKey {
        /// What happened to each key, but for those of groups that were opened.
        attempts: Vec<Attempt>,
        /// What is missing when the data key is split over several groups.
        missing: Option<Missing>,
    },
    /// Opening a file that is not sealed.
    #[error("there is no `sops` block, so this file is not sealed")]
    NotSealed,
    /// Something that cannot be done with files that were put together.
    #[error(
        "this file was put together from {count} sealed files, each with a data key of its own; take it apart, or decrypt it and encrypt it as one"
    )]
    PutTogether {
        /// From how many.
        count: usize,
    },
    /// A document among others that were sealed one by one.
    #[error(
        "line {line}: this document is not sealed, though the others of this file are, one by one; seal it, or take it out"
    )]
    PartNotSealed {
        /// Where it begins.
        line: usize,
    },
    /// The `sops` block is not what it should be.
    #[error("line {line}: the `sops` block is damaged: {reason}")]
    Metadata {
        /// The line of the block.
        line: usize,
        /// What is wrong; names fields, never values.
        reason: String,
    },
    /// A leaf that should be sealed and is not, or not properly.
    #[error("{place}: this value {error}; restore the file, or remove the value and seal again")]
    NotSealedValue {
        /// Where.
        place: Place,
        /// What is wrong.
        error: SealedValueError,
    },
    /// A leaf that the data key does not open at its place.
    #[error("{place}: this value was changed, moved or sealed with another key; restore the file")]
    Tampered {
        /// Where.
        place: Place,
    },
    /// The file has no MAC.
    #[error(
        "this file has no MAC, so changes to it cannot be noticed; use --ignore-mac only if you know why"
    )]
    MacMissing,
    /// The MAC cannot be opened.
    #[error(
        "the MAC of this file was changed or sealed with another key; restore the file, or use --ignore-mac only if you know why"
    )]
    MacUnreadable,
    /// The values are not the ones that were sealed.
    #[error(
        "the MAC does not match: values were added, removed, reordered or changed after sealing; restore the file, or use --ignore-mac only if you know why"
    )]
    MacMismatch,
    /// Something that the MAC leaves open is not as it was sealed.
    #[error(
        "the integrity record does not match: keys, types, comments, the order of entries, the selector or the recipients were changed after sealing; restore the file, or use --ignore-mac only if you know why"
    )]
    IntegrityMismatch,
    /// A record of another version than ours.
    #[error(
        "the integrity record is damaged, or was written by a newer bulla; restore the file, or use that bulla"
    )]
    IntegrityUnknown,
    /// No record where there has to be one.
    #[error(
        "this file has no integrity record, and has to have one: sops drops it when it writes a file; look at what changed, and put it back with bulla updatekeys"
    )]
    IntegrityMissing,
    /// What another format cannot hold.
    #[error("{path}{}{misfit}", if path.is_empty() { "" } else { ": " })]
    DoesNotFit {
        /// `["data"]["key"]`; empty for the whole.
        path: String,
        /// Why not.
        misfit: Misfit,
    },
    /// A path that leads nowhere.
    #[error("{path} is not in this file")]
    NoSuchPath {
        /// As given.
        path: String,
    },
    /// A path that is no more than the number of a document.
    #[error("{path} is a whole document; name a key in it: [\"key\"]")]
    WholeDocument {
        /// As given.
        path: String,
    },
    /// A binary file, which has no values to be changed one by one.
    #[error(
        "{path}: a binary file is one value; write another one over it with bulla encrypt --output"
    )]
    Unchangeable {
        /// As given.
        path: String,
    },
    /// The key of the metadata.
    #[error(
        "{path}: the key `sops` is for who can open the file; choose another, or use bulla updatekeys"
    )]
    Reserved {
        /// As given.
        path: String,
    },
    /// A key that cannot be written in the format.
    #[error("{path}: a file of this format cannot hold this key; choose another")]
    NoKeyOfFormat {
        /// As given.
        path: String,
    },
    /// A value that cannot be written in the format.
    #[error(
        "{path}: a file of this format holds texts and nothing else, and cannot hold this value"
    )]
    NoTextOfFormat {
        /// As given.
        path: String,
    },
    /// A key where a list is, or a number where a mapping is.
    #[error("{path} does not fit this file: there is {is} on the way")]
    Misfit {
        /// As given.
        path: String,
        /// What is there.
        is: &'static str,
    },
    /// An item that does not follow the last one.
    #[error("{path} is not in this file; the list has {length} items, so the next is [{length}]")]
    BeyondList {
        /// As given.
        path: String,
        /// How many items there are.
        length: usize,
    },
    /// A document that is not in the stream.
    #[error("{asked} is not in this file; it has {count} documents, from 0")]
    NoSuchDocument {
        /// As given.
        asked: String,
        /// How many there are.
        count: usize,
    },
    /// A name that several documents have.
    #[error("{asked} is more than one document of this file; name one by its number: {found:?}")]
    SeveralDocuments {
        /// As given.
        asked: String,
        /// Their numbers.
        found: Vec<usize>,
    },
    /// What was written does not read back; a defect, stopped before any file.
    #[error(
        "{place}: the result does not read back as it should, so nothing was written; please report the shape of this file"
    )]
    NotReproduced {
        /// Where.
        place: Place,
    },
    /// Larger than the cipher or the parser takes.
    #[error("this is too long to be sealed")]
    TooLong,
    /// A plaintext that has more or fewer bytes than it was said to have.
    #[error("this changed while it was read, so nothing was written; try again")]
    Changed,
    /// The operating system has no randomness.
    #[error("the operating system gives no randomness")]
    NoRandomness,
}

fn no_key(attempts: &[Attempt], missing: Option<&Missing>) -> String {
    match (missing, attempts.len()) {
        (Some(missing), _) => missing.to_string(),
        (None, 0) => "this file names no key, so nobody can open it; restore it".to_owned(),
        (None, 1) => "the one key of this file could not be used to open it".to_owned(),
        (None, n) => format!("none of the {n} keys of this file could be used to open it"),
    }
}

fn threshold_problem(threshold: usize, groups: usize) -> String {
    match (threshold, groups) {
        (0, _) => "the threshold must be at least 1; without it, all key groups are needed".into(),
        (_, 256..) => format!("there are {groups} key groups, and 255 is the most"),
        (_, 1) => format!(
            "the threshold is {threshold}, but there is 1 key group; lower it or add groups"
        ),
        (1, _) => format!(
            "the threshold cannot be 1 for {groups} key groups; put their keys into one group"
        ),
        _ => format!(
            "the threshold is {threshold}, but there are {groups} key groups; lower it or add groups"
        ),
    }
}
