//! Running bulla on something, and what memory it takes.

use std::process::Command;

use bulla_core::{Format, seal};
use bulla_testkit::{Sandbox, keys};
use bulla_tests::sealing::{NOW, keyring, recipe};

/// How much larger than usual the large inputs are.
pub(crate) fn scale() -> usize {
    std::env::var("BULLA_SCALE").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
    /// The most memory that it had, in bytes.
    pub(crate) memory: u64,
}

impl Ended {
    /// It said no, in words, and nothing else.
    #[track_caller]
    pub(crate) fn refused(&self, what: &str) {
        assert!(
            self.code.is_some_and(|code| (1..255).contains(&code)),
            "{what}: {:?} {}",
            self.code,
            self.err
        );
        assert!(self.out.is_empty(), "{what}: something was printed");
        assert!(!self.err.contains("defect"), "{what}: {}", self.err);
        let line = self.err.lines().next().unwrap_or_default();
        assert!(line.starts_with("bulla: ") && line.len() < 2000, "{what}: {line}");
    }
}

/// `bulla` with the test key.
pub(crate) fn command(sandbox: &Sandbox, args: &[&str]) -> Command {
    let mut command = sandbox.bulla();
    command.args(args).env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
    command
}

/// Runs `bulla` to its end.
#[track_caller]
pub(crate) fn bulla(sandbox: &Sandbox, args: &[&str]) -> Ended {
    let bulla = command(sandbox, args);
    let memory = sandbox.path("../memory");
    let mut measured = sandbox.command(env!("CARGO_BIN_EXE_measured"));
    measured.arg(&memory).arg(bulla.get_program()).args(args);
    measured.env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
    let run = sandbox.run(&mut measured);
    let memory = std::fs::read_to_string(memory).expect("it was measured");
    Ended {
        code: Some(run.code),
        out: run.stdout.clone(),
        err: String::from_utf8_lossy(&run.stderr).into_owned(),
        memory: memory.parse().expect("a number"),
    }
}

/// What a run takes that has next to nothing to do.
pub(crate) fn base(sandbox: &Sandbox) -> u64 {
    sandbox.write("base.yaml", sealed("a: b\n"));
    bulla(sandbox, &["decrypt", "base.yaml"]).memory
}

/// A text, sealed for the test key.
pub(crate) fn sealed(text: &str) -> String {
    seal(text, Format::Yaml, &recipe(), &keyring(), NOW).expect("it can be sealed").text
}

/// The `sops` block of a sealed file.
pub(crate) fn block() -> String {
    let text = sealed("a: b\n");
    let at = text.find("sops:").expect("it is sealed");
    text[at..].to_owned()
}
