//! Commits on their way, with what git tells its hooks, and by git itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use bulla_guard::{GuardError, Report, Rule, check_outgoing, check_pushed, check_received};
use bulla_testkit::{Run, Sandbox, binary};

use crate::commits::{commit, found, head};
use crate::repository;
use crate::validator_keys::node_key;

const KEY: Rule = Rule::ValidatorKey;
const NONE: &str = "0000000000000000000000000000000000000000";
const NOBODY: &(dyn Fn(usize, usize) + Sync) = &|_, _| {};

/// A repository with a remote called `origin`, which has one commit with a key.
fn cloned() -> Sandbox {
    let sandbox = repository();
    sandbox.git(&["init", "--quiet", "--bare", "../remote.git"]);
    sandbox.git(&["remote", "add", "origin", "../remote.git"]);
    sandbox.write("old.json", node_key("old"));
    commit(&sandbox, "before the guard");
    sandbox.git(&["push", "--quiet", "origin", "main"]);
    sandbox
}

#[track_caller]
fn pushed(sandbox: &Sandbox, lines: &[[&str; 4]]) -> Report {
    let lines: String = lines.iter().map(|line| line.join(" ") + "\n").collect();
    check_pushed(&sandbox.work(), Some("origin"), &lines, NOBODY).expect("git does its part")
}

#[test]
fn a_push_is_what_the_remote_does_not_have() {
    let sandbox = cloned();
    let old = head(&sandbox);
    sandbox.write("new.json", node_key("new"));
    let new = commit(&sandbox, "new");
    let expected = [(new.clone(), "new.json", KEY)];
    // A known branch, a new one, and one whose other side nobody here has seen.
    let unknown = "1".repeat(40);
    for before in [old.as_str(), NONE, &unknown] {
        let report = pushed(&sandbox, &[["refs/heads/x", &new, "refs/heads/x", before]]);
        assert_eq!(found(&report), expected, "{before}");
        assert_eq!(report.scanned, 1);
        assert!(report.findings[0].finding.fix.contains("git commit --amend"));
    }
    // To an address nothing is known of but what the line says.
    let line = format!("refs/heads/x {new} refs/heads/x {NONE}\n");
    for address in [None, Some("../other.git"), Some("*")] {
        let report = check_pushed(&sandbox.work(), address, &line, NOBODY).unwrap();
        assert_eq!(found(&report).len(), 2, "{address:?}");
    }
    let report = check_outgoing(&sandbox.work(), "origin", "refs/heads/main", NOBODY).unwrap();
    assert_eq!(found(&report), expected);
}

#[test]
fn a_deleted_branch_and_nothing_at_all_send_nothing() {
    let sandbox = cloned();
    let old = head(&sandbox);
    let report = pushed(&sandbox, &[["(delete)", NONE, "refs/heads/x", &old]]);
    assert_eq!((report.scanned, report.is_clean()), (0, true));
    assert_eq!(pushed(&sandbox, &[]).scanned, 0);
}

#[test]
fn a_forced_push_is_what_is_new_in_it() {
    let sandbox = cloned();
    sandbox.write("a", "a\n");
    let gone = commit(&sandbox, "gone");
    sandbox.git(&["push", "--quiet", "origin", "main"]);
    sandbox.git(&["reset", "--quiet", "--hard", "HEAD^"]);
    sandbox.write("forced.json", node_key("forced"));
    let forced = commit(&sandbox, "forced");
    let report = pushed(&sandbox, &[["refs/heads/main", &forced, "refs/heads/main", &gone]]);
    assert_eq!(found(&report), [(forced, "forced.json", KEY)]);
}

/// It was taken out once, and comes back.
#[test]
fn what_a_revert_brings_back_is_new() {
    let sandbox = cloned();
    sandbox.git(&["rm", "--quiet", "old.json"]);
    let old = commit(&sandbox, "remove");
    sandbox.git(&["push", "--quiet", "origin", "main"]);
    sandbox.git(&["revert", "--no-edit", "HEAD"]);
    let new = head(&sandbox);
    let report = pushed(&sandbox, &[["refs/heads/main", &new, "refs/heads/main", &old]]);
    assert_eq!(found(&report), [(new, "old.json", KEY)]);
}

#[test]
fn tags_are_pushed_too() {
    let sandbox = cloned();
    sandbox.write("x", node_key("blob"));
    let blob = sandbox.git(&["hash-object", "-w", "x"]).out().trim().to_owned();
    sandbox.git(&["tag", "blob", &blob]);
    sandbox.git(&["tag", "--annotate", "--message", &node_key("tag"), "v1"]);
    let tag = sandbox.git(&["rev-parse", "refs/tags/v1"]).out().trim().to_owned();
    let lines = [
        ["refs/tags/blob", &blob, "refs/tags/blob", NONE],
        ["refs/tags/v1", &tag, "refs/tags/v1", NONE],
    ];
    let expected = [(String::new(), "refs/tags/blob", KEY), (tag.clone(), "commit message", KEY)];
    assert_eq!(found(&pushed(&sandbox, &lines)), expected);
}

#[test]
fn lines_that_are_not_gits_are_refused() {
    let sandbox = cloned();
    for lines in ["x\n", "refs/heads/main HEAD refs/heads/main HEAD\n", "a b c\n"] {
        let error = check_pushed(&sandbox.work(), None, lines, NOBODY).unwrap_err();
        assert!(matches!(error, GuardError::Lines), "{lines}: {error}");
    }
    let error = check_received(&sandbox.work(), "a b c d\n", NOBODY).unwrap_err();
    assert!(matches!(error, GuardError::Lines), "{error}");
}

/// Writes a hook that is the one line of the documentation.
fn hook(sandbox: &Sandbox, repository: &str, name: &str) {
    let file = sandbox.path(repository).join("hooks").join(name);
    let bulla = binary("bulla");
    let script = format!("#!/bin/sh\nexec '{}' guard hook {name} \"$@\"\n", bulla.display());
    fs::write(&file, script).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
}

fn push(sandbox: &Sandbox, what: &[&str]) -> Run {
    let mut command = sandbox.command("git");
    sandbox.run(command.args(["push", "--quiet", "origin"]).args(what))
}

#[test]
fn the_server_refuses_what_it_has_not_accepted_yet() {
    let sandbox = cloned();
    hook(&sandbox, "../remote.git", "pre-receive");
    sandbox.write("a", "a\n");
    commit(&sandbox, "a");
    push(&sandbox, &["main"]).ok();

    sandbox.write("deep/new.json", node_key("new"));
    let guilty = commit(&sandbox, "new");
    sandbox.git(&["rm", "--quiet", "-r", "deep"]);
    commit(&sandbox, "gone again");
    for target in ["main", "main:refs/heads/fresh", "+main:refs/heads/forced"] {
        let refused = push(&sandbox, &[target]).fails();
        let said = refused.err();
        assert!(said.contains(&format!("{guilty}:deep/new.json:1:")), "{target}: {said}");
        assert!(said.contains("1 file looked at"), "{target}: {said}");
    }
    // It is not there: a server that was asked keeps nothing of it.
    let mut ask = sandbox.command("git");
    sandbox.run(ask.args(["-C", "../remote.git", "cat-file", "-e", &guilty])).fails();
    sandbox.git(&["reset", "--quiet", "--hard", "HEAD~2"]);
    push(&sandbox, &["main:refs/heads/fresh"]).ok();
    push(&sandbox, &[":refs/heads/fresh"]).ok();
}

#[test]
fn the_client_refuses_to_send_it() {
    let sandbox = cloned();
    hook(&sandbox, ".git", "pre-push");
    sandbox.write("new.json", node_key("new"));
    let guilty = commit(&sandbox, "new");
    let refused = push(&sandbox, &["main", "main:other"]).fails();
    let said = format!("{}{}", refused.out(), refused.err());
    assert!(said.contains(&format!("{guilty}:new.json:1:")), "{said}");
    sandbox.git(&["reset", "--quiet", "--hard", "HEAD^"]);
    push(&sandbox, &["main:other"]).ok();
    push(&sandbox, &[":other"]).ok();
}
