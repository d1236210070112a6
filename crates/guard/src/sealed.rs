//! Files that say they are sealed, and whether they are.

use bulla_core::{
    Document, Error, Format, METADATA_KEY, Metadata, Part, SealedValue, Value, select,
};
use bulla_yaml::{NodeId, NodeKind};

use crate::finding::{Confidence, Rule};
use crate::found::Found;
use crate::tree::Tree;

pub(crate) mod flat;

/// What a sealed file says about itself.
pub(crate) struct Sealing {
    /// Its selector, in words.
    pub(crate) selector: String,
}

/// Judges the seal of a stream, if it has one: nothing that its own selector should
/// have sealed may be readable, and somebody must be able to open it.
pub(crate) fn find(tree: &Tree<'_, '_>, found: &mut Vec<Found>) -> Option<Sealing> {
    let block =
        tree.stream.documents().iter().filter_map(|document| block(tree, document.root?)).next()?;
    let damaged = |why: String| {
        let found = Found::new(0..0, Rule::DamagedSeal, Confidence::Structure, &why);
        tree.found_at(block, found)
    };
    let Ok(document) = Document::parse(tree.stream.text(), Format::Yaml) else {
        found.push(damaged(
            "there is a `sops` block, but sops cannot read this file, so it is not sealed by it"
                .to_owned(),
        ));
        return None;
    };
    let metadata = match document.sealed_metadata() {
        Ok(metadata) => metadata,
        Err(Error::Metadata { reason, .. }) => {
            found.push(damaged(format!(
                "the `sops` block is damaged ({reason}), so nothing says what is sealed"
            )));
            return None;
        }
        // sops looks at the first document only, and that has no block.
        Err(_) => return None,
    };
    if metadata.keys().next().is_none() {
        let why = "the `sops` block names no recipient, so nobody can open this file";
        let found_here = Found::new(0..0, Rule::NoRecipients, Confidence::Proof, why);
        found.push(tree.found_at(block, found_here));
    }
    let selector = selector_name(metadata);
    found.extend(open_values(&document, metadata, &selector));
    Some(Sealing { selector })
}

/// A selector, in words.
fn selector_name(metadata: &Metadata) -> String {
    match &metadata.selector {
        Some(selector) => format!("{}: {}", selector.kind().name(), selector.text()),
        None => "no selector".to_owned(),
    }
}

/// The values that a file's own selector should have sealed.
fn open_values(document: &Document<'_>, metadata: &Metadata, selector: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let selected = select(document, metadata.selector.as_ref());
    for (part, selected) in document.parts().iter().zip(selected) {
        let Part::Leaf(leaf) = part else { continue };
        if !selected || leaf.value.stays_readable() {
            continue;
        }
        let sealed = match &leaf.value {
            Value::Str(text) => {
                SealedValue::parse(text).map(drop).map_err(|error| error.to_string())
            }
            _ => Err("is not sealed".to_owned()),
        };
        if let Err(error) = sealed {
            let why =
                format!("the file says that this value is sealed ({selector}), and it {error}");
            let at = leaf.at as usize;
            let path = document.paths().display(leaf.path);
            let new = Found::new(at..at, Rule::NotSealed, Confidence::Proof, &why);
            found.push(Found { value: Some((at, path)), ..new });
        }
    }
    found
}

/// The `sops` block of a document, told from settings of that name by what only
/// sops writes.
fn block(tree: &Tree<'_, '_>, root: NodeId) -> Option<NodeId> {
    if !matches!(tree.stream.node(root).kind, NodeKind::Mapping { .. }) {
        return None;
    }
    let block = tree.get(root, METADATA_KEY)?;
    if !matches!(tree.stream.node(block).kind, NodeKind::Mapping { .. }) {
        return None;
    }
    let has = |name: &str| tree.get(block, name).is_some();
    (has("mac") || has("lastmodified")).then_some(block)
}
