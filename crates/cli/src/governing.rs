//! Finding the rules file that governs a file: upward from the file itself, not
//! from where the command is started.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use bulla_core::rules::{FILE_NAMES, Plan, Rules};

use crate::failure::{Failure, Result};
use crate::input::read_bytes;
use crate::write::directory;

/// How many directories are looked into, as in sops.
const LEVELS: usize = 100;

/// A rules file is written by hand; what is larger is an attack.
const SIZE_LIMIT: u64 = 4 << 20;

/// Spellings of the rules file that nobody reads.
const MISSPELLED: [&str; 3] = [".sops-rules.yml", ".sops.yml", "sops.yaml"];

/// The rules file for one file, and what it calls that file.
#[derive(Debug)]
pub(crate) struct Governing {
    /// The rules.
    pub(crate) rules: Rules,
    /// The file's path as rules see it: relative to the directory of the rules
    /// file, with `/` between its parts.
    pub(crate) path: String,
}

impl Governing {
    /// The rules for the file at `path`, which need not be there.
    ///
    /// `config` is a rules file to be taken instead of any that is found.
    pub(crate) fn find(path: &Path, config: Option<&Path>) -> Result<Option<Self>> {
        let path = resolve(path).map_err(|error| Failure::unreadable(path, &error))?;
        let found = match config {
            Some(config) => {
                let config = resolve(config).map_err(|error| no_config(config, &error))?;
                if !config.is_file() {
                    return Err(no_config(&config, &io::ErrorKind::NotFound.into()));
                }
                Some(config)
            }
            None => search(directory(&path)),
        };
        found.map(|file| Self::read(file, &path)).transpose()
    }

    fn read(file: PathBuf, path: &Path) -> Result<Self> {
        let rules = read_rules(&file)?;
        let relative = path.strip_prefix(directory(&file)).unwrap_or(path);
        let path = relative.to_str().map(str::to_owned).ok_or_else(|| {
            Failure::other(format!("{}: this name is not UTF-8; rename the file", path.display()))
        })?;
        Ok(Self { rules, path })
    }

    /// What the rules say about the file.
    pub(crate) fn plan(&self) -> Option<Plan<'_>> {
        self.rules.plan(&self.path)
    }
}

/// Reads a rules file.
pub(crate) fn read_rules(file: &Path) -> Result<Rules> {
    let name = shown(file);
    let bytes = read_bytes(file, SIZE_LIMIT)?;
    let text = str::from_utf8(&bytes)
        .map_err(|_| Failure::other(format!("{name}: this is not UTF-8; convert the file")))?;
    Rules::parse(text, &name).map_err(|error| Failure::other(error.to_string()))
}

/// The nearest rules file in a directory or above it.
pub(crate) fn search(directory: &Path) -> Option<PathBuf> {
    let mut levels = directory.ancestors().take(LEVELS);
    levels.find_map(|level| {
        FILE_NAMES.iter().map(|name| level.join(name)).find(|file| file.is_file())
    })
}

/// What to tell somebody whose file is governed by nothing.
pub(crate) fn nothing_found(path: &Path) -> Failure {
    let resolved = resolve(path).unwrap_or_else(|_| path.to_owned());
    let levels = || directory(&resolved).ancestors().take(LEVELS);
    let misspelled = levels()
        .flat_map(|level| MISSPELLED.iter().map(|name| level.join(name)))
        .find(|file| file.is_file());
    let hint = match misspelled {
        Some(file) => format!("{} is not read under that name; rename it", shown(&file)),
        None => "make them with bulla init, or name a recipient with --age".to_owned(),
    };
    let [first, second] = FILE_NAMES;
    Failure::other(format!("{}: there is no {first} or {second} above it; {hint}", path.display()))
}

/// The path from the root without links, `.` and `..`, of a file that need not be
/// there: rules are about names, so a link as the last part stays one.
pub(crate) fn resolve(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    match path.components().next_back() {
        Some(Component::Normal(name)) => Ok(resolve_directory(directory(&path))?.join(name)),
        _ => resolve_directory(&path),
    }
}

fn resolve_directory(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => resolve(path),
        resolved => resolved,
    }
}

/// A path as it is shown: relative to where the command was started, when it is
/// below.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().and_then(fs::canonicalize);
    let below = here.ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    match below {
        Some(below) if below != Path::new("") => below.display().to_string(),
        Some(_) => ".".to_owned(),
        None => path.display().to_string(),
    }
}

fn no_config(config: &Path, error: &io::Error) -> Failure {
    let reason = crate::failure::reason(error);
    Failure::other(format!("{}: the rules file cannot be read: {reason}", config.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_resolved_but_for_its_last_part() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir(root.join("real")).unwrap();
        fs::write(root.join("real/file"), "").unwrap();
        std::os::unix::fs::symlink("real", root.join("link")).unwrap();
        std::os::unix::fs::symlink("real/file", root.join("alias")).unwrap();
        assert_eq!(resolve(&root.join("link/file")).unwrap(), root.join("real/file"));
        assert_eq!(resolve(&root.join("link/new/er")).unwrap(), root.join("real/new/er"));
        assert_eq!(resolve(&root.join("link/../real/new")).unwrap(), root.join("real/new"));
        assert_eq!(resolve(&root.join("alias")).unwrap(), root.join("alias"));
    }

    #[test]
    fn the_nearest_rules_file_is_found_and_ours_before_that_of_sops() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b/c");
        fs::create_dir_all(&deep).unwrap();
        for name in [".sops.yaml", "a/.sops.yaml", "a/.sops-rules.yaml"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        assert_eq!(search(&deep), Some(dir.path().join("a/.sops-rules.yaml")));
        assert_eq!(search(dir.path()), Some(dir.path().join(".sops.yaml")));
    }
}
