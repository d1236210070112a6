//! What can be wrong with a sealed file.

use bulla_core::{Error, Place};

/// Something that is wrong with a file.
#[derive(Debug)]
pub(super) struct Fault {
    /// The file, as it was found.
    pub(super) path: String,
    /// From 1; of the whole file when absent.
    pub(super) line: Option<usize>,
    /// `["data"]["key"]`, where there is one.
    pub(super) key_path: String,
    pub(super) kind: Kind,
    /// In lower case, with what to do; never a value.
    pub(super) message: String,
}

/// What kind of fault it is, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Unreadable,
    Structure,
    Readable,
    Unselected,
    Selector,
    Recipients,
    Rules,
    Key,
    Value,
    Mac,
    Integrity,
}

impl Kind {
    pub(super) const ALL: [Self; 11] = [
        Self::Unreadable,
        Self::Structure,
        Self::Readable,
        Self::Unselected,
        Self::Selector,
        Self::Recipients,
        Self::Rules,
        Self::Key,
        Self::Value,
        Self::Mac,
        Self::Integrity,
    ];

    /// Its name in reports.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Structure => "structure",
            Self::Readable => "readable-value",
            Self::Unselected => "unselected-token",
            Self::Selector => "selector",
            Self::Recipients => "recipients",
            Self::Rules => "rules",
            Self::Key => "no-key",
            Self::Value => "value",
            Self::Mac => "mac",
            Self::Integrity => "integrity",
        }
    }

    /// What it says of a file.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Unreadable => "the file cannot be read",
            Self::Structure => "the file is damaged, or not sealed",
            Self::Readable => "a value that should be sealed can be read",
            Self::Unselected => "a value is sealed that the selector does not cover",
            Self::Selector => "the file is not sealed as its rule says",
            Self::Recipients => "the file is not sealed for whom its rule names",
            Self::Rules => "the rules for the file cannot be used",
            Self::Key => "no key opens the file",
            Self::Value => "a value is not what was sealed",
            Self::Mac => "the MAC does not hold",
            Self::Integrity => "the integrity record does not hold, or is missing",
        }
    }
}

impl Fault {
    /// A fault of a whole file.
    pub(super) fn of(path: &str, kind: Kind, message: impl Into<String>) -> Self {
        let (path, message) = (path.to_owned(), message.into());
        Self { path, line: None, key_path: String::new(), kind, message }
    }

    /// A fault at a place of a file, which the message names.
    pub(super) fn at(path: &str, place: &Place, kind: Kind, message: impl Into<String>) -> Self {
        let (line, key_path) = (Some(place.line), place.path.clone());
        Self { line, key_path, ..Self::of(path, kind, message) }
    }

    /// What the library says of a file.
    pub(super) fn new(path: &str, error: &Error) -> Self {
        let message = error.to_string();
        match error {
            Error::NotSealedValue { place, .. } => Self::at(path, place, Kind::Readable, message),
            Error::Tampered { place } => Self::at(path, place, Kind::Value, message),
            Error::Refused { place, .. } => Self::at(path, place, Kind::Structure, message),
            Error::Metadata { line, .. } | Error::Syntax { line, .. } => {
                Self { line: Some(*line), ..Self::of(path, Kind::Structure, message) }
            }
            Error::MacMissing | Error::MacUnreadable | Error::MacMismatch => {
                Self::of(path, Kind::Mac, message)
            }
            Error::IntegrityMismatch | Error::IntegrityUnknown | Error::IntegrityMissing => {
                Self::of(path, Kind::Integrity, message)
            }
            Error::NoKey { .. } => Self::of(path, Kind::Key, message),
            _ => Self::of(path, Kind::Structure, message),
        }
    }
}
