//! Destination rules: where `publish` sends a file.

use bulla_yaml::NodeId;

use crate::rules::creation::{self, CreationRule};
use crate::rules::error::{RulesError, RulesProblem};
use crate::rules::groups::KeyReader;
use crate::rules::matching::PathCondition;
use crate::rules::tree::{Field, Place, Tree};

pub(super) const RULE: Place = Place {
    called: "a destination rule",
    fields: &[
        "path_regex",
        "s3_bucket",
        "s3_prefix",
        "gcs_bucket",
        "gcs_prefix",
        "vault_path",
        "vault_address",
        "vault_kv_mount_name",
        "vault_kv_version",
        "recreation_rule",
        "omit_extensions",
    ],
};

/// The fields of each destination; the first is the one that names it.
const DESTINATIONS: [&[&str]; 3] = [
    &["s3_bucket", "s3_prefix"],
    &["gcs_bucket", "gcs_prefix"],
    &["vault_path", "vault_address", "vault_kv_mount_name", "vault_kv_version"],
];

/// A rule for files that are published.
#[derive(Clone, Debug)]
pub struct DestinationRule {
    /// Its first line in the rules file, from 1.
    pub line: usize,
    /// Which files it is for.
    pub condition: PathCondition,
    /// Where they go.
    pub destination: Destination,
    /// How they are sealed again on the way; as they are, when absent.
    pub recreation: Option<CreationRule>,
    /// Whether the names lose their extensions.
    pub omit_extensions: bool,
}

/// Where files are published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Amazon S3.
    S3 {
        /// The bucket.
        bucket: String,
        /// What the names begin with; empty for nothing.
        prefix: String,
    },
    /// Google Cloud Storage.
    Gcs {
        /// The bucket.
        bucket: String,
        /// What the names begin with; empty for nothing.
        prefix: String,
    },
    /// A key-value store of Vault or OpenBao.
    Vault {
        /// The path below the mount.
        path: String,
        /// The server; the publisher's own, when absent.
        address: Option<String>,
        /// Where the store is mounted; `secret`, when absent.
        mount: Option<String>,
        /// The version of the store, 1 or 2; 2, when absent.
        version: Option<u8>,
    },
}

/// Reads a destination rule.
pub(super) fn rule(keys: &KeyReader<'_, '_>, item: NodeId) -> Result<DestinationRule, RulesError> {
    let tree = keys.tree;
    let mut condition = PathCondition::Any;
    let mut recreation = None;
    let mut omit_extensions = false;
    let mut target = Target::default();
    for field in tree.fields(tree.follow(item)?, RULE.called)? {
        let (name, value) = (field.name, field.value);
        match name {
            "path_regex" => {
                let compiled = PathCondition::regex(tree.text(value, name)?);
                condition = compiled.map_err(|problem| tree.error(value, problem))?;
            }
            "recreation_rule" => recreation = Some(recreation_rule(keys, value)?),
            "omit_extensions" => omit_extensions = tree.bool(value, name)?,
            _ => match family_of(name) {
                Some((family, name)) => target.take(tree, &field, family, name)?,
                None => return Err(tree.unknown(&field, &RULE)),
            },
        }
    }
    let destination = target.finish(tree, item)?;
    Ok(DestinationRule {
        line: tree.line(item),
        condition,
        destination,
        recreation,
        omit_extensions,
    })
}

fn family_of(field: &str) -> Option<(&'static [&'static str], &'static str)> {
    let mut fields =
        DESTINATIONS.iter().flat_map(|family| family.iter().map(move |name| (family, name)));
    fields.find(|(_, name)| **name == field).map(|(family, name)| (*family, *name))
}

fn recreation_rule(keys: &KeyReader<'_, '_>, at: NodeId) -> Result<CreationRule, RulesError> {
    let rule = creation::rule(keys, at)?;
    let field = match rule.condition {
        PathCondition::Any => return Ok(rule),
        PathCondition::Regex(_) => "path_regex",
        PathCondition::Glob(_) => "path_glob",
    };
    let hint = "the destination rule itself says which files are meant";
    Err(keys.tree.error(at, RulesProblem::NoEffect { field, hint }))
}

/// The destination of a rule that is not all read yet.
#[derive(Default)]
struct Target {
    /// One of `DESTINATIONS`; empty before the first field.
    family: &'static [&'static str],
    texts: Vec<(&'static str, String)>,
    version: Option<u8>,
}

impl Target {
    fn take(
        &mut self,
        tree: &Tree<'_>,
        field: &Field<'_>,
        family: &'static [&'static str],
        name: &'static str,
    ) -> Result<(), RulesError> {
        if let Some(&one) = self.family.first()
            && self.family != family
        {
            let hint = "a rule has one destination, write a second rule";
            let problem = RulesProblem::Exclusive { one, other: name, hint };
            return Err(tree.error(field.key, problem));
        }
        self.family = family;
        if name == "vault_kv_version" {
            self.version = match tree.int(field.value, name)? {
                1 => Some(1),
                2 => Some(2),
                _ => return Err(tree.wrong_type(field.value, name, "1 or 2")),
            };
        } else {
            self.texts.push((name, tree.text(field.value, name)?.to_owned()));
        }
        Ok(())
    }

    fn finish(mut self, tree: &Tree<'_>, item: NodeId) -> Result<Destination, RulesError> {
        let needed = self.family.first().copied();
        let missing = RulesProblem::Missing {
            place: RULE.called,
            field: needed.unwrap_or("s3_bucket`, `gcs_bucket` or `vault_path"),
        };
        let Some((name, first)) = needed.and_then(|name| Some((name, self.remove(name)?))) else {
            return Err(tree.error(item, missing));
        };
        Ok(match name {
            "s3_bucket" => Destination::S3 {
                bucket: first,
                prefix: self.remove("s3_prefix").unwrap_or_default(),
            },
            "gcs_bucket" => Destination::Gcs {
                bucket: first,
                prefix: self.remove("gcs_prefix").unwrap_or_default(),
            },
            _ => Destination::Vault {
                path: first,
                address: self.remove("vault_address"),
                mount: self.remove("vault_kv_mount_name"),
                version: self.version,
            },
        })
    }

    fn remove(&mut self, name: &str) -> Option<String> {
        let index = self.texts.iter().position(|(found, _)| *found == name)?;
        Some(self.texts.swap_remove(index).1)
    }
}
