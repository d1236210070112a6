//! A sealed file, and commands that get what is in it.

use std::path::Path;
use std::process::Command;

use bulla_testkit::{Run, Sandbox, binary, keys, peers};

/// A value that must not be left anywhere.
pub(crate) const SECRET: &str = "hunter2-correct-horse";

/// Seals a text as `name`, with the real sops.
pub(crate) fn seal(sandbox: &Sandbox, name: &str, text: &str) {
    sandbox.write(name, text);
    let mut sops = with_key(sandbox, &peers::sops());
    sops.args(["encrypt", "--age", keys::age_recipient(), "-i", name]);
    sandbox.run(&mut sops).ok();
}

/// A program with the test key.
pub(crate) fn with_key(sandbox: &Sandbox, program: &Path) -> Command {
    let mut command = sandbox.command(program);
    command.env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
    command
}

/// Runs bulla with the test key.
#[track_caller]
pub(crate) fn bulla(sandbox: &Sandbox, args: &[&str]) -> Run {
    sandbox.run(with_key(sandbox, &binary("bulla")).args(args))
}

/// The sandbox with `x.yaml`, in which there is [`SECRET`].
pub(crate) fn sealed() -> Sandbox {
    let sandbox = Sandbox::new();
    seal(&sandbox, "x.yaml", &format!("token: {SECRET}\nport: 5432\n"));
    sandbox
}

/// The line of a command's output that says where the plaintext was, if it is gone
/// now with the folder around it.
#[track_caller]
pub(crate) fn is_gone(path: &str) {
    let path = Path::new(path.trim());
    assert!(path.is_absolute(), "{}: the command did not say where", path.display());
    let folder = path.parent().expect("a file is in a folder");
    assert!(!path.exists() && !folder.exists(), "{} is still there", folder.display());
}
