//! The pre-commit hook.

#[cfg(unix)]
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::GuardError;
use crate::git::{git, output};

/// The hook that was there before runs first: it may change what is staged.
const HOOK: &str = r#"#!/bin/sh
# Installed by `bulla guard install`: the hook that was here before, then the guard.
older="$(dirname -- "$0")/pre-commit.local"
if [ -x "$older" ]; then
    "$older" "$@" || exit
fi
if ! command -v bulla >/dev/null 2>&1; then
    echo "pre-commit: bulla is not on PATH, so nothing looks for plaintext secrets; install it" >&2
    exit 1
fi
exec bulla guard --staged
"#;

/// How our own hook is known again, whatever its version.
const MARK: &str = "# Installed by `bulla guard install`";

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Installed {
    /// The hook.
    pub hook: PathBuf,
    /// The hook that was there before, under its new name.
    pub chained: Option<PathBuf>,
    /// Whether anything had to be done.
    pub changed: bool,
}

/// Makes git ask the guard before each commit in the repository that holds `repo`.
///
/// A hook that is there is kept: it is renamed to `pre-commit.local` and runs first.
/// Installing again changes nothing.
///
/// # Errors
///
/// When something else manages the hooks, there is a `pre-commit.local` already, or
/// a file cannot be written.
pub fn install_hook(repo: &Path) -> Result<Installed, GuardError> {
    if let Some(path) = hooks_path(repo) {
        return Err(GuardError::HooksPath { path });
    }
    let hooks = output(git(repo).args(["rev-parse", "--git-path", "hooks"]), "rev-parse")?;
    let hooks = repo.join(to_path(&hooks));
    let hook = hooks.join("pre-commit");
    let older = hooks.join("pre-commit.local");
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |error| GuardError::Io { path, error }
    };
    fs::create_dir_all(&hooks).map_err(failed(&hooks))?;
    let exists = |path: &Path| fs::symlink_metadata(path).is_ok();
    let present = match fs::read(&hook) {
        Ok(present) => Some(present),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !exists(&hook) => None,
        // A link to nowhere is somebody's hook as well.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Vec::new()),
        Err(error) => return Err(failed(&hook)(error)),
    };
    let chained = || exists(&older).then(|| older.clone());
    match present {
        Some(present) if present == HOOK.as_bytes() => {
            return Ok(Installed { hook: hook.clone(), chained: chained(), changed: false });
        }
        Some(present) if !String::from_utf8_lossy(&present).contains(MARK) => {
            if exists(&older) {
                return Err(GuardError::LocalHook { path: older.clone() });
            }
            fs::rename(&hook, &older).map_err(failed(&hook))?;
        }
        _ => {}
    }
    write(&hook).map_err(failed(&hook))?;
    Ok(Installed { chained: chained(), hook, changed: true })
}

/// Where a manager of hooks keeps them, if there is one.
fn hooks_path(repo: &Path) -> Option<PathBuf> {
    let mut command = git(repo);
    command.args(["config", "--get", "core.hooksPath"]);
    // Not set is a failure too.
    let path = output(&mut command, "config").ok()?;
    Some(to_path(&path)).filter(|path| !path.as_os_str().is_empty())
}

fn to_path(printed: &[u8]) -> PathBuf {
    let printed = printed.strip_suffix(b"\n").unwrap_or(printed);
    #[cfg(unix)]
    return PathBuf::from(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(printed));
    #[cfg(not(unix))]
    return PathBuf::from(String::from_utf8_lossy(printed).into_owned());
}

/// Beside the hook first, so that git never starts half of it.
fn write(hook: &Path) -> io::Result<()> {
    let new = hook.with_extension("new");
    fs::write(&new, HOOK)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&new, fs::Permissions::from_mode(0o755))?;
    }
    fs::rename(&new, hook)
}
