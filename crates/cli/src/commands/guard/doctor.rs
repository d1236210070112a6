//! `bulla guard doctor`

use std::path::PathBuf;

use bulla_guard::{Outcome, Trial, try_hooks};

use super::sources::failure;
use crate::failure::{Failure, Result, printable};
use crate::write;

/// Try the installed hooks with a canary
///
/// Commits, merges and pushes a key that is nobody's in a scratch repository, through the hooks of
/// this one, all of what is in them, and looks who refuses. In the repository nothing is changed.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Directory in the repository
    #[arg(default_value = ".", hide_default_value = true)]
    dir: PathBuf,
}

pub(super) fn run(args: &Args) -> Result {
    let (manager, trials) = try_hooks(&args.dir).map_err(failure)?;
    let mut lines =
        format!("{:<17} {} ({})\n", "hooks", manager.folder().display(), manager.name());
    let mut gaps = 0;
    for Trial { hook, outcome, .. } in &trials {
        let said = match outcome {
            Outcome::Caught => "caught the canary",
            Outcome::NotInstalled => "gap: not installed; bulla guard install",
            Outcome::Passed => "gap: the canary passed; look at what else is in the hook",
            Outcome::RefusedByAnother => {
                "gap: another one refused before the guard was asked, so nobody knows"
            }
            _ => "gap: unknown",
        };
        gaps += usize::from(*outcome != Outcome::Caught);
        lines += &format!("{:<17} {said}\n", hook.name());
    }
    lines += "everywhere        git commit --no-verify asks nobody: let CI look at it again (docs/guard-ci.md)\n";
    write::stdout(printable(&lines).as_bytes())?;
    match gaps {
        0 => Ok(()),
        _ => Err(Failure::other("the guard is not asked everywhere: see above")),
    }
}
