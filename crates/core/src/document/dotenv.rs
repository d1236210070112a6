//! Dotenv: lines that are empty, a comment, or `KEY=VALUE`.
//!
//! sops knows no quotes, no `export` and no line ends but LF: whatever stands behind
//! the first `=` is the value, a carriage return at its end included. The two
//! characters `\n` stand for a line break. Metadata is lines as well, `sops_mac=ENC[…]`,
//! and the format holds one mapping of texts.

use std::borrow::Cow;

use bulla_yaml::{Edit, Span};

use super::{Comment, Document, Format, Leaf, Part, Site, Syntax, lines_with_parts};
use crate::change::{Subtree, Target};
use crate::error::Error;
use crate::layout::{Layout, Writing};
use crate::metadata::{Metadata, flat};
use crate::path::{PathId, Paths, Step};
use crate::value::{Value, text_of};

mod change;

/// What stands before the names of metadata.
const PREFIX: &str = "sops_";
/// How many lines of metadata are read; real files have some dozens.
const BLOCK_LIMIT: usize = 100_000;

/// What dotenv keeps besides the parts.
#[derive(Clone)]
pub(crate) struct Source<'s> {
    text: &'s str,
    /// The bytes of each value, by the number in its leaf's site.
    values: Vec<Span>,
    /// The lines of metadata; those that follow each other are one.
    block: Vec<Span>,
}

pub(crate) fn parse(text: &str) -> Result<Document<'_>, Error> {
    if u32::try_from(text.len()).is_err() {
        return Err(Error::TooLong);
    }
    let lines = lines_with_parts(text, Format::Dotenv)?;
    let mut source = Source { text, values: Vec::new(), block: Vec::new() };
    let mut parts = Vec::with_capacity(lines);
    let mut paths = Paths::default();
    let mut entries = Vec::new();
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let span = span(start, line.len());
        start += line.len();
        let line = line.strip_suffix('\n').unwrap_or(line);
        if line.is_empty() {
            continue;
        }
        if let Some(comment) = line.strip_prefix('#') {
            parts.push(Part::Comment(Comment {
                section: 0,
                path: PathId::ROOT,
                text: comment.into(),
                span: Span { start: span.start, end: span.start + line.len() as u32 },
            }));
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            return Err(Error::Syntax {
                format: Format::Dotenv,
                line: number + 1,
                reason: match line {
                    "\r" => {
                        "this empty line ends with CR LF, which sops cannot read; end lines with LF"
                    }
                    _ => "there is no `=`; write KEY=VALUE, or # for a comment",
                },
            });
        };
        let value_at = span.start + key.len() as u32 + 1;
        if let Some(name) = key.strip_prefix(PREFIX) {
            entries.push((name, decode(value).into_owned()));
            match source.block.last_mut() {
                Some(last) if last.end == span.start => last.end = span.end,
                _ => source.block.push(span),
            }
            continue;
        }
        let path = paths.push(PathId::ROOT, Step::Key(key.into()));
        let index = source.values.len();
        source.values.push(Span { start: value_at, end: value_at + value.len() as u32 });
        parts.push(Part::Leaf(Leaf {
            section: 0,
            path,
            value: Value::Str(decode(value)),
            at: span.start,
            hazard: None,
            site: Site::node(index),
            shown: index as u32,
        }));
    }
    let metadata = source.block.first().map(|first| read_metadata(text, first.start, entries));
    Ok(Document { text, parts, paths, metadata, source: super::Source::Dotenv(source) })
}

fn read_metadata(text: &str, at: u32, entries: Vec<(&str, String)>) -> Result<Metadata, Error> {
    let read = || {
        if entries.len() > BLOCK_LIMIT {
            return Err("it is larger than any real one".into());
        }
        Metadata::from_json(&flat::unflatten(entries)?.into())
    };
    read().map_err(|reason| Error::Metadata { line: bulla_yaml::line_of(text, at), reason })
}

/// Lengths come from a text of at most 4 GiB.
fn span(start: usize, length: usize) -> Span {
    Span { start: start as u32, end: (start + length) as u32 }
}

/// The value that a text between `=` and line end stands for.
fn decode(text: &str) -> Cow<'_, str> {
    if text.contains("\\n") { text.replace("\\n", "\n").into() } else { text.into() }
}

/// The opposite of [`decode`], for every value that came out of it.
fn encode(value: &str) -> String {
    value.replace('\n', "\\n")
}

impl<'s> Syntax<'s> for Source<'s> {
    fn check_plain(&self, document: &Document<'s>) -> Result<(), Error> {
        if let Some(first) = self.block.first() {
            return Err(Error::AlreadySealed {
                line: bulla_yaml::line_of(document.text(), first.start),
            });
        }
        Ok(())
    }

    fn token_quote(&self, _: &Leaf<'s>) -> &'static str {
        ""
    }

    fn seal_leaf<'t>(
        &self,
        _: &Document<'s>,
        leaf: &Leaf<'s>,
        token: &'t str,
        edits: &mut Vec<Edit<'t>>,
    ) -> Result<Option<Writing>, Error> {
        if let Some(span) = self.value(leaf) {
            edits.push(Edit::replace(span, token));
        }
        Ok(None)
    }

    fn open_leaf(
        &self,
        leaf: &Leaf<'s>,
        value: &Value<'_>,
        _: Option<&Writing>,
        edits: &mut Vec<Edit<'_>>,
    ) {
        // What is no text stays sealed, and is caught when the text is read back.
        if let (Some(span), Some(text)) = (self.value(leaf), text_of(value)) {
            edits.push(Edit::replace(span, encode(&text)));
        }
    }

    fn is_written_as(&self, found: &Value<'_>, expected: &Value<'_>) -> bool {
        // `sops set` seals numbers, and texts with a backslash before an `n`: here they
        // come out as sops writes them.
        match (text_of(found), text_of(expected)) {
            (Some(found), Some(expected)) => found == decode(&expected),
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
        let mut lines = String::new();
        if self.lacks_final_break() {
            lines.push('\n');
        }
        if let Some(block) = metadata.to_json().as_object() {
            for (name, value) in flat::flatten(block) {
                lines.extend([PREFIX, &name, "=", &encode(&value), "\n"]);
            }
        }
        // The text is no longer than 4 GiB.
        edits.push(Edit::insert(self.text.len() as u32, lines));
    }

    fn remove_metadata(&self, layout: Option<&Layout>, edits: &mut Vec<Edit<'_>>) {
        for &span in &self.block {
            let mut span = span;
            let is_last = span.end as usize == self.text.len();
            if is_last && layout.is_some_and(|layout| layout.no_final_break) {
                // What comes before the block is whole lines.
                span.start = span.start.saturating_sub(1);
            }
            edits.push(Edit::remove(span));
        }
    }

    fn lacks_final_break(&self) -> bool {
        !self.text.is_empty() && !self.text.ends_with('\n')
    }

    fn second_opinion(&self, _: &Document<'s>, _: &str, _: &[bool]) -> Result<(), Error> {
        Ok(())
    }
}

impl Source<'_> {
    fn value(&self, leaf: &Leaf<'_>) -> Option<Span> {
        self.values.get(leaf.site.number()?).copied()
    }
}
