//! Names for keys: the `recipients` of a rules file, and its anchors.

use std::collections::{HashMap, HashSet};

use bulla_yaml::NodeId;

use crate::master_key::MasterKey;
use crate::rules::error::{RulesError, RulesProblem, nearest, shown};
use crate::rules::key::{KeyKind, KeyTextError, parse_any, pieces};
use crate::rules::tree::{DEPTH_LIMIT, Field, Tree};

/// The names of a rules file.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// In the order of the file.
    named: Vec<(String, Vec<MasterKey>)>,
    by_name: HashMap<String, usize>,
    /// `&alice age1…`: not usable as names, but good enough to show.
    anchored: Vec<(String, MasterKey)>,
}

impl Names {
    /// Reads what stands below `recipients`.
    ///
    /// A list there names nobody: it is a place for anchors, which people who come
    /// from sops may have under this name as well.
    pub(super) fn read(tree: &Tree<'_>, recipients: Option<NodeId>) -> Result<Self, RulesError> {
        let anchored = anchored_keys(tree);
        let Some(mapping) = recipients.filter(|&at| !tree.is_list(at)) else {
            return Ok(Self { anchored, ..Self::default() });
        };
        let fields = tree.fields(mapping, "recipients")?;
        for field in &fields {
            if !is_name(field.name) || parse_any(field.name).is_ok() {
                return Err(tree.error(field.key, RulesProblem::BadName(shown(field.name))));
            }
        }
        let named = Definitions::new(tree, &fields).resolve()?;
        let by_name =
            named.iter().enumerate().map(|(index, (name, _))| (name.clone(), index)).collect();
        Ok(Self { named, by_name, anchored })
    }

    /// The keys that a name stands for.
    pub(super) fn keys(&self, name: &str) -> Option<&[MasterKey]> {
        self.by_name.get(name).map(|&index| self.named[index].1.as_slice())
    }

    /// All names with their keys, in the order of the file.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[MasterKey])> {
        self.named.iter().map(|(name, keys)| (name.as_str(), keys.as_slice()))
    }

    /// The name that stands for this key and no other.
    pub(super) fn name_of(&self, key: &MasterKey) -> Option<&str> {
        let mut named = self.iter().filter_map(|(name, keys)| match keys {
            [one] if is_same(one, key) => Some(name),
            _ => None,
        });
        let anchored = || self.anchored.iter().find(|(_, one)| is_same(one, key));
        named.next().or_else(|| anchored().map(|(name, _)| name.as_str()))
    }

    /// The keys that one word stands for: those of a name, or the one that it spells.
    pub(super) fn parse(
        &self,
        kind: Option<KeyKind>,
        text: &str,
    ) -> Result<Vec<MasterKey>, KeyTextError> {
        if let Some(keys) = self.keys(text) {
            let other = |found: &KeyKind| kind.is_some_and(|kind| kind != *found);
            return match keys.iter().map(KeyKind::of).find(other) {
                Some(found) => Err(KeyTextError::OtherKind { name: text.to_owned(), found }),
                None => Ok(keys.to_vec()),
            };
        }
        let key = kind.map_or_else(|| parse_any(text), |kind| kind.parse(text));
        match key {
            Ok(key) => Ok(vec![key]),
            Err(error) => Err(with_near(error, text, self.iter().map(|(name, _)| name))),
        }
    }
}

/// The keys or names in a scalar with commas, or in a list of such scalars, each
/// with its place.
pub(super) fn key_texts<'a>(
    tree: &'a Tree<'_>,
    at: NodeId,
    field: &str,
) -> Result<Vec<(NodeId, &'a str)>, RulesError> {
    if tree.is_mapping(at) {
        return Err(tree.wrong_type(at, field, "a key, or a list of keys"));
    }
    let items = if tree.is_list(at) { tree.items(at, field, "a list")? } else { vec![at] };
    let mut texts = Vec::new();
    for item in items {
        let item = tree.follow(item)?;
        if tree.is_list(item) {
            return Err(tree.wrong_type(item, field, "a list of keys, without lists inside it"));
        }
        let found = pieces(tree.text(item, field)?).map(|text| (item, text));
        let before = texts.len();
        texts.extend(found);
        if texts.len() == before {
            return Err(tree.error(item, RulesProblem::Empty { field: shown(field) }));
        }
    }
    Ok(texts)
}

/// Keeps the first of equal keys.
pub(super) fn remove_duplicates(keys: &mut Vec<MasterKey>) {
    let mut seen = HashSet::new();
    keys.retain(|key| seen.insert(key.clone()));
}

/// What a copy of these keys counts against the limit of the file.
pub(super) fn cost(keys: &[MasterKey]) -> usize {
    size_of_val(keys)
}

/// The names that are being resolved: a name may stand for other names.
struct Definitions<'a, 't> {
    tree: &'a Tree<'t>,
    fields: &'a [Field<'a>],
    by_name: HashMap<&'a str, usize>,
    states: Vec<State>,
}

#[derive(Clone)]
enum State {
    Unseen,
    /// On the way from the name that is asked for.
    Open,
    Done(Vec<MasterKey>),
}

impl<'a, 't> Definitions<'a, 't> {
    fn new(tree: &'a Tree<'t>, fields: &'a [Field<'a>]) -> Self {
        let by_name = fields.iter().enumerate().map(|(index, field)| (field.name, index)).collect();
        Self { tree, fields, by_name, states: vec![State::Unseen; fields.len()] }
    }

    fn resolve(mut self) -> Result<Vec<(String, Vec<MasterKey>)>, RulesError> {
        let mut named = Vec::with_capacity(self.fields.len());
        for (index, field) in self.fields.iter().enumerate() {
            let keys = self.keys(index, field.key, DEPTH_LIMIT)?;
            named.push((field.name.to_owned(), keys));
        }
        Ok(named)
    }

    fn keys(
        &mut self,
        index: usize,
        at: NodeId,
        depth: usize,
    ) -> Result<Vec<MasterKey>, RulesError> {
        let Field { name, value, .. } = self.fields[index];
        match &self.states[index] {
            State::Done(keys) => {
                self.tree.spend(at, cost(keys))?;
                return Ok(keys.clone());
            }
            State::Open => {
                return Err(self.tree.error(at, RulesProblem::NameInCircle(shown(name))));
            }
            State::Unseen if depth == 0 => {
                return Err(self.tree.error(at, RulesProblem::TooDeep));
            }
            State::Unseen => self.states[index] = State::Open,
        }
        let mut keys = Vec::new();
        for (at, text) in key_texts(self.tree, value, name)? {
            match self.by_name.get(text) {
                Some(&other) => keys.extend(self.keys(other, at, depth - 1)?),
                None => keys.push(parse_any(text).map_err(|error| {
                    let error = with_near(error, text, self.by_name.keys().copied());
                    self.tree.error(at, RulesProblem::Key(error))
                })?),
            }
        }
        remove_duplicates(&mut keys);
        self.states[index] = State::Done(keys.clone());
        Ok(keys)
    }
}

/// The same error, with the name that looks most like what was written.
fn with_near<'n>(
    error: KeyTextError,
    text: &str,
    names: impl Iterator<Item = &'n str>,
) -> KeyTextError {
    match error {
        KeyTextError::NotAKey { text: shown, kind, .. } => {
            let near = nearest(text, names).map(str::to_owned);
            KeyTextError::NotAKey { text: shown, kind, near }
        }
        other => other,
    }
}

fn anchored_keys(tree: &Tree<'_>) -> Vec<(String, MasterKey)> {
    tree.anchored()
        .filter(|(name, _)| is_name(name))
        .filter_map(|(name, text)| Some((name.to_owned(), parse_any(text).ok()?)))
        .collect()
}

/// Whether a name can stand between commas and on a terminal.
fn is_name(text: &str) -> bool {
    let plain = |char: char| char.is_alphanumeric() || matches!(char, '.' | '_' | '-' | '@');
    !text.is_empty() && text.len() <= 64 && text.chars().all(plain)
}

/// Whether two entries mean the same key, though one of them may come from a
/// file's metadata, where more is known about it.
fn is_same(named: &MasterKey, key: &MasterKey) -> bool {
    use MasterKey::{AzureKv, Kms, Pgp};
    match (named, key) {
        (Kms { arn: one, role: by, .. }, Kms { arn: other, role, .. }) => {
            one == other && by == role
        }
        (
            AzureKv { vault_url: one, name, version: pinned },
            AzureKv { vault_url: other, name: called, version },
        ) => (one, name) == (other, called) && (pinned.is_empty() || pinned == version),
        (Pgp { fingerprint: one }, Pgp { fingerprint: other }) => one.eq_ignore_ascii_case(other),
        _ => named == key,
    }
}
