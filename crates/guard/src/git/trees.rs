//! Where in a commit a file is.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use super::objects::{Header, Kind, Objects};
use super::oid::Oid;

/// How many bytes of trees are remembered.
const REMEMBERED: usize = 8 << 20;

/// Larger trees are not searched.
const TREE_LIMIT: u64 = 32 << 20;

/// The trees that were read. Two commits have most of theirs in common.
#[derive(Default)]
pub(super) struct Trees {
    known: HashMap<Oid, Arc<[u8]>>,
    held: usize,
}

/// What a tree has under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry<'t> {
    pub(super) mode: &'t [u8],
    pub(super) name: &'t [u8],
    pub(super) id: Oid,
}

impl Entry<'_> {
    pub(super) fn is_tree(&self) -> bool {
        self.mode == b"40000"
    }

    /// Files, and links, which are blobs as well; submodules are not.
    pub(super) fn is_blob(&self) -> bool {
        matches!(self.mode, [b'1', b'0' | b'2', ..])
    }
}

impl Trees {
    /// The blob at a path below a tree, if there is one.
    pub(super) fn find(
        &mut self,
        objects: &mut Objects,
        tree: Oid,
        path: &str,
    ) -> io::Result<Option<Oid>> {
        let mut here = tree;
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            let tree = self.tree(objects, here)?;
            let entry = entries(&tree, here.size()).find(|entry| entry.name == part.as_bytes());
            match entry {
                Some(entry) if parts.peek().is_none() => {
                    return Ok(entry.is_blob().then_some(entry.id));
                }
                Some(entry) if entry.is_tree() => here = entry.id,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// A tree as git keeps it; empty when it is not there.
    pub(super) fn tree(&mut self, objects: &mut Objects, id: Oid) -> io::Result<Arc<[u8]>> {
        if let Some(tree) = self.known.get(&id) {
            return Ok(tree.clone());
        }
        let tree: Arc<[u8]> = match objects.ask(&id.to_string())? {
            Some(header @ Header { kind: Kind::Tree, size: 0..=TREE_LIMIT, .. }) => {
                objects.bytes(header)?.into()
            }
            Some(header) => objects.skip(header).map(|()| Arc::from([]))?,
            None => Arc::from([]),
        };
        if self.held + tree.len() > REMEMBERED {
            self.known.clear();
            self.held = 0;
        }
        self.held += tree.len();
        self.known.insert(id, tree.clone());
        Ok(tree)
    }
}

/// What is in a tree: `MODE NAME`, a zero byte, the name of the object in `size` bytes.
pub(super) fn entries(mut tree: &[u8], size: usize) -> impl Iterator<Item = Entry<'_>> {
    std::iter::from_fn(move || {
        let space = memchr::memchr(b' ', tree)?;
        let end = memchr::memchr(0, tree)?;
        let id = Oid::of_bytes(tree.get(end + 1..end + 1 + size)?)?;
        let entry = Entry { mode: &tree[..space], name: tree.get(space + 1..end)?, id };
        tree = &tree[end + 1 + size..];
        Some(entry)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_that_is_cut_off_ends_there() {
        let id = [7; 20];
        let tree = [&b"100644 a b\0"[..], &id, b"40000 c\0", &id, b"160000 d\0"].concat();
        let names: Vec<_> = entries(&tree, 20).map(|entry| entry.name.to_vec()).collect();
        assert_eq!(names, [b"a b".to_vec(), b"c".to_vec()]);
        let kinds: Vec<_> = entries(&tree, 20).map(|e| (e.is_blob(), e.is_tree())).collect();
        assert_eq!(kinds, [(true, false), (false, true)]);
        assert_eq!(entries(b"\0 ", 20).count() + entries(b"40000 a", 20).count(), 0);
    }
}
