//! YAML, as go-yaml's encoder writes what sops gives it.

use super::misfit;
use super::tree::{Item, Node, Tree};
use crate::error::{Error, Misfit};
use scalar::Scalar;

mod scalar;

pub(super) fn write(tree: &Tree, indent: u8) -> Result<String, Error> {
    let indent = match indent {
        0 => 4,
        2..=9 => usize::from(indent),
        _ => 2,
    };
    let mut writer = Writer { out: String::new(), indent, path: Vec::new() };
    for (number, document) in tree.documents.iter().enumerate() {
        if number > 0 {
            writer.out.push_str("---\n");
        }
        match document {
            Node::Map(items) if items.iter().all(|item| item.node().is_none()) => {
                writer.comments(items, 0);
                writer.out.push_str("{}\n");
            }
            document => writer.items(document.items(), 0, 0)?,
        }
    }
    Ok(writer.out)
}

struct Writer<'n> {
    out: String,
    indent: usize,
    path: Vec<&'n str>,
}

impl<'n> Writer<'n> {
    /// The lines of a collection at a column; the first begins at `first`.
    fn items(&mut self, items: &'n [Item], first: usize, column: usize) -> Result<(), Error> {
        let mut seen = std::collections::HashSet::new();
        let mut pad = first;
        for item in items {
            self.pad(pad);
            pad = column;
            match item {
                Item::Comment(text) => self.comment(text, column),
                Item::Entry(key, node) => {
                    self.path.push(key);
                    if !seen.insert(key) {
                        return Err(misfit(&self.path, Misfit::Twice));
                    }
                    self.entry(key, node, column)?;
                    self.path.pop();
                }
                Item::Element(node) => {
                    self.out.push('-');
                    self.node(node, column, column + 2, true)?;
                }
            }
        }
        Ok(())
    }

    fn entry(&mut self, key: &str, node: &'n Node, column: usize) -> Result<(), Error> {
        let written = Scalar::key(key);
        if written.is_simple {
            self.out.push_str(&written.head);
        } else {
            self.out.extend(["? ", &written.head, "\n"]);
            self.pad(column);
        }
        self.out.push(':');
        // The next column that the indentation gives.
        let below = (column + self.indent) / self.indent * self.indent;
        self.node(node, column, below, false)
    }

    /// What follows a `:` or a `-`; `below` is the column of what goes below it.
    fn node(
        &mut self,
        node: &'n Node,
        column: usize,
        below: usize,
        in_list: bool,
    ) -> Result<(), Error> {
        match node {
            Node::Leaf(value) => {
                let written = Scalar::value(value, below, below - column);
                self.out.extend([" ", &written.head, "\n"]);
            }
            Node::Map(items) | Node::List(items)
                if items.iter().all(|item| item.node().is_none()) =>
            {
                let empty = if matches!(node, Node::Map(_)) { " {}\n" } else { " []\n" };
                self.out.push_str(empty);
                self.comments(items, column);
            }
            Node::Map(items) | Node::List(items) => {
                let starts_here =
                    in_list && matches!(items.first(), Some(item) if item.node().is_some());
                self.out.push(if starts_here { ' ' } else { '\n' });
                self.items(items, if starts_here { 0 } else { below }, below)?;
            }
        }
        Ok(())
    }

    fn comments(&mut self, items: &[Item], column: usize) {
        for item in items {
            if let Item::Comment(text) = item {
                self.pad(column);
                self.comment(text, column);
            }
        }
    }

    /// A comment; each line after the first gets a mark if it has none.
    fn comment(&mut self, text: &str, column: usize) {
        // Whatever ends a line in YAML ends it here.
        for (number, line) in text.split(scalar::is_break).enumerate() {
            match number {
                0 => self.out.push('#'),
                _ if line.is_empty() => continue,
                _ => {
                    self.pad(column);
                    self.out.push_str(if line.starts_with('#') { "" } else { "# " });
                }
            }
            self.out.extend([line, "\n"]);
        }
    }

    fn pad(&mut self, columns: usize) {
        self.out.extend(std::iter::repeat_n(' ', columns));
    }
}
