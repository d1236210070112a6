//! How the guard speaks, and how it ends.

use bulla_guard::Report;

use crate::exit::Code;
use crate::failure::{Failure, Result, printable};
use crate::write;

/// How to say it.
#[derive(clap::Args, Debug)]
pub(super) struct Output {}

impl Output {
    /// Says what was found, and makes an exit code of it.
    pub(super) fn show(&self, report: &Report) -> Result {
        write::stdout(format!("{}\n", printable(&report.to_string())).as_bytes())?;
        verdict(report)
    }
}

fn verdict(report: &Report) -> Result {
    if !report.findings.is_empty() {
        return Err(Failure::other("this must not be committed: see above for what to do"));
    }
    if !report.unread.is_empty() {
        // What was not looked at may hold anything.
        let message = "not everything could be looked at: see above";
        return Err(Failure::new(Code::Unwritable, message));
    }
    Ok(())
}
