//! Writes the man pages into a directory: what `cargo xtask man` starts.

#![forbid(unsafe_code)]

use std::io;
use std::path::PathBuf;

fn main() -> io::Result<()> {
    let dir = std::env::args_os().nth(1).map(PathBuf::from);
    let dir = dir.ok_or_else(|| io::Error::other("usage: man DIRECTORY"))?;
    std::fs::create_dir_all(&dir)?;
    clap_mangen::generate_to(bulla::command(), &dir)
}
