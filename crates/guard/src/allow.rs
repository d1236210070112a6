//! What is let pass, and by whom.
//!
//! Three things allow a finding: a comment on its line, an entry of the rules files
//! above it, and the baseline. Each is in the repository, so whoever changes the
//! repository can write it. What a change allows itself is therefore told apart, and
//! is always shown.

use std::cell::OnceCell;

use time::Date;

use crate::around::{Alone, Around};
use crate::baseline::{self, Baseline};
use crate::finding::{Finding, Rule};
use crate::governing::Governing;
use crate::judge::{Judgement, judge_in};
use crate::lines::Kind;

mod comment;

use comment::Comment;

/// Why a finding is let pass.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Allowance {
    /// Where that is written.
    pub source: AllowSource,
    /// Why, in the words of who allowed it.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: Option<Date>,
    /// Whether the change that is judged brought it in.
    pub is_new: bool,
}

/// Where it is written that something is let pass.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AllowSource {
    /// A comment in the file itself, on this line.
    Line(usize),
    /// A rules file, and the line of its entry.
    Rules {
        /// The file, by its path in the tree.
        file: String,
        /// From 1.
        line: usize,
    },
    /// The baseline, and the line of its entry.
    Baseline {
        /// From 1.
        line: usize,
    },
}

impl Allowance {
    /// File and line of it, for a finding in the file at `path`.
    pub fn place(&self, path: &str) -> String {
        match &self.source {
            AllowSource::Line(line) => format!("{path}:{line}"),
            AllowSource::Rules { file, line } => format!("{file}:{line}"),
            AllowSource::Baseline { line } => format!("{}:{line}", baseline::FILE_NAME),
        }
    }
}

/// Takes what is allowed out of the findings of a file. `text` is its content, when it
/// is a text.
pub(crate) fn settle(
    path: &str,
    text: Option<&str>,
    governing: &Governing,
    around: &dyn Around,
    judgement: &mut Judgement,
) {
    let comments = text.map(comment::all).unwrap_or_default();
    let mut is_used = vec![false; comments.len()];
    let old = OldFile { path, around, text: OnceCell::new(), findings: OnceCell::new() };
    for mut finding in std::mem::take(&mut judgement.findings) {
        let comment = comments.iter().position(|comment| comment.covers(&finding));
        let by = match comment.map(|index| (index, &comments[index])) {
            Some((index, comment)) => {
                is_used[index] = true;
                by_comment(comment, &mut finding, &old)
            }
            None => None,
        };
        let by = by
            .or_else(|| by_rules(path, &finding, governing))
            .or_else(|| by_baseline(&finding, governing, &old));
        match by {
            Some(by) => judgement.allowed.push((finding, by)),
            None => judgement.findings.push(finding),
        }
    }
    // Programs and pages speak of such comments without having them.
    if Kind::of_path(path) == Kind::Settings {
        let idle = comments.iter().zip(is_used).filter(|(_, is_used)| !is_used);
        judgement.idle = idle.map(|(comment, _)| comment.line).collect();
    }
}

fn by_comment(
    comment: &Comment<'_>,
    finding: &mut Finding,
    old: &OldFile<'_>,
) -> Option<Allowance> {
    if comment.reason.is_empty() {
        let hint = "; the bulla:allow there has no reason, so it does not count";
        finding.fix.push_str(hint);
        return None;
    }
    Some(Allowance {
        source: AllowSource::Line(comment.line),
        reason: comment.reason.to_owned(),
        expires: None,
        is_new: old.around.is_change() && !old.has_line(comment.text),
    })
}

fn by_rules(path: &str, finding: &Finding, governing: &Governing) -> Option<Allowance> {
    let mut allows = governing.files.iter().flat_map(|file| {
        let name = file.rules.as_ref().map(|rules| rules.file()).unwrap_or_default();
        file.allows().map(move |(allow, is_new)| (file, name, allow, is_new))
    });
    let (_, name, allow, is_new) = allows.find(|(file, _, allow, _)| {
        allow.rules.iter().any(|rule| rule == finding.rule.name())
            && allow.condition.matches(file.inside(path))
    })?;
    Some(Allowance {
        source: AllowSource::Rules { file: name.to_owned(), line: allow.line },
        reason: allow.reason.clone(),
        expires: allow.expires,
        is_new,
    })
}

fn by_baseline(finding: &Finding, governing: &Governing, old: &OldFile<'_>) -> Option<Allowance> {
    let known = governing.known.as_ref()?;
    let line = known.baseline.as_ref().ok()?.line_of(finding)?;
    let is_change = old.around.is_change();
    // An entry knows the place of a password, not the password.
    if is_change && has_value(finding.rule) && !finding.mark.is_lasting() && !old.has(finding) {
        return None;
    }
    let was_there = |before: &Baseline| before.line_of(finding).is_some();
    Some(Allowance {
        source: AllowSource::Baseline { line },
        reason: "it was there before the guard was".to_owned(),
        expires: None,
        is_new: is_change && !known.before.as_ref().is_some_and(was_there),
    })
}

/// Whether a rule is about a value, and not about a file and those around it.
fn has_value(rule: Rule) -> bool {
    rule < Rule::PlainSibling || matches!(rule, Rule::NotCovered | Rule::NotSealed)
}

/// The file before the change, read when somebody asks.
struct OldFile<'a> {
    path: &'a str,
    around: &'a dyn Around,
    text: OnceCell<Option<Vec<u8>>>,
    findings: OnceCell<Vec<Finding>>,
}

impl OldFile<'_> {
    fn bytes(&self) -> Option<&[u8]> {
        self.text.get_or_init(|| self.around.before(self.path)).as_deref()
    }

    fn has_line(&self, line: &str) -> bool {
        let text = self.bytes().map(String::from_utf8_lossy);
        text.is_some_and(|text| text.lines().any(|old| old.trim() == line.trim()))
    }

    /// Whether it had the same value at the same place.
    fn has(&self, finding: &Finding) -> bool {
        let judged = || {
            self.bytes().map_or_else(Vec::new, |bytes| judge_in(self.path, bytes, &Alone).findings)
        };
        self.findings.get_or_init(judged).iter().any(|old| {
            old.fingerprint == finding.fingerprint && old.mark.is_same_value(&finding.mark)
        })
    }
}
