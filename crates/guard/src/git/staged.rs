//! What git is about to commit: the staged blobs, not the files in the work tree.

use std::path::Path;
use std::sync::OnceLock;

use super::oid::Oid;
use super::reader::Reader;
use super::readers::Readers;
use super::{Asked, SUBMODULE, git};
use crate::around::Around;
use crate::budget::Budget;
use crate::error::GuardError;
use crate::governing::Memo;
use crate::report::{Report, Unread};

/// Judges every blob that is staged in the repository that holds `repo`: added,
/// changed, renamed.
///
/// # Errors
///
/// When git does not do its part. A single blob that cannot be read is in the report.
pub fn check_staged(repo: &Path) -> Result<Report, GuardError> {
    // All that is asked of git is asked at once: a hook is waited for.
    let mut diff = git(repo);
    // With the blobs' names, so that no file's name goes through a line protocol.
    // A configured `diff.relative` would hide files.
    diff.args(["-c", "diff.relative=false", "diff", "--cached", "--raw", "-z", "--no-abbrev"]);
    diff.args(["--no-renames", "--no-ext-diff", "--no-textconv", "--diff-filter=d"]);
    let diff = Asked::start(&mut diff, "diff")?;
    let mut files = git(repo);
    files.args(["ls-files", "--stage", "-z", "--full-name", "--", ":/"]);
    let files = Asked::start(&mut files, "ls-files")?;
    let budget = Budget::new();
    let readers = Readers::new(repo, &budget);
    readers.start()?;

    let (diff, files) = (diff.answer(), files.answer());
    let staged = entries(&diff?)?;
    let files = Files::new(files?);
    let index = Index { files, head: OnceLock::new(), memo: Memo::default() };
    let judged = readers.map(&staged, |reader, entry| match entry.is_unmerged {
        true => Err("it is not merged yet; merge it, then git add".to_owned()),
        false => reader.judge(entry.blob, &entry.path, &Staged { reader, index: &index }),
    });
    let mut report = Report::default();
    for (Entry { path, .. }, judgement) in staged.into_iter().zip(judged) {
        match judgement {
            Ok(judgement) => report.add(&path, judgement),
            Err(reason) => report.unread.push(Unread { path, reason }),
        }
    }
    Ok(report)
}

/// A staged file.
struct Entry {
    blob: Oid,
    path: String,
    is_unmerged: bool,
}

fn entries(raw: &[u8]) -> Result<Vec<Entry>, GuardError> {
    let answer = || GuardError::Answer { command: "diff" };
    let mut fields = raw.split(|&byte| byte == 0);
    let mut entries = Vec::new();
    // `:OLD_MODE MODE OLD_BLOB BLOB STATUS`, then the path.
    while let Some(info) = fields.next().filter(|info| !info.is_empty()) {
        let path = fields.next().ok_or_else(answer)?;
        let info: Vec<_> = info.split(|&byte| byte == b' ').collect();
        let [_, mode, _, blob, status] = info.as_slice() else { return Err(answer()) };
        if *mode != SUBMODULE {
            let blob = Oid::parse(blob).ok_or_else(answer)?;
            let path = String::from_utf8_lossy(path).into_owned();
            entries.push(Entry { blob, path, is_unmerged: status.starts_with(b"U") });
        }
    }
    Ok(entries)
}

/// What git prints of the index: `MODE BLOB STAGE`, a tab, the path, in the order of the
/// paths.
struct Files {
    raw: Vec<u8>,
    starts: Vec<usize>,
}

impl Files {
    fn new(raw: Vec<u8>) -> Self {
        let ends = memchr::memchr_iter(0, &raw).map(|end| end + 1);
        let mut starts: Vec<_> = std::iter::once(0).chain(ends).collect();
        starts.pop();
        Self { raw, starts }
    }

    /// The blob of a path.
    fn find(&self, path: &str) -> Option<Oid> {
        let at = self.starts.partition_point(|&start| self.split(start).1 < path.as_bytes());
        let (info, found) = self.split(*self.starts.get(at)?);
        let blob = info.split(|&byte| byte == b' ').nth(1)?;
        (found == path.as_bytes()).then(|| Oid::parse(blob)).flatten()
    }

    /// What is before the tab, and behind it.
    fn split(&self, start: usize) -> (&[u8], &[u8]) {
        let line = self.raw[start..].split(|&byte| byte == 0).next().unwrap_or_default();
        let tab = memchr::memchr(b'\t', line).unwrap_or(line.len());
        (&line[..tab], line.get(tab + 1..).unwrap_or_default())
    }
}

/// What will be in the commit, and what was in the last one.
struct Index {
    files: Files,
    /// The tree of the last commit, when it was asked for.
    head: OnceLock<Option<Oid>>,
    memo: Memo,
}

struct Staged<'r> {
    reader: &'r Reader<'r>,
    index: &'r Index,
}

impl Around for Staged<'_> {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.index.files.find(path).and_then(|blob| self.reader.small(blob))
    }

    fn before(&self, path: &str) -> Option<Vec<u8>> {
        let head = || self.reader.header("HEAD^{tree}").map(|header| header.id);
        let tree = *self.index.head.get_or_init(head);
        tree.and_then(|tree| self.reader.in_tree(tree, path))
    }

    fn is_change(&self) -> bool {
        true
    }

    fn memo(&self) -> Option<&Memo> {
        Some(&self.index.memo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_is_searched_by_whole_paths() {
        let blob = |digit: &str| digit.repeat(40);
        let mut raw = String::new();
        for (digit, path) in [("1", "a"), ("4", "a\nb"), ("2", "a.b"), ("3", "a/b c"), ("5", "ü")]
        {
            raw += &format!("100644 {} 0\t{path}\0", blob(digit));
        }
        let files = Files::new(raw.into_bytes());
        let found = |path| files.find(path).map(|blob| blob.to_string());
        for (digit, path) in [("1", "a"), ("4", "a\nb"), ("3", "a/b c"), ("5", "ü")] {
            assert_eq!(found(path), Some(blob(digit)), "{path}");
        }
        for path in ["", "b", "a/b", "a.", "zz"] {
            assert_eq!(found(path), None, "{path}");
        }
        assert_eq!(Files::new(Vec::new()).find("a"), None);
    }
}
