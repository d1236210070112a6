//! What is around a file: the others of its tree, and what it was before.

use crate::governing::Memo;

/// The files around one that is judged. Judging asks for few: the siblings of a sealed
/// file, what a kustomization names, the rules above.
pub trait Around {
    /// The content of a file of the same tree, by its path from the root; `None` when
    /// there is none, or it is of no size to be read.
    fn read(&self, path: &str) -> Option<Vec<u8>>;

    /// What a file was before the change; `None` when it is new, or nothing is known
    /// of a change.
    fn before(&self, path: &str) -> Option<Vec<u8>>;

    /// Whether this is about a change, of which `before` knows the other side. Then
    /// what the change itself allows is told from what was allowed before it.
    fn is_change(&self) -> bool {
        false
    }

    /// Where rules are kept that were read, when many files of one tree are judged.
    fn memo(&self) -> Option<&Memo> {
        None
    }
}

/// Larger files are not read to judge another one.
pub(crate) const AROUND_LIMIT: u64 = 1 << 20;

/// Nothing: a file by itself.
#[derive(Clone, Copy, Debug)]
pub struct Alone;

impl Around for Alone {
    fn read(&self, _: &str) -> Option<Vec<u8>> {
        None
    }

    fn before(&self, _: &str) -> Option<Vec<u8>> {
        None
    }
}
