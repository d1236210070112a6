//! `bulla edit`

mod example;
mod subject;

use std::io::{self, IsTerminal, Read};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use bulla_core::kubernetes::Decoded;
use bulla_keys::Environment;
use zeroize::Zeroizing;

use crate::args::Global;
use crate::editor::{self, Editor};
use crate::exit::Code;
use crate::failure::{Failure, Result, say};
use crate::formats::FormatFlags;
use crate::input::{into_text, read_whole};
use crate::key_flags::KeyFlags;
use crate::keyring::{environment, keyring};
use crate::newcomers::{AcceptFlags, Known};
use crate::recipe::{SelectorFlags, Wishes};
use crate::scratch::Scratch;
use subject::Subject;

/// Edit a sealed file, or make one
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// What to edit; made from an example if it is not there
    file: PathBuf,
    /// Show the sops block, and take what becomes of it
    #[arg(short, long)]
    show_master_keys: bool,
    /// Show the data of Secrets decoded (default on a terminal)
    #[arg(long, overrides_with = "no_decode")]
    decode: bool,
    /// Show the data of Secrets as base64
    #[arg(long)]
    no_decode: bool,
    /// Open a file whose values were added, removed or reordered
    #[arg(long)]
    ignore_mac: bool,
    #[command(flatten)]
    accept: AcceptFlags,
    #[command(flatten)]
    formats: FormatFlags,
    #[command(flatten)]
    keys: KeyFlags,
    /// Let the rest of a new file change without breaking the MAC
    #[arg(long)]
    mac_only_encrypted: bool,
    /// How many of the groups are needed to open a new file
    #[arg(long, value_name = "N", help_heading = "Key groups")]
    shamir_secret_sharing_threshold: Option<usize>,
    #[command(flatten)]
    selector: SelectorFlags,
}

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    let file = args.file.as_path();
    let environment = Environment { named: args.keys.spelled_out(), ..environment(global) };
    let keyring = keyring(&environment)?;
    let editor = Editor::find()?;
    let sealed = subject::read(file, &args.formats)?;
    let subject = match &sealed {
        Some((sealed, format)) => {
            let config = global.config.as_deref().or(environment.config.as_deref());
            let known = Known { path: file, name: file, format: *format, config };
            let required = global.require_integrity;
            Subject::open(known, sealed, &keyring, args.ignore_mac, required, &args.accept)?
        }
        None => {
            let wishes = Wishes {
                keys: args.keys.clone(),
                selector: args.selector.clone(),
                mac_only_encrypted: args.mac_only_encrypted,
                threshold: args.shamir_secret_sharing_threshold,
                indent: args.formats.indent(),
                config: global.config.as_deref(),
            };
            let format = args.formats.resolve(Some(file));
            args.formats.refuse_other(format)?;
            args.selector.tell_of_binary(format)?;
            let recipe = wishes.recipe(Some(file), &environment)?;
            Subject::New { file, format, recipe, keyring: &keyring }
        }
    };
    let plain = subject.plain(args.show_master_keys)?;
    let text = str::from_utf8(&plain).ok().filter(|_| subject.is_yaml() && decodes(args));
    let decoded = text.and_then(Decoded::new);
    if decoded.is_some() {
        say(
            "bulla: the data of Secrets is shown decoded, and encoded again when it is saved; what stays base64 has !!binary before it",
        );
    }
    let shown = decoded.as_ref().map_or(plain.as_slice(), |decoded| decoded.text().as_bytes());
    edit_until_sealed(file, shown, &editor, |edited| {
        let Some(decoded) = &decoded else { return subject.close(edited, args.show_master_keys) };
        let edited = into_text(edited, file.display())?;
        let encoded = decoded.encode(&edited);
        let mut encoded = encoded.map_err(|error| Failure::of(file.display(), &error))?;
        let encoded = Zeroizing::new(std::mem::take(&mut *encoded).into_bytes());
        subject.close(encoded, args.show_master_keys)
    })
}

fn decodes(args: &Args) -> bool {
    let on_terminal = || io::stdin().is_terminal() && io::stdout().is_terminal();
    args.decode || (!args.no_decode && on_terminal())
}

/// Gives the text to the editor, and what comes back to `close`, until that is
/// content with it.
fn edit_until_sealed(
    file: &Path,
    shown: &[u8],
    editor: &Editor,
    close: impl Fn(Zeroizing<Vec<u8>>) -> Result,
) -> Result {
    let scratch = Scratch::new()?;
    let watch = editor::watch(&scratch)?;
    let name = file.file_name().ok_or_else(|| {
        Failure::new(Code::NoFile, format!("{}: this is not the name of a file", file.display()))
    })?;
    let path = scratch.write(name, shown)?;
    loop {
        editor.edit(&path, &scratch, &watch)?;
        let edited = read_whole(&path)?;
        if *edited == *shown {
            let message = format!("{}: nothing changed, so nothing was written", file.display());
            return Err(Failure::new(Code::Unchanged, message));
        }
        match close(edited) {
            Ok(()) => return Ok(()),
            Err(failure) => ask_for_another_try(failure)?,
        }
    }
}

/// Nobody who is asked means that this is the end; an interrupt ends it as well, by
/// way of the signal.
fn ask_for_another_try(failure: Failure) -> Result {
    failure.print();
    say("press return to edit it again, or Ctrl-C to give it up");
    // Not `io::stdin()`: what its buffer holds would not come to the editor.
    let stdin = io::stdin().as_fd().try_clone_to_owned().map(std::fs::File::from);
    let read_line = |mut stdin: std::fs::File| {
        let mut byte = [0];
        while stdin.read(&mut byte)? > 0 {
            if byte == *b"\n" {
                return Ok(true);
            }
        }
        Ok::<_, io::Error>(false)
    };
    match stdin.and_then(read_line) {
        Ok(true) => Ok(()),
        _ => Err(failure),
    }
}
