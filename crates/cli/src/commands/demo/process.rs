//! Programs and what they did.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use super::broken;
use crate::failure::Result;

/// What a program did.
pub(super) struct Outcome {
    what: String,
    succeeded: bool,
    pub(super) stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Outcome {
    pub(super) fn new(program: &str, arguments: &[&str], output: Output) -> Self {
        Self {
            what: format!("{program} {}", arguments.join(" ")),
            succeeded: output.status.success(),
            stdout: output.stdout,
            stderr: output.stderr,
        }
    }

    /// The outcome, if it was one that was hoped for.
    pub(super) fn success(self) -> Result<Self> {
        if self.succeeded {
            return Ok(self);
        }
        let said = String::from_utf8_lossy(&self.stderr);
        Err(broken(&format!("{} failed: {}", self.what, said.trim())))
    }

    /// Fails when the program did not.
    pub(super) fn failure(&self, otherwise: &str) -> Result {
        if self.succeeded { Err(broken(otherwise)) } else { Ok(()) }
    }

    /// Everything that was printed.
    pub(super) fn text(&self) -> String {
        let (out, err) = (&self.stdout, &self.stderr);
        format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
    }
}

/// Runs a program that reads nothing.
pub(super) fn outcome(mut command: Command, program: &str, arguments: &[&str]) -> Result<Outcome> {
    let output =
        command.output().map_err(|error| broken(&format!("cannot start {program}: {error}")))?;
    Ok(Outcome::new(program, arguments, output))
}

/// Runs a program that reads `input`.
pub(super) fn fed(
    mut command: Command,
    input: &str,
    program: &str,
    arguments: &[&str],
) -> Result<Outcome> {
    let failed = |error: std::io::Error| broken(&format!("cannot run {program}: {error}"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes()).map_err(failed)?;
    }
    let output = child.wait_with_output().map_err(failed)?;
    Ok(Outcome::new(program, arguments, output))
}
