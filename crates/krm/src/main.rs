//! `bulla-krm`, the exec plugin.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    bulla_krm::main()
}
