//! What was looked at, and what was found.

use std::fmt;

use time::Date;

use crate::allow::Allowance;
use crate::finding::{Confidence, Finding};
use crate::judge::Judgement;

mod format;
mod github;
mod gitlab;
mod json;
mod sarif;
mod text;

pub use format::Format;
pub use sarif::location as sarif_location;

/// The result of judging several files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// How many files were looked at.
    pub scanned: usize,
    /// What was found, in the order of the files.
    pub findings: Vec<FileFinding>,
    /// What was found and is let pass, in the order of the files.
    pub allowed: Vec<Allowed>,
    /// What could not be looked at. Not a reason to be calm: nobody knows what is in it.
    pub unread: Vec<Unread>,
    /// What was looked at in part only, and why.
    pub partly: Vec<Unread>,
    /// Rules files and baselines that cannot be used, with file and line: nobody knows
    /// what they want.
    pub misconfigured: Vec<String>,
    /// Comments that allow nothing, for an audit.
    pub idle: Vec<Idle>,
    /// How many findings were dropped because they were not wanted.
    pub dropped: usize,
}

/// A finding and its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFinding {
    /// The file, relative to the repository or as it was given.
    pub path: String,
    /// The commit that brought it, when commits were looked at and not files.
    pub commit: Option<String>,
    /// What was found in it.
    pub finding: Finding,
}

/// A finding that is let pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The file, relative to the repository or as it was given.
    pub path: String,
    /// The commit that brought it, when commits were looked at and not files.
    pub commit: Option<String>,
    /// What was found in it.
    pub finding: Finding,
    /// What lets it pass.
    pub by: Allowance,
}

/// A file that could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The file.
    pub path: String,
    /// Why not.
    pub reason: String,
}

/// A comment that allows nothing: what was on its line is gone, or it has no reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idle {
    /// The file.
    pub path: String,
    /// From 1.
    pub line: usize,
}

/// Which findings are wanted. By default, all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// How sure they must be at least; policy is not a matter of that.
    pub min: Option<Confidence>,
    /// Leaves out key files that a password protects.
    pub no_policy: bool,
}

impl Report {
    /// Nothing was found, and everything was looked at.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.is_whole()
    }

    /// Everything was looked at, and no rules are broken.
    pub fn is_whole(&self) -> bool {
        self.unread.is_empty() && self.partly.is_empty() && self.misconfigured.is_empty()
    }

    /// Takes back what is allowed no longer on this day.
    pub fn expire(&mut self, today: Date) {
        let allowed = std::mem::take(&mut self.allowed);
        for mut allowed in allowed {
            match allowed.by.expires.filter(|last| *last < today) {
                Some(last) => {
                    let place = allowed.by.place(&allowed.path);
                    let why = format!("; it was allowed until {last} ({place})");
                    allowed.finding.why.push_str(&why);
                    let Allowed { path, commit, finding, by: _ } = allowed;
                    self.findings.push(FileFinding { path, commit, finding });
                }
                None => self.allowed.push(allowed),
            }
        }
    }

    /// Drops the findings that nobody wants, and counts them.
    pub fn keep(&mut self, wanted: Wanted) {
        let before = self.findings.len();
        self.findings.retain(|found| match found.finding.confidence {
            Confidence::Policy => !wanted.no_policy,
            confidence => wanted.min.is_none_or(|min| confidence >= min),
        });
        self.dropped += before - self.findings.len();
    }

    /// Adds another report: of other files, or of the same ones at another time.
    pub fn extend(&mut self, other: Self) {
        let Self { scanned, findings, allowed, unread, partly, misconfigured, idle, dropped } =
            other;
        self.scanned += scanned;
        self.findings.extend(findings);
        self.allowed.extend(allowed);
        self.unread.extend(unread);
        self.partly.extend(partly);
        self.add_problems(misconfigured);
        self.idle.extend(idle);
        self.dropped += dropped;
    }

    /// Adds what a file was found to be.
    pub(crate) fn add(&mut self, path: &str, judgement: Judgement) {
        self.scanned += 1;
        self.add_of(path, None, judgement);
    }

    /// Adds what a file of a commit was found to be, or something that is no file.
    pub(crate) fn add_of(&mut self, path: &str, commit: Option<&str>, judgement: Judgement) {
        let Judgement { findings, allowed, idle, passed_over, misconfigured } = judgement;
        let path = || path.to_owned();
        let commit = || commit.map(str::to_owned);
        let partly = passed_over.into_iter();
        self.partly.extend(partly.map(|why| Unread { path: path(), reason: why.to_owned() }));
        let findings = findings.into_iter();
        self.findings.extend(findings.map(|finding| FileFinding {
            path: path(),
            commit: commit(),
            finding,
        }));
        let allowed = allowed.into_iter();
        self.allowed.extend(allowed.map(|(finding, by)| Allowed {
            path: path(),
            commit: commit(),
            finding,
            by,
        }));
        self.idle.extend(idle.into_iter().map(|line| Idle { path: path(), line }));
        self.add_problems(misconfigured);
    }

    /// Many files have the same rules above them.
    fn add_problems(&mut self, problems: Vec<String>) {
        for problem in problems {
            if !self.misconfigured.contains(&problem) {
                self.misconfigured.push(problem);
            }
        }
    }
}

/// `in commit COMMIT: KEY_PATH: WHY; REST`, for forms that have no place for the commit
/// and the key path.
fn described(commit: Option<&str>, finding: &Finding, rest: &str) -> String {
    let commit = commit.map(|commit| format!("in commit {commit}: ")).unwrap_or_default();
    let place = match finding.key_path.as_str() {
        "" => String::new(),
        path => format!("{path}: "),
    };
    format!("{commit}{place}{}; {rest}", finding.why)
}

impl fmt::Display for Report {
    /// As [`Format::Text`] without colour; no line break at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(text::write(self, false).trim_end())
    }
}

impl FileFinding {
    /// A finding in the file at `path`.
    pub fn new(path: String, finding: Finding) -> Self {
        Self { path, commit: None, finding }
    }
}

impl fmt::Display for FileFinding {
    /// `PATH:LINE: KEY_PATH: WHY [RULE, CONFIDENCE]; FIX`; before that the commit, as git
    /// has it: `COMMIT:PATH`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::line(self, false))
    }
}
