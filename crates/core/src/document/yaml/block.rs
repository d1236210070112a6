//! The `sops` block in a YAML stream: written into every document, as sops does,
//! because tools that split the stream look for it in each.

use bulla_yaml::{Edit, NodeId, NodeKind, Span, Stream};
use serde_json::Value as Json;

use super::Source;

/// One document's place for the block.
enum Room {
    /// Lines of their own at this offset, indented by so many columns.
    Lines(u32, usize),
    /// An entry between braces; whether others come before it.
    Braces(u32, bool),
}

pub(super) fn lacks_final_break(source: &Source<'_>) -> bool {
    let text = source.stream.text();
    let last = rooms(source).last();
    !text.ends_with(['\n', '\r'])
        && matches!(last, Some(Room::Lines(at, _)) if at as usize == text.len())
}

pub(super) fn add(source: &Source<'_>, json: &Json, edits: &mut Vec<Edit<'_>>) {
    let text = source.stream.text();
    let line_break = source.line_break;
    let mut known: Option<(usize, String)> = None;
    for room in rooms(source) {
        match room {
            Room::Lines(at, indent) => {
                if known.as_ref().is_none_or(|(column, _)| *column != indent) {
                    known = Some((indent, lines(json, indent, line_break)));
                }
                let block = known.as_ref().map_or("", |(_, block)| block);
                let before = &text[..at as usize];
                let starts_line =
                    before.is_empty() || before.ends_with(['\n', '\r']) || before == "\u{feff}";
                let ends_text = at as usize == text.len();
                let text = match (starts_line, ends_text) {
                    (true, _) => format!("{block}{line_break}"),
                    (false, true) => format!("{line_break}{block}{line_break}"),
                    (false, false) => format!("{line_break}{block}"),
                };
                edits.push(Edit::insert(at, text));
            }
            Room::Braces(at, behind_others) => {
                let comma = if behind_others { ", " } else { "" };
                edits.push(Edit::insert(at, format!("{comma}\"sops\": {}", one_line(json))));
            }
        }
    }
}

pub(super) fn remove(source: &Source<'_>, no_final_break: bool, edits: &mut Vec<Edit<'_>>) {
    let stream = &source.stream;
    let text = stream.text();
    for (section, block) in source.blocks.iter().enumerate() {
        let Some((key, value)) = *block else { continue };
        let flow = stream.documents()[section].root.is_some_and(|root| stream.node(root).is_flow());
        if flow {
            edits.push(Edit::remove(entry_in_braces(stream, key, value)));
            continue;
        }
        let at = stream.first_byte(key);
        let mut start = at as usize - stream.column_of(at);
        let end = node_end(stream, value) as usize;
        let end = end + text[end..].find(['\n', '\r']).unwrap_or(text.len() - end);
        let end = end + break_length(&text[end..]);
        if no_final_break && end == text.len() {
            start = text[..start]
                .strip_suffix("\r\n")
                .or_else(|| text[..start].strip_suffix(['\n', '\r']))
                .map_or(start, str::len);
        }
        edits.push(Edit::remove(Span { start: start as u32, end: end as u32 }));
    }
}

/// Where the block goes in each document that takes one.
fn rooms(source: &Source<'_>) -> impl Iterator<Item = Room> {
    let stream = &source.stream;
    stream.documents().iter().enumerate().filter_map(move |(section, document)| {
        let at = document.end;
        let Some(root) = document.root else {
            return (section == 0).then_some(Room::Lines(at, 0));
        };
        match stream.node(root).kind {
            NodeKind::Mapping { flow: false } => Some(Room::Lines(at, stream.column(root))),
            NodeKind::Mapping { flow: true } => {
                let last = stream.children(root).last();
                let at = last
                    .map_or(stream.node(root).span.start + 1, |last| end_in_braces(stream, last));
                Some(Room::Braces(at, last.is_some()))
            }
            // Null: sops reads metadata from the first document.
            _ => (section == 0).then_some(Room::Lines(at, 0)),
        }
    })
}

fn node_end(stream: &Stream<'_>, id: NodeId) -> u32 {
    stream.node(id).text_end()
}

/// The end of a value between braces. An absent one (`{a:}`) ends behind its colon.
fn end_in_braces(stream: &Stream<'_>, value: NodeId) -> u32 {
    let node = stream.node(value);
    let end = node.text_end();
    if !node.span.is_empty() {
        return end;
    }
    let rest = &stream.text()[end as usize..];
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    if rest[blanks..].starts_with(':') { end + blanks as u32 + 1 } else { end }
}

/// The bytes of an entry between braces, with the comma that parts it from the
/// one before, or from the one behind if it is the first.
fn entry_in_braces(stream: &Stream<'_>, key: NodeId, value: NodeId) -> Span {
    let start = stream.first_byte(key);
    let end = node_end(stream, value);
    let Some(root) = stream.parent(key) else { return Span { start, end } };
    let mut before = None;
    let mut entries = stream.entries(root);
    for (name, value) in entries.by_ref() {
        if name == key {
            break;
        }
        before = Some(value);
    }
    match (before, entries.next()) {
        (Some(before), _) => Span { start: end_in_braces(stream, before), end },
        (None, Some((next, _))) => Span { start, end: stream.first_byte(next) },
        (None, None) => Span { start, end },
    }
}

fn break_length(text: &str) -> usize {
    match text.as_bytes() {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

/// The block as lines, the last one without its line break.
fn lines(json: &Json, indent: usize, line_break: &str) -> String {
    let mut out = String::new();
    let place = Place { first: indent, own: indent, below: indent + STEP };
    write_entry(&mut out, super::metadata::KEY, json, place);
    // Written with plain line feeds until here.
    out.pop();
    if line_break == "\n" { out } else { out.replace('\n', line_break) }
}

/// How far each level is indented; sops's own default.
const STEP: usize = 4;

/// The columns of an entry.
#[derive(Clone, Copy)]
struct Place {
    /// What is still to be filled with blanks before the key.
    first: usize,
    /// The key's.
    own: usize,
    /// Of what is below: from a dash, as far as from a key.
    below: usize,
}

/// `key: value` and what is below.
fn write_entry(out: &mut String, key: &str, value: &Json, place: Place) {
    let Place { first, own, below } = place;
    out.extend(std::iter::repeat_n(' ', first));
    out.push_str(bulla_yaml::plain(key, false).unwrap_or_default());
    if bulla_yaml::plain(key, false).is_none() {
        out.push_str(&bulla_yaml::double_quoted(key));
    }
    out.push(':');
    match value {
        Json::Object(map) if !map.is_empty() => {
            out.push('\n');
            for (key, value) in map {
                write_entry(
                    out,
                    key,
                    value,
                    Place { first: below, own: below, below: below + STEP },
                );
            }
        }
        Json::Array(items) if !items.is_empty() => {
            out.push('\n');
            for item in items {
                write_item(out, item, below);
            }
        }
        Json::String(text) => {
            out.push(' ');
            write_text(out, text, own);
        }
        // Numbers, and what is empty: nothing behind the colon would be null.
        other => {
            out.push(' ');
            out.push_str(&other.to_string());
            out.push('\n');
        }
    }
}

fn write_item(out: &mut String, item: &Json, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
    out.push_str("- ");
    match item {
        Json::Object(map) if !map.is_empty() => {
            for (count, (key, value)) in map.iter().enumerate() {
                let own = indent + 2;
                let first = if count == 0 { 0 } else { own };
                write_entry(out, key, value, Place { first, own, below: indent + STEP });
            }
        }
        Json::String(text) => write_text(out, text, indent),
        other => {
            out.push_str(&other.to_string());
            out.push('\n');
        }
    }
}

fn write_text(out: &mut String, text: &str, indent: usize) {
    if text.contains('\n')
        && let Some(block) = bulla_yaml::literal(text, indent + 2, indent, "\n")
    {
        out.push_str(&block.header);
        out.push_str(&block.body);
    } else {
        let place = super::render::Place {
            in_flow: false,
            base: &|| indent,
            quotes: bulla_yaml::Style::Plain,
            line_break: "\n",
        };
        let value = crate::value::Value::Str(text.into());
        out.push_str(&super::render::cleanest(&value, &place).head);
    }
    out.push('\n');
}

/// The block on one line. Flux looks for `"mac": "ENC[` with just this space.
fn one_line(json: &Json) -> String {
    match json {
        Json::Object(map) => {
            let entries = map
                .iter()
                .map(|(key, value)| format!("{}: {}", Json::from(key.as_str()), one_line(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Json::Array(items) => {
            format!("[{}]", items.iter().map(one_line).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
