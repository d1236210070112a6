//! Values that are set and taken out, in JSON as it is laid out.

use bulla_yaml::{Edit, Span};

use super::{Source, write};
use crate::change::{Subtree, Target};
use crate::document::Document;
use crate::error::Error;
use crate::path::{PathId, Step};
use crate::value::Value;

/// The edits that put `value` where the target is.
pub(super) fn set(
    source: &Source<'_>,
    document: &Document<'_>,
    target: &Target<'_>,
    value: &Subtree,
) -> Result<Vec<Edit<'static>>, Error> {
    let tree = Tree { source, document };
    let (at, rest) = tree.reach(target.path);
    let below = |steps| value.clone().below(steps).map_err(|_| target.beyond(0));
    let span = tree.span(at);
    let layout = |depth| Layout::of(&tree, depth);
    let (key, rest) = match (tree.first_byte(at), rest) {
        (b'{', [Step::Key(key), rest @ ..]) => (Some(key.as_ref()), rest),
        (b'[', [Step::Index(index), rest @ ..]) => {
            let length = tree.children(at).len();
            if *index != length {
                return Err(target.beyond(length));
            }
            (None, rest)
        }
        (b'{', [_, ..]) => return Err(target.misfit("a mapping")),
        (b'[', [_, ..]) => return Err(target.misfit("a list")),
        // Here, or in the place of a value on the way.
        _ => {
            let value = below(rest)?;
            if let (Subtree::Leaf(new), [leaf]) = (&value, tree.leaves_at(at).as_slice())
                && leaf.value.same_as(new)
                && rest.is_empty()
            {
                return Ok(Vec::new());
            }
            let depth = document.paths().steps(at).len();
            return Ok(vec![Edit::replace(span, layout(depth).value(&value))]);
        }
    };
    let depth = document.paths().steps(at).len() + 1;
    let layout = layout(depth);
    let entry = layout.entry(key, &below(rest)?);
    Ok(vec![match tree.children(at).as_slice() {
        [] => Edit::insert(span.start + 1, entry),
        children => {
            let gap = tree.gap(at, children);
            let gap = if gap.is_empty() && children.len() == 1 { layout.blank } else { gap };
            Edit::insert(tree.span(children[children.len() - 1]).end, format!(",{gap}{entry}"))
        }
    }])
}

/// The edits that take out what the target is.
pub(super) fn unset(
    source: &Source<'_>,
    document: &Document<'_>,
    target: &Target<'_>,
) -> Result<Vec<Edit<'static>>, Error> {
    let tree = Tree { source, document };
    let (at, rest) = tree.reach(target.path);
    match (tree.first_byte(at), rest) {
        (_, []) => {}
        (b'{', [Step::Index(_), ..]) => return Err(target.misfit("a mapping")),
        (b'[', [Step::Key(_), ..]) => return Err(target.misfit("a list")),
        _ => return Err(target.missing()),
    }
    let above = document.paths().parent(at).ok_or_else(|| target.missing())?;
    let children = tree.children(above);
    let index = children.iter().position(|child| *child == at).ok_or_else(|| target.missing())?;
    let text = document.text();
    let Span { end, .. } = tree.span(at);
    if let Some(before) = index.checked_sub(1) {
        // With the comma before it.
        return Ok(vec![Edit::remove(Span { start: tree.span(children[before]).end, end })]);
    }
    let Span { start, end: close } = tree.span(above);
    let start = start + 1;
    if children.len() == 1 {
        return Ok(vec![Edit::remove(Span { start, end: close - 1 })]);
    }
    // What stands before it is for the next; the comma and what is behind it go.
    let start = start + blanks(&text[start as usize..]).len() as u32;
    let comma = end + blanks(&text[end as usize..]).len() as u32 + 1;
    let end = comma + blanks(&text[comma as usize..]).len() as u32;
    Ok(vec![Edit::remove(Span { start, end })])
}

/// The tree of a text, by the bytes of its values.
struct Tree<'d, 's> {
    source: &'d Source<'s>,
    document: &'d Document<'s>,
}

impl Tree<'_, '_> {
    /// How far a path leads, and what is missing.
    fn reach<'p>(&self, path: &'p [Step<'static>]) -> (PathId, &'p [Step<'static>]) {
        let mut at = PathId::ROOT;
        for (depth, step) in path.iter().enumerate() {
            let mut children = self.document.paths().iter();
            match children.find(|(_, above, found)| *above == at && *found == step) {
                Some((child, ..)) => at = child,
                None => return (at, &path[depth..]),
            }
        }
        (at, &[])
    }

    fn children(&self, of: PathId) -> Vec<PathId> {
        let paths = self.document.paths().iter();
        paths.filter(|(_, above, _)| *above == of).map(|(child, ..)| child).collect()
    }

    fn leaves_at(&self, path: PathId) -> Vec<&crate::Leaf<'_>> {
        self.document.leaves().filter(|leaf| leaf.path == path).collect()
    }

    fn span(&self, path: PathId) -> Span {
        self.source.spans[path.index()]
    }

    fn first_byte(&self, path: PathId) -> u8 {
        let start = self.span(path).start as usize;
        self.source.text.as_bytes().get(start).copied().unwrap_or_default()
    }

    /// What stands before the last entry: behind the comma before it, or behind the
    /// brace.
    fn gap(&self, of: PathId, children: &[PathId]) -> &str {
        let text = self.source.text;
        let start = match children {
            [.., before, _] => {
                let end = self.span(*before).end as usize;
                end + blanks(&text[end..]).len() + 1
            }
            _ => self.span(of).start as usize + 1,
        };
        blanks(&text[start..])
    }
}

/// How entries at a depth are laid out.
struct Layout<'t> {
    /// The line break, what one level is indented by, and how deep this one is.
    lines: Option<(&'static str, &'t str, usize)>,
    /// Behind a colon.
    blank: &'static str,
}

impl<'t> Layout<'t> {
    fn of(tree: &Tree<'t, '_>, depth: usize) -> Self {
        let text = tree.source.text;
        let top = tree.children(PathId::ROOT);
        let start = tree.span(PathId::ROOT).start as usize + 1;
        let gap = blanks(&text[start..]);
        let line_break = if gap.contains("\r\n") { "\r\n" } else { "\n" };
        let indent = gap.rfind('\n').map(|at| &gap[at + 1..]);
        let dense = top
            .first()
            .is_some_and(|first| text[..tree.span(*first).start as usize].ends_with(':'));
        let lines = indent.filter(|_| !top.is_empty()).map(|indent| (line_break, indent, depth));
        Self { lines, blank: if dense { "" } else { " " } }
    }

    fn entry(&self, key: Option<&str>, value: &Subtree) -> String {
        let value = self.value(value);
        match key {
            Some(key) => {
                let key = write::cleanest(&Value::Str(key.into()));
                format!("{key}:{}{value}", self.blank)
            }
            None => value,
        }
    }

    fn value(&self, value: &Subtree) -> String {
        let deeper =
            Self { lines: self.lines.map(|(line, by, depth)| (line, by, depth + 1)), ..*self };
        match value {
            Subtree::Leaf(value) => write::cleanest(value),
            Subtree::Mapping(entries) => {
                let entries = entries.iter().map(|(key, value)| deeper.entry(Some(key), value));
                deeper.between("{", entries.collect(), "}")
            }
            Subtree::List(items) => {
                let items = items.iter().map(|item| deeper.entry(None, item));
                deeper.between("[", items.collect(), "]")
            }
        }
    }

    fn between(&self, open: &str, entries: Vec<String>, close: &str) -> String {
        if entries.is_empty() {
            return format!("{open}{close}");
        }
        match self.lines {
            Some((line_break, by, depth)) => {
                let before = format!("{line_break}{}", by.repeat(depth));
                let after = format!("{line_break}{}", by.repeat(depth - 1));
                format!("{open}{before}{}{after}{close}", entries.join(&format!(",{before}")))
            }
            None => format!("{open}{}{close}", entries.join(&format!(",{}", self.blank))),
        }
    }
}

/// The blanks and line breaks at the beginning of a text.
fn blanks(text: &str) -> &str {
    &text[..text.len() - text.trim_start_matches([' ', '\t', '\n', '\r']).len()]
}
