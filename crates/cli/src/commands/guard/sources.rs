//! What the guard looks at: where the files of a report come from.

use std::path::{Path, PathBuf};

use bulla_guard::{Report, check_paths, check_staged};

use crate::failure::{Failure, Result};

/// Where to look; without any of it, at what is staged.
#[derive(clap::Args, Debug)]
pub(super) struct Sources {
    /// Look at what git is about to commit, not at files
    #[arg(long, conflicts_with = "paths")]
    staged: bool,
    /// Files and directories to look at
    paths: Vec<PathBuf>,
}

impl Sources {
    /// Looks at all of it.
    pub(super) fn look(&self) -> Result<Report> {
        if self.paths.is_empty() {
            check_staged(Path::new(".")).map_err(|error| Failure::other(error.to_string()))
        } else {
            Ok(check_paths(&self.paths))
        }
    }
}
