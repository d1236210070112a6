//! What the system refuses: the old file stands, nothing is left beside it, and the error
//! says why.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use bulla_testkit::{Run, Sandbox};

use crate::common::{SECRET, bulla, command, files, manifest, readable, repository};

const FILE: &str = "db.enc.yaml";

/// The code for a file that cannot be written: sops's own.
const UNWRITABLE: i32 = 3;

/// Everybody's user without rights.
const NOBODY: u32 = 65534;

fn verbs() -> [Vec<&'static str>; 4] {
    [
        vec!["rotate", "--in-place", FILE],
        vec!["set", FILE, r#"["metadata"]["name"]"#, r#""other""#],
        vec!["unset", FILE, r#"["stringData"]["key_0"]"#],
        vec!["decrypt", "--in-place", FILE],
    ]
}

fn sealed() -> Sandbox {
    let sandbox = repository();
    sandbox.write(FILE, manifest());
    bulla(&sandbox, &["encrypt", "--in-place", FILE]).ok();
    sandbox
}

/// It failed, said why, and changed nothing.
#[track_caller]
fn stands(sandbox: &Sandbox, run: &Run, before: &[u8], why: &[&str]) {
    let said = run.err();
    assert_ne!(run.code, 0, "{}", run.command);
    assert!(run.stdout.is_empty(), "{}", run.command);
    assert!(why.iter().any(|why| said.contains(why)), "{}: {said}", run.command);
    assert!(said.contains(FILE) && !said.contains(SECRET), "{}: {said}", run.command);
    assert_eq!(sandbox.read(FILE), before, "{}", run.command);
    assert_eq!(readable(sandbox), Vec::<std::path::PathBuf>::new(), "{}", run.command);
}

#[test]
fn on_a_full_disk_the_old_file_stands() {
    let sandbox = sealed();
    let before = sandbox.read(FILE);
    let disk = sandbox.work();
    let room = before.len() + before.len() / 2;
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", &format!("size={room}"), "tmpfs"])
        .arg(&disk)
        .output();
    if !mounted.is_ok_and(|mount| mount.status.success()) {
        eprintln!(
            "no file system can be mounted here (that takes root): the limit on the size of files, in the next test, stands for a full disk"
        );
        return;
    }
    let disk = Mounted(disk);
    sandbox.write(FILE, &before);
    sandbox.write(".sops-rules.yaml", "creation_rules: []\n");
    for args in verbs() {
        let run = bulla(&sandbox, &args);
        // What is smaller than it was has room enough.
        if run.code != 0 {
            stands(&sandbox, &run, &before, &["no space left on device"]);
        }
        let now = sandbox.read(FILE);
        assert_eq!(
            files(&sandbox).iter().filter(|path| path.starts_with(sandbox.work())).count(),
            2
        );
        if run.code == 0 {
            assert!(args[0] == "decrypt" || now != before);
            sandbox.write(FILE, &before);
        }
    }
    let run = bulla(&sandbox, &["rotate", "--in-place", FILE]);
    stands(&sandbox, &run, &before, &["no space left on device"]);
    drop(disk);
}

/// A file system that goes with the value.
struct Mounted(std::path::PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
fn where_files_may_not_grow_the_old_file_stands() {
    let sandbox = sealed();
    let before = sandbox.read(FILE);
    for args in verbs() {
        // Blocks of 512 bytes: less than any result.
        let script = "trap '' XFSZ; ulimit -f 16; exec \"$@\"";
        let bulla = command(&sandbox, &args);
        let mut limited = sandbox.command("sh");
        limited.args(["-c", script, "sh"]).arg(bulla.get_program()).args(bulla.get_args());
        limited.envs(bulla.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let run = sandbox.run(&mut limited);
        stands(&sandbox, &run, &before, &["file too large"]);
        assert_eq!(run.code, UNWRITABLE);
        assert_eq!(files(&sandbox).len(), 2);
    }
}

/// The same line as a user who is nobody. Root may write everywhere.
fn as_nobody(sandbox: &Sandbox, args: &[&str]) -> Command {
    let mut command = command(sandbox, args);
    if rustix::process::geteuid().is_root() {
        let program = sandbox.path("../bulla");
        if !program.exists() {
            fs::copy(command.get_program(), &program).expect("the program can be copied");
        }
        let mut other = sandbox.command(&program);
        other.args(args).envs(command.get_envs().filter_map(|(n, v)| Some((n, v?))));
        command = other;
        command.uid(NOBODY).gid(NOBODY);
        fs::set_permissions(sandbox.root(), Permissions::from_mode(0o755)).expect("it is ours");
    }
    command
}

/// Gives a path to whom the commands run as.
fn give_away(path: &Path) {
    if rustix::process::geteuid().is_root() {
        chown(path, Some(NOBODY), Some(NOBODY)).expect("root may");
    }
}

#[test]
fn in_a_folder_that_cannot_be_written_the_old_file_stands() {
    let sandbox = sealed();
    let before = sandbox.read(FILE);
    for path in [sandbox.path(FILE), sandbox.path(".sops-rules.yaml")] {
        give_away(&path);
    }
    give_away(&sandbox.work());
    fs::set_permissions(sandbox.work(), Permissions::from_mode(0o555)).unwrap();
    for args in verbs() {
        let run = sandbox.run(&mut as_nobody(&sandbox, &args));
        stands(&sandbox, &run, &before, &["permission denied"]);
        assert_eq!(run.code, UNWRITABLE);
    }
    fs::set_permissions(sandbox.work(), Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_file_that_may_not_be_written_stands_though_its_folder_may() {
    let sandbox = sealed();
    let before = sandbox.read(FILE);
    give_away(&sandbox.work());
    // It is root's when root runs this, and its owner's own wish when not.
    fs::set_permissions(sandbox.path(FILE), Permissions::from_mode(0o444)).unwrap();
    for args in verbs() {
        let run = sandbox.run(&mut as_nobody(&sandbox, &args));
        stands(&sandbox, &run, &before, &["permission denied"]);
        assert_eq!(run.code, UNWRITABLE);
    }
}

#[test]
fn when_the_folder_vanishes_under_an_editor_nothing_is_left() {
    let sandbox = repository();
    sandbox.write("apps/db.enc.yaml", manifest());
    bulla(&sandbox, &["encrypt", "--in-place", "apps/db.enc.yaml"]).ok();
    let script = sandbox
        .write("editor.sh", "#!/bin/sh\nsed -i 's/name: db/name: other/' \"$1\"\nrm -r apps\n");
    fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    let mut edit = command(&sandbox, &["edit", "apps/db.enc.yaml"]);
    let run = sandbox.run(edit.env("EDITOR", &script).env("XDG_RUNTIME_DIR", sandbox.tmp()));
    assert_ne!(run.code, 0);
    assert!(run.err().contains("apps/db.enc.yaml"), "{}", run.err());
    assert!(!run.err().contains(SECRET));
    assert!(!sandbox.path("apps").exists());
    assert_eq!(readable(&sandbox), Vec::<std::path::PathBuf>::new());
}
