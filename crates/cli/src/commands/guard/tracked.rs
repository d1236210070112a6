//! The whole of a repository, as git tracks it: what a baseline is made of, and what an
//! audit looks at.

use std::env;
use std::fs;
use std::path::PathBuf;

use bulla_guard::{Report, check_history, check_paths};
use time::OffsetDateTime;

use super::no_report;
use super::progress::Meter;
use super::sources::failure;
use crate::exit::Code;
use crate::failure::{Failure, Result};
use crate::git;

/// What is in the work tree of a repository, and what the guard makes of it.
pub(super) struct Tracked {
    /// The files, by their paths from the top.
    pub(super) files: Vec<PathBuf>,
    pub(super) report: Report,
}

/// Looks at every tracked file of the repository around the current directory, which
/// becomes its top: baselines and allows have paths from there. With `and_history`, at all
/// that was ever committed as well.
pub(super) fn look(and_history: bool) -> Result<Tracked> {
    let top = git::top_of(".".as_ref())
        .ok_or_else(|| refused("there is no git repository here; go into one"))?;
    env::set_current_dir(&top).map_err(|error| Failure::unreadable(&top, &error))?;
    let mut files = git::tracked_files(".".as_ref())?;
    // Of links git has the path alone; a file may be gone from the work tree.
    files.retain(|file| fs::symlink_metadata(file).is_ok_and(|metadata| metadata.is_file()));
    let mut report = check_paths(&files);
    if and_history {
        let meter = Meter::new();
        let past = check_history(".".as_ref(), &|done, all| meter.step(done, all));
        report.extend(past.map_err(failure).map_err(no_report)?);
    }
    report.expire(OffsetDateTime::now_utc().date());
    if let Some(problem) = report.misconfigured.first() {
        return Err(refused(problem));
    }
    Ok(Tracked { files, report })
}

fn refused(message: &str) -> Failure {
    Failure::new(Code::Unreadable, message)
}
