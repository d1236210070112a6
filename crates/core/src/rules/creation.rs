//! Creation rules: which files, and how they are sealed.

use bulla_yaml::NodeId;

use crate::master_key::MasterKey;
use crate::recipe::{KeyGroup, Recipe};
use crate::rules::error::{RulesError, RulesProblem};
use crate::rules::groups::{Found, KeyReader};
use crate::rules::matching::PathCondition;
use crate::rules::tree::{Field, Place, Tree};
use crate::selection::{Selector, SelectorKind};

pub(super) const RULE: Place = Place {
    called: "a creation rule",
    fields: &[
        "path_regex",
        "path_glob",
        "age",
        "pgp",
        "kms",
        "aws_profile",
        "gcp_kms",
        "hckms",
        "azure_keyvault",
        "hc_vault_transit_uri",
        "recipients",
        "key_groups",
        "shamir_threshold",
        "unencrypted_suffix",
        "encrypted_suffix",
        "unencrypted_regex",
        "encrypted_regex",
        "unencrypted_comment_regex",
        "encrypted_comment_regex",
        "mac_only_encrypted",
        "integrity",
        "kubernetes",
    ],
};

/// A rule for new files.
#[derive(Clone, Debug)]
pub struct CreationRule {
    /// Its first line in the rules file, from 1.
    pub line: usize,
    /// Which files it is for.
    pub condition: PathCondition,
    /// How they are sealed. There is at least one group, and none is empty.
    pub recipe: Recipe,
    /// Whether its files are refused when they have no integrity record.
    pub require_integrity: bool,
}

/// Reads a creation rule.
pub(super) fn rule(keys: &KeyReader<'_, '_>, item: NodeId) -> Result<CreationRule, RulesError> {
    let tree = keys.tree;
    let mut draft = Draft::default();
    for field in tree.fields(tree.follow(item)?, RULE.called)? {
        draft.take(keys, &field)?;
    }
    let require_integrity = draft.require_integrity;
    let (condition, recipe) = draft.finish(tree, item)?;
    Ok(CreationRule { line: tree.line(item), condition, recipe, require_integrity })
}

/// A rule whose fields are not all read yet.
#[derive(Default)]
struct Draft {
    /// With the field that gave it.
    path: Option<(&'static str, PathCondition)>,
    selector: Option<Selector>,
    found: Found,
    /// The first field with keys: a flat one, or `key_groups`.
    keys_from: Option<&'static str>,
    groups: Option<Vec<KeyGroup>>,
    aws_profile: Option<(NodeId, String)>,
    threshold: Option<(NodeId, i64)>,
    mac_only_encrypted: bool,
    require_integrity: bool,
    kubernetes: Option<bool>,
}

impl Draft {
    fn take(&mut self, keys: &KeyReader<'_, '_>, field: &Field<'_>) -> Result<(), RulesError> {
        let tree = keys.tree;
        let &Field { name, value, .. } = field;
        match name {
            "path_regex" => self.take_path(tree, field, "path_regex", PathCondition::regex)?,
            "path_glob" => self.take_path(tree, field, "path_glob", PathCondition::glob)?,
            "key_groups" => {
                self.exclude_keys(tree, field, "key_groups")?;
                self.groups = Some(keys.groups(value)?);
            }
            "aws_profile" => {
                self.aws_profile = Some((field.key, tree.text(value, name)?.trim().to_owned()));
            }
            "shamir_threshold" => self.threshold = Some((field.key, tree.int(value, name)?)),
            "mac_only_encrypted" => self.mac_only_encrypted = tree.bool(value, name)?,
            "integrity" => match tree.text(value, name)? {
                "required" => self.require_integrity = true,
                _ => {
                    let (field, wanted) = (name.to_owned(), "`required`, or left out");
                    return Err(tree.error(value, RulesProblem::WrongType { field, wanted }));
                }
            },
            "kubernetes" => self.kubernetes = Some(tree.bool(value, name)?),
            _ => {
                if let Some(kind) = SelectorKind::ALL.into_iter().find(|kind| kind.name() == name) {
                    self.take_selector(tree, field, kind)?;
                } else if let Some(known) = keys.flat(field, &mut self.found)? {
                    self.exclude_keys(tree, field, known)?;
                } else {
                    return Err(tree.unknown(field, &RULE));
                }
            }
        }
        Ok(())
    }

    fn take_path(
        &mut self,
        tree: &Tree<'_>,
        field: &Field<'_>,
        name: &'static str,
        compile: impl FnOnce(&str) -> Result<PathCondition, RulesProblem>,
    ) -> Result<(), RulesError> {
        if let Some((one, _)) = self.path {
            return Err(exclusive(tree, field, one, name, "keep the one that says what you mean"));
        }
        let condition = compile(tree.text(field.value, name)?);
        let condition = condition.map_err(|problem| tree.error(field.value, problem))?;
        self.path = Some((name, condition));
        Ok(())
    }

    fn take_selector(
        &mut self,
        tree: &Tree<'_>,
        field: &Field<'_>,
        kind: SelectorKind,
    ) -> Result<(), RulesError> {
        if let Some(one) = &self.selector {
            let hint = "a file has one selector, keep one";
            return Err(exclusive(tree, field, one.kind().name(), kind.name(), hint));
        }
        let selector = Selector::new(kind, tree.text(field.value, kind.name())?)
            .map_err(|error| tree.error(field.value, RulesProblem::Selector(error)))?;
        self.selector = Some(selector);
        Ok(())
    }

    /// Flat keys beside key groups count for nothing in sops.
    fn exclude_keys(
        &mut self,
        tree: &Tree<'_>,
        field: &Field<'_>,
        name: &'static str,
    ) -> Result<(), RulesError> {
        let one = *self.keys_from.get_or_insert(name);
        if one != name && (one == "key_groups" || name == "key_groups") {
            let hint = "sops would take the groups alone, so move every key into them";
            return Err(exclusive(tree, field, one, name, hint));
        }
        Ok(())
    }

    fn finish(self, tree: &Tree<'_>, item: NodeId) -> Result<(PathCondition, Recipe), RulesError> {
        let groups = match self.groups {
            Some(groups) => {
                if let Some((at, _)) = self.aws_profile {
                    let hint = "write it into each `kms` key of the groups";
                    return Err(no_effect(tree, at, "aws_profile", hint));
                }
                groups
            }
            None => {
                let mut group = self.found.into_group();
                if let Some((at, profile)) = self.aws_profile
                    && !set_profile(&mut group, &profile)
                {
                    let hint = "it belongs to `kms`, and this rule has no such key";
                    return Err(no_effect(tree, at, "aws_profile", hint));
                }
                if group.is_empty() {
                    return Err(tree.error(item, RulesProblem::NoKeys));
                }
                vec![group]
            }
        };
        let threshold = match self.threshold {
            Some((at, threshold)) => {
                let checked = checked_threshold(threshold, groups.len());
                Some(checked.map_err(|problem| tree.error(at, problem))?)
            }
            None => None,
        };
        let recipe = Recipe {
            groups,
            threshold,
            selector: self.selector,
            kubernetes: self.kubernetes,
            mac_only_encrypted: self.mac_only_encrypted,
            ..Recipe::default()
        };
        Ok((self.path.map_or(PathCondition::Any, |(_, condition)| condition), recipe))
    }
}

/// Sets the profile of the KMS keys that have none; `false` when there is no such
/// key.
fn set_profile(group: &mut KeyGroup, profile: &str) -> bool {
    let mut any = false;
    for key in group {
        if let MasterKey::Kms { aws_profile: none @ None, .. } = key {
            *none = Some(profile.to_owned());
            any = true;
        }
    }
    any
}

fn checked_threshold(threshold: i64, groups: usize) -> Result<usize, RulesProblem> {
    match usize::try_from(threshold) {
        Err(_) if threshold > 0 => Err(RulesProblem::ThresholdTooHigh { threshold, groups }),
        Err(_) | Ok(0) => Err(RulesProblem::ThresholdZero),
        Ok(1) if groups > 1 => Err(RulesProblem::ThresholdOne { groups }),
        Ok(wanted) if wanted > groups => Err(RulesProblem::ThresholdTooHigh { threshold, groups }),
        Ok(wanted) => Ok(wanted),
    }
}

fn exclusive(
    tree: &Tree<'_>,
    field: &Field<'_>,
    one: &'static str,
    other: &'static str,
    hint: &'static str,
) -> RulesError {
    tree.error(field.key, RulesProblem::Exclusive { one, other, hint })
}

fn no_effect(tree: &Tree<'_>, at: NodeId, field: &'static str, hint: &'static str) -> RulesError {
    tree.error(at, RulesProblem::NoEffect { field, hint })
}
