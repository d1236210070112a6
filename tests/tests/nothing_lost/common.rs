//! A folder with files and rules, and what is looked at.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bulla_core::{Format, open};
use bulla_testkit::{Run, Sandbox, keys};
use bulla_tests::sealing::keyring;

/// A value that must not be readable anywhere.
pub(crate) const SECRET: &str = "hunter2-correct-horse";

/// A Secret with [`SECRET`] in many values, large enough for writing it to take a moment.
pub(crate) fn manifest() -> String {
    let values: String =
        (0..800).map(|number| format!("  key_{number}: {SECRET}-{number:0120}\n")).collect();
    format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n{values}")
}

/// A sandbox whose rules seal `*.enc.yaml` for the test key.
pub(crate) fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    let rules = format!(
        "creation_rules:\n  - path_glob: '**/*.enc.yaml'\n    age: {}\n",
        keys::age_recipient()
    );
    sandbox.write(".sops-rules.yaml", rules);
    sandbox
}

/// `bulla` with both test keys.
pub(crate) fn command(sandbox: &Sandbox, args: &[&str]) -> Command {
    let both = format!("{} {}", keys::age_identity(), keys::age_other_identity());
    let mut command = sandbox.bulla();
    command.args(args).env("SOPS_AGE_KEY", both);
    command
}

/// Runs `bulla` with both test keys.
#[track_caller]
pub(crate) fn bulla(sandbox: &Sandbox, args: &[&str]) -> Run {
    sandbox.run(&mut command(sandbox, args))
}

/// What a sealed file holds, or why it cannot be opened.
pub(crate) fn opened(bytes: &[u8]) -> Result<String, String> {
    let text = str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let opened = open(text, Format::Yaml, &keyring(), false);
    opened.map(|opened| opened.text.to_string()).map_err(|error| error.to_string())
}

/// Every file of the sandbox, those of the home and for temporary files too.
pub(crate) fn files(sandbox: &Sandbox) -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect(sandbox.root(), &mut files);
    files.sort();
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the sandbox") {
        let path = entry.expect("an entry of the sandbox").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// The files in which [`SECRET`] can be read.
pub(crate) fn readable(sandbox: &Sandbox) -> Vec<PathBuf> {
    let mut files = files(sandbox);
    files.retain(|path| {
        let bytes = fs::read(path).expect("a file of the sandbox");
        String::from_utf8_lossy(&bytes).contains(SECRET)
    });
    files
}

/// The files that are neither a test's own nor those that stay.
pub(crate) fn leftovers(sandbox: &Sandbox) -> Vec<PathBuf> {
    let mut files = files(sandbox);
    files.retain(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".bulla-"))
    });
    files
}
