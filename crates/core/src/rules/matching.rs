//! Which files a rule is for.

use std::fmt;

use globset::{GlobBuilder, GlobMatcher};
use regex::{Regex, RegexBuilder};

use crate::rules::error::{RulesProblem, escaped};

/// The most memory that one compiled expression may take. A file has many rules,
/// and may be a stranger's.
const REGEX_SIZE_LIMIT: usize = 512 << 10;

/// The condition of a rule on the path of a file, compiled.
///
/// Paths are relative to the directory of the rules file, with `/` between their
/// parts on every system.
#[derive(Clone, Debug)]
pub enum PathCondition {
    /// None: every file.
    Any,
    /// `path_regex`, found anywhere in the path.
    Regex(Regex),
    /// `path_glob`, which is the whole path. `*` and `?` stop at `/`; `**` does
    /// not.
    Glob(GlobMatcher),
}

impl PathCondition {
    /// Compiles a `path_regex`.
    pub(super) fn regex(text: &str) -> Result<Self, RulesProblem> {
        let compiled = RegexBuilder::new(text).size_limit(REGEX_SIZE_LIMIT).build();
        let reason = |error: regex::Error| RulesProblem::Pattern {
            field: "path_regex",
            reason: one_line(&error.to_string()),
        };
        compiled.map(Self::Regex).map_err(reason)
    }

    /// Compiles a `path_glob`.
    pub(super) fn glob(text: &str) -> Result<Self, RulesProblem> {
        if text.starts_with('/') {
            let reason = "paths begin at the directory of this file; remove the first `/`";
            return Err(RulesProblem::Glob(reason));
        }
        if text.split('/').any(|part| part == "." || part == "..") {
            let reason = "paths have no `.` and `..` in them; remove them";
            return Err(RulesProblem::Glob(reason));
        }
        let compiled =
            GlobBuilder::new(text).literal_separator(true).backslash_escape(true).build();
        let reason = |error: globset::Error| RulesProblem::Pattern {
            field: "path_glob",
            reason: error.kind().to_string(),
        };
        compiled.map(|glob| Self::Glob(glob.compile_matcher())).map_err(reason)
    }

    /// Whether a file is meant.
    pub fn matches(&self, path: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Regex(regex) => regex.is_match(path),
            Self::Glob(glob) => glob.is_match(path),
        }
    }

    /// Whether this takes files that nobody had in mind: no condition at all, or
    /// one that looks at the ending only, such as `.*\.yaml$`. Flux's guide uses
    /// that one, and most files of such a repository are no secrets.
    pub fn is_catch_all(&self) -> bool {
        // Paths that mean nothing; what matches them, matches any file of the kind.
        const PROBES: [&str; 6] = ["q.yaml", "q/q.yaml", "q.yml", "q/q.yml", "q.json", "q/q.json"];
        PROBES.iter().any(|probe| self.matches(probe))
    }
}

impl fmt::Display for PathCondition {
    /// As in the rules file: `path_regex: ^apps/`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("every path"),
            Self::Regex(regex) => write!(f, "path_regex: {}", escaped(regex.as_str())),
            Self::Glob(glob) => write!(f, "path_glob: {}", escaped(glob.glob().glob())),
        }
    }
}

/// The last line of a multi-line message says what is wrong; the others draw the
/// expression.
fn one_line(message: &str) -> String {
    let last = message.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    last.trim().trim_start_matches("error: ").to_owned()
}
