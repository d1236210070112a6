//! The guard as a hook of real git, and the demonstration.

#[path = "hook/managers.rs"]
mod managers;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use bulla_testkit::{Sandbox, binary, keys, peers};

const NODE_KEY: &str = r#"{"priv_key":{"type":"tendermint/PrivKeyEd25519","value":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA7aie8zrakLWKjqNAqbw1zZTIVdx3iQ6Y6wEihi1naKQ=="}}"#;

/// PATH with the built programs before everything else.
fn path_with(programs: &[&Path]) -> std::ffi::OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let dirs = programs.iter().map(|program| program.parent().unwrap().to_owned());
    env::join_paths(dirs.chain(env::split_paths(&path))).unwrap()
}

fn git(sandbox: &Sandbox, arguments: &[&str]) -> bulla_testkit::Run {
    let bulla = binary("bulla");
    let mut command = sandbox.command("git");
    command.env("PATH", path_with(&[&bulla])).args(arguments);
    sandbox.run(&mut command)
}

#[test]
fn git_commits_no_key_in_the_clear_and_commits_it_sealed() {
    let sandbox = Sandbox::new();
    git(&sandbox, &["init", "--quiet", "."]).ok();
    sandbox.run(sandbox.bulla().args(["guard", "install"])).ok();

    sandbox.write("keys/settings.txt", NODE_KEY);
    git(&sandbox, &["add", "."]).ok();
    let refused = git(&sandbox, &["commit", "--message", "Add settings"]);
    assert_ne!(refused.code, 0);
    let said = format!("{}{}", refused.out(), refused.err());
    assert!(said.contains("keys/settings.txt:1:") && said.contains("validator-key"), "{said}");
    assert!(!said.contains("akLWKjqNAq"), "{said}");
    assert_ne!(git(&sandbox, &["rev-parse", "--verify", "--quiet", "HEAD"]).code, 0);

    // What is staged counts, not what is in the work tree.
    sandbox.write("keys/settings.txt", "nothing");
    assert_ne!(git(&sandbox, &["commit", "--message", "Add settings"]).code, 0);

    let secret =
        format!("apiVersion: v1\nkind: Secret\nstringData:\n  node_key.json: '{NODE_KEY}'\n");
    sandbox.write("keys/settings.txt", secret);
    let seal = ["encrypt", "-i", "--input-type", "yaml", "--age", keys::age_recipient()];
    sandbox.run(sandbox.bulla().args(seal).arg("keys/settings.txt")).ok();
    git(&sandbox, &["add", "."]).ok();
    git(&sandbox, &["commit", "--quiet", "--message", "Add sealed settings"]).ok();
    let clean = sandbox.run(sandbox.bulla().args(["guard", "keys"])).ok();
    assert!(clean.out().contains("1 file looked at, 0 findings"), "{}", clean.out());
}

#[test]
fn a_file_that_cannot_be_looked_at_is_not_clean() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(sandbox.bulla().args(["guard", "not-there.yaml"])).exits(3);
    assert!(run.out().contains("not-there.yaml: not looked at"), "{}", run.out());
}

fn demo(sandbox: &Sandbox, path: std::ffi::OsString) -> bulla_testkit::Run {
    let mut command: Command = sandbox.bulla();
    command.env("PATH", path).arg("demo");
    sandbox.run(&mut command)
}

fn left_behind(sandbox: &Sandbox) -> Vec<PathBuf> {
    std::fs::read_dir(sandbox.tmp()).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn the_demonstration_shows_everything_and_leaves_nothing() {
    for (version, kustomize) in peers::all_kustomize() {
        let sandbox = Sandbox::new();
        // Not every package calls the program by its name.
        let named = sandbox.write("bin/kustomize", "");
        std::fs::remove_file(&named).unwrap();
        std::os::unix::fs::symlink(&kustomize, &named).unwrap();
        let run = demo(&sandbox, path_with(&[&named])).ok();
        for step in ["made a git repository", "lines differ", "the guard refused", "with kustomize"]
        {
            assert!(run.out().contains(step), "kustomize {version}: {step}\n{}", run.out());
        }
        assert_eq!(left_behind(&sandbox), Vec::<PathBuf>::new());
    }
}

#[test]
fn the_demonstration_needs_neither_git_nor_kustomize() {
    let sandbox = Sandbox::new();
    let run = demo(&sandbox, "/nonexistent".into()).ok();
    for step in ["git is not installed", "the guard refused", "kustomize is not installed"] {
        assert!(run.out().contains(step), "{step}\n{}", run.out());
    }
    assert_eq!(left_behind(&sandbox), Vec::<PathBuf>::new());
}
