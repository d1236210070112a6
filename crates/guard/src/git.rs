//! Asking git.

#[cfg(unix)]
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::error::GuardError;

mod commits;
mod lfs;
mod listing;
mod objects;
mod oid;
mod pushed;
mod reader;
mod readers;
mod staged;
mod trees;

pub use commits::{Progress, check_history, check_range};
pub use pushed::{check_outgoing, check_pushed, check_received};
pub(crate) use readers::workers;
pub use staged::check_staged;

/// The mode of a submodule's entry, which is no blob.
const SUBMODULE: &[u8] = b"160000";

/// git, in a repository.
///
/// The environment stays as it is: a hook is told through it which index is meant, and
/// where the objects are that nobody has accepted yet.
pub(crate) fn git(repo: &Path) -> Command {
    let mut command = Command::new("git");
    // Nothing is started, nothing is fetched, and nothing stands for something else.
    command.args(["-c", "core.fsmonitor=false", "-c", "protocol.allow=never", "-C"]).arg(repo);
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_NO_REPLACE_OBJECTS", "1");
    // Looking must not take locks that a commit wants.
    command.env("GIT_OPTIONAL_LOCKS", "0");
    for name in ["GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS"] {
        command.env_remove(name);
    }
    for name in bulla_core::SECRET_VARIABLES {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// The output of a git command that must succeed.
pub(crate) fn output(command: &mut Command, name: &'static str) -> Result<Vec<u8>, GuardError> {
    Asked::start(command, name)?.answer()
}

/// A path that git printed on a line.
pub(crate) fn to_path(printed: &[u8]) -> PathBuf {
    let printed = printed.strip_suffix(b"\n").unwrap_or(printed);
    #[cfg(unix)]
    return PathBuf::from(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(printed));
    #[cfg(not(unix))]
    return PathBuf::from(String::from_utf8_lossy(printed).into_owned());
}

/// A git command that is running.
pub(crate) struct Asked {
    child: Child,
    name: &'static str,
}

impl Asked {
    pub(crate) fn start(command: &mut Command, name: &'static str) -> Result<Self, GuardError> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(Self { child: command.spawn().map_err(GuardError::NoGit)?, name })
    }

    /// What it printed, when it succeeded.
    pub(crate) fn answer(self) -> Result<Vec<u8>, GuardError> {
        let output = self.child.wait_with_output().map_err(GuardError::NoGit)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(failed(self.name, &output.stderr))
    }
}

/// A command that did not succeed, with the first line of what it said.
fn failed(command: &'static str, said: &[u8]) -> GuardError {
    let said = String::from_utf8_lossy(said);
    let message = said.lines().next().unwrap_or("it gave no reason").to_owned();
    GuardError::Git { command, message }
}
