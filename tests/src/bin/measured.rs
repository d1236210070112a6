//! Starts a program, and says in a file how much memory it had: `measured FILE PROGRAM ARGS...`
//!
//! Linux counts what a process had in memory before it became another program, so a child of
//! a test with large files in memory would seem large as well; this one is small.

#![forbid(unsafe_code)]

use std::fs;
use std::io;
use std::process::{Command, ExitCode};

use wait4::Wait4;

fn main() -> io::Result<ExitCode> {
    let mut args = std::env::args_os().skip(1);
    let (Some(file), Some(program)) = (args.next(), args.next()) else {
        return Err(io::Error::other("usage: measured FILE PROGRAM ARGS..."));
    };
    let ended = Command::new(program).args(args).spawn()?.wait4()?;
    fs::write(file, ended.rusage.maxrss.to_string())?;
    // A signal has no code.
    let code = ended.status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::from(255), ExitCode::from))
}
