//! The leaves of a document in the order of their keys.

use std::cmp::Ordering;

use crate::path::{PathId, Paths, Step};

/// Sorts the leaves of one document after the other.
pub(super) struct Order<'d, 's> {
    paths: &'d Paths<'s>,
    /// For each path, the number of the leaf there, from 1.
    leaf_at: Vec<u32>,
    seen: Vec<bool>,
    /// The paths that lead to leaves, siblings side by side.
    nodes: Vec<PathId>,
}

impl<'d, 's> Order<'d, 's> {
    pub(super) fn new(paths: &'d Paths<'s>) -> Self {
        let (leaf_at, seen) = (vec![0; paths.len()], vec![false; paths.len()]);
        Self { paths, leaf_at, seen, nodes: Vec::new() }
    }

    /// Visits leaves, given with a number each: keys by their bytes, items by their
    /// index, and what has the same key in the order of the document.
    pub(super) fn visit(&mut self, leaves: &[(PathId, u32)], mut visit: impl FnMut(PathId, u32)) {
        self.nodes.clear();
        for &(path, number) in leaves {
            self.leaf_at[path.index()] = number + 1;
            let mut at = path;
            while !self.seen[at.index()]
                && let Some(parent) = self.paths.parent(at)
            {
                self.seen[at.index()] = true;
                self.nodes.push(at);
                at = parent;
            }
        }
        let paths = self.paths;
        let parent = |path: PathId| paths.parent(path).unwrap_or(PathId::ROOT);
        self.nodes.sort_unstable_by(|&one, &other| {
            let siblings = || steps(paths.last(one), paths.last(other));
            parent(one).cmp(&parent(other)).then_with(siblings).then(one.cmp(&other))
        });
        // Where the siblings go on that are being visited, from the top.
        let mut open = vec![0];
        while let Some(next) = open.pop() {
            let Some(&path) = self.nodes.get(next) else { continue };
            if self.nodes.get(next + 1).is_some_and(|&sibling| parent(sibling) == parent(path)) {
                open.push(next + 1);
            }
            match self.leaf_at[path.index()] {
                0 => open.push(self.nodes.partition_point(|&node| parent(node) < path)),
                number => visit(path, number - 1),
            }
        }
    }
}

/// Siblings are all keys or all items.
fn steps(one: Option<&Step<'_>>, other: Option<&Step<'_>>) -> Ordering {
    match (one, other) {
        (Some(Step::Key(one)), Some(Step::Key(other))) => one.as_bytes().cmp(other.as_bytes()),
        (Some(Step::Index(one)), Some(Step::Index(other))) => one.cmp(other),
        _ => Ordering::Equal,
    }
}
