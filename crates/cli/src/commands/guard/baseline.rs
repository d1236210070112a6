//! `bulla guard baseline`

use std::fs;
use std::io;
use std::path::Path;

use bulla_guard::{AllowSource, BASELINE_FILE, Baseline, FileFinding};

use super::tracked::{self, Tracked};
use crate::exit::Code;
use crate::failure::{Failure, Result, say};
use crate::write::{Content, Output};

/// Let pass what is in the repository now
///
/// Writes .bulla-baseline at the top of the repository: an entry for each finding in a tracked
/// file, without values. What is found later, or changed, is not in it.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// And in all that was ever committed, messages included
    #[arg(long)]
    history: bool,
}

pub(super) fn run(args: &Args) -> Result {
    let Tracked { report, .. } = tracked::look(args.history)?;
    let old = present()?;
    let is_new = old.is_none();
    let baseline = old.map_or_else(fresh, Ok)?;
    let known = report
        .allowed
        .iter()
        .filter(|allowed| matches!(allowed.by.source, AllowSource::Baseline { .. }));
    let known = known.map(|allowed| FileFinding {
        path: allowed.path.clone(),
        commit: allowed.commit.clone(),
        finding: allowed.finding.clone(),
    });
    let findings: Vec<_> = report.findings.iter().cloned().chain(known).collect();
    let file = Path::new(BASELINE_FILE);
    Output::File(file).write(baseline.write(&findings).as_bytes(), Content::Sealed)?;
    let (count, what) = (findings.len(), if is_new { "wrote" } else { "wrote again" });
    say(&format!(
        "{BASELINE_FILE}: {what}, with {count} of the findings in {} files",
        report.scanned
    ));
    if !report.unread.is_empty() || !report.partly.is_empty() {
        let message =
            "not everything could be looked at, and is not in the baseline: see bulla guard .";
        return Err(Failure::new(Code::Unwritable, message));
    }
    Ok(())
}

/// The baseline that is there; its key stays, and with it the entries.
fn present() -> Result<Option<Baseline>> {
    match fs::read(BASELINE_FILE) {
        Ok(bytes) => match Baseline::parse(&bytes) {
            Ok(baseline) => Ok(Some(baseline)),
            Err(error) => Err(Failure::new(Code::Unreadable, error.to_string())),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::unreadable(Path::new(BASELINE_FILE), &error)),
    }
}

fn fresh() -> Result<Baseline> {
    let mut key = [0; 32];
    let no_randomness = |_| Failure::other("the system gives no randomness; nothing was written");
    getrandom::fill(&mut key).map_err(no_randomness)?;
    Ok(Baseline::new(key))
}
