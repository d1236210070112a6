//! Sealed files with a rules file, for both programs.

use std::path::Path;

use bulla_testkit::{Run, Sandbox, keys, peers};

/// A value that must not be seen anywhere but in Vault.
pub(crate) const SECRET: &str = "hunter2-correct-horse";

/// Variables for a program.
pub(crate) type Variables<'a> = &'a [(&'a str, &'a str)];

/// Files, sealed by sops, and destination rules, a list in YAML.
pub(crate) fn sandbox(rules: &str, files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, text) in files {
        seal(&sandbox, name, text, &[]);
    }
    sandbox.write(".sops.yaml", format!("destination_rules:\n{rules}"));
    sandbox
}

/// Seals a file as sops does.
#[track_caller]
pub(crate) fn seal(sandbox: &Sandbox, name: &str, text: &str, flags: &[&str]) {
    sandbox.write(name, text);
    let mut sops = sandbox.command(peers::sops());
    sops.args(["--encrypt", "--age", keys::age_recipient()]).args(flags).arg(name);
    let sealed = sandbox.run(&mut sops).ok();
    sandbox.write(name, &sealed.stdout);
}

/// Runs `bulla publish` with the test key, these variables and no others.
#[track_caller]
pub(crate) fn publish(sandbox: &Sandbox, variables: Variables<'_>, args: &[&str]) -> Run {
    let run = with(sandbox, &bulla_testkit::binary("bulla"), variables, args, "");
    assert!(!run.err().contains(SECRET) && !run.out().contains(SECRET), "{}", run.err());
    assert!(!run.err().contains("panicked"), "{}", run.err());
    run
}

/// Runs `sops publish` in the same way.
#[track_caller]
pub(crate) fn sops(sandbox: &Sandbox, variables: Variables<'_>, args: &[&str]) -> Run {
    with(sandbox, &peers::sops(), variables, args, "")
}

/// Runs a program's `publish`, which is told `input`.
#[track_caller]
pub(crate) fn with(
    sandbox: &Sandbox,
    program: &Path,
    variables: Variables<'_>,
    args: &[&str],
    input: &str,
) -> Run {
    let mut command = sandbox.command(program);
    command.env("SOPS_AGE_KEY", keys::age_identity()).envs(variables.iter().copied());
    sandbox.run_with(command.arg("publish").args(args), input)
}

/// Runs `bulla publish --yes`, which has to fail with a message that has all of `words`.
#[track_caller]
pub(crate) fn fails(sandbox: &Sandbox, variables: Variables<'_>, file: &str, words: &[&str]) {
    let run = publish(sandbox, variables, &["--yes", file]).exits(1);
    assert_eq!(run.out(), "");
    for word in words {
        assert!(run.err().contains(word), "`{word}` is missing:\n{}", run.err());
    }
    assert!(run.err().lines().all(|line| line.len() < 300), "{}", run.err());
}
