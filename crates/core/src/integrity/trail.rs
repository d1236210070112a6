//! Paths one after the other, each as what it adds to the one before: written out,
//! those of a deep document would take quadratic time.

use super::sink::Sink;
use crate::path::{PathId, Paths, Step};

/// How deep each path leads.
pub(super) fn depths(paths: &Paths<'_>) -> Vec<u32> {
    let mut depths = vec![0; paths.len()];
    for (path, parent, _) in paths.iter() {
        depths[path.index()] = depths[parent.index()] + 1;
    }
    depths
}

/// The collections that the last path leads through.
pub(super) struct Trail<'d, 's> {
    paths: &'d Paths<'s>,
    depths: &'d [u32],
    /// Without the top level itself.
    open: Vec<PathId>,
    /// The steps of the next path, last first.
    climbed: Vec<PathId>,
}

impl<'d, 's> Trail<'d, 's> {
    pub(super) fn new(paths: &'d Paths<'s>, depths: &'d [u32]) -> Self {
        Self { paths, depths, open: Vec::new(), climbed: Vec::new() }
    }

    /// The next path is the first of its document.
    pub(super) fn restart(&mut self) {
        self.open.clear();
    }

    /// Writes how many collections a path shares with the one before, how many steps
    /// follow, and these.
    pub(super) fn write(&mut self, path: PathId, sink: &mut Sink) {
        self.climbed.clear();
        let mut at = path;
        let shared = loop {
            let Some(parent) = self.paths.parent(at) else { break 0 };
            self.climbed.push(at);
            let depth = self.depths[parent.index()] as usize;
            if depth == 0 {
                break 0;
            }
            if self.open.get(depth - 1) == Some(&parent) {
                break depth;
            }
            at = parent;
        };
        self.open.truncate(shared);
        sink.number(shared);
        sink.number(self.climbed.len());
        for &step in self.climbed.iter().rev() {
            match self.paths.last(step) {
                Some(Step::Key(key)) => {
                    sink.letter(b'k');
                    sink.text(key.as_bytes());
                }
                Some(Step::Index(index)) => {
                    sink.letter(b'i');
                    sink.number(*index);
                }
                // Only the top level has no last step, and it was not climbed.
                None => {}
            }
        }
        self.open.extend(self.climbed.iter().skip(1).rev());
    }
}
