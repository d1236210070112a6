//! Exit codes, all of them: sops's where the meaning is the same.
//!
//! docs/exit-codes.md has the same table for readers; a test compares the two.

use bulla_core::Error;

/// Why the program ended without doing what it was asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// Whatever has no code of its own.
    Failure = 1,
    /// The input cannot be read, or not as sops would read it.
    Unreadable = 2,
    /// The output cannot be written, or must not be; of the guard: something could
    /// not be looked at.
    Unwritable = 3,
    /// The result does not read back, or does not fit the format that was asked for.
    NotReproduced = 4,
    /// An encryption context of AWS KMS that is none.
    EncryptionContext = 6,
    /// What is to be set, or where, is not written as it has to be.
    SetFormat = 7,
    /// Flags that exclude each other, or need each other.
    Conflict = 8,
    /// Something would be written in the clear.
    Sealing = 23,
    /// A value is not what was sealed.
    Opening = 25,
    /// Keys of a file that is not there cannot be changed.
    NoFileForKeys = 49,
    /// The MAC or the integrity record is missing, or not that of the file.
    Mac = 51,
    /// A recipient came from nowhere.
    Newcomer = 54,
    /// `--extract` is not a path.
    TreePath = 91,
    /// There is no document in the file.
    Empty = 92,
    /// No file, no such file, or too many of them.
    NoFile = 100,
    /// A kind of key is named twice in the decryption order.
    RepeatedKind = 112,
    /// No key gives the data key.
    NoKey = 128,
    /// The editor changed nothing.
    Unchanged = 200,
    /// There is no editor, or it failed.
    Editor = 201,
    /// What is to be sealed is sealed.
    AlreadySealed = 203,
}

impl From<Code> for std::process::ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

impl From<&Error> for Code {
    fn from(error: &Error) -> Self {
        match error {
            Error::Yaml(_) | Error::Syntax { .. } | Error::Refused { .. } | Error::TooLong => {
                Self::Unreadable
            }
            Error::NotReproduced { .. } | Error::DoesNotFit { .. } => Self::NotReproduced,
            Error::NothingSelected { .. } | Error::SecretLeftReadable { .. } => Self::Sealing,
            Error::NotSealedValue { .. } | Error::Tampered { .. } => Self::Opening,
            Error::MacMissing
            | Error::MacUnreadable
            | Error::MacMismatch
            | Error::IntegrityMismatch
            | Error::IntegrityUnknown
            | Error::IntegrityMissing => Self::Mac,
            Error::Empty => Self::Empty,
            Error::NoKey { .. } => Self::NoKey,
            Error::AlreadySealed { .. } | Error::Reserved { .. } => Self::AlreadySealed,
            // A path that is well written and leads nowhere is 1 in sops too.
            _ => Self::Failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Code; 20] = [
        Code::Failure,
        Code::Unreadable,
        Code::Unwritable,
        Code::NotReproduced,
        Code::EncryptionContext,
        Code::SetFormat,
        Code::Conflict,
        Code::Sealing,
        Code::Opening,
        Code::NoFileForKeys,
        Code::Mac,
        Code::Newcomer,
        Code::TreePath,
        Code::Empty,
        Code::NoFile,
        Code::RepeatedKind,
        Code::NoKey,
        Code::Unchanged,
        Code::Editor,
        Code::AlreadySealed,
    ];

    #[test]
    fn the_documentation_has_the_codes_of_the_program_and_no_others() {
        let page = include_str!("../../../docs/exit-codes.md");
        let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" |"));
        let documented: Vec<u8> = rows.filter_map(|(code, _)| code.parse().ok()).collect();
        // Success, and a panic, which is a defect.
        let mut expected = vec![0, 101];
        expected.extend(ALL.map(|code| code as u8));
        expected.sort_unstable();
        assert_eq!(documented, expected);
    }
}
