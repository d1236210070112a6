//! The incident that the guard is made for: keys of validators committed in the clear beside
//! their sealed copies, by a commit that took the lines out of `.gitignore` that kept them
//! out. With real git and the installed hooks.

use std::env;
use std::ffi::OsString;

use bulla_testkit::{Run, Sandbox, binary, keys, peers};

#[path = "krm/validator_keys.rs"]
mod validator_keys;

use validator_keys::{node_key, priv_val_key};

const KEPT_OUT: &str = "*.swp\n";
const LINES: [&str; 3] = ["overlays/*/secrets/secrets.yaml", "priv_val_key.json", "node_key.json"];

/// PATH with `bulla` before everything else.
fn path() -> OsString {
    let bulla = binary("bulla");
    let own = bulla.parent().map(ToOwned::to_owned);
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths(own.into_iter().chain(env::split_paths(&path))).expect("no `:` in it")
}

fn git(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let mut command = sandbox.command("git");
    sandbox.run(command.env("PATH", path()).args(arguments))
}

fn bulla(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.run(sandbox.bulla().args(arguments)).ok()
}

fn plaintext(node: &str) -> String {
    let indented = priv_val_key(node).replace('\n', "\n    ");
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: keys-{node}\nstringData:\n  node_key.json: '{}'\n  priv_val_key.json: |\n    {indented}\n",
        node_key(node)
    )
}

fn file(node: &str) -> String {
    format!("overlays/{node}/secrets/secrets.yaml")
}

/// The repository before the incident: sealed copies, and lines that keep the others out.
fn before() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "--quiet"]);
    let recipient = keys::age_recipient();
    sandbox.write(
        ".sops-rules.yaml",
        format!("creation_rules:\n  - path_glob: 'overlays/**/*.yaml'\n    age: {recipient}\n"),
    );
    sandbox.write(".gitignore", format!("{KEPT_OUT}{}\n", LINES.join("\n")));
    for node in ["1", "2"] {
        sandbox.write(format!("overlays/{node}/secrets/secrets.enc.yaml"), plaintext(node));
        bulla(&sandbox, &["encrypt", "-i", &format!("overlays/{node}/secrets/secrets.enc.yaml")]);
    }
    sandbox.git(&["add", "."]);
    sandbox.git(&["commit", "--quiet", "--message", "Sealed keys"]);
    bulla(&sandbox, &["guard", "install"]);
    sandbox
}

#[test]
fn the_incident_is_refused_and_its_remedy_goes_through() {
    let sandbox = before();
    sandbox.write(".gitignore", KEPT_OUT);
    for node in ["1", "2"] {
        sandbox.write(file(node), plaintext(node));
    }
    sandbox.git(&["add", "."]);
    let refused = git(&sandbox, &["commit", "--message", "Add secrets"]).fails();
    let said = format!("{}{}", refused.out(), refused.err());
    for node in ["1", "2"] {
        for (line, name) in [(6, "node_key.json"), (7, "priv_val_key.json")] {
            let place = format!("{}:{line}", file(node));
            let found = said.lines().any(|text| {
                text.starts_with(&format!("overlays/{node}/secrets/secrets.yaml:"))
                    && text.contains(&format!(r#"["stringData"]["{name}"]"#))
                    && text.contains("[validator-key, proof]")
            });
            assert!(found, "{place}\n{said}");
        }
        for value in [node_key(node), priv_val_key(node)] {
            for part in value.split('"').filter(|part| part.len() > 30) {
                assert!(!said.contains(&part[..8]), "{said}");
            }
        }
    }
    assert_eq!(said.matches("[validator-key, proof]").count(), 4, "{said}");
    assert_eq!(said.matches("[unignored-keys, structure]").count(), 3, "{said}");
    for line in LINES {
        assert!(said.contains(&format!("is gone: {line}")), "{line}\n{said}");
    }
    assert!(said.contains("3 files looked at"), "{said}");
    assert_eq!(git(&sandbox, &["rev-list", "--count", "HEAD"]).out(), "1\n");

    // Half of the remedy is none.
    for node in ["1", "2"] {
        bulla(&sandbox, &["encrypt", "-i", &file(node)]);
    }
    sandbox.git(&["add", "."]);
    let refused = git(&sandbox, &["commit", "--message", "Add secrets"]).fails();
    let said = format!("{}{}", refused.out(), refused.err());
    assert!(said.contains("3 findings") && !said.contains("validator-key"), "{said}");

    sandbox.write(".gitignore", format!("{KEPT_OUT}{}\n", LINES.join("\n")));
    sandbox.git(&["add", "."]);
    git(&sandbox, &["commit", "--quiet", "--message", "Add sealed secrets"]).ok();
    assert_eq!(git(&sandbox, &["rev-list", "--count", "HEAD"]).out(), "2\n");
    let clean = bulla(&sandbox, &["guard", "--history"]);
    assert!(clean.out().contains("0 findings"), "{}", clean.out());
}

/// Committed with `--no-verify`, it is seen where it goes.
#[test]
fn what_went_past_the_first_hook_is_not_pushed() {
    let sandbox = before();
    sandbox.git(&["init", "--quiet", "--bare", "../remote.git"]);
    sandbox.git(&["remote", "add", "origin", "../remote.git"]);
    git(&sandbox, &["push", "--quiet", "origin", "HEAD:main"]).ok();
    sandbox.write(".gitignore", KEPT_OUT);
    sandbox.write(file("1"), plaintext("1"));
    sandbox.git(&["add", "."]);
    git(&sandbox, &["commit", "--quiet", "--no-verify", "--message", "Add secrets"]).ok();
    // Gone from the last commit, and still on its way.
    sandbox.git(&["rm", "--quiet", &file("1")]);
    git(&sandbox, &["commit", "--quiet", "--message", "Remove secrets"]).ok();
    let refused = git(&sandbox, &["push", "--quiet", "origin", "HEAD:main"]).fails();
    let said = format!("{}{}", refused.out(), refused.err());
    let commit = git(&sandbox, &["rev-parse", "HEAD^"]);
    assert!(said.contains(&format!("{}:{}:", commit.out().trim(), file("1"))), "{said}");
    assert_eq!(said.matches("[validator-key, proof]").count(), 2, "{said}");

    let run = sandbox.run(sandbox.bulla().args(["guard", "--range", "HEAD~2..HEAD"])).exits(1);
    assert_eq!(run.out().matches("[validator-key, proof]").count(), 2, "{}", run.out());
}

/// What the page on hooks promises of the ways in which git commits.
#[test]
fn every_way_to_commit_asks() {
    let sandbox = before();
    sandbox.write("a.txt", "a\n");
    sandbox.write("plain.yaml", "a: b\n");
    sandbox.git(&["add", "."]);
    git(&sandbox, &["commit", "--quiet", "--message", "Add files"]).ok();
    let key = node_key("x");

    // Everything that is changed.
    sandbox.write("a.txt", &key);
    git(&sandbox, &["commit", "--quiet", "--all", "--message", "a"]).fails();
    // One file, past the index.
    git(&sandbox, &["commit", "--quiet", "--message", "a", "--", "a.txt"]).fails();
    // A file of which a part is staged: that part counts, and only that.
    sandbox.write("a.txt", "a\nb\n");
    sandbox.git(&["add", "a.txt"]);
    sandbox.write("a.txt", format!("a\nb\n{key}\n"));
    git(&sandbox, &["commit", "--quiet", "--message", "b"]).ok();
    assert!(sandbox.read_text("a.txt").contains(&key));
    sandbox.git(&["checkout", "--quiet", "a.txt"]);
    // The message.
    let refused = git(&sandbox, &["commit", "--allow-empty", "--message", &key]).fails();
    assert!(refused.err().contains("commit message"), "{}", refused.err());
    // In a folder below, and in another worktree.
    sandbox.git(&["worktree", "add", "--quiet", "../other"]);
    sandbox.write("../other/deep/key.json", &key);
    sandbox.git(&["-C", "../other", "add", "."]);
    git(&sandbox, &["-C", "../other/deep", "commit", "--message", "c"]).fails();
    // A merge that makes its commit by itself.
    sandbox.git(&["checkout", "--quiet", "-b", "side"]);
    sandbox.write("side.json", &key);
    sandbox.git(&["add", "."]);
    git(&sandbox, &["commit", "--quiet", "--no-verify", "--message", "side"]).ok();
    sandbox.git(&["checkout", "--quiet", "-"]);
    sandbox.write("c", "c\n");
    sandbox.git(&["add", "."]);
    git(&sandbox, &["commit", "--quiet", "--message", "c"]).ok();
    let refused = git(&sandbox, &["merge", "--quiet", "--no-edit", "side"]).fails();
    let said = format!("{}{}", refused.out(), refused.err());
    assert!(said.contains("side.json:1:"), "{said}");
}

#[test]
fn rules_that_cannot_be_read_stop_the_commit() {
    let sandbox = before();
    sandbox.write(".sops-rules.yaml", "creation_rules:\n  - path_glob: '['\n    nonsense: 1\n");
    sandbox.write("overlays/new.yaml", "a: b\n");
    sandbox.git(&["add", "."]);
    let refused = git(&sandbox, &["commit", "--message", "Break the rules"]).fails();
    let said = format!("{}{}", refused.out(), refused.err());
    assert!(said.contains(".sops-rules.yaml:"), "{said}");
}

/// The hooks of the framework that this repository declares, and the lines that `install`
/// prints, in the real framework.
#[test]
fn the_pre_commit_framework_asks() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "--quiet"]);
    let config = "repos: []\n";
    sandbox.write(".pre-commit-config.yaml", config);
    let told = sandbox.run(sandbox.bulla().args(["guard", "install"])).exits(1);
    let lines: String = told
        .err()
        .lines()
        .filter(|line| line.starts_with("  "))
        .map(|line| format!("{line}\n"))
        .collect();
    sandbox.write(".pre-commit-config.yaml", format!("repos:\n{lines}"));
    let framework = |arguments: &[&str]| {
        let mut command = sandbox.command("python3");
        command.env("PYTHONPATH", peers::pre_commit()).env("PATH", path());
        sandbox.run(command.args(["-m", "pre_commit"]).args(arguments))
    };
    framework(&["validate-config"]).ok();
    let manifest = peers::workspace_root().join(".pre-commit-hooks.yaml");
    framework(&["validate-manifest", &manifest.to_string_lossy()]).ok();
    framework(&[
        "install",
        "-t",
        "pre-commit",
        "-t",
        "pre-merge-commit",
        "-t",
        "commit-msg",
        "-t",
        "pre-push",
    ])
    .ok();
    let git = |arguments: &[&str]| {
        let mut command = sandbox.command("git");
        command.env("PYTHONPATH", peers::pre_commit()).env("PATH", path());
        sandbox.run(command.args(arguments))
    };
    sandbox.git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "one"]).ok();
    sandbox.write("odd\nname --.json", node_key("a"));
    sandbox.git(&["add", "."]);
    let refused = git(&["commit", "--message", "two"]).fails();
    let said = format!("{}{}", refused.out(), refused.err());
    assert!(said.contains("odd\\nname --.json:1:"), "{said}");
    git(&["commit", "--quiet", "--no-verify", "--message", "two"]).ok();
    let refused = git(&["commit", "--allow-empty", "--message", &node_key("b")]).fails();
    assert!(format!("{}{}", refused.out(), refused.err()).contains("commit message"));
    // The first push of a branch, and a later one.
    sandbox.git(&["init", "--quiet", "--bare", "../remote.git"]);
    sandbox.git(&["remote", "add", "origin", "../remote.git"]);
    git(&["push", "origin", "HEAD:main"]).fails();
    git(&["push", "--quiet", "origin", "HEAD^:refs/heads/main"]).ok();
    let refused = git(&["push", "origin", "HEAD:main"]).fails();
    let said = format!("{}{}", refused.out(), refused.err());
    assert!(said.contains("odd\\nname --.json:1:"), "{said}");
    // And the canary says so.
    let mut doctor = sandbox.bulla();
    doctor.env("PYTHONPATH", peers::pre_commit()).env("PATH", path()).args(["guard", "doctor"]);
    let doctor = sandbox.run(&mut doctor).ok();
    assert_eq!(doctor.out().matches("caught the canary").count(), 4, "{}", doctor.out());
}
