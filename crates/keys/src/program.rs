//! Starting the programs that the user's environment names, and no others.
//!
//! What they print is read up to a limit, since a program may print for ever. Ctrl-C
//! reaches them as it reaches bulla: they are in the same process group.

#[cfg(any(feature = "pgp", feature = "plugin"))]
mod on_path;

use std::io::{Read, Write};
use std::process::{ChildStderr, Command, ExitStatus, Stdio};
use std::thread;

use zeroize::Zeroizing;

#[cfg(any(feature = "pgp", feature = "plugin"))]
pub(crate) use on_path::find;

/// What is kept of the complaints of a program.
const COMPLAINTS: u64 = 16 * 1024;

/// How much of them is shown.
const REASON: usize = 300;

/// What a program left.
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Zeroizing<Vec<u8>>,
    /// Empty unless it was piped.
    #[cfg_attr(not(feature = "pgp"), allow(dead_code, reason = "only gpg's is folded"))]
    pub(crate) stderr: String,
}

/// Splits a command into words as a shell does, without starting one.
pub(crate) fn command_line(text: &str) -> Result<Command, String> {
    let words = shell_words::split(text).map_err(|_| "has a quote that is not closed")?;
    let (program, arguments) = words.split_first().ok_or("is empty")?;
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

/// Runs a command to its end, with `input` if its standard input is piped.
///
/// # Errors
///
/// Why it did not run, or that it printed more than `limit` bytes, in words that go
/// behind the command's name.
pub(crate) fn run(command: &mut Command, input: &[u8], limit: usize) -> Result<Finished, String> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot be started: {}", error.kind()))?;
    let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
    // It was piped three lines above.
    let stdout = child.stdout.take().ok_or("has no output")?;
    thread::scope(|scope| {
        if let Some(mut stdin) = stdin {
            // Who exits without reading everything closes the pipe, and the status tells why.
            scope.spawn(move || stdin.write_all(input).ok());
        }
        let stderr = scope.spawn(move || stderr.map(complaints).unwrap_or_default());
        // As large as it can get: a vector that grows leaves copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(limit + 1));
        let read = stdout.take(limit as u64 + 1).read_to_end(&mut bytes);
        let too_long = bytes.len() > limit;
        if read.is_err() || too_long {
            let _ = child.kill();
        }
        let status = child.wait().map_err(|error| format!("cannot be waited for: {error}"))?;
        match read {
            Err(error) => Err(format!("cannot be read from: {}", error.kind())),
            Ok(_) if too_long => Err(format!("printed more than {limit} bytes")),
            // The thread does nothing that panics.
            Ok(_) => {
                Ok(Finished { status, stdout: bytes, stderr: stderr.join().unwrap_or_default() })
            }
        }
    })
}

/// Reads all, keeps the beginning.
fn complaints(mut stderr: ChildStderr) -> String {
    let mut kept = Vec::new();
    let _ = stderr.by_ref().take(COMPLAINTS).read_to_end(&mut kept);
    let _ = std::io::copy(&mut stderr, &mut std::io::sink());
    String::from_utf8_lossy(&kept).into_owned()
}

/// What a program said, as one short line that moves no cursor.
pub(crate) fn short_reason(text: &str) -> String {
    let lines = text.lines().map(printable).map(|line| line.trim().to_owned());
    let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    let line = lines.join("; ");
    match line.char_indices().nth(REASON) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The text with blanks in place of what steers a terminal or turns the direction of
/// writing.
pub(crate) fn printable(text: &str) -> String {
    let steers = |char: char| {
        char.is_control()
            || matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|char| if steers(char) { ' ' } else { char }).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_never_ends_is_ended() {
        let mut yes = command_line("yes").unwrap();
        let error = run(yes.stdin(Stdio::null()), b"", 1000).err().unwrap();
        assert_eq!(error, "printed more than 1000 bytes");
    }

    #[test]
    fn all_streams_are_served_at_once() {
        let script = "head -c 300000 /dev/zero >&2; cat; exit 3";
        let mut sh = Command::new("sh");
        sh.args(["-c", script]).stdin(Stdio::piped()).stderr(Stdio::piped());
        let input = vec![b'x'; 200_000];
        let finished = run(&mut sh, &input, 200_000).ok().unwrap();
        assert_eq!(finished.status.code(), Some(3));
        assert_eq!(*finished.stdout, input);
        assert_eq!(finished.stderr.len() as u64, COMPLAINTS);
    }

    #[test]
    fn commands_that_cannot_run_say_why() {
        assert_eq!(command_line("a 'b").err().unwrap(), "has a quote that is not closed");
        assert_eq!(command_line(" ").err().unwrap(), "is empty");
        let mut absent = command_line("/no/such/program").unwrap();
        assert!(run(&mut absent, b"", 10).err().unwrap().starts_with("cannot be started: "));
    }

    #[test]
    fn complaints_are_one_line_without_control_characters() {
        let said = "\n gpg: a\u{1b}[2Jb\r\n\n\u{202e}c\n";
        assert_eq!(short_reason(said), "gpg: a [2Jb; c");
        assert_eq!(short_reason(&"ä".repeat(400)).chars().count(), REASON + 1);
    }
}
