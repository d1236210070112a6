//! In a terminal: what is staged in the clear is offered to be sealed and staged.

use std::env;
use std::ffi::OsString;
use std::process::Command;

use bulla_testkit::{Sandbox, Terminal, binary, keys};

use crate::repository;

const PASSWORD: &str = "hunter2-correct-horse";
const QUESTION: &str = "seal and stage apps/db.yaml? [y/N] ";
const FILE: &str = "apps/db.yaml";

fn secret(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {name}\nstringData:\n  password: {PASSWORD}\n"
    )
}

/// A repository with a commit, the hooks, and a rule for what is below `apps`.
fn with_hooks() -> Sandbox {
    let sandbox = repository();
    let recipient = keys::age_recipient();
    let rules = format!("creation_rules:\n  - path_glob: 'apps/*.yaml'\n    age: {recipient}\n");
    sandbox.write(".sops-rules.yaml", rules);
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "--quiet", "--message", "Rules"]);
    sandbox.run(sandbox.bulla().args(["guard", "install"])).ok();
    sandbox
}

/// PATH with `bulla` before everything else: hooks start it by its name.
fn path() -> OsString {
    let own = binary("bulla").parent().map(ToOwned::to_owned);
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths(own.into_iter().chain(env::split_paths(&path))).expect("no `:` in it")
}

/// A terminal, at which somebody can be asked.
fn at_terminal(mut command: Command, arguments: &[&str]) -> Terminal {
    // The sandbox forbids questions.
    command.env_remove("GIT_TERMINAL_PROMPT").args(arguments);
    Terminal::start(command)
}

fn git(sandbox: &Sandbox, arguments: &[&str]) -> Terminal {
    let mut git = sandbox.command("git");
    git.env("PATH", path());
    at_terminal(git, arguments)
}

fn bulla(sandbox: &Sandbox, arguments: &[&str]) -> Terminal {
    at_terminal(sandbox.bulla(), arguments)
}

/// What is in the index.
fn staged(sandbox: &Sandbox, file: &str) -> String {
    sandbox.run(sandbox.command("git").args(["show", &format!(":{file}")])).ok().out().to_owned()
}

fn commits(sandbox: &Sandbox) -> String {
    let count = sandbox.run(sandbox.command("git").args(["rev-list", "--count", "HEAD"]));
    count.ok().out().trim().to_owned()
}

/// Sealed, for the recipient of the rule, and what it was when it is opened.
#[track_caller]
fn is_sealed(sandbox: &Sandbox, text: &str, plain: &str) {
    assert!(text.contains("ENC[") && !text.contains(PASSWORD), "{text}");
    let mut open = sandbox.bulla();
    open.env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
    open.args(["decrypt", "--input-type", "yaml"]);
    let opened = sandbox.run_with(&mut open, text).ok();
    assert_eq!(opened.out(), plain);
}

#[test]
fn yes_seals_stages_and_commits() {
    let sandbox = with_hooks();
    sandbox.write(FILE, secret("db"));
    sandbox.git(&["add", "."]);
    let mut terminal = git(&sandbox, &["commit", "--message", "Add db"]);
    terminal.expect("[readable-secret, structure]").expect(QUESTION).type_line("y");
    let (code, seen) = terminal.ends();
    assert_eq!(code, 0, "{seen}");
    assert!(seen.contains("1 file looked at, 0 findings"), "{seen}");
    assert_eq!(commits(&sandbox), "2");
    is_sealed(&sandbox, &sandbox.read_text(FILE), &secret("db"));
    let status = sandbox.run(sandbox.command("git").args(["status", "--porcelain"])).ok();
    assert_eq!(status.out(), "");
    let history = sandbox.run(sandbox.bulla().args(["guard", "--history"])).ok();
    assert!(history.out().contains("0 findings"), "{}", history.out());
}

#[test]
fn anything_else_is_no() {
    let sandbox = with_hooks();
    sandbox.write(FILE, secret("db"));
    sandbox.git(&["add", "."]);
    for answer in ["", "n", "no", "yeah"] {
        let mut terminal = git(&sandbox, &["commit", "--message", "Add db"]);
        terminal.expect(QUESTION).type_line(answer);
        assert_ne!(terminal.ends().0, 0, "{answer:?}");
        assert_eq!(sandbox.read_text(FILE), secret("db"));
        assert_eq!(staged(&sandbox, FILE), secret("db"));
    }
    for key in ['c', 'd'] {
        let mut terminal = git(&sandbox, &["commit", "--message", "Add db"]);
        terminal.expect(QUESTION).press_control(key);
        assert_ne!(terminal.ends().0, 0, "ctrl-{key}");
        assert_eq!(sandbox.read_text(FILE), secret("db"));
        assert_eq!(staged(&sandbox, FILE), secret("db"));
    }
    assert_eq!(commits(&sandbox), "1");
    assert!(!sandbox.path(".git/index.lock").exists());
}

#[test]
fn each_file_is_asked_about_by_itself() {
    let sandbox = with_hooks();
    for name in ["a", "b", "c"] {
        sandbox.write(format!("apps/{name}.yaml"), secret(name));
    }
    sandbox.git(&["add", "."]);
    let mut terminal = bulla(&sandbox, &["guard"]);
    terminal.expect("seal and stage apps/a.yaml?").type_line("y");
    terminal.expect("seal and stage apps/b.yaml?").type_line("n");
    terminal.expect("seal and stage apps/c.yaml?").type_line("YES");
    let (code, seen) = terminal.ends();
    assert_eq!(code, 1, "{seen}");
    assert!(seen.contains("3 files looked at, 2 findings"), "{seen}");
    for (name, sealed) in [("a", true), ("b", false), ("c", true)] {
        let text = staged(&sandbox, &format!("apps/{name}.yaml"));
        assert_eq!(text.contains("ENC["), sealed, "{name}");
        assert_eq!(text, sandbox.read_text(format!("apps/{name}.yaml")));
    }
}

/// What is not staged is nowhere but in the work tree.
#[test]
fn work_that_is_not_staged_is_never_sealed_over() {
    let sandbox = with_hooks();
    sandbox.write(FILE, secret("db"));
    sandbox.git(&["add", "."]);
    let edited = secret("db").replace(PASSWORD, "another-one");
    sandbox.write(FILE, &edited);
    let refused = |sandbox: &Sandbox| {
        let (code, seen) = git(sandbox, &["commit", "--message", "Add db"]).ends();
        assert_ne!(code, 0, "{seen}");
        assert!(seen.contains("not offered to be sealed"), "{seen}");
        assert!(!seen.contains("[y/N]"), "{seen}");
        assert_eq!(staged(sandbox, FILE), secret("db"));
    };
    refused(&sandbox);
    assert_eq!(sandbox.read_text(FILE), edited);
    // git is told to take it for unchanged.
    sandbox.git(&["update-index", "--assume-unchanged", FILE]);
    refused(&sandbox);
    assert_eq!(sandbox.read_text(FILE), edited);
    sandbox.git(&["update-index", "--no-assume-unchanged", FILE]);
    // Gone from the work tree, and a link to something else.
    std::fs::remove_file(sandbox.path(FILE)).unwrap();
    refused(&sandbox);
    sandbox.write("elsewhere", secret("db"));
    std::os::unix::fs::symlink("../elsewhere", sandbox.path(FILE)).unwrap();
    refused(&sandbox);
    assert_eq!(sandbox.read_text("elsewhere"), secret("db"));
}

/// The answer comes after the file was changed in an editor.
#[test]
fn what_changes_while_the_question_is_open_is_not_sealed_over() {
    let sandbox = with_hooks();
    sandbox.write(FILE, secret("db"));
    sandbox.git(&["add", "."]);
    let mut terminal = git(&sandbox, &["commit", "--message", "Add db"]);
    terminal.expect(QUESTION);
    let edited = secret("db").replace(PASSWORD, "another-one");
    sandbox.write(FILE, &edited);
    terminal.type_line("y").expect("not offered to be sealed");
    assert_ne!(terminal.ends().0, 0);
    assert_eq!(sandbox.read_text(FILE), edited);
}

#[test]
fn the_other_ways_to_commit() {
    let sandbox = with_hooks();
    sandbox.write(FILE, "apiVersion: v1\nkind: Secret\nstringData: {}\n");
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "--quiet", "--no-verify", "--message", "Nothing in it yet"]);
    sandbox.write(FILE, secret("db"));
    // One file, past the index: what is sealed would be missing there afterwards.
    let (code, seen) = git(&sandbox, &["commit", "--message", "db", "--", FILE]).ends();
    assert_ne!(code, 0);
    assert!(seen.contains("git commits it past the index"), "{seen}");
    assert_eq!(sandbox.read_text(FILE), secret("db"));
    // Everything that is changed, with an index that git makes for it.
    let mut terminal = git(&sandbox, &["commit", "--all", "--message", "db"]);
    terminal.expect(QUESTION).type_line("y");
    let (code, seen) = terminal.ends();
    assert_eq!(code, 0, "{seen}");
    is_sealed(&sandbox, &staged(&sandbox, FILE), &secret("db"));
    let status = sandbox.run(sandbox.command("git").args(["status", "--porcelain"])).ok();
    assert_eq!(status.out(), "");
    // A worktree, from a folder below its top.
    sandbox.git(&["worktree", "add", "--quiet", "../other"]);
    sandbox.write("../other/apps/two.yaml", secret("two"));
    sandbox.git(&["-C", "../other", "add", "."]);
    let mut terminal = git(&sandbox, &["-C", "../other/apps", "commit", "--message", "two"]);
    terminal.expect("seal and stage apps/two.yaml?").type_line("y");
    assert_eq!(terminal.ends().0, 0);
    is_sealed(&sandbox, &sandbox.read_text("../other/apps/two.yaml"), &secret("two"));
    // The command itself, from there.
    sandbox.write("../other/apps/three.yaml", secret("three"));
    sandbox.git(&["-C", "../other", "add", "."]);
    let mut guard = sandbox.bulla();
    guard.current_dir(sandbox.path("../other/apps"));
    let mut terminal = at_terminal(guard, &["guard"]);
    terminal.expect("seal and stage apps/three.yaml?").type_line("y");
    assert_eq!(terminal.ends().0, 0);
    is_sealed(&sandbox, &sandbox.read_text("../other/apps/three.yaml"), &secret("three"));
}

/// git has made the tree of a merge before it asks: the plaintext would be committed.
#[test]
fn a_merge_is_offered_nothing() {
    let sandbox = with_hooks();
    let commit = ["commit", "--quiet", "--no-verify", "--message", "c"];
    sandbox.git(&["checkout", "--quiet", "-b", "side"]);
    sandbox.write(FILE, secret("db"));
    sandbox.git(&["add", "."]);
    sandbox.git(&commit);
    sandbox.git(&["checkout", "--quiet", "-"]);
    sandbox.write("c", "c\n");
    sandbox.git(&["add", "."]);
    sandbox.git(&commit);
    let (code, seen) = git(&sandbox, &["merge", "--no-edit", "side"]).ends();
    assert_ne!(code, 0, "{seen}");
    assert!(seen.contains("readable-secret") && !seen.contains("[y/N]"), "{seen}");
    assert_eq!(commits(&sandbox), "2");
}

#[test]
fn nobody_is_asked_where_nobody_answers() {
    let sandbox = with_hooks();
    sandbox.write(FILE, secret("db"));
    // No rule covers this one.
    sandbox.write("elsewhere.yaml", secret("else"));
    sandbox.git(&["add", "."]);
    let not_asked = |terminal: Terminal| {
        let (code, seen) = terminal.ends();
        assert_eq!((code, seen.contains("[y/N]")), (1, false), "{seen}");
    };
    let mut in_ci = sandbox.bulla();
    in_ci.env("CI", "true");
    not_asked(at_terminal(in_ci, &["guard"]));
    // As the sandbox has it: git is told to ask nothing.
    let mut quiet = sandbox.bulla();
    quiet.arg("guard");
    not_asked(Terminal::start(quiet));
    for format in ["json", "sarif", "github", "gitlab"] {
        not_asked(bulla(&sandbox, &["guard", "--format", format]));
    }
    not_asked(bulla(&sandbox, &["guard", "apps"]));
    // Without a terminal, and with one that others write to.
    let run = sandbox.run(sandbox.bulla().arg("guard")).exits(1);
    assert!(!run.out().contains("[y/N]") && !run.err().contains("[y/N]"));
    let mut piped = sandbox.command("sh");
    piped.args(["-c", "\"$0\" guard | cat; echo done"]).arg(binary("bulla"));
    let (_, seen) = at_terminal(piped, &[]).ends();
    assert!(seen.contains("done") && !seen.contains("[y/N]"), "{seen}");
    // In the terminal, about the file that has a rule, and no other.
    let mut terminal = bulla(&sandbox, &["guard"]);
    terminal.expect(QUESTION).type_line("n");
    let (code, seen) = terminal.ends();
    assert_eq!((code, seen.matches("[y/N]").count()), (1, 1), "{seen}");
    assert_eq!(sandbox.read_text(FILE), secret("db"));
}

/// A rule without its recipient's key, and one that a value goes past: said, and nothing
/// is changed.
#[test]
fn what_cannot_be_sealed_stays_as_it_is() {
    let sandbox = with_hooks();
    let recipient = keys::age_recipient();
    let rules = format!(
        "creation_rules:\n  - path_glob: 'apps/*.yaml'\n    age: {recipient}\n    encrypted_regex: ^token$\n"
    );
    sandbox.write(".sops-rules.yaml", rules);
    sandbox.write(FILE, secret("db"));
    sandbox.git(&["add", "."]);
    let mut terminal = git(&sandbox, &["commit", "--message", "Add db"]);
    terminal.expect(QUESTION).type_line("y");
    let (code, seen) = terminal.ends();
    assert_ne!(code, 0, "{seen}");
    assert_eq!(sandbox.read_text(FILE), secret("db"));
    assert_eq!(staged(&sandbox, FILE), secret("db"));
}
