//! Programs by their names alone.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Looks for a program where a shell would.
///
/// # Errors
///
/// When there is none, or the first one stands in a directory that is relative to the
/// working directory: that may be a repository, which must not choose programs.
pub(crate) fn find(name: &str, path: Option<&OsStr>) -> Result<PathBuf, String> {
    let dirs = path.map(env::split_paths).into_iter().flatten();
    match dirs.map(|dir| dir.join(name)).find(|program| is_executable(program)) {
        Some(program) if program.is_absolute() => Ok(program),
        Some(_) => Err(format!(
            "{name} would be started from the working directory, since PATH has a relative entry"
        )),
        None => Err(format!("{name} is not on PATH")),
    }
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let metadata = path.metadata();
    metadata.is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_relative_entry_of_path_starts_nothing() {
        let absolute = find("sh", Some(OsStr::new("/usr/bin:/bin"))).unwrap();
        assert!(absolute.is_absolute());
        let error = find("no-such-program", Some(OsStr::new("/usr/bin"))).unwrap_err();
        assert_eq!(error, "no-such-program is not on PATH");
        assert!(find("sh", None).is_err());
        // Cargo runs tests in the package's directory.
        let up = "../".repeat(20);
        for path in [format!("{up}bin:/bin"), format!("{up}usr/bin:/usr/bin")] {
            let error = find("sh", Some(OsStr::new(&path))).unwrap_err();
            assert!(error.contains("relative entry"), "{error}");
        }
    }
}
