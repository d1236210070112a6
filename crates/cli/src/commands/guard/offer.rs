//! In a terminal: the offer to seal what is staged in the clear, and to stage that.
//!
//! A plaintext that differs from what is staged is somebody's work that git does not have:
//! such a file is left alone, and so is a commit that goes past the index.

use std::collections::BTreeSet;
use std::env;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::path::Path;

use bulla_guard::{Report, check_staged};

use super::no_report;
use super::output::{Output, verdict};
use super::sources::failure;
use crate::args::Global;
use crate::commands::encrypt;
use crate::failure::{Result, printable, say};
use crate::git::index::{self, Index};
use crate::governing::Governing;
use crate::question::confirmed_at;
use crate::signals::is_ours;

/// Who wants to know what is staged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Somebody who typed the command.
    ByHand,
    /// A hook, whose standard input git has closed.
    ByGit,
}

/// Says what is staged in the clear. Whoever sits at a terminal is asked whether it shall
/// be sealed; if so, what is staged then is looked at again.
pub(super) fn show_staged(output: &Output, asked: Asked, global: &Global) -> Result {
    let report = output.say(look()?)?;
    let terminal = output.is_for_people().then(|| terminal(asked)).flatten();
    let offers = terminal.map(|terminal| Offers { terminal, global });
    match offers.map(|offers| offers.make(&report)).transpose()? {
        Some(true) => verdict(&output.say(look()?)?),
        _ => verdict(&report),
    }
}

fn look() -> Result<Report> {
    check_staged(Path::new(".")).map_err(failure).map_err(no_report)
}

/// The terminal, if somebody sits there who reads the report and can answer.
fn terminal(asked: Asked) -> Option<File> {
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_unattended =
        is_set("CI") || env::var_os("GIT_TERMINAL_PROMPT").is_some_and(|v| v == "0");
    let is_seen = io::stdout().is_terminal() && io::stderr().is_terminal();
    let can_answer = asked == Asked::ByGit || io::stdin().is_terminal();
    if is_unattended || !is_seen || !can_answer {
        return None;
    }
    let terminal = File::options().read(true).write(true).open("/dev/tty").ok()?;
    // A question from the background would stop us, and git with us.
    is_ours(&terminal).then_some(terminal)
}

struct Offers<'a> {
    terminal: File,
    global: &'a Global,
}

impl Offers<'_> {
    /// Offers to seal each file that sealing mends. Whether anything is staged anew.
    fn make(&self, report: &Report) -> Result<bool> {
        let found = report.findings.iter().filter(|found| found.finding.is_mended_by_sealing);
        let files: BTreeSet<&str> = found.map(|found| found.path.as_str()).collect();
        if files.is_empty() {
            return Ok(false);
        }
        let Some(index) = Index::here() else { return Ok(false) };
        let mut is_any_sealed = false;
        for file in files {
            let path = index.path_of(file);
            if self.is_covered(&path) {
                is_any_sealed |= self.offer(file, &path, &index)?;
            }
        }
        Ok(is_any_sealed)
    }

    /// Whether a rule says how the file is sealed.
    fn is_covered(&self, path: &Path) -> bool {
        // Rules that cannot be read are in the report.
        let governing = Governing::find(path, self.global.config.as_deref()).ok().flatten();
        governing.is_some_and(|governing| governing.plan().is_some())
    }

    fn offer(&self, file: &str, path: &Path, index: &Index) -> Result<bool> {
        let shown = printable(file).replace('\n', "\\n");
        let decline = |why: &str| {
            say(&format!("bulla: {shown}: not offered to be sealed: {why}"));
            Ok(false)
        };
        if index.is_for_one_commit() {
            return decline("git commits it past the index; git add it, then git commit");
        }
        let differs = "what is staged is not what is in the work tree; stage or stash the rest";
        if !index::holds(path) {
            return decline(differs);
        }
        if !confirmed_at(&self.terminal, &format!("seal and stage {shown}? [y/N] "))? {
            return Ok(false);
        }
        // It may have been edited while the question was open.
        if !index::holds(path) {
            return decline(differs);
        }
        match encrypt::in_place(path, self.global).and_then(|()| index::add(path)) {
            Ok(()) => Ok(true),
            Err(failure) => {
                failure.print();
                Ok(false)
            }
        }
    }
}
