//! `bulla decrypt`

use std::path::PathBuf;

use bulla_core::{Format, parse_index};
use bulla_keys::Environment;

use crate::args::Global;
use crate::exit::Code;
use crate::failure::{Failure, Result};
use crate::formats::FormatFlags;
use crate::git;
use crate::input::Input;
use crate::opening::Opening;
use crate::write::{Content, Output};

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
    let path = args.extract.as_deref().map(|text| parse_path(text).map(|path| (path, text)));
    let path = path.transpose()?;
    let name = args.filename_override.as_deref().or(input.file());
    let (text, format) = args.formats.read_sealed(&input, name)?;
    let in_place = input.file().filter(|_| args.in_place);
    let output = Output::new(args.output.as_deref(), in_place);
    if let Output::File(file) = output
        && !args.allow_tracked
    {
        git::refuse_tracked(file)?;
    }
    let opening = Opening { input: &input, name, format, ignore_mac: args.ignore_mac, global };
    let plain = opening.open(&text, &Environment::read())?.bytes;
    // A single text is the same whatever the format, and need not wait for the rest to
    // fit.
    let is_text = !matches!(args.formats.output(format), Format::Yaml | Format::Json);
    let (plain, format) = match &path {
        Some(_) if is_text => (plain, format),
        _ => args.formats.convert(plain, format, &input, name, global.config.as_deref())?,
    };
    match path {
        None => output.write(&plain, Content::Plaintext),
        Some((path, shown)) => {
            let part = bulla_core::extract(&plain, format, &path, shown)
                .map_err(|error| Failure::of(&input, &error))?;
            output.write(&part, Content::Plaintext)
        }
    }
}

fn parse_path(text: &str) -> Result<Vec<bulla_core::Step<'static>>> {
    parse_index(text).ok_or_else(|| {
        let message =
            format!("--extract {text}: this is not a path; write it as [\"data\"][\"key\"][0]");
        Failure::new(Code::TreePath, message)
    })
}
