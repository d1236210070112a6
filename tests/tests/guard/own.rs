//! This repository itself.

use std::path::PathBuf;
use std::process::Command;

use bulla_guard::check_paths;
use bulla_testkit::peers::workspace_root;

/// What git tracks here, links left out.
fn tracked() -> Vec<PathBuf> {
    let root = workspace_root();
    let listed = Command::new("git").arg("-C").arg(&root).args(["ls-files", "-z"]).output();
    let listed = listed.expect("git starts");
    assert!(listed.status.success(), "this is no checkout: {listed:?}");
    let names = String::from_utf8(listed.stdout).expect("names in ASCII");
    let names = names.split('\0').filter(|name| !name.is_empty());
    let files = names.map(|name| root.join(name));
    files.filter(|file| file.symlink_metadata().is_ok_and(|metadata| metadata.is_file())).collect()
}

#[test]
fn there_is_nothing_in_this_repository_that_it_does_not_allow() {
    let report = check_paths(tracked());
    assert!(report.is_clean(), "{report}");
    assert!(report.scanned > 500 && report.allowed.len() > 50, "{report}");
    // Keys in the clear are allowed in the one place where they are kept.
    let keys = report.allowed.iter().filter(|allowed| allowed.finding.rule.name() == "age-key");
    assert!(keys.into_iter().all(|allowed| allowed.path.contains("/fixtures/keys/")));
}

#[test]
fn no_allow_of_this_repository_is_out_of_date() {
    let mut command = Command::new(bulla_testkit::binary("bulla"));
    let output = command.current_dir(workspace_root()).args(["guard", "audit"]).output();
    let output = output.expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
