//! What `exec-env` adds to the command that it starts.

use std::path::Path;

use bulla_testkit::Sandbox;

use super::cases;
use super::krm::Row;
use super::report::medians;
use super::{measured, with_key};
use crate::Result;

/// The row's name; `other` is the command alone.
pub(super) const LABEL: &str = "exec-env, one small file; the command alone";

/// How many more runs than elsewhere: one lasts some milliseconds.
const MORE: usize = 5;

/// The file's one variable is all that the command has to do with it.
const FILE: &str = "exec.enc.yaml";

/// The command, as both get it: the shell starts nothing else.
const COMMAND: &str = ":";

/// The same command with `exec-env` and without, in turn.
pub(super) fn run(sandbox: &Sandbox, bulla: &Path, sops: &Path, runs: usize) -> Result<Row> {
    let value = cases::value(0);
    sandbox.write("exec.yaml", format!("TOKEN: {value}\n"));
    let mut seal = sandbox.command(sops);
    seal.args(["encrypt", "--age", bulla_testkit::keys::age_recipient(), "exec.yaml"]);
    sandbox.write(FILE, sandbox.run(&mut seal).ok().stdout);
    let mut shown = sandbox.command(bulla);
    let shown = sandbox.run(with_key(shown.args(["exec-env", FILE, "echo $TOKEN"])));
    if shown.stdout != format!("{value}\n").as_bytes() {
        return Err(format!("{} did not open the file", shown.command).into());
    }
    eprintln!("{LABEL}: {} runs of each", runs * MORE);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..runs * MORE {
        let mut command = sandbox.command(bulla);
        ours.push(measured(sandbox, command.args(["exec-env", FILE, COMMAND]))?);
        let mut command = sandbox.command("/bin/sh");
        theirs.push(measured(sandbox, command.args(["-c", COMMAND]))?);
    }
    Ok(Row { label: LABEL, bulla: medians(&ours), other: medians(&theirs) })
}
