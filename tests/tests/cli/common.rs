//! A repository with rules and a key, and what all tests look at.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bulla_testkit::{Run, Sandbox, keys};
use sha2::{Digest, Sha256, Sha512};

/// A value that must not be seen anywhere.
pub(crate) const SECRET: &str = "hunter2-correct-horse";

/// A Secret with [`SECRET`] in it.
pub(crate) const MANIFEST: &str = "\
apiVersion: v1
kind: Secret
metadata:
  name: db
stringData:
  password: hunter2-correct-horse # do not tell
  user: alice
";

/// A sandbox whose rules seal `*.enc.yaml` for alice, who has the test key.
pub(crate) fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    let alice = keys::age_recipient();
    let rules = format!(
        "recipients:\n  alice: {alice}\ncreation_rules:\n  - path_glob: '**/*.enc.yaml'\n    age: alice\n"
    );
    sandbox.write(".sops-rules.yaml", rules);
    sandbox
}

/// `bulla` with the test key.
pub(crate) fn command(sandbox: &Sandbox, args: &[&str]) -> Command {
    let mut command = sandbox.bulla();
    command.args(args).env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
    command
}

/// Runs `bulla` with the test key.
#[track_caller]
pub(crate) fn bulla(sandbox: &Sandbox, args: &[&str]) -> Run {
    sandbox.run(&mut command(sandbox, args))
}

/// Runs `bulla` with the test key and a text on standard input.
#[track_caller]
pub(crate) fn bulla_with(sandbox: &Sandbox, args: &[&str], input: impl AsRef<[u8]>) -> Run {
    sandbox.run_with(&mut command(sandbox, args), input)
}

/// Every file below the working directory but git's, with its content.
pub(crate) fn snapshot(sandbox: &Sandbox) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    collect(&sandbox.work(), &mut files);
    files.sort();
    files
}

fn collect(dir: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(dir).expect("a directory of the sandbox") {
        let path = entry.expect("an entry of the sandbox").path();
        if path.is_dir() {
            if !path.ends_with(".git") {
                collect(&path, files);
            }
        } else {
            let content = fs::read(&path).unwrap_or_default();
            files.push((path, content));
        }
    }
}

/// Checks that neither a value nor a digest of it is in what a program said, and
/// that it left nothing among the temporary files.
#[track_caller]
pub(crate) fn says_nothing_of(sandbox: &Sandbox, run: &Run, secrets: &[&str]) {
    let said = [run.stdout.as_slice(), run.stderr.as_slice()].concat();
    let said = String::from_utf8_lossy(&said).to_lowercase();
    for secret in secrets {
        let digests = [hex::encode(Sha256::digest(secret)), hex::encode(Sha512::digest(secret))];
        for text in [secret.to_lowercase()].iter().chain(&digests) {
            assert!(!said.contains(text), "{} gave away {secret}:\n{said}", run.command);
        }
    }
    let left = fs::read_dir(sandbox.tmp()).expect("the directory for temporary files").count();
    assert_eq!(left, 0, "{} left temporary files", run.command);
}
