//! What a stream keeps of its nodes.
//!
//! A text may have a node for every two bytes, so most of a node is worked out when it
//! is asked for: twenty bytes are kept, and what few nodes have stands elsewhere.

use std::collections::HashSet;
use std::ops::Index;
use std::sync::Arc;

use crate::span::Span;
use crate::stream::{NodeId, Properties, Style};

/// The nodes of a stream, in document order.
#[derive(Clone, Default)]
pub(crate) struct Nodes {
    records: Vec<Record>,
    made: Vec<Made>,
    /// In the order of their nodes.
    properties: Vec<(NodeId, Properties)>,
    /// The tags of all properties, each kept once.
    tags: HashSet<Arc<str>>,
}

/// A node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    pub(crate) span: Span,
    /// Of a collection, where the nodes below it end; of an alias, its target; of a
    /// scalar whose value does not stand in the text, which of the made values it has,
    /// from 1.
    pub(crate) refers: u32,
    /// That of the root is no node.
    parent: u32,
    pub(crate) shape: Shape,
    pub(crate) is_key: bool,
    has_properties: bool,
}

/// What a node is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Scalar(Style),
    Mapping { flow: bool },
    Sequence { flow: bool },
    Alias,
}

/// A scalar that is not its text between two quotes, or none.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) value: Box<str>,
    /// As in [`Scalar`](crate::Scalar).
    pub(crate) body: Option<Span>,
    pub(crate) open_ended: bool,
}

const NO_PARENT: u32 = u32::MAX;

impl Record {
    pub(crate) fn new(shape: Shape, span: Span, refers: u32) -> Self {
        let parent = NO_PARENT;
        Self { span, refers, parent, shape, is_key: false, has_properties: false }
    }

    pub(crate) fn inside(mut self, parent: usize, is_key: bool) -> Self {
        // There are fewer nodes than bytes, which are at most 4 GiB.
        self.parent = parent as u32;
        self.is_key = is_key;
        self
    }

    pub(crate) fn parent(&self) -> Option<NodeId> {
        (self.parent != NO_PARENT).then_some(NodeId(self.parent))
    }

    pub(crate) fn is_flow(&self) -> bool {
        matches!(self.shape, Shape::Mapping { flow: true } | Shape::Sequence { flow: true })
    }

    /// Where the nodes below this one end in document order.
    pub(crate) fn below(&self, id: NodeId) -> u32 {
        match self.shape {
            Shape::Mapping { .. } | Shape::Sequence { .. } => self.refers,
            Shape::Scalar(_) | Shape::Alias => id.0 + 1,
        }
    }

    /// The bytes of a scalar between its quotes.
    pub(crate) fn inner(&self) -> Span {
        match self.shape {
            Shape::Scalar(Style::SingleQuoted | Style::DoubleQuoted) if self.span.len() >= 2 => {
                Span { start: self.span.start + 1, end: self.span.end - 1 }
            }
            _ => self.span,
        }
    }
}

impl Nodes {
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// How many of them are no keys.
    pub(crate) fn values(&self) -> usize {
        self.records.iter().filter(|record| !record.is_key).count()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Record> {
        self.records.get(index)
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut Record> {
        self.records.get_mut(index)
    }

    /// Adds a node; gives its index.
    pub(crate) fn push(&mut self, record: Record) -> usize {
        self.records.push(record);
        self.records.len() - 1
    }

    /// Keeps a value that does not stand in the text; gives what its node refers to.
    pub(crate) fn make(&mut self, made: Made) -> u32 {
        self.made.push(made);
        // There are no more of them than nodes.
        self.made.len() as u32
    }

    pub(crate) fn made(&self, record: &Record) -> Option<&Made> {
        self.made.get((record.refers as usize).checked_sub(1)?)
    }

    pub(crate) fn made_mut(&mut self, refers: u32) -> Option<&mut Made> {
        self.made.get_mut((refers as usize).checked_sub(1)?)
    }

    /// Tag and anchor of a node.
    pub(crate) fn properties(&self, id: NodeId) -> Option<&Properties> {
        if !self.records[id.index()].has_properties {
            return None;
        }
        let at = self.properties.binary_search_by_key(&id, |(node, _)| *node).ok()?;
        Some(&self.properties[at].1)
    }

    /// All tags and anchors, in document order.
    pub(crate) fn all_properties(&self) -> impl Iterator<Item = &Properties> {
        self.properties.iter().map(|(_, properties)| properties)
    }

    /// Gives the node that was pushed last a tag.
    pub(crate) fn tag_last(&mut self, tag: &str, span: Option<Span>) {
        let tag = match self.tags.get(tag) {
            Some(tag) => tag.clone(),
            None => {
                let tag: Arc<str> = tag.into();
                self.tags.insert(tag.clone());
                tag
            }
        };
        if let Some(properties) = self.properties_of_last() {
            properties.tag = Some(tag);
            properties.tag_span = span;
        }
    }

    /// Gives the node that was pushed last an anchor; gives the node.
    pub(crate) fn anchor_last(&mut self, span: Span) -> Option<NodeId> {
        self.properties_of_last()?.anchor_span = Some(span);
        self.properties.last().map(|(node, _)| *node)
    }

    fn properties_of_last(&mut self) -> Option<&mut Properties> {
        let last = NodeId((self.records.len() as u32).checked_sub(1)?);
        let record = self.records.last_mut()?;
        if !record.has_properties {
            record.has_properties = true;
            self.properties.push((last, Properties::default()));
        }
        self.properties.last_mut().map(|(_, properties)| properties)
    }

    /// Gives back the room that was not needed.
    pub(crate) fn shrink(&mut self) {
        self.records.shrink_to_fit();
        self.made.shrink_to_fit();
        self.properties.shrink_to_fit();
    }
}

impl Index<usize> for Nodes {
    type Output = Record;

    fn index(&self, index: usize) -> &Record {
        &self.records[index]
    }
}
