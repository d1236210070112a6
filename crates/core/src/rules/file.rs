//! The top level of a rules file.

use bulla_yaml::NodeId;

use crate::rules::creation::{self, CreationRule};
use crate::rules::destination::{self, DestinationRule};
use crate::rules::error::{RulesError, RulesProblem};
use crate::rules::groups::{self, KeyReader};
use crate::rules::guard::{self, GuardAllow};
use crate::rules::names::Names;
use crate::rules::stores::{self, Stores};
use crate::rules::tree::{Place, Tree};

/// How many rules of a kind a file may have. Every one of them keeps a compiled
/// expression.
pub(super) const RULES_LIMIT: usize = 1000;

const TOP: Place = Place {
    called: "the rules file",
    fields: &["creation_rules", "destination_rules", "stores", "recipients", "guard"],
};

/// What a rules file says.
pub(super) struct File {
    pub(super) creation_rules: Vec<CreationRule>,
    pub(super) destination_rules: Vec<DestinationRule>,
    pub(super) stores: Stores,
    pub(super) guard_allows: Vec<GuardAllow>,
    pub(super) names: Names,
}

/// Every field that a rules file may have, apart from names of recipients: what
/// an example or a page of documentation has to mention.
pub fn known_fields() -> impl Iterator<Item = &'static str> {
    [&TOP, &creation::RULE, &destination::RULE]
        .into_iter()
        .chain(groups::PLACES)
        .chain(stores::PLACES)
        .chain(guard::PLACES)
        .flat_map(|place| place.fields.iter().copied())
}

/// Reads a whole file.
pub(super) fn read(tree: &Tree<'_>) -> Result<File, RulesError> {
    let fields = match tree.root()? {
        Some(root) => tree.fields(root, "the rules file")?,
        None => Vec::new(),
    };
    if let Some(typo) = fields.iter().find(|field| is_near_miss(field.name)) {
        return Err(tree.unknown(typo, &TOP));
    }
    let value = |name: &str| fields.iter().find(|field| field.name == name).map(|f| f.value);
    let names = Names::read(tree, value("recipients"))?;
    let keys = KeyReader { tree, names: &names };
    let creation_rules = match value("creation_rules") {
        Some(list) => rules(tree, list, "creation_rules", |item| creation::rule(&keys, item))?,
        None => Vec::new(),
    };
    let destination_rules = match value("destination_rules") {
        Some(list) => {
            rules(tree, list, "destination_rules", |item| destination::rule(&keys, item))?
        }
        None => Vec::new(),
    };
    let stores = value("stores").map(|value| stores::read(tree, value)).transpose()?;
    let guard_allows = value("guard").map(|value| guard::read(tree, value)).transpose()?;
    Ok(File {
        creation_rules,
        destination_rules,
        stores: stores.unwrap_or_default(),
        guard_allows: guard_allows.unwrap_or_default(),
        names,
    })
}

/// Other names at the top are a place for anchors; but `creation_rule:` means
/// what it almost says.
fn is_near_miss(name: &str) -> bool {
    let lower = name.to_lowercase();
    let near = |known: &&str| {
        lower.len() <= 64
            && strsim::osa_distance(&lower, known) <= if known.len() < 8 { 1 } else { 2 }
    };
    !TOP.fields.contains(&name) && TOP.fields.iter().any(near)
}

fn rules<R>(
    tree: &Tree<'_>,
    list: NodeId,
    field: &str,
    read: impl Fn(NodeId) -> Result<R, RulesError>,
) -> Result<Vec<R>, RulesError> {
    let items = tree.items(list, field, "a list of rules")?;
    match items.get(RULES_LIMIT) {
        Some(&first_beyond) => Err(tree.error(first_beyond, RulesProblem::TooManyRules)),
        None => items.into_iter().map(read).collect(),
    }
}
