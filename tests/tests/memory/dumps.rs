//! A process that dies leaves no core dump.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use bulla_testkit::Sandbox;

/// Everybody's user without rights.
const NOBODY: u32 = 65534;

/// A process that is ended with the value.
struct Waiting(Child);

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program as a user who is not root, to whom the files of a process in /proc belong
/// as long as it can be dumped.
fn as_somebody(sandbox: &Sandbox, program: &str) -> Command {
    let built = bulla_testkit::binary(program);
    if !rustix::process::geteuid().is_root() {
        return sandbox.command(built);
    }
    let copy = sandbox.path(format!("../{program}"));
    if !copy.exists() {
        fs::copy(built, &copy).expect("the program can be copied");
        fs::set_permissions(sandbox.root(), Permissions::from_mode(0o755)).expect("it is ours");
    }
    let mut command = sandbox.command(copy);
    command.uid(NOBODY).gid(NOBODY);
    command
}

/// Whether a process can be dumped, as the system says.
fn can_be_dumped(pid: u32) -> bool {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap_or_default();
    let core = limits.lines().find(|line| line.starts_with("Max core file size"));
    let no_core = core.is_some_and(|line| line.split_whitespace().nth(4) == Some("0"));
    let owner = fs::metadata(format!("/proc/{pid}/mem")).map(|metadata| metadata.uid());
    !(no_core && owner.is_ok_and(|owner| owner == 0))
}

#[test]
fn no_verb_that_opens_or_seals_can_be_dumped() {
    let sandbox = Sandbox::new();
    sandbox.write("rules.yaml", "creation_rules: []\n");
    let fifo = sandbox.path("db.enc.yaml");
    let made = Command::new("mkfifo").arg("-m").arg("666").arg(&fifo).status();
    assert!(made.expect("mkfifo is there").success());
    let file = "db.enc.yaml";
    let lines: [(&str, &[&str]); 11] = [
        ("bulla", &["decrypt", file]),
        ("bulla", &["encrypt", file]),
        ("bulla", &["edit", file]),
        ("bulla", &["set", file, r#"["a"]"#, "1"]),
        ("bulla", &["unset", file, r#"["a"]"#]),
        ("bulla", &["rotate", file]),
        ("bulla", &["updatekeys", file]),
        ("bulla", &["exec-env", file, "true"]),
        ("bulla", &["exec-file", file, "true"]),
        ("bulla", &["keyservice"]),
        ("bulla-krm", &[]),
    ];
    for (program, args) in lines {
        let mut command = as_somebody(&sandbox, program);
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let waiting = Waiting(command.spawn().expect("the program starts"));
        // It waits for the other end of the pipe, or for somebody who asks.
        let hardened = (0..500).any(|_| {
            thread::sleep(Duration::from_millis(10));
            !can_be_dumped(waiting.0.id())
        });
        assert!(hardened, "{program} {args:?} can be dumped, or does not wait");
    }
}
