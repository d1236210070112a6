//! A YAML node as one line of JSON that go-yaml reads as the same value.
//!
//! JSON is YAML, but go-yaml reads it as YAML: characters that JSON lets stand
//! raw and YAML takes for line breaks are escaped, and what no escape can carry
//! through kustomize is refused.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use bulla_core::{METADATA_KEY, SEALED_MARK};
use bulla_yaml::{Node, NodeId, NodeKind, ResolveError, Resolved, Scalar, Stream, Style};

use zeroize::Zeroizing;

use crate::error::ItemError;
use crate::list::{get, target, text};

/// How many nodes a resource may have, aliases and merges written out.
const NODE_LIMIT: usize = 2_000_000;

/// How many bytes its JSON may have.
const SIZE_LIMIT: usize = 256 << 20;

/// How deep it may be nested, aliases written out.
const DEPTH_LIMIT: usize = 1000;

/// Beyond this, YAML's readers do not take a text for a key.
const KEY_LIMIT: usize = 1000;

/// Why a node is not written, and where below the root.
#[derive(Debug)]
pub(crate) struct Unwritten {
    /// The steps from the node that is wrong up to the root.
    steps: Vec<String>,
    /// What is wrong.
    pub(crate) error: ItemError,
}

impl Unwritten {
    /// `["data"]["key"]`
    pub(crate) fn key_path(&self) -> String {
        self.steps.iter().rev().map(String::as_str).collect()
    }

    /// At these keys, from the root on.
    pub(crate) fn at(keys: &[&str], error: ItemError) -> Self {
        let steps = keys.iter().rev().map(|key| step(key)).collect();
        Self { steps, error }
    }

    fn below(mut self, step: String) -> Self {
        self.steps.push(step);
        self
    }
}

impl From<ItemError> for Unwritten {
    fn from(error: ItemError) -> Self {
        Self { steps: Vec::new(), error }
    }
}

/// Writes a resource to the end of `out`.
///
/// # Errors
///
/// When it is sealed, or cannot be carried; `out` then ends in the middle.
pub(crate) fn write(
    stream: &Stream<'_>,
    resource: NodeId,
    out: &mut String,
) -> Result<(), Unwritten> {
    write_with(stream, resource, HashMap::new(), HashSet::new(), out)
}

/// As [`write`], with texts in the place of some nodes, and without the entries of
/// others.
pub(crate) fn write_with(
    stream: &Stream<'_>,
    resource: NodeId,
    replaced: HashMap<NodeId, Zeroizing<String>>,
    dropped: HashSet<NodeId>,
    out: &mut String,
) -> Result<(), Unwritten> {
    let resource = mapping(stream, resource)?;
    if stream.get(resource, METADATA_KEY).is_some() {
        return Err(ItemError::SopsBlock.into());
    }
    let changes = Changes { replaced, dropped, ..Changes::default() };
    Writer::new(stream, changes, out).node(resource)
}

/// A sealed resource as a file of its own, with those of its annotations that are
/// kept.
///
/// # Errors
///
/// When it cannot be carried.
pub(crate) fn write_sealed(
    stream: &Stream<'_>,
    resource: NodeId,
    keep: &dyn Fn(&str) -> bool,
) -> Result<Zeroizing<String>, Unwritten> {
    let resource = mapping(stream, resource)?;
    let dropped = dropped_annotations(stream, resource, keep);
    let mut out = Zeroizing::new(String::new());
    let changes = Changes { sealed: true, dropped, ..Changes::default() };
    Writer::new(stream, changes, &mut out).node(resource)?;
    Ok(out)
}

fn mapping(stream: &Stream<'_>, resource: NodeId) -> Result<NodeId, ItemError> {
    let resource = target(stream, resource);
    match stream.node(resource).kind {
        NodeKind::Mapping { .. } => Ok(resource),
        _ => Err(ItemError::NotAMapping),
    }
}

/// The annotations that are not kept; the mapping of them all, if none is.
fn dropped_annotations(
    stream: &Stream<'_>,
    resource: NodeId,
    keep: &dyn Fn(&str) -> bool,
) -> HashSet<NodeId> {
    let Some(metadata) = get(stream, resource, "metadata") else { return HashSet::new() };
    let Some(annotations) = get(stream, metadata, "annotations") else { return HashSet::new() };
    if !matches!(stream.node(annotations).kind, NodeKind::Mapping { .. }) {
        return HashSet::new();
    }
    let is_kept = |key| text(stream, target(stream, key)).is_none_or(keep);
    let entries: Vec<_> = stream.entries(annotations).collect();
    let dropped = entries.iter().filter(|(key, _)| !is_kept(*key)).map(|&(_, value)| value);
    let dropped: HashSet<_> = dropped.collect();
    match !dropped.is_empty() && dropped.len() == entries.len() {
        true => stream.get(metadata, "annotations").into_iter().collect(),
        false => dropped,
    }
}

/// How what is written differs from what is there.
#[derive(Default)]
struct Changes {
    /// It is sealed, and will be opened: tokens are no fault.
    sealed: bool,
    /// The values whose entries are left out.
    dropped: HashSet<NodeId>,
    /// The texts that take the place of scalars.
    replaced: HashMap<NodeId, Zeroizing<String>>,
}

/// A text in double quotes, as JSON, and as YAML the same text.
///
/// # Errors
///
/// When it holds a sealed value, or what kustomize cannot carry.
pub(crate) fn write_text(text: &str, out: &mut String) -> Result<(), ItemError> {
    match text.contains(SEALED_MARK) {
        true => Err(ItemError::StillSealed),
        false => write_any_text(text, out),
    }
}

fn write_any_text(text: &str, out: &mut String) -> Result<(), ItemError> {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // YAML folds lines here.
            '\0'..='\x1f' | '\u{2028}' | '\u{2029}' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            // Escapes get these through to kustomize, which prints them raw for a
            // parser of its own: that folds the line at U+0085, and fails at the
            // others, whereupon kustomize shows the whole resource.
            '\x7f'..='\u{9f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                return Err(ItemError::ControlCharacter);
            }
            character => out.push(character),
        }
    }
    out.push('"');
    Ok(())
}

/// `["key"]`
fn step(key: &str) -> String {
    let mut step = String::from("[");
    // A key that cannot be written is refused before anything below it.
    let _ = write_any_text(key, &mut step);
    step + "]"
}

struct Writer<'t, 's, 'o> {
    stream: &'t Stream<'s>,
    changes: Changes,
    out: &'o mut String,
    size_limit: usize,
    nodes: usize,
    depth: usize,
}

impl<'t, 's, 'o> Writer<'t, 's, 'o> {
    fn new(stream: &'t Stream<'s>, changes: Changes, out: &'o mut String) -> Self {
        Self { stream, changes, size_limit: out.len() + SIZE_LIMIT, out, nodes: 0, depth: 0 }
    }

    fn text(&mut self, text: &str) -> Result<(), ItemError> {
        match self.changes.sealed {
            true => write_any_text(text, self.out),
            false => write_text(text, self.out),
        }
    }

    fn node(&mut self, id: NodeId) -> Result<(), Unwritten> {
        let id = target(self.stream, id);
        self.nodes += 1;
        self.depth += 1;
        if self.nodes > NODE_LIMIT || self.depth > DEPTH_LIMIT || self.out.len() > self.size_limit {
            return Err(ItemError::TooLarge.into());
        }
        let stream = self.stream;
        let node = stream.node(id);
        match node.kind {
            NodeKind::Scalar(scalar) => self.scalar(id, node, scalar)?,
            NodeKind::Mapping { .. } => self.mapping(id)?,
            // An alias's target is no alias.
            NodeKind::Sequence { .. } | NodeKind::Alias { .. } => self.sequence(id)?,
        }
        self.depth -= 1;
        Ok(())
    }

    fn sequence(&mut self, id: NodeId) -> Result<(), Unwritten> {
        self.out.push('[');
        for (index, item) in self.stream.children(id).enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.node(item).map_err(|error| error.below(format!("[{index}]")))?;
        }
        self.out.push(']');
        Ok(())
    }

    fn mapping(&mut self, id: NodeId) -> Result<(), Unwritten> {
        let mut entries = Vec::new();
        self.entries(id, &mut entries, &mut HashSet::new(), 0)?;
        entries.retain(|(_, value)| !self.changes.dropped.contains(value));
        self.out.push('{');
        for (index, (key, value)) in entries.into_iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.text(key)?;
            self.out.push(':');
            self.node(value).map_err(|error| error.below(step(key)))?;
        }
        self.out.push('}');
        Ok(())
    }

    /// The entries of a mapping, then what it merges and does not have itself.
    fn entries(
        &mut self,
        id: NodeId,
        entries: &mut Vec<(&'t str, NodeId)>,
        seen: &mut HashSet<&'t str>,
        depth: usize,
    ) -> Result<(), Unwritten> {
        if depth > DEPTH_LIMIT {
            return Err(ItemError::TooLarge.into());
        }
        let mut own = HashSet::new();
        let mut merged = Vec::new();
        for (key, value) in self.stream.entries(id) {
            // Merging a large mapping into a small one a thousand times is work too.
            self.nodes += 1;
            if self.nodes > NODE_LIMIT {
                return Err(ItemError::TooLarge.into());
            }
            let key = target(self.stream, key);
            if is_merge(self.stream.node(key)) {
                merged.push(target(self.stream, value));
                continue;
            }
            let name = self.key(key)?;
            if !own.insert(name) {
                return Err(ItemError::DuplicateKey.into());
            }
            if seen.insert(name) {
                entries.push((name, value));
            }
        }
        for value in merged {
            match self.stream.node(value).kind {
                NodeKind::Mapping { .. } => self.entries(value, entries, seen, depth + 1)?,
                NodeKind::Sequence { .. } => {
                    for item in self.stream.children(value) {
                        let item = target(self.stream, item);
                        if !matches!(self.stream.node(item).kind, NodeKind::Mapping { .. }) {
                            return Err(ItemError::Merge.into());
                        }
                        self.entries(item, entries, seen, depth + 1)?;
                    }
                }
                _ => return Err(ItemError::Merge.into()),
            }
        }
        Ok(())
    }

    /// Kubernetes has texts as keys only; numbers and booleans are taken as they
    /// are written, as its own reader does.
    fn key(&self, id: NodeId) -> Result<&'t str, ItemError> {
        let node = self.stream.node(id);
        let scalar = node.scalar().ok_or(ItemError::Key)?;
        let plain = |printed: String| printed == scalar.value;
        let is_key = match resolve(node, scalar)? {
            Resolved::Str(_) => true,
            Resolved::Int(int) => plain(int.to_string()),
            Resolved::Uint(int) => plain(int.to_string()),
            Resolved::Bool(bool) => plain(bool.to_string()),
            _ => false,
        };
        match (is_key, scalar.value.len() <= KEY_LIMIT) {
            (true, true) => Ok(scalar.value),
            (true, false) => Err(ItemError::LongKey),
            (false, _) => Err(ItemError::Key),
        }
    }

    fn scalar(&mut self, id: NodeId, node: Node<'_>, scalar: Scalar<'_>) -> Result<(), ItemError> {
        if let Some(text) = self.changes.replaced.get(&id) {
            return write_text(text, self.out);
        }
        // Writing to a String cannot fail.
        let _ = match resolve(node, scalar)? {
            Resolved::Null => write!(self.out, "null"),
            Resolved::Bool(bool) => write!(self.out, "{bool}"),
            Resolved::Int(int) => write!(self.out, "{int}"),
            Resolved::Uint(int) => write!(self.out, "{int}"),
            // With a point or an exponent, so that it stays a float.
            Resolved::Float(float) if float.is_finite() => write!(self.out, "{float:?}"),
            Resolved::Float(_) => return Err(ItemError::NotFinite),
            // A Secret's text that happens to be a date must not gain a time.
            // As long as it is sealed, its type counts.
            Resolved::Time(_) if self.changes.sealed => write!(self.out, "{}", scalar.value),
            Resolved::Time(_) => return self.text(scalar.value),
            Resolved::Str(text) => return self.text(&text),
            Resolved::Binary(bytes) => {
                let text = std::str::from_utf8(&bytes).map_err(|_| ItemError::NotText)?;
                return self.text(text);
            }
        };
        Ok(())
    }
}

fn resolve<'s>(node: Node<'s>, scalar: Scalar<'s>) -> Result<Resolved<'s>, ItemError> {
    bulla_yaml::resolve(node.tag(), scalar.style, scalar.value).map_err(|error| match error {
        ResolveError::TagMismatch | ResolveError::NotBase64 | ResolveError::ZoneOffset => {
            ItemError::Tag
        }
    })
}

fn is_merge(node: Node<'_>) -> bool {
    let tag = node.tag();
    node.scalar().is_some_and(|scalar| {
        scalar.value == "<<"
            && match tag {
                None => scalar.style == Style::Plain,
                Some(tag) => tag == "tag:yaml.org,2002:merge",
            }
    })
}

#[cfg(test)]
mod tests;
