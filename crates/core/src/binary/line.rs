//! Pieces of a plaintext on their way past those that hash them.
//!
//! Two hashes over a large file take longer than the cipher, and none can be made in
//! parts. So each has a thread of its own, which gets the pieces in their order, and
//! hands them on. Pieces come back to be filled again: there are never more than
//! [`DEPTH`] of them, each wiped at the end.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use zeroize::Zeroizing;

/// A part of the plaintext.
pub(super) type Piece = Zeroizing<Vec<u8>>;

/// Looks at every piece, in order.
pub(super) type Watcher<'w> = Mutex<&'w mut (dyn FnMut(&[u8]) + Send)>;

/// How many pieces are on their way at most: enough that nobody waits for another who is
/// interrupted.
const DEPTH: usize = 16;

/// The way of the pieces.
pub(super) struct Line<'l, 'w> {
    /// Those without a thread.
    here: Vec<&'l Watcher<'w>>,
    next: Sender<Piece>,
    back: Receiver<Piece>,
    /// How many more pieces may be made.
    spare: usize,
}

/// Does `work`, while watchers look at the pieces that it passes; on threads of their
/// own, if it is `long` enough for that. At the end they have seen all.
pub(super) fn watched<T>(
    watchers: &[Watcher<'_>],
    long: bool,
    work: impl FnOnce(&mut Line<'_, '_>) -> T,
) -> T {
    thread::scope(|scope| {
        let (mut next, back) = channel();
        let mut here = Vec::new();
        for watcher in watchers {
            let (front, pieces) = channel::<Piece>();
            let behind = next.clone();
            let watching = move || {
                let mut watch = watcher.lock().unwrap_or_else(PoisonError::into_inner);
                for piece in pieces {
                    watch(&piece);
                    // Nobody waits for pieces when there was an error.
                    let _ = behind.send(piece);
                }
            };
            // Where the system has no more threads, this one does it.
            match long.then(|| thread::Builder::new().spawn_scoped(scope, watching)) {
                Some(Ok(_)) => next = front,
                Some(Err(_)) | None => here.push(watcher),
            }
        }
        // Threads end when this is dropped, and the scope waits for them.
        work(&mut Line { here, next, back, spare: DEPTH })
    })
}

impl Line<'_, '_> {
    /// A piece to be filled; what is in it is of no interest.
    pub(super) fn room(&mut self) -> Piece {
        if self.spare > 0 {
            self.spare -= 1;
            return Piece::default();
        }
        // There is no other end only if a watcher has panicked, which the scope tells.
        self.back.recv().unwrap_or_default()
    }

    /// Sends a piece on its way.
    pub(super) fn pass(&mut self, piece: Piece) {
        for watcher in &self.here {
            watcher.lock().unwrap_or_else(PoisonError::into_inner)(&piece);
        }
        let _ = self.next.send(piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_watcher_sees_every_piece_in_order() {
        for long in [false, true] {
            let (mut first, mut second) = (Vec::new(), 0);
            let mut note = |piece: &[u8]| first.extend_from_slice(piece);
            let mut count = |piece: &[u8]| second += piece.len();
            let watchers: [Watcher<'_>; 2] = [Mutex::new(&mut note), Mutex::new(&mut count)];
            let rooms = watched(&watchers, long, |line| {
                let mut fresh = 0;
                for number in 0..1000_u32 {
                    let mut piece = line.room();
                    fresh += usize::from(piece.is_empty());
                    piece.clear();
                    piece.extend(number.to_be_bytes());
                    line.pass(piece);
                }
                fresh
            });
            assert_eq!(rooms, DEPTH);
            let expected: Vec<u8> = (0..1000_u32).flat_map(u32::to_be_bytes).collect();
            assert_eq!((first, second), (expected, 4000));
        }
    }

    #[test]
    fn work_that_stops_early_stops_all() {
        let mut seen = 0;
        let mut count = |_: &[u8]| seen += 1;
        let stopped = watched(&[Mutex::new(&mut count)], true, |line| {
            let piece = line.room();
            line.pass(piece);
            Err::<(), _>("read error")
        });
        assert_eq!((stopped, seen), (Err("read error"), 1));
    }
}
