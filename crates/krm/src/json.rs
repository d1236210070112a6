//! A YAML node as one line of JSON that go-yaml reads as the same value.
//!
//! JSON is YAML, but go-yaml reads it as YAML: characters that JSON lets stand
//! raw and YAML takes for line breaks are escaped, and what no escape can carry
//! through kustomize is refused.

use std::collections::HashSet;
use std::fmt::Write;

use bulla_core::{METADATA_KEY, SEALED_MARK};
use bulla_yaml::{Node, NodeId, NodeKind, ResolveError, Resolved, Scalar, Stream, Style};

use crate::error::ItemError;
use crate::list::target;

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
    let resource = target(stream, resource);
    if !matches!(stream.node(resource).kind, NodeKind::Mapping { .. }) {
        return Err(ItemError::NotAMapping.into());
    }
    if stream.get(resource, METADATA_KEY).is_some() {
        return Err(ItemError::SopsBlock.into());
    }
    let mut writer = Writer { stream, size_limit: out.len() + SIZE_LIMIT, out, nodes: 0, depth: 0 };
    writer.node(resource)
}

/// A text in double quotes, as JSON, and as YAML the same text.
fn write_text(text: &str, out: &mut String) -> Result<(), ItemError> {
    if text.contains(SEALED_MARK) {
        return Err(ItemError::StillSealed);
    }
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

struct Writer<'t, 's, 'o> {
    stream: &'t Stream<'s>,
    out: &'o mut String,
    size_limit: usize,
    nodes: usize,
    depth: usize,
}

impl<'t> Writer<'t, '_, '_> {
    fn node(&mut self, id: NodeId) -> Result<(), Unwritten> {
        let id = target(self.stream, id);
        self.nodes += 1;
        self.depth += 1;
        if self.nodes > NODE_LIMIT || self.depth > DEPTH_LIMIT || self.out.len() > self.size_limit {
            return Err(ItemError::TooLarge.into());
        }
        let stream = self.stream;
        let node = stream.node(id);
        match &node.kind {
            NodeKind::Scalar(scalar) => self.scalar(node, scalar)?,
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
        self.out.push('{');
        for (index, (key, value)) in entries.into_iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            write_text(key, self.out)?;
            self.out.push(':');
            self.node(value).map_err(|error| {
                let mut step = String::from("[");
                // A key that was just written can be written.
                let _ = write_text(key, &mut step);
                error.below(step + "]")
            })?;
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
            (true, true) => Ok(&scalar.value),
            (true, false) => Err(ItemError::LongKey),
            (false, _) => Err(ItemError::Key),
        }
    }

    fn scalar(&mut self, node: &Node<'_>, scalar: &Scalar<'_>) -> Result<(), ItemError> {
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
            Resolved::Time(_) => return write_text(&scalar.value, self.out),
            Resolved::Str(text) => return write_text(&text, self.out),
            Resolved::Binary(bytes) => {
                let text = std::str::from_utf8(&bytes).map_err(|_| ItemError::NotText)?;
                return write_text(text, self.out);
            }
        };
        Ok(())
    }
}

fn resolve<'s>(node: &Node<'s>, scalar: &Scalar<'s>) -> Result<Resolved<'s>, ItemError> {
    bulla_yaml::resolve(node.tag(), scalar.style, &scalar.value).map_err(|error| match error {
        ResolveError::TagMismatch | ResolveError::NotBase64 | ResolveError::ZoneOffset => {
            ItemError::Tag
        }
    })
}

fn is_merge(node: &Node<'_>) -> bool {
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
