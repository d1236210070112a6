//! Files and folders by path.

use std::fs::{self, File, FileType};
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::around::{AROUND_LIMIT, Around};
use crate::budget::Budget;
use crate::git::workers;
use crate::governing::Memo;
use crate::judge::{Judgement, judge_stream};
use crate::report::{Report, Unread};

/// The files of a tree, by their path from the current folder.
///
/// Rules apply to the folders of a repository, and nothing above its top is read.
pub(crate) struct Tree {
    /// Where the repository begins, or the folder that was given.
    top: PathBuf,
    memo: Memo,
}

impl Tree {
    /// The tree that a file or folder is in.
    pub(crate) fn around(path: &Path) -> Self {
        let path = whole(path);
        let folder = if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(&path) };
        let top = folder.ancestors().find(|folder| folder.join(".git").exists());
        Self { top: top.unwrap_or(folder).to_owned(), memo: Memo::default() }
    }

    /// A path as the tree has it.
    fn path_of(&self, path: &Path) -> String {
        let whole = whole(path);
        let inside = whole.strip_prefix(&self.top).unwrap_or(path);
        name(inside).replace('\\', "/")
    }
}

impl Around for Tree {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let is_plain =
            Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        let path = self.top.join(path);
        let metadata = fs::symlink_metadata(&path).ok().filter(|_| is_plain)?;
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

/// Judges files, and every file below folders, in the order of their names.
///
/// Links are followed where they are given and passed over where they are found:
/// what git commits of them is a path. `.git` is passed over, pipes and devices are
/// too. What cannot be read is in the report.
pub fn check_paths<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Report {
    let mut report = Report::default();
    for path in paths {
        let path = path.as_ref();
        let mut found = Vec::new();
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => folder(path, &mut found),
            Ok(metadata) if metadata.is_file() => found.push(Ok(path.to_owned())),
            Ok(_) => {
                let error = io::Error::other("it is neither a file nor a folder");
                found.push(Err((path.to_owned(), error)));
            }
            Err(error) => found.push(Err((path.to_owned(), error))),
        }
        judge(&Tree::around(path), &found, &mut report);
    }
    report
}

/// Judges what comes from somewhere, as if it were in the file at `path`, which need not
/// be there. The files around that are asked for, as with [`check_paths`].
pub fn check_stream(path: &Path, mut content: impl io::Read) -> Report {
    let mut report = Report::default();
    let tree = Tree::around(path);
    let shown = name(path);
    match judge_stream(&shown, &tree.path_of(path), &mut content, &tree) {
        Ok(judgement) => report.add(&shown, judgement),
        Err(error) => report.unread.push(Unread { path: shown, reason: error.to_string() }),
    }
    report
}

/// A file, or why there is none.
type Entry = Result<PathBuf, (PathBuf, io::Error)>;

fn judge(tree: &Tree, entries: &[Entry], report: &mut Report) {
    let budget = Budget::new();
    let judged = workers(entries.len()).map(entries, |entry| {
        let (path, result) = match entry {
            Ok(path) => (path, file(path, tree, &budget).map_err(|error| error.to_string())),
            Err((path, error)) => (path, Err(error.to_string())),
        };
        (name(path), result)
    });
    for (path, judgement) in judged {
        match judgement {
            Ok(judgement) => report.add(&path, judgement),
            Err(reason) => report.unread.push(Unread { path, reason }),
        }
    }
}

/// Every file below a folder.
fn folder(folder: &Path, found: &mut Vec<Entry>) {
    // A stack of its own: trees can be deeper than the thread's.
    let mut open = Vec::new();
    let enter = |path: PathBuf, open: &mut Vec<_>, found: &mut Vec<Entry>| match entries(&path) {
        Ok(entries) => open.push(entries),
        Err(error) => found.push(Err((path, error))),
    };
    enter(folder.to_owned(), &mut open, found);
    while let Some(entries_here) = open.last_mut() {
        let Some((path, kind)) = entries_here.pop() else {
            open.pop();
            continue;
        };
        match kind {
            Ok(kind) if kind.is_dir() => enter(path, &mut open, found),
            Ok(kind) if kind.is_file() => found.push(Ok(path)),
            Ok(_) => {}
            Err(error) => found.push(Err((path, error))),
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

fn file(path: &Path, tree: &Tree, budget: &Budget) -> io::Result<Judgement> {
    let mut file = File::open(path)?;
    let _share = budget.take(file.metadata()?.len());
    judge_stream(&name(path), &tree.path_of(path), &mut file, tree)
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

fn name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "kind: Secret\nstringData:\n  a: hunter2\n";

    #[test]
    fn folders_are_walked_in_order_and_git_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        for path in ["b/c.yaml", "b/a.yaml", ".git/x.yaml", "b/.git", "a.yaml"] {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, SECRET).unwrap();
        }
        let report = check_paths([dir.path()]);
        let paths: Vec<_> = report
            .findings
            .iter()
            .map(|found| found.path.trim_start_matches(dir.path().to_str().unwrap()))
            .collect();
        assert_eq!(paths, ["/a.yaml", "/b/a.yaml", "/b/c.yaml"]);
        assert_eq!((report.scanned, report.unread.len()), (3, 0));
    }

    #[test]
    fn what_is_not_there_is_in_the_report() {
        let report = check_paths(["/no/such/file"]);
        assert_eq!((report.scanned, report.unread.len()), (0, 1));
        assert!(!report.is_clean());
    }

    #[cfg(unix)]
    #[test]
    fn links_and_pipes_in_folders_are_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("a.yaml"), SECRET).unwrap();
        std::os::unix::fs::symlink(outside.path(), dir.path().join("link")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("a.yaml"), dir.path().join("a")).unwrap();
        let status = std::process::Command::new("mkfifo").arg(dir.path().join("pipe")).status();
        assert!(status.unwrap().success());
        let report = check_paths([dir.path()]);
        assert_eq!((report.scanned, report.is_clean()), (0, true));
        let report = check_paths([dir.path().join("a"), dir.path().join("pipe")]);
        assert_eq!((report.scanned, report.findings.len(), report.unread.len()), (1, 1, 1));
    }
}
