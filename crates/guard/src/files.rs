//! Files and folders by path.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::budget::Budget;
use crate::git::workers;
use crate::judge::{Judgement, WHOLE_LIMIT, judge_as, judge_large, judge_stream};
use crate::report::{Report, Unread};

mod tree;
mod walk;

pub(crate) use tree::Tree;
use walk::{Entry, Walk};

/// How many files are judged before their findings are put in order: what is known of
/// more would have to be kept.
const BATCH: usize = 4096;

/// Judges files, and every file below folders, in the order of their names.
///
/// Links are followed where they are given and passed over where they are found:
/// what git commits of them is a path. `.git` is passed over, pipes and devices are
/// too. What cannot be read is in the report.
pub fn check_paths<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Report {
    let mut report = Report::default();
    let budget = Budget::new();
    let mut files = Walk::new(paths.into_iter());
    loop {
        let batch: Vec<_> = files.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return report;
        }
        let judged = workers(batch.len()).map(&batch, |entry| match entry {
            Ok(entry) => file(entry, &budget).map_err(|error| error.to_string()),
            Err((_, error)) => Err(error.to_string()),
        });
        for (entry, judgement) in batch.iter().zip(judged) {
            let path = name(entry.as_ref().map_or_else(|(path, _)| path, |entry| &entry.path));
            match judgement {
                Ok(judgement) => report.add(&path, judgement),
                Err(reason) => report.unread.push(Unread { path, reason }),
            }
        }
    }
}

/// Judges what comes from somewhere, as if it were in the file at `path`, which need not
/// be there. The files around that are asked for, as with [`check_paths`].
pub fn check_stream(path: &Path, mut content: impl io::Read) -> Report {
    let mut report = Report::default();
    let (tree, inside) = Tree::around(path);
    let shown = name(path);
    match judge_stream(&shown, &inside, &mut content, &tree) {
        Ok(judgement) => report.add(&shown, judgement),
        Err(error) => report.unread.push(Unread { path: shown, reason: error.to_string() }),
    }
    report
}

fn file(entry: &Entry, budget: &Budget) -> io::Result<Judgement> {
    let mut file = File::open(&entry.path)?;
    let length = file.metadata()?.len();
    let _share = budget.take(length);
    let (shown, tree) = (name(&entry.path), &*entry.tree);
    if length > WHOLE_LIMIT {
        return judge_large(&shown, &entry.inside, &mut file, tree);
    }
    // One byte more shows in the same call that this is all.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1);
    (&mut file).take(WHOLE_LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > WHOLE_LIMIT {
        // It has grown, or is of those that have no length.
        let mut whole = io::Cursor::new(bytes).chain(file);
        return judge_stream(&shown, &entry.inside, &mut whole, tree);
    }
    Ok(judge_as(&shown, &entry.inside, &bytes, tree))
}

fn name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;

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

    #[test]
    fn files_of_one_tree_are_judged_by_its_rules() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, content: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        };
        let rules = "guard:\n  allow:\n    - path_glob: a/**\n      rule: readable-secret\n      reason: b\n";
        write(".git/HEAD", "");
        write(".sops.yaml", rules);
        write("a/b/c.yaml", SECRET);
        write("b/c.yaml", SECRET);
        let given = |paths: &[&str]| check_paths(paths.iter().map(|path| dir.path().join(path)));
        for paths in [&["a", "b"][..], &["a/b/c.yaml", "b/c.yaml"], &["b/../a/b", "b"], &["."]] {
            let report = given(paths);
            assert_eq!((report.scanned >= 2, report.allowed.len()), (true, 1), "{paths:?}");
            assert_eq!(report.findings.len(), 1, "{paths:?}");
        }
    }
}
