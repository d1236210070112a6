//! What the guard looks at: where the files of a report come from.

use std::io;
use std::path::{Path, PathBuf};

use bulla_guard::{
    GuardError, Report, check_history, check_paths, check_range, check_staged, check_stream,
};

use super::progress::Meter;
use crate::failure::{Failure, Result};

/// The path that stands for standard input.
const STDIN: &str = "-";

/// Where to look; without any of it, at what is staged.
#[derive(clap::Args, Debug)]
pub(super) struct Sources {
    /// Look at what git is about to commit, not at files
    #[arg(long, conflicts_with_all = ["range", "history", "paths"], display_order = 1)]
    staged: bool,
    /// Look at what these commits bring, and at their messages
    #[arg(long, value_name = "A..B", conflicts_with_all = ["history", "paths"], display_order = 2)]
    range: Option<String>,
    /// Look at all that any branch, tag or stash has or had
    #[arg(long, conflicts_with = "paths", display_order = 3)]
    history: bool,
    /// How the file is called that comes on standard input, for the path `-`
    #[arg(long, value_name = "PATH", default_value = "stdin", display_order = 4)]
    stdin_path: PathBuf,
    /// Files and directories to look at; `-` is standard input
    paths: Vec<PathBuf>,
}

impl Sources {
    /// Whether it is what is staged that is looked at.
    pub(super) fn is_staged(&self) -> bool {
        self.range.is_none() && !self.history && self.paths.is_empty()
    }

    /// Looks at all of it.
    pub(super) fn look(&self) -> Result<Report> {
        let here = Path::new(".");
        let meter = Meter::new();
        let report = if let Some(range) = &self.range {
            check_range(here, range, &|done, all| meter.step(done, all))
        } else if self.history {
            check_history(here, &|done, all| meter.step(done, all))
        } else if self.paths.is_empty() {
            check_staged(here)
        } else if self.paths.as_slice() == [Path::new(STDIN)] {
            Ok(check_stream(&self.stdin_path, io::stdin().lock()))
        } else if self.paths.iter().any(|path| path == Path::new(STDIN)) {
            return Err(Failure::other("- is standard input, and cannot stand among other paths"));
        } else {
            Ok(check_paths(&self.paths))
        };
        report.map_err(failure)
    }
}

/// Why there is no report.
pub(super) fn failure(error: GuardError) -> Failure {
    Failure::other(error.to_string())
}
