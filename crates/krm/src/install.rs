//! Putting the program where kustomize finds it: `ksops install DIR` as users of KSOPS
//! have it in their init containers.

use std::env;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The names under which a config may start the plugin.
pub const NAMES: [&str; 2] = ["bulla-krm", "ksops"];

/// Where kustomize looks for older exec plugins below their home: by group, version
/// and kind of their configs.
const LEGACY: [&str; 2] = ["bulla/v1/sealedfiles/SealedFiles", "viaduct.ai/v1/ksops/ksops"];

/// Something of an installation that failed.
#[derive(Debug, thiserror::Error)]
#[error("{}: {error}", path.display())]
pub struct InstallError {
    /// The file.
    pub path: PathBuf,
    /// What the system says.
    pub error: io::Error,
}

/// Copies the running program into `folder`, which is made, under each of its names; as
/// an older exec plugin, into the places below `folder` where kustomize looks for
/// those. Gives the paths.
///
/// # Errors
///
/// When a file cannot be written; what stood there before stands there still.
pub fn install(folder: &Path, legacy: bool) -> Result<Vec<PathBuf>, InstallError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| InstallError { path, error }
    };
    let program = env::current_exe().map_err(at(Path::new("the running program")))?;
    let names = if legacy { LEGACY } else { NAMES };
    let mut installed = Vec::new();
    for name in names {
        let target = folder.join(name);
        put(&program, &target).map_err(at(&target))?;
        installed.push(target);
    }
    Ok(installed)
}

/// A whole copy, moved to its name: a program that is running cannot be written to.
fn put(program: &Path, target: &Path) -> io::Result<()> {
    let folder = target.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let staged = folder.join(format!(".{name}.{}", std::process::id()));
    let copied = fs::copy(program, &staged)
        .and_then(|_| executable(&staged))
        .and_then(|()| File::open(&staged)?.sync_all())
        .and_then(|()| fs::rename(&staged, target));
    if copied.is_err() {
        // What is left of it is of no use; that it cannot be removed is no news.
        let _ = fs::remove_file(&staged);
    }
    copied
}

#[cfg(unix)]
fn executable(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // Other users of the container start it, too.
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn executable(_: &Path) -> io::Result<()> {
    Ok(())
}
