//! `bulla guard install` and `bulla guard uninstall`

use std::path::PathBuf;

use bulla_guard::{Installed, install_hooks, uninstall_hooks};

use super::sources::failure;
use crate::failure::{Result, say};

/// Make git ask before each commit, merge and push
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Directory in the repository
    #[arg(default_value = ".", hide_default_value = true)]
    dir: PathBuf,
}

/// Take out what install has put in
#[derive(clap::Args, Debug)]
pub(super) struct Uninstall {
    /// Directory in the repository
    #[arg(default_value = ".", hide_default_value = true)]
    dir: PathBuf,
}

pub(super) fn run(args: &Args) -> Result {
    let installed = install_hooks(&args.dir).map_err(failure)?;
    if installed.is_empty() {
        say("the file of the hooks' manager names the guard already; bulla guard doctor tries it");
    }
    for Installed { file, chained, changed, .. } in installed {
        let what = if changed { "installed the guard" } else { "the guard was installed already" };
        say(&format!("{}: {what}", file.display()));
        if let Some(chained) = chained {
            say(&format!("{}: the hook that was there runs first", chained.display()));
        }
    }
    Ok(())
}

pub(super) fn run_uninstall(args: &Uninstall) -> Result {
    let removed = uninstall_hooks(&args.dir).map_err(failure)?;
    if removed.is_empty() {
        say("the guard is not installed");
    }
    for file in removed {
        say(&format!("{}: took the guard out", file.display()));
    }
    Ok(())
}
