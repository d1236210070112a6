//! `bulla encrypt`

use std::path::{Path, PathBuf};

use bulla_core::Format;
use bulla_keys::Environment;
use zeroize::Zeroizing;

use crate::args::Global;
use crate::exit::Code;
use crate::failure::{Failure, Result};
use crate::formats::FormatFlags;
use crate::input::{Input, LargeFile};
use crate::key_flags::KeyFlags;
use crate::keyring::{environment, keyring};
use crate::recipe::{SelectorFlags, Wishes};
use crate::sealing::{Job, Predecessor};
use crate::write::{Content, Lock, Output};

/// Seal a file
#[derive(clap::Args, Debug, Default)]
pub(crate) struct Args {
    /// What to seal; standard input without it
    file: Option<PathBuf>,
    #[command(flatten)]
    keys: KeyFlags,
    /// Replace the file
    #[arg(short, long, conflicts_with = "output")]
    in_place: bool,
    /// Write to FILE, over its sealed predecessor if there is one
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Keep data key and unchanged ciphertexts of a sealed predecessor
    #[arg(long, value_name = "SEALED")]
    onto: Option<PathBuf>,
    /// Name that rules and format go by; needed for standard input
    #[arg(long, value_name = "FILE")]
    filename_override: Option<PathBuf>,
    #[command(flatten)]
    formats: FormatFlags,
    /// Let the rest of the file change without breaking the MAC
    #[arg(long)]
    mac_only_encrypted: bool,
    /// How many of the groups are needed to open the file
    #[arg(long, value_name = "N", help_heading = "Key groups")]
    shamir_secret_sharing_threshold: Option<usize>,
    #[command(flatten)]
    selector: SelectorFlags,
}

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    let input = input(args)?;
    let name = args.filename_override.as_deref().or(input.file());
    let wishes = Wishes {
        keys: args.keys.clone(),
        selector: args.selector.clone(),
        mac_only_encrypted: args.mac_only_encrypted,
        threshold: args.shamir_secret_sharing_threshold,
        indent: args.formats.indent(),
        config: global.config.as_deref(),
    };
    let in_place = input.file().filter(|_| args.in_place);
    // From before it is read until it is replaced, or a change in between would be lost.
    let _lock = in_place.map(Lock::of);
    let environment = Environment { named: args.keys.spelled_out(), ..environment(global) };
    let output = Output::new(args.output.as_deref(), in_place);
    let predecessor = match (&args.onto, output) {
        (Some(onto), _) => Predecessor::Onto(onto),
        // In place, what is there is the plaintext.
        (None, Output::File(path)) if !args.in_place && path.exists() => Predecessor::Output(path),
        _ => Predecessor::Absent,
    };
    // What there is to compare it with has to be in memory, and so has the plaintext then.
    let is_alone = matches!(predecessor, Predecessor::Absent);
    let config = global.config.as_deref().or(environment.config.as_deref());
    let (plain, format) = plain(&args.formats, &input, name, is_alone, config)?;
    args.selector.tell_of_binary(format)?;
    let recipe = wishes.recipe(name, &environment)?;
    let keyring = keyring(&environment)?;
    let job = Job { name: &input, format, recipe: &recipe, keyring: &keyring };
    match plain {
        Plain::Large(mut file) => job.seal_file(&mut file, output),
        Plain::Whole(plain) => {
            output.write(job.seal(plain, predecessor)?.text.as_bytes(), Content::Sealed)
        }
    }
}

/// What is to be sealed.
enum Plain {
    /// To be read while it is sealed.
    Large(LargeFile),
    Whole(Zeroizing<Vec<u8>>),
}

/// The plaintext in the format in which it is sealed.
fn plain(
    formats: &FormatFlags,
    input: &Input,
    name: Option<&Path>,
    is_alone: bool,
    config: Option<&Path>,
) -> Result<(Plain, Format)> {
    let format = formats.resolve(name);
    let stays_binary = [format, formats.output(format)] == [Format::Binary; 2];
    if let Some(file) = (stays_binary && is_alone).then(|| LargeFile::open(input)).flatten() {
        return Ok((Plain::Large(file), format));
    }
    let (plain, format) = formats.convert(input.read()?, format, input, name, config)?;
    Ok((Plain::Whole(plain), format))
}

/// As `bulla encrypt --in-place FILE`.
pub(crate) fn in_place(file: &Path, global: &Global) -> Result {
    run(&Args { file: Some(file.to_owned()), in_place: true, ..Args::default() }, global)
}

fn input(args: &Args) -> Result<Input> {
    let input = Input::new(args.file.as_deref())?;
    if input == Input::Stdin {
        if args.in_place {
            return Err(Failure::new(Code::Conflict, "--in-place needs a file, and this is stdin"));
        }
        if args.filename_override.is_none() {
            let message = "stdin has no name; say with --filename-override which rules are for it";
            return Err(Failure::new(Code::Conflict, message));
        }
    }
    Ok(input)
}
