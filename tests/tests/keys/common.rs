//! What the tests of all kinds do: seal, open, answer on a terminal.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bulla_testkit::{Run, Sandbox, binary, peers};

/// A value that must not be seen anywhere.
pub(crate) const SECRET: &str = "hunter2-correct-horse";

/// A text with [`SECRET`] in it.
pub(crate) const PLAIN: &str = "password: hunter2-correct-horse # do not tell\nuser: alice\n";

/// A sandbox with [`PLAIN`] in `plain.yaml`.
pub(crate) fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("plain.yaml", PLAIN);
    sandbox
}

/// Seals `plain.yaml` with bulla as `sealed.yaml`, with these flags and variables.
#[track_caller]
pub(crate) fn seal(sandbox: &Sandbox, flags: &[&str], with: impl Fn(&mut Command)) {
    let mut command = sandbox.bulla();
    command.args(["encrypt", "plain.yaml", "--output", "sealed.yaml"]).args(flags);
    with(&mut command);
    // Otherwise its wrapped keys would be kept.
    let _ = fs::remove_file(sandbox.path("sealed.yaml"));
    sandbox.run(&mut command).ok();
    assert!(!sandbox.read_text("sealed.yaml").contains(SECRET));
}

/// Opens `sealed.yaml` with bulla.
#[track_caller]
pub(crate) fn open(sandbox: &Sandbox, with: impl Fn(&mut Command)) -> Run {
    let mut command = sandbox.bulla();
    command.args(["decrypt", "sealed.yaml"]);
    with(&mut command);
    sandbox.run(&mut command)
}

/// Opens `sealed.yaml` with bulla, which must fail without a key and say nothing of the
/// plaintext; what it said.
#[track_caller]
pub(crate) fn open_in_vain(sandbox: &Sandbox, with: impl Fn(&mut Command)) -> String {
    let run = open(sandbox, with).exits(128);
    assert!(run.stdout.is_empty() && !run.err().contains(SECRET), "{}", run.err());
    run.err().to_owned()
}

/// Seals with bulla and opens with every sops, and the other way round.
#[track_caller]
pub(crate) fn both_ways(sandbox: &Sandbox, flags: &[&str], with: impl Fn(&mut Command)) {
    for (version, program) in peers::all_sops() {
        seal(sandbox, flags, &with);
        let sops = |args: &[&str]| {
            let mut command = sandbox.command(&program);
            command.args(args);
            with(&mut command);
            sandbox.run(&mut command).ok()
        };
        let part = r#"["password"]"#;
        let opened = sops(&["decrypt", "--extract", part, "sealed.yaml"]);
        assert_eq!(opened.out(), SECRET, "sops {version}");

        let sealed = sops(&[&["encrypt"], flags, &["plain.yaml"]].concat());
        sandbox.write("sealed.yaml", &sealed.stdout);
        let opened = open(sandbox, &with).ok();
        assert!(opened.out().contains(SECRET), "sops {version}: {}", opened.out());
    }
}

/// A directory with programs, before the others of `PATH`.
pub(crate) fn path_with(dir: &Path) -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::iter::once(dir.to_path_buf()).chain(std::env::split_paths(&path));
    std::env::join_paths(dirs).expect("no colon in a path of the sandbox")
}

/// Writes an executable script and gives its path.
#[track_caller]
pub(crate) fn script(sandbox: &Sandbox, name: &str, text: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = sandbox.write(name, text);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
    path
}

/// `bulla decrypt sealed.yaml` without a terminal, even when the tests run in one.
#[track_caller]
pub(crate) fn without_terminal(sandbox: &Sandbox, with: impl Fn(&mut Command)) -> Run {
    let mut command = sandbox.command(peers::system("setsid"));
    command.arg("--wait").arg(binary("bulla")).args(["decrypt", "sealed.yaml"]);
    with(&mut command);
    sandbox.run(&mut command)
}

/// Runs `bulla decrypt sealed.yaml` on a terminal, and types an answer to the first
/// question; the exit code and everything that was on the screen.
///
/// Its output goes to the file `opened`, so that the screen has questions only.
#[track_caller]
pub(crate) fn on_terminal(
    sandbox: &Sandbox,
    answer: &str,
    with: impl Fn(&mut Command),
) -> (i32, String) {
    let line = format!("'{}' decrypt sealed.yaml > opened", binary("bulla").display());
    let mut command = sandbox.command(peers::system("script"));
    command.args(["--quiet", "--return", "--flush", "--command", &line, "/dev/null"]);
    command.env("SHELL", "/bin/sh");
    with(&mut command);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("script starts");
    let mut keyboard = child.stdin.take().expect("a piped standard input");
    let mut screen = child.stdout.take().expect("a piped standard output");
    let mut shown = Vec::new();
    let mut buffer = [0; 1024];
    let mut typed = false;
    while let Ok(read @ 1..) = screen.read(&mut buffer) {
        shown.extend_from_slice(&buffer[..read]);
        if !typed && shown.ends_with(b": ") {
            typed = true;
            keyboard.write_all(format!("{answer}\n").as_bytes()).expect("script reads");
        }
    }
    drop(keyboard);
    let code = child.wait().expect("script ends").code().unwrap_or(-1);
    (code, String::from_utf8_lossy(&shown).into_owned())
}
