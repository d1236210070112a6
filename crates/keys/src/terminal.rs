//! Asking people, on their terminal: never on standard input, which may be the file.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::{Mutex, PoisonError};

use bulla_core::KeyError;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::program::printable;

const TERMINAL: &str = "/dev/tty";

/// No terminal takes longer lines.
const LONGEST_LINE: usize = 4096;

/// Files are opened by several threads, and nobody answers two questions at once.
static ASKING: Mutex<()> = Mutex::new(());

/// Asks for the passphrase of `what`, without showing the answer.
///
/// # Errors
///
/// When there is no terminal, or no answer.
pub(crate) fn passphrase(what: &str) -> Result<SecretString, KeyError> {
    secret(&format!("Passphrase of {what}: ")).map_err(|error| match error {
        Unanswered::NoTerminal => {
            let reason = format!("{what} needs a passphrase, and there is no terminal to ask on");
            KeyError::new(reason)
                .with_hint("open the file in a terminal, or use a key without a passphrase")
        }
        Unanswered::Failed => KeyError::new(format!("no passphrase was given for {what}")),
    })
}

/// Why there is no answer.
pub(crate) enum Unanswered {
    NoTerminal,
    Failed,
}

/// Asks something whose answer is not shown.
pub(crate) fn secret(question: &str) -> Result<SecretString, Unanswered> {
    let _turn = ASKING.lock().unwrap_or_else(PoisonError::into_inner);
    let terminal = open().map_err(|_| Unanswered::NoTerminal)?;
    // Before the question: whoever answers at once must not be seen either.
    let silence = Silence::of(&terminal).map_err(|_| Unanswered::NoTerminal)?;
    let answer = ask(&terminal, question);
    drop(silence);
    // The line break of the answer was not shown.
    let _ = (&terminal).write_all(b"\n");
    answer.map(|answer| SecretString::from(answer.as_str())).map_err(|_| Unanswered::Failed)
}

/// Asks something whose answer may be seen.
#[cfg(feature = "plugin")]
pub(crate) fn line(question: &str) -> io::Result<String> {
    let _turn = ASKING.lock().unwrap_or_else(PoisonError::into_inner);
    ask(&open()?, question).map(|answer| answer.to_string())
}

/// Says something to whoever waits: on the terminal, or else on standard error.
#[cfg(feature = "plugin")]
pub(crate) fn show(message: &str) {
    let line = format!("{}\n", printable(message));
    let shown = open().and_then(|mut terminal| terminal.write_all(line.as_bytes()));
    if shown.is_err() {
        // Whoever closed standard error does not want to know.
        let _ = io::stderr().write_all(line.as_bytes());
    }
}

fn open() -> io::Result<File> {
    File::options().read(true).write(true).open(TERMINAL)
}

fn ask(mut terminal: &File, question: &str) -> io::Result<Zeroizing<String>> {
    terminal.write_all(printable(question).as_bytes())?;
    let mut line = Zeroizing::new([0; LONGEST_LINE]);
    // A terminal gives whole lines.
    let read = loop {
        match terminal.read(&mut *line) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => break read?,
        }
    };
    match std::str::from_utf8(&line[..read]) {
        Ok(line) if !line.is_empty() => {
            Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
        }
        _ => Err(ErrorKind::InvalidData.into()),
    }
}

/// A terminal that does not show what is typed, until this is dropped.
struct Silence<'t> {
    terminal: &'t File,
    before: Termios,
}

impl<'t> Silence<'t> {
    fn of(terminal: &'t File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL);
        tcsetattr(terminal, OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Silence<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}
