//! For whom the files here are sealed, and which of the keys at hand is whose.

use std::collections::BTreeSet;
use std::path::PathBuf;

use bulla_core::rules::{FILE_NAMES, Rules};
use bulla_core::{MasterKey, Metadata};
use bulla_keys::{Environment, Holding, Holdings};
use bulla_krm::flux::files;
use serde::Serialize;

use super::Finding;
use crate::governing::{read_rules, search};
use crate::tree::Tree;
use crate::write::directory;

const CHECK: &str = "recipient";

/// How many recipients are shown: people have some dozens.
const SHOWN: usize = 200;

/// One recipient, as programs get it.
#[derive(Debug, Serialize)]
pub(super) struct Recipient {
    /// As in the `sops` block: age, pgp, kms …
    kind: &'static str,
    /// As it is written in a rule.
    id: String,
    /// What the rules call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// How many sealed files are for it.
    files: usize,
    /// How many creation rules name it.
    rules: usize,
    key: Key,
    /// Where the key is, what may open its files, or why nothing does.
    source: String,
}

/// Whether there is a key for it.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Key {
    Held,
    Perhaps,
    Absent,
}

pub(super) fn look(
    tree: &Tree,
    sealed: &[(String, Metadata)],
    holdings: &Holdings,
    environment: &Environment,
) -> Vec<Finding> {
    // Broken rules are no reason not to look at files.
    let rules: Vec<Rules> =
        rules_files(tree, sealed, environment).iter().flat_map(|file| read_rules(file)).collect();
    let mut found = Vec::new();
    for (_, metadata) in sealed {
        count(&mut found, metadata.keys().map(|wrapped| &wrapped.key), |one| &mut one.files);
    }
    for rule in rules.iter().flat_map(Rules::creation_rules) {
        count(&mut found, rule.recipe.groups.iter().flatten(), |one| &mut one.rules);
    }
    let more = found.len().saturating_sub(SHOWN);
    let shown = found.into_iter().take(SHOWN);
    let mut findings: Vec<_> =
        shown.map(|found| finding(&found, &rules, holdings.of(found.key))).collect();
    if more > 0 {
        findings.push(Finding::ok(CHECK, format!("{more} more recipients are not shown")));
    }
    findings
}

/// A key, and where it was found.
struct Found<'k> {
    key: &'k MasterKey,
    files: usize,
    rules: usize,
}

/// Counts each of the keys of one file, or of one rule, once.
fn count<'k>(
    found: &mut Vec<Found<'k>>,
    keys: impl Iterator<Item = &'k MasterKey>,
    field: impl for<'f> Fn(&'f mut Found<'k>) -> &'f mut usize,
) {
    let mut seen = BTreeSet::new();
    for key in keys {
        let index = found.iter().position(|found| key.is_same(found.key) || found.key.is_same(key));
        let index = index.unwrap_or_else(|| {
            found.push(Found { key, files: 0, rules: 0 });
            found.len() - 1
        });
        if seen.insert(index) {
            *field(&mut found[index]) += 1;
        }
    }
}

fn finding(found: &Found<'_>, rules: &[Rules], holding: Holding) -> Finding {
    let Found { key, files, rules: in_rules } = *found;
    let name = rules.iter().find_map(|rules| rules.name_of(key)).map(str::to_owned);
    let (key_is, source) = match holding {
        Holding::Held(source) => (Key::Held, source),
        Holding::Perhaps(source) => (Key::Perhaps, source),
        Holding::Absent(source) => (Key::Absent, source),
    };
    let (kind, id) = (key.kind(), key.to_string());
    let shown = name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    let told = match key_is {
        Key::Held => format!("its key is in {source}"),
        Key::Perhaps => format!("may be opened with what is here: {source}"),
        Key::Absent => source.clone(),
    };
    let message = format!(
        "{kind} {id}{shown}, in {} and {}: {told}",
        counted(files, "file"),
        counted(in_rules, "rule")
    );
    let recipient = Recipient { kind, id, name, files, rules: in_rules, key: key_is, source };
    Finding { recipient: Some(recipient), ..Finding::ok(CHECK, message) }
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// The rules files for this folder, for its sealed files, and those in it; or the one that
/// is used instead.
fn rules_files(
    tree: &Tree,
    sealed: &[(String, Metadata)],
    environment: &Environment,
) -> BTreeSet<PathBuf> {
    if let Some(config) = &environment.config {
        return BTreeSet::from([config.clone()]);
    }
    let folder = tree.top.join(&tree.folder);
    let below = files(&tree.top, &tree.folder);
    let folders: BTreeSet<_> =
        below.iter().map(|file| directory(&tree.top.join(file)).to_owned()).collect();
    let in_them = folders
        .iter()
        .flat_map(|folder| FILE_NAMES.map(|name| folder.join(name)))
        .filter(|file| file.is_file());
    let above = sealed.iter().map(|(path, _)| directory(&tree.top.join(path)).to_owned());
    let above: BTreeSet<_> = above.chain([folder]).collect();
    in_them.chain(above.iter().filter_map(|folder| search(folder))).collect()
}
