//! Rules that do not do what they look like.

use std::fmt;

use crate::rules::error::escaped;
use crate::rules::{CreationRule, PathCondition, Rules};

/// A file of the repository that these rules are for, as the caller found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackedFile {
    /// Relative to the directory of the rules file, with `/` between its parts.
    pub path: String,
    /// Whether it is sealed; `None` when that is not known.
    pub sealed: Option<bool>,
    /// Whether its name or its content calls for sealing, whatever the rules say:
    /// a Kubernetes Secret with readable values, or a name like `x.enc.yaml`.
    pub wants_sealing: bool,
}

/// Something about a rule that its writer should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rules file, as the caller named it.
    pub file: String,
    /// The rule's first line, from 1.
    pub line: usize,
    /// The rule's position among the creation rules, from 0.
    pub rule: usize,
    /// What was found.
    pub kind: FindingKind,
}

/// What is odd about a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindingKind {
    /// It is for no file of the repository.
    MatchesNothing {
        /// Its condition, as written.
        condition: String,
    },
    /// A file that it is for lies open.
    NotSealed {
        /// The file, relative to the directory of the rules file.
        path: String,
    },
    /// Earlier rules take every file that it is for.
    Shadowed {
        /// The line of the rule that takes the first of them.
        by: usize,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.kind)
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MatchesNothing { condition } => {
                write!(f, "no tracked file matches `{condition}`; correct it or remove the rule")
            }
            Self::NotSealed { path } => {
                let path = escaped(path);
                write!(
                    f,
                    "{path} is not sealed, and this rule is for it; encrypt it, or narrow the rule"
                )
            }
            Self::Shadowed { by } => write!(
                f,
                "the rule on line {by} comes first and takes the files of this one; move this rule up or remove it"
            ),
        }
    }
}

/// Compares rules with the files that are there.
///
/// `files` are the tracked files below the directory of the rules file, without
/// those that a nearer rules file takes over. The findings come in the order of
/// the rules.
///
/// A file that lies open is reported when the rule that takes it has a condition
/// on its path. A rule that [takes everything](PathCondition::is_catch_all)
/// takes the README and every Deployment too, so below such a rule only files that
/// [want sealing](TrackedFile::wants_sealing) are.
pub fn check(rules: &Rules, files: &[TrackedFile]) -> Vec<Finding> {
    let matches: Vec<_> = files.iter().map(|file| rules.matches(&file.path)).collect();
    let mut findings = Vec::new();
    for (index, rule) in rules.creation_rules().iter().enumerate() {
        let mut report = |kind| {
            let file = rules.file().to_owned();
            findings.push(Finding { file, line: rule.line, rule: index, kind });
        };
        if let Some(kind) = useless(rules, index, rule, &matches) {
            report(kind);
            continue;
        }
        for (file, matches) in files.iter().zip(&matches) {
            let mine = matches.first() == Some(&index);
            let meant = file.wants_sealing || !rule.condition.is_catch_all();
            if mine && meant && file.sealed == Some(false) {
                report(FindingKind::NotSealed { path: file.path.clone() });
            }
        }
    }
    findings
}

/// Why a rule takes no file, if it takes none.
fn useless(
    rules: &Rules,
    index: usize,
    rule: &CreationRule,
    matches: &[Vec<usize>],
) -> Option<FindingKind> {
    let all = rules.creation_rules();
    let unconditional = |rule: &&CreationRule| matches!(rule.condition, PathCondition::Any);
    // Nothing ever gets past such a rule, whatever files there will be.
    if let Some(first) = all[..index].iter().find(unconditional) {
        return Some(FindingKind::Shadowed { by: first.line });
    }
    let mut own = matches.iter().filter(|matches| matches.contains(&index)).peekable();
    if own.peek().is_none() {
        let condition = rule.condition.to_string();
        return Some(FindingKind::MatchesNothing { condition });
    }
    let takers: Vec<_> = own.filter_map(|matches| matches.first()).collect();
    let first = takers.first().filter(|_| takers.iter().all(|&&taker| taker != index))?;
    Some(FindingKind::Shadowed { by: all[**first].line })
}
