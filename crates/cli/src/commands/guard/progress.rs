//! How far it is, for whoever waits.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What is done sooner needs no words; and no eye follows more often.
const PAUSE: Duration = Duration::from_millis(200);

/// A line on standard error that is written again and again, when that is a terminal.
pub(super) struct Meter {
    /// When it is written next; none when nobody sees it.
    next: Option<Mutex<Instant>>,
    is_shown: AtomicBool,
}

impl Meter {
    pub(super) fn new() -> Self {
        let next = || Mutex::new(Instant::now() + PAUSE);
        let next = io::stderr().is_terminal().then(next);
        Self { next, is_shown: AtomicBool::new(false) }
    }

    /// So many of so many are done.
    pub(super) fn step(&self, done: usize, all: usize) {
        // Another thread that is writing says the same.
        let Some(Ok(mut next)) = self.next.as_ref().map(Mutex::try_lock) else { return };
        let now = Instant::now();
        if now >= *next {
            *next = now + PAUSE;
            self.is_shown.store(true, Ordering::Relaxed);
            let percent = done * 100 / all.max(1);
            let _ = write!(io::stderr(), "\r{done} of {all} looked at ({percent} %)\x1b[K");
        }
    }
}

impl Drop for Meter {
    /// The line gives way to the report.
    fn drop(&mut self) {
        if self.is_shown.load(Ordering::Relaxed) {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
