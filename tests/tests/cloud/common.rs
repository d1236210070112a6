//! A file, both programs, and what every failure has to keep.

use std::process::Command;
use std::time::{Duration, Instant};

use bulla_testkit::{Run, Sandbox};

/// A value that must not be seen anywhere.
pub(crate) const SECRET: &str = "hunter2-correct-horse";

/// What is sealed.
pub(crate) const PLAIN: &str = "# of a validator\npassword: hunter2-correct-horse\nport: 26657\n";

/// Variables for a program.
pub(crate) type Variables<'a> = &'a [(&'a str, &'a str)];

/// Longer than bulla's own limit of ten seconds for one key, by what a slow machine
/// needs besides.
const PATIENCE: Duration = Duration::from_secs(20);

/// A sandbox with the file that is to be sealed.
pub(crate) fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("plain.yaml", PLAIN);
    sandbox
}

/// Runs `bulla` with these variables and no others.
#[track_caller]
pub(crate) fn bulla(sandbox: &Sandbox, variables: Variables<'_>, args: &[&str]) -> Run {
    run(sandbox, sandbox.bulla(), variables, args)
}

/// Runs a program with these variables and no others.
#[track_caller]
pub(crate) fn run(
    sandbox: &Sandbox,
    mut command: Command,
    variables: Variables<'_>,
    args: &[&str],
) -> Run {
    sandbox.run(command.args(args).envs(variables.iter().copied()))
}

/// Seals with bulla, opens with every sops of `programs`; seals with each of them,
/// opens with bulla. `seal` is the flag that names the key, which both programs share.
#[track_caller]
pub(crate) fn goes_both_ways(
    programs: &[(&str, std::path::PathBuf)],
    seal: &[&str],
    ours: Variables<'_>,
    theirs: Variables<'_>,
) {
    let sandbox = sandbox();
    let encrypt = [&["encrypt"], seal, &["plain.yaml"]].concat();
    let sealed = bulla(&sandbox, ours, &encrypt).ok();
    assert!(!sealed.out().contains(SECRET), "{}", sealed.out());
    sandbox.write("ours.yaml", &sealed.stdout);
    assert_eq!(bulla(&sandbox, ours, &["decrypt", "ours.yaml"]).ok().out(), PLAIN);
    for (version, program) in programs {
        let opened = run(&sandbox, sandbox.command(program), theirs, &["decrypt", "ours.yaml"]);
        let opened = opened.ok();
        assert!(opened.out().contains(SECRET), "sops {version}: {}", opened.out());

        let sealed = run(&sandbox, sandbox.command(program), theirs, &encrypt).ok();
        assert!(!sealed.out().contains(SECRET), "sops {version}: {}", sealed.out());
        sandbox.write("theirs.yaml", &sealed.stdout);
        let opened = bulla(&sandbox, ours, &["decrypt", "theirs.yaml"]).ok();
        assert_eq!(opened.out(), PLAIN, "sops {version}");
    }
}

/// Runs `bulla`, which has to fail in time and with one message that has all of
/// `words`; nothing on standard output, no file written, none of `never` said.
#[track_caller]
pub(crate) fn fails(
    sandbox: &Sandbox,
    variables: Variables<'_>,
    args: &[&str],
    words: &[&str],
    never: &[&str],
) -> Run {
    let files = |sandbox: &Sandbox| {
        let entries = std::fs::read_dir(sandbox.work()).expect("the working directory");
        let mut files: Vec<_> = entries
            .flatten()
            .map(|entry| (entry.file_name(), std::fs::read(entry.path()).unwrap_or_default()))
            .collect();
        files.sort();
        files
    };
    let before = files(sandbox);
    let began = Instant::now();
    let run = bulla(sandbox, variables, args).fails();
    assert!(began.elapsed() < PATIENCE, "{} took {:?}", run.command, began.elapsed());
    assert_eq!(run.out(), "", "{}", run.command);
    assert!(files(sandbox) == before, "{} wrote a file", run.command);
    for word in words {
        assert!(run.err().contains(word), "`{word}` is missing:\n{}", run.err());
    }
    for word in never.iter().chain(&[SECRET, "panicked"]) {
        assert!(!run.err().contains(word), "`{word}` was said:\n{}", run.err());
    }
    // A page of somebody else's text is no message.
    assert!(run.err().lines().count() < 16, "{}", run.err());
    assert!(run.err().lines().all(|line| line.len() < 300), "{}", run.err());
    run
}

/// Lets a file be started.
pub(crate) fn make_executable(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}
