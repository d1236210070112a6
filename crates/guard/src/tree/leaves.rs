//! Values and the names that they stand under, in a structure.

use bulla_core::METADATA_KEY;
use bulla_yaml::{NodeId, NodeKind};

use super::Tree;
use crate::credential::{self, Writing, is_sealed_elsewhere};
use crate::found::Found;
use crate::judge::FINDING_LIMIT;
use crate::{bare, lines, lines::Kind};

/// Keys that say that something is a value, and not which one.
const VALUE_KEYS: [&str; 15] = [
    "ParameterValue",
    "value",
    "Value",
    "default",
    "content",
    "contents",
    "inline",
    "source",
    "stringValue",
    "string",
    "text",
    "result",
    "plaintext",
    "values",
    "data",
];

/// Keys beside them that do.
const NAME_KEYS: [&str; 14] = [
    "ParameterKey",
    "name",
    "Name",
    "key",
    "Key",
    "path",
    "filename",
    "file",
    "dest",
    "destination",
    "variable",
    "envName",
    "field",
    "id",
];

/// Kinds whose values are sealed by others, or are names of secrets elsewhere.
const OTHER_KINDS: [&str; 7] = [
    "SealedSecret",
    "ExternalSecret",
    "ClusterExternalSecret",
    "SecretStore",
    "ClusterSecretStore",
    "PushSecret",
    "SecretProviderClass",
];

/// Types of resources of Terraform whose results are secrets.
const RANDOM_TYPES: [&str; 4] = ["random_password", "random_string", "random_id", "random_bytes"];

/// Adds every value whose name says that it is a secret, or that is a key by its name.
pub(super) fn find(tree: &Tree<'_, '_>, outer: &[&str], writing: Writing, found: &mut Vec<Found>) {
    let mut skip_until = None;
    for id in tree.nodes() {
        if skip_until.is_some_and(|end| id < end) {
            continue;
        }
        skip_until = None;
        let node = tree.stream.node(id);
        if is_left_alone(tree, id) {
            skip_until = Some(tree.stream.after(id));
            continue;
        }
        let Some(scalar) = node.scalar() else { continue };
        let value: &str = scalar.value;
        if node.is_key || value.len() < 3 || is_sealed_elsewhere(value) {
            continue;
        }
        // What is not read from here is somewhere else.
        let is_foreign = |id: NodeId| {
            tree.stream.node(id).tag().is_some_and(|tag| !tag.starts_with("tag:yaml.org,2002:"))
        };
        // `!Ref Name`, `!If [Condition, Name, Name]`
        let list = tree.stream.parent(id).filter(|_| tree.index(id).is_some());
        if is_foreign(id) || list.is_some_and(is_foreign) {
            continue;
        }
        if found.len() >= FINDING_LIMIT {
            return;
        }
        found.extend(judge(tree, id, value, outer, writing));
    }
}

/// The names of a value: its own, and those of what it is in.
pub(super) fn names<'n>(tree: &Tree<'n, '_>, id: NodeId, outer: &[&'n str]) -> Vec<&'n str> {
    name(tree, id)
        .into_iter()
        .chain(tree.key_above(id))
        .chain(outer.iter().copied())
        .take(4)
        .collect()
}

/// Parts whose values are sealed, or name something elsewhere.
fn is_left_alone(tree: &Tree<'_, '_>, id: NodeId) -> bool {
    let is_mapping = matches!(tree.stream.node(id).kind, NodeKind::Mapping { .. });
    if !is_mapping {
        return false;
    }
    let kind = tree.get_text(id, "kind");
    if kind.is_some_and(|kind| OTHER_KINDS.contains(&kind)) {
        return true;
    }
    // The block of a sealed file.
    tree.key(id) == Some(METADATA_KEY)
        && (tree.get(id, "mac").is_some() || tree.get(id, "lastmodified").is_some())
}

fn judge(
    tree: &Tree<'_, '_>,
    id: NodeId,
    value: &str,
    outer: &[&str],
    writing: Writing,
) -> Option<Found> {
    let found = |rule, confidence, why: &str| {
        Some(tree.found_at(id, Found::new(0..0, rule, confidence, why)))
    };
    let name = name(tree, id);
    let trimmed = value.trim();
    let verdict = name.and_then(|name| credential::judge(name, value, writing));
    let verdict =
        verdict.or_else(|| flag_value(tree, id, value)).or_else(|| random_result(tree, id, value));
    if let Some(verdict) = verdict {
        return found(verdict.rule, verdict.confidence, verdict.why);
    }
    // `NAME=value` and `--name=value`, as lists have them.
    if let Some((name, value)) = trimmed.split_once('=')
        && !name.is_empty()
        && !value.starts_with('=')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        && let Some(verdict) =
            credential::judge(name.trim_start_matches('-'), unquoted(value), writing)
    {
        return found(verdict.rule, verdict.confidence, verdict.why);
    }
    // What is one value in a file of its own: `jwt.hex`.
    if !trimmed.contains(char::is_whitespace) {
        let names: Vec<&str> = name.into_iter().chain(outer.iter().copied()).collect();
        let is_file = name.is_some_and(bare::is_file_name);
        // `data:;base64,…`, as Ignition has the contents of files.
        let content = trimmed.strip_prefix("data:").and_then(|url| url.split_once(','));
        let content = content.map_or(value, |(_, content)| content);
        let bare = is_file.then(|| bare::find_encoded(content, &names)).flatten();
        if let Some(bare) = bare {
            return found(bare.rule, bare.confidence, &bare.why);
        }
        return None;
    }
    // A command line.
    if value.contains('\n') {
        return None;
    }
    let inner = lines::find(value, Kind::Command, |_| true).into_iter().next()?;
    found(inner.rule, inner.confidence, &inner.why)
}

fn unquoted(value: &str) -> &str {
    let quotes =
        |quote: char| value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote));
    quotes('"').or_else(|| quotes('\'')).unwrap_or(value)
}

/// The name of a value: its key, that of its list, or what stands beside it.
fn name<'n>(tree: &Tree<'n, '_>, id: NodeId) -> Option<&'n str> {
    let key = tree.key_above(id)?;
    if !VALUE_KEYS.contains(&key) {
        return Some(key);
    }
    // The mapping whose entry this is, lists passed over.
    let mut mapping = tree.stream.parent(id)?;
    while tree.index(mapping).is_some()
        && !matches!(tree.stream.node(mapping).kind, NodeKind::Mapping { .. })
    {
        mapping = tree.stream.parent(mapping)?;
    }
    let beside = |mapping| NAME_KEYS.iter().find_map(|name| tree.get_text(mapping, name));
    // `path: /etc/jwt.hex`, `contents: {inline: …}`
    let above = || {
        let is_value = tree.key(mapping).is_some_and(|key| VALUE_KEYS.contains(&key));
        tree.stream.parent(mapping).filter(|_| is_value).and_then(beside)
    };
    beside(mapping)
        .or_else(above)
        .or_else(|| tree.key(mapping))
        .map(|name| name.rsplit('/').find(|part| !part.is_empty()).unwrap_or(name))
}

/// The item behind `--name` in a list of arguments.
fn flag_value(tree: &Tree<'_, '_>, id: NodeId, value: &str) -> Option<credential::Verdict> {
    let flag = tree.item_before(id).and_then(|flag| tree.text(flag))?;
    let name = flag.strip_prefix('-')?.trim_start_matches('-');
    let is_flag = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    (is_flag && !value.starts_with('-'))
        .then(|| credential::judge(name, value, Writing::Data))
        .flatten()
}

/// What Terraform made up and keeps in its state.
fn random_result(tree: &Tree<'_, '_>, id: NodeId, value: &str) -> Option<credential::Verdict> {
    if tree.key(id) != Some("result") {
        return None;
    }
    let mut at = tree.stream.parent(id);
    for _ in 0..4 {
        let here = at?;
        if tree.get_text(here, "type").is_some_and(|kind| RANDOM_TYPES.contains(&kind)) {
            return credential::judge("password", value, Writing::Data);
        }
        at = tree.stream.parent(here);
    }
    None
}
