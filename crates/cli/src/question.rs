//! A question whose answer is yes or no.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use crate::failure::{Failure, Result};
use crate::write::stdout;

/// Asks on standard output until the answer is one. `otherwise` says what to do where
/// nobody answers.
pub(crate) fn confirmed(question: &str, otherwise: &str) -> Result<bool> {
    loop {
        stdout(question.as_bytes())?;
        // A question without a line break would stay in a buffer.
        let _ = io::stdout().flush();
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        let read = read.map_err(|error| Failure::unreadable(Path::new("stdin"), &error))?;
        match answer.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ if read == 0 => {
                return Err(Failure::other(format!("nobody answers; {otherwise}")));
            }
            _ => {}
        }
    }
}

/// Asks at a terminal, once. Whoever presses return, or closes the terminal, has not
/// said yes.
pub(crate) fn confirmed_at(mut terminal: &File, question: &str) -> Result<bool> {
    let failed = |error| Failure::unreadable(Path::new("/dev/tty"), &error);
    terminal.write_all(question.as_bytes()).map_err(failed)?;
    let mut answer = String::new();
    // A terminal gives a line at a time: nothing of the next answer is taken along.
    let read = BufReader::new(terminal).read_line(&mut answer).map_err(failed)?;
    if read == 0 {
        // The cursor is still behind the question.
        terminal.write_all(b"\n").map_err(failed)?;
    }
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
