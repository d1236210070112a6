//! Where a leaf stands in the tree.

use std::borrow::Cow;
use std::fmt::Write;

/// The index of a path in its [`Paths`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathId(u32);

impl PathId {
    /// The path of the top level itself.
    pub const ROOT: Self = Self(0);

    /// Position in the arena, for tables with one entry a path.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One step from a collection to what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step<'s> {
    /// Into a mapping.
    Key(Cow<'s, str>),
    /// Into a list, from 0.
    Index(usize),
}

#[derive(Clone, Debug)]
struct Entry<'s> {
    parent: PathId,
    step: Step<'s>,
}

/// All paths of a document, sharing their beginnings.
#[derive(Clone, Debug)]
pub struct Paths<'s> {
    // Index 0 is the root; its step is never looked at.
    entries: Vec<Entry<'s>>,
}

impl Default for Paths<'_> {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl<'s> Paths<'s> {
    /// No path but the root, and room for so many.
    pub(crate) fn with_capacity(paths: usize) -> Self {
        let mut entries = Vec::with_capacity(paths + 1);
        entries.push(Entry { parent: PathId::ROOT, step: Step::Index(0) });
        Self { entries }
    }

    /// Gives back the room that was not needed.
    pub(crate) fn shrink(&mut self) {
        self.entries.shrink_to_fit();
    }

    /// Adds the path one step below `parent`.
    pub fn push(&mut self, parent: PathId, step: Step<'s>) -> PathId {
        self.entries.push(Entry { parent, step });
        // Every entry stands for a node of a text of at most 4 GiB.
        PathId(self.entries.len() as u32 - 1)
    }

    /// How many paths there are, the root included.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Never: the root is always there.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All paths but the root, parents before children.
    pub fn iter(&self) -> impl Iterator<Item = (PathId, PathId, &Step<'s>)> {
        let entries = self.entries.iter().enumerate().skip(1);
        entries.map(|(index, entry)| (PathId(index as u32), entry.parent, &entry.step))
    }

    /// The path one step up; `None` for the root.
    pub fn parent(&self, path: PathId) -> Option<PathId> {
        (path != PathId::ROOT).then(|| self.entries[path.index()].parent)
    }

    /// The last step; `None` for the root.
    pub fn last(&self, path: PathId) -> Option<&Step<'s>> {
        (path != PathId::ROOT).then(|| &self.entries[path.index()].step)
    }

    /// The last step when it is a key.
    pub fn last_key(&self, path: PathId) -> Option<&str> {
        match self.last(path)? {
            Step::Key(key) => Some(key),
            Step::Index(_) => None,
        }
    }

    /// The steps from the root.
    pub fn steps(&self, path: PathId) -> Vec<&Step<'s>> {
        let mut steps = Vec::new();
        let mut at = path;
        while let Some(parent) = self.parent(at) {
            steps.push(&self.entries[at.index()].step);
            at = parent;
        }
        steps.reverse();
        steps
    }

    /// The additional data that a value at this path is sealed with: the keys
    /// joined and ended with `:`. List indexes are not part of it.
    pub fn aad(&self, path: PathId) -> String {
        Aads::new(self).of(path).to_owned()
    }

    /// The path as `--extract` takes it: `["data"]["key"][0]`.
    pub fn display(&self, path: PathId) -> String {
        let mut text = String::new();
        for step in self.steps(path) {
            // Writing to a String cannot fail.
            let _ = match step {
                Step::Key(key) => write!(text, "[{}]", serde_json::Value::from(key.as_ref())),
                Step::Index(index) => write!(text, "[{index}]"),
            };
        }
        text
    }
}

/// The additional data of one path after the other: siblings share what is above
/// them, or deep documents would take quadratic time.
pub(crate) struct Aads<'p, 's> {
    paths: &'p Paths<'s>,
    /// The collection whose keys `text` begins with, and how long they are.
    above: Option<(PathId, usize)>,
    text: String,
}

impl<'p, 's> Aads<'p, 's> {
    pub(crate) fn new(paths: &'p Paths<'s>) -> Self {
        Self { paths, above: None, text: String::new() }
    }

    /// As [`Paths::aad`].
    pub(crate) fn of(&mut self, path: PathId) -> &str {
        let Some(parent) = self.paths.parent(path) else { return NO_KEYS };
        let length = match self.above {
            Some((above, length)) if above == parent => length,
            _ => {
                self.text.clear();
                for step in self.paths.steps(parent) {
                    push_key(&mut self.text, step);
                }
                self.text.len()
            }
        };
        self.above = Some((parent, length));
        self.text.truncate(length);
        push_key(&mut self.text, &self.paths.entries[path.index()].step);
        if self.text.is_empty() { NO_KEYS } else { &self.text }
    }
}

/// Joining no key still ends with the colon.
const NO_KEYS: &str = ":";

fn push_key(aad: &mut String, step: &Step<'_>) {
    if let Step::Key(key) = step {
        aad.push_str(key);
        aad.push(':');
    }
}

/// Reads `["data"]["key"][0]`, with double or single quotes.
///
/// Unlike in sops, a key may hold brackets. Inside double quotes JSON's escapes
/// count; inside single quotes nothing does.
pub fn parse_index(text: &str) -> Option<Vec<Step<'static>>> {
    let mut steps = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        rest = rest.strip_prefix('[')?;
        let step;
        (step, rest) = match rest.as_bytes().first()? {
            b'"' => {
                let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<String>();
                let key = stream.next()?.ok()?;
                (Step::Key(key.into()), &rest[stream.byte_offset()..])
            }
            b'\'' => {
                let end = rest[1..].find("']")? + 1;
                (Step::Key(rest[1..end].to_owned().into()), &rest[end + 1..])
            }
            _ => {
                let end = rest.find(']')?;
                (Step::Index(rest[..end].parse().ok()?), &rest[end..])
            }
        };
        steps.push(step);
        rest = rest.strip_prefix(']')?;
    }
    (!steps.is_empty()).then_some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key: &str) -> Step<'static> {
        Step::Key(key.to_owned().into())
    }

    #[test]
    fn list_indexes_are_not_in_the_additional_data() {
        let mut paths = Paths::default();
        let data = paths.push(PathId::ROOT, key("data"));
        let item = paths.push(data, Step::Index(3));
        let leaf = paths.push(item, key("node_key.json"));
        assert_eq!(paths.aad(leaf), "data:node_key.json:");
        assert_eq!(paths.aad(PathId::ROOT), ":");
        assert_eq!(paths.display(leaf), r#"["data"][3]["node_key.json"]"#);
    }

    #[test]
    fn indexes_are_read_as_sops_writes_them_and_with_brackets_in_keys() {
        assert_eq!(parse_index(r#"["a"]['b'][0]"#), Some(vec![key("a"), key("b"), Step::Index(0)]));
        assert_eq!(parse_index(r#"["a[0]"]"#), Some(vec![key("a[0]")]));
        assert_eq!(parse_index(r#"["a\"]"]"#), Some(vec![key("a\"]")]));
        for bad in ["", "a", "[a]", "[\"a\"", "[0", "[\"a\"]x", "['a]"] {
            assert_eq!(parse_index(bad), None, "{bad}");
        }
    }
}
