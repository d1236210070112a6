//! INI: sections of keys and values, as go-ini reads them.
//!
//! What a value is, where a comment begins and which line belongs to which are
//! go-ini's rules, because sops reads with it: `#` and `;` end a value even between
//! quotes, a backslash at a line's end joins the next one, the last of equal keys
//! counts. Where these rules would leave a part of a secret readable, or lose it, the
//! file is refused. Everything is a text; a section may come up more than once.

use bulla_yaml::{Edit, Span};

use super::{Comment, Document, Format, Leaf, Part, Site, Syntax, lines_with_parts};
use crate::change::{Subtree, Target};
use crate::error::{Error, Refusal};
use crate::layout::{Layout, Writing};
use crate::metadata::{self, Metadata, flat};
use crate::path::{PathId, Paths, Step};
use crate::value::{Value, text_of};

mod change;
mod comment;
mod read;
mod value;
mod write;

pub(crate) use read::DEFAULT;

/// How many entries of metadata are read; real files have some dozens.
const BLOCK_LIMIT: usize = 100_000;

/// A key as go-ini writes it; `None` when it could not read that again.
pub(crate) fn written_key(name: &str) -> Option<String> {
    write::key(name)
}

/// A value as go-ini writes it, or with other quotes where it could not read that
/// again; `None` when no quotes help.
pub(crate) fn written_value(value: &str) -> Option<String> {
    write::value(value)
}

/// What INI keeps besides the parts.
#[derive(Clone)]
pub(crate) struct Source<'s> {
    text: &'s str,
    /// The values, by the number in their leaf's site.
    values: Vec<value::Reading<'s>>,
    /// Where comments are, by their first byte.
    comments: Vec<comment::Place>,
    /// The section of metadata.
    block: Option<Span>,
    /// What does not stop the file from being opened, but from being sealed.
    complaint: Option<(u32, PathId, Refusal)>,
    line_break: &'static str,
}

pub(crate) fn parse(text: &str) -> Result<Document<'_>, Error> {
    if u32::try_from(text.len()).is_err() {
        return Err(Error::TooLong);
    }
    lines_with_parts(text, Format::Ini)?;
    let syntax = |(at, reason)| {
        let line = bulla_yaml::line_of(text, at as u32);
        Error::Syntax { format: Format::Ini, line, reason }
    };
    let file = read::read(text, metadata::KEY).map_err(syntax)?;
    let values = file.sections.iter().map(|section| section.entries.len()).sum();
    let mut walk = Walk {
        text,
        parts: Vec::with_capacity(values),
        paths: Paths::with_capacity(values + file.sections.len()),
        values: Vec::with_capacity(values),
        comments: Vec::new(),
        complaint: None,
    };
    let mut blocks = Vec::new();
    let mut section_paths = Vec::with_capacity(file.sections.len());
    for section in file.sections {
        let is_block = section.header.is_some() && section.name == metadata::KEY;
        section_paths.push(if is_block { PathId::ROOT } else { walk.section(&section) });
        if is_block {
            blocks.push(section);
        }
    }
    for (section, group) in &file.trailing {
        let below = comment::Below { end: text.len(), header: None };
        walk.comments(group, section_paths[*section], below);
    }
    walk.comments.sort_by_key(comment::Place::start);
    let metadata = blocks.first().map(|block| {
        let read = if blocks.len() > 1 {
            Err("there are two of them".into())
        } else {
            read_metadata(block)
        };
        let line = bulla_yaml::line_of(text, header_start(block) as u32);
        read.map_err(|reason| Error::Metadata { line, reason })
    });
    let Walk { parts, paths, values, comments, complaint, .. } = walk;
    let block = blocks.first().map(|block| block_span(text, block));
    let line_break = line_break(text);
    let source = Source { text, values, comments, block, complaint, line_break };
    Ok(Document { text, parts, paths, metadata, source: super::Source::Ini(source) })
}

/// The line break of a text: that of its first line.
fn line_break(text: &str) -> &'static str {
    let first = text.find('\n').map_or("", |end| &text[..end]);
    if first.ends_with('\r') { "\r\n" } else { "\n" }
}

/// The lines of the metadata; with the empty lines behind them when nothing else
/// follows.
fn block_span(text: &str, block: &read::Section<'_>) -> Span {
    let start = text[..header_start(block)].rfind('\n').map_or(0, |at| at + 1);
    let rest = &text[block.end..];
    let end = if rest.trim().is_empty() { text.len() } else { block.end };
    Span { start: start as u32, end: end as u32 }
}

fn header_start(block: &read::Section<'_>) -> usize {
    block.header.as_ref().map_or(0, |header| header.start)
}

/// A line break in a value is one, or `\n`, or `\\n` that somebody wrote twice: base64
/// and armour have no backslash.
fn read_metadata(block: &read::Section<'_>) -> Result<Metadata, String> {
    if block.entries.len() > BLOCK_LIMIT {
        return Err("it is larger than any real one".into());
    }
    let entries = block.entries.iter().map(|entry| {
        let value = entry.value.value.replace("\r\n", "\n").replace("\\n", "\n");
        (entry.key.as_ref(), value)
    });
    Metadata::from_json(&flat::unflatten(entries)?.into())
}

/// The parts as they are found, in sops's order: a section's comment before its keys,
/// a key's comment behind the key.
struct Walk<'s> {
    text: &'s str,
    parts: Vec<Part<'s>>,
    paths: Paths<'s>,
    values: Vec<value::Reading<'s>>,
    comments: Vec<comment::Place>,
    complaint: Option<(u32, PathId, Refusal)>,
}

impl<'s> Walk<'s> {
    fn section(&mut self, section: &read::Section<'s>) -> PathId {
        let path = self.paths.push(PathId::ROOT, Step::Key(section.name.clone()));
        self.comments(&section.comments, path, self.below(section));
        if let (Some(header), true) = (&section.header, section.entries.is_empty()) {
            // An entry of the tree all the same.
            self.leaf(path, header.start, Value::Empty, None, Site::COPY);
        }
        let mut counts: Vec<_> = section.entries.iter().collect();
        for entry in &section.entries {
            if let Some(first) = entry.again {
                counts[first] = entry;
            }
        }
        for (entry, counts) in section.entries.iter().zip(counts) {
            if entry.again.is_some() {
                self.complain(entry.at, path, Refusal::DuplicateKey);
                continue;
            }
            self.entry(counts, path);
        }
        path
    }

    fn entry(&mut self, entry: &read::Entry<'s>, section: PathId) {
        let path = self.paths.push(section, Step::Key(entry.key.clone()));
        if write::key(&entry.key).is_none() {
            self.complain(entry.at, path, Refusal::KeyLost);
        }
        if entry.value.is_cut {
            self.complain(entry.at, path, Refusal::LostBehindQuote);
        }
        let hazard = entry.value.is_doubtful.then_some(Refusal::CommentInValue);
        let site = Site::node(self.values.len());
        self.leaf(path, entry.at, Value::Str(entry.value.value.clone()), hazard, site);
        let below = comment::Below { end: entry.value.outer.end, header: None };
        self.comments(&entry.comments, section, below);
        self.values.push(entry.value.clone());
    }

    fn leaf(
        &mut self,
        path: PathId,
        at: usize,
        value: Value<'s>,
        hazard: Option<Refusal>,
        site: Site,
    ) {
        let shown = self.values.len() as u32;
        let leaf = Leaf { section: 0, path, value, at: at as u32, hazard, site, shown };
        self.parts.push(Part::Leaf(leaf));
    }

    fn comments(&mut self, group: &read::Group, path: PathId, below: comment::Below) {
        for (comment, place) in comment::read(self.text, group, path, below) {
            self.parts.push(Part::Comment(comment));
            self.comments.push(place);
        }
    }

    /// A header without the comment behind it.
    fn below(&self, section: &read::Section<'_>) -> comment::Below {
        let start = header_start(section);
        let end = match &section.comments.behind {
            Some(behind) => behind.start,
            None => value::line_end(self.text, start),
        };
        let end = start + self.text[start..end].trim_end().len();
        let line = self.text[..start].rfind('\n').map_or(value::start(self.text), |at| at + 1);
        comment::Below { end, header: Some(line) }
    }

    fn complain(&mut self, at: usize, path: PathId, refusal: Refusal) {
        let complaint = (at as u32, path, refusal);
        let first = self.complaint.get_or_insert(complaint);
        if complaint.0 < first.0 {
            *first = complaint;
        }
    }
}

impl<'s> Syntax<'s> for Source<'s> {
    fn is_list(&self, _: &Document<'s>, _: &Leaf<'s>) -> bool {
        false
    }

    fn check_plain(&self, document: &Document<'s>) -> Result<(), Error> {
        if let Some(block) = self.block {
            return Err(Error::AlreadySealed { line: bulla_yaml::line_of(self.text, block.start) });
        }
        match self.complaint {
            Some((at, path, refusal)) => {
                Err(Error::Refused { place: document.place(at, path), refusal })
            }
            None => Ok(()),
        }
    }

    fn check_selection(&self, document: &Document<'s>, selected: &[bool]) -> Result<(), Error> {
        for (part, &selected) in document.parts().iter().zip(selected) {
            let Part::Leaf(leaf) = part else { continue };
            let Some(value) = self.value(leaf).filter(|value| value.continued) else { continue };
            let refusal = match selected && !leaf.value.stays_readable() {
                true => continue,
                false if self.hides_entry(value) => Refusal::ContinuedEntry,
                false if value.next == self.text.len() => Refusal::ContinuedToEnd,
                false => continue,
            };
            return Err(Error::Refused { place: document.place_of(leaf), refusal });
        }
        Ok(())
    }

    fn token_quote(&self, _: &Leaf<'s>) -> &'static str {
        // The quotes stay where they are.
        ""
    }

    fn seal_leaf<'t>(
        &self,
        _: &Document<'s>,
        leaf: &Leaf<'s>,
        token: &'t str,
        edits: &mut Vec<Edit<'t>>,
    ) -> Result<Option<Writing>, Error> {
        let Some(value) = self.value(leaf) else { return Ok(None) };
        edits.push(Edit::replace(span(value.inner()), token));
        let head = value.continued.then(|| self.text[value.outer.clone()].to_owned());
        Ok(head.map(|head| Writing { head: Some(head), ..Writing::default() }))
    }

    fn open_leaf(
        &self,
        leaf: &Leaf<'s>,
        value: &Value<'_>,
        writing: Option<&Writing>,
        edits: &mut Vec<Edit<'_>>,
    ) {
        // What cannot be written stays sealed, and is caught when the text is read
        // back.
        let (Some(read), Some(text)) = (self.value(leaf), text_of(value)) else { return };
        let recorded = writing.and_then(|writing| writing.head.clone());
        let quoted = [read.quote, &text, read.quote].concat();
        let written = recorded
            .into_iter()
            .chain([quoted])
            .find(|written| write::reads_as(written, &text))
            .or_else(|| write::value(&text));
        edits.extend(written.map(|written| Edit::replace(span(read.outer.clone()), written)));
    }

    fn comment_mark(&self) -> &'static str {
        // The marks stay where they are.
        ""
    }

    fn seal_comment<'t>(
        &self,
        comment: &Comment<'s>,
        token: &'t str,
        edits: &mut Vec<Edit<'t>>,
    ) -> Option<Writing> {
        comment::seal(self.text, comment, &self.comments, token, self.line_break, edits)
    }

    fn open_comment(
        &self,
        comment: &Comment<'s>,
        text: &str,
        writing: Option<&Writing>,
        edits: &mut Vec<Edit<'_>>,
    ) {
        comment::open(comment, &self.comments, text, writing, self.line_break, edits);
    }

    fn is_written_as(&self, found: &Value<'_>, expected: &Value<'_>) -> bool {
        // `sops set` seals numbers, which are texts here.
        match (text_of(found), text_of(expected)) {
            (Some(found), Some(expected)) => found == expected,
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
        let line_break = self.line_break;
        let mut lines = String::new();
        if self.lacks_final_break() {
            lines.push_str(line_break);
        }
        lines.extend(["[", metadata::KEY, "]", line_break]);
        if let Some(block) = metadata.to_json().as_object() {
            for (name, value) in flat::flatten(block) {
                // What cannot be written is missed when the result is checked.
                let Some((name, value)) = write::key(&name).zip(write::value(&value)) else {
                    continue;
                };
                lines.extend([&name, " = ", &value, line_break]);
            }
        }
        edits.push(Edit::insert(self.text.len() as u32, lines));
    }

    fn remove_metadata(&self, layout: Option<&Layout>, edits: &mut Vec<Edit<'_>>) {
        let Some(mut block) = self.block else { return };
        let is_last = block.end as usize == self.text.len();
        if is_last && layout.is_some_and(|layout| layout.no_final_break) {
            let before = &self.text[..block.start as usize];
            let kept = before.strip_suffix("\r\n").or_else(|| before.strip_suffix('\n'));
            block.start = kept.unwrap_or(before).len() as u32;
        }
        edits.push(Edit::remove(block));
    }

    fn lacks_final_break(&self) -> bool {
        !self.text.is_empty() && !self.text.ends_with('\n')
    }

    fn second_opinion(&self, _: &Document<'s>, _: &str, _: &[bool]) -> Result<(), Error> {
        Ok(())
    }
}

impl<'s> Source<'s> {
    fn value(&self, leaf: &Leaf<'_>) -> Option<&value::Reading<'s>> {
        self.values.get(leaf.site.number()?)
    }

    /// Whether a line that a value goes on in looks like an entry or a header.
    fn hides_entry(&self, value: &value::Reading<'_>) -> bool {
        let lines = self.text[value.outer.clone()].lines().skip(1).map(str::trim_start);
        lines.into_iter().any(|line| {
            let is_name = line.starts_with(|first: char| first.is_alphanumeric() || first == '_');
            line.starts_with('[') || (is_name && (line.contains('=') || line.contains(": ")))
        })
    }
}

/// Offsets come from a text of at most 4 GiB.
fn span(at: std::ops::Range<usize>) -> Span {
    Span { start: at.start as u32, end: at.end as u32 }
}
