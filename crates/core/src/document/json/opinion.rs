//! What another parser reads in the same text.
//!
//! A sealed file that sops reads otherwise than bulla cannot be opened, or opens to
//! something else. So a parser that shares nothing with ours is asked before
//! anything is written.

use json_event_parser::{JsonEvent, SliceJsonParser};

use crate::document::{Document, Leaf, STAND_IN};
use crate::metadata;
use crate::path::{PathId, Step};
use crate::value::Value;

/// What the other parser is asked about.
pub(super) struct Question<'q, 's> {
    /// Our reading.
    pub(super) document: &'q Document<'s>,
    /// The document's text with [`STAND_IN`] for every sealed leaf and a `sops`
    /// entry at its end.
    pub(super) short: &'q str,
    /// Whether a leaf is sealed.
    pub(super) is_sealed: &'q dyn Fn(&Leaf<'s>) -> bool,
    /// The text of a leaf as it was written.
    pub(super) written: &'q dyn Fn(&Leaf<'s>) -> &'s str,
}

impl<'q, 's> Question<'q, 's> {
    /// Reads the text once more.
    ///
    /// # Errors
    ///
    /// With the leaf up to which it is read the same.
    pub(super) fn ask(&'q self) -> Result<(), Option<&'q Leaf<'s>>> {
        let mut walk = Walk {
            question: self,
            paths: Box::new(self.document.paths().iter()),
            leaves: Box::new(self.document.leaves()),
            last: None,
            open: Vec::new(),
        };
        walk.text(self.short).ok_or(walk.last)
    }
}

/// An object or list that both are in.
struct Open {
    path: PathId,
    /// The entry or item that is being read.
    at: PathId,
    count: usize,
    is_list: bool,
}

/// The walk over our paths and leaves that keeps step with the other's events.
struct Walk<'q, 's> {
    question: &'q Question<'q, 's>,
    /// Paths are numbered in document order, by both.
    paths: Box<dyn Iterator<Item = (PathId, PathId, &'q Step<'s>)> + 'q>,
    leaves: Box<dyn Iterator<Item = &'q Leaf<'s>> + 'q>,
    last: Option<&'q Leaf<'s>>,
    open: Vec<Open>,
}

impl Walk<'_, '_> {
    fn text(&mut self, text: &str) -> Option<()> {
        let mut parser = SliceJsonParser::new(text.as_bytes());
        // Inside of the `sops` entry: how deep.
        let mut added: Option<usize> = None;
        loop {
            let event = parser.parse_next().ok()?;
            match (&mut added, &event) {
                (_, JsonEvent::Eof) => break,
                (Some(depth), _) => {
                    match event {
                        JsonEvent::StartObject | JsonEvent::StartArray => *depth += 1,
                        JsonEvent::EndObject | JsonEvent::EndArray => *depth -= 1,
                        _ => {}
                    }
                    added = added.filter(|&depth| depth > 0);
                }
                (None, JsonEvent::ObjectKey(key))
                    if self.open.len() == 1 && key == metadata::KEY =>
                {
                    added = Some(0);
                }
                (None, _) => self.event(&event)?,
            }
        }
        let is_all = self.open.is_empty() && self.paths.next().is_none();
        (is_all && self.leaves.next().is_none() && added.is_none()).then_some(())
    }

    fn event(&mut self, event: &JsonEvent<'_>) -> Option<()> {
        match event {
            JsonEvent::ObjectKey(key) => {
                let object = self.open.last_mut().filter(|open| !open.is_list)?;
                let (path, above, step) = self.paths.next()?;
                let Step::Key(ours) = step else { return None };
                object.count += 1;
                object.at = path;
                (above == object.path && ours == key).then_some(())
            }
            JsonEvent::StartObject | JsonEvent::StartArray => {
                let path = self.place()?;
                let is_list = *event == JsonEvent::StartArray;
                self.open.push(Open { path, at: path, count: 0, is_list });
                Some(())
            }
            JsonEvent::EndObject | JsonEvent::EndArray => {
                let closed = self.open.pop()?;
                let is_root = self.open.is_empty();
                if closed.count > 0 || is_root { Some(()) } else { self.leaf(closed.path, event) }
            }
            _ => {
                let path = self.place()?;
                self.leaf(path, event)
            }
        }
    }

    /// The path of the value that begins here.
    fn place(&mut self) -> Option<PathId> {
        let Some(open) = self.open.last_mut() else { return Some(PathId::ROOT) };
        if open.is_list {
            let (path, above, step) = self.paths.next()?;
            if above != open.path || *step != Step::Index(open.count) {
                return None;
            }
            open.count += 1;
            open.at = path;
        }
        Some(open.at)
    }

    fn leaf(&mut self, path: PathId, event: &JsonEvent<'_>) -> Option<()> {
        let leaf = self.leaves.next().filter(|leaf| leaf.path == path)?;
        self.last = Some(leaf);
        let same = match (event, &leaf.value) {
            (JsonEvent::String(text), _) if (self.question.is_sealed)(leaf) => text == STAND_IN,
            _ if (self.question.is_sealed)(leaf) => false,
            (JsonEvent::String(text), Value::Str(ours)) => text == ours,
            (JsonEvent::Number(text), Value::Int(_) | Value::Float(_)) => {
                text == (self.question.written)(leaf)
            }
            (JsonEvent::Boolean(bool), Value::Bool(ours)) => bool == ours,
            (JsonEvent::EndArray, Value::Empty) => (self.question.written)(leaf).starts_with('['),
            (JsonEvent::EndObject, Value::Empty) => (self.question.written)(leaf).starts_with('{'),
            (JsonEvent::Null, Value::Null) => true,
            _ => false,
        };
        same.then_some(())
    }
}
