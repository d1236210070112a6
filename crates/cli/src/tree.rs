//! A folder, and the tree that it is in.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};
use crate::git;

/// A folder and the root of what belongs to it.
pub(crate) struct Tree {
    /// The root, without links.
    pub(crate) top: PathBuf,
    /// The folder, relative to it.
    pub(crate) folder: PathBuf,
}

impl Tree {
    /// The folder in its tree: `root`, or the git repository around it, or nothing but
    /// itself.
    pub(crate) fn find(dir: &Path, root: Option<&Path>) -> Result<Self> {
        let real =
            |path: &Path| path.canonicalize().map_err(|error| Failure::unreadable(path, &error));
        let folder = real(dir)?;
        let top = match root {
            Some(root) => real(root)?,
            None => git::top_of(&folder).unwrap_or_else(|| folder.clone()),
        };
        match folder.strip_prefix(&top) {
            Ok(below) => Ok(Self { folder: below.to_owned(), top }),
            Err(_) => {
                let (dir, top) = (dir.display(), top.display());
                Err(Failure::other(format!("{dir}: this is not below {top}")))
            }
        }
    }
}
