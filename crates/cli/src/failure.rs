//! What is said when something goes wrong, and how it ends.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

use bulla_core::Error;

use crate::exit::Code;

/// Why a command stopped: a message for people and a code for programs.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    message: String,
}

pub(crate) type Result<T = ()> = std::result::Result<T, Failure>;

impl Failure {
    /// Lower case, without a full stop, with what to do next. Never a value, a part
    /// of one, or a digest of one.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// Something that has no code of its own.
    pub(crate) fn other(message: impl Into<String>) -> Self {
        Self::new(Code::Failure, message)
    }

    /// What the library says about a file.
    pub(crate) fn of(file: impl Display, error: &Error) -> Self {
        let hint = match error {
            Error::Wrap { error, .. } => error.hint.as_deref(),
            _ => None,
        };
        let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        Self::new(error.into(), format!("{file}: {error}{hint}"))
    }

    /// A file that cannot be read.
    pub(crate) fn unreadable(file: &Path, error: &io::Error) -> Self {
        let code = match error.kind() {
            io::ErrorKind::NotFound => Code::NoFile,
            _ => Code::Unreadable,
        };
        Self::new(code, format!("{}: cannot be read: {}", file.display(), reason(error)))
    }

    /// A file that cannot be written.
    pub(crate) fn unwritable(file: &Path, error: &io::Error) -> Self {
        let message = format!("{}: cannot be written: {}", file.display(), reason(error));
        Self::new(Code::Unwritable, message)
    }

    /// The same with another code.
    pub(crate) fn with_code(self, code: Code) -> Self {
        Self { code, ..self }
    }

    /// What there is to say, for a message that says more.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Says it on standard error.
    pub(crate) fn print(&self) {
        say(&format!("bulla: {}", self.message));
    }
}

/// A system's error without its number.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}

/// A line on standard error. Whoever closed it does not want to know.
pub(crate) fn say(line: &str) {
    let _ = io::stderr().write_all(format!("{}\n", printable(line)).as_bytes());
}

/// A text from a file or a path as it may go to a terminal: without characters
/// that move a cursor or turn the direction of writing. Line breaks stay.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\n' | '"' | '\'' | '\\' => out.push(char),
            _ => out.extend(char.escape_debug()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_text_cannot_steer_the_terminal() {
        assert_eq!(printable("a\x1b[2Jb\u{202e}c\r"), r"a\u{1b}[2Jb\u{202e}c\r");
        assert_eq!(printable("[\"päß…\"]\n"), "[\"päß…\"]\n");
    }

    #[test]
    fn a_systems_error_is_lower_case_and_without_its_number() {
        let error = io::Error::from_raw_os_error(2);
        assert_eq!(reason(&error), "no such file or directory");
    }
}
