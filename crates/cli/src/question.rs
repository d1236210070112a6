//! A question whose answer is yes or no.

use std::io::{self, BufRead, Write};
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
