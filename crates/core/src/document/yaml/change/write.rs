//! New values as text, in the manner of what stands around them.

use bulla_yaml::{Edit, NodeId, NodeKind, Resolved, Style};

use crate::change::Subtree;
use crate::document::yaml::Source;
use crate::document::yaml::render::{self, cleanest};
use crate::value::Value;

/// How a file is indented.
pub(super) struct Manner {
    /// How far a mapping stands below its key.
    step: usize,
    /// How far a list's dashes stand below their key.
    dash: usize,
    line_break: &'static str,
    /// Without a line break at the end of the text, a block scalar there would not
    /// have its own.
    blocks: bool,
}

/// How texts are quoted: keys, and values.
#[derive(Clone, Copy)]
pub(super) struct Quotes {
    keys: Style,
    values: Style,
}

/// A value in two parts: what stands on the line of its key or dash, and the lines
/// below, each behind its line break.
pub(super) struct Written {
    pub(super) head: String,
    pub(super) body: String,
}

impl Manner {
    /// That of the first collections that stand below keys.
    pub(super) fn of(source: &Source<'_>) -> Self {
        let stream = &source.stream;
        let (mut step, mut dash) = (None, None);
        for id in (0..stream.len()).filter_map(|index| stream.nth(index)) {
            let node = stream.node(id);
            let found = match node.kind {
                NodeKind::Mapping { flow: false } => &mut step,
                NodeKind::Sequence { flow: false } => &mut dash,
                _ => continue,
            };
            if let (None, Some(parent)) = (&found, stream.parent(id))
                && matches!(stream.node(parent).kind, NodeKind::Mapping { flow: false })
            {
                *found = stream.column(id).checked_sub(stream.column(parent));
            }
            if step.is_some() && dash.is_some() {
                break;
            }
        }
        let step = step.or(dash).filter(|&step| step > 0).unwrap_or(2);
        let text = stream.text();
        let blocks = text.is_empty() || text.ends_with(['\n', '\r']);
        Self { step, dash: dash.unwrap_or(step), line_break: source.line_break, blocks }
    }

    /// The column of a collection below a key that stands in `column`.
    pub(super) fn column_below(&self, column: usize, value: &Subtree) -> usize {
        match value {
            Subtree::List(_) => column + self.dash,
            _ => column + self.step,
        }
    }

    fn new_line(&self, out: &mut String, column: usize) {
        out.push_str(self.line_break);
        out.extend(std::iter::repeat_n(' ', column));
    }
}

impl Quotes {
    /// Those that all keys, and all texts, of a collection have; else the cleanest.
    pub(super) fn of_neighbours(source: &Source<'_>, collection: NodeId) -> Self {
        let stream = &source.stream;
        let (mut keys, mut values) = (None, None);
        let children = match stream.node(collection).kind {
            NodeKind::Mapping { .. } | NodeKind::Sequence { .. } => stream.children(collection),
            _ => return Self { keys: Style::Plain, values: Style::Plain },
        };
        for child in children {
            let node = stream.node(child);
            let Some(scalar) = node.scalar() else { continue };
            let is_text = matches!(
                bulla_yaml::resolve(node.tag(), scalar.style, scalar.value),
                Ok(Resolved::Str(_))
            );
            if !is_text || scalar.style.is_block() {
                continue;
            }
            let common = if node.is_key { &mut keys } else { &mut values };
            match *common {
                None => *common = Some(scalar.style),
                Some(style) if style != scalar.style => *common = Some(Style::Plain),
                Some(_) => {}
            }
        }
        let keys = keys.unwrap_or(Style::Plain);
        // Braces with quoted keys and nothing else in them are most likely JSON.
        let json = stream.node(collection).is_flow() && keys == Style::DoubleQuoted;
        let values = values.unwrap_or(if json { keys } else { Style::Plain });
        Self { keys, values }
    }

    /// Those of the value that gives way.
    pub(super) fn of_value(self, style: Style) -> Self {
        Self { values: style, ..self }
    }
}

/// An empty document's first lines.
pub(super) fn document(source: &Source<'_>, section: usize, value: &Subtree) -> Edit<'static> {
    let text = source.stream.text();
    let at =
        source.stream.documents().get(section).map_or(text.len(), |document| document.end as usize);
    let quotes = Quotes { keys: Style::Plain, values: Style::Plain };
    let manner = Manner::of(source);
    let lines = lines(value, 0, quotes, &manner);
    let lines = lines.strip_prefix(manner.line_break).unwrap_or(&lines);
    let before = &text[..at];
    let starts_line = before.is_empty() || before.ends_with(['\n', '\r', '\u{feff}']);
    let line_break = manner.line_break;
    let text = match (starts_line, at == text.len()) {
        (true, _) => format!("{lines}{line_break}"),
        (false, true) => format!("{line_break}{lines}{line_break}"),
        (false, false) => format!("{line_break}{lines}"),
    };
    Edit::insert(at as u32, text)
}

/// A new entry, or a new item, on lines of its own.
pub(super) fn entry_line(
    key: Option<&str>,
    value: &Subtree,
    column: usize,
    quotes: Quotes,
    manner: &Manner,
) -> String {
    let mut out = String::new();
    manner.new_line(&mut out, column);
    let Written { head, body } = match key {
        Some(key) => {
            out.push_str(&self::key(key, quotes, false));
            out.push(':');
            behind_key(value, column, quotes, manner)
        }
        None => {
            out.push('-');
            behind_dash(value, column, quotes, manner)
        }
    };
    if !head.is_empty() {
        out.push(' ');
    }
    out + &head + &body
}

/// What stands behind a key in `column`.
pub(super) fn behind_key(
    value: &Subtree,
    column: usize,
    quotes: Quotes,
    manner: &Manner,
) -> Written {
    match line(value, column, quotes, manner) {
        Some(written) => written,
        None => {
            let column = manner.column_below(column, value);
            Written { head: String::new(), body: lines(value, column, quotes, manner) }
        }
    }
}

/// What stands behind a dash in `column`: a collection begins on its line.
pub(super) fn behind_dash(
    value: &Subtree,
    column: usize,
    quotes: Quotes,
    manner: &Manner,
) -> Written {
    line(value, column, quotes, manner).unwrap_or_else(|| {
        let lines = lines(value, column + 2, quotes, manner);
        let text = lines.trim_start_matches(['\n', '\r', ' ']);
        let end = text.find(['\n', '\r']).unwrap_or(text.len());
        Written { head: text[..end].to_owned(), body: text[end..].to_owned() }
    })
}

/// The entries or items of a collection, each behind a line break.
pub(super) fn lines(value: &Subtree, column: usize, quotes: Quotes, manner: &Manner) -> String {
    let entry = |key, value| entry_line(key, value, column, quotes, manner);
    match value {
        Subtree::Leaf(_) => String::new(),
        Subtree::Mapping(entries) => {
            entries.iter().map(|(key, value)| entry(Some(key.as_str()), value)).collect()
        }
        Subtree::List(items) => items.iter().map(|item| entry(None, item)).collect(),
    }
}

/// A value that is no collection, or an empty one.
fn line(value: &Subtree, column: usize, quotes: Quotes, manner: &Manner) -> Option<Written> {
    let head = match value {
        Subtree::Leaf(value) => {
            let quotes = match value {
                // Blank lines below would become a block's that keeps its own.
                Value::Str(text)
                    if text.ends_with("\n\n") || (!manner.blocks && text.contains('\n')) =>
                {
                    Style::DoubleQuoted
                }
                _ => quotes.values,
            };
            let place = render::Place {
                in_flow: false,
                base: &|| column,
                quotes,
                line_break: manner.line_break,
            };
            let render::Written { head, body } = cleanest(value, &place);
            return Some(Written { head, body: body.unwrap_or_default() });
        }
        Subtree::Mapping(entries) if entries.is_empty() => "{}",
        Subtree::List(items) if items.is_empty() => "[]",
        _ => return None,
    };
    Some(Written { head: head.to_owned(), body: String::new() })
}

/// An entry, or an item, between braces.
pub(super) fn flow_entry(key: Option<&str>, value: &Subtree, quotes: Quotes) -> String {
    match key {
        Some(key) => format!("{}: {}", self::key(key, quotes, true), flow(value, quotes)),
        None => flow(value, quotes),
    }
}

/// A value between braces.
pub(super) fn flow(value: &Subtree, quotes: Quotes) -> String {
    match value {
        Subtree::Leaf(value) => {
            let place = render::Place {
                in_flow: true,
                base: &|| 0,
                quotes: quotes.values,
                line_break: "\n",
            };
            cleanest(value, &place).head
        }
        Subtree::Mapping(entries) => {
            let entries = entries.iter().map(|(key, value)| flow_entry(Some(key), value, quotes));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Subtree::List(items) => {
            let items = items.iter().map(|item| flow(item, quotes));
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A key on one line.
fn key(key: &str, quotes: Quotes, in_flow: bool) -> String {
    let one_line = !key.contains(['\n', '\r']);
    let quotes = if one_line { quotes.keys } else { Style::DoubleQuoted };
    let place = render::Place { in_flow, base: &|| 0, quotes, line_break: "\n" };
    cleanest(&Value::Str(key.into()), &place).head
}
