//! A report for programs: `{"scanned": N, "findings": [...]}`.

use serde::Serialize;

use super::{FileFinding, Report};

#[derive(Serialize)]
struct Document<'r> {
    scanned: usize,
    findings: Vec<Finding<'r>>,
}

#[derive(Serialize)]
struct Finding<'r> {
    path: &'r str,
    /// Where commits were looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'r str>,
    line: usize,
    end_line: usize,
    key_path: &'r str,
    rule: &'static str,
    confidence: &'static str,
    why: &'r str,
    fix: &'r str,
    fingerprint: &'r str,
}

impl<'r> From<&'r FileFinding> for Finding<'r> {
    fn from(FileFinding { path, commit, finding }: &'r FileFinding) -> Self {
        Self {
            path,
            commit: commit.as_deref(),
            line: finding.line,
            end_line: finding.end_line,
            key_path: &finding.key_path,
            rule: finding.rule.name(),
            confidence: finding.confidence.name(),
            why: &finding.why,
            fix: &finding.fix,
            fingerprint: &finding.fingerprint,
        }
    }
}

pub(super) fn write(report: &Report) -> String {
    let findings = report.findings.iter().map(Finding::from).collect();
    printed(&Document { scanned: report.scanned, findings })
}

/// JSON with a line break at its end.
pub(super) fn printed(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value);
    let mut text = text.expect("texts, numbers, lists and structs of them can be written");
    text.push('\n');
    text
}
