//! What Flux's kustomize-controller will make of a tree.
//!
//! The controller runs no plugins. It opens three things: files that `secretGenerator`
//! and patches name, before it builds; resources that carry a `sops` block, after;
//! and sealed files inside of a Secret's `data`. Everything else it applies as it is,
//! ciphertext included, and checks no MAC. What is said here was read in
//! kustomize-controller 1.9 (internal/decryptor).

use std::fs;
use std::path::{Path, PathBuf};

use bulla_core::Format;

use crate::kustomization::{Kustomization, Unread, is_kustomization, normal, read_tree};
use crate::marker::sealed_as;

mod lint;
mod objects;
mod plan;

pub use plan::Plan;

/// The largest file that the controller opens before it builds, in bytes.
const FILE_LIMIT: u64 = 5 << 20;

/// How deep folders may be nested, and how many files a tree may have.
const DEPTH_LIMIT: usize = 100;
const FILES_LIMIT: usize = 1_000_000;

/// A folder that the controller is told to apply, with the kustomizations that it builds.
#[derive(Debug)]
pub struct Applied<'t> {
    /// The root of its source.
    top: &'t Path,
    /// Relative to it.
    folder: PathBuf,
    /// Where the folder has none, the last is the one that the controller makes.
    kustomizations: Vec<Kustomization>,
}

/// What becomes of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The file, relative to the top of the tree.
    pub path: PathBuf,
    /// What the controller does with it.
    pub fate: Fate,
}

/// What the controller does with a sealed file, or because of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It opens it; as what.
    Opened(&'static str),
    /// No kustomization names it, so nothing happens to it.
    Unused,
    /// It applies ciphertext, or fails: why, and what to do.
    Fault(String),
}

impl<'t> Applied<'t> {
    /// Reads the kustomizations of `folder`, a path relative to `top`, the root of its
    /// source; where there is none, the one that the controller makes, of all manifests
    /// below and of the kustomizations among them.
    ///
    /// # Errors
    ///
    /// When a kustomization cannot be read: the controller cannot either.
    pub fn read(top: &'t Path, folder: &Path) -> Result<Self, Unread> {
        let outside =
            || Unread { file: folder.into(), reason: "this is not below the tree".into() };
        let folder = normal(folder).ok_or_else(outside)?;
        let kustomizations = match is_kustomization(&top.join(&folder)) {
            true => read_tree(top, &folder),
            false => made(top, &folder),
        }?;
        Ok(Self { top, folder, kustomizations })
    }

    /// Says of each sealed file what the controller will do with it.
    pub fn verdicts(&self) -> Vec<Verdict> {
        lint::lint(self)
    }

    /// What the controller will open and build.
    pub fn plan(&self) -> Plan {
        plan::plan(self)
    }

    /// The text of a sealed file and its format, by the bytes that the controller looks
    /// for.
    fn sealed(&self, path: &Path) -> Option<(String, Format)> {
        let file = self.top.join(path);
        let metadata = fs::symlink_metadata(&file).ok()?;
        // What is larger is only looked at to be able to say so.
        if !metadata.is_file() || metadata.len() > 16 * FILE_LIMIT {
            return None;
        }
        let text = String::from_utf8(fs::read(file).ok()?).ok()?;
        let format = sealed_as(&text)?;
        Some((text, format))
    }
}

/// The kustomizations below a folder that has none, and the one that is made for it.
fn made(top: &Path, folder: &Path) -> Result<Vec<Kustomization>, Unread> {
    let mut made = Kustomization { file: folder.join("kustomization.yaml"), ..Default::default() };
    let mut found = Vec::new();
    let mut nested: Vec<PathBuf> = Vec::new();
    for path in files(top, folder) {
        if nested.iter().any(|nested| path.starts_with(nested)) {
            continue;
        }
        let parent = path.parent().unwrap_or(Path::new("")).to_owned();
        if parent != folder && is_kustomization(&top.join(&parent)) {
            found.extend(read_tree(top, &parent)?);
            nested.push(parent);
        } else if is_yaml(&path) {
            made.resources.push(path);
        }
    }
    found.push(made);
    Ok(found)
}

fn is_yaml(path: &Path) -> bool {
    matches!(path.extension().and_then(|end| end.to_str()), Some("yaml" | "yml"))
}

/// The regular files below a folder, in order; what is hidden is left out, and links
/// are not followed.
pub fn files(top: &Path, folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut waiting = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        let Ok(entries) = fs::read_dir(top.join(&folder)) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Ok(kind) = entry.file_type() else { continue };
            if name.to_string_lossy().starts_with('.') || files.len() == FILES_LIMIT {
                continue;
            }
            if kind.is_file() {
                files.push(folder.join(name));
            } else if kind.is_dir() && depth < DEPTH_LIMIT {
                waiting.push((folder.join(name), depth + 1));
            }
        }
    }
    files.sort();
    files
}

#[cfg(test)]
mod tests;
