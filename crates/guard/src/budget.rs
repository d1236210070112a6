//! How much is held in memory at once, whatever the number of threads.

use std::sync::{Condvar, Mutex, PoisonError};

/// How many bytes of files are judged at the same time. What they are parsed into takes
/// several times as much.
const BYTES: u64 = 4 << 20;

/// Bytes that may still be held.
pub(crate) struct Budget {
    left: Mutex<u64>,
    more: Condvar,
}

impl Budget {
    pub(crate) fn new() -> Self {
        Self { left: Mutex::new(BYTES), more: Condvar::new() }
    }

    /// Waits until a file of this size can be held. What is larger than all there is
    /// waits until it is alone.
    pub(crate) fn take(&self, size: u64) -> Share<'_> {
        let size = size.min(BYTES);
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left =
            self.more.wait_while(left, |left| *left < size).unwrap_or_else(PoisonError::into_inner);
        *left -= size;
        Share { budget: self, size }
    }
}

/// Taken out of a budget, until it is dropped.
pub(crate) struct Share<'b> {
    budget: &'b Budget,
    size: u64,
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        *self.budget.left.lock().unwrap_or_else(PoisonError::into_inner) += self.size;
        self.budget.more.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn no_more_is_held_than_there_is_and_everybody_has_a_turn() {
        let budget = Budget::new();
        let (held, most) = (AtomicU64::new(0), AtomicU64::new(0));
        thread::scope(|scope| {
            for size in [1, BYTES / 2, BYTES / 2 + 1, BYTES, 1 << 40].repeat(4) {
                let (budget, held, most) = (&budget, &held, &most);
                scope.spawn(move || {
                    let share = budget.take(size);
                    let now = held.fetch_add(share.size, Ordering::SeqCst) + share.size;
                    most.fetch_max(now, Ordering::SeqCst);
                    thread::yield_now();
                    held.fetch_sub(share.size, Ordering::SeqCst);
                });
            }
        });
        assert_eq!((held.into_inner(), most.into_inner() <= BYTES), (0, true));
        assert_eq!(*budget.left.lock().unwrap(), BYTES);
    }
}
