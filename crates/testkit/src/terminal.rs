//! A program in a terminal of its own.

use std::process::Command;

use rexpect::process::{Signal, WaitStatus};
use rexpect::session::{PtySession, spawn_command};

/// How long is waited for what a program should print.
const PATIENCE_MS: u64 = 30_000;

/// A program whose standard streams are a pseudo-terminal, with somebody typing at it.
///
/// It is killed when the value is dropped.
pub struct Terminal {
    line: String,
    session: PtySession,
    seen: String,
}

impl Terminal {
    /// Starts `command` in a fresh terminal, which is its controlling one.
    ///
    /// # Panics
    ///
    /// When there is no terminal to be had, or no such program.
    #[track_caller]
    pub fn start(command: Command) -> Self {
        let line = format!("{command:?}");
        let session = spawn_command(command, Some(PATIENCE_MS))
            .unwrap_or_else(|error| panic!("cannot start {line} in a terminal: {error}"));
        Self { line, session, seen: String::new() }
    }

    /// Waits until `text` is printed.
    #[track_caller]
    pub fn expect(&mut self, text: &str) -> &mut Self {
        match self.session.exp_string(text) {
            Ok(before) => {
                self.seen.push_str(&before);
                self.seen.push_str(text);
            }
            Err(error) => panic!("{} did not print {text:?}: {error}", self.line),
        }
        self
    }

    /// Types a line, and return.
    #[track_caller]
    pub fn type_line(&mut self, text: &str) -> &mut Self {
        let typed = self.session.send_line(text);
        assert!(typed.is_ok(), "cannot type at {}", self.line);
        self
    }

    /// Presses a key together with Ctrl.
    #[track_caller]
    pub fn press_control(&mut self, key: char) -> &mut Self {
        let pressed = self.session.send_control(key).and_then(|()| self.session.flush());
        assert!(pressed.is_ok(), "cannot type at {}", self.line);
        self
    }

    /// Sends the program a signal from outside of the terminal, by its name without `SIG`.
    #[track_caller]
    pub fn signal(&mut self, name: &str) -> &mut Self {
        let signal: Signal = format!("SIG{name}").parse().expect("a signal has this name");
        let sent = self.session.process_mut().signal(signal);
        assert!(sent.is_ok(), "cannot send a signal to {}", self.line);
        self
    }

    /// Waits for the end. Gives the exit code, 128 and the number of the signal when one ended it,
    /// and all that was printed, with the terminal's line ends.
    #[track_caller]
    pub fn ends(mut self) -> (i32, String) {
        match self.session.exp_eof() {
            Ok(rest) => self.seen.push_str(&rest),
            Err(error) => panic!("{} does not end: {error}", self.line),
        }
        let code = match self.session.process().wait() {
            Ok(WaitStatus::Exited(_, code)) => code,
            Ok(WaitStatus::Signaled(_, signal, _)) => 128 + signal as i32,
            other => panic!("{} ended oddly: {other:?}", self.line),
        };
        (code, std::mem::take(&mut self.seen))
    }
}
