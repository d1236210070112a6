//! Streams that were put together from several sealed files.

use bulla_yaml::{NodeId, NodeKind};

use super::Source;

/// The texts that a stream was put together from: the documents that carry the same
/// block are of one file, and one without anything in it belongs to the one before.
pub(super) fn split<'s>(source: &Source<'s>) -> Vec<&'s str> {
    let stream = &source.stream;
    let text = stream.text();
    let macs: Vec<_> = source.blocks.iter().map(|block| mac(source, *block)).collect();
    let mut sealed = macs.iter().flatten();
    let first = sealed.next();
    if sealed.all(|mac| Some(mac) == first) {
        return vec![text];
    }
    let mut files = Vec::new();
    let (mut start, mut known) = (0, macs.first().copied().flatten());
    for (section, document) in stream.documents().iter().enumerate().skip(1) {
        let is_mapping = document
            .root
            .is_some_and(|root| matches!(stream.node(root).kind, NodeKind::Mapping { .. }));
        if macs[section] == known || !is_mapping {
            continue;
        }
        let cut = behind_marker(text, stream.documents()[section - 1].end as usize);
        files.push(&text[start..cut]);
        (start, known) = (cut, macs[section]);
    }
    files.push(&text[start..]);
    files
}

/// The sealed MAC in a block: no two files have the same.
fn mac<'a>(source: &'a Source<'_>, block: Option<(NodeId, NodeId)>) -> Option<&'a str> {
    let (_, block) = block?;
    if !matches!(source.stream.node(block).kind, NodeKind::Mapping { .. }) {
        return Some("");
    }
    let mac = source.stream.get(block, "mac").and_then(|mac| source.stream.node(mac).scalar());
    Some(mac.map_or("", |mac| mac.value))
}

/// A `...` ends a document, and belongs to it.
fn behind_marker(text: &str, end: usize) -> usize {
    let rest = &text[end..];
    match rest.starts_with("...") {
        true => end + rest.find('\n').map_or(rest.len(), |line| line + 1),
        false => end,
    }
}
