//! Kubernetes Secrets, wherever they stand: alone, in streams and Lists, in patches.

use bulla_core::SealedValue;
use bulla_yaml::{NodeId, NodeKind, Resolved};

use crate::encoded::decode;
use crate::finding::{Confidence, Rule};
use crate::judge::Found;
use crate::markers::is_public_pem;
use crate::placeholder::is_placeholder;
use crate::sealed::Sealing;
use crate::tree::Tree;

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
    for value in values {
        if let Some((rule, why)) = readable(tree, &value, sealing) {
            let new = Found::new(0, rule, Confidence::Structure, &why);
            found.push(Found { in_secret: true, ..tree.found_at(value.at, new) });
        }
    }
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
    let text: &str = &scalar.value;
    let resolved = bulla_yaml::resolve(node.tag(), scalar.style, &scalar.value);
    if resolved == Ok(Resolved::Null) || is_placeholder(text) {
        return None;
    }
    if SealedValue::looks_like_one(text) {
        let error = SealedValue::parse(text).err()?;
        return Some((Rule::DamagedSeal, format!("a value of a Secret that {error}")));
    }
    if is_public_pem(text) {
        return None;
    }
    let decoded = decode(text).filter(|_| value.is_base64);
    if let Some(text) = decoded.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok())
        && (is_placeholder(text) || is_public_pem(text))
    {
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
