//! What a libyaml port reads in the same text.
//!
//! go-yaml, inside sops and Flux, is itself a port of libyaml. Where libyaml's
//! tree differs from ours, sops would read another document than the one that
//! was sealed, and its MAC would fail or, worse, hold for something else.

use std::panic::{AssertUnwindSafe, catch_unwind};

use libyaml_safer::{Event, EventData, Parser, ScalarStyle};

use crate::error::{Error, ErrorKind};
use crate::span::line_of;
use crate::stream::{Node, NodeId, NodeKind, Scalar, Stream, Style};

/// What differs, on purpose, between a stream and the text that libyaml is asked about.
pub trait Changes {
    /// The scalar that stands in the place of a node, and whether it has no quotes;
    /// tag and alias are gone then.
    fn stand_in(&self, node: NodeId) -> Option<(&str, bool)>;

    /// The key of an entry that every top-level mapping may have at its end.
    fn added_key(&self) -> &str;
}

/// Compares the tree with libyaml's reading of the same text.
///
/// Reads the text once more, at about half the speed of [`Stream::parse`], and
/// bounded because `parse` has bounded the nesting.
///
/// # Errors
///
/// [`ErrorKind::Disputed`], with the line, when libyaml refuses the text or reads
/// another tree, value or style of quoting.
pub fn second_opinion(stream: &Stream<'_>) -> Result<(), Error> {
    second_opinion_on(stream.text, stream, &Unchanged)
}

/// Compares the tree with libyaml's reading of a text that is the stream's but for
/// `changes`.
///
/// # Errors
///
/// As [`second_opinion`]; the lines are the stream's.
pub fn second_opinion_on(
    text: &str,
    stream: &Stream<'_>,
    changes: &dyn Changes,
) -> Result<(), Error> {
    if let Some(at) = tag_before_comma(stream) {
        let line = line_of(stream.text, at);
        return Err(Error { kind: ErrorKind::Disputed("libyaml cannot read this tag"), line });
    }
    if let Some(at) = comment_of_lines(stream) {
        let line = line_of(stream.text, at);
        let how = "a character in this comment begins a new line";
        return Err(Error { kind: ErrorKind::Disputed(how), line });
    }
    if let Some(at) = second_mark(stream.text) {
        let line = line_of(stream.text, at);
        let how = "a byte order mark is not at the start";
        return Err(Error { kind: ErrorKind::Disputed(how), line });
    }
    // The port panics on a block scalar that the end of the input cuts off.
    let closed;
    let text = if text.is_empty() || text.ends_with('\n') {
        text
    } else {
        closed = format!("{text}\n");
        &closed
    };
    catch_unwind(AssertUnwindSafe(|| compare(stream, text, changes)))
        .unwrap_or(Err(Error { kind: ErrorKind::Disputed("libyaml cannot read it"), line: 1 }))
}

/// The very same text.
struct Unchanged;

impl Changes for Unchanged {
    fn stand_in(&self, _: NodeId) -> Option<(&str, bool)> {
        None
    }

    fn added_key(&self) -> &str {
        ""
    }
}

/// Where a tag runs into a comma, on which the port panics.
fn tag_before_comma(stream: &Stream<'_>) -> Option<u32> {
    let tags = stream.nodes.all_properties().filter_map(|properties| properties.tag_span);
    let text = stream.text.as_bytes();
    tags.map(|tag| tag.end).find(|&end| text.get(end as usize) == Some(&b','))
}

/// A comment with a line break of YAML 1.1 in it: to go-yaml, the rest is no comment.
fn comment_of_lines(stream: &Stream<'_>) -> Option<u32> {
    let is_break = |character| matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}');
    let mut comments = stream.comments.iter().map(|comment| comment.span);
    comments.find(|span| stream.text[span.range()].contains(is_break)).map(|span| span.start)
}

/// Where a line behind the first byte begins with a byte order mark. libyaml skips it,
/// go-yaml takes it for text.
fn second_mark(text: &str) -> Option<u32> {
    const MARK: char = '\u{feff}';
    let begins = |at: &usize| text[..*at].ends_with(['\n', '\r', MARK]);
    text.match_indices(MARK).map(|(at, _)| at).find(begins).map(|at| at as u32)
}

/// How many bytes libyaml is given at once.
const PIECE: usize = 16 << 10;

fn compare(stream: &Stream<'_>, text: &str, changes: &dyn Changes) -> Result<(), Error> {
    let mut parser = Parser::new();
    // What it is given at once, it keeps in four times the memory.
    parser.set_input(std::io::BufReader::with_capacity(PIECE, text.as_bytes()));
    let mut reading =
        Reading { stream, changes, node: 0, document: 0, open: Vec::new(), added: None };
    loop {
        let event = parser.parse().map_err(|_| reading.disputed("libyaml refuses it"))?;
        if matches!(event.data, EventData::StreamEnd) {
            return reading.end();
        }
        if !reading.is_added(&event) {
            reading.event(&event)?;
        }
    }
}

/// The walk over our nodes that keeps step with libyaml's events.
struct Reading<'r, 's> {
    stream: &'r Stream<'s>,
    changes: &'r dyn Changes,
    node: usize,
    document: usize,
    /// Where each open collection ends among our nodes.
    open: Vec<u32>,
    /// Inside of an added entry's value: how deep.
    added: Option<usize>,
}

impl<'r, 's> Reading<'r, 's> {
    /// Whether an event belongs to an entry that was added.
    fn is_added(&mut self, event: &Event) -> bool {
        let Some(depth) = &mut self.added else {
            // Our own nodes of the top-level mapping are all read.
            let at_end = self.open.as_slice() == [self.node as u32];
            let key = self.changes.added_key();
            let is_key = matches!(&event.data, EventData::Scalar { value, .. } if value == key);
            if at_end && is_key && !key.is_empty() {
                self.added = Some(0);
                return true;
            }
            return false;
        };
        match event.data {
            EventData::SequenceStart { .. } | EventData::MappingStart { .. } => *depth += 1,
            EventData::SequenceEnd | EventData::MappingEnd => *depth -= 1,
            _ => {}
        }
        if *depth == 0 {
            self.added = None;
        }
        true
    }

    fn event(&mut self, event: &Event) -> Result<(), Error> {
        match &event.data {
            EventData::DocumentStart { .. } => {
                if self.document >= self.stream.documents.len() {
                    return Err(self.disputed("it has more documents for libyaml"));
                }
            }
            EventData::DocumentEnd { .. } => {
                let document = &self.stream.documents[self.document];
                if document.root.is_some() && document.below as usize != self.node {
                    return Err(self.disputed("a document ends earlier for libyaml"));
                }
                self.document += 1;
            }
            EventData::Scalar { value, tag, style, .. } => {
                let is_plain = *style == ScalarStyle::Plain;
                self.scalar(value, tag.as_deref(), is_plain)?;
            }
            EventData::Alias { anchor } => {
                let (_, node) = self.next_node()?;
                let written = &self.stream.text[node.span.range()];
                let same = matches!(node.kind, NodeKind::Alias { .. })
                    && written.strip_prefix('*') == Some(anchor);
                if !same {
                    return Err(self.disputed("an alias is not the same for libyaml"));
                }
            }
            EventData::SequenceStart { tag, .. } => {
                let (id, node) = self.next_node()?;
                if !matches!(node.kind, NodeKind::Sequence { .. }) {
                    return Err(self.disputed("libyaml sees a list here"));
                }
                self.same_tag(&node, tag.as_deref())?;
                self.open.push(self.stream.after(id).0);
            }
            EventData::MappingStart { tag, .. } => self.mapping(tag.as_deref())?,
            EventData::SequenceEnd | EventData::MappingEnd => {
                if self.open.pop() != Some(self.node as u32) {
                    return Err(self.disputed("a collection ends elsewhere for libyaml"));
                }
            }
            EventData::StreamStart { .. } | EventData::StreamEnd => {}
        }
        Ok(())
    }

    fn scalar(&mut self, value: &str, tag: Option<&str>, is_plain: bool) -> Result<(), Error> {
        if self.root_is_absent() && self.open.is_empty() {
            return Ok(());
        }
        let changes = self.changes;
        let stand_in = self.stream.nth(self.node).and_then(|node| changes.stand_in(node));
        let (id, node) = self.next_node()?;
        if let Some(expected) = stand_in {
            return if expected == (value, is_plain) && tag.is_none() {
                Ok(())
            } else {
                Err(self.disputed("a sealed value is not the same for libyaml"))
            };
        }
        let same = node.scalar().is_some_and(|ours| {
            same_value(&ours, value) && (ours.style == Style::Plain) == is_plain
        });
        if !same {
            return Err(self.disputed("a value is not the same for libyaml"));
        }
        // libyaml has learnt to read this, go-yaml has not.
        if is_plain && value.contains('?') && self.is_in_flow(id) {
            return Err(self.disputed("a question mark begins a key between brackets"));
        }
        self.same_tag(&node, tag)
    }

    fn is_in_flow(&self, id: NodeId) -> bool {
        self.stream.parent(id).is_some_and(|parent| self.stream.is_flow(parent))
    }

    fn mapping(&mut self, tag: Option<&str>) -> Result<(), Error> {
        // A document without content becomes a mapping when an entry is added to it.
        if self.open.is_empty() && !self.changes.added_key().is_empty() {
            if self.root_is_absent() {
                self.open.push(self.node as u32);
                return Ok(());
            }
            let root = self.stream.nth(self.node).map(|root| self.stream.node(root));
            if root.is_some_and(|root| root.scalar().is_some() && root.span.is_empty()) {
                self.node += 1;
                self.open.push(self.node as u32);
                return Ok(());
            }
        }
        let (id, node) = self.next_node()?;
        if !matches!(node.kind, NodeKind::Mapping { .. }) {
            return Err(self.disputed("libyaml sees a mapping here"));
        }
        self.same_tag(&node, tag)?;
        self.open.push(self.stream.after(id).0);
        Ok(())
    }

    fn root_is_absent(&self) -> bool {
        self.stream.documents.get(self.document).is_some_and(|document| document.root.is_none())
    }

    fn end(&self) -> Result<(), Error> {
        if self.node == self.stream.nodes.len() {
            Ok(())
        } else {
            Err(self.disputed("libyaml reads less of it"))
        }
    }

    fn next_node(&mut self) -> Result<(NodeId, Node<'r>), Error> {
        let next = self.stream.nth(self.node);
        self.node += 1;
        let id = next.ok_or_else(|| self.disputed("libyaml reads more in it"))?;
        Ok((id, self.stream.node(id)))
    }

    fn same_tag(&self, node: &Node<'_>, tag: Option<&str>) -> Result<(), Error> {
        // `!` says "no type"; libyaml's port reports it, go-yaml drops it.
        let meaning = |tag: Option<&str>| tag.filter(|&tag| tag != "!").map(str::to_owned);
        if meaning(node.tag()) == meaning(tag) {
            Ok(())
        } else {
            Err(self.disputed("a tag is not the same for libyaml"))
        }
    }

    fn disputed(&self, how: &'static str) -> Error {
        let at = self.node.saturating_sub(1);
        let offset = self.stream.nodes.get(at).map_or(0, |node| node.span.start);
        Error { kind: ErrorKind::Disputed(how), line: line_of(self.stream.text, offset) }
    }
}

fn same_value(ours: &Scalar<'_>, theirs: &str) -> bool {
    if ours.open_ended {
        // A line break was added for libyaml.
        return theirs.strip_suffix('\n') == Some(ours.value);
    }
    ours.value == theirs
}
