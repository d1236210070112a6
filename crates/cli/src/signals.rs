//! Signals, while another program works for us.
//!
//! A signal that would end us is passed on to that program, which decides. When
//! there is nobody to decide, the plaintext is removed before we go.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, getpgrp, kill_process, waitid};
use signal_hook::consts::signal::{
    SIGALRM, SIGHUP, SIGINT, SIGPROF, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU,
};
use signal_hook::iterator::{Handle, Signals};
use signal_hook::low_level::emulate_default_handler;

use crate::failure::{Failure, Result, reason};
use crate::scratch;

/// What ends a process that does not look, and can be caught.
const ENDING: [i32; 10] =
    [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU];

/// How long an editor may take to put the terminal in order.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who the other program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Worker {
    /// Interrupting it is part of using it; any other signal ends both of us.
    Editor,
    /// It answers signals as it likes, and we end when it does.
    Command,
}

/// Looks after signals until it is dropped.
#[derive(Debug)]
pub(crate) struct Watch {
    shared: Arc<Shared>,
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    worker: Worker,
    plaintext: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The other program, while it runs; its number is its own until it is waited
    /// for.
    child: Option<Pid>,
    /// A signal has come that ends us.
    ending: bool,
}

impl Watch {
    /// Begins to look. `plaintext` is the folder to remove when a signal ends us.
    pub(crate) fn new(worker: Worker, plaintext: Option<PathBuf>) -> Result<Self> {
        let mut signals = Signals::new(ENDING).map_err(|error| {
            Failure::other(format!("signals cannot be caught: {}", reason(&error)))
        })?;
        let handle = signals.handle();
        let shared = Arc::new(Shared { worker, plaintext, state: Mutex::default() });
        let theirs = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            for signal in signals.forever() {
                theirs.arrived(signal);
            }
        });
        Ok(Self { shared, handle, thread: Some(thread) })
    }

    /// Runs a program to its end.
    pub(crate) fn run(&self, command: &mut Command) -> io::Result<ExitStatus> {
        let mut state = self.shared.state();
        let mut child = command.spawn()?;
        let pid = Pid::from_child(&child);
        state.child = Some(pid);
        drop(state);
        // It stays a zombie, so that no signal goes to another program by its number.
        let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(pid), ended) {}
        let mut state = self.shared.state();
        state.child = None;
        let ending = state.ending;
        drop(state);
        let status = child.wait();
        if ending {
            // The other thread ends the process.
            loop {
                thread::park();
            }
        }
        status
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            // It can only have panicked, which has been said.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn arrived(&self, signal: i32) {
        let mut state = self.state();
        let Some(child) = state.child else {
            state.ending = true;
            return self.end(signal);
        };
        let is_from_keyboard = matches!(signal, SIGINT | SIGQUIT);
        match self.worker {
            Worker::Editor if is_from_keyboard => {}
            Worker::Command if is_from_keyboard && terminal_is_ours() => {}
            Worker::Command => pass_on(child, signal),
            Worker::Editor => {
                state.ending = true;
                pass_on(child, signal);
                drop(state);
                let asked = Instant::now();
                while self.state().child.is_some() && asked.elapsed() < PATIENCE {
                    thread::sleep(Duration::from_millis(10));
                }
                self.end(signal);
            }
        }
    }

    /// Goes the way that the signal goes when nobody looks.
    fn end(&self, signal: i32) {
        if let Some(plaintext) = &self.plaintext {
            scratch::remove(plaintext);
        }
        // It fails for signals that do not exist.
        let _ = emulate_default_handler(signal);
    }
}

fn pass_on(child: Pid, signal: i32) {
    if let Some(signal) = Signal::from_named_raw(signal) {
        // It may have ended, and be a zombie.
        let _ = kill_process(child, signal);
    }
}

/// Whether what is typed at the terminal goes to us and to the other program alike:
/// passing it on would make two of one.
fn terminal_is_ours() -> bool {
    File::open("/dev/tty").is_ok_and(|terminal| is_ours(&terminal))
}

/// Whether we are in the foreground of a terminal.
pub(crate) fn is_ours(terminal: &File) -> bool {
    rustix::termios::tcgetpgrp(terminal).is_ok_and(|group| group == getpgrp())
}

/// The exit code of a program, as a shell gives it: that of the signal, and 128,
/// when one ended it.
pub(crate) fn exit_code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;

    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    // Both are of eight bits.
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}
