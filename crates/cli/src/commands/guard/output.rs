//! How the guard speaks, and how it ends.

use std::env;
use std::io::{self, IsTerminal};

use bulla_guard::{Confidence, Format, Report, Wanted};
use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use time::OffsetDateTime;

use crate::exit::Code;
use crate::failure::{Failure, Result, say};
use crate::write;

/// How to say it.
#[derive(clap::Args, Debug)]
pub(super) struct Output {
    /// Form of the report: lines for people, JSON, SARIF 2.1.0, annotations, code quality
    #[arg(
        long,
        value_name = "FORMAT",
        default_value_t,
        value_parser = PossibleValuesParser::new(Format::ALL.map(Format::name))
            .try_map(|name| name.parse::<Format>()),
        display_order = 20
    )]
    format: Format,
    /// How sure findings must be: calculated, seen by their structure, or look like it
    #[arg(long, value_enum, value_name = "CONFIDENCE", display_order = 21)]
    min: Option<Sure>,
    /// Let key files pass that a password protects
    #[arg(long, display_order = 22)]
    no_policy: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Sure {
    Proof,
    Structure,
    Heuristic,
}

impl Output {
    /// Says what was found, and makes an exit code of it.
    pub(super) fn show(&self, report: Report) -> Result {
        verdict(&self.say(report)?)
    }

    /// Says what was found, and gives what of it counts.
    pub(super) fn say(&self, mut report: Report) -> Result<Report> {
        report.expire(OffsetDateTime::now_utc().date());
        report.keep(self.wanted());
        write::stdout(self.format.write(&report, has_colour()).as_bytes())?;
        if let Some(remarks) = self.format.remarks(&report) {
            say(remarks.trim_end());
        }
        Ok(report)
    }

    /// Whether the report is for somebody who reads it.
    pub(super) fn is_for_people(&self) -> bool {
        self.format == Format::Text
    }

    fn wanted(&self) -> Wanted {
        let min = self.min.map(|min| match min {
            Sure::Proof => Confidence::Proof,
            Sure::Structure => Confidence::Structure,
            Sure::Heuristic => Confidence::Heuristic,
        });
        Wanted { min, no_policy: self.no_policy }
    }
}

/// Findings weigh more than gaps: there is something to do about them.
pub(super) fn verdict(report: &Report) -> Result {
    if !report.findings.is_empty() {
        return Err(Failure::other("this must not be committed: see above for what to do"));
    }
    if !report.misconfigured.is_empty() {
        let message = "what is let pass here cannot be read: see above";
        return Err(Failure::new(Code::Unreadable, message));
    }
    if !report.is_whole() {
        // What was not looked at may hold anything.
        let message = "not everything could be looked at: see above";
        return Err(Failure::new(Code::Unwritable, message));
    }
    Ok(())
}

/// As people ask for it: <https://no-color.org>.
fn has_colour() -> bool {
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb
}
