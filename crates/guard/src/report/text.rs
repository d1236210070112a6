//! A report for people: a line for each thing, and how many files were looked at.

use std::borrow::Cow;

use super::{FileFinding, Report};
use crate::finding::{Confidence, Finding};
use crate::printable::one_line;

/// What a terminal shows in another way, and how it goes back.
const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const DIM: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";

pub(super) fn write(report: &Report, colour: bool) -> String {
    let findings = report.findings.iter();
    let lines = findings.map(|found| line(found, colour) + "\n");
    lines.collect::<String>() + &remarks(report, colour)
}

/// All but the findings.
pub(super) fn remarks(report: &Report, colour: bool) -> String {
    let mut lines = Vec::new();
    // What was allowed before has been seen by somebody; this has not.
    for allowed in report.allowed.iter().filter(|allowed| allowed.by.is_new) {
        let by = &allowed.by;
        let text = format!(
            "{}: {}; allowed by this change: {} ({})",
            place(&allowed.path, allowed.commit.as_deref(), &allowed.finding),
            what(&allowed.finding),
            by.reason,
            by.place(&allowed.path)
        );
        lines.push(painted(DIM, &one_line(&text), colour));
    }
    for (things, how) in [(&report.unread, "not looked at"), (&report.partly, "looked at in part")]
    {
        for thing in things {
            let text = format!("{}: {how}: {}", named(&thing.path), thing.reason);
            lines.push(one_line(&text));
        }
    }
    lines.extend(report.misconfigured.iter().map(|problem| one_line(&named(problem))));
    lines.push(summary(report));
    lines.push(String::new());
    lines.join("\n")
}

/// `COMMIT:PATH:LINE: KEY_PATH: WHY [RULE, CONFIDENCE]; FIX`, the commit where there is one.
pub(super) fn line(found: &FileFinding, colour: bool) -> String {
    let FileFinding { path, commit, finding } = found;
    let sure = match finding.confidence {
        Confidence::Proof | Confidence::Structure => RED,
        Confidence::Heuristic | Confidence::Policy => YELLOW,
    };
    format!(
        "{}: {}; {}",
        painted(BOLD, &one_line(&place(path, commit.as_deref(), finding)), colour),
        painted(sure, &one_line(&what(finding)), colour),
        one_line(&finding.fix)
    )
}

/// How many files were looked at, and what came of it.
pub(super) fn summary(report: &Report) -> String {
    let mut parts = vec![
        format!("{} looked at", count(report.scanned, "file")),
        count(report.findings.len(), "finding"),
    ];
    let new = report.allowed.iter().filter(|allowed| allowed.by.is_new).count();
    match (report.allowed.len(), new) {
        (0, _) => {}
        (all, 0) => parts.push(format!("{all} allowed")),
        (all, new) => parts.push(format!("{all} allowed, {new} of them by this change")),
    }
    if report.dropped > 0 {
        parts.push(format!("{} left out", report.dropped));
    }
    if !report.unread.is_empty() {
        parts.push(format!("{} not looked at", count(report.unread.len(), "file")));
    }
    if !report.partly.is_empty() {
        parts.push(format!("{} in part", report.partly.len()));
    }
    parts.join(", ")
}

/// A path as a line may begin with it: runners of CI obey lines that begin with `::`
/// and `##`.
fn named(path: &str) -> Cow<'_, str> {
    match path.starts_with([':', '#']) {
        true => format!("./{path}").into(),
        false => path.into(),
    }
}

/// As `git show` takes it.
fn place(path: &str, commit: Option<&str>, finding: &Finding) -> String {
    let path = match commit {
        Some(commit) => format!("{commit}:{path}").into(),
        None => named(path),
    };
    match finding.key_path.as_str() {
        "" => format!("{path}:{}", finding.line),
        key_path => format!("{path}:{}: {key_path}", finding.line),
    }
}

fn what(finding: &Finding) -> String {
    format!("{} [{}, {}]", finding.why, finding.rule, finding.confidence)
}

fn painted(how: &str, text: &str, colour: bool) -> String {
    match colour {
        true => format!("{how}{text}{PLAIN}"),
        false => text.to_owned(),
    }
}

fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}
