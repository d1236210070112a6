//! Entries and items taken out.

use bulla_yaml::{Edit, NodeId, NodeKind, Span};

use super::{Reached, check_shared, misfit, place, reach, refused, root};
use crate::change::Target;
use crate::document::yaml::Source;
use crate::error::{Error, Refusal};

/// The edits that take out what the target is.
pub(in crate::document::yaml) fn unset(
    source: &Source<'_>,
    target: &Target<'_>,
) -> Result<Vec<Edit<'static>>, Error> {
    let stream = &source.stream;
    let root = root(source, target)?.ok_or_else(|| target.missing())?;
    let Reached { node, rest } = reach(source, root, target.path);
    match (&stream.node(node).kind, rest) {
        (_, []) => {}
        (NodeKind::Alias { .. }, _) => return Err(refused(source, node, Refusal::Shared)),
        (NodeKind::Mapping { .. }, [crate::Step::Key(_), ..])
        | (NodeKind::Sequence { .. }, [crate::Step::Index(_), ..]) => return Err(target.missing()),
        (kind, _) => return Err(misfit(target, kind)),
    }
    check_shared(source, node, true)?;
    // A path has a step, so this is not the root.
    let Some(collection) = stream.parent(node) else { return Err(target.missing()) };
    let entries: Vec<_> = match stream.node(collection).kind {
        NodeKind::Mapping { .. } => stream.entries(collection).collect(),
        _ => stream.children(collection).map(|item| (item, item)).collect(),
    };
    let Some(index) = entries.iter().position(|&(_, value)| value == node) else {
        return Err(target.missing());
    };
    if stream.node(collection).is_flow() {
        return Ok(between_braces(source, &entries, index));
    }
    let start = match stream.node(collection).kind {
        NodeKind::Mapping { .. } => {
            let (key, value) = entries[index];
            place::behind_colon(source, value)?;
            stream.first_byte(key)
        }
        _ => place::dash(source, node).unwrap_or(stream.node(node).span.start),
    };
    match entries.len() {
        1 => alone(source, collection, start, node),
        _ => Ok(vec![one_of_several(source, start, node)]),
    }
}

/// An entry with neighbours: its lines, or what stands behind a dash.
fn one_of_several(source: &Source<'_>, start: u32, value: NodeId) -> Edit<'static> {
    let text = source.stream.text();
    let before = block_before(source, start);
    let mut end = place::behind(source, value);
    if before.is_some_and(|header| header.contains('+')) {
        // The blank lines would become that block's.
        end = place::behind_blank_lines(text, end);
    }
    let behind = end + place::break_length(text, end);
    let line = place::line_start(text, start);
    let blanks = |text: &str| text.len() - text.trim_start_matches([' ', '\t']).len();
    if line as usize + blanks(&text[line as usize..]) < start as usize {
        // The next entry takes its place on the line of the dash.
        let indent = blanks(&text[behind as usize..]) as u32;
        return Edit::remove(Span { start, end: behind + indent });
    }
    if behind == end && before.is_none_or(|header| header.contains('-')) {
        // The last line of a text that does not end with a line break; another block
        // needs the one before it.
        let before = text[..line as usize].strip_suffix("\r\n").map(str::len);
        let before = before.unwrap_or((line as usize).saturating_sub(1));
        return Edit::remove(Span { start: before as u32, end });
    }
    Edit::remove(Span { start: line, end: behind })
}

/// The header of the block scalar that ends before the entry which begins at `start`,
/// if one does.
fn block_before<'s>(source: &Source<'s>, start: u32) -> Option<&'s str> {
    let stream = &source.stream;
    let nodes = (0..stream.len()).rev().filter_map(|index| stream.nth(index));
    let mut before = nodes.map(|id| stream.node(id)).filter(|node| node.span.start < start);
    let (node, scalar) = before.find_map(|node| Some((node, node.scalar()?)))?;
    scalar.style.is_block().then(|| &stream.text()[node.span.range()])
}

/// The only entry of its collection, which is empty then.
fn alone(
    source: &Source<'_>,
    collection: NodeId,
    start: u32,
    value: NodeId,
) -> Result<Vec<Edit<'static>>, Error> {
    let stream = &source.stream;
    let text = stream.text();
    let empty = match stream.node(collection).kind {
        NodeKind::Mapping { .. } => "{}",
        _ => "[]",
    };
    let is_value = stream
        .parent(collection)
        .is_some_and(|parent| matches!(stream.node(parent).kind, NodeKind::Mapping { .. }));
    if !is_value {
        let end = place::end(source, value);
        return Ok(vec![Edit::replace(Span { start, end }, empty)]);
    }
    let colon = place::behind_colon(source, collection)?;
    let at = place::behind_properties(source, collection, colon);
    Ok(vec![
        Edit::insert(at, format!(" {empty}")),
        match one_of_several(source, start, value) {
            // Behind a colon no block collection can begin, so this is a line.
            edit if edit.span.start >= at => edit,
            edit => Edit::remove(Span { start: place::line_end(text, at), ..edit.span }),
        },
    ])
}

/// An entry between braces, with the comma that parts it from another one.
fn between_braces(
    source: &Source<'_>,
    entries: &[(NodeId, NodeId)],
    index: usize,
) -> Vec<Edit<'static>> {
    let stream = &source.stream;
    let text = stream.text();
    let (key, value) = entries[index];
    let (start, end) = (stream.first_byte(key), place::end(source, value));
    if let Some(&(next, _)) = entries.get(index + 1).filter(|_| index == 0) {
        return vec![Edit::remove(Span { start, end: stream.first_byte(next) })];
    }
    let Some(&(_, before)) = index.checked_sub(1).and_then(|before| entries.get(before)) else {
        // A comma behind the only entry parts nothing any more.
        let rest = &text[end as usize..];
        let comma = rest.trim_start_matches([' ', '\t', '\n', '\r']).starts_with(',');
        let end = match rest.find(',') {
            Some(at) if comma => end + at as u32 + 1,
            _ => end,
        };
        return vec![Edit::remove(Span { start, end })];
    };
    let before = place::end(source, before);
    let gap = &text[before as usize..start as usize];
    match gap.find(',') {
        // A comment of the entry before stays.
        Some(at) if gap.contains('#') && gap[..at].trim().is_empty() => {
            let comma = before + at as u32;
            let comma = Span { start: comma, end: comma + 1 };
            vec![Edit::remove(comma), Edit::remove(Span { start, end })]
        }
        _ => vec![Edit::remove(Span { start: before, end })],
    }
}
