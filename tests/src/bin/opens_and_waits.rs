//! Opens a sealed file, waits, lets go of all it knows, and waits again: for a test that
//! reads this process's memory. The allocator is the one of the programs.
//!
//! `opens_and_waits SEALED IDENTITY`; every line on standard input is one step.

#![forbid(unsafe_code)]

use std::alloc::System;
use std::fs;
use std::io::{self, BufRead, Read, Write};
use std::path::Path;

use bulla_core::{Format, open};
use bulla_keys::{AgeVariables, Environment};
use zeroizing_alloc::ZeroAlloc;

#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> io::Result<()> {
    let mut paths = std::env::args_os().skip(1);
    let (Some(sealed), Some(identity)) = (paths.next(), paths.next()) else {
        return Err(io::Error::other("usage: opens_and_waits SEALED IDENTITY"));
    };
    let mut input = io::stdin().lock().lines();
    let mut say = |word: &str| -> io::Result<()> {
        let mut output = io::stdout().lock();
        writeln!(output, "{word}")?;
        output.flush()?;
        input.next().transpose().map(drop)
    };
    {
        let key = Some(read(Path::new(&identity))?.into());
        let age = AgeVariables { key, ..AgeVariables::default() };
        let environment = Environment { age, ..Environment::default() };
        let keyring = bulla_keys::keyring(&environment).map_err(io::Error::other)?;
        let text = read(Path::new(&sealed))?;
        let opened = open(&text, Format::Yaml, &keyring, false).map_err(io::Error::other)?;
        say(&format!("opened {}", opened.text.len()))?;
    }
    say("wiped")
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?.read_to_string(&mut text)?;
    Ok(text)
}
