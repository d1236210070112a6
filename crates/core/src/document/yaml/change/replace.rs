//! One value in the place of another.

use bulla_yaml::{Edit, Node, NodeId, NodeKind, Resolved, Span, Style};

use super::write::{self, Manner, Quotes, Written};
use super::{check_shared, place};
use crate::change::Subtree;
use crate::document::yaml::Source;
use crate::error::Error;
use crate::value::Value;

/// The edits that put `value` in the place of a node; none when it is there already.
pub(super) fn replace(
    source: &Source<'_>,
    node: NodeId,
    value: &Subtree,
) -> Result<Vec<Edit<'static>>, Error> {
    let stream = &source.stream;
    let old = stream.node(node);
    if holds(&old, value) {
        return Ok(Vec::new());
    }
    check_shared(source, node, true)?;
    // Roots are mappings and are never replaced.
    let Some(parent) = stream.parent(node) else { return Ok(Vec::new()) };
    let neighbours = Quotes::of_neighbours(source, parent);
    let quotes = match old.scalar().map(|scalar| scalar.style) {
        Some(style) if style != Style::Plain => neighbours.of_value(style),
        _ => neighbours,
    };
    let stays_flow = old.is_flow() && !matches!(value, Subtree::Leaf(_)) && !value.is_empty();
    if stream.node(parent).is_flow() || stays_flow {
        return Ok(between_braces(source, node, &write::flow(value, quotes)));
    }
    let in_list = matches!(stream.node(parent).kind, NodeKind::Sequence { .. });
    let (column, manner) = (stream.column(parent), Manner::of(source));
    let room = Room::of(source, node, in_list)?;
    let below = |column| Written {
        head: String::new(),
        body: write::lines(value, column, quotes, &manner),
    };
    let is_collection = !matches!(value, Subtree::Leaf(_)) && !value.is_empty();
    let written = match (&old.kind, value) {
        // Where the old entries stand, the new ones do.
        (NodeKind::Mapping { flow: false }, Subtree::Mapping(entries))
            if !in_list && !entries.is_empty() =>
        {
            below(stream.column(node))
        }
        (NodeKind::Sequence { flow: false }, Subtree::List(items))
            if !in_list && !items.is_empty() =>
        {
            below(stream.column(node))
        }
        _ if !in_list => write::behind_key(value, column, quotes, &manner),
        // The line of the dash belongs to its comment, or its anchor.
        _ if is_collection && (!room.has_line(source) || place::anchor(source, node).is_some()) => {
            below(column + 2)
        }
        _ => write::behind_dash(value, column, quotes, &manner),
    };
    Ok(room.fill(source, written))
}

/// Whether a node is this value already, however it is written.
fn holds(old: &Node<'_>, value: &Subtree) -> bool {
    let (Some(scalar), Subtree::Leaf(value)) = (old.scalar(), value) else { return false };
    match (bulla_yaml::resolve(old.tag(), scalar.style, scalar.value), value) {
        (Ok(Resolved::Null), Value::Null) => true,
        (Ok(Resolved::Bool(old)), Value::Bool(new)) => old == *new,
        (Ok(Resolved::Int(old)), Value::Int(new)) => old == *new,
        (Ok(Resolved::Float(old)), Value::Float(new)) => old == *new,
        (Ok(Resolved::Str(old)), Value::Str(new)) => old == *new,
        _ => false,
    }
}

fn between_braces(source: &Source<'_>, node: NodeId, text: &str) -> Vec<Edit<'static>> {
    let old = source.stream.node(node);
    let start = place::tag(source, node).map_or(old.span.start, |tag| tag.start);
    if !old.span.is_empty() {
        return vec![Edit::replace(Span { start, end: old.span.end }, text.to_owned())];
    }
    let at = place::end(source, node);
    let before = &source.stream.text()[..at as usize];
    let has_colon = before.ends_with(':') || place::behind_properties(source, node, 0) > 0;
    let colon = if has_colon { " " } else { ": " };
    vec![Edit::insert(at, format!("{colon}{text}"))]
}

/// The bytes that a value of block style takes up, and those that it could.
struct Room {
    /// Behind the colon or the dash, and behind an anchor.
    lead: u32,
    /// The value on its line; empty when there is none on it.
    inline: Span,
    /// The lines below.
    body: Span,
    /// A tag that stands before an anchor.
    tag: Option<Span>,
}

impl Room {
    fn of(source: &Source<'_>, node: NodeId, in_list: bool) -> Result<Self, Error> {
        let stream = &source.stream;
        let text = stream.text();
        let old = stream.node(node);
        let mark = match in_list {
            true => place::dash(source, node).map_or(old.span.start, |dash| dash + 1),
            false => place::behind_colon(source, node)?,
        };
        let (tag, anchor) = (place::tag(source, node), place::anchor(source, node));
        let lead = anchor.map_or(mark, |anchor| anchor.end);
        let end = place::line_end(text, place::end(source, node));
        let is_block = matches!(
            old.kind,
            NodeKind::Mapping { flow: false } | NodeKind::Sequence { flow: false }
        );
        let first = place::first_byte(source, node).unwrap_or(old.span.start);
        let (mut inline, body) = if is_block && first <= place::line_end(text, lead) {
            // It begins behind the dash.
            (Span { start: first, end }, Span::at(end))
        } else if is_block {
            let start = place::line_end(text, place::behind_properties(source, node, lead));
            (Span::at(lead), Span { start, end })
        } else if old.span.is_empty() {
            (Span::at(lead), Span::at(place::line_end(text, lead)))
        } else {
            let body = old.scalar().and_then(|scalar| scalar.body);
            let line_end = place::line_end(text, old.span.end);
            (old.span, body.unwrap_or(Span::at(line_end)))
        };
        let tag_before_anchor = tag.filter(|tag| tag.start < lead);
        if let Some(tag) = tag
            && tag_before_anchor.is_none()
        {
            inline.start = tag.start;
            inline.end = inline.end.max(tag.end);
        }
        if inline.is_empty() {
            let rest = &text[lead as usize..place::line_end(text, lead) as usize];
            if is_blank(rest) {
                // Blanks at the end of a line are nobody's.
                inline.end = lead + rest.len() as u32;
            }
        }
        Ok(Self { lead, inline, body, tag: tag_before_anchor })
    }

    /// Whether the line is the value's alone, from the dash to its end.
    fn has_line(&self, source: &Source<'_>) -> bool {
        let text = source.stream.text();
        let rest = &text[self.inline.end as usize..place::line_end(text, self.inline.end) as usize];
        is_blank(rest) && is_blank(self.gap(source))
    }

    /// What stands between the mark and the value.
    fn gap<'s>(&self, source: &Source<'s>) -> &'s str {
        &source.stream.text()[self.lead as usize..self.inline.start as usize]
    }

    fn fill(self, source: &Source<'_>, written: Written) -> Vec<Edit<'static>> {
        let gap = self.gap(source);
        let Self { lead, inline, body, tag } = self;
        let text = source.stream.text();
        let mut edits = Vec::new();
        if let Some(tag) = tag {
            let rest = &text[tag.end as usize..];
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            edits.push(Edit::remove(Span { end: tag.end + blanks as u32, ..tag }));
        }
        let Written { head, body: lines } = written;
        edits.push(if head.is_empty() {
            let kept = gap.trim_end_matches([' ', '\t', '\n', '\r']).len() as u32;
            Edit::remove(Span { start: lead + kept, end: inline.end })
        } else if !is_blank(gap) {
            // On a line of its own, or behind a comment.
            Edit::replace(inline, head)
        } else {
            // Lines below count from the mark.
            let blanks = if gap.is_empty() || !lines.is_empty() { " " } else { gap };
            Edit::replace(Span { start: lead, end: inline.end }, format!("{blanks}{head}"))
        });
        edits.push(Edit::replace(body, lines));
        edits
    }
}

fn is_blank(text: &str) -> bool {
    text.trim_matches([' ', '\t']).is_empty()
}
