//! What a plaintext holds, whatever its format.

use std::collections::HashMap;

use super::text;
use crate::document::ini::DEFAULT;
use crate::document::{Document, Format, Part};
use crate::path::{PathId, Step};
use crate::value::Value;

/// The documents of a plaintext.
pub(super) struct Tree {
    pub(super) documents: Vec<Node>,
}

/// A value, a mapping or a list.
pub(super) enum Node {
    Leaf(Value<'static>),
    Map(Vec<Item>),
    List(Vec<Item>),
}

/// What stands in a mapping or a list.
pub(super) enum Item {
    /// What follows the `#`; lines after the first have their marks.
    Comment(String),
    /// An entry of a mapping.
    Entry(String, Node),
    /// An item of a list.
    Element(Node),
}

impl Node {
    /// What stands in it.
    pub(super) fn items(&self) -> &[Item] {
        match self {
            Self::Leaf(_) => &[],
            Self::Map(items) | Self::List(items) => items,
        }
    }

    /// The same, taken out of it.
    pub(super) fn into_items(self) -> Vec<Item> {
        match self {
            Self::Leaf(_) => Vec::new(),
            Self::Map(items) | Self::List(items) => items,
        }
    }
}

impl Item {
    /// What it is besides a comment.
    pub(super) fn node(&self) -> Option<&Node> {
        match self {
            Self::Comment(_) => None,
            Self::Entry(_, node) | Self::Element(node) => Some(node),
        }
    }
}

impl Tree {
    /// The tree of any bytes.
    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        let value = match std::str::from_utf8(bytes) {
            Ok(text) => Value::Str(text.to_owned().into()),
            Err(_) => Value::Bytes(bytes.into()),
        };
        Self { documents: vec![Node::Map(vec![Item::Entry("data".into(), Node::Leaf(value))])] }
    }

    /// Adds the section without a header that every INI file has in sops.
    pub(super) fn add_default(&mut self) {
        if let Some(Node::Map(items)) = self.documents.first_mut()
            && !items.iter().any(|item| matches!(item, Item::Entry(name, _) if name == DEFAULT))
        {
            items.insert(0, Item::Entry(DEFAULT.into(), Node::Map(Vec::new())));
        }
    }

    pub(super) fn of(document: &Document<'_>) -> Self {
        let mut documents = Vec::with_capacity(document.sections());
        let mut parts = document.parts().iter().peekable();
        for section in 0..document.sections().max(1) {
            let mut build = Build::new(document);
            while let Some(part) = parts.next_if(|part| part.section() as usize == section) {
                build.add(part);
            }
            documents.push(build.finish());
        }
        Self { documents }
    }
}

/// A tree while it is built: the collections from the top to where the last part was.
struct Build<'d, 's> {
    document: &'d Document<'s>,
    open: Vec<(PathId, Vec<Item>)>,
    depth: HashMap<PathId, usize>,
}

impl<'d, 's> Build<'d, 's> {
    fn new(document: &'d Document<'s>) -> Self {
        Self {
            document,
            open: vec![(PathId::ROOT, Vec::new())],
            depth: HashMap::from([(PathId::ROOT, 1)]),
        }
    }

    fn add(&mut self, part: &Part<'s>) {
        let paths = self.document.paths();
        match part {
            Part::Comment(comment) => {
                self.enter(comment.path);
                self.push(Item::Comment(comment.text.clone().into_owned()));
            }
            // An empty document has nothing in it.
            Part::Leaf(leaf) if leaf.path == PathId::ROOT => {}
            Part::Leaf(leaf) => {
                self.enter(paths.parent(leaf.path).unwrap_or(PathId::ROOT));
                let node = match &leaf.value {
                    Value::Empty if self.document.is_list(leaf) => Node::List(Vec::new()),
                    Value::Empty => Node::Map(Vec::new()),
                    value => Node::Leaf(value.clone().into_owned()),
                };
                self.push(item(paths.last(leaf.path), node));
            }
        }
    }

    /// Makes `path` the innermost open collection.
    fn enter(&mut self, path: PathId) {
        let paths = self.document.paths();
        let mut missing = Vec::new();
        let mut at = path;
        let depth = loop {
            if let Some(depth) = self.depth.get(&at) {
                break *depth;
            }
            missing.push(at);
            match paths.parent(at) {
                Some(parent) => at = parent,
                None => break 1,
            }
        };
        while self.open.len() > depth {
            self.close();
        }
        for path in missing.into_iter().rev() {
            self.open.push((path, Vec::new()));
            self.depth.insert(path, self.open.len());
        }
    }

    fn close(&mut self) {
        let Some((path, items)) = self.open.pop() else { return };
        self.depth.remove(&path);
        self.push(item(self.document.paths().last(path), collection(items)));
    }

    fn push(&mut self, item: Item) {
        if let Some((_, items)) = self.open.last_mut() {
            items.push(item);
        }
    }

    fn finish(mut self) -> Node {
        while self.open.len() > 1 {
            self.close();
        }
        Node::Map(self.open.pop().map(|(_, items)| items).unwrap_or_default())
    }
}

fn item(step: Option<&Step<'_>>, node: Node) -> Item {
    match step {
        Some(Step::Key(key)) => Item::Entry(key.clone().into_owned(), node),
        _ => Item::Element(node),
    }
}

fn collection(items: Vec<Item>) -> Node {
    match items.iter().any(|item| matches!(item, Item::Element(_))) {
        true => Node::List(items),
        false => Node::Map(items),
    }
}

/// Whether what was read back is what was written, as far as the format tells values
/// apart. Comments do not count.
pub(super) fn same(before: &Node, after: &Node, format: Format) -> bool {
    let mut open = vec![(before, after)];
    while let Some((before, after)) = open.pop() {
        match (before, after) {
            (Node::Leaf(before), Node::Leaf(after)) => {
                if !same_value(before, after, format) {
                    return false;
                }
            }
            (Node::Map(before), Node::Map(after)) | (Node::List(before), Node::List(after)) => {
                let values =
                    |items: &[Item]| items.iter().filter(|item| item.node().is_some()).count();
                if values(before) != values(after) {
                    return false;
                }
                let real = |item: &&Item| item.node().is_some();
                for (before, after) in before.iter().filter(real).zip(after.iter().filter(real)) {
                    let keys = [before, after].map(|item| match item {
                        Item::Entry(key, _) => Some(key),
                        _ => None,
                    });
                    let (Some(before), Some(after)) = (before.node(), after.node()) else {
                        return false;
                    };
                    if keys[0] != keys[1] {
                        return false;
                    }
                    open.push((before, after));
                }
            }
            _ => return false,
        }
    }
    true
}

fn same_value(before: &Value<'_>, after: &Value<'_>, format: Format) -> bool {
    match format {
        Format::Dotenv | Format::Ini => text::of(before).as_deref() == text::of(after).as_deref(),
        // A time is a text in JSON, an integer one of two ways to write a number.
        Format::Json => before.wire_bytes() == after.wire_bytes(),
        _ => before.same_as(after),
    }
}
