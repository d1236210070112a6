//! Why nothing could be judged at all.

use std::io;
use std::path::PathBuf;

/// What kept the guard from its work. What kept it from a single file is in the
/// [`Report`](crate::Report).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GuardError {
    /// git is not there, or not to be started.
    #[error("cannot start git: {0}; install it, or correct PATH")]
    NoGit(io::Error),
    /// git failed.
    #[error("git {command} failed: {message}")]
    Git {
        /// Which of its commands.
        command: &'static str,
        /// The first line of what it said.
        message: String,
    },
    /// git said something unexpected.
    #[error("git {command} gave an answer that is not understood; is it older than 2.25?")]
    Answer {
        /// Which of its commands.
        command: &'static str,
    },
    /// A hook was not told what git tells it.
    #[error("what came on standard input is not what git gives to this hook")]
    Lines,
    /// A file of the repository's own cannot be read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Somebody else manages the hooks of this repository.
    #[error(
        "the hooks of this repository are kept in {} (core.hooksPath); add this line to its pre-commit hook: bulla guard --staged", path.display()
    )]
    HooksPath {
        /// Where.
        path: PathBuf,
    },
    /// There are two older hooks already.
    #[error("{} is there already; merge it with pre-commit beside it by hand, then try again", path.display())]
    LocalHook {
        /// Where.
        path: PathBuf,
    },
}
