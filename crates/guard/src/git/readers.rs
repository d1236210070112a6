//! Judging many blobs, several at a time.

use std::num::NonZero;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;

use bulla_core::Pool;

use super::reader::Reader;
use crate::budget::Budget;
use crate::error::GuardError;

/// For fewer files than this a thread of its own costs more than it saves.
const WORTH_A_THREAD: usize = 16;

/// Readers for as many threads as there are.
pub(super) struct Readers<'r> {
    repo: &'r Path,
    budget: &'r Budget,
    idle: Mutex<Vec<Reader<'r>>>,
}

impl<'r> Readers<'r> {
    pub(super) fn new(repo: &'r Path, budget: &'r Budget) -> Self {
        Self { repo, budget, idle: Mutex::default() }
    }

    /// Starts a first git, so that it is ready when it is asked.
    pub(super) fn start(&self) -> Result<(), GuardError> {
        let reader = Reader::new(self.repo, self.budget);
        reader.start()?;
        self.give_back(reader);
        Ok(())
    }

    /// Does `work` on every item; the results are in the order of the items.
    pub(super) fn map<I: Sync, T: Send>(
        &self,
        items: &[I],
        work: impl Fn(&Reader<'_>, &I) -> T + Sync,
    ) -> Vec<T> {
        workers(items.len()).map(items, |item| self.with(|reader| work(reader, item)))
    }

    /// Lends a reader.
    pub(super) fn with<T>(&self, work: impl FnOnce(&Reader<'_>) -> T) -> T {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = idle.unwrap_or_else(|| Reader::new(self.repo, self.budget));
        let result = work(&reader);
        self.give_back(reader);
        result
    }

    fn give_back(&self, reader: Reader<'r>) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
    }
}

/// Threads for as many files: no more than the machine has cores for.
pub(crate) fn workers(items: usize) -> Pool {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let worth = items / WORTH_A_THREAD + 1;
    Pool::new(NonZero::new(cores.min(worth)).unwrap_or(NonZero::<usize>::MIN))
}
