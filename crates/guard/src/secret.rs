//! Kubernetes Secrets, wherever they stand: alone, in streams and Lists, in patches.

use bulla_core::SealedValue;
use bulla_yaml::{NodeId, NodeKind, Resolved};

use crate::credential::is_sealed_elsewhere;
use crate::encoded::decode;
use crate::finding::{Confidence, Rule};
use crate::found::Found;
use crate::markers::is_public_pem;
use crate::placeholder::is_placeholder;
use crate::sealed::Sealing;
use crate::tree::Tree;

/// Entries of a Secret that tell where and who, as Argo CD and others keep them beside
/// the password.
const PLAIN_ENTRIES: [&str; 26] = [
    "ca.crt",
    "clientID",
    "client_id",
    "database",
    "dbname",
    "email",
    "enableLfs",
    "enabled",
    "endpoint",
    "host",
    "hostname",
    "insecure",
    "name",
    "namespace",
    "port",
    "project",
    "region",
    "server",
    "ssh-publickey",
    "sslmode",
    "tenantID",
    "tenant_id",
    "type",
    "url",
    "user",
    "username",
];

/// How many leaves aliases may bring into one Secret.
const LEAF_LIMIT: usize = 100_000;

/// Adds every value of a Secret that is neither sealed, nor public, nor a
/// placeholder, and marks what was found in a Secret as that.
pub(crate) fn find(tree: &Tree<'_, '_>, sealing: Option<&Sealing>, found: &mut Vec<Found>) {
    let mut values = Vec::new();
    for id in tree.nodes() {
        if is_secret(tree, id) {
            for (key, value) in tree.stream.entries(id) {
                if let Some(field @ ("data" | "stringData")) = tree.text(key) {
                    leaves(tree, field, value, &mut values);
                }
            }
        }
    }
    values.sort_by_key(|value| tree.start(value.at));
    for found in found.iter_mut() {
        let start = found.value.as_ref().map(|(start, _)| *start);
        found.in_secret = start.is_some_and(|start| {
            values.binary_search_by_key(&start, |value| tree.start(value.at)).is_ok()
        });
    }
    find_elsewhere(tree, found);
    for value in values {
        if let Some((rule, why)) = readable(tree, &value, sealing) {
            let new = Found::new(0..0, rule, Confidence::Structure, &why);
            found.push(Found { in_secret: true, ..tree.found_at(value.at, new) });
        }
    }
}

/// Values that will be in a Secret, and do not stand in one: literals of generators,
/// and what patches put in.
fn find_elsewhere(tree: &Tree<'_, '_>, found: &mut Vec<Found>) {
    for mapping in tree.mappings() {
        if let Some(value) = patched(tree, mapping) {
            let why = "a value that a patch puts into a Secret, in the clear";
            let new = Found::new(0..0, Rule::ReadableSecret, Confidence::Structure, why);
            found.push(Found { in_secret: true, ..tree.found_at(value, new) });
        }
        let generators = ["secretGenerator", "literals"].map(|name| tree.get(mapping, name));
        let [Some(generators), _] = generators else {
            // A generator of its own: `kind: SecretGenerator`.
            if let [_, Some(list)] = generators
                && tree.get_text(mapping, "kind") == Some("SecretGenerator")
            {
                literals(tree, list, found);
            }
            continue;
        };
        for generator in tree.stream.children(generators) {
            if matches!(tree.stream.node(generator).kind, NodeKind::Mapping { .. })
                && let Some(list) = tree.get(generator, "literals")
            {
                literals(tree, list, found);
            }
        }
    }
}

fn literals(tree: &Tree<'_, '_>, list: NodeId, found: &mut Vec<Found>) {
    for item in tree.stream.children(list) {
        let Some((name, value)) = tree.text(item).and_then(|text| text.split_once('=')) else {
            continue;
        };
        let value = value.trim_matches(['"', '\'']);
        if is_open(name, value) {
            let why = "a literal of a Secret's generator, in the clear";
            let new = Found::new(0..0, Rule::GeneratorLiteral, Confidence::Structure, why);
            found.push(tree.found_at(item, new));
        }
    }
}

/// `{op, path: /stringData/password, value}`
fn patched(tree: &Tree<'_, '_>, mapping: NodeId) -> Option<NodeId> {
    tree.get_text(mapping, "op")?;
    let path = tree.get_text(mapping, "path")?;
    let value = tree.stream.get(mapping, "value")?;
    let (field, name) = path.strip_prefix('/')?.split_once('/')?;
    let text = tree.text(value)?;
    let is_secret = match field {
        "stringData" => is_open(name, text),
        // A ConfigMap has a field of that name too, and nothing in it is base64.
        "data" => {
            text.len() % 4 == 0
                && text.len() >= 8
                && text.contains(|character: char| character.is_ascii_digit() || character == '=')
                && decode(text)
                    .and_then(|bytes| String::from_utf8(bytes).ok())
                    .is_some_and(|text| !text.chars().any(char::is_control) && is_open(name, &text))
        }
        _ => false,
    };
    is_secret.then_some(value)
}

/// Whether a value of this name should be sealed, as far as the value shows it.
fn is_open(name: &str, value: &str) -> bool {
    let is_sealed = SealedValue::parse(value).is_ok() || is_sealed_elsewhere(value);
    !(is_placeholder(value) || is_public_pem(value) || is_sealed || is_plain_entry(name, value))
}

/// Whether an entry tells where or who, and nothing else.
fn is_plain_entry(name: &str, value: &str) -> bool {
    let has_login = value.contains("://") && value.contains('@') || value.contains('?');
    PLAIN_ENTRIES.contains(&name) && !has_login && !value.trim().contains('\n')
}

/// A value of a Secret.
struct SecretValue {
    /// Where it stands: the node itself, or the alias that brings it in.
    at: NodeId,
    node: NodeId,
    is_base64: bool,
}

fn is_secret(tree: &Tree<'_, '_>, id: NodeId) -> bool {
    let stream = tree.stream;
    if !matches!(stream.node(id).kind, NodeKind::Mapping { .. }) {
        return false;
    }
    let kind_of = |id| tree.get(id, "kind").and_then(|kind| tree.text(kind));
    if kind_of(id) == Some("Secret") {
        return true;
    }
    // The items of a SecretList need not say what they are.
    let list = stream.parent(id).filter(|&items| tree.key(items) == Some("items"));
    list.and_then(|items| stream.parent(items)).and_then(kind_of) == Some("SecretList")
}

/// The scalars at and below a node.
fn leaves(tree: &Tree<'_, '_>, field: &str, value: NodeId, values: &mut Vec<SecretValue>) {
    let mut open = vec![(value, None)];
    let limit = values.len() + LEAF_LIMIT;
    // Aliases of aliases multiply; a real Secret has none.
    let mut steps = 0;
    while let Some((node, alias)) = open.pop() {
        steps += 1;
        if values.len() >= limit || steps > LEAF_LIMIT {
            return;
        }
        let at = alias.unwrap_or(node);
        match tree.stream.node(node).kind {
            NodeKind::Scalar(_) => {
                values.push(SecretValue { at, node, is_base64: field == "data" });
            }
            NodeKind::Alias { target } => open.push((target, Some(at))),
            NodeKind::Mapping { .. } => {
                open.extend(tree.stream.entries(node).map(|(_, value)| (value, alias)));
            }
            NodeKind::Sequence { .. } => {
                open.extend(tree.stream.children(node).map(|item| (item, alias)));
            }
        }
    }
}

/// Why a value should not be committed; `None` when it may.
fn readable(
    tree: &Tree<'_, '_>,
    value: &SecretValue,
    sealing: Option<&Sealing>,
) -> Option<(Rule, String)> {
    let node = tree.stream.node(value.node);
    let scalar = node.scalar()?;
    let text: &str = scalar.value;
    let resolved = bulla_yaml::resolve(node.tag(), scalar.style, scalar.value);
    let name = tree.key(value.at).or_else(|| tree.key(value.node)).unwrap_or_default();
    if resolved == Ok(Resolved::Null) || is_placeholder(text) {
        return None;
    }
    if SealedValue::looks_like_one(text) {
        let error = SealedValue::parse(text).err()?;
        return Some((Rule::DamagedSeal, format!("a value of a Secret that {error}")));
    }
    let decoded = decode(text).filter(|_| value.is_base64);
    let decoded_text = decoded.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
    if !is_open(name, decoded_text.unwrap_or(text)) || is_public_pem(text) {
        return None;
    }
    // What is read from elsewhere when the manifest is.
    if node.tag().is_some_and(|tag| !tag.starts_with("tag:yaml.org,2002:")) {
        return None;
    }
    Some(match sealing {
        Some(sealing) => (
            Rule::NotCovered,
            format!(
                "a value of a Secret in the clear: the selector of this file ({}) does not cover it",
                sealing.selector
            ),
        ),
        None if decoded.is_some() => {
            let why = "a value of a Secret in the clear: base64 is no seal";
            (Rule::ReadableSecret, why.to_owned())
        }
        None => (Rule::ReadableSecret, "a value of a Secret in the clear".to_owned()),
    })
}
