//! Every file below folders, one after the other.

use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::tree::{Tree, as_in_tree};

/// A file that is to be judged.
pub(super) struct Entry {
    /// As it was given, or from the folder that was given.
    pub(super) path: PathBuf,
    /// As its tree has it.
    pub(super) inside: String,
    pub(super) tree: Arc<Tree>,
}

/// What is not judged, and why.
pub(super) type Failed = (PathBuf, io::Error);

/// The files of paths that were given, in the order of their names. Folders are read when
/// they are reached.
pub(super) struct Walk<I> {
    given: I,
    tree: Option<Arc<Tree>>,
    /// The folder that was given, and its path in the tree.
    root: (PathBuf, String),
    /// What is left of the folders that were entered, last name first. A stack of its own:
    /// trees can be deeper than the thread's.
    open: Vec<Vec<(PathBuf, io::Result<FileType>)>>,
}

impl<I> Walk<I> {
    pub(super) fn new(given: I) -> Self {
        Self { given, tree: None, root: Default::default(), open: Vec::new() }
    }

    /// Reads a folder, whose files are next.
    fn enter(&mut self, path: PathBuf) -> Result<(), Failed> {
        let entries = entries(&path).map_err(|error| (path, error))?;
        self.open.push(entries);
        Ok(())
    }

    /// A file below the folder that was given.
    fn below(&self, path: PathBuf) -> Option<Entry> {
        let (root, inside) = &self.root;
        let below = as_in_tree(path.strip_prefix(root).unwrap_or(&path));
        let inside = if inside.is_empty() { below } else { format!("{inside}/{below}") };
        Some(Entry { path, inside, tree: self.tree.clone()? })
    }
}

impl<P: AsRef<Path>, I: Iterator<Item = P>> Walk<I> {
    /// The next path that was given: a file, or a folder that is entered.
    fn given(&mut self) -> Option<Result<Option<Entry>, Failed>> {
        let path = self.given.next()?.as_ref().to_owned();
        let metadata = match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() || metadata.is_file() => metadata,
            Ok(_) => {
                let error = io::Error::other("it is neither a file nor a folder");
                return Some(Err((path, error)));
            }
            Err(error) => return Some(Err((path, error))),
        };
        let (tree, inside) = Tree::shared(&path, self.tree.take());
        self.tree = Some(Arc::clone(&tree));
        if metadata.is_file() {
            return Some(Ok(Some(Entry { path, inside, tree })));
        }
        self.root = (path.clone(), inside);
        Some(self.enter(path).map(|()| None))
    }
}

impl<P: AsRef<Path>, I: Iterator<Item = P>> Iterator for Walk<I> {
    type Item = Result<Entry, Failed>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(here) = self.open.last_mut() else {
                match self.given()? {
                    Ok(None) => continue,
                    Ok(Some(entry)) => return Some(Ok(entry)),
                    Err(failed) => return Some(Err(failed)),
                }
            };
            let Some((path, kind)) = here.pop() else {
                self.open.pop();
                continue;
            };
            match kind {
                Ok(kind) if kind.is_dir() => {
                    if let Err(failed) = self.enter(path) {
                        return Some(Err(failed));
                    }
                }
                Ok(kind) if kind.is_file() => return self.below(path).map(Ok),
                Ok(_) => {}
                Err(error) => return Some(Err((path, error))),
            }
        }
    }
}

/// What is in a folder, last name first.
fn entries(folder: &Path) -> io::Result<Vec<(PathBuf, io::Result<FileType>)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() != ".git" {
            entries.push((entry.path(), entry.file_type()));
        }
    }
    entries.sort_by(|one, other| other.0.cmp(&one.0));
    Ok(entries)
}
