//! The parsed stream: a tree kept as one flat list.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::error::{Error, ErrorKind};
use crate::record::{Nodes, Record, Shape};
use crate::span::{Span, line_of};

/// The index of a node in its stream, in document order: a collection comes
/// before its children, a key before its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes. An absent value (`key:`) is plain with an empty span.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

impl Style {
    /// Whether the value stands on the lines below its header.
    pub fn is_block(self) -> bool {
        matches!(self, Self::Literal | Self::Folded)
    }
}

/// A value that is not a collection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Scalar<'n> {
    /// The text, escapes and folding undone.
    ///
    /// A block scalar that the end of the input cuts off before its last line
    /// break has no final `\n`, as in go-yaml: see [`Scalar::open_ended`].
    pub value: &'n str,
    /// How it is written.
    pub style: Style,
    /// Block scalars: from the line break behind the header up to the end of the
    /// last content line, without its line break. `None` when no line is content.
    pub body: Option<Span>,
    /// The input ends inside this block scalar, without a line break. When
    /// anything is written behind it, its value gains a `\n`.
    pub open_ended: bool,
}

impl fmt::Debug for Scalar<'_> {
    /// Without the value, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scalar").field("style", &self.style).finish_non_exhaustive()
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind<'n> {
    /// A plain, quoted or block scalar.
    Scalar(Scalar<'n>),
    /// Keys and values, alternating.
    Mapping {
        /// Written with braces.
        flow: bool,
    },
    /// Items.
    Sequence {
        /// Written with brackets.
        flow: bool,
    },
    /// `*name`
    Alias {
        /// The node that carries the anchor; it stands earlier in the stream.
        target: NodeId,
    },
}

/// Tag and anchor, which few nodes have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties {
    /// The tag in its long form, `tag:yaml.org,2002:str` or `!local`.
    pub tag: Option<Arc<str>>,
    /// The bytes of the tag as written.
    pub tag_span: Option<Span>,
    /// The bytes of the anchor, with its `&`.
    pub anchor_span: Option<Span>,
}

/// A node and the bytes it was written with, as the stream shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node<'n> {
    /// What it is.
    pub kind: NodeKind<'n>,
    /// Scalars: the text with its quotes, or the header of a block scalar (`|2-`).
    /// Flow collections: brace to brace. Block collections: from the first child
    /// to the end of the last. Tag and anchor stand before it.
    pub span: Span,
    /// Whether it is the key of a mapping's entry.
    pub is_key: bool,
    properties: Option<&'n Properties>,
}

impl<'n> Node<'n> {
    /// The scalar, when it is one.
    pub fn scalar(&self) -> Option<Scalar<'n>> {
        match self.kind {
            NodeKind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Whether it is a collection written with brackets or braces.
    pub fn is_flow(&self) -> bool {
        matches!(self.kind, NodeKind::Mapping { flow: true } | NodeKind::Sequence { flow: true })
    }

    /// Tag and anchor, when there are any.
    pub fn properties(&self) -> Option<&'n Properties> {
        self.properties
    }

    /// The tag in its long form.
    pub fn tag(&self) -> Option<&'n str> {
        self.properties?.tag.as_deref()
    }

    /// The last byte that belongs to the node, block bodies included.
    pub fn text_end(&self) -> u32 {
        match self.kind {
            NodeKind::Scalar(Scalar { body: Some(body), .. }) => body.end,
            _ => self.span.end,
        }
    }
}

/// A comment, from its `#` to the end of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The bytes, `#` included, line break not.
    pub span: Span,
    /// Whether something stands before it on its line.
    pub trailing: bool,
}

/// One document of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The root node. `None` when the document holds nothing at all.
    pub root: Option<NodeId>,
    /// The first node, in document order, that is not this document's any more.
    pub(crate) below: u32,
    /// Where more content can be written: before the next `---` or `...`, or at
    /// the end of the text.
    pub end: u32,
    /// Behind the `---` line's marker, or where the document begins.
    pub start: u32,
    /// The `%YAML` version, when one is declared.
    pub version: Option<(u32, u32)>,
}

/// A text and its nodes.
#[derive(Clone)]
pub struct Stream<'s> {
    pub(crate) text: &'s str,
    pub(crate) nodes: Nodes,
    pub(crate) documents: Vec<Document>,
    pub(crate) comments: Vec<Comment>,
}

impl fmt::Debug for Stream<'_> {
    /// Without the text, which may have secrets in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("nodes", &self.len()).finish_non_exhaustive()
    }
}

impl<'s> Stream<'s> {
    /// Reads a text; linear in its length, never recursive.
    ///
    /// Aliases are not expanded and duplicate keys are not looked for.
    ///
    /// # Errors
    ///
    /// When the text is not YAML 1.2, nests more than 1,000 levels or is longer
    /// than 4 GiB.
    pub fn parse(text: &'s str) -> Result<Self, Error> {
        crate::read::read(text)
    }

    /// As [`Stream::parse`], for bytes that may not be UTF-8.
    ///
    /// # Errors
    ///
    /// As there, and when the bytes are not UTF-8.
    pub fn parse_bytes(bytes: &'s [u8]) -> Result<Self, Error> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let good = &bytes[..error.valid_up_to()];
            let line = memchr::memchr_iter(b'\n', good).count() + 1;
            Error { kind: ErrorKind::NotUtf8, line }
        })?;
        Self::parse(text)
    }

    /// The text that was parsed.
    pub fn text(&self) -> &'s str {
        self.text
    }

    /// The documents, in order. A text without content has none.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The comments, in order.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> Node<'_> {
        let record = self.record(id);
        let properties = self.nodes.properties(id);
        let kind = match record.shape {
            Shape::Scalar(style) => {
                let made = self.nodes.made(record);
                NodeKind::Scalar(Scalar {
                    value: made.map_or_else(|| self.bare(record), |made| &made.value),
                    style,
                    body: made.and_then(|made| made.body),
                    open_ended: made.is_some_and(|made| made.open_ended),
                })
            }
            Shape::Mapping { flow } => NodeKind::Mapping { flow },
            Shape::Sequence { flow } => NodeKind::Sequence { flow },
            Shape::Alias => NodeKind::Alias { target: NodeId(record.refers) },
        };
        Node { kind, span: record.span, is_key: record.is_key, properties }
    }

    /// Whether a node is a mapping.
    pub fn is_mapping(&self, id: NodeId) -> bool {
        matches!(self.record(id).shape, Shape::Mapping { .. })
    }

    /// How a scalar is written; `None` for what is no scalar.
    pub fn style(&self, id: NodeId) -> Option<Style> {
        match self.record(id).shape {
            Shape::Scalar(style) => Some(style),
            _ => None,
        }
    }

    /// The node that an alias stands for; `None` for what is no alias.
    pub fn target(&self, id: NodeId) -> Option<NodeId> {
        let record = self.record(id);
        (record.shape == Shape::Alias).then_some(NodeId(record.refers))
    }

    /// As [`Node::tag`].
    pub fn tag(&self, id: NodeId) -> Option<&str> {
        self.nodes.properties(id)?.tag.as_deref()
    }

    /// The bytes of a node, as [`Node::span`].
    pub fn span(&self, id: NodeId) -> Span {
        self.record(id).span
    }

    /// The value of a scalar, as [`Scalar::value`], borrowed from the text where it
    /// stands there as it is. `None` for what is no scalar.
    pub fn value(&self, id: NodeId) -> Option<Cow<'s, str>> {
        let record = self.record(id);
        matches!(record.shape, Shape::Scalar(_)).then(|| match self.nodes.made(record) {
            Some(made) => Cow::Owned(made.value.to_string()),
            None => Cow::Borrowed(self.bare(record)),
        })
    }

    pub(crate) fn record(&self, id: NodeId) -> &Record {
        &self.nodes[id.index()]
    }

    /// The text of a scalar between its quotes.
    fn bare(&self, record: &Record) -> &'s str {
        // Never `None`: the reader has compared it with the value.
        self.text.get(record.inner().range()).unwrap_or_default()
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node at all.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// How many nodes are no keys.
    pub fn values(&self) -> usize {
        self.nodes.values()
    }

    /// The line, from 1, on which a node begins.
    pub fn line(&self, id: NodeId) -> usize {
        line_of(self.text, self.span(id).start)
    }

    /// The collection that holds a node.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.record(id).parent()
    }

    /// Whether a node is a collection written with brackets or braces.
    pub fn is_flow(&self, id: NodeId) -> bool {
        self.record(id).is_flow()
    }

    /// The first node, in document order, that is not below this one.
    fn below(&self, id: NodeId) -> u32 {
        self.record(id).below(id)
    }

    /// The nodes below a collection that have no other collection in between: the
    /// items, or keys and values alternating.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let end = self.below(id);
        let mut next = id.0 + 1;
        std::iter::from_fn(move || {
            if next >= end {
                return None;
            }
            let child = NodeId(next);
            next = self.below(child);
            Some(child)
        })
    }

    /// The entries of a mapping, key and value.
    pub fn entries(&self, id: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> {
        let mut children = self.children(id);
        std::iter::from_fn(move || Some((children.next()?, children.next()?)))
    }

    /// The first node behind everything below `id`.
    pub fn after(&self, id: NodeId) -> NodeId {
        NodeId(self.below(id))
    }

    /// The next node in document order: the first child of a collection that has
    /// one. Compare it with [`Stream::after`] to stay inside of a collection.
    pub fn nth_after(&self, id: NodeId) -> NodeId {
        NodeId(id.0 + 1)
    }

    /// The position of a node in document order.
    pub fn position(&self, id: NodeId) -> usize {
        id.index()
    }

    /// The node at a position in document order.
    pub fn nth(&self, index: usize) -> Option<NodeId> {
        (index < self.nodes.len()).then_some(NodeId(index as u32))
    }

    /// The value of the entry with this plain text as its key, in a mapping.
    pub fn get(&self, mapping: NodeId, key: &str) -> Option<NodeId> {
        self.entries(mapping)
            .find(|&(name, _)| self.node(name).scalar().is_some_and(|scalar| scalar.value == key))
            .map(|(_, value)| value)
    }

    /// The column, from 0, in which the entries of a block collection stand: that
    /// of the keys, or that of the dashes.
    pub fn column(&self, id: NodeId) -> usize {
        let record = self.record(id);
        let mut start = record.span.start;
        if record.shape == (Shape::Mapping { flow: false })
            && let Some(key) = self.children(id).next()
        {
            start = start.min(self.first_byte(key));
        }
        if record.shape == (Shape::Sequence { flow: false }) {
            let bytes = &self.text.as_bytes()[start as usize..];
            let dash = bytes.first() == Some(&b'-')
                && bytes.get(1).is_none_or(|byte| b" \t\r\n".contains(byte));
            let first = self.children(id).next().map(|child| self.first_byte(child));
            if !(dash && first != Some(start)) {
                // The dashes stand in the column of the mapping's own keys.
                return record.parent().map_or(0, |parent| self.column(parent));
            }
        }
        self.column_of(start)
    }

    /// The column, from 0 and in bytes, of an offset.
    pub fn column_of(&self, offset: u32) -> usize {
        let before = &self.text.as_bytes()[..offset as usize];
        let line = memchr::memrchr2(b'\n', b'\r', before).map_or(0, |at| at + 1);
        let bom = line == 0 && before.starts_with("\u{feff}".as_bytes());
        offset as usize - line - if bom { '\u{feff}'.len_utf8() } else { 0 }
    }

    /// The first byte of a node with its tag and anchor.
    pub fn first_byte(&self, id: NodeId) -> u32 {
        let properties = self.nodes.properties(id);
        [properties.and_then(|p| p.tag_span), properties.and_then(|p| p.anchor_span)]
            .into_iter()
            .flatten()
            .map(|span| span.start)
            .fold(self.span(id).start, u32::min)
    }
}
