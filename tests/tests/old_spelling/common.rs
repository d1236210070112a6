//! sops, and a link of that name to bulla.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use bulla_testkit::{Sandbox, binary, keys, peers};

/// A value that must not be left anywhere.
pub(crate) const SECRET: &str = "hunter2-correct-horse";

/// A sandbox with a rule for everything, and with sealed.yaml and plain.yaml.
pub(crate) fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    let rules = format!("creation_rules:\n  - age: {}\n", keys::age_recipient());
    sandbox.write(".sops.yaml", rules);
    sandbox.write("plain.yaml", format!("a: {SECRET}\nb: [1, 2]\n"));
    sandbox.write("sealed.yaml", format!("a: {SECRET}\nb: [1, 2]\n"));
    sandbox.run(command(&sandbox, &peers::sops()).args(["-e", "-i", "sealed.yaml"])).ok();
    sandbox
}

/// A link by the name of `sops` to bulla, as somebody would put it on `PATH`.
pub(crate) fn link(sandbox: &Sandbox) -> PathBuf {
    let link = sandbox.root().join("sops");
    if !link.exists() {
        symlink(binary("bulla"), &link).expect("the sandbox takes a link");
    }
    link
}

/// A program with the test key.
pub(crate) fn command(sandbox: &Sandbox, program: &Path) -> Command {
    let mut command = sandbox.command(program);
    command.env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
    command
}
