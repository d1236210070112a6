//! How the guard speaks, and how it ends.

use std::env;
use std::io::{self, IsTerminal};

use bulla_guard::{Confidence, Format, Report, Wanted};
use clap::ValueEnum;
use time::OffsetDateTime;

use crate::exit::Code;
use crate::failure::{Failure, Result, say};
use crate::write;

/// How to say it.
#[derive(clap::Args, Debug)]
pub(super) struct Output {
    /// Form of the report: lines for people, JSON, SARIF 2.1.0, annotations, code quality
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t, display_order = 20)]
    format: Form,
    /// How sure findings must be: calculated, seen by their structure, or look like it
    #[arg(long, value_enum, value_name = "CONFIDENCE", display_order = 21)]
    min: Option<Sure>,
    /// Let key files pass that a password protects
    #[arg(long, display_order = 22)]
    no_policy: bool,
}

// Values have no help of their own: the page has to fit a screen.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Form {
    #[default]
    Text,
    Json,
    Sarif,
    Github,
    Gitlab,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Sure {
    Proof,
    Structure,
    Heuristic,
}

impl Output {
    /// Says what was found, and makes an exit code of it.
    pub(super) fn show(&self, mut report: Report) -> Result {
        report.expire(OffsetDateTime::now_utc().date());
        report.keep(self.wanted());
        let format = Format::from(self.format);
        write::stdout(format.write(&report, has_colour()).as_bytes())?;
        if let Some(remarks) = format.remarks(&report) {
            say(remarks.trim_end());
        }
        verdict(&report)
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

impl From<Form> for Format {
    fn from(form: Form) -> Self {
        match form {
            Form::Text => Self::Text,
            Form::Json => Self::Json,
            Form::Sarif => Self::Sarif,
            Form::Github => Self::Github,
            Form::Gitlab => Self::Gitlab,
        }
    }
}

/// Findings weigh more than gaps: there is something to do about them.
fn verdict(report: &Report) -> Result {
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
