//! What the rules say about one file.

use crate::master_key::MasterKey;
use crate::recipe::Recipe;
use crate::rules::{CreationRule, Rules};

/// The rule for one file, and the recipe that it gives.
#[derive(Clone, Debug)]
pub struct Plan<'r> {
    /// How the file is sealed; the caller's own, to be changed by flags.
    pub recipe: Recipe,
    /// The rule.
    pub rule: &'r CreationRule,
    /// The rule's position among the creation rules, from 0.
    pub index: usize,
    rules: &'r Rules,
}

/// Somebody who can open a file, as a rule names him.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient<'r> {
    /// The key group, from 0.
    pub group: usize,
    /// The key.
    pub key: &'r MasterKey,
    /// Its name below `recipients`, or that of its anchor.
    pub name: Option<&'r str>,
}

impl<'r> Plan<'r> {
    pub(super) fn new(rules: &'r Rules, index: usize, rule: &'r CreationRule) -> Self {
        Self { recipe: rule.recipe.clone(), rule, index, rules }
    }

    /// The rule's first line, from 1.
    pub fn line(&self) -> usize {
        self.rule.line
    }

    /// The keys of the rule with their names, group by group.
    pub fn recipients(&self) -> impl Iterator<Item = Recipient<'r>> {
        let rules = self.rules;
        let groups = self.rule.recipe.groups.iter().enumerate();
        groups.flat_map(move |(group, keys)| {
            keys.iter().map(move |key| Recipient { group, key, name: rules.name_of(key) })
        })
    }
}
