//! From nodes to leaves, comments and paths, as sops walks them.

use std::borrow::Cow;

use bulla_yaml::{NodeId, NodeKind, ResolveError, Resolved, Stream, Style};

use super::Source;
use crate::document::{Comment, Leaf, Part, Site, hazard};
use crate::error::{Error, Place, Refusal};
use crate::path::{PathId, Paths, Step};
use crate::value::Value;

/// How many nodes aliases may bring in, all told.
const COPY_LIMIT: usize = 1_000_000;

pub(super) struct Walked<'s> {
    pub(super) parts: Vec<Part<'s>>,
    pub(super) paths: Paths<'s>,
    pub(super) blocks: Vec<Option<(NodeId, NodeId)>>,
    pub(super) complaint: Option<(u32, PathId, Refusal)>,
    /// Keys that are aliases: the node that each stands for, where, and in what.
    pub(super) alias_keys: Vec<(u32, u32, PathId)>,
}

/// Lists the parts of a stream.
///
/// # Errors
///
/// What no sops can walk: see [`Refusal`].
pub(super) fn walk<'s>(stream: &Stream<'s>) -> Result<Walked<'s>, Error> {
    // Each of them is a leaf or a collection, and has a path.
    let values = stream.values();
    let has_comments = !stream.comments().is_empty();
    let mut walk = Walk {
        stream,
        parts: Vec::with_capacity(values),
        paths: Paths::with_capacity(values),
        path_of: vec![None; if has_comments { stream.len() } else { 0 }],
        blocks: Vec::new(),
        complaint: None,
        alias_keys: Vec::new(),
        copies: 0,
    };
    for section in 0..stream.documents().len() {
        walk.document(section)?;
    }
    Ok(walk.finish())
}

struct Walk<'r, 's> {
    stream: &'r Stream<'s>,
    /// The leaves, until the comments are put between them.
    parts: Vec<Part<'s>>,
    paths: Paths<'s>,
    /// The path of each collection that was walked in its own place; empty when no
    /// comment needs to know.
    path_of: Vec<Option<PathId>>,
    blocks: Vec<Option<(NodeId, NodeId)>>,
    complaint: Option<(u32, PathId, Refusal)>,
    alias_keys: Vec<(u32, u32, PathId)>,
    copies: usize,
}

/// A collection that is being walked.
struct Frame {
    collection: NodeId,
    path: PathId,
    next: NodeId,
    below: NodeId,
    index: usize,
    /// The alias that brought this in, if one did.
    alias: Option<NodeId>,
}

impl<'s> Walk<'_, 's> {
    fn document(&mut self, section: usize) -> Result<(), Error> {
        let document = &self.stream.documents()[section];
        self.blocks.push(None);
        if document.version.is_some_and(|version| version != (1, 1)) {
            self.complain(document.start, PathId::ROOT, Refusal::YamlDirective);
        }
        let Some(root) = document.root else { return Ok(()) };
        match self.stream.node(root).kind {
            NodeKind::Mapping { .. } => {}
            NodeKind::Scalar(_) if self.value(root, root, PathId::ROOT)?.0 == Value::Null => {
                return Ok(());
            }
            _ => return Err(self.refused(root, PathId::ROOT, Refusal::NotAMapping)),
        }
        let mut frames = vec![self.open(root, PathId::ROOT, None)];
        while let Some(frame) = frames.last_mut() {
            if frame.next >= frame.below {
                frames.pop();
                continue;
            }
            if let Some(deeper) = self.step(section, frame)? {
                frames.push(deeper);
            }
        }
        Ok(())
    }

    fn open(&mut self, collection: NodeId, path: PathId, alias: Option<NodeId>) -> Frame {
        if alias.is_none() {
            self.is_at(collection, path);
        }
        Frame {
            collection,
            path,
            next: self.stream.nth_after(collection),
            below: self.stream.after(collection),
            index: 0,
            alias,
        }
    }

    /// Walks one entry or item; returns the collection to go into, if it is one.
    fn step(&mut self, section: usize, frame: &mut Frame) -> Result<Option<Frame>, Error> {
        let (value, step) = if self.stream.is_mapping(frame.collection) {
            let key = frame.next;
            let value = self.stream.after(key);
            let name = self.key(key, frame.path)?;
            if frame.path == PathId::ROOT && frame.alias.is_none() && name == Source::KEY {
                if self.blocks[section].is_some() {
                    // Two documents that were joined; one block would stay behind.
                    return Err(self.refused(key, frame.path, Refusal::DuplicateKey));
                }
                self.blocks[section] = Some((key, value));
                frame.next = self.stream.after(value);
                return Ok(None);
            }
            (value, Step::Key(name))
        } else {
            frame.index += 1;
            (frame.next, Step::Index(frame.index - 1))
        };
        frame.next = self.stream.after(value);
        let path = self.paths.push(frame.path, step);
        let (target, alias) = match self.stream.target(value) {
            Some(target) => {
                if target < value && value < self.stream.after(target) {
                    return Err(self.refused(value, path, Refusal::AliasOfItself));
                }
                (target, frame.alias.or(Some(value)))
            }
            None => (value, frame.alias),
        };
        if alias.is_some() {
            self.copies += 1;
            if self.copies > COPY_LIMIT {
                return Err(self.refused(value, path, Refusal::TooManyAliases));
            }
        }
        let site = match frame.alias {
            None => Site::node(self.stream.position(value)),
            Some(_) => Site::COPY,
        };
        let at = self.stream.span(alias.unwrap_or(value)).start;
        let mut leaf = Leaf {
            section: section as u32,
            path,
            value: Value::Empty,
            at,
            hazard: None,
            site,
            shown: self.stream.position(target) as u32,
        };
        match self.stream.style(target) {
            Some(_) => (leaf.value, leaf.hazard) = self.value(target, value, path)?,
            None if self.stream.target(target).is_some() => {
                // An alias's target carries an anchor, which no alias can.
                return Err(self.refused(value, path, Refusal::AliasOfItself));
            }
            _ if self.stream.children(target).next().is_some() => {
                return Ok(Some(self.open(target, path, alias)));
            }
            // Empty, but there may be a comment in it.
            _ if alias.is_none() => self.is_at(target, path),
            _ => {}
        }
        self.parts.push(Part::Leaf(leaf));
        Ok(None)
    }

    /// Notes the path of a collection, for the comments in it.
    fn is_at(&mut self, collection: NodeId, path: PathId) {
        if let Some(known) = self.path_of.get_mut(self.stream.position(collection)) {
            *known = Some(path);
        }
    }

    fn key(&mut self, key: NodeId, path: PathId) -> Result<Cow<'s, str>, Error> {
        let mut shown = key;
        if let Some(target) = self.stream.target(key) {
            let number = self.stream.position(target) as u32;
            self.alias_keys.push((number, self.stream.span(key).start, path));
            shown = target;
        }
        match self.resolve(shown) {
            None => Err(self.refused(key, path, Refusal::KeyIsCollection)),
            Some(Ok(Resolved::Str(text))) => Ok(text),
            Some(_) => Err(self.refused(key, path, Refusal::KeyNotAString)),
        }
    }

    /// What a scalar means; `None` for what is none.
    fn resolve(&self, id: NodeId) -> Option<Result<Resolved<'s>, ResolveError>> {
        let style = self.stream.style(id)?;
        Some(bulla_yaml::resolve(self.stream.tag(id), style, self.stream.value(id)?))
    }

    /// The value of a scalar that stands, as itself or through an alias, at `at`.
    fn value(
        &self,
        shown: NodeId,
        at: NodeId,
        path: PathId,
    ) -> Result<(Value<'s>, Option<Refusal>), Error> {
        let Some(Ok(resolved)) = self.resolve(shown) else {
            return Err(self.refused(at, path, Refusal::Tag));
        };
        // Who writes a tag knows what it makes of the text.
        let hazard = match (&resolved, self.stream.style(shown), self.stream.tag(shown)) {
            (Resolved::Float(float), Some(Style::Plain), None) => {
                self.stream.value(shown).and_then(|text| hazard::of(&text, *float))
            }
            _ => None,
        };
        let value = match resolved {
            Resolved::Null => Value::Null,
            Resolved::Bool(bool) => Value::Bool(bool),
            Resolved::Int(int) => Value::Int(int),
            Resolved::Uint(_) => return Err(self.refused(at, path, Refusal::Integer)),
            Resolved::Float(float) => Value::Float(float),
            Resolved::Time(time) => Value::Time(time.into()),
            Resolved::Str(text) => Value::Str(text),
            Resolved::Binary(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Value::Str(text.into()),
                Err(error) => Value::Bytes(error.into_bytes().into()),
            },
        };
        Ok((value, hazard))
    }

    fn complain(&mut self, at: u32, path: PathId, refusal: Refusal) {
        self.complaint.get_or_insert((at, path, refusal));
    }

    fn refused(&self, node: NodeId, path: PathId, refusal: Refusal) -> Error {
        let place = Place { line: self.stream.line(node), path: self.paths.display(path) };
        Error::Refused { place, refusal }
    }

    /// Puts the comments between the leaves.
    fn finish(self) -> Walked<'s> {
        let Self { stream, parts: leaves, paths, path_of, blocks, complaint, alias_keys, .. } =
            self;
        let parts = if stream.comments().is_empty() {
            leaves
        } else {
            with_comments(stream, leaves, &path_of)
        };
        Walked { parts, paths, blocks, complaint, alias_keys }
    }
}

/// Leaves and comments in document order.
fn with_comments<'s>(
    stream: &Stream<'s>,
    leaves: Vec<Part<'s>>,
    path_of: &[Option<PathId>],
) -> Vec<Part<'s>> {
    let text = stream.text();
    let mut parts = Vec::with_capacity(leaves.len() + stream.comments().len());
    let mut leaves = leaves.into_iter().peekable();
    let mut section = 0;
    let comments = stream.comments().iter().zip(stream.comment_parents());
    for (comment, parent) in comments {
        let Some(path) =
            parent.map_or(Some(PathId::ROOT), |parent| path_of[stream.position(parent)])
        else {
            // Inside a `sops` block.
            continue;
        };
        let start = comment.span.start;
        while section + 1 < stream.documents().len() && stream.documents()[section].end < start {
            section += 1;
        }
        // A comment behind something comes before it: sops looks at the
        // comments of an entry, then at its value.
        let line = start - stream.column_of(start) as u32;
        let sorts_at = if comment.trailing { line } else { start };
        let is_before = |part: &Part<'_>| matches!(part, Part::Leaf(leaf) if leaf.at < sorts_at);
        while let Some(leaf) = leaves.next_if(is_before) {
            parts.push(leaf);
        }
        parts.push(Part::Comment(Comment {
            section: section as u32,
            path,
            text: Cow::Borrowed(&text[comment.span.range()][1..]),
            span: comment.span,
        }));
    }
    parts.extend(leaves);
    parts
}
