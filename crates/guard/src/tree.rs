//! The structure of a text: YAML and JSON, whole or in part, and texts in texts.

use bulla_yaml::{NodeId, NodeKind, Scalar, Stream, Style};

use crate::judge::{FINDING_LIMIT, Found, Search};
use crate::{ed25519, encoded, key_file, sealed, secret};

mod parts;

/// Shorter texts hold neither a Secret nor a key.
const SHORTEST: usize = 20;

/// Encoders break their lines behind more characters than this.
const SHORTEST_LINE: usize = 40;

/// Adds what the structure of `text` shows to what was found in its bytes.
pub(crate) fn search(text: &str, search: &mut Search, found: &mut Vec<Found>) {
    parts::each_stream(text, |stream, offset| {
        let tree = Tree::new(stream);
        let (mut inside, outside): (Vec<_>, Vec<_>) = std::mem::take(found)
            .into_iter()
            .partition(|found| (offset..offset + stream.text().len()).contains(&found.at));
        for found in &mut inside {
            found.at -= offset;
        }
        tree.search(search, &mut inside);
        for found in &mut inside {
            found.at += offset;
            if let Some((start, _)) = &mut found.value {
                *start += offset;
            }
        }
        *found = outside;
        found.extend(inside);
    });
}

/// How a node is reached from the collection that holds it.
#[derive(Clone, Copy)]
enum Step {
    Root,
    Key(NodeId),
    Index(usize),
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
                    for (index, item) in stream.children(id).enumerate() {
                        steps[stream.position(item)] = Step::Index(index);
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

    /// What an alias stands for; any other node itself.
    pub(crate) fn target(&self, id: NodeId) -> NodeId {
        match self.stream.node(id).kind {
            NodeKind::Alias { target } => target,
            _ => id,
        }
    }

    /// The text of a scalar, or of the one that an alias stands for.
    pub(crate) fn text(&self, id: NodeId) -> Option<&'t str> {
        self.stream.node(self.target(id)).scalar().map(|scalar| &*scalar.value)
    }

    /// The value of an entry, through an alias.
    pub(crate) fn get(&self, mapping: NodeId, key: &str) -> Option<NodeId> {
        self.stream.get(mapping, key).map(|value| self.target(value))
    }

    /// The key of the entry whose value this is.
    pub(crate) fn key(&self, id: NodeId) -> Option<&'t str> {
        match self.steps[self.stream.position(id)] {
            Step::Key(key) => self.text(key),
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
                Step::Index(index) => steps.push(format!("[{index}]")),
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
        Found { at: start, value: Some((start, self.key_path(id))), ..found }
    }

    fn search(&self, search: &mut Search, found: &mut Vec<Found>) {
        self.give_places(found);
        self.search_values(search, found);
        found.extend(key_file::find(self));
        let sealing = sealed::find(self, found);
        secret::find(self, sealing.as_ref(), found);
    }

    /// Tells what was found in the bytes which value it is in.
    fn give_places(&self, found: &mut [Found]) {
        let values: Vec<_> = self
            .nodes()
            .filter(|&id| self.stream.node(id).scalar().is_some())
            .map(|id| (self.start(id), self.stream.node(id).text_end() as usize, id))
            .collect();
        for found in found.iter_mut().filter(|found| found.value.is_none()) {
            let behind = values.partition_point(|&(start, _, _)| start <= found.at);
            let value = behind.checked_sub(1).map(|index| values[index]);
            if let Some((start, end, id)) = value
                && found.at < end
            {
                found.value = Some((start, self.key_path(id)));
            }
        }
    }

    /// Searches texts that hold other texts.
    fn search_values(&self, search: &mut Search, found: &mut Vec<Found>) {
        for id in self.nodes() {
            let node = self.stream.node(id);
            let Some(scalar) = node.scalar() else { continue };
            // A plain root is no structure at all but the whole text once more.
            let is_text_itself = scalar.style == Style::Plain && self.stream.parent(id).is_none();
            if scalar.value.len() < SHORTEST || is_text_itself {
                continue;
            }
            if found.len() >= FINDING_LIMIT {
                return;
            }
            let start = self.start(id);
            let inner = if is_folded_base64(&scalar.value) {
                self.folded_base64(search, &scalar.value)
            } else if self.hides_something(id, scalar) {
                search.inner(&scalar.value).unwrap_or_default()
            } else {
                continue;
            };
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
                inner.at = self.outer_offset(id, scalar, inner.at);
                inner.value = Some((start, path));
                found.push(inner);
            }
        }
    }

    /// Base64 that is broken into lines, as encoders do.
    fn folded_base64(&self, search: &mut Search, value: &str) -> Vec<Found> {
        let Some(bytes) = encoded::decode(value) else { return Vec::new() };
        if ed25519::is_key_pair(&bytes) {
            return vec![ed25519::found(0)];
        }
        let Ok(text) = String::from_utf8(bytes) else { return Vec::new() };
        let found = search.inner(&text).unwrap_or_default();
        found.into_iter().map(|inner| encoded::wrapped(inner, 0)).collect()
    }

    /// Whether a value has to be read to see what is in it.
    fn hides_something(&self, id: NodeId, scalar: &Scalar<'_>) -> bool {
        let node = self.stream.node(id);
        let escaped = scalar.style == Style::DoubleQuoted
            && self.stream.text()[node.span.range()].contains('\\');
        escaped || parts::is_promising(&scalar.value)
    }

    /// Where in the whole text something in a value stands: its line in a literal
    /// block, else where the value begins.
    fn outer_offset(&self, id: NodeId, scalar: &Scalar<'_>, at: usize) -> usize {
        let start = self.start(id);
        let (Style::Literal, Some(body)) = (scalar.style, scalar.body) else { return start };
        let line = memchr::memchr_iter(b'\n', &scalar.value.as_bytes()[..at]).count();
        let body = body.range();
        // The body begins with the line break of the header's line.
        let mut lines = memchr::memchr_iter(b'\n', &self.stream.text().as_bytes()[body.clone()]);
        lines.nth(line).map_or(start, |at| body.start + at + 1)
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
