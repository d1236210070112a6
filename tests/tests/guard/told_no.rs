//! What a repository lets pass: the baseline that is written, and the audit of it all.

use bulla_testkit::{Run, Sandbox};

use crate::repository;
use crate::validator_keys::node_key;

const SECRET: &str = "kind: Secret\nstringData:\n  a: hunter2\n";

fn guard(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.run(sandbox.bulla().arg("guard").args(arguments))
}

fn commit(sandbox: &Sandbox, message: &str) {
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "--quiet", "--message", message]);
}

/// A repository whose guard came late.
fn with_secrets() -> Sandbox {
    let sandbox = repository();
    sandbox.write("a/s.yaml", SECRET);
    sandbox.write("node_key.json", node_key("a"));
    sandbox.write("clean.yaml", "a: b\n");
    commit(&sandbox, "Before the guard");
    sandbox
}

#[test]
fn a_baseline_lets_a_repository_begin() {
    let sandbox = with_secrets();
    guard(&sandbox, &["."]).exits(1);
    let run = guard(&sandbox, &["baseline"]).ok();
    assert!(run.err().contains("wrote, with 2 of the findings in 3 files"), "{}", run.err());
    let text = sandbox.read_text(".bulla-baseline");
    assert!(!text.contains("hunter") && text.contains(" readable-secret a/s.yaml\n"), "{text}");
    let clean = guard(&sandbox, &["."]).ok();
    assert!(clean.out().contains("0 findings, 2 allowed"), "{}", clean.out());
    commit(&sandbox, "Add the guard");

    // What comes later is found, and what is put in the place of something known.
    sandbox.write("a/s.yaml", SECRET.replace("hunter2", "hunter3"));
    sandbox.git(&["add", "."]);
    guard(&sandbox, &["--staged"]).exits(1);
    sandbox.write("a/s.yaml", format!("# more\n{SECRET}"));
    sandbox.git(&["add", "."]);
    guard(&sandbox, &["--staged"]).ok();
    sandbox.write("node_key.json", node_key("b"));
    guard(&sandbox, &["node_key.json"]).exits(1);
}

#[test]
fn a_baseline_that_is_written_again_keeps_its_entries_and_forgets_what_is_gone() {
    let sandbox = with_secrets();
    guard(&sandbox, &["baseline"]).ok();
    let first = sandbox.read_text(".bulla-baseline");
    // From any directory of the repository.
    sandbox.run(sandbox.bulla().current_dir(sandbox.path("a")).args(["guard", "baseline"])).ok();
    assert_eq!(sandbox.read_text(".bulla-baseline"), first);
    sandbox.write("a/s.yaml", "a: b\n");
    guard(&sandbox, &["baseline"]).ok();
    let second = sandbox.read_text(".bulla-baseline");
    assert_eq!(second.lines().count() + 1, first.lines().count());
    assert!(second.lines().all(|line| first.contains(line)));
    // Another repository has another key.
    let other = with_secrets();
    guard(&other, &["baseline"]).ok();
    let other = other.read_text(".bulla-baseline");
    assert!(other.lines().skip(2).all(|line| !first.contains(line)), "{other}");
}

#[test]
fn a_baseline_needs_a_repository_and_rules_in_order() {
    let outside = Sandbox::new();
    guard(&outside, &["baseline"]).exits(2);
    guard(&outside, &["audit"]).exits(2);
    let sandbox = with_secrets();
    sandbox.write(".bulla-baseline", "nothing\n");
    guard(&sandbox, &["baseline"]).exits(2);
    assert_eq!(sandbox.read_text(".bulla-baseline"), "nothing\n");
}

#[test]
fn an_audit_says_what_is_allowed_since_when_and_what_is_out_of_date() {
    let sandbox = with_secrets();
    let allow = |rule: &str, more: &str| {
        format!("  - path_glob: a/**\n    rule: {rule}\n    reason: made up\n{more}")
    };
    sandbox
        .write(".sops-rules.yaml", format!("guard:\n  allow:\n{}", allow("readable-secret", "")));
    commit(&sandbox, "Allow the Secret");
    let rules = sandbox.read_text(".sops-rules.yaml")
        + &allow("age-key", "")
        + &allow("credential", "    expires: 2001-12-31\n");
    sandbox.write(".sops-rules.yaml", rules);
    sandbox.write("b.env", "DB_PASSWORD=kmh7Gf3jq # bulla:allow a test\nA=b # bulla:allow gone\n");
    commit(&sandbox, "Allow more");
    guard(&sandbox, &["baseline"]).ok();
    let run = guard(&sandbox, &["audit"]).exits(1);
    let page = sandbox.normalise(run.out());
    let lines: Vec<&str> = page.lines().collect();
    let line = |start: &str| {
        let found = lines.iter().find(|line| line.starts_with(start));
        found.unwrap_or_else(|| panic!("no {start} in {page}"))
    };
    let secret =
        line(".sops-rules.yaml:3: readable-secret, path_glob: a/**: made up; 1 finding; since ");
    assert!(secret.ends_with(" \"Allow the Secret\""), "{secret}");
    let key =
        line(".sops-rules.yaml:6: age-key, path_glob: a/**: made up; allows nothing any more");
    assert!(key.ends_with(" \"Allow more\""), "{key}");
    line(".sops-rules.yaml:9: credential, path_glob: a/**: made up; expired on 2001-12-31");
    line("b.env:1: credential: a test; 1 finding; since ");
    line("b.env:2: a comment; allows nothing any more");
    let known = line(".bulla-baseline:4: validator-key node_key.json; 1 finding; ");
    assert!(known.ends_with("not committed"), "{known}");
    assert_eq!(lines.last(), Some(&"6 allows, 3 out of date, 5 files"));
    assert!(!run.out().contains("kmh7") && !run.out().contains("hunter"));
}

#[test]
fn an_audit_of_what_is_in_order_is_clean() {
    let sandbox = with_secrets();
    guard(&sandbox, &["baseline"]).ok();
    commit(&sandbox, "Add the guard");
    let run = guard(&sandbox, &["audit"]).ok();
    assert!(run.out().ends_with("2 allows, 0 out of date, 4 files\n"), "{}", run.out());
    assert_eq!(run.out().matches("\"Add the guard\"").count(), 2, "{}", run.out());
}

/// By the commit that a message is of, in a folder that stands for all of them.
#[test]
fn messages_can_be_let_pass() {
    let sandbox = repository();
    let allow = |path: &str| {
        let rules = format!(
            "guard:\n  allow:\n    - path_glob: {path}\n      rule: validator-key\n      reason: made up\ncreation_rules:\n  - path_glob: '*/*'\n    age: {}\n",
            bulla_testkit::keys::age_recipient()
        );
        sandbox.write(".sops-rules.yaml", rules);
    };
    allow("COMMIT_MSG/other");
    let guilty = crate::commits::commit(&sandbox, &format!("first\n\n{}", node_key("a")));
    let run = guard(&sandbox, &["--history"]).exits(1);
    assert_eq!(run.out().lines().count(), 2, "a message is nothing to seal: {}", run.out());
    assert!(run.out().starts_with(&format!("{guilty}:commit message:3:")), "{}", run.out());
    allow(&format!("COMMIT_MSG/{guilty}"));
    commit(&sandbox, "Allow it");
    let run = guard(&sandbox, &["--range", "HEAD"]).ok();
    assert!(run.out().contains("1 allowed"), "{}", run.out());
    guard(&sandbox, &["--history"]).ok();

    // The message that is about to be a commit's has no other name yet.
    let message = sandbox.write("message", node_key("b")).display().to_string();
    guard(&sandbox, &["hook", "commit-msg", &message]).exits(1);
    allow("COMMIT_MSG/new");
    guard(&sandbox, &["hook", "commit-msg", &message]).ok();
}

#[test]
fn a_baseline_of_the_history_lets_all_of_it_pass_and_nothing_new() {
    let sandbox = with_secrets();
    let guilty = crate::commits::commit(&sandbox, &node_key("message"));
    sandbox.git(&["rm", "--quiet", "a/s.yaml"]);
    sandbox.git(&["commit", "--quiet", "--message", "Gone"]);
    guard(&sandbox, &["--history"]).exits(1);
    guard(&sandbox, &["baseline", "--history"]).ok();
    let text = sandbox.read_text(".bulla-baseline");
    assert!(text.contains(&format!(" validator-key COMMIT_MSG/{guilty}\n")), "{text}");
    commit(&sandbox, "Add the baseline");
    guard(&sandbox, &["--history"]).ok();
    guard(&sandbox, &["audit", "--history"]).ok();
    // Without the history most of it seems to be about nothing.
    guard(&sandbox, &["audit"]).exits(1);
    guard(&sandbox, &["baseline", "--history"]).ok();
    assert_eq!(sandbox.read_text(".bulla-baseline"), text);
    crate::commits::commit(&sandbox, &node_key("another"));
    guard(&sandbox, &["--history"]).exits(1);
}
