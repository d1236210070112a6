//! Making git ask the guard: hooks, and whoever manages them.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::GuardError;

mod advice;
mod canary;
mod folder;
mod husky;
mod manager;
mod script;

pub use canary::{Outcome, Trial, try_hooks};
pub use manager::Manager;

/// The hooks of git that the guard answers on the side of those who commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hook {
    /// Before each commit.
    PreCommit,
    /// Before a merge makes a commit by itself, which asks nobody else.
    PreMergeCommit,
    /// When the message of a commit is written.
    CommitMsg,
    /// Before anything is pushed.
    PrePush,
}

impl Hook {
    /// All of them, in the order in which they come.
    pub const ALL: [Self; 4] =
        [Self::PreCommit, Self::PreMergeCommit, Self::CommitMsg, Self::PrePush];

    /// What git calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PreMergeCommit => "pre-merge-commit",
            Self::CommitMsg => "commit-msg",
            Self::PrePush => "pre-push",
        }
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What was done for a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Installed {
    /// Which.
    pub hook: Hook,
    /// The file of it.
    pub file: PathBuf,
    /// The hook that was there before, under its new name.
    pub chained: Option<PathBuf>,
    /// Whether anything had to be done.
    pub changed: bool,
}

/// Makes git ask the guard in the repository that holds `repo`: before each commit and
/// merge, for each message, and before each push.
///
/// A hook that is there is kept: it is renamed to `NAME.local` and runs first, because it
/// may change what is staged. Hooks of husky get a line. Installing again changes nothing.
///
/// # Errors
///
/// When something manages the hooks by a file that people write, with the lines that it
/// needs ([`GuardError::ByHand`]); when there is a `NAME.local` already, or a file cannot
/// be written.
pub fn install_hooks(repo: &Path) -> Result<Vec<Installed>, GuardError> {
    let manager = Manager::of(repo)?;
    match &manager {
        Manager::Git { folder } => {
            // Nothing is half done where it is known before.
            folder::check(folder)?;
            Hook::ALL.iter().map(|&hook| folder::install(folder, hook)).collect()
        }
        Manager::Husky { folder, is_old } => {
            Hook::ALL.iter().map(|&hook| husky::install(folder, hook, *is_old)).collect()
        }
        Manager::Framework { file, .. }
        | Manager::Lefthook { file, .. }
        | Manager::Elsewhere { folder: file } => match manager.names_guard() {
            true => Ok(Vec::new()),
            false => Err(GuardError::ByHand {
                manager: manager.name(),
                path: file.clone(),
                lines: advice::lines(&manager),
            }),
        },
    }
}

/// Takes out what [`install_hooks`] has put in, and puts older hooks back. Gives the files
/// that were changed.
///
/// # Errors
///
/// When a file cannot be written, or the lines were written by hand.
pub fn uninstall_hooks(repo: &Path) -> Result<Vec<PathBuf>, GuardError> {
    let manager = Manager::of(repo)?;
    let removed: Vec<Option<PathBuf>> = match &manager {
        Manager::Git { folder } => Hook::ALL
            .iter()
            .map(|&hook| folder::uninstall(folder, hook))
            .collect::<Result<_, _>>()?,
        Manager::Husky { folder, .. } => Hook::ALL
            .iter()
            .map(|&hook| husky::uninstall(folder, hook))
            .collect::<Result<_, _>>()?,
        Manager::Framework { file, .. }
        | Manager::Lefthook { file, .. }
        | Manager::Elsewhere { folder: file } => {
            if manager.names_guard() {
                return Err(GuardError::Written { path: file.clone() });
            }
            Vec::new()
        }
    };
    Ok(removed.into_iter().flatten().collect())
}
