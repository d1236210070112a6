//! Running the installed kustomize.

use std::io;
use std::process::{Command, Stdio};

use zeroize::Zeroizing;

use crate::failure::{Failure, Result, reason};
use crate::input::read_all;
use crate::program;

/// The largest result, in bytes.
const LIMIT: u64 = 1 << 30;

/// What is wrong with the plugin under `validators`, and what to do.
pub(crate) const MISPLACED: &str = "this starts the plugin as a validator, and kustomize prints what a validator changes: every value that it opens";
pub(crate) const TO_TRANSFORMERS: &str = "list it under transformers";

/// `kustomize build`, with what `add` adds to it; what it printed, when it went well. What
/// it says on standard error is seen as it comes.
pub(crate) fn build(add: impl FnOnce(&mut Command)) -> Result<Zeroizing<Vec<u8>>> {
    let kustomize = program::find("kustomize").ok_or_else(|| {
        Failure::other(
            "kustomize is not on PATH; install it (kubectl's built-in kustomize cannot start KRM functions)",
        )
    })?;
    let failed = |error: io::Error| {
        Failure::other(format!("{}: cannot be run: {}", kustomize.display(), reason(&error)))
    };
    let mut command = Command::new(&kustomize);
    add(command.arg("build"));
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(failed)?;
    let output = child.stdout.take().map(|stdout| read_all(stdout, 0, LIMIT)).transpose();
    // Waited for whatever came of reading: nothing of it stays behind.
    let status = child.wait().map_err(failed)?;
    match status.success() {
        true => Ok(output.map_err(failed)?.unwrap_or_default()),
        false => Err(Failure::other("kustomize failed: see above")),
    }
}
