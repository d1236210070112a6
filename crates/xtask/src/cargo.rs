//! Cargo, called from a job that cargo itself started.

use std::env;
use std::process::Command;

use bulla_testkit::peers;

use crate::Result;

/// `cargo <words>` in the workspace's directory.
pub(crate) fn cargo(words: &str) -> Command {
    // The toolchain that runs this job, not whichever the PATH names first.
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(peers::workspace_root()).args(words.split_whitespace());
    cargo
}

/// Runs a command that shows its output as it goes.
pub(crate) fn run(mut command: Command) -> Result {
    let status = command.status().map_err(|error| format!("cannot start {command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}
