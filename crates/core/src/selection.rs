//! Which leaves are sealed.

use regex::{Regex, RegexBuilder};

use crate::document::{Document, Part};
use crate::path::{PathId, Paths, Step};

/// How large a compiled expression may be, in bytes: a rules file may be hostile and
/// hold many.
const SIZE_LIMIT: usize = 512 << 10;

/// The six ways to say which leaves are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SelectorKind {
    /// Everything but what stands below a key with this ending.
    UnencryptedSuffix,
    /// Only what stands below a key with this ending.
    EncryptedSuffix,
    /// Everything but what stands below a key that matches.
    UnencryptedRegex,
    /// Only what stands below a key that matches.
    EncryptedRegex,
    /// Everything but what a matching comment stands before.
    UnencryptedCommentRegex,
    /// Only what a matching comment stands before.
    EncryptedCommentRegex,
}

impl SelectorKind {
    /// All of them, in the order in which metadata names them.
    pub const ALL: [Self; 6] = [
        Self::UnencryptedSuffix,
        Self::EncryptedSuffix,
        Self::UnencryptedRegex,
        Self::EncryptedRegex,
        Self::UnencryptedCommentRegex,
        Self::EncryptedCommentRegex,
    ];

    /// The name in rules and metadata: `encrypted_regex`.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnencryptedSuffix => "unencrypted_suffix",
            Self::EncryptedSuffix => "encrypted_suffix",
            Self::UnencryptedRegex => "unencrypted_regex",
            Self::EncryptedRegex => "encrypted_regex",
            Self::UnencryptedCommentRegex => "unencrypted_comment_regex",
            Self::EncryptedCommentRegex => "encrypted_comment_regex",
        }
    }

    fn is_regex(self) -> bool {
        !matches!(self, Self::UnencryptedSuffix | Self::EncryptedSuffix)
    }

    fn is_comment(self) -> bool {
        matches!(self, Self::UnencryptedCommentRegex | Self::EncryptedCommentRegex)
    }

    /// Whether leaves that nothing matches are sealed.
    fn seals_by_default(self) -> bool {
        matches!(
            self,
            Self::UnencryptedSuffix | Self::UnencryptedRegex | Self::UnencryptedCommentRegex
        )
    }
}

/// A selector, its expression compiled.
#[derive(Clone, Debug)]
pub struct Selector {
    kind: SelectorKind,
    text: String,
    matcher: Matcher,
}

/// How a key or a comment is compared.
#[derive(Clone, Debug)]
enum Matcher {
    Suffix,
    /// Whole names: most expressions in use are a choice of them, and to compile one takes
    /// longer than to open a small file.
    Names(Vec<String>),
    Regex(Regex),
}

impl PartialEq for Selector {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, &self.text) == (other.kind, &other.text)
    }
}

/// An expression that selects nothing sensible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectorError {
    /// It does not compile. In sops such a selector matches nothing, and the file
    /// is written in the clear.
    #[error("{name} does not compile: {reason}")]
    Regex {
        /// The selector's name.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// It is empty.
    #[error("{name} is empty; give an expression or leave it out")]
    Empty {
        /// The selector's name.
        name: &'static str,
    },
}

impl Selector {
    /// Compiles a selector.
    ///
    /// # Errors
    ///
    /// When the expression is empty or does not compile; look-arounds and
    /// back-references do not, neither here nor in sops.
    pub fn new(kind: SelectorKind, text: impl Into<String>) -> Result<Self, SelectorError> {
        let text = text.into();
        if text.is_empty() {
            return Err(SelectorError::Empty { name: kind.name() });
        }
        let compile = |text: &str| {
            RegexBuilder::new(text).size_limit(SIZE_LIMIT).build().map_err(|error| {
                SelectorError::Regex { name: kind.name(), reason: one_line(&error) }
            })
        };
        let matcher = match (kind.is_regex(), names(&text)) {
            (false, _) => Matcher::Suffix,
            (true, Some(names)) => Matcher::Names(names),
            (true, None) => Matcher::Regex(compile(&text)?),
        };
        Ok(Self { kind, text, matcher })
    }

    /// `encrypted_regex: ^(data|stringData)$`, for Kubernetes objects.
    pub fn kubernetes() -> Self {
        Self::constant(SelectorKind::EncryptedRegex, "^(data|stringData)$")
    }

    /// `unencrypted_suffix: _unencrypted`, which sops uses when nothing is said.
    pub fn sops_default() -> Self {
        Self::constant(SelectorKind::UnencryptedSuffix, "_unencrypted")
    }

    fn constant(kind: SelectorKind, text: &str) -> Self {
        // The two texts above compile: a test builds both.
        Self::new(kind, text).expect("a constant selector compiles")
    }

    /// Which of the six it is.
    pub fn kind(&self) -> SelectorKind {
        self.kind
    }

    /// The suffix or the expression, as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn matches(&self, text: &str) -> bool {
        match &self.matcher {
            Matcher::Suffix => text.ends_with(&self.text),
            Matcher::Names(names) => names.iter().any(|name| name == text),
            Matcher::Regex(regex) => regex.is_match(text),
        }
    }
}

/// The names that an expression like `^(data|stringData)$` is a choice of.
fn names(expression: &str) -> Option<Vec<String>> {
    let choice = expression.strip_prefix("^(")?.strip_suffix(")$")?;
    // No character that means something in an expression.
    let is_plain = |name: &str| {
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    choice.split('|').map(|name| is_plain(name).then(|| name.to_owned())).collect()
}

/// For each part of a document, whether it is sealed.
///
/// `None` as the selector seals everything, as sops opens a file without any.
pub fn select(document: &Document<'_>, selector: Option<&Selector>) -> Vec<bool> {
    match selector {
        None => vec![true; document.parts().len()],
        Some(selector) if selector.kind.is_comment() => select_by_comment(document, selector),
        Some(selector) => {
            let by_path = select_paths(document.paths(), selector);
            document.parts().iter().map(|part| by_path[part.path().index()]).collect()
        }
    }
}

/// For each path, whether leaves at it are sealed; for selectors that look at keys.
fn select_paths(paths: &Paths<'_>, selector: &Selector) -> Vec<bool> {
    // A match anywhere above counts, so a path needs its parent's answer only, and
    // each key is matched once.
    let by_default = selector.kind.seals_by_default();
    let mut sealed = vec![by_default; paths.len()];
    for (path, parent, step) in paths.iter() {
        let inherited = sealed[parent.index()];
        sealed[path.index()] = match step {
            Step::Key(key) if inherited == by_default && selector.matches(key) => !by_default,
            _ => inherited,
        };
    }
    sealed
}

/// The comments in force at one level of the tree.
#[derive(Clone, Copy, Default)]
struct Level {
    /// The entry that is being walked; the comments before it stop counting when
    /// it ends.
    entry: Option<PathId>,
    matched: bool,
}

fn select_by_comment(document: &Document<'_>, selector: &Selector) -> Vec<bool> {
    let paths = document.paths();
    let by_default = selector.kind.seals_by_default();
    let mut levels = vec![Level::default(); paths.len()];
    let mut section = 0;
    let mut sealed = Vec::with_capacity(document.parts().len());
    for part in document.parts() {
        if part.section() != section {
            section = part.section();
            levels[PathId::ROOT.index()] = Level::default();
        }
        let mut matched = false;
        if let Part::Comment(comment) = part {
            let level = &mut levels[comment.path.index()];
            if level.entry.take().is_some() {
                level.matched = false;
            }
            let own = selector.matches(&comment.text);
            // The comment that switches sealing on stays readable; one that
            // switches it off does too.
            matched = level.matched || (own && by_default);
            level.matched |= own;
            matched |= in_force(paths, &mut levels, comment.path);
        } else {
            matched |= in_force(paths, &mut levels, part.path());
        }
        sealed.push(matched != by_default);
    }
    sealed
}

/// Whether a matching comment stands before `path` or anything above it.
fn in_force(paths: &Paths<'_>, levels: &mut [Level], path: PathId) -> bool {
    let mut matched = false;
    let mut entry = path;
    while let Some(parent) = paths.parent(entry) {
        let level = &mut levels[parent.index()];
        match level.entry {
            Some(open) if open == entry => {}
            Some(_) => *level = Level { entry: Some(entry), matched: false },
            None => level.entry = Some(entry),
        }
        matched |= level.matched;
        entry = parent;
    }
    matched
}

/// The last line of a multi-line message says what is wrong.
fn one_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    last.trim().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constant_selectors_compile() {
        assert_eq!(Selector::kubernetes().text(), "^(data|stringData)$");
        assert_eq!(Selector::sops_default().text(), "_unencrypted");
    }

    #[test]
    fn a_choice_of_names_matches_what_its_expression_matches() {
        for expression in ["^(data|stringData)$", "^(a)$", "^(a-b||_1)$", "^()$"] {
            let names = names(expression).unwrap();
            let regex = Regex::new(expression).unwrap();
            for key in ["data", "stringData", "a", "a-b", "_1", "", "xdata", "data\n", "Data", "b"]
            {
                let is_name = names.iter().any(|name| name == key);
                assert_eq!(is_name, regex.is_match(key), "{expression}, {key:?}");
            }
        }
        for other in ["data", "^(a.b)$", "^(a|(b))$", "^(a$", "^(?i)$", "^(a)$|^(b)$"] {
            assert_eq!(names(other), None, "{other}");
        }
    }

    #[test]
    fn an_expression_that_does_not_compile_is_an_error_not_a_mismatch() {
        let error = Selector::new(SelectorKind::EncryptedRegex, "^(?!metadata)").unwrap_err();
        assert_eq!(
            error.to_string(),
            "encrypted_regex does not compile: look-around, including look-ahead and look-behind, is not supported"
        );
        assert!(Selector::new(SelectorKind::EncryptedRegex, "").is_err());
    }
}
