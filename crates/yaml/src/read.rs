//! From the parser's events to the flat tree.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{Event, Parser, Placement, ScalarStyle, ScanError, StructureStyle, Tag};

use crate::block;
use crate::error::{Error, ErrorKind};
use crate::record::{Made, Nodes, Record, Shape};
use crate::span::{Span, line_of};
use crate::stream::{Comment, Document, NodeId, Stream, Style};

/// How deep collections may be nested. go-yaml stops at 10,000; nobody's
/// manifests come near either.
pub(crate) const NESTING_LIMIT: usize = 1000;

/// How many keys, values and comments any text may have, however short they are.
const SMALL_NODES: usize = 2_500_000;

/// How many bytes of a text allow for one more. A sealed value has more than twice as
/// many, and what is kept of a node from reading to writing is some hundred bytes.
const BYTES_OF_A_NODE: usize = 50;

/// How many keys, values and comments a text of `length` bytes may have: more than anybody
/// writes, but not one for every two bytes, which would fill the memory.
pub fn node_limit(length: usize) -> usize {
    SMALL_NODES + length / BYTES_OF_A_NODE
}

pub(crate) fn read(text: &str) -> Result<Stream<'_>, Error> {
    if u32::try_from(text.len()).is_err() {
        return Err(Error { kind: ErrorKind::TooLong, line: 1 });
    }
    let options = granit_parser::options! {
        emit_comments: true,
        emit_anchor_events: true,
        // Comments are kept anyway, so a limit on how many may wait protects nothing.
        max_buffered_comment_events: usize::MAX,
        flow_nesting_limit: NESTING_LIMIT,
        block_nesting_limit: NESTING_LIMIT,
    };
    let mut reader = Reader::new(text);
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| syntax_error(text, &error))?;
        reader.event(event, span)?;
    }
    Ok(reader.finish())
}

fn syntax_error(text: &str, error: &ScanError) -> Error {
    let message = error.info();
    let offset = error.marker().byte_offset().unwrap_or(0);
    let kind = if message.contains("nesting") || message.contains("recursion limit") {
        ErrorKind::TooDeep
    } else {
        ErrorKind::Syntax(message)
    };
    Error { kind, line: line_of(text, offset as u32) }
}

/// A collection that is still being read.
struct Open {
    node: usize,
    /// In a mapping: the next child is a key.
    key_next: bool,
}

struct Reader<'s> {
    stream: Stream<'s>,
    open: Vec<Open>,
    anchors: HashMap<usize, NodeId>,
    /// Behind the last byte of structure: a block scalar's header is the next
    /// thing after it that is neither blank, indicator nor comment.
    cursor: usize,
    /// A block scalar whose header is looked for when its anchor, which the parser
    /// reports after it, is known: the node and the parser's span.
    pending: Option<(usize, Span, usize)>,
    /// How many nodes, comments and documents there may be.
    limit: usize,
}

impl<'s> Reader<'s> {
    fn new(text: &'s str) -> Self {
        let stream =
            Stream { text, nodes: Nodes::default(), documents: Vec::new(), comments: Vec::new() };
        let limit = node_limit(text.len());
        Self { stream, open: Vec::new(), anchors: HashMap::new(), cursor: 0, pending: None, limit }
    }

    fn event(&mut self, event: Event<'s>, span: granit_parser::Span) -> Result<(), Error> {
        let here = to_span(&span);
        if let Event::Anchor(id, _) = event {
            return self.anchor(id, here);
        }
        self.settle_block()?;
        let Stream { nodes, comments, documents, .. } = &self.stream;
        if nodes.len() + comments.len() + documents.len() >= self.limit {
            let line = line_of(self.stream.text, here.start);
            return Err(Error { kind: ErrorKind::TooMany, line });
        }
        match event {
            Event::DocumentStart(explicit, version) => self.document_start(explicit, version, here),
            Event::DocumentEnd => self.document_end(here),
            Event::Comment(_, placement) => self
                .stream
                .comments
                .push(Comment { span: here, trailing: matches!(placement, Placement::Right) }),
            Event::Scalar(value, style, _, tag) => self.scalar(value, style, tag, &span),
            Event::Alias(id) => {
                // The parser reports an alias only when the anchor exists.
                let target = self.anchors.get(&id).copied().unwrap_or(NodeId(0));
                self.push(Shape::Alias, here, target.0, None, None);
                self.cursor = here.end as usize;
            }
            Event::SequenceStart(style, _, tag) => {
                let flow = style == StructureStyle::Flow;
                self.collection(Shape::Sequence { flow }, flow, tag, &span);
            }
            Event::MappingStart(style, _, tag) => {
                let flow = style == StructureStyle::Flow;
                self.collection(Shape::Mapping { flow }, flow, tag, &span);
            }
            Event::SequenceEnd | Event::MappingEnd => self.collection_end(here),
            _ => {}
        }
        Ok(())
    }

    fn finish(mut self) -> Stream<'s> {
        // Comments inside block headers are reported after the scalar.
        self.stream.comments.sort_by_key(|comment| comment.span.start);
        self.stream.nodes.shrink();
        self.stream
    }

    fn document_start(
        &mut self,
        explicit: bool,
        version: Option<granit_parser::YamlVersion>,
        span: Span,
    ) {
        if explicit {
            // An implicit start carries the span of the root scalar.
            self.cursor = self.cursor.max(span.end as usize);
        }
        self.stream.documents.push(Document {
            root: None,
            below: self.stream.nodes.len() as u32,
            start: if explicit { span.end } else { span.start },
            end: span.end,
            version: version.map(|version| (version.major, version.minor)),
        });
    }

    fn document_end(&mut self, span: Span) {
        let nodes = self.stream.nodes.len() as u32;
        if let Some(document) = self.stream.documents.last_mut() {
            let first = document.below;
            document.root = (first < nodes).then_some(NodeId(first));
            document.below = nodes;
            // An explicit end's span is its `...`.
            document.end = span.start.max(document.start);
        }
    }

    fn scalar(
        &mut self,
        value: Cow<'s, str>,
        style: ScalarStyle,
        tag: Option<Cow<'s, Tag>>,
        span: &granit_parser::Span,
    ) {
        let here = to_span(span);
        let style = match style {
            ScalarStyle::SingleQuoted => Style::SingleQuoted,
            ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
            _ => Style::Plain,
        };
        // The parser calls an absent node `~`.
        let value =
            if here.is_empty() && style == Style::Plain { Cow::Borrowed("") } else { value };
        let record = Record::new(Shape::Scalar(style), here, 0);
        let stands_there = matches!(&value, Cow::Borrowed(value)
            if self.stream.text.get(record.inner().range()) == Some(value));
        let refers = if stands_there && !style.is_block() {
            0
        } else {
            let value = value.into_owned().into_boxed_str();
            self.stream.nodes.make(Made { value, body: None, open_ended: false })
        };
        let node = self.push(record.shape, here, refers, tag, span.tag_span());
        if style.is_block() {
            self.pending = Some((node, here, span.start.col()));
        } else {
            self.cursor = self.cursor.max(here.end as usize);
        }
    }

    fn collection(
        &mut self,
        shape: Shape,
        flow: bool,
        tag: Option<Cow<'s, Tag>>,
        span: &granit_parser::Span,
    ) {
        let here = to_span(span);
        let node = self.push(shape, here, 0, tag, span.tag_span());
        if flow {
            self.cursor = self.cursor.max(here.end as usize);
        }
        let key_next = matches!(shape, Shape::Mapping { .. });
        self.open.push(Open { node, key_next });
    }

    fn collection_end(&mut self, span: Span) {
        // The parser balances starts and ends.
        let Some(Open { node, .. }) = self.open.pop() else { return };
        let below = self.stream.nodes.len() as u32;
        let Some(collection) = self.stream.nodes.get_mut(node) else { return };
        collection.refers = below;
        if collection.is_flow() {
            collection.span.end = span.end;
            self.cursor = self.cursor.max(span.end as usize);
        } else {
            // Block collections end with their last token; what follows may be comments.
            collection.span.end = collection.span.start.max(self.cursor as u32);
        }
    }

    fn anchor(&mut self, id: usize, span: Span) -> Result<(), Error> {
        // The parser reports an anchor directly behind its node.
        if let Some(last) = self.stream.nodes.anchor_last(span) {
            self.anchors.insert(id, last);
        }
        if self.pending.is_none() {
            self.cursor = self.cursor.max(span.end as usize);
        }
        self.settle_block()
    }

    /// Adds a node below the innermost open collection.
    fn push(
        &mut self,
        shape: Shape,
        span: Span,
        refers: u32,
        tag: Option<Cow<'s, Tag>>,
        tag_span: Option<granit_parser::Span>,
    ) -> usize {
        let tag_span = tag_span.as_ref().map(to_span);
        if let Some(span) = tag_span
            && self.pending.is_none()
            && !matches!(shape, Shape::Scalar(style) if style.is_block())
        {
            self.cursor = self.cursor.max(span.end as usize);
        }
        let mut record = Record::new(shape, span, refers);
        if let Some(open) = self.open.last_mut() {
            record = record.inside(open.node, open.key_next);
            if let Shape::Mapping { .. } = self.stream.nodes[open.node].shape {
                open.key_next = !open.key_next;
            }
        }
        let index = self.stream.nodes.push(record);
        if let Some(tag) = tag {
            let tag = format!("{}{}", tag.handle(), tag.suffix());
            self.stream.nodes.tag_last(&tag, tag_span);
        }
        index
    }

    /// Finds header and body of the block scalar that was read last.
    fn settle_block(&mut self) -> Result<(), Error> {
        let Some((node, content, column)) = self.pending.take() else { return Ok(()) };
        let text = self.stream.text;
        let properties = self.stream.nodes.properties(NodeId(node as u32));
        let from = [properties.and_then(|p| p.tag_span), properties.and_then(|p| p.anchor_span)]
            .into_iter()
            .flatten()
            .map(|span| span.end as usize)
            .fold(self.cursor, usize::max);
        let block = block::locate(text, from, content, column).ok_or_else(|| Error {
            kind: ErrorKind::NoHeader,
            line: line_of(text, content.start),
        })?;
        let open_ended = block.body.is_some_and(|body| body.end as usize == text.len());
        self.cursor = block.end;
        let Some(record) = self.stream.nodes.get_mut(node) else { return Ok(()) };
        record.span = block.header;
        let refers = record.refers;
        if let Some(made) = self.stream.nodes.made_mut(refers) {
            made.body = block.body;
            made.open_ended = open_ended && made.value.ends_with('\n');
            if made.open_ended {
                // go-yaml adds no line break that is not there.
                let mut value = std::mem::take(&mut made.value).into_string();
                value.pop();
                made.value = value.into_boxed_str();
            }
        }
        Ok(())
    }
}

fn to_span(span: &granit_parser::Span) -> Span {
    // A parser over a `str` always knows byte offsets.
    let range = span.byte_range().unwrap_or_default();
    Span::new(range.start, range.end.max(range.start))
}
