//! `bulla guard install`

use std::path::PathBuf;

use bulla_guard::{Installed, install_hook};

use crate::failure::{Failure, Result, say};

/// Make git ask before each commit
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Directory in the repository
    #[arg(default_value = ".", hide_default_value = true)]
    dir: PathBuf,
}

pub(super) fn run(args: &Args) -> Result {
    let installed = install_hook(&args.dir).map_err(|error| Failure::other(error.to_string()))?;
    let Installed { hook, chained, changed, .. } = installed;
    say(&format!(
        "{}: {}",
        hook.display(),
        if changed { "installed the guard" } else { "the guard was installed already" }
    ));
    if let Some(chained) = chained {
        say(&format!("{}: the hook that was there runs first", chained.display()));
    }
    Ok(())
}
