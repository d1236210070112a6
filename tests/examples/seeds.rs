//! Writes what the fuzzer begins with, a folder for each property: what `cargo xtask fuzz`
//! starts.

#![forbid(unsafe_code)]

use std::io;
use std::path::PathBuf;

fn main() -> io::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| io::Error::other("usage: seeds DIRECTORY"))?;
    for (property, seeds) in bulla_tests::seeds::all() {
        let folder = folder.join(property);
        std::fs::create_dir_all(&folder)?;
        for (number, seed) in seeds.iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number:04}")), seed)?;
        }
    }
    Ok(())
}
