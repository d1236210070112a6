//! `.sops-rules.yaml` and `.sops.yaml`: which files are sealed, how, and for whom.
//!
//! A rules file is read strictly. What sops passes over in silence, and then seals
//! by another rule or for nobody, is an error here, with the line it stands on:
//!
//! ```
//! use bulla_core::rules::Rules;
//!
//! let text = "creation_rules:\n  - path_regexp: ^apps/\n    age: alice\n";
//! assert_eq!(
//!     Rules::parse(text, ".sops.yaml").unwrap_err().to_string(),
//!     ".sops.yaml:2: unknown field `path_regexp` in a creation rule; did you mean `path_regex`?",
//! );
//! ```
//!
//! The first rule that matches a path makes the [`Plan`] for it:
//!
//! ```
//! use bulla_core::rules::Rules;
//!
//! let rules = Rules::parse(
//!     "recipients:
//!   alice: age18u89v0x5vnxkjrumfj5e6r48zxl2krr9z64l828l0ej0hkfncdssqk85ez
//! creation_rules:
//!   - path_glob: apps/**/*.enc.yaml
//!     age: alice
//! ",
//!     ".sops-rules.yaml",
//! )?;
//! let plan = rules.plan("apps/web/db.enc.yaml").expect("the rule matches");
//! assert_eq!(plan.line(), 4);
//! assert_eq!(plan.recipients().next().and_then(|recipient| recipient.name), Some("alice"));
//! assert!(rules.plan("README.md").is_none());
//! # Ok::<(), bulla_core::rules::RulesError>(())
//! ```
//!
//! The grammar is in docs/rules.md. Finding the file is the caller's part: nothing
//! here reads one.

mod bech32;
mod check;
mod creation;
mod destination;
mod error;
mod file;
mod groups;
mod guard;
mod key;
mod matching;
mod names;
mod plan;
mod spelling;
mod stores;
mod tree;

pub use check::{Finding, FindingKind, TrackedFile, check};
pub use creation::CreationRule;
pub use destination::{Destination, DestinationRule};
pub use error::{RulesError, RulesProblem};
pub use file::known_fields;
pub use guard::GuardAllow;
pub use key::{KeyKind, KeyTextError, parse_keys};
pub use matching::PathCondition;
pub use plan::{Plan, Recipient};
pub(crate) use stores::WIDEST;
pub use stores::{Indent, Stores};

use crate::master_key::MasterKey;
use file::File;
use names::Names;
use tree::Tree;

/// The names under which rules are searched for, best first.
pub const FILE_NAMES: [&str; 2] = [".sops-rules.yaml", ".sops.yaml"];

/// A rules file, read and compiled.
#[derive(Clone, Debug)]
pub struct Rules {
    file: String,
    creation_rules: Vec<CreationRule>,
    destination_rules: Vec<DestinationRule>,
    stores: Stores,
    guard_allows: Vec<GuardAllow>,
    names: Names,
}

impl Rules {
    /// Reads a rules file; `name` is what messages call it.
    ///
    /// An empty file is one without rules.
    ///
    /// # Errors
    ///
    /// When the text is not YAML, or anything in it is not known, not of its type,
    /// contradicts something else or has no effect. The error says which line.
    pub fn parse(text: &str, name: &str) -> Result<Self, RulesError> {
        let tree = Tree::parse(text, name)?;
        let File { creation_rules, destination_rules, stores, guard_allows, names } =
            file::read(&tree)?;
        let file = name.to_owned();
        Ok(Self { file, creation_rules, destination_rules, stores, guard_allows, names })
    }

    /// The rules file, as the caller named it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The rules for new files, in order.
    pub fn creation_rules(&self) -> &[CreationRule] {
        &self.creation_rules
    }

    /// The rules for files that are published, in order.
    pub fn destination_rules(&self) -> &[DestinationRule] {
        &self.destination_rules
    }

    /// The layout of files that are written anew.
    pub fn stores(&self) -> Stores {
        self.stores
    }

    /// Findings of the guard that are let pass, in order.
    pub fn guard_allows(&self) -> &[GuardAllow] {
        &self.guard_allows
    }

    /// What the rules say about the file at `path`: the first rule that matches.
    ///
    /// The path is relative to the directory of the rules file, has `/` between
    /// its parts and no `.` or `..` in it.
    pub fn plan(&self, path: &str) -> Option<Plan<'_>> {
        let mut rules = self.creation_rules.iter().enumerate();
        let (index, rule) = rules.find(|(_, rule)| rule.condition.matches(path))?;
        Some(Plan::new(self, index, rule))
    }

    /// The positions of all rules that match a path, the one that counts first.
    pub fn matches(&self, path: &str) -> Vec<usize> {
        let rules = self.creation_rules.iter().enumerate();
        rules.filter(|(_, rule)| rule.condition.matches(path)).map(|(index, _)| index).collect()
    }

    /// The destination rule for the file at `path`: the first that matches.
    pub fn destination(&self, path: &str) -> Option<&DestinationRule> {
        self.destination_rules.iter().find(|rule| rule.condition.matches(path))
    }

    /// The name of a key, to be shown: the one below `recipients` that stands for
    /// it alone, or else the anchor that it is written at.
    pub fn name_of(&self, key: &MasterKey) -> Option<&str> {
        self.names.name_of(key)
    }

    /// The keys that a name below `recipients` stands for.
    pub fn keys_of(&self, name: &str) -> Option<&[MasterKey]> {
        self.names.keys(name)
    }

    /// The names below `recipients` with their keys, in the order of the file.
    pub fn recipients(&self) -> impl Iterator<Item = (&str, &[MasterKey])> {
        self.names.iter()
    }

    /// As [`parse_keys`], for flags that take names as well: `--age alice`.
    ///
    /// # Errors
    ///
    /// When there is no key, or one is neither of this kind nor a name of such.
    pub fn parse_keys(&self, kind: KeyKind, text: &str) -> Result<Vec<MasterKey>, KeyTextError> {
        key::parse_list(kind, text, |text| self.names.parse(Some(kind), text))
    }
}
