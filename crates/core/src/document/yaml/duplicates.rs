//! Keys that are there twice, which sops lets pass in all but the first document.
//!
//! Looked for only when a text is to be sealed: opening has nothing to say about it.

use std::collections::HashSet;

use bulla_yaml::{NodeId, NodeKind, Stream};

use crate::path::{PathId, Paths, Step};

/// Up to so many keys, comparing is faster than hashing.
const FEW: usize = 24;

/// The first key of a stream that its mapping has already, and the path of the
/// mapping.
pub(super) fn find(stream: &Stream<'_>) -> Option<(NodeId, String)> {
    (0..stream.len()).find_map(|index| {
        let mapping = stream.nth(index)?;
        if !stream.is_mapping(mapping) {
            return None;
        }
        Some((find_in(stream, mapping)?, path(stream, mapping)))
    })
}

fn find_in(stream: &Stream<'_>, mapping: NodeId) -> Option<NodeId> {
    let keys = || stream.entries(mapping).filter_map(|(key, _)| Some((key, name(stream, key)?)));
    if keys().nth(FEW).is_none() {
        return keys().enumerate().find_map(|(count, (key, name))| {
            keys().take(count).any(|(_, earlier)| earlier == name).then_some(key)
        });
    }
    let mut seen = HashSet::new();
    keys().find_map(|(key, name)| (!seen.insert(name)).then_some(key))
}

fn name<'r>(stream: &'r Stream<'_>, key: NodeId) -> Option<&'r str> {
    stream.node(stream.target(key).unwrap_or(key)).scalar().map(|scalar| scalar.value)
}

/// Where a collection stands, as messages show it.
fn path(stream: &Stream<'_>, collection: NodeId) -> String {
    let mut steps = Vec::new();
    let mut at = collection;
    while let Some(parent) = stream.parent(at) {
        steps.push(match stream.node(parent).kind {
            NodeKind::Mapping { .. } => {
                let entry = stream.entries(parent).find(|&(_, value)| value == at);
                Step::Key(entry.and_then(|(key, _)| name(stream, key)).unwrap_or_default().into())
            }
            _ => Step::Index(stream.children(parent).take_while(|&item| item != at).count()),
        });
        at = parent;
    }
    let mut paths = Paths::default();
    let path = steps.into_iter().rev().fold(PathId::ROOT, |path, step| paths.push(path, step));
    paths.display(path)
}
