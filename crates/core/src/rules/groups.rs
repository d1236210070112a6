//! The keys of a rule: flat fields, or key groups.

use bulla_yaml::NodeId;

use crate::master_key::MasterKey;
use crate::recipe::KeyGroup;
use crate::rules::error::{RulesError, RulesProblem};
use crate::rules::key::KeyKind;
use crate::rules::names::{Names, cost, key_texts, remove_duplicates};
use crate::rules::spelling::is_role_arn;
use crate::rules::tree::{DEPTH_LIMIT, Field, Place, Tree};

/// The fields of a rule that hold keys, and their kinds, in the order in which
/// sops puts the keys into a file. `recipients` takes any kind.
const RULE_KEYS: [(&str, Option<KeyKind>); 8] = [
    ("age", Some(KeyKind::Age)),
    ("pgp", Some(KeyKind::Pgp)),
    ("kms", Some(KeyKind::Kms)),
    ("gcp_kms", Some(KeyKind::GcpKms)),
    ("hckms", Some(KeyKind::HcKms)),
    ("azure_keyvault", Some(KeyKind::AzureKv)),
    ("hc_vault_transit_uri", Some(KeyKind::Vault)),
    ("recipients", None),
];

/// The mappings that are read here.
pub(super) const PLACES: [&Place; 5] = [&GROUP, &KMS, &GCP_KMS, &HCKMS, &AZURE];

const GROUP: Place = Place {
    called: "a key group",
    // In the order of `RULE_KEYS`, merged groups first.
    fields: &[
        "merge",
        "age",
        "pgp",
        "kms",
        "gcp_kms",
        "hckms",
        "azure_keyvault",
        "hc_vault",
        "recipients",
    ],
};

const KMS: Place =
    Place { called: "a kms key", fields: &["arn", "role", "context", "aws_profile"] };

const GCP_KMS: Place = Place { called: "a gcp_kms key", fields: &["resource_id"] };

const HCKMS: Place = Place { called: "a hckms key", fields: &["key_id"] };

const AZURE: Place =
    Place { called: "an azure_keyvault key", fields: &["vaultUrl", "key", "version"] };

/// Reads keys, which may be written as names.
pub(super) struct KeyReader<'a, 't> {
    pub(super) tree: &'a Tree<'t>,
    pub(super) names: &'a Names,
}

/// The keys that were found so far, and where each belongs.
#[derive(Default)]
pub(super) struct Found {
    keys: Vec<(usize, MasterKey)>,
}

impl Found {
    fn extend(&mut self, rank: usize, keys: Vec<MasterKey>) {
        self.keys.extend(keys.into_iter().map(|key| (rank, key)));
    }

    /// The keys in the order of sops, each once.
    pub(super) fn into_group(mut self) -> KeyGroup {
        self.keys.sort_by_key(|&(rank, _)| rank);
        let mut group = self.keys.into_iter().map(|(_, key)| key).collect();
        remove_duplicates(&mut group);
        group
    }
}

impl KeyReader<'_, '_> {
    /// Reads a field of a rule into `found`. Its name, when it is one that holds
    /// keys.
    pub(super) fn flat(
        &self,
        field: &Field<'_>,
        found: &mut Found,
    ) -> Result<Option<&'static str>, RulesError> {
        let Some(rank) = RULE_KEYS.iter().position(|&(name, _)| name == field.name) else {
            return Ok(None);
        };
        let (name, kind) = RULE_KEYS[rank];
        found.extend(rank, self.listed(kind, field.value, name)?);
        Ok(Some(name))
    }

    /// Reads `key_groups`.
    pub(super) fn groups(&self, value: NodeId) -> Result<Vec<KeyGroup>, RulesError> {
        let items = self.tree.items(value, "key_groups", "a list of key groups")?;
        if items.len() > 255 {
            return Err(self.tree.error(value, RulesProblem::TooManyGroups));
        }
        items.into_iter().map(|item| self.group(item, DEPTH_LIMIT)).collect()
    }

    fn group(&self, item: NodeId, depth: usize) -> Result<KeyGroup, RulesError> {
        let tree = self.tree;
        let value = tree.follow(item)?;
        if depth == 0 {
            return Err(tree.error(value, RulesProblem::TooDeep));
        }
        let mut found = Found::default();
        for field in tree.fields(value, "a key group")? {
            let name = field.name;
            let rank = GROUP.fields.iter().position(|known| *known == name);
            let Some(rank) = rank else { return Err(tree.unknown(&field, &GROUP)) };
            let keys = match name {
                "merge" => {
                    let groups = tree.items(field.value, name, "a list of key groups")?;
                    let merged = groups.into_iter().map(|item| self.group(item, depth - 1));
                    merged.collect::<Result<Vec<_>, _>>()?.concat()
                }
                "kms" => self.described(field.value, name, KeyKind::Kms, Self::kms)?,
                "gcp_kms" => {
                    self.described(field.value, name, KeyKind::GcpKms, |this, value| {
                        this.only_field(value, &GCP_KMS, KeyKind::GcpKms)
                    })?
                }
                "hckms" => self.described(field.value, name, KeyKind::HcKms, |this, value| {
                    this.only_field(value, &HCKMS, KeyKind::HcKms)
                })?,
                "azure_keyvault" => {
                    self.described(field.value, name, KeyKind::AzureKv, Self::azure_kv)?
                }
                "age" => self.listed(Some(KeyKind::Age), field.value, name)?,
                "pgp" => self.listed(Some(KeyKind::Pgp), field.value, name)?,
                "hc_vault" => self.listed(Some(KeyKind::Vault), field.value, name)?,
                // Only `recipients` is left.
                _ => self.listed(None, field.value, name)?,
            };
            found.extend(rank, keys);
        }
        match found.into_group() {
            group if group.is_empty() => Err(tree.error(item, RulesProblem::EmptyGroup)),
            group => Ok(group),
        }
    }

    /// Keys and names, with commas or in a list.
    fn listed(
        &self,
        kind: Option<KeyKind>,
        value: NodeId,
        field: &str,
    ) -> Result<Vec<MasterKey>, RulesError> {
        let mut keys = Vec::new();
        for (at, text) in key_texts(self.tree, value, field)? {
            keys.extend(self.keys(kind, at, text)?);
        }
        Ok(keys)
    }

    /// A list whose items are mappings, or keys and names as elsewhere.
    fn described(
        &self,
        value: NodeId,
        field: &str,
        kind: KeyKind,
        read: impl Fn(&Self, NodeId) -> Result<MasterKey, RulesError>,
    ) -> Result<Vec<MasterKey>, RulesError> {
        let mut keys = Vec::new();
        for item in self.tree.items(value, field, "a list of keys")? {
            let item = self.tree.follow(item)?;
            if self.tree.is_mapping(item) {
                keys.push(read(self, item)?);
            } else {
                keys.extend(self.listed(Some(kind), item, field)?);
            }
        }
        Ok(keys)
    }

    /// The keys that one word stands for, all of them of this kind.
    fn keys(
        &self,
        kind: Option<KeyKind>,
        at: NodeId,
        text: &str,
    ) -> Result<Vec<MasterKey>, RulesError> {
        if let Some(named) = self.names.keys(text) {
            self.tree.spend(at, cost(named))?;
        }
        let keys = self.names.parse(kind, text);
        keys.map_err(|error| self.tree.error(at, RulesProblem::Key(error)))
    }

    /// One key, written out.
    fn key(&self, kind: KeyKind, at: NodeId, text: &str) -> Result<MasterKey, RulesError> {
        kind.parse(text).map_err(|error| self.tree.error(at, RulesProblem::Key(error)))
    }

    fn kms(&self, value: NodeId) -> Result<MasterKey, RulesError> {
        let tree = self.tree;
        let (mut key, mut assumed, mut pairs, mut profile) = (None, None, Vec::new(), None);
        for field in tree.fields(value, "kms")? {
            match field.name {
                "arn" => {
                    let arn = tree.text(field.value, "arn")?;
                    key = Some(self.key(KeyKind::Kms, field.value, arn)?);
                }
                "role" => {
                    let role = tree.text(field.value, "role")?.trim();
                    if !is_role_arn(role) {
                        let wanted = "the ARN of a role (arn:aws:iam::ACCOUNT:role/NAME)";
                        return Err(tree.wrong_type(field.value, "role", wanted));
                    }
                    assumed = Some(role.to_owned());
                }
                "context" => pairs = self.context(field.value)?,
                "aws_profile" => {
                    profile = Some(tree.text(field.value, "aws_profile")?.to_owned());
                }
                _ => return Err(tree.unknown(&field, &KMS)),
            }
        }
        match key {
            Some(MasterKey::Kms { arn, role, .. }) => Ok(MasterKey::Kms {
                arn,
                role: assumed.or(role),
                context: pairs,
                aws_profile: profile,
            }),
            _ => Err(self.missing(value, &KMS)),
        }
    }

    fn context(&self, value: NodeId) -> Result<Vec<(String, String)>, RulesError> {
        let fields = self.tree.fields(value, "context")?;
        let pair =
            |name: &str, value| Ok((name.to_owned(), self.tree.text(value, name)?.to_owned()));
        fields.iter().map(|field| pair(field.name, field.value)).collect()
    }

    fn azure_kv(&self, value: NodeId) -> Result<MasterKey, RulesError> {
        let tree = self.tree;
        let (mut url, mut name, mut version) = (None, None, None);
        for field in tree.fields(value, "azure_keyvault")? {
            let part = match field.name {
                "vaultUrl" => &mut url,
                "key" => &mut name,
                "version" => &mut version,
                _ => return Err(tree.unknown(&field, &AZURE)),
            };
            *part = Some(tree.text(field.value, field.name)?.trim());
        }
        let Some(url) = url else { return Err(self.missing(value, &AZURE)) };
        let Some(name) = name else {
            let problem = RulesProblem::Missing { place: AZURE.called, field: "key" };
            return Err(tree.error(value, problem));
        };
        let mut text = format!("{}/keys/{name}", url.trim_end_matches('/'));
        if let Some(version) = version {
            text = format!("{text}/{version}");
        }
        self.key(KeyKind::AzureKv, value, &text)
    }

    /// A mapping of one field, which is the key.
    fn only_field(
        &self,
        value: NodeId,
        place: &Place,
        kind: KeyKind,
    ) -> Result<MasterKey, RulesError> {
        let mut key = None;
        for field in self.tree.fields(value, place.called)? {
            if !place.fields.contains(&field.name) {
                return Err(self.tree.unknown(&field, place));
            }
            let text = self.tree.text(field.value, field.name)?;
            key = Some(self.key(kind, field.value, text)?);
        }
        key.ok_or_else(|| self.missing(value, place))
    }

    /// A key without the field that says which one it is: always the first.
    fn missing(&self, at: NodeId, place: &Place) -> RulesError {
        let problem = RulesProblem::Missing { place: place.called, field: place.fields[0] };
        self.tree.error(at, problem)
    }
}
