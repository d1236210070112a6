//! Doing the same work on many things, several at a time.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// How many things are done at a time.
///
/// Opening a file is mostly waiting for whoever holds its key, so this is about
/// answers that are waited for, and has nothing to do with processors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    jobs: NonZero<usize>,
}

impl Default for Pool {
    /// 32 at a time: what a KMS takes from one caller without slowing him down.
    fn default() -> Self {
        const { Self { jobs: NonZero::new(32).unwrap() } }
    }
}

impl Pool {
    /// At most `jobs` at a time; 1 means one after the other.
    pub fn new(jobs: NonZero<usize>) -> Self {
        Self { jobs }
    }

    /// Does `work` on every item; the results are in the order of the items.
    ///
    /// The calling thread works too: for a single item no thread is started.
    pub fn map<I: Sync, T: Send>(&self, items: &[I], work: impl Fn(&I) -> T + Sync) -> Vec<T> {
        let threads = self.jobs.get().min(items.len());
        if threads < 2 {
            return items.iter().map(work).collect();
        }
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::with_capacity(items.len()));
        let worker = || {
            while let Some((index, item)) = {
                let index = next.fetch_add(1, Ordering::Relaxed);
                items.get(index).map(|item| (index, item))
            } {
                let result = work(item);
                done.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
            }
        };
        thread::scope(|scope| {
            for _ in 1..threads {
                // Where the system has no more threads, those that there are do it.
                if thread::Builder::new().spawn_scoped(scope, worker).is_err() {
                    break;
                }
            }
            worker();
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_unstable_by_key(|&(index, _)| index);
        done.into_iter().map(|(_, result)| result).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    fn pool(jobs: usize) -> Pool {
        Pool::new(NonZero::new(jobs).unwrap())
    }

    #[test]
    fn the_results_are_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..1000).collect();
        for jobs in [1, 2, 7, 32, 5000] {
            let doubled = pool(jobs).map(&items, |item| 2 * item);
            assert!(doubled.iter().enumerate().all(|(index, &item)| item == 2 * index));
        }
        assert!(Pool::default().map(&[0; 0], |item| *item).is_empty());
    }

    #[test]
    fn as_many_are_done_at_a_time_as_there_are_jobs_and_no_more() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        // Nobody passes before three have come.
        let together = Barrier::new(3);
        pool(3).map(&[(); 30], |()| {
            most.fetch_max(1 + now.fetch_add(1, Ordering::SeqCst), Ordering::SeqCst);
            together.wait();
            now.fetch_sub(1, Ordering::SeqCst);
        });
        assert_eq!(most.into_inner(), 3);
    }

    #[test]
    fn one_item_stays_on_the_calling_thread() {
        let here = thread::current().id();
        let there = Pool::default().map(&[()], |()| thread::current().id());
        assert_eq!(there, [here]);
        let there = pool(1).map(&[(); 9], |()| thread::current().id());
        assert_eq!(there, [here; 9]);
    }
}
