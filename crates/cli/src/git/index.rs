//! The index that the next commit is made of: what it holds, and adding to it.
//!
//! A hook is told in the environment which one that is.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::command;
use crate::failure::{Failure, Result, reason};

/// What git calls the index of `git commit -- FILE`, which is gone after the commit.
const FOR_ONE_COMMIT: &str = "next-index-";

/// The index of the repository around the current directory.
#[derive(Debug)]
pub(crate) struct Index {
    /// From the current directory to the top of the work tree.
    up: PathBuf,
}

impl Index {
    /// None where there is no work tree.
    pub(crate) fn here() -> Option<Self> {
        let up = answer(git().args(["rev-parse", "--show-cdup"]))?;
        let up = up.strip_suffix(b"\n").unwrap_or(&up);
        Some(Self { up: PathBuf::from(OsStr::from_bytes(up)) })
    }

    /// The path of a file that is known by its path from the top.
    pub(crate) fn path_of(&self, file: &str) -> PathBuf {
        self.up.join(file)
    }

    /// Whether it is one for a single commit: what is added to it is not in the index
    /// afterwards.
    pub(crate) fn is_for_one_commit(&self) -> bool {
        let index = std::env::var_os("GIT_INDEX_FILE").map(PathBuf::from);
        let name = index.as_deref().and_then(Path::file_name).map(OsStr::as_bytes);
        name.is_some_and(|name| name.starts_with(FOR_ONE_COMMIT.as_bytes()))
    }
}

/// Whether the index holds the file in the work tree, to the byte. Its times are not
/// asked, nor is what somebody told git to take for unchanged.
pub(crate) fn holds(path: &Path) -> bool {
    let is_file = path.symlink_metadata().is_ok_and(|metadata| metadata.is_file());
    let staged = answer(git().args(["ls-files", "--stage", "-z", "--"]).arg(path));
    let hash = answer(git().args(["hash-object", "--"]).arg(path));
    let (Some(staged), Some(hash), true) = (staged, hash, is_file) else { return false };
    // `MODE BLOB STAGE`, a tab, the path; one entry, unless it is not merged.
    let mut entries = staged.split(|&byte| byte == 0).filter(|entry| !entry.is_empty());
    let (Some(entry), None) = (entries.next(), entries.next()) else { return false };
    let mut fields = entry.split(|&byte| byte == b' ');
    let is_plain = fields.next().is_some_and(|mode| mode.starts_with(b"100"));
    is_plain && fields.next() == Some(hash.trim_ascii_end())
}

/// Stages a file as it is in the work tree.
pub(crate) fn add(path: &Path) -> Result {
    let failed = |why: &str| {
        let message =
            format!("{}: it is sealed, but git cannot stage it: {why}; git add it", path.display());
        Failure::other(message)
    };
    let Output { status, stderr, .. } =
        git().args(["add", "--"]).arg(path).output().map_err(|error| failed(&reason(&error)))?;
    match status.success() {
        true => Ok(()),
        false => Err(failed(String::from_utf8_lossy(&stderr).trim())),
    }
}

fn git() -> Command {
    let mut git = command(Path::new("."));
    git.arg("--literal-pathspecs");
    git
}

fn answer(git: &mut Command) -> Option<Vec<u8>> {
    git.output().ok().filter(|output| output.status.success()).map(|output| output.stdout)
}
