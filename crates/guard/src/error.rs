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
    /// Hooks are managed by a file that people write.
    #[error("{manager} manages the hooks of this repository; add to {}, {lines}", path.display())]
    ByHand {
        /// Who does.
        manager: &'static str,
        /// The file, or the folder of the hooks.
        path: PathBuf,
        /// What to add, and what to run then.
        lines: String,
    },
    /// What people have written, people take out.
    #[error("{}: the guard is named there by hand; take the lines out, and run the manager's own install", path.display())]
    Written {
        /// The file.
        path: PathBuf,
    },
    /// There are two older hooks already.
    #[error("{} is there already; merge it with pre-commit beside it by hand, then try again", path.display())]
    LocalHook {
        /// Where.
        path: PathBuf,
    },
}
