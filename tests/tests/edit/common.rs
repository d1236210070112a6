//! An editor that does as it is told, and a look at all that is left behind.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use bulla_testkit::{Run, Sandbox, binary, keys, peers};

/// A value that must not be left anywhere.
pub(crate) const SECRET: &str = "hunter2-correct-horse";

/// What is in `x.yaml`.
pub(crate) const PLAIN: &str =
    "# who\nuser: alice\npassword: hunter2-correct-horse # do not tell\n";

/// A sandbox with a rule for everything and `x.yaml`, sealed.
pub(crate) fn sealed() -> Sandbox {
    let sandbox = Sandbox::new();
    let rules = format!("creation_rules:\n  - age: {}\n", keys::age_recipient());
    sandbox.write(".sops.yaml", rules);
    sandbox.write("x.yaml", PLAIN);
    sandbox.run(with_key(&sandbox, &binary("bulla")).args(["encrypt", "-i", "x.yaml"])).ok();
    sandbox
}

/// A program with the test key, and the editor of [`script`].
pub(crate) fn with_key(sandbox: &Sandbox, program: &Path) -> Command {
    let mut command = sandbox.command(program);
    command.env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
    command.env("EDITOR", sandbox.root().join("editor"));
    command
}

/// Makes the editor: a shell script that finds the file in `$1`. It notes where that
/// is, and its mode and its folder's.
pub(crate) fn script(sandbox: &Sandbox, body: &str) {
    let note = sandbox.root().join("seen");
    let note = note.display();
    let text = format!(
        "#!/bin/sh\nfor last; do :; done; set -- \"$last\"\n\
         {{ echo \"$1\"; stat -c %a \"$1\" \"$(dirname \"$1\")\"; }} > {note}\n{body}\n"
    );
    let path = sandbox.root().join("editor");
    fs::write(&path, text).expect("the sandbox takes a script");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
}

/// Runs `bulla edit` without a terminal.
#[track_caller]
pub(crate) fn edit(sandbox: &Sandbox, args: &[&str]) -> Run {
    sandbox.run(with_key(sandbox, &binary("bulla")).arg("edit").args(args))
}

/// What sops opens of a file.
#[track_caller]
pub(crate) fn opened_by_sops(sandbox: &Sandbox, file: &str) -> String {
    let run = sandbox.run(with_key(sandbox, &peers::sops()).args(["decrypt", file])).ok();
    run.out().to_owned()
}

/// The editor saw a file of mode 0600 in a folder of mode 0700 that is in memory, and
/// both are gone; and so is the secret, from wherever bulla could have put it.
#[track_caller]
pub(crate) fn nothing_is_left(sandbox: &Sandbox) {
    let seen = fs::read_to_string(sandbox.root().join("seen")).expect("the editor was started");
    let lines: Vec<_> = seen.lines().collect();
    let path = PathBuf::from(lines[0]);
    assert_eq!(lines[1..], ["600", "700"]);
    let folder = path.parent().expect("a file is in a folder");
    assert!(!path.starts_with(sandbox.root()), "{} is in the work tree", path.display());
    assert!(!folder.exists(), "{} is still there", folder.display());
    assert_eq!(fs::read_dir(sandbox.tmp()).expect("the sandbox has one").count(), 0);
    let mut with_secret = Vec::new();
    find(sandbox.root(), SECRET.as_bytes(), &mut with_secret);
    // The script itself may say it.
    with_secret.retain(|path| !path.ends_with("editor"));
    assert!(with_secret.is_empty(), "the secret is in {with_secret:?}");
}

fn find(folder: &Path, needle: &[u8], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the sandbox") {
        let path = entry.expect("an entry of it").path();
        if path.is_dir() {
            find(&path, needle, found);
        } else if fs::read(&path)
            .is_ok_and(|bytes| bytes.windows(needle.len()).any(|w| w == needle))
        {
            found.push(path);
        }
    }
}
