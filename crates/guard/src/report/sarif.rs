//! SARIF 2.1.0, as code scanning services read it. It has places and words, and no
//! snippet of any file: services show snippets to everybody.

use serde_json::{Value, json};

use super::json::printed;
use super::{Report, Unread};
use crate::allow::AllowSource;
use crate::finding::{Confidence, Finding, Rule};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The name under which fingerprints are compared; another way to make them gets
/// another.
const FINGERPRINT: &str = "bullaGuard/v1";

pub(super) fn write(report: &Report) -> String {
    let found = report
        .findings
        .iter()
        .map(|found| result(&found.path, found.commit.as_deref(), &found.finding));
    let allowed = report.allowed.iter().map(|allowed| {
        let mut result = result(&allowed.path, allowed.commit.as_deref(), &allowed.finding);
        let kind = match allowed.by.source {
            AllowSource::Line(_) => "inSource",
            _ => "external",
        };
        // What this change brings in is for a reviewer to accept.
        let status = if allowed.by.is_new { "underReview" } else { "accepted" };
        result["suppressions"] =
            json!([{ "kind": kind, "status": status, "justification": allowed.by.reason }]);
        result
    });
    let unread = report.unread.iter().map(|gap| notification("error", "not looked at", gap));
    let partly = report.partly.iter().map(|gap| notification("warning", "looked at in part", gap));
    let broken = report
        .misconfigured
        .iter()
        .map(|problem| json!({ "level": "error", "message": { "text": problem } }));
    printed(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "bulla guard",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": Rule::ALL.iter().map(|rule| self::rule(*rule)).collect::<Vec<_>>(),
            } },
            "invocations": [{
                "executionSuccessful": report.is_whole(),
                "toolExecutionNotifications":
                    unread.chain(partly).chain(broken).collect::<Vec<_>>(),
            }],
            "columnKind": "utf16CodeUnits",
            "results": found.chain(allowed).collect::<Vec<_>>(),
            "properties": { "scanned": report.scanned },
        }],
    }))
}

fn rule(rule: Rule) -> Value {
    json!({
        "id": rule.name(),
        "shortDescription": { "text": rule.what() },
        "defaultConfiguration": { "level": "error" },
        // Where GitHub puts it among other findings: 7 and above is high.
        "properties": { "tags": ["security"], "security-severity": "8.0" },
    })
}

fn result(path: &str, commit: Option<&str>, finding: &Finding) -> Value {
    let level = match finding.confidence {
        Confidence::Proof | Confidence::Structure => "error",
        Confidence::Heuristic | Confidence::Policy => "warning",
    };
    let mut location = location(path);
    location["physicalLocation"]["region"] =
        json!({ "startLine": finding.line, "endLine": finding.end_line });
    if !finding.key_path.is_empty() {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": finding.key_path }]);
    }
    let of_commit = commit.map(|commit| format!("in commit {commit}: ")).unwrap_or_default();
    let mut result = json!({
        "ruleId": finding.rule.name(),
        "ruleIndex": Rule::ALL.iter().position(|rule| *rule == finding.rule),
        "level": level,
        "message": { "text": format!("{of_commit}{}; {}", finding.why, finding.fix) },
        "locations": [location],
        "partialFingerprints": { FINGERPRINT: finding.fingerprint },
        "properties": { "confidence": finding.confidence.name() },
    });
    if let Some(commit) = commit {
        // A run has one revision in SARIF, and these are of many.
        result["properties"]["commit"] = json!(commit);
    }
    result
}

fn notification(level: &str, how: &str, gap: &Unread) -> Value {
    json!({
        "level": level,
        "message": { "text": format!("{how}: {}", gap.reason) },
        "locations": [location(&gap.path)],
    })
}

/// A `location` of SARIF that names a file, without a region: relative to `%SRCROOT%`, or
/// absolute.
pub fn location(path: &str) -> Value {
    let artifact = match path.strip_prefix('/') {
        Some(_) => json!({ "uri": format!("file://{}", encoded(path)) }),
        None => {
            let path = path.strip_prefix("./").unwrap_or(path);
            json!({ "uri": encoded(path), "uriBaseId": "%SRCROOT%" })
        }
    };
    json!({ "physicalLocation": { "artifactLocation": artifact } })
}

/// A path as part of a URI.
fn encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
