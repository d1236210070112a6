//! Files below directories.

use std::fs;
use std::path::{Path, PathBuf};

use bulla_core::{Document, Format, SEALED_MARK};

use crate::failure::{Failure, Result};
use crate::formats::by_name;
use crate::input::read_bytes;

/// Flux refuses more, and a search reads everything.
const SIZE_LIMIT: u64 = 64 << 20;

/// The files that are named, and the sealed ones below the directories that are; each
/// in its order of names.
pub(super) fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    files_that(named, is_sealed)
}

/// The files that are named, and those below directories that `are_meant`.
pub(crate) fn files_that(
    named: &[PathBuf],
    are_meant: impl Fn(&Path) -> bool,
) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in named {
        if path.is_dir() {
            files.extend(below(path, &are_meant)?);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

/// The files below a directory that are wanted, in the order of their names. Links are
/// not followed: what they lead to may be anywhere.
pub(in crate::commands) fn below(
    directory: &Path,
    is_wanted: impl Fn(&Path) -> bool,
) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(path) = waiting.pop() {
        let metadata = fs::symlink_metadata(&path);
        let kind = metadata.map_err(|error| Failure::unreadable(&path, &error))?.file_type();
        if kind.is_dir() {
            let entries =
                fs::read_dir(&path).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
            let entries = entries.map_err(|error| Failure::unreadable(&path, &error))?;
            let mut entries: Vec<_> = entries.iter().map(fs::DirEntry::path).collect();
            entries.retain(|entry| entry.file_name().is_some_and(|name| name != ".git"));
            // The last is the next.
            entries.sort_by(|one, other| other.cmp(one));
            waiting.extend(entries);
        } else if kind.is_file() && is_wanted(&path) {
            files.push(path);
        }
    }
    Ok(files)
}

/// Whether a file is sealed, in whatever format its content shows.
fn is_sealed(path: &Path) -> bool {
    let Ok(bytes) = read_bytes(path, SIZE_LIMIT) else { return false };
    let Ok(text) = str::from_utf8(&bytes) else { return false };
    text.contains(SEALED_MARK)
        && Format::of_sealed(text, Some(by_name(path))).is_some_and(|format| {
            let document = Document::parse(text, format);
            document.is_ok_and(|document| document.metadata().is_some())
        })
}
