//! Finding the programs of others.

use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// Where a program is on `PATH`. Relative folders in it are passed over: what stands in
/// the working directory may be anybody's.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let places = env::split_paths(&path).filter(|folder| folder.is_absolute());
    places.map(|folder| folder.join(name)).find(|file| {
        file.metadata()
            .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    })
}
