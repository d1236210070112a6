//! `bulla rules check`

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bulla_core::rules::{FILE_NAMES, Rules, TrackedFile, check};
use bulla_core::{Document, Format, METADATA_KEY, kubernetes};
use bulla_guard::check_allows;
use bulla_keys::Environment;

use crate::args::Global;
use crate::failure::{Failure, Result, printable};
use crate::governing::{nothing_found, read_rules, resolve, search};
use crate::input::read_bytes;
use crate::write::directory;
use crate::{git, write};

/// What is larger is no manifest, and not worth the time.
const SIZE_LIMIT: u64 = 64 << 20;

/// Compare the rules with the files that git tracks
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Directory whose rules are meant, with those below them
    #[arg(default_value = ".", hide_default_value = true)]
    dir: PathBuf,
}

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    let environment = Environment::read();
    let config = global.config.as_deref().or(environment.config.as_deref());
    let found = match config {
        Some(config) => resolve(config).ok(),
        None => resolve(&args.dir).ok().and_then(|dir| search(&dir)),
    };
    let file = found.ok_or_else(|| nothing_found(&args.dir))?;
    let root = directory(&file);
    let tracked = git::tracked_files(root)?;
    let mut realms = Realms::new(&file);
    if config.is_none() {
        realms.add_nested(&tracked);
    }
    let mut findings = Vec::new();
    for realm in realms.share_out(&tracked) {
        let rules = read_rules(&root.join(&realm.file))?;
        check_allows(&rules).map_err(|error| Failure::other(error.to_string()))?;
        let top = root.join(directory(&realm.file));
        let files: Vec<_> =
            realm.paths.iter().filter_map(|path| look_at(&rules, &top, path)).collect();
        findings.extend(check(&rules, &files).iter().map(|finding| format!("{finding}\n")));
    }
    write::stdout(printable(&findings.concat()).as_bytes())?;
    match findings.len() {
        0 => Ok(()),
        1 => Err(Failure::other("the rules do not fit the files: 1 finding")),
        n => Err(Failure::other(format!("the rules do not fit the files: {n} findings"))),
    }
}

/// The rules files of a tree; each governs what no nearer one does.
struct Realms {
    /// The rules file of each directory, relative to the top.
    files: BTreeMap<PathBuf, PathBuf>,
}

/// A rules file and the files that it governs, relative to its directory.
struct Realm {
    file: PathBuf,
    paths: Vec<PathBuf>,
}

impl Realms {
    fn new(file: &Path) -> Self {
        let name = PathBuf::from(file.file_name().unwrap_or_default());
        Self { files: BTreeMap::from([(PathBuf::new(), name)]) }
    }

    fn add_nested(&mut self, tracked: &[PathBuf]) {
        // The better name first, so that it stays.
        for name in FILE_NAMES {
            for file in tracked.iter().filter(|file| file.ends_with(name)) {
                let top = file.parent().unwrap_or(Path::new("")).to_owned();
                self.files.entry(top).or_insert_with(|| file.clone());
            }
        }
    }

    fn share_out(&self, tracked: &[PathBuf]) -> Vec<Realm> {
        let mut paths: BTreeMap<&Path, Vec<PathBuf>> =
            self.files.keys().map(|top| (top.as_path(), Vec::new())).collect();
        for file in tracked.iter().filter(|file| !is_rules_file(file)) {
            let top = file.ancestors().skip(1).find(|top| self.files.contains_key(*top));
            if let Some(top) = top
                && let Ok(path) = file.strip_prefix(top)
            {
                paths.entry(top).or_default().push(path.to_owned());
            }
        }
        let realm = |(top, paths)| Realm { file: self.files[top].clone(), paths };
        paths.into_iter().map(realm).collect()
    }
}

fn is_rules_file(file: &Path) -> bool {
    FILE_NAMES.iter().any(|name| file.ends_with(name))
}

/// What `check` wants to know of a file. `None`: its name is no text, which no rule
/// can match.
fn look_at(rules: &Rules, top: &Path, path: &Path) -> Option<TrackedFile> {
    let name = path.to_str()?.to_owned();
    let mut file = TrackedFile { path: name, sealed: None, wants_sealing: false };
    if rules.plan(&file.path).is_none() {
        return Some(file);
    }
    let at = top.join(path);
    // A link may lead anywhere, also out of the repository.
    let is_file = fs::symlink_metadata(&at).is_ok_and(|metadata| metadata.is_file());
    let bytes = is_file.then(|| read_bytes(&at, SIZE_LIMIT).ok()).flatten();
    if let Some(bytes) = bytes {
        let (sealed, is_secret) = state(&bytes, &file.path);
        file.sealed = sealed;
        file.wants_sealing = is_secret || is_called_sealed(path);
    }
    Some(file)
}

/// Whether it is sealed, when that can be told, and whether it is a Secret that
/// anyone can read.
fn state(bytes: &[u8], path: &str) -> (Option<bool>, bool) {
    let Ok(text) = str::from_utf8(bytes) else {
        return (has_no_block(bytes).then_some(false), false);
    };
    match Document::parse(text, Format::from_path(path)) {
        Ok(document) if document.metadata().is_some() => (Some(true), false),
        Ok(document) => {
            let unselected = vec![false; document.parts().len()];
            (Some(false), kubernetes::readable_secrets(&document, &unselected).next().is_some())
        }
        Err(_) => (has_no_block(bytes).then_some(false), false),
    }
}

/// Whether there is certainly no metadata in a file, of whatever format.
fn has_no_block(bytes: &[u8]) -> bool {
    !bytes.windows(METADATA_KEY.len()).any(|window| window == METADATA_KEY.as_bytes())
}

/// `db.enc.yaml`, `db.sops.yaml`
fn is_called_sealed(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    [".enc.", ".sops."].iter().any(|part| name.contains(part)) || name.ends_with(".enc")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn a_nearer_rules_file_takes_over() {
        let tracked =
            paths(&[".sops.yaml", "a/.sops.yaml", "a/.sops-rules.yaml", "a/b/x", "c/y", "z"]);
        let mut realms = Realms::new(Path::new("/repo/.sops.yaml"));
        realms.add_nested(&tracked);
        let shared: Vec<_> = realms
            .share_out(&tracked)
            .into_iter()
            .map(|realm| (realm.file.display().to_string(), realm.paths))
            .collect();
        let expected = [
            (".sops.yaml".to_owned(), paths(&["c/y", "z"])),
            ("a/.sops-rules.yaml".to_owned(), paths(&["b/x"])),
        ];
        assert_eq!(shared, expected);
    }

    #[test]
    fn a_file_is_sealed_or_not_or_nobody_knows() {
        assert_eq!(state(b"a: b\n", "a.yaml"), (Some(false), false));
        assert_eq!(state(b"{{ if }}\n", "a.yaml"), (Some(false), false));
        assert_eq!(state(b"{{ sops }}\n", "a.yaml"), (None, false));
        assert_eq!(state(b"PASSWORD=x\n", "a.env"), (Some(false), false));
        let secret = b"kind: Secret\nstringData:\n  a: b\n";
        assert_eq!(state(secret, "a.yaml"), (Some(false), true));
    }
}
