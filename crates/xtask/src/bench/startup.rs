//! What a file for age alone pays for the services that are linked in beside it.

use std::path::{Path, PathBuf};

use bulla_testkit::Sandbox;

use super::cases::Case;
use super::krm::Row;
use super::report::medians;
use super::{check, sample, target_folder};
use crate::Result;
use crate::cargo::{cargo, run as run_command};

/// How many more runs than elsewhere: one lasts two milliseconds, of which the clock of a
/// process sees whole ones.
const MORE: usize = 10;

/// The row's name; `other` is the build with age alone.
const LABEL: &str = "decrypt, one small Secret; a build with age alone";

/// Builds bulla with age alone, in a folder of its own; the program.
pub(super) fn build_lean() -> Result<PathBuf> {
    let folder = target_folder()?.join("lean");
    let mut build = cargo("build --release --package bulla --no-default-features");
    build.arg("--target-dir").arg(&folder);
    run_command(build)?;
    Ok(folder.join("release/bulla"))
}

/// The default build and the lean one in turn, on the small file of `case`.
pub(super) fn run(
    sandbox: &Sandbox,
    full: &Path,
    lean: &Path,
    case: &Case,
    runs: usize,
) -> Result<Row> {
    check(sandbox, full, case)?;
    check(sandbox, lean, case)?;
    eprintln!("{LABEL}: {} runs of each", runs * MORE);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..runs * MORE {
        ours.push(sample(sandbox, full, case)?);
        theirs.push(sample(sandbox, lean, case)?);
    }
    Ok(Row { label: LABEL, bulla: medians(&ours), other: medians(&theirs) })
}
