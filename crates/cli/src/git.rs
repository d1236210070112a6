//! What git is asked: which files it tracks, and what they were.

pub(crate) mod index;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use zeroize::Zeroizing;

use crate::exit::Code;
use crate::failure::{Failure, Result, reason};
use crate::input::read_all;
use crate::write;

/// Set while git runs a hook, and then about another place than the one that is
/// asked for.
pub(crate) const ABOUT_ANOTHER_PLACE: [&str; 5] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"];

/// Refuses to put a plaintext where the next commit would take it along.
///
/// Without a repository around the file nobody is asked.
pub(crate) fn refuse_tracked(path: &Path) -> Result {
    if write::is_special(path) {
        return Ok(());
    }
    let target = write::target(path).map_err(|error| Failure::unwritable(path, &error))?;
    let directory = write::directory(&target);
    let Some(name) = target.file_name().filter(|_| is_in_repository(directory)) else {
        return Ok(());
    };
    let refused = |why: &str| {
        let message = format!(
            "{}: {why}; write elsewhere with --output, or add --allow-tracked if that is what you want",
            path.display()
        );
        Failure::new(Code::Unwritable, message)
    };
    let mut git = git(directory);
    git.args(["--literal-pathspecs", "ls-files", "--error-unmatch", "--"]).arg(name);
    match git.output().map(|output| output.status.code()) {
        Ok(Some(0)) => Err(refused("git tracks this file, so the plaintext could be committed")),
        Ok(Some(1)) => Ok(()),
        _ => Err(refused("git cannot say whether it tracks this file")),
    }
}

/// The files that git tracks below a directory, relative to it.
pub(crate) fn tracked_files(directory: &Path) -> Result<Vec<PathBuf>> {
    let failed = |why: &str| {
        let message = format!("{}: git cannot list its files: {why}", directory.display());
        Failure::other(message)
    };
    let Output { status, stdout, stderr } = git(directory)
        .args(["ls-files", "-z"])
        .output()
        .map_err(|error| failed(&reason(&error)))?;
    if !status.success() {
        return Err(failed(String::from_utf8_lossy(&stderr).trim()));
    }
    let names = stdout.split(|&byte| byte == 0).filter(|name| !name.is_empty());
    Ok(names.map(|name| PathBuf::from(OsStr::from_bytes(name))).collect())
}

/// More than any sealed file that is asked about.
const BLOB_LIMIT: u64 = 64 << 20;

/// The file as it was committed last; `None` when there is no such thing.
pub(crate) fn at_head(path: &Path) -> Option<Zeroizing<Vec<u8>>> {
    let target = write::target(path).ok()?;
    let directory = write::directory(&target);
    let name = target.file_name().filter(|_| is_in_repository(directory))?;
    let mut blob = OsString::from("HEAD:./");
    blob.push(name);
    let mut git = git(directory);
    // No filter of the repository, and no other repository is asked for it.
    git.env("GIT_NO_LAZY_FETCH", "1").args(["cat-file", "blob"]).arg(blob);
    let mut child = git.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let read = child.stdout.take().map(|out| read_all(out, 0, BLOB_LIMIT));
    let status = child.wait().ok()?;
    read?.ok().filter(|_| status.success())
}

/// git, about a directory, whatever a hook was told.
fn git(directory: &Path) -> Command {
    let mut git = command(directory);
    for name in ABOUT_ANOTHER_PLACE {
        git.env_remove(name);
    }
    git
}

/// git, in a directory.
fn command(directory: &Path) -> Command {
    let mut git = Command::new("git");
    // The repository's own configuration must not start a program.
    git.args(["-c", "core.fsmonitor=false", "-C"]).arg(directory).stdin(Stdio::null());
    for name in bulla_core::SECRET_VARIABLES {
        git.env_remove(name);
    }
    git
}

/// Whether there is a `.git` here or above.
pub(crate) fn is_in_repository(directory: &Path) -> bool {
    top_of(directory).is_some()
}

/// The nearest directory with a `.git`, here or above, without symbolic links.
pub(crate) fn top_of(directory: &Path) -> Option<PathBuf> {
    let directory = directory.canonicalize().ok()?;
    directory.ancestors().find(|above| above.join(".git").exists()).map(Path::to_owned)
}

/// Where a line of a file comes from.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// The commit, abbreviated; none when the line is not committed.
    pub(crate) commit: Option<String>,
    /// When that was written, in UTC: `2026-12-31`.
    pub(crate) day: String,
    /// The first line of its message.
    pub(crate) subject: String,
}

/// How many digits of a commit's name are shown.
const SHOWN: usize = 12;

/// Where each line of a file comes from, in the current directory's repository; empty
/// when git cannot tell.
pub(crate) fn origins(file: &Path) -> Vec<Origin> {
    let blamed = git(Path::new("."))
        .args(["blame", "--line-porcelain", "--no-textconv", "--"])
        .arg(file)
        .output();
    match blamed {
        Ok(Output { status, stdout, .. }) if status.success() => {
            read_origins(&String::from_utf8_lossy(&stdout))
        }
        _ => Vec::new(),
    }
}

/// A header for each line, which ends with the line itself behind a tab.
fn read_origins(porcelain: &str) -> Vec<Origin> {
    let mut origins = Vec::new();
    let nothing = || Origin { commit: None, day: String::new(), subject: String::new() };
    let (mut here, mut is_first) = (nothing(), true);
    for line in porcelain.lines() {
        if line.starts_with('\t') {
            origins.push(std::mem::replace(&mut here, nothing()));
            is_first = true;
            continue;
        }
        let (field, value) = line.split_once(' ').unwrap_or((line, ""));
        match field {
            // All zeros for what is not committed.
            commit if is_first => {
                let shown = commit.get(..SHOWN).filter(|shown| shown.contains(|c| c != '0'));
                here.commit = shown.map(str::to_owned);
            }
            "author-time" => {
                let time = value
                    .parse()
                    .ok()
                    .and_then(|seconds| time::OffsetDateTime::from_unix_timestamp(seconds).ok());
                here.day = time.map(|time| time.date().to_string()).unwrap_or_default();
            }
            "summary" => value.clone_into(&mut here.subject),
            _ => {}
        }
        is_first = false;
    }
    origins
}
