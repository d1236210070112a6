//! `bulla decrypt`

use std::path::PathBuf;

use bulla_core::Format;
use bulla_core::change::Address;

use crate::address::{parse_address, parse_section};
use crate::args::Global;
use crate::exit::Code;
use crate::failure::{Failure, Result};
use crate::formats::FormatFlags;
use crate::git;
use crate::input::Input;
use crate::keyring::environment;
use crate::opening::Opening;
use crate::write::{Content, Lock, Output};

/// Open a sealed file
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// What to open; standard input without it
    file: Option<PathBuf>,
    /// Replace the file
    #[arg(short, long, conflicts_with_all = ["output", "extract"])]
    in_place: bool,
    /// Write to FILE, for its owner alone if it is new
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Give one value or branch: '["data"]["key"][0]'
    #[arg(long, value_name = "PATH")]
    extract: Option<String>,
    /// Give one document of a stream, or PATH in it: its number from 0, or KIND/NAME
    #[arg(long, value_name = "DOCUMENT", conflicts_with = "in_place")]
    document: Option<String>,
    #[command(flatten)]
    formats: FormatFlags,
    /// Name that the format goes by
    #[arg(long, value_name = "FILE")]
    filename_override: Option<PathBuf>,
    /// Open a file whose values were added, removed or reordered
    #[arg(long)]
    ignore_mac: bool,
    /// Write the plaintext even over a file that git tracks
    #[arg(long)]
    allow_tracked: bool,
}

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    let input = Input::new(args.file.as_deref())?;
    if args.in_place && input == Input::Stdin {
        return Err(Failure::new(Code::Conflict, "--in-place needs a file, and this is stdin"));
    }
    let address = address(args.extract.as_deref(), args.document.as_deref())?;
    let name = args.filename_override.as_deref().or(input.file());
    let in_place = input.file().filter(|_| args.in_place);
    // From before it is read until it is replaced, or a change in between would be lost.
    let _lock = in_place.map(Lock::of);
    let (text, format) = args.formats.read_sealed(&input, name)?;
    let output = Output::new(args.output.as_deref(), in_place);
    if let Output::File(file) = output
        && !args.allow_tracked
    {
        git::refuse_tracked(file)?;
    }
    let opening = Opening { input: &input, name, format, ignore_mac: args.ignore_mac, global };
    let environment = environment(global);
    let config = global.config.as_deref().or(environment.config.as_deref());
    let plain = opening.open(&text, &environment)?.bytes;
    // A single text is the same whatever the format, and need not wait for the rest to
    // fit.
    let is_text = !matches!(args.formats.output(format), Format::Yaml | Format::Json);
    let (plain, format) = match &address {
        Some(_) if is_text => (plain, format),
        _ => args.formats.convert(plain, format, &input, name, config)?,
    };
    match address {
        None => output.write(&plain, Content::Plaintext),
        Some(address) => {
            let part = bulla_core::extract(&plain, format, &address)
                .map_err(|error| Failure::of(&input, &error))?;
            output.write(&part, Content::Plaintext)
        }
    }
}

/// What of the file is asked for, if not all of it.
fn address(path: Option<&str>, document: Option<&str>) -> Result<Option<Address>> {
    let section = document.map(parse_section).transpose()?;
    Ok(match path {
        Some(path) => Some(parse_address("--extract", path, section, Code::TreePath)?),
        None => section.map(Address::of_section),
    })
}
