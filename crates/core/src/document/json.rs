//! JSON: one object, changed in place.
//!
//! A token takes the place of a value, quotes and all; the `sops` block becomes the
//! last entry, in the layout of the others. Binary files are sealed in the same way,
//! as an object with one entry: see [`super::binary`].

use std::collections::HashSet;

use bulla_yaml::{Edit, Span};

use super::{Document, Leaf, Part, Syntax};
use crate::change::{Subtree, Target};
use crate::error::{Error, Place, Refusal};
use crate::layout::{Layout, Writing};
use crate::metadata::{self, Metadata};
use crate::path::{PathId, Step};
use crate::rules::Indent;
use crate::value::{Value, float_text};

mod change;
mod opinion;
mod read;
mod write;

/// What JSON keeps besides the parts.
#[derive(Clone)]
pub(crate) struct Source<'s> {
    text: &'s str,
    top: read::Top,
    /// The bytes of the value at each path.
    spans: Vec<Span>,
}

pub(crate) fn parse(text: &str) -> Result<Document<'_>, Error> {
    let read::Read { parts, paths, spans, top } = read::read(text)?;
    let metadata = top.block.as_ref().map(|block| read_metadata(text, block));
    let source = Source { text, top, spans };
    Ok(Document { text, parts, paths, metadata, source: super::Source::Json(source) })
}

/// How many values a `sops` block may have; real ones have some dozens.
const BLOCK_LIMIT: usize = 100_000;

fn read_metadata(text: &str, block: &read::Block) -> Result<Metadata, Error> {
    let damaged = |reason: String| {
        let line = bulla_yaml::line_of(text, block.entry.start);
        Error::Metadata { line, reason }
    };
    if block.nodes > BLOCK_LIMIT {
        return Err(damaged("it is larger than any real one".into()));
    }
    let json = serde_json::from_str(&text[block.value.range()])
        .map_err(|_| damaged("it is nested deeper than any real one".into()))?;
    Metadata::from_json(&json).map_err(damaged)
}

/// The beginning of an object with one entry, as sops writes it: up to the entry's value, a
/// text without anything to escape.
pub(crate) fn envelope_head(key: &str, indent: Indent) -> String {
    let mut head = write::Style::indented(indent).entry(key, &"".into(), true);
    head.insert(0, '{');
    // The value goes between the quotes of the empty text.
    head.pop();
    head
}

/// The end of such an object: from behind the entry's value, with the `sops` block.
pub(crate) fn envelope_tail(metadata: &Metadata, indent: Indent) -> String {
    let block = write::Style::indented(indent).entry(metadata::KEY, &metadata.to_json(), false);
    format!("\"{block}\n}}\n")
}

impl<'s> Source<'s> {
    /// How the file is indented.
    pub(crate) fn indent(&self) -> Indent {
        write::Style::of(self.text, &self.top).indent()
    }

    /// A leaf's bytes.
    fn span(&self, leaf: &Leaf<'_>) -> Span {
        self.spans[leaf.path.index()]
    }

    fn written(&self, leaf: &Leaf<'_>) -> &'s str {
        &self.text[self.span(leaf).range()]
    }

    /// The bytes of the value at a path, leaf or not.
    pub(super) fn span_at(&self, path: PathId) -> Option<Span> {
        self.spans.get(path.index()).copied()
    }

    /// The first entry whose key its object has already.
    fn duplicate(&self, document: &Document<'_>) -> Option<PathId> {
        let mut seen = HashSet::new();
        document.paths().iter().find_map(|(path, above, step)| match step {
            Step::Key(key) => (!seen.insert((above, key.as_ref()))).then_some(path),
            Step::Index(_) => None,
        })
    }
}

impl<'s> Syntax<'s> for Source<'s> {
    fn check_plain(&self, document: &Document<'s>) -> Result<(), Error> {
        if let Some(block) = &self.top.block {
            let line = bulla_yaml::line_of(self.text, block.entry.start);
            return Err(Error::AlreadySealed { line });
        }
        if let Some(path) = self.duplicate(document) {
            let place = document.place(self.spans[path.index()].start, path);
            return Err(Error::Refused { place, refusal: Refusal::DuplicateKey });
        }
        Ok(())
    }

    /// A readable number has to count the same in the MAC for every sops.
    fn check_selection(&self, document: &Document<'s>, selected: &[bool]) -> Result<(), Error> {
        for (part, selected) in document.parts().iter().zip(selected) {
            if let Part::Leaf(leaf) = part
                && !selected
                && self.older_reading(leaf).is_some()
            {
                let place = document.place_of(leaf);
                return Err(Error::Refused { place, refusal: Refusal::DividedInteger });
            }
        }
        Ok(())
    }

    fn token_quote(&self, _: &Leaf<'s>) -> &'static str {
        "\""
    }

    fn seal_leaf<'t>(
        &self,
        _: &Document<'s>,
        leaf: &Leaf<'s>,
        token: &'t str,
        edits: &mut Vec<Edit<'t>>,
    ) -> Result<Option<Writing>, Error> {
        let written = self.written(leaf);
        edits.push(Edit::replace(self.span(leaf), token));
        let head = (write::cleanest(&leaf.value) != written).then(|| written.to_owned());
        Ok(head.map(|head| Writing { head: Some(head), ..Writing::default() }))
    }

    fn open_leaf(
        &self,
        leaf: &Leaf<'s>,
        value: &Value<'_>,
        writing: Option<&Writing>,
        edits: &mut Vec<Edit<'_>>,
    ) {
        let head = writing.and_then(|writing| writing.head.clone());
        let text = head.unwrap_or_else(|| write::cleanest(value));
        edits.push(Edit::replace(self.span(leaf), text));
    }

    fn older_reading(&self, leaf: &Leaf<'s>) -> Option<Value<'static>> {
        let Value::Int(int) = leaf.value else { return None };
        let float: f64 = self.written(leaf).parse().ok()?;
        (float_text(float) != int.to_string()).then_some(Value::Float(float))
    }

    /// What sops sealed as a float, and a time, have no type of their own here.
    fn is_written_as(&self, found: &Value<'_>, expected: &Value<'_>) -> bool {
        match (found, expected) {
            (Value::Str(found), Value::Time(expected)) => **found == **expected,
            // Of -0, an integer has no sign.
            (Value::Int(0), Value::Float(expected)) => *expected == 0.0,
            (Value::Int(_), Value::Float(_)) | (Value::Float(_), Value::Int(_)) => {
                found.wire_bytes() == expected.wire_bytes()
            }
            _ => found.same_as(expected),
        }
    }

    fn set(
        &self,
        document: &Document<'s>,
        target: &Target<'_>,
        value: &Subtree,
    ) -> Result<Vec<Edit<'static>>, Error> {
        change::set(self, document, target, value)
    }

    fn unset(
        &self,
        document: &Document<'s>,
        target: &Target<'_>,
    ) -> Result<Vec<Edit<'static>>, Error> {
        change::unset(self, document, target)
    }

    fn add_metadata(&self, metadata: &Metadata, edits: &mut Vec<Edit<'_>>) {
        let style = write::Style::of(self.text, &self.top);
        // Behind the last entry, or behind the opening brace.
        let root = self.spans[PathId::ROOT.index()];
        let at = self.top.last.map_or(root.start + 1, |last| last.end);
        let is_first = self.top.last.is_none();
        edits.push(Edit::insert(at, style.entry(metadata::KEY, &metadata.to_json(), is_first)));
    }

    fn remove_metadata(&self, _: Option<&Layout>, edits: &mut Vec<Edit<'_>>) {
        let Some(block) = &self.top.block else { return };
        let Span { start, end } = match (block.before, block.after) {
            (Some(before), _) => Span { start: before, end: block.entry.end },
            (None, Some(after)) => Span { start: block.entry.start, end: after },
            (None, None) => Span { start: block.entry.start, end: block.entry.end },
        };
        edits.push(Edit::remove(Span { start, end }));
    }

    fn second_opinion(
        &self,
        document: &Document<'s>,
        short: &str,
        selected: &[bool],
    ) -> Result<(), Error> {
        let mut sealed = vec![false; self.spans.len()];
        for (part, &selected) in document.parts().iter().zip(selected) {
            sealed[part.path().index()] =
                selected && matches!(part, Part::Leaf(leaf) if !leaf.value.stays_readable());
        }
        let question = opinion::Question {
            document,
            short,
            is_sealed: &|leaf| sealed[leaf.path.index()],
            written: &|leaf| self.written(leaf),
        };
        question.ask().map_err(|last| {
            let start = || Place { line: 1, path: String::new() };
            Error::NotReproduced { place: last.map_or_else(start, |leaf| document.place_of(leaf)) }
        })
    }
}
