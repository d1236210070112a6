//! What is wrong with a rules file, and where.

use crate::rules::key::KeyTextError;
use crate::selection::SelectorError;

/// A rules file that cannot be used: `.sops.yaml:12: unknown field …`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct RulesError {
    /// The rules file, as the caller named it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what to do.
    pub problem: RulesProblem,
}

/// What is wrong with a rules file.
///
/// Messages quote field names, names of recipients and the beginnings of public
/// keys; control characters are escaped, since the file may be a stranger's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RulesProblem {
    /// Not YAML. The text of the file is not quoted.
    #[error("{0}")]
    Yaml(bulla_yaml::ErrorKind),
    /// sops would read the first document and drop the others.
    #[error("a second document begins here, which sops does not read; keep all rules in one")]
    SecondDocument,
    /// A value of another type.
    #[error("`{field}` must be {wanted}")]
    WrongType {
        /// The field, or what stands in its place.
        field: String,
        /// What it must be: `a list of rules`.
        wanted: &'static str,
    },
    /// A value that is absent, null, or blank. sops takes it as if the field were
    /// not there, so that an empty `path_regex` matches every file.
    #[error("`{field}` is empty; give it a value or take it out")]
    Empty {
        /// The field.
        field: String,
    },
    /// A key of a mapping that is a collection or null.
    #[error("the name of a field must be text")]
    FieldNotText,
    /// sops passes over fields that it does not know, and seals by another rule
    /// than the one that was meant.
    #[error("unknown field `{field}` in {place}; {}", advice(near))]
    UnknownField {
        /// As written.
        field: String,
        /// Where it stands: `a creation rule`.
        place: &'static str,
        /// The known field that looks most like it.
        near: Option<&'static str>,
    },
    /// One field, two values.
    #[error("`{field}` stands here twice; keep one")]
    DuplicateField {
        /// The field.
        field: String,
    },
    /// Two fields of which only one can have its way.
    #[error("`{one}` and `{other}` exclude each other; {hint}")]
    Exclusive {
        /// The field that stands first.
        one: &'static str,
        /// The field that stands on the error's line.
        other: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// A field that would do nothing where it stands.
    #[error("`{field}` has no effect here; {hint}")]
    NoEffect {
        /// The field.
        field: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// A field without which the others mean nothing.
    #[error("{place} needs `{field}`; add it")]
    Missing {
        /// What lacks it: `a kms key`.
        place: &'static str,
        /// What it lacks.
        field: &'static str,
    },
    /// An expression that does not compile.
    #[error("`{field}` does not compile: {reason}; correct the expression")]
    Pattern {
        /// `path_regex` or `path_glob`.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A glob that no path can match.
    #[error("`path_glob` can match nothing: {0}")]
    Glob(&'static str),
    /// A selector that does not compile. sops would write the file in the clear.
    #[error("{0}; correct the expression, sops would leave everything readable")]
    Selector(SelectorError),
    /// Nobody could open what such a rule seals.
    #[error("this rule names no key; add `age`, another kind of key, or `key_groups`")]
    NoKeys,
    /// A group that nobody could open.
    #[error("this key group is empty; give it a key or take it out")]
    EmptyGroup,
    /// More groups than Shamir's scheme has shares.
    #[error("a data key can be split over at most 255 key groups; put some of them together")]
    TooManyGroups,
    /// A threshold of nothing.
    #[error("`shamir_threshold` must be at least 1; without it, all key groups are needed")]
    ThresholdZero,
    /// A threshold that Shamir's scheme does not have; sops fails on every file.
    #[error(
        "`shamir_threshold` cannot be 1 for {groups} key groups; put their keys into one group"
    )]
    ThresholdOne {
        /// How many groups there are.
        groups: usize,
    },
    /// A threshold that can never be met.
    #[error("`shamir_threshold` is {threshold}, but there {}; lower it or add groups", count(*groups))]
    ThresholdTooHigh {
        /// How many groups would be needed.
        threshold: i64,
        /// How many there are.
        groups: usize,
    },
    /// A key that cannot be read.
    #[error("{0}")]
    Key(KeyTextError),
    /// A name that could be taken for a key, or could not be written in a list.
    #[error("`{0}` cannot be a name; use letters, digits, `.`, `_`, `-` and `@`, up to 64 of them")]
    BadName(String),
    /// A name that leads back to itself.
    #[error("`{0}` is made of itself; take it out of the names that it stands for")]
    NameInCircle(String),
    /// A rule of the guard that it does not have.
    #[error("the guard has no rule `{rule}`; its findings name them, and docs/guard.md")]
    UnknownGuardRule {
        /// As written.
        rule: String,
    },
    /// Aliases, merges or names inside each other without end.
    #[error("this is nested too deeply; write it out")]
    TooDeep,
    /// Aliases of aliases, which multiply.
    #[error("aliases and names make this file too large; write fewer of them")]
    TooLarge,
    /// More rules than anyone writes by hand.
    #[error(
        "there are more than {} rules; put the paths of some of them together",
        crate::rules::file::RULES_LIMIT
    )]
    TooManyRules,
}

/// The known word that looks most like `text`, if any looks like it at all.
pub(super) fn nearest<'k>(text: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // Nothing known is longer, and comparing is quadratic.
    if text.len() > 64 {
        return None;
    }
    let text = text.to_lowercase();
    known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&text, &known.to_lowercase()), known))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

/// Text of the file as it may be shown in a message: short and [`escaped`].
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 48;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", escaped(&text[..end])),
        None => escaped(text),
    }
}

/// Text of the file on one line, without characters that move a cursor or turn
/// the direction of writing.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '"' | '\'' | '\\' => escaped.push(char),
            _ => escaped.extend(char.escape_debug()),
        }
    }
    escaped
}

fn advice(near: &Option<&'static str>) -> String {
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "take it out, or look it up in docs/rules.md".to_owned(),
    }
}

fn count(groups: usize) -> String {
    match groups {
        1 => "is 1 key group".to_owned(),
        _ => format!("are {groups} key groups"),
    }
}
