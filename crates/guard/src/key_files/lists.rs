//! Lists of raw keys, as Pocket's relay miners and gateways read them: nothing but
//! 32 bytes an item, under a name that says whose keys they are.

use std::ops::Range;

use bulla_yaml::{NodeId, NodeKind};

use crate::finding::{Confidence, Rule};
use crate::found::Found;
use crate::known;
use crate::placeholder::is_placeholder;
use crate::shape::{Coat, material};
use crate::tree::Tree;

pub(crate) const NAMES: [&str; 7] =
    ["keys", "signing_keys", "applications", "gateway", "gateways", "apps", "suppliers"];

/// The first key of such a list; every item is one, so that a list of hashes or of
/// addresses among other things is none.
pub(super) fn find(tree: &Tree<'_, '_>, mapping: NodeId) -> Option<Found> {
    // Only a file's own members: `keys` deeper down are those of tables.
    if tree.stream.parent(mapping).is_some() {
        return None;
    }
    let value = NAMES.iter().find_map(|name| {
        let list = tree.get(mapping, name)?;
        match tree.stream.node(list).kind {
            NodeKind::Sequence { .. } => {
                let is_key = |item| tree.text(item).is_some_and(is_key);
                let mut items = tree.stream.children(list).peekable();
                items.peek()?;
                let items: Vec<_> = items.collect();
                items.iter().all(|&item| is_key(item)).then(|| items[0])
            }
            _ => tree.text(list).is_some_and(is_key).then_some(list),
        }
    })?;
    Some(tree.found_at(value, found(0..0)))
}

/// The first key of a list that stands here.
pub(crate) fn found(span: Range<usize>) -> Found {
    let why = "a list of private keys: it has the name of one, and nothing but 32 bytes an item";
    Found::new(span, Rule::RawKey, Confidence::Structure, why)
}

/// Whether an item is one.
pub(crate) fn is_key(text: &str) -> bool {
    !is_placeholder(text)
        && matches!(material(text), Some((Coat::Hex, bytes)) if bytes.len() == 32 && !known::is_published(&bytes))
}
