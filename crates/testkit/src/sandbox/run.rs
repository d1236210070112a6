//! A program that has run to its end.

use std::io::Write;
use std::process::{Command, Stdio};
use std::str;
use std::thread;

/// What a finished program left: its exit code and both of its streams, as bytes.
///
/// The checks give the value back, so that they can stand in a chain: `sandbox.run(&mut
/// command).ok().out()`.
#[derive(Debug, Clone)]
pub struct Run {
    /// The command line, for the texts of panics.
    pub command: String,
    /// The exit code; -1 when a signal ended the program.
    pub code: i32,
    /// Everything written to standard output.
    pub stdout: Vec<u8>,
    /// Everything written to standard error.
    pub stderr: Vec<u8>,
}

impl Run {
    /// Runs `command` to its end with `input` on its standard input.
    #[track_caller]
    pub(super) fn of(command: &mut Command, input: &[u8]) -> Self {
        let line = command_line(command);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {line}: {error}"));
        let mut stdin =
            child.stdin.take().expect("the standard input of a child started with a pipe");
        let output = thread::scope(|scope| {
            // Beside the reading: a program that answers before it has read everything would block
            // both sides for ever. One that exits without reading closes the pipe, which is its
            // right; its exit code will tell.
            scope.spawn(move || stdin.write_all(input).ok());
            child.wait_with_output()
        });
        let output = output.unwrap_or_else(|error| panic!("cannot wait for {line}: {error}"));
        Self {
            command: line,
            code: output.status.code().unwrap_or(-1),
            stdout: output.stdout,
            stderr: output.stderr,
        }
    }

    /// Checks that the program succeeded.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.exits(0)
    }

    /// Checks the exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert!(
            self.code == code,
            "{} exited with {}, not with {code}\n{}",
            self.command,
            self.code,
            self.streams()
        );
        self
    }

    /// Checks that the program failed, with whatever code: for peers, whose codes are their own
    /// affair.
    #[track_caller]
    pub fn fails(self) -> Self {
        assert!(
            self.code != 0,
            "{} succeeded, but it should have failed\n{}",
            self.command,
            self.streams()
        );
        self
    }

    /// Standard output as text.
    #[track_caller]
    pub fn out(&self) -> &str {
        str::from_utf8(&self.stdout)
            .unwrap_or_else(|_| panic!("{} printed bytes that are not UTF-8", self.command))
    }

    /// Standard error as text.
    #[track_caller]
    pub fn err(&self) -> &str {
        str::from_utf8(&self.stderr)
            .unwrap_or_else(|_| panic!("{} complained in bytes that are not UTF-8", self.command))
    }

    fn streams(&self) -> String {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        format!("--- stdout\n{}\n--- stderr\n{}", text(&self.stdout), text(&self.stderr))
    }
}

fn command_line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn both_streams_and_the_code_come_back() {
        let run = Run::of(&mut shell("cat; echo no >&2; exit 3"), b"yes").exits(3);
        assert_eq!((run.out(), run.err()), ("yes", "no\n"));
    }

    #[test]
    fn an_input_larger_than_a_pipe_blocks_nobody() {
        let input = vec![b'x'; 1 << 20];
        assert_eq!(Run::of(&mut shell("cat"), &input).ok().stdout, input);
        Run::of(&mut shell("exit 0"), &input).ok();
    }

    #[test]
    #[should_panic(expected = "exited with 4, not with 0\n--- stdout\n\n--- stderr\nwhy\n")]
    fn a_wrong_code_shows_the_command_and_its_streams() {
        Run::of(&mut shell("echo why >&2; exit 4"), b"").ok();
    }
}
