//! The `bulla` program. What it does is in the library beside it.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    bulla::run(std::env::args_os().collect())
}
