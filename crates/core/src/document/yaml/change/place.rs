//! Where entries begin and end.

use bulla_yaml::{Edit, NodeId, NodeKind, Span};

use super::refused;
use crate::document::yaml::Source;
use crate::error::{Error, Refusal};

/// Where a value ends: behind its last byte, or behind the colon of an absent one.
pub(super) fn end(source: &Source<'_>, id: NodeId) -> u32 {
    let stream = &source.stream;
    let mut id = id;
    loop {
        let node = stream.node(id);
        match node.kind {
            NodeKind::Mapping { flow: false } | NodeKind::Sequence { flow: false } => {
                match stream.children(id).last() {
                    Some(last) => id = last,
                    None => return node.text_end(),
                }
            }
            _ if !node.span.is_empty() => return node.text_end(),
            _ => return absent(source, id),
        }
    }
}

/// Where an absent value would stand: behind the colon of its key, if that has one,
/// and behind its own tag and anchor.
fn absent(source: &Source<'_>, id: NodeId) -> u32 {
    let node = source.stream.node(id);
    let at = node.span.end;
    let properties = behind_properties(source, id, 0);
    if properties > 0 {
        return properties;
    }
    let rest = &source.stream.text()[at as usize..];
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    let is_value = source
        .stream
        .parent(id)
        .is_some_and(|parent| matches!(source.stream.node(parent).kind, NodeKind::Mapping { .. }));
    if is_value && !node.is_key && rest[blanks..].starts_with(':') {
        at + blanks as u32 + 1
    } else {
        at
    }
}

/// `at`, or the end of a node's tag and anchor if they end behind it.
pub(super) fn behind_properties(source: &Source<'_>, id: NodeId, at: u32) -> u32 {
    let properties = source.stream.node(id).properties();
    let spans = properties.map(|properties| [properties.tag_span, properties.anchor_span]);
    spans.into_iter().flatten().flatten().map(|span| span.end).fold(at, u32::max)
}

/// Behind the colon that follows the key of a value in a block mapping.
pub(super) fn behind_colon(source: &Source<'_>, value: NodeId) -> Result<u32, Error> {
    let stream = &source.stream;
    // Keys come right before their values, and their collections are refused.
    let key = stream.position(value).checked_sub(1).and_then(|index| stream.nth(index));
    let key = key.unwrap_or(value);
    let at = stream.node(key).text_end();
    let rest = &stream.text()[at as usize..];
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    match rest[blanks..].starts_with(':') {
        true => Ok(at + blanks as u32 + 1),
        false => Err(refused(source, key, Refusal::ExplicitKey)),
    }
}

/// Where a line can be added behind a node: at the end of its last line, and behind
/// the blank lines that are part of it.
pub(super) fn behind(source: &Source<'_>, id: NodeId) -> u32 {
    let text = source.stream.text();
    let at = line_end(text, end(source, id));
    let node = source.stream.node(last_below(source, id));
    let keeps = node.scalar().is_some_and(|scalar| scalar.style.is_block())
        && text[node.span.range()].contains('+');
    if keeps { behind_blank_lines(text, at) } else { at }
}

/// The end of the last of the blank lines that follow the line which ends at `at`.
pub(super) fn behind_blank_lines(text: &str, at: u32) -> u32 {
    let mut at = at;
    loop {
        let next = at + break_length(text, at);
        let line_end = line_end(text, next);
        let is_blank = text[next as usize..line_end as usize].trim_matches(' ').is_empty();
        if next == at || !is_blank || next as usize == text.len() {
            return at;
        }
        at = line_end;
    }
}

/// The edit that keeps a block scalar's value when something is written behind it: one
/// that the text ends in would get a line break.
pub(super) fn stripped(source: &Source<'_>, id: NodeId) -> Option<Edit<'static>> {
    let node = source.stream.node(last_below(source, id));
    node.scalar().filter(|scalar| scalar.open_ended)?;
    let header = &source.stream.text()[node.span.range()];
    match header.find(['+', '-']) {
        Some(at) if header[at..].starts_with('-') => None,
        Some(at) => {
            let at = node.span.start + at as u32;
            Some(Edit::replace(Span { start: at, end: at + 1 }, "-"))
        }
        None => Some(Edit::insert(node.span.end, "-")),
    }
}

/// The last node of a branch, in document order.
fn last_below(source: &Source<'_>, id: NodeId) -> NodeId {
    let stream = &source.stream;
    let index = stream.position(stream.after(id)).checked_sub(1);
    index.and_then(|index| stream.nth(index)).unwrap_or(id)
}

/// The offset of the dash of an item in a block list.
pub(super) fn dash(source: &Source<'_>, item: NodeId) -> Option<u32> {
    let stream = &source.stream;
    let mut at = first_byte(source, item)?;
    loop {
        let before = stream.text()[..at as usize].trim_end_matches([' ', '\t', '\n', '\r']);
        at = before.len() as u32;
        // A comment may stand between a dash and what it is for.
        let comments = stream.comments();
        let found = comments.binary_search_by_key(&at, |comment| comment.span.end);
        match found {
            Ok(index) => at = comments[index].span.start,
            Err(_) => return before.ends_with('-').then(|| at - 1),
        }
    }
}

/// The first byte of a node, its tag and anchor included; of a block list, that of
/// its first dash, because a list in a list is said to begin where the inner one does.
pub(super) fn first_byte(source: &Source<'_>, id: NodeId) -> Option<u32> {
    let stream = &source.stream;
    match stream.node(id).kind {
        NodeKind::Sequence { flow: false } => dash(source, stream.children(id).next()?),
        NodeKind::Mapping { flow: false } => Some(stream.first_byte(stream.children(id).next()?)),
        _ => Some(stream.first_byte(id)),
    }
}

/// The bytes of a node's tag.
pub(super) fn tag(source: &Source<'_>, id: NodeId) -> Option<Span> {
    source.stream.node(id).properties()?.tag_span
}

/// The bytes of a node's anchor.
pub(super) fn anchor(source: &Source<'_>, id: NodeId) -> Option<Span> {
    source.stream.node(id).properties()?.anchor_span
}

/// What parts an entry between braces from the one before it, comma excepted: blanks,
/// or a line break with its indentation.
pub(super) fn gap(source: &Source<'_>, collection: NodeId, last: NodeId) -> String {
    let stream = &source.stream;
    let entries: Vec<_> = match stream.node(collection).kind {
        NodeKind::Mapping { .. } => stream.entries(collection).collect(),
        _ => stream.children(collection).map(|item| (item, item)).collect(),
    };
    let text = stream.text();
    let (first, _) = *entries.last().unwrap_or(&(last, last));
    let start = stream.first_byte(first) as usize;
    let before = text[..start].trim_end_matches([' ', '\t', '\n', '\r']);
    let gap = &text[before.len()..start];
    match entries.len() {
        1 if !gap.contains(['\n', '\r']) => " ".to_owned(),
        _ if before.ends_with([',', '{', '[']) => gap.to_owned(),
        _ => " ".to_owned(),
    }
}

/// Where the line ends that holds `at`.
pub(super) fn line_end(text: &str, at: u32) -> u32 {
    let rest = &text[at as usize..];
    at + rest.find(['\n', '\r']).unwrap_or(rest.len()) as u32
}

/// Where the line begins that holds `at`.
pub(super) fn line_start(text: &str, at: u32) -> u32 {
    let start = text[..at as usize].rfind(['\n', '\r']).map_or(0, |found| found + 1);
    let bom = if start == 0 && text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    (start + bom).min(at as usize) as u32
}

/// How long the line break at `at` is; 0 at the end of the text.
pub(super) fn break_length(text: &str, at: u32) -> u32 {
    match text.as_bytes()[at as usize..] {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}
