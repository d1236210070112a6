//! The hooks, run by real git. Where they ask for `bulla`, a script answers.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::{fs, io};

use bulla_guard::{GuardError, Hook, Manager, install_hooks, uninstall_hooks};
use bulla_testkit::{Run, Sandbox};

use crate::repository;

/// Writes a program for everybody.
fn program(path: &Path, script: &str) -> io::Result<()> {
    fs::write(path, format!("#!/bin/sh\n{script}"))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

/// git with a `bulla` that ends with `code`, or without any.
fn git(sandbox: &Sandbox, code: Option<i32>, arguments: &[&str]) -> Run {
    let bin = sandbox.root().join("bin");
    fs::create_dir_all(&bin).expect("the sandbox can be written");
    if let Some(code) = code {
        let script = format!(
            "echo \"asked: $1 $2 $3\" >> \"$HOME/asked\"\n[ $3 != pre-push ] || cat >> \"$HOME/asked\"\nexit {code}\n"
        );
        program(&bin.join("bulla"), &script).expect("the sandbox can be written");
    }
    let mut command = sandbox.command("git");
    command.env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
    sandbox.run(command.args(arguments))
}

fn commit(sandbox: &Sandbox, code: Option<i32>) -> Run {
    git(sandbox, code, &["commit", "--allow-empty", "--quiet", "--message", "x"])
}

fn asked(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.home().join("asked")).unwrap_or_default()
}

const BOTH: &str = "asked: guard hook pre-commit\nasked: guard hook commit-msg\n";

#[test]
fn git_asks_before_each_commit() {
    let sandbox = repository();
    let installed = install_hooks(&sandbox.work()).unwrap();
    assert_eq!(installed.iter().map(|one| one.hook).collect::<Vec<_>>(), Hook::ALL);
    assert!(installed.iter().all(|one| one.changed && one.chained.is_none()));
    assert_eq!(installed[0].file, sandbox.path(".git/hooks/pre-commit"));
    commit(&sandbox, Some(1)).fails();
    sandbox.run(sandbox.command("git").args(["rev-parse", "HEAD"])).fails();
    assert_eq!(asked(&sandbox), "asked: guard hook pre-commit\n");
    commit(&sandbox, Some(0)).ok();
    assert!(asked(&sandbox).ends_with(BOTH));
}

#[test]
fn without_bulla_nothing_is_committed() {
    let sandbox = repository();
    install_hooks(&sandbox.work()).unwrap();
    let run = commit(&sandbox, None).fails();
    assert!(run.err().contains("bulla is not on PATH"), "{}", run.err());
}

#[test]
fn installing_twice_changes_nothing() {
    let sandbox = repository();
    let first = install_hooks(&sandbox.work()).unwrap();
    let second = install_hooks(&sandbox.work()).unwrap();
    assert!(second.iter().all(|one| !one.changed && one.chained.is_none()));
    let files =
        |all: &[bulla_guard::Installed]| all.iter().map(|one| one.file.clone()).collect::<Vec<_>>();
    assert_eq!(files(&first), files(&second));
}

#[test]
fn an_older_hook_is_kept_and_runs_first() {
    let sandbox = repository();
    let hook = sandbox.path(".git/hooks/pre-commit");
    program(&hook, "echo older >> \"$HOME/asked\"\n").unwrap();
    let installed = install_hooks(&sandbox.work()).unwrap();
    let older = sandbox.path(".git/hooks/pre-commit.local");
    assert_eq!(installed[0].chained.as_ref(), Some(&older));
    commit(&sandbox, Some(0)).ok();
    assert_eq!(asked(&sandbox), format!("older\n{BOTH}"));
    // Its refusal counts, and installing again keeps it.
    program(&older, "echo no >&2\nexit 3\n").unwrap();
    assert!(install_hooks(&sandbox.work()).unwrap().iter().all(|one| !one.changed));
    let run = commit(&sandbox, Some(0)).fails();
    assert!(run.err().contains("no"));
    assert_eq!(asked(&sandbox), format!("older\n{BOTH}"));
    // And it is put back.
    assert_eq!(uninstall_hooks(&sandbox.work()).unwrap().len(), 4);
    assert_eq!(sandbox.read_text(".git/hooks/pre-commit"), "#!/bin/sh\necho no >&2\nexit 3\n");
    assert!(!older.exists() && !sandbox.path(".git/hooks/pre-push").exists());
    assert_eq!(uninstall_hooks(&sandbox.work()).unwrap().len(), 0);
}

#[test]
fn both_get_the_lines_of_a_push() {
    let sandbox = repository();
    sandbox.git(&["init", "--quiet", "--bare", "../remote.git"]);
    sandbox.git(&["remote", "add", "origin", "../remote.git"]);
    program(&sandbox.path(".git/hooks/pre-push"), "cat >> \"$HOME/asked\"\n").unwrap();
    commit(&sandbox, Some(0)).ok();
    install_hooks(&sandbox.work()).unwrap();
    git(&sandbox, Some(0), &["push", "--quiet", "origin", "HEAD:main"]).ok();
    let asked = asked(&sandbox);
    let (older, ours) = asked.split_once("asked: guard hook pre-push\n").expect("we are asked");
    assert_eq!(older, ours);
    assert!(older.starts_with("HEAD ") && older.lines().count() == 1, "{older}");
}

#[test]
fn an_older_version_of_the_hook_is_replaced() {
    let sandbox = repository();
    let hook = sandbox.path(".git/hooks/pre-commit");
    program(&hook, "# Installed by `bulla guard install`: of last year.\nexit 1\n").unwrap();
    let installed = install_hooks(&sandbox.work()).unwrap();
    assert_eq!((&installed[0].chained, installed[0].changed), (&None, true));
    commit(&sandbox, Some(0)).ok();
}

#[test]
fn two_older_hooks_are_too_many_and_nothing_is_done() {
    let sandbox = repository();
    for name in ["pre-push", "pre-push.local"] {
        program(&sandbox.path(".git/hooks").join(name), "exit 0\n").unwrap();
    }
    let error = install_hooks(&sandbox.work()).unwrap_err();
    assert!(matches!(error, GuardError::LocalHook { .. }), "{error}");
    assert_eq!(sandbox.read_text(".git/hooks/pre-push"), "#!/bin/sh\nexit 0\n");
    assert!(!sandbox.path(".git/hooks/pre-commit").exists());
}

#[test]
fn a_link_is_somebodys_hook_too() {
    let sandbox = repository();
    symlink("/no/such/hook", sandbox.path(".git/hooks/pre-commit")).unwrap();
    let installed = install_hooks(&sandbox.work()).unwrap();
    assert_eq!(installed[0].chained, Some(sandbox.path(".git/hooks/pre-commit.local")));
    // It leads nowhere, so git would not have run it either.
    commit(&sandbox, Some(0)).ok();
}

/// The framework moves what it finds, and calls it. What was there before it must not be
/// called by both.
#[test]
fn moved_by_the_framework_it_does_not_call_it() {
    let sandbox = repository();
    install_hooks(&sandbox.work()).unwrap();
    let hooks = sandbox.path(".git/hooks");
    fs::rename(hooks.join("pre-commit"), hooks.join("pre-commit.legacy")).unwrap();
    program(&hooks.join("pre-commit.local"), "exit 7\n").unwrap();
    program(&hooks.join("pre-commit"), "exec \"$0.legacy\" \"$@\"\n").unwrap();
    commit(&sandbox, Some(0)).ok();
    assert_eq!(asked(&sandbox), BOTH);
}

#[test]
fn hooks_of_a_folder_in_the_tree_are_hooks() {
    let sandbox = repository();
    sandbox.git(&["config", "core.hooksPath", ".githooks"]);
    sandbox.write("deep/er/a", "a");
    install_hooks(&sandbox.path("deep/er")).unwrap();
    assert!(sandbox.path(".githooks/pre-commit").exists());
    commit(&sandbox, Some(1)).fails();
}

#[test]
fn hooks_for_other_repositories_are_left_alone() {
    let sandbox = repository();
    let outside = sandbox.root().join("hooks");
    sandbox.git(&["config", "core.hooksPath", &outside.to_string_lossy()]);
    let error = install_hooks(&sandbox.work()).unwrap_err();
    let said = error.to_string();
    assert!(matches!(error, GuardError::ByHand { .. }), "{said}");
    assert!(said.contains("pre-push: bulla guard hook pre-push \"$@\""), "{said}");
    assert!(!outside.exists());
    // A link in the tree leads out of it.
    fs::create_dir_all(&outside).unwrap();
    symlink(&outside, sandbox.path("linked")).unwrap();
    sandbox.git(&["config", "core.hooksPath", "linked"]);
    install_hooks(&sandbox.work()).unwrap_err();
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
}

#[test]
fn husky_gets_lines() {
    for (path, is_old) in [(".husky/_", false), (".husky", true)] {
        let sandbox = repository();
        sandbox.git(&["config", "core.hooksPath", path]);
        sandbox.write(".husky/pre-commit", "npx lint-staged\n");
        sandbox.write(".husky/pre-push", "npm test\n");
        let folder = sandbox.path(".husky");
        assert_eq!(Manager::of(&sandbox.work()).unwrap(), Manager::Husky { folder, is_old });
        install_hooks(&sandbox.work()).unwrap();
        assert!(install_hooks(&sandbox.work()).unwrap().iter().all(|one| !one.changed));
        let read = |name: &str| sandbox.read_text(format!(".husky/{name}"));
        assert_eq!(read("pre-commit"), "npx lint-staged\nbulla guard hook pre-commit\n");
        assert_eq!(read("pre-push"), "bulla guard hook pre-push \"$@\"\nnpm test\n");
        assert!(read("commit-msg").ends_with("bulla guard hook commit-msg \"$1\"\n"));
        assert_eq!(read("commit-msg").contains("husky.sh"), is_old);
        uninstall_hooks(&sandbox.work()).unwrap();
        assert_eq!(read("pre-commit"), "npx lint-staged\n");
        assert!(!sandbox.path(".husky/commit-msg").exists());
        // Somebody's link is not written to.
        let target = sandbox.write("../precious", "precious\n");
        fs::remove_file(sandbox.path(".husky/pre-commit")).unwrap();
        symlink(&target, sandbox.path(".husky/pre-commit")).unwrap();
        install_hooks(&sandbox.work()).unwrap_err();
        assert_eq!(sandbox.read_text("../precious"), "precious\n");
    }
}

#[test]
fn managers_with_a_file_of_their_own_get_told_lines() {
    for (file, name, line) in [
        (".pre-commit-config.yaml", "pre-commit", "entry: bulla guard hook commit-msg"),
        ("lefthook.yml", "lefthook", "run: bulla guard hook commit-msg {1}"),
        (".config/lefthook.yaml", "lefthook", "use_stdin: true"),
    ] {
        let sandbox = repository();
        sandbox.write(file, "# bulla guard: some day\n");
        let said = install_hooks(&sandbox.work()).unwrap_err().to_string();
        assert!(said.starts_with(&format!("{name} manages")), "{said}");
        assert!(said.contains(line) && said.contains(file), "{said}");
        assert!(!sandbox.path(".git/hooks/pre-commit").exists());
        sandbox.write(file, "run: bulla guard hook pre-commit\n");
        assert_eq!(install_hooks(&sandbox.work()).unwrap(), []);
        uninstall_hooks(&sandbox.work()).unwrap_err();
    }
}

#[test]
fn from_a_folder_and_from_a_second_worktree() {
    let sandbox = repository();
    commit(&sandbox, None).ok();
    sandbox.write("deep/er/a", "a");
    let file = install_hooks(&sandbox.path("deep/er")).unwrap().remove(0).file;
    assert_eq!(file.canonicalize().unwrap(), sandbox.path(".git/hooks/pre-commit"));
    sandbox.git(&["worktree", "add", "--quiet", "../other"]);
    let again = install_hooks(&sandbox.root().join("other")).unwrap();
    assert!(again.iter().all(|one| !one.changed), "worktrees share their hooks");
}
