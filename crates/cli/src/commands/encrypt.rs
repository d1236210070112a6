//! `bulla encrypt`

use std::path::{Path, PathBuf};

use bulla_keys::Environment;

use crate::args::Global;
use crate::exit::Code;
use crate::failure::{Failure, Result};
use crate::formats::FormatFlags;
use crate::input::Input;
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
    let plain = input.read()?;
    let config = global.config.as_deref();
    let format = args.formats.resolve(name);
    let (plain, format) = args.formats.convert(plain, format, &input, name, config)?;
    args.selector.tell_of_binary(format)?;
    let environment = Environment { named: args.keys.spelled_out(), ..environment(global) };
    let recipe = wishes.recipe(name, &environment)?;
    let keyring = keyring(&environment)?;
    let output = Output::new(args.output.as_deref(), in_place);
    let predecessor = match (&args.onto, output) {
        (Some(onto), _) => Predecessor::Onto(onto),
        // In place, what is there is the plaintext.
        (None, Output::File(path)) if !args.in_place => Predecessor::Output(path),
        _ => Predecessor::Absent,
    };
    let job = Job { name: &input, format, recipe: &recipe, keyring: &keyring };
    let sealed = job.seal(plain, predecessor)?;
    output.write(sealed.text.as_bytes(), Content::Sealed)
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
