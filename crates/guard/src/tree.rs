//! The structure of a text: YAML and JSON, whole or in part, and texts in texts.

use std::ops::Range;

use bulla_core::SEALED_MARK;
use bulla_yaml::{NodeId, NodeKind, Scalar, Stream, Style};

use crate::credential::Writing;
use crate::found::Found;
use crate::judge::{FINDING_LIMIT, Search};
use crate::lines::{self, Kind};
use crate::words::{Topic, Topics};
use crate::{bare, ed25519, encoded, key_files, sealed, secret};

mod blocks;
mod leaves;
mod parts;

pub(crate) use parts::is_too_dense;

/// Shorter texts hold neither a Secret nor a key.
const SHORTEST: usize = 20;

const TOO_DENSE: &str = "it has too many values to be parsed: only keys and tokens that show themselves were looked for";

/// Encoders break their lines behind more characters than this.
const SHORTEST_LINE: usize = 40;

/// What the structure of a text can show anything about.
const STRUCTURED: [Topic; 4] = [Topic::Secret, Topic::Sops, Topic::KeyFile, Topic::Name];

/// Adds what the structure of `text` shows to what was found in its bytes. Gives the
/// parts that it has read to the last value, in order.
pub(crate) fn search(
    text: &str,
    topics: Topics,
    names: &[&str],
    search: &mut Search,
    found: &mut Vec<Found>,
) -> Vec<Range<usize>> {
    let mut seen = Vec::new();
    if found.is_empty() && !topics.any(&STRUCTURED) && !blocks::may_have(text) {
        return seen;
    }
    let kind = search.kind;
    let is_whole = parts::each_part(text, topics, kind, |part| {
        let range = part.range.clone();
        let offset = range.start;
        let (mut inside, outside): (Vec<_>, Vec<_>) = std::mem::take(found)
            .into_iter()
            .partition(|found| found.value.is_none() && range.contains(&found.span.start));
        for found in &mut inside {
            found.span = found.span.start - offset..found.span.end.max(found.span.start) - offset;
        }
        // What has a name where it stands may be one value.
        let part_names: Vec<&str> = part.name.into_iter().chain(names.iter().copied()).collect();
        if part.name.is_some() {
            inside.extend(bare::find_encoded(&text[range.clone()], &part_names));
        }
        if let Some(stream) = part.stream {
            let tree = Tree::new(stream);
            // What programs and pages hold is there to be read.
            let is_part = range != (0..text.len()) || search.is_inside();
            let is_shown = is_part && matches!(kind, Kind::Program | Kind::Prose);
            let writing = if is_shown { Writing::Shown } else { Writing::Data };
            tree.search(search, &part_names, writing, &mut inside);
            seen.extend(tree.read_parts(offset));
        } else if kind == Kind::Program && part.is_text {
            // Settings in a string of a program: they are shown to somebody.
            inside.extend(lines::find(&text[range.clone()], Kind::Prose, |_| true));
        }
        for found in &mut inside {
            found.span = found.span.start + offset..found.span.end + offset;
            if let Some((start, _)) = &mut found.value {
                *start += offset;
            }
        }
        *found = outside;
        found.extend(inside);
    });
    if !is_whole {
        search.pass_over(TOO_DENSE);
    }
    seen.sort_by_key(|range| range.start);
    seen
}

/// How a node is reached from the collection that holds it.
#[derive(Clone, Copy)]
enum Step {
    Root,
    Key(NodeId),
    /// The place in a list, and the item before.
    Index(usize, Option<NodeId>),
}

/// A stream, and where each of its nodes stands.
pub(crate) struct Tree<'t, 's> {
    pub(crate) stream: &'t Stream<'s>,
    steps: Vec<Step>,
}

impl<'t, 's> Tree<'t, 's> {
    fn new(stream: &'t Stream<'s>) -> Self {
        let mut steps = vec![Step::Root; stream.len()];
        let tree = Self { stream, steps: Vec::new() };
        for id in tree.nodes() {
            match stream.node(id).kind {
                NodeKind::Mapping { .. } => {
                    for (key, value) in stream.entries(id) {
                        steps[stream.position(value)] = Step::Key(key);
                    }
                }
                NodeKind::Sequence { .. } => {
                    let mut before = None;
                    for (index, item) in stream.children(id).enumerate() {
                        steps[stream.position(item)] = Step::Index(index, before);
                        before = Some(item);
                    }
                }
                _ => {}
            }
        }
        Self { steps, ..tree }
    }

    /// All nodes, in the order of the text.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = NodeId> + use<'t, 's> {
        let stream = self.stream;
        (0..stream.len()).filter_map(|index| stream.nth(index))
    }

    /// All mappings.
    pub(crate) fn mappings(&self) -> impl Iterator<Item = NodeId> {
        self.nodes().filter(|&id| matches!(self.stream.node(id).kind, NodeKind::Mapping { .. }))
    }

    /// What an alias stands for; any other node itself.
    pub(crate) fn target(&self, id: NodeId) -> NodeId {
        match self.stream.node(id).kind {
            NodeKind::Alias { target } => target,
            _ => id,
        }
    }

    /// The text of a scalar, or of the one that an alias stands for.
    pub(crate) fn text(&self, id: NodeId) -> Option<&'t str> {
        self.stream.node(self.target(id)).scalar().map(|scalar| scalar.value)
    }

    /// The value of an entry, through an alias.
    pub(crate) fn get(&self, mapping: NodeId, key: &str) -> Option<NodeId> {
        self.stream.get(mapping, key).map(|value| self.target(value))
    }

    /// The text of an entry.
    pub(crate) fn get_text(&self, mapping: NodeId, key: &str) -> Option<&'t str> {
        self.get(mapping, key).and_then(|value| self.text(value))
    }

    /// The key of the entry whose value this is.
    pub(crate) fn key(&self, id: NodeId) -> Option<&'t str> {
        match self.steps[self.stream.position(id)] {
            Step::Key(key) => self.text(key),
            _ => None,
        }
    }

    /// The key of the entry whose value this is, or is in, lists passed over.
    pub(crate) fn key_above(&self, id: NodeId) -> Option<&'t str> {
        let mut at = Some(id);
        while let Some(id) = at {
            match self.steps[self.stream.position(id)] {
                Step::Key(key) => return self.text(key),
                Step::Root => return None,
                Step::Index(..) => at = self.stream.parent(id),
            }
        }
        None
    }

    /// The place of an item in its list.
    pub(crate) fn index(&self, id: NodeId) -> Option<usize> {
        match self.steps[self.stream.position(id)] {
            Step::Index(index, _) => Some(index),
            _ => None,
        }
    }

    /// The item before this one in its list.
    pub(crate) fn item_before(&self, id: NodeId) -> Option<NodeId> {
        match self.steps[self.stream.position(id)] {
            Step::Index(_, before) => before,
            _ => None,
        }
    }

    /// `["data"]["key"][0]`
    pub(crate) fn key_path(&self, id: NodeId) -> String {
        let mut steps = Vec::new();
        let mut at = Some(id);
        while let Some(id) = at {
            match self.steps[self.stream.position(id)] {
                Step::Root => {}
                Step::Key(key) => {
                    let key = self.text(key).unwrap_or_default();
                    steps.push(format!("[{}]", bulla_yaml::double_quoted(key)));
                }
                Step::Index(index, _) => steps.push(format!("[{index}]")),
            }
            at = self.stream.parent(id);
        }
        steps.reverse();
        steps.concat()
    }

    /// Where a node begins.
    pub(crate) fn start(&self, id: NodeId) -> usize {
        self.stream.node(id).span.start as usize
    }

    /// Something found at a node.
    pub(crate) fn found_at(&self, id: NodeId, found: Found) -> Found {
        let start = self.start(id);
        let end = self.stream.node(id).text_end() as usize;
        Found { span: start..end.max(start), value: Some((start, self.key_path(id))), ..found }
    }

    fn search(
        &self,
        search: &mut Search,
        names: &[&str],
        writing: Writing,
        found: &mut Vec<Found>,
    ) {
        self.give_places(found);
        self.search_values(search, names, found);
        leaves::find(self, names, writing, found);
        found.extend(key_files::find(self));
        let sealing = sealed::find(self, found);
        secret::find(self, sealing.as_ref(), found);
    }

    /// The parts of the text that are values and keys: all but the comments.
    fn read_parts(&self, offset: usize) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut at = 0;
        for comment in self.stream.comments() {
            let comment = comment.span.range();
            parts.push(offset + at..offset + comment.start);
            at = comment.end;
        }
        parts.push(offset + at..offset + self.stream.text().len());
        parts
    }

    /// Tells what was found in the bytes which value it is in.
    fn give_places(&self, found: &mut [Found]) {
        if found.is_empty() {
            return;
        }
        let values: Vec<_> = self
            .nodes()
            .filter(|&id| self.stream.node(id).scalar().is_some())
            .map(|id| (self.start(id), self.stream.node(id).text_end() as usize, id))
            .collect();
        for found in found.iter_mut().filter(|found| found.value.is_none()) {
            let behind = values.partition_point(|&(start, _, _)| start <= found.span.start);
            let value = behind.checked_sub(1).map(|index| values[index]);
            if let Some((start, end, id)) = value
                && found.span.start < end
            {
                found.value = Some((start, self.key_path(id)));
            }
        }
    }

    /// Searches texts that hold other texts.
    fn search_values(&self, search: &mut Search, names: &[&str], found: &mut Vec<Found>) {
        for id in self.nodes() {
            let node = self.stream.node(id);
            let Some(scalar) = node.scalar() else { continue };
            // A plain root is no structure at all but the whole text once more.
            let is_text_itself = scalar.style == Style::Plain && self.stream.parent(id).is_none();
            let is_sealed = scalar.value.starts_with(SEALED_MARK);
            if scalar.value.len() < SHORTEST || is_text_itself || is_sealed {
                continue;
            }
            if found.len() >= FINDING_LIMIT {
                return;
            }
            let start = self.start(id);
            let inner = if is_folded_base64(scalar.value) {
                self.folded_base64(search, scalar.value)
            } else if self.hides_something(id, &scalar) {
                let own = leaves::names(self, id, names);
                search.inner(scalar.value, &own).unwrap_or_default()
            } else {
                continue;
            };
            if inner.is_empty() {
                continue;
            }
            let path = self.key_path(id);
            for mut inner in inner {
                let known = |known: &Found| {
                    known.rule == inner.rule
                        && known.value.as_ref().is_some_and(|(value, _)| *value == start)
                };
                // Seen in the bytes already.
                if inner.value.is_none() && found.iter().any(known) {
                    continue;
                }
                let path = match &inner.value {
                    Some((_, below)) if !below.is_empty() => format!("{path} > {below}"),
                    _ => path.clone(),
                };
                inner.span = self.outer_span(id, &scalar, &inner.span);
                inner.value = Some((start, path));
                found.push(inner);
            }
        }
    }

    /// Base64 that is broken into lines, as encoders do.
    fn folded_base64(&self, search: &mut Search, value: &str) -> Vec<Found> {
        let Some(bytes) = encoded::decode(value) else { return Vec::new() };
        if ed25519::is_key_pair(&bytes) {
            return vec![ed25519::found(0..value.len())];
        }
        let Ok(text) = String::from_utf8(bytes) else { return Vec::new() };
        let found = search.inner(&text, &[]).unwrap_or_default();
        found.into_iter().map(|inner| encoded::wrapped(inner, &(0..value.len()))).collect()
    }

    /// Whether a value has to be read to see what is in it.
    fn hides_something(&self, id: NodeId, scalar: &Scalar<'_>) -> bool {
        let node = self.stream.node(id);
        let escaped = scalar.style == Style::DoubleQuoted
            && self.stream.text()[node.span.range()].contains('\\');
        let value = scalar.value.trim_start();
        escaped
            || value.contains('\n')
            || value.starts_with(['{', '['])
            || parts::is_promising(value)
    }

    /// Where in the whole text something in a value stands: its lines in a literal
    /// block, else the whole value.
    fn outer_span(&self, id: NodeId, scalar: &Scalar<'_>, inner: &Range<usize>) -> Range<usize> {
        let start = self.start(id);
        let whole = start..(self.stream.node(id).text_end() as usize).max(start);
        let (Style::Literal, Some(body)) = (scalar.style, scalar.body) else { return whole };
        let body = body.range();
        let value = scalar.value.as_bytes();
        let lines_before =
            |at: usize| memchr::memchr_iter(b'\n', &value[..at.min(value.len())]).count();
        // The body begins with the line break of the header's line.
        let text = &self.stream.text().as_bytes()[body.clone()];
        let line = |number: usize| {
            memchr::memchr_iter(b'\n', text).nth(number).map(|at| body.start + at + 1)
        };
        let first = lines_before(inner.start);
        let last = lines_before(inner.end.saturating_sub(1).max(inner.start));
        let Some(begin) = line(first) else { return whole };
        let end = line(last + 1).map_or(body.end, |end| end - 1);
        begin..end.max(begin)
    }
}

fn is_folded_base64(value: &str) -> bool {
    let value = value.trim();
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    value.contains(['\n', ' '])
        && value.bytes().all(|byte| is_base64(byte) || byte.is_ascii_whitespace())
        // Words are base64 too, but not such long ones.
        && value.split_whitespace().next().is_some_and(|line| line.len() >= SHORTEST_LINE)
}
