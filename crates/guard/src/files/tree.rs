//! The files around a file, in the file system.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::around::{AROUND_LIMIT, Around};
use crate::governing::{Memo, folder};

/// How many folders are remembered: those that are looked at now, and those above.
const FOLDERS: usize = 256;

/// The files of a tree, by their path from its top.
///
/// Rules apply to the folders of a repository, and nothing above its top is read.
pub(crate) struct Tree {
    /// Where the repository begins, or the folder that was given.
    top: PathBuf,
    memo: Memo,
    listed: Mutex<HashMap<String, Option<Arc<Names>>>>,
}

/// What a folder has.
type Names = HashSet<OsString>;

impl Tree {
    /// The tree that a file or folder is in, and the path of that in it.
    pub(crate) fn around(path: &Path) -> (Self, String) {
        let whole = whole(path);
        let tree = Self::at(top_of(&whole).to_owned());
        let inside = tree.path_of(&whole);
        (tree, inside)
    }

    /// The same, with a tree that may be the right one already.
    pub(super) fn shared(path: &Path, known: Option<Arc<Self>>) -> (Arc<Self>, String) {
        let whole = whole(path);
        let top = top_of(&whole);
        let tree = known.filter(|tree| tree.top == top);
        let tree = tree.unwrap_or_else(|| Arc::new(Self::at(top.to_owned())));
        let inside = tree.path_of(&whole);
        (tree, inside)
    }

    fn at(top: PathBuf) -> Self {
        Self { top, memo: Memo::default(), listed: Mutex::default() }
    }

    /// A path from the root as the tree has it.
    fn path_of(&self, whole: &Path) -> String {
        as_in_tree(whole.strip_prefix(&self.top).unwrap_or(whole))
    }

    /// What a folder has; `None` when nobody may know that.
    ///
    /// Dozens of names are looked for beside each file, and hardly one is ever there.
    fn names(&self, folder: &str) -> Option<Arc<Names>> {
        let listed = || self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = listed().get(folder) {
            return known.clone();
        }
        let entries = fs::read_dir(self.top.join(folder));
        let names = entries.and_then(|entries| {
            entries.map(|entry| entry.map(|entry| entry.file_name())).collect()
        });
        let names = match names {
            Ok(names) => Some(Arc::new(names)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(Arc::default()),
            Err(_) => None,
        };
        let mut listed = listed();
        if listed.len() >= FOLDERS {
            listed.clear();
        }
        listed.insert(folder.to_owned(), names.clone());
        names
    }
}

impl Around for Tree {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let is_plain =
            Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_there =
            || self.names(folder(path)).is_none_or(|names| names.contains(OsStr::new(name)));
        if !is_plain || !is_there() {
            return None;
        }
        let path = self.top.join(path);
        let metadata = fs::symlink_metadata(&path).ok()?;
        (metadata.is_file() && metadata.len() <= AROUND_LIMIT)
            .then(|| fs::read(path).ok())
            .flatten()
    }

    fn before(&self, _: &str) -> Option<Vec<u8>> {
        None
    }

    fn memo(&self) -> Option<&Memo> {
        Some(&self.memo)
    }
}

/// A path below a tree as its files have it.
pub(super) fn as_in_tree(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// The top of the tree that a path from the root is in.
fn top_of(whole: &Path) -> &Path {
    let folder = if whole.is_dir() { whole } else { whole.parent().unwrap_or(whole) };
    folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(folder)
}

/// A path from the root, without links as far as it is there.
fn whole(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize();
        match (folder, path.file_name()) {
            (Ok(folder), Some(name)) => folder.join(name),
            _ => path.to_owned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_by_their_path_in_the_tree() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join(".git")).unwrap();
        fs::create_dir_all(dir.path().join("a/b")).unwrap();
        fs::write(dir.path().join("a/b/c"), "d").unwrap();
        let (tree, inside) = Tree::around(&dir.path().join("a/b"));
        assert_eq!(inside, "a/b");
        assert_eq!(tree.read("a/b/c").as_deref(), Some(&b"d"[..]));
        for path in ["a/b", "a/b/d", "a/c/d", "../a", "/a/b/c", "a/b/../b/c", ""] {
            assert_eq!(tree.read(path), None, "{path}");
        }
    }

    #[test]
    fn only_so_many_folders_are_remembered() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), "b").unwrap();
        let (tree, _) = Tree::around(dir.path());
        for number in 0..3 * FOLDERS {
            assert_eq!(tree.read(&format!("{number}/a")), None);
        }
        assert!(tree.listed.lock().unwrap().len() <= FOLDERS);
        assert_eq!(tree.read("a").as_deref(), Some(&b"b"[..]));
    }
}
