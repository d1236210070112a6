//! The same line for two programs, in two sandboxes with the same files.

use std::process::Command;

use bulla_testkit::{Run, Sandbox, keys, peers};
use bulla_tests::sealing::leaves;

/// What most files hold: every kind of value, in two documents.
pub(crate) const TEXT: &str = "\
a: x # one
l:
    - 1
    - 2
m:
    k: v
s: hunter2-correct-horse
n: null
e: {}
el: []
---
b: second
";

/// A sandbox for each program.
pub(crate) struct Both {
    pub(crate) sops: Sandbox,
    pub(crate) bulla: Sandbox,
}

/// How it went.
pub(crate) struct Runs {
    pub(crate) sops: Run,
    pub(crate) bulla: Run,
}

impl Runs {
    /// Both ended with this code.
    #[track_caller]
    pub(crate) fn both_end_with(self, code: i32) -> Self {
        Self { sops: self.sops.exits(code), bulla: self.bulla.exits(code) }
    }
}

impl Both {
    /// With [`TEXT`] in `plain.yaml`, and sealed by sops in `sealed.yaml`.
    pub(crate) fn new() -> Self {
        let both = Self { sops: Sandbox::new(), bulla: Sandbox::new() };
        both.write("plain.yaml", TEXT);
        both.write("sealed.yaml", &both.seal(TEXT));
        both
    }

    /// A text, sealed by sops for the test key.
    pub(crate) fn seal(&self, text: &str) -> String {
        self.seal_as("to-seal.yaml", text)
    }

    /// The same under a name, which gives the format.
    pub(crate) fn seal_as(&self, name: &str, text: &str) -> String {
        self.sops.write(name, text);
        let mut sops = self.sops.command(peers::sops());
        sops.args(["encrypt", "--age", keys::age_recipient(), name]);
        self.sops.run(&mut sops).ok().out().to_owned()
    }

    /// Writes a file for both.
    pub(crate) fn write(&self, name: &str, text: &str) {
        self.sops.write(name, text);
        self.bulla.write(name, text);
    }

    /// Runs a line with both programs.
    #[track_caller]
    pub(crate) fn run(&self, args: &[&str]) -> Runs {
        self.run_with(args, "")
    }

    /// The same, with something on standard input.
    #[track_caller]
    pub(crate) fn run_with(&self, args: &[&str], input: &str) -> Runs {
        let mut sops = with_key(self.sops.command(peers::sops()));
        let mut bulla = with_key(self.bulla.bulla());
        Runs {
            sops: self.sops.run_with(sops.args(args), input),
            bulla: self.bulla.run_with(bulla.args(args), input),
        }
    }

    /// What both files hold, as sops opens them.
    pub(crate) fn trees(&self, name: &str) -> [Vec<String>; 2] {
        [&self.sops, &self.bulla].map(|sandbox| leaves(&opened_by_sops(sandbox, name)))
    }

    /// Runs a line and looks whether it came to the same.
    #[track_caller]
    pub(crate) fn same(&self, args: &[&str]) -> Runs {
        let runs = self.run(args);
        assert_eq!(runs.bulla.code, runs.sops.code, "{args:?}: {}", runs.bulla.err());
        let [theirs, ours] = self.trees("sealed.yaml");
        assert_eq!(ours, theirs, "{args:?}");
        runs
    }
}

/// Both test keys, as somebody has them who may open everything.
pub(crate) fn with_key(mut command: Command) -> Command {
    command.env("SOPS_AGE_KEY", format!("{} {}", keys::age_identity(), keys::age_other_identity()));
    command
}

#[track_caller]
pub(crate) fn opened_by_sops(sandbox: &Sandbox, name: &str) -> String {
    let mut sops = with_key(sandbox.command(peers::sops()));
    sandbox.run(sops.args(["decrypt", name])).ok().out().to_owned()
}

/// Runs `bulla` with both keys.
#[track_caller]
pub(crate) fn bulla(sandbox: &Sandbox, args: &[&str]) -> Run {
    sandbox.run(with_key(sandbox.bulla()).args(args))
}

/// Who a file is sealed for, in order.
pub(crate) fn recipients(text: &str) -> Vec<&str> {
    let first = text.split("\n---\n").next().unwrap_or(text);
    first.split("recipient: ").skip(1).filter_map(|rest| rest.lines().next()).collect()
}

/// The tokens of the values of a file.
pub(crate) fn tokens(text: &str) -> Vec<&str> {
    let values = text.split("\nsops:").next().expect("the beginning");
    values.split("ENC[").skip(1).filter_map(|rest| rest.split(']').next()).collect()
}
