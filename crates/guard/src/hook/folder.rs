//! Hooks as git knows them: programs in a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::script::{MARK, script};
use super::{Hook, Installed};
use crate::error::GuardError;

/// What stands in the way of [`install`], before anything is done.
pub(super) fn check(folder: &Path) -> Result<(), GuardError> {
    for hook in Hook::ALL {
        let (file, older) = files(folder, hook);
        if exists(&older) && exists(&file) && !is_ours(&file)? {
            return Err(GuardError::LocalHook { path: older });
        }
    }
    Ok(())
}

/// Writes a hook, and keeps the one that is there.
pub(super) fn install(folder: &Path, hook: Hook) -> Result<Installed, GuardError> {
    let (file, older) = files(folder, hook);
    let text = script(hook);
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let is_there = exists(&file);
    let changed = !is_there || fs::read(&file).ok().as_deref() != Some(text.as_bytes());
    if changed {
        if is_there && !is_ours(&file)? {
            fs::rename(&file, &older).map_err(failed(&file))?;
        }
        write(&file, &text).map_err(failed(&file))?;
    }
    let chained = exists(&older).then_some(older);
    Ok(Installed { hook, file, chained, changed })
}

/// Takes a hook of ours away, and puts the older one back. Gives its file, if it was ours.
pub(super) fn uninstall(folder: &Path, hook: Hook) -> Result<Option<PathBuf>, GuardError> {
    let (file, older) = files(folder, hook);
    if !exists(&file) || !is_ours(&file)? {
        return Ok(None);
    }
    let result = if exists(&older) { fs::rename(&older, &file) } else { fs::remove_file(&file) };
    result.map(|()| Some(file.clone())).map_err(failed(&file))
}

/// Whether git would run our hook.
pub(super) fn is_installed(folder: &Path, hook: Hook) -> bool {
    let (file, _) = files(folder, hook);
    fs::read_to_string(file).is_ok_and(|text| text == script(hook))
}

fn files(folder: &Path, hook: Hook) -> (PathBuf, PathBuf) {
    (folder.join(hook.name()), folder.join(format!("{hook}.local")))
}

fn is_ours(file: &Path) -> Result<bool, GuardError> {
    match fs::read(file) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).contains(MARK)),
        // A link to nowhere is somebody's hook.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(file)(error)),
    }
}

fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> GuardError {
    let path = path.to_owned();
    move |error| GuardError::Io { path, error }
}

/// Beside the hook first, so that git never starts half of it.
fn write(hook: &Path, text: &str) -> io::Result<()> {
    let new = hook.with_extension("new");
    // Whatever a run that was stopped has left there, or somebody has put there.
    let _ = fs::remove_file(&new);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&new)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(fs::Permissions::from_mode(0o755))?;
    }
    fs::rename(&new, hook)
}
