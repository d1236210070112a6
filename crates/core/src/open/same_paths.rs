//! Paths of two documents beside each other.

use crate::path::{PathId, Paths, Step};

/// Compares paths of two documents; what is above siblings is compared once.
pub(super) struct SamePaths<'p, 's, 't> {
    ours: &'p Paths<'s>,
    theirs: &'p Paths<'t>,
    above: Option<(PathId, PathId)>,
}

impl<'p, 's, 't> SamePaths<'p, 's, 't> {
    pub(super) fn new(ours: &'p Paths<'s>, theirs: &'p Paths<'t>) -> Self {
        Self { ours, theirs, above: None }
    }

    /// Whether two paths have the same keys. List indexes may differ: items that
    /// were sealed comments are gone.
    pub(super) fn are(&mut self, our: PathId, their: PathId) -> bool {
        let above = self.ours.parent(our).zip(self.theirs.parent(their));
        let (mut at, known) = ((our, their), self.above);
        loop {
            match (self.ours.last(at.0), self.theirs.last(at.1)) {
                (Some(Step::Index(_)), Some(Step::Index(_))) => {}
                (Some(Step::Key(our)), Some(Step::Key(their))) if our == their => {}
                (None, None) => break,
                _ => return false,
            }
            match self.ours.parent(at.0).zip(self.theirs.parent(at.1)) {
                parents if parents.is_some() && parents == known => break,
                Some(parents) => at = parents,
                None => return false,
            }
        }
        self.above = above;
        true
    }
}
