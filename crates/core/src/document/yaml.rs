//! YAML: a stream of documents with one data key and one MAC.

use std::collections::HashSet;

use bulla_yaml::{Edit, Node, NodeId, NodeKind, Scalar, Stream, Style};
use serde_json::{Map, Value as Json};

use super::{Document, Leaf, Part, STAND_IN, Site, Syntax};
use crate::change::{Subtree, Target};
use crate::error::{Error, Place, Refusal};
use crate::layout::{Layout, Writing};
use crate::metadata::{self, Metadata};
use crate::path::PathId;
use crate::value::Value;

mod block;
mod change;
pub(crate) mod decoded;
mod duplicates;
mod edit;
mod files;
mod render;
mod walk;

/// What YAML keeps besides the parts.
#[derive(Clone)]
pub(crate) struct Source<'s> {
    stream: Stream<'s>,
    /// For each document, its `sops` entry: key and value.
    blocks: Vec<Option<(NodeId, NodeId)>>,
    /// What does not stop the file from being opened, but from being sealed.
    complaint: Option<(u32, PathId, Refusal)>,
    /// Keys that are aliases: the node that each stands for, where, and in what.
    alias_keys: Vec<(u32, u32, PathId)>,
    line_break: &'static str,
}

pub(crate) fn parse(text: &str) -> Result<Document<'_>, Error> {
    let stream = Stream::parse(text)?;
    let walked = walk::walk(&stream)?;
    let metadata = read_metadata(&stream, &walked.blocks);
    let line_break = line_break(text);
    let source = Source {
        stream,
        blocks: walked.blocks,
        complaint: walked.complaint,
        alias_keys: walked.alias_keys,
        line_break,
    };
    Ok(Document {
        text,
        parts: walked.parts,
        paths: walked.paths,
        metadata,
        source: super::Source::Yaml(source),
    })
}

/// The line break of a text: that of its first line.
fn line_break(text: &str) -> &'static str {
    match text.find(['\n', '\r']) {
        Some(at) if text[at..].starts_with("\r\n") => "\r\n",
        _ => "\n",
    }
}

/// sops reads the first document's block only; the others are copies.
fn read_metadata(
    stream: &Stream<'_>,
    blocks: &[Option<(NodeId, NodeId)>],
) -> Option<Result<Metadata, Error>> {
    let (key, value) = (*blocks.first()?)?;
    let line = stream.line(key);
    Some(match to_json(stream, value) {
        Some(json) => Metadata::from_json(&json).map_err(|reason| Error::Metadata { line, reason }),
        None => {
            let reason = "it is no mapping, larger than any real one, or has aliases".into();
            Err(Error::Metadata { line, reason })
        }
    })
}

/// How many nodes a `sops` block may have; real ones have some dozens.
const BLOCK_LIMIT: usize = 100_000;

/// A block as JSON; scalars are texts, but for `true`. Not recursive.
fn to_json(stream: &Stream<'_>, root: NodeId) -> Option<Json> {
    enum Open {
        Map(Map<String, Json>, Option<String>),
        List(Vec<Json>),
    }
    let mut open: Vec<(Open, NodeId)> = Vec::new();
    let end = stream.after(root);
    let mut next = root;
    let mut seen = 0;
    loop {
        // Close what ends here.
        while let Some((_, below)) = open.last() {
            if next < *below {
                break;
            }
            let (done, _) = open.pop()?;
            let json = match done {
                Open::Map(map, _) => Json::Object(map),
                Open::List(list) => Json::Array(list),
            };
            match open.last_mut() {
                None => return Some(json),
                Some((Open::Map(map, key), _)) => {
                    map.insert(key.take()?, json);
                }
                Some((Open::List(list), _)) => list.push(json),
            }
        }
        if next >= end {
            return None;
        }
        seen += 1;
        if seen > BLOCK_LIMIT {
            return None;
        }
        let node = stream.node(next);
        match &node.kind {
            NodeKind::Mapping { .. } => {
                open.push((Open::Map(Map::new(), None), stream.after(next)));
            }
            NodeKind::Sequence { .. } => {
                open.push((Open::List(Vec::new()), stream.after(next)));
            }
            NodeKind::Alias { .. } => return None,
            NodeKind::Scalar(scalar) => {
                let json = scalar_json(&node, scalar);
                match open.last_mut()? {
                    (Open::Map(map, key), _) => match key.take() {
                        None => *key = Some(scalar.value.to_string()),
                        Some(key) => {
                            map.insert(key, json);
                        }
                    },
                    (Open::List(list), _) => list.push(json),
                }
            }
        }
        next = stream.nth_after(next);
    }
}

fn scalar_json(node: &Node<'_>, scalar: &Scalar<'_>) -> Json {
    match bulla_yaml::resolve(node.tag(), scalar.style, scalar.value) {
        Ok(bulla_yaml::Resolved::Null) => Json::Null,
        Ok(bulla_yaml::Resolved::Bool(bool)) => Json::Bool(bool),
        Ok(bulla_yaml::Resolved::Int(int)) => Json::from(int),
        _ => Json::from(scalar.value),
    }
}

impl Source<'_> {
    /// The `sops` key's name, for the walk.
    pub(super) const KEY: &'static str = metadata::KEY;

    /// The node of a leaf that has one of its own.
    fn node(&self, leaf: &Leaf<'_>) -> Option<NodeId> {
        self.stream.nth(leaf.site.number()?)
    }
}

impl<'s> Syntax<'s> for Source<'s> {
    fn sections(&self) -> usize {
        self.stream.documents().len()
    }

    fn has_block(&self, section: usize) -> bool {
        self.blocks.get(section).is_some_and(Option::is_some)
    }

    fn is_list(&self, _: &Document<'s>, leaf: &Leaf<'s>) -> bool {
        let node = self.stream.nth(leaf.shown as usize).map(|id| self.stream.node(id));
        node.is_some_and(|node| matches!(node.kind, NodeKind::Sequence { .. }))
    }

    fn check_plain(&self, document: &Document<'s>) -> Result<(), Error> {
        if let Some((key, _)) = self.blocks.iter().flatten().next() {
            return Err(Error::AlreadySealed { line: self.stream.line(*key) });
        }
        if let Some((offset, path, refusal)) = self.complaint {
            return Err(Error::Refused { place: document.place(offset, path), refusal });
        }
        if let Some((key, path)) = duplicates::find(&self.stream) {
            let place = Place { line: self.stream.line(key), path };
            return Err(Error::Refused { place, refusal: Refusal::DuplicateKey });
        }
        let Some(first) = self.stream.documents().first() else {
            return Err(Error::Empty);
        };
        let null = |root: NodeId| self.stream.node(root).span.is_empty();
        if let Some(root) = first.root
            && self.stream.node(root).scalar().is_some()
            && !null(root)
        {
            let place = Place { line: self.stream.line(root), path: String::new() };
            return Err(Error::Refused { place, refusal: Refusal::FirstDocumentNull });
        }
        Ok(())
    }

    fn second_opinion(
        &self,
        document: &Document<'s>,
        short: &str,
        selected: &[bool],
    ) -> Result<(), Error> {
        let mut sealed = vec![false; self.stream.len()];
        for (part, &selected) in document.parts().iter().zip(selected) {
            if let Part::Leaf(Leaf { site, value, .. }) = part
                && let Some(node) = site.number()
            {
                sealed[node] = selected && !value.stays_readable();
            }
        }
        let changes = Tokens { source: self, sealed };
        Ok(bulla_yaml::second_opinion_on(short, &self.stream, &changes)?)
    }

    fn check_selection(&self, document: &Document<'s>, selected: &[bool]) -> Result<(), Error> {
        let leaves = || {
            document.parts().iter().zip(selected).filter_map(|(part, &selected)| match part {
                Part::Leaf(leaf) => Some((leaf, selected && !leaf.value.stays_readable())),
                Part::Comment(_) => None,
            })
        };
        let is_alias = |leaf: &Leaf<'_>| leaf.site != Site::node(leaf.shown as usize);
        if self.alias_keys.is_empty() && !leaves().any(|(leaf, _)| is_alias(leaf)) {
            return Ok(());
        }
        let sealed: HashSet<u32> = leaves()
            .filter(|(leaf, sealed)| *sealed && !is_alias(leaf))
            .map(|(leaf, _)| leaf.shown)
            .collect();
        let refused =
            |at, path, refusal| Err(Error::Refused { place: document.place(at, path), refusal });
        for (leaf, is_sealed) in leaves() {
            if is_alias(leaf) && !is_sealed && sealed.contains(&leaf.shown) {
                return refused(leaf.at, leaf.path, Refusal::AliasOfSealed);
            }
        }
        for &(target, at, path) in &self.alias_keys {
            if sealed.contains(&target) {
                return refused(at, path, Refusal::KeyOfSealed);
            }
        }
        Ok(())
    }

    fn token_quote(&self, leaf: &Leaf<'s>) -> &'static str {
        match self.node(leaf).map(|id| edit::token_quotes(self, id)) {
            Some(Style::SingleQuoted) => "'",
            Some(Style::DoubleQuoted) => "\"",
            _ => "",
        }
    }

    fn seal_leaf<'t>(
        &self,
        document: &Document<'s>,
        leaf: &Leaf<'s>,
        token: &'t str,
        edits: &mut Vec<Edit<'t>>,
    ) -> Result<Option<Writing>, Error> {
        let refused = |refusal| Error::Refused { place: document.place_of(leaf), refusal };
        match self.node(leaf) {
            None => Err(refused(Refusal::AliasOfCollection)),
            Some(id) => edit::seal(self, id, &leaf.value, token, edits).map_err(refused),
        }
    }

    fn open_leaf(
        &self,
        leaf: &Leaf<'s>,
        value: &Value<'_>,
        writing: Option<&Writing>,
        edits: &mut Vec<Edit<'_>>,
    ) {
        if let Some(id) = self.node(leaf) {
            edit::open(self, id, value, writing, edits);
        }
    }

    fn open_list_comment(
        &self,
        leaf: &Leaf<'s>,
        text: &str,
        edits: &mut Vec<Edit<'_>>,
    ) -> Option<()> {
        edits.push(edit::list_comment(self, self.node(leaf)?, text)?);
        Some(())
    }

    fn files(&self) -> Option<Vec<&'s str>> {
        Some(files::split(self))
    }

    fn set(
        &self,
        _: &Document<'s>,
        target: &Target<'_>,
        value: &Subtree,
    ) -> Result<Vec<Edit<'static>>, Error> {
        change::set(self, target, value)
    }

    fn unset(&self, _: &Document<'s>, target: &Target<'_>) -> Result<Vec<Edit<'static>>, Error> {
        change::unset(self, target)
    }

    fn add_metadata(&self, metadata: &Metadata, edits: &mut Vec<Edit<'_>>) {
        block::add(self, &metadata.to_json(), edits);
    }

    fn remove_metadata(&self, layout: Option<&Layout>, edits: &mut Vec<Edit<'_>>) {
        block::remove(self, layout.is_some_and(|layout| layout.no_final_break), edits);
    }

    fn lacks_final_break(&self) -> bool {
        block::lacks_final_break(self)
    }

    fn is_open_ended(&self, leaf: &Leaf<'s>) -> bool {
        let scalar = self.node(leaf).and_then(|id| self.stream.node(id).scalar());
        scalar.is_some_and(|scalar| scalar.open_ended)
    }
}

/// Stand-ins for tokens, and the `sops` block.
struct Tokens<'d, 's> {
    source: &'d Source<'s>,
    sealed: Vec<bool>,
}

impl bulla_yaml::Changes for Tokens<'_, '_> {
    fn stand_in(&self, node: NodeId) -> Option<(&str, bool)> {
        let is_plain = || edit::token_quotes(self.source, node) == bulla_yaml::Style::Plain;
        self.sealed[self.source.stream.position(node)].then(|| (STAND_IN, is_plain()))
    }

    fn added_key(&self) -> &str {
        metadata::KEY
    }
}
