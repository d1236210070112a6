//! The hook, run by real git. Where it asks for `bulla`, a script answers.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::{fs, io};

use bulla_guard::{GuardError, install_hook};
use bulla_testkit::{Run, Sandbox};

use crate::repository;

/// Writes a program for everybody.
fn program(path: &Path, script: &str) -> io::Result<()> {
    fs::write(path, format!("#!/bin/sh\n{script}"))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

/// `git commit` with a `bulla` that ends with `code`, or without any.
fn commit(sandbox: &Sandbox, code: Option<i32>) -> Run {
    let bin = sandbox.root().join("bin");
    fs::create_dir_all(&bin).expect("the sandbox can be written");
    if let Some(code) = code {
        let script = format!("echo \"asked: $*\" >> \"$HOME/asked\"\nexit {code}\n");
        program(&bin.join("bulla"), &script).expect("the sandbox can be written");
    }
    let mut command = sandbox.command("git");
    command.env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
    sandbox.run(command.args(["commit", "--allow-empty", "--quiet", "--message", "x"]))
}

fn asked(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.home().join("asked")).unwrap_or_default()
}

#[test]
fn git_asks_before_each_commit() {
    let sandbox = repository();
    let installed = install_hook(&sandbox.work()).unwrap();
    assert!(installed.changed);
    assert_eq!(installed.chained, None);
    assert_eq!(installed.hook, sandbox.path(".git/hooks/pre-commit"));
    commit(&sandbox, Some(1)).fails();
    sandbox.run(sandbox.command("git").args(["rev-parse", "HEAD"])).fails();
    commit(&sandbox, Some(0)).ok();
    assert_eq!(asked(&sandbox), "asked: guard --staged\n".repeat(2));
}

#[test]
fn without_bulla_nothing_is_committed() {
    let sandbox = repository();
    install_hook(&sandbox.work()).unwrap();
    let run = commit(&sandbox, None).fails();
    assert!(run.err().contains("bulla is not on PATH"), "{}", run.err());
}

#[test]
fn installing_twice_changes_nothing() {
    let sandbox = repository();
    let first = install_hook(&sandbox.work()).unwrap();
    let second = install_hook(&sandbox.work()).unwrap();
    assert_eq!((second.hook, second.chained, second.changed), (first.hook, None, false));
}

#[test]
fn an_older_hook_is_kept_and_runs_first() {
    let sandbox = repository();
    let hook = sandbox.path(".git/hooks/pre-commit");
    program(&hook, "echo older >> \"$HOME/asked\"\n").unwrap();
    let installed = install_hook(&sandbox.work()).unwrap();
    let older = sandbox.path(".git/hooks/pre-commit.local");
    assert_eq!(installed.chained.as_ref(), Some(&older));
    commit(&sandbox, Some(0)).ok();
    assert_eq!(asked(&sandbox), "older\nasked: guard --staged\n");
    // Its refusal counts, and installing again keeps it.
    program(&older, "echo no >&2\nexit 3\n").unwrap();
    assert!(!install_hook(&sandbox.work()).unwrap().changed);
    let run = commit(&sandbox, Some(0)).fails();
    assert!(run.err().contains("no"));
    assert_eq!(asked(&sandbox).lines().count(), 2);
}

#[test]
fn an_older_version_of_the_hook_is_replaced() {
    let sandbox = repository();
    let hook = sandbox.path(".git/hooks/pre-commit");
    program(&hook, "# Installed by `bulla guard install`: of last year.\nexit 1\n").unwrap();
    let installed = install_hook(&sandbox.work()).unwrap();
    assert_eq!((installed.chained, installed.changed), (None, true));
    commit(&sandbox, Some(0)).ok();
}

#[test]
fn two_older_hooks_are_too_many() {
    let sandbox = repository();
    for name in ["pre-commit", "pre-commit.local"] {
        program(&sandbox.path(".git/hooks").join(name), "exit 0\n").unwrap();
    }
    let error = install_hook(&sandbox.work()).unwrap_err();
    assert!(matches!(error, GuardError::LocalHook { .. }), "{error}");
    assert_eq!(sandbox.read_text(".git/hooks/pre-commit"), "#!/bin/sh\nexit 0\n");
}

#[test]
fn a_link_is_somebodys_hook_too() {
    let sandbox = repository();
    symlink("/no/such/hook", sandbox.path(".git/hooks/pre-commit")).unwrap();
    let installed = install_hook(&sandbox.work()).unwrap();
    assert_eq!(installed.chained, Some(sandbox.path(".git/hooks/pre-commit.local")));
    // It leads nowhere, so git would not have run it either.
    commit(&sandbox, Some(0)).ok();
}

#[test]
fn hooks_that_somebody_else_manages_are_left_alone() {
    let sandbox = repository();
    sandbox.git(&["config", "core.hooksPath", ".husky"]);
    let error = install_hook(&sandbox.work()).unwrap_err();
    assert!(matches!(error, GuardError::HooksPath { .. }));
    assert!(error.to_string().contains("bulla guard --staged"), "{error}");
    assert!(!sandbox.path(".husky").exists());
}

#[test]
fn from_a_folder_and_from_a_second_worktree() {
    let sandbox = repository();
    commit(&sandbox, None).ok();
    sandbox.write("deep/er/a", "a");
    let hook = install_hook(&sandbox.path("deep/er")).unwrap().hook;
    assert_eq!(hook.canonicalize().unwrap(), sandbox.path(".git/hooks/pre-commit"));
    sandbox.git(&["worktree", "add", "--quiet", "../other"]);
    let again = install_hook(&sandbox.root().join("other")).unwrap();
    assert!(!again.changed, "worktrees share their hooks");
}
