//! What is about to be committed, and nothing else.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use bulla_guard::{GuardError, Rule, check_staged};
use bulla_testkit::Sandbox;
use sha2::{Digest, Sha256};

use crate::validator_keys::{node_key, priv_val_key};
use crate::{found, repository, staged};

const KEY: Rule = Rule::ValidatorKey;

#[test]
fn nothing_staged_is_nothing_to_look_at() {
    let sandbox = repository();
    sandbox.write("node_key.json", node_key("a"));
    let report = staged(&sandbox);
    assert!(report.is_clean());
    assert_eq!(report.to_string(), "0 files looked at, 0 findings");
}

#[test]
fn before_the_first_commit() {
    let sandbox = repository();
    sandbox.write("keys/node_key.json", node_key("a"));
    sandbox.write("README.md", "# Nothing\n");
    sandbox.git(&["add", "."]);
    let report = staged(&sandbox);
    assert_eq!(found(&report), [("keys/node_key.json", 1, KEY)]);
    assert_eq!(report.scanned, 2);
}

#[test]
fn the_index_counts_and_not_the_work_tree() {
    let sandbox = repository();
    sandbox.write("a.json", node_key("a"));
    sandbox.write("b.json", "{}\n");
    sandbox.git(&["add", "."]);
    sandbox.write("a.json", "{}\n");
    sandbox.write("b.json", node_key("b"));
    assert_eq!(found(&staged(&sandbox)), [("a.json", 1, KEY)]);
}

#[test]
fn what_is_committed_or_removed_is_not_looked_at_again() {
    let sandbox = repository();
    sandbox.write("old.json", node_key("a"));
    sandbox.write("gone.json", node_key("b"));
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "--quiet", "--message", "before the guard"]);
    sandbox.git(&["rm", "--quiet", "gone.json"]);
    sandbox.write("new.yaml", "a: b\n");
    sandbox.git(&["add", "."]);
    let report = staged(&sandbox);
    assert_eq!((report.scanned, report.is_clean()), (1, true));
}

#[test]
fn a_renamed_file_is_looked_at() {
    let sandbox = repository();
    sandbox.write("a.json", node_key("a"));
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "--quiet", "--message", "before the guard"]);
    sandbox.git(&["mv", "a.json", "b.json"]);
    assert_eq!(found(&staged(&sandbox)), [("b.json", 1, KEY)]);
}

#[test]
fn settings_of_git_hide_nothing() {
    let sandbox = repository();
    sandbox.write("top.json", node_key("a"));
    sandbox.write("deep/er/a.json", node_key("b"));
    sandbox.git(&["add", "."]);
    for setting in [
        ["diff.relative", "true"],
        ["diff.noprefix", "true"],
        ["diff.external", "true"],
        ["diff.renames", "copies"],
        ["core.quotePath", "true"],
        ["color.ui", "always"],
    ] {
        sandbox.git(&["config", setting[0], setting[1]]);
    }
    sandbox.write(".gitattributes", "*.json diff=nothing -diff\n");
    for folder in [sandbox.work(), sandbox.path("deep/er")] {
        assert_eq!(check_staged(&folder).unwrap().findings.len(), 2);
    }
}

#[test]
fn a_merge_commit_shows_what_it_brings() {
    let sandbox = repository();
    sandbox.write("a", "a\n");
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "--quiet", "--message", "one"]);
    sandbox.git(&["checkout", "--quiet", "-b", "side"]);
    sandbox.write("key.json", node_key("a"));
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "--quiet", "--message", "side"]);
    sandbox.git(&["checkout", "--quiet", "main"]);
    sandbox.write("b", "b\n");
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "--quiet", "--message", "two"]);
    sandbox.git(&["merge", "--quiet", "--no-commit", "side"]);
    assert_eq!(found(&staged(&sandbox)), [("key.json", 1, KEY)]);
}

#[test]
fn a_second_worktree_has_an_index_of_its_own() {
    let sandbox = repository();
    sandbox.write("a", "a\n");
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "--quiet", "--message", "one"]);
    sandbox.git(&["worktree", "add", "--quiet", "../other"]);
    sandbox.write("../other/key.json", node_key("a"));
    sandbox.git(&["-C", "../other", "add", "."]);
    assert_eq!(
        found(&check_staged(&sandbox.root().join("other")).unwrap()),
        [("key.json", 1, KEY)]
    );
    assert!(staged(&sandbox).is_clean());
}

#[test]
fn odd_names_and_odd_entries() {
    let sandbox = repository();
    let names: [&[u8]; 4] =
        [b"line\nbreak.json", b"quote\"\t.json", "ü.json".as_bytes(), b"\xff.json"];
    for name in names {
        sandbox.write(OsStr::from_bytes(name), node_key("a"));
    }
    symlink("/etc/passwd", sandbox.path("link")).unwrap();
    sandbox.write("empty", "");
    sandbox.write("binary", [0, 159, 146, 150]);
    sandbox.write("huge", vec![b'{'; 3 << 20]);
    sandbox.write("sub/a", "a\n");
    sandbox.git(&["-C", "sub", "init", "--quiet"]);
    sandbox.git(&["-C", "sub", "add", "."]);
    sandbox.git(&["-C", "sub", "commit", "--quiet", "--message", "sub"]);
    sandbox.git(&["add", "."]);
    let report = staged(&sandbox);
    let paths: Vec<_> = report.findings.iter().map(|found| found.path.as_str()).collect();
    assert_eq!(paths, ["line\nbreak.json", "quote\"\t.json", "ü.json", "\u{fffd}.json"]);
    assert_eq!((report.scanned, report.unread.len()), (8, 0));
    assert_eq!(report.to_string().lines().count(), 5, "{report}");
}

#[test]
fn a_file_that_is_larger_than_what_is_held_in_memory() {
    let sandbox = repository();
    let line = "# nothing to see here, and a lot of it\n";
    let half = line.repeat((40 << 20) / line.len());
    let text = format!("{half}key: {}\n{half}", node_key("a"));
    assert!(text.len() > 64 << 20);
    let line = text[..text.find("key: ").unwrap()].lines().count() + 1;
    sandbox.write("large.yaml", text);
    sandbox.git(&["add", "."]);
    assert_eq!(found(&staged(&sandbox)), [("large.yaml", line, Rule::Ed25519Key)]);
}

#[test]
fn a_report_shows_nothing_of_what_it_found() {
    let sandbox = repository();
    sandbox.write("priv_val_key.json", priv_val_key("a"));
    sandbox.write("secret.yaml", "kind: Secret\nstringData:\n  password: hunter2-hunter2\n");
    sandbox.git(&["add", "."]);
    let report = staged(&sandbox).to_string();
    assert_eq!(report.lines().count(), 3);
    let values: Vec<_> = priv_val_key("a").split('"').map(str::to_owned).collect();
    for value in
        values.iter().filter(|value| value.len() > 30).map(String::as_str).chain(["hunter2"])
    {
        assert!(!report.contains(&value[..7]), "{report}");
    }
}

#[test]
fn where_there_is_no_repository() {
    let sandbox = Sandbox::new();
    let error = check_staged(&sandbox.work()).unwrap_err();
    assert!(matches!(error, GuardError::Git { command: "diff", .. }), "{error}");
}

/// A blob as the filter of Git LFS makes it, whose content is where that puts it.
fn large_file(sandbox: &Sandbox, storage: &str, path: &str, content: &str) {
    let digest = Sha256::digest(content);
    let oid = hex::encode(digest);
    let folder = format!("{storage}/objects/{}/{}", &oid[..2], &oid[2..4]);
    sandbox.write(format!("{folder}/{oid}"), content);
    let version = "version https://git-lfs.github.com/spec/v1";
    sandbox.write(path, format!("{version}\noid sha256:{oid}\nsize {}\n", content.len()));
}

#[test]
fn contents_of_git_lfs_are_looked_at_where_they_are() {
    let sandbox = repository();
    large_file(&sandbox, ".git/lfs", "node_key.json", &node_key("a"));
    large_file(&sandbox, ".git/lfs", "model.bin", "no key");
    sandbox.git(&["add", "."]);
    let report = staged(&sandbox);
    assert_eq!(found(&report), [("node_key.json", 1, KEY)]);
    assert_eq!(report.scanned, 2);
    // In every worktree.
    sandbox.git(&["commit", "--quiet", "--message", "x"]);
    sandbox.git(&["worktree", "add", "--quiet", "../other"]);
    let other = sandbox.root().join("other");
    std::fs::write(other.join("a"), sandbox.read_text("node_key.json")).unwrap();
    sandbox.git(&["-C", &other.to_string_lossy(), "add", "."]);
    assert_eq!(check_staged(&other).unwrap().findings.len(), 1);
    // And in what was committed.
    let history = bulla_guard::check_history(&sandbox.work(), &|_, _| {}).unwrap();
    assert_eq!(found(&history), [("node_key.json", 1, KEY)]);
}

#[test]
fn contents_of_git_lfs_are_elsewhere_or_nowhere() {
    let sandbox = repository();
    sandbox.git(&["config", "lfs.storage", "somewhere/else"]);
    large_file(&sandbox, ".git/somewhere/else", "node_key.json", &node_key("a"));
    sandbox.git(&["add", "node_key.json"]);
    assert_eq!(found(&staged(&sandbox)), [("node_key.json", 1, KEY)]);
    std::fs::remove_dir_all(sandbox.path(".git/somewhere")).unwrap();
    assert!(staged(&sandbox).is_clean());
    // What stands below a pointer is no pointer's business.
    let pointer = sandbox.read_text("node_key.json");
    sandbox.write("node_key.json", pointer + &node_key("b"));
    sandbox.git(&["add", "node_key.json"]);
    assert_eq!(found(&staged(&sandbox)), [("node_key.json", 4, KEY)]);
}
