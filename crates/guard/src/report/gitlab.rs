//! The code quality report of GitLab, which every edition shows in merge requests.

use serde::Serialize;

use super::json::printed;
use super::{Report, described};
use crate::finding::Confidence;
use crate::mark;

#[derive(Serialize)]
struct Issue<'r> {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'r>,
}

#[derive(Serialize)]
struct Location<'r> {
    path: &'r str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

pub(super) fn write(report: &Report) -> String {
    let findings = report.findings.iter().map(|found| {
        let finding = &found.finding;
        Issue {
            description: described(found.commit.as_deref(), finding, &finding.fix),
            check_name: finding.rule.name(),
            fingerprint: finding.fingerprint.clone(),
            severity: severity(finding.confidence),
            location: location(&found.path, finding.line, finding.end_line),
        }
    });
    let gaps = report.unread.iter().chain(&report.partly).map(|gap| Issue {
        description: gap.reason.clone(),
        check_name: "not-looked-at",
        fingerprint: mark::of_text(&[&gap.path, &gap.reason]),
        severity: "major",
        location: location(&gap.path, 1, 1),
    });
    printed(&findings.chain(gaps).collect::<Vec<_>>())
}

fn location(path: &str, begin: usize, end: usize) -> Location<'_> {
    // GitLab knows files by their path from the top.
    let path = path.strip_prefix("./").unwrap_or(path);
    Location { path, lines: Lines { begin, end } }
}

fn severity(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Proof => "blocker",
        Confidence::Structure => "critical",
        Confidence::Heuristic => "major",
        Confidence::Policy => "minor",
    }
}
