//! Commits that are there: a range of them, and all of them.

use bulla_guard::{Confidence, GuardError, Report, Rule, check_history, check_range};
use bulla_testkit::Sandbox;

use crate::repository;
use crate::validator_keys::{node_key, priv_val_key};

const KEY: Rule = Rule::ValidatorKey;
const NOBODY: &(dyn Fn(usize, usize) + Sync) = &|_, _| {};

/// Stages everything and commits it; gives the commit.
pub(crate) fn commit(sandbox: &Sandbox, message: &str) -> String {
    sandbox.git(&["add", "--all", "."]);
    sandbox.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    head(sandbox)
}

pub(crate) fn head(sandbox: &Sandbox) -> String {
    sandbox.git(&["rev-parse", "HEAD"]).out().trim().to_owned()
}

#[track_caller]
fn history(sandbox: &Sandbox) -> Report {
    check_history(&sandbox.work(), NOBODY).expect("git does its part")
}

#[track_caller]
fn range(sandbox: &Sandbox, range: &str) -> Report {
    check_range(&sandbox.work(), range, NOBODY).expect("git does its part")
}

/// Commit, path and rule of each finding.
pub(crate) fn found(report: &Report) -> Vec<(String, &str, Rule)> {
    let findings = report.findings.iter();
    findings
        .map(|found| {
            let commit = found.commit.clone().unwrap_or_default();
            (commit, found.path.as_str(), found.finding.rule)
        })
        .collect()
}

#[test]
fn what_was_removed_is_still_in_the_history() {
    let sandbox = repository();
    sandbox.write("a", "a\n");
    commit(&sandbox, "one");
    sandbox.write("keys/node_key.json", node_key("a"));
    let guilty = commit(&sandbox, "two");
    sandbox.git(&["rm", "--quiet", "-r", "keys"]);
    commit(&sandbox, "three");
    let report = history(&sandbox);
    assert_eq!(found(&report), [(guilty.clone(), "keys/node_key.json", KEY)]);
    assert_eq!(report.scanned, 2);
    let line = report.to_string();
    assert!(line.starts_with(&format!("{guilty}:keys/node_key.json:1:")), "{line}");
    assert!(line.contains("take it out of the history"), "{line}");
}

#[test]
fn each_blob_is_judged_once_with_all_its_paths() {
    let sandbox = repository();
    sandbox.write("a/node_key.json", node_key("a"));
    let first = commit(&sandbox, "one");
    sandbox.git(&["mv", "a", "b"]);
    commit(&sandbox, "two");
    sandbox.git(&["mv", "b/node_key.json", "b/other.json"]);
    commit(&sandbox, "three");
    sandbox.git(&["revert", "--no-edit", "HEAD"]);
    let report = history(&sandbox);
    assert_eq!(found(&report), [(first, "a/node_key.json", KEY)]);
    let why = &report.findings[0].finding.why;
    assert!(why.ends_with("(the same file: b/node_key.json, b/other.json)"), "{why}");
}

/// 64 hexadecimal digits are a hash, until they are called a key.
#[test]
fn a_name_that_makes_it_a_key_is_looked_at() {
    let sandbox = repository();
    sandbox.write("commit.txt", "4f3edf983ac636a65a842ce7c78d9aa706d3b113bce9c46f30d7d21715b23b1e");
    commit(&sandbox, "one");
    assert!(history(&sandbox).is_clean());
    sandbox.git(&["mv", "commit.txt", "nodekey"]);
    let second = commit(&sandbox, "two");
    assert_eq!(found(&history(&sandbox)), [(second, "nodekey", Rule::RawKey)]);
}

#[test]
fn branches_tags_stashes_and_notes_are_history_too() {
    let sandbox = repository();
    sandbox.write("a", "a\n");
    commit(&sandbox, "one");
    sandbox.git(&["checkout", "--quiet", "-b", "side"]);
    sandbox.write("branch.json", node_key("branch"));
    commit(&sandbox, "side");
    sandbox.git(&["checkout", "--quiet", "main"]);
    for name in ["older stash", "newest stash"] {
        sandbox.write("a", node_key(name));
        sandbox.git(&["stash", "--quiet"]);
    }
    sandbox.git(&["notes", "add", "--message", &node_key("note")]);
    // A tag of a blob, one of a tree, and a tag of a tag.
    sandbox.write("blob", node_key("blob"));
    let blob = sandbox.git(&["hash-object", "-w", "blob"]).out().trim().to_owned();
    sandbox.git(&["tag", "blob", &blob]);
    sandbox.write("deep/er/tree.json", node_key("tree"));
    sandbox.git(&["add", "deep"]);
    let tree = sandbox.git(&["write-tree"]).out().trim().to_owned();
    sandbox.git(&["tag", "--annotate", "--message", "inner", "inner", &tree]);
    sandbox.git(&["tag", "--annotate", "--message", "outer", "outer", "inner"]);
    sandbox.git(&["reset", "--quiet"]);

    let report = history(&sandbox);
    let mut paths: Vec<_> = report.findings.iter().map(|found| found.path.as_str()).collect();
    paths.sort_unstable();
    let note = paths.iter().position(|path| path.len() == 40 || path.contains('/'));
    assert!(note.is_some(), "{paths:?}");
    for path in ["a", "branch.json", "deep/er/tree.json", "refs/tags/blob"] {
        assert!(paths.contains(&path), "{path} {paths:?}");
    }
    assert_eq!(paths.iter().filter(|path| **path == "a").count(), 2, "{paths:?}");
    assert_eq!(paths.len(), 6, "{paths:?}");
}

#[test]
fn messages_of_commits_and_tags_are_looked_at() {
    let sandbox = repository();
    let guilty = commit(&sandbox, &format!("Add a key\n\nfor example {}", node_key("a")));
    commit(&sandbox, "Rename the token\n\nIt is no password: see the manual.");
    sandbox.git(&["tag", "--annotate", "--message", &node_key("b"), "v1"]);
    let tag = sandbox.git(&["rev-parse", "refs/tags/v1"]).out().trim().to_owned();
    let report = history(&sandbox);
    let expected = [guilty, tag].map(|id| (id, "commit message", KEY));
    assert_eq!(found(&report), expected);
    assert_eq!(report.scanned, 0);
    assert!(report.findings[0].finding.fix.starts_with("write the message without it"));
}

#[test]
fn a_range_is_its_own_commits() {
    let sandbox = repository();
    sandbox.write("old.json", node_key("old"));
    commit(&sandbox, "one");
    sandbox.write("new.json", priv_val_key("new"));
    let new = commit(&sandbox, "two");
    sandbox.git(&["rm", "--quiet", "new.json"]);
    commit(&sandbox, "three");
    let both = [(new.clone(), "new.json", KEY), (new, "new.json", KEY)];
    for name in ["HEAD~2..HEAD", "HEAD~2..", "HEAD~2...main"] {
        let report = range(&sandbox, name);
        assert_eq!(found(&report)[..1], both[..1], "{name}");
        assert_eq!(report.scanned, 1, "{name}");
    }
    assert_eq!(range(&sandbox, "HEAD").scanned, 2);
    assert_eq!(range(&sandbox, "HEAD..HEAD").scanned, 0);
}

#[test]
fn a_range_that_is_none_is_an_error_and_no_option() {
    let sandbox = repository();
    commit(&sandbox, "one");
    for name in ["nothing..HEAD", "HEAD..nothing", "--all", "--output=x", "-n1", "", "\n--all"] {
        let error = check_range(&sandbox.work(), name, NOBODY).unwrap_err();
        assert!(matches!(error, GuardError::Git { .. }), "{name}: {error}");
    }
    assert!(!sandbox.path("x").exists());
}

/// What a merge has and none of its parents: the scanners that read differences miss it.
#[test]
fn an_evil_merge_is_found() {
    let sandbox = repository();
    sandbox.write("a", "a\n");
    commit(&sandbox, "one");
    sandbox.git(&["checkout", "--quiet", "-b", "side"]);
    sandbox.write("b", "b\n");
    commit(&sandbox, "side");
    sandbox.git(&["checkout", "--quiet", "main"]);
    sandbox.write("c", "c\n");
    commit(&sandbox, "two");
    sandbox.git(&["merge", "--quiet", "--no-commit", "side"]);
    sandbox.write("evil.json", node_key("a"));
    sandbox.write("b", node_key("b"));
    let merge = commit(&sandbox, "merge");
    let expected = [(merge.clone(), "b", KEY), (merge, "evil.json", KEY)];
    assert_eq!(found(&history(&sandbox)), expected);
    assert_eq!(found(&range(&sandbox, "HEAD^1..HEAD")), expected);
}

#[test]
fn what_is_allowed_now_is_judged_by_the_rules_of_now() {
    let sandbox = repository();
    sandbox.write(".gitignore", "*.key\nsecrets/\n");
    sandbox.write("a.enc.yaml", "a: b\n");
    commit(&sandbox, "one");
    sandbox.write(".gitignore", "x\n");
    let removed = commit(&sandbox, "two");
    // The removed lines are news in the range, and past in the history.
    let report = range(&sandbox, "HEAD^..HEAD");
    let rules: Vec<_> = found(&report);
    assert_eq!(rules.len(), 2, "{rules:?}");
    assert!(rules.iter().all(|found| found.0 == removed && found.2 == Rule::UnignoredKeys));
    assert_eq!(
        found(&history(&sandbox)).into_iter().map(|found| found.2).collect::<Vec<_>>(),
        [Rule::NeverSealed]
    );
}

#[test]
fn odd_names_links_and_submodules() {
    let sandbox = repository();
    sandbox.write("sub/a", node_key("sub"));
    sandbox.git(&["-C", "sub", "init", "--quiet"]);
    sandbox.git(&["-C", "sub", "add", "."]);
    sandbox.git(&["-C", "sub", "commit", "--quiet", "--message", "sub"]);
    sandbox.write("line\nbreak.json", node_key("a"));
    sandbox.write("--all", node_key("b"));
    sandbox.write(":x", node_key("c"));
    std::os::unix::fs::symlink("/nowhere", sandbox.path("link")).unwrap();
    sandbox.write("empty", "");
    sandbox.write("binary", [0, 159, 146, 150]);
    commit(&sandbox, "one");
    let report = history(&sandbox);
    let paths: Vec<_> = report.findings.iter().map(|found| found.path.as_str()).collect();
    assert_eq!(paths, ["--all", ":x", "line\nbreak.json"]);
    assert_eq!((report.scanned, report.unread.len()), (6, 0));
    assert!(report.findings.iter().all(|found| found.finding.confidence == Confidence::Proof));
}

#[test]
fn an_object_that_is_gone_is_in_the_report() {
    let sandbox = repository();
    sandbox.write("gone", "gone\n");
    sandbox.write("a.json", node_key("a"));
    let commit = commit(&sandbox, "one");
    let blob = sandbox.git(&["rev-parse", "HEAD:gone"]).out().trim().to_owned();
    let file = sandbox.path(format!(".git/objects/{}/{}", &blob[..2], &blob[2..]));
    std::fs::remove_file(file).unwrap();
    let report = history(&sandbox);
    assert_eq!(found(&report), [(commit.clone(), "a.json", KEY)]);
    let [unread] = report.unread.as_slice() else { panic!("{report}") };
    assert_eq!(unread.path, "gone");
    assert!(unread.reason.contains(&commit), "{}", unread.reason);
}

#[test]
fn a_broken_object_takes_no_others_with_it() {
    let sandbox = repository();
    for (name, text) in [("a.json", node_key("a")), ("b", "b\n".into()), ("c.json", node_key("c"))]
    {
        sandbox.write(name, text);
    }
    commit(&sandbox, "one");
    let blob = sandbox.git(&["rev-parse", "HEAD:b"]).out().trim().to_owned();
    let file = sandbox.path(format!(".git/objects/{}/{}", &blob[..2], &blob[2..]));
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, "no object").unwrap();
    let report = history(&sandbox);
    assert_eq!(found(&report).len(), 2, "{report}");
    assert_eq!(report.unread.len(), 1, "{report}");
    assert!(!report.is_clean());
}

#[test]
fn a_repository_without_a_commit_has_no_history() {
    let report = history(&repository());
    assert_eq!((report.scanned, report.is_clean()), (0, true));
}

#[test]
fn objects_with_names_of_sha_256() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "--quiet", "--object-format=sha256"]);
    sandbox.write("deep/node_key.json", node_key("a"));
    let id = commit(&sandbox, "one");
    assert_eq!(id.len(), 64);
    assert_eq!(found(&history(&sandbox)), [(id, "deep/node_key.json", KEY)]);
}

/// A replacement would hide what everybody else gets.
#[test]
fn replaced_objects_are_seen_as_they_are() {
    let sandbox = repository();
    sandbox.write("a.json", node_key("a"));
    let id = commit(&sandbox, "one");
    let guilty = sandbox.git(&["rev-parse", "HEAD:a.json"]).out().trim().to_owned();
    sandbox.write("b", "b\n");
    let innocent = sandbox.git(&["hash-object", "-w", "b"]).out().trim().to_owned();
    sandbox.git(&["replace", &guilty, &innocent]);
    assert!(found(&history(&sandbox)).contains(&(id, "a.json", KEY)));
}

#[test]
fn progress_is_told_to_the_end() {
    let sandbox = repository();
    for name in ["a", "b", "c"] {
        sandbox.write(name, name);
        commit(&sandbox, name);
    }
    let last = std::sync::atomic::AtomicUsize::new(0);
    let told = |done: usize, all: usize| {
        assert_eq!(all, 6);
        last.fetch_max(done, std::sync::atomic::Ordering::SeqCst);
    };
    check_history(&sandbox.work(), &told).unwrap();
    assert_eq!(last.into_inner(), 6);
}
