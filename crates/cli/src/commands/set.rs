//! `bulla set`

use std::path::{Path, PathBuf};

use bulla_core::change::{self, Address, Subtree};
use bulla_core::{Document, Format, Selector, select};
use zeroize::Zeroizing;

use crate::address::{parse_address, parse_section};
use crate::args::Global;
use crate::exit::Code;
use crate::failure::{Failure, Result, say};
use crate::formats::FormatFlags;
use crate::input::{Input, read_text};
use crate::keyring::{environment, keyring};
use crate::newcomers::AcceptFlags;
use crate::recipe::Wishes;
use crate::sealed_file::SealedFile;
use crate::sealing::{Job, Predecessor};
use crate::write::{self, Content};

/// Change values of a sealed file
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// What to change; it is made when there is a rule for it
    file: PathBuf,
    /// Where, '["data"]["key"][0]', and what, as JSON: '"text"', 5, '{"a": ["b"]}'
    #[arg(value_names = ["INDEX", "VALUE"], required = true, num_args = 1..)]
    #[arg(allow_negative_numbers = true)]
    changes: Vec<String>,
    /// Take each VALUE for the name of the file that holds it
    #[arg(long, conflicts_with = "value_stdin")]
    value_file: bool,
    /// Read the value of the one INDEX from standard input
    #[arg(long)]
    value_stdin: bool,
    /// As always: leave the file alone when it has the values
    #[arg(long)]
    idempotent: bool,
    #[command(flatten)]
    change: ChangeFlags,
}

/// What was typed about a file whose values change.
#[derive(clap::Args, Debug)]
pub(super) struct ChangeFlags {
    /// Change another document than the first: its number from 0, or KIND/NAME
    #[arg(long, value_name = "DOCUMENT")]
    document: Option<String>,
    /// Change a file whose values were added, removed or reordered
    #[arg(long)]
    pub(super) ignore_mac: bool,
    #[command(flatten)]
    pub(super) accept: AcceptFlags,
    #[command(flatten)]
    pub(super) formats: FormatFlags,
    /// Without effect, as in sops
    #[arg(long, value_name = "N", hide = true)]
    shamir_secret_sharing_threshold: Option<usize>,
}

impl ChangeFlags {
    /// Where an INDEX leads, in the document that is meant.
    pub(super) fn address(&self, index: &str) -> Result<Address> {
        let section = self.document.as_deref().map(parse_section).transpose()?;
        parse_address("INDEX", index, section, Code::SetFormat)
    }
}

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    let changes = changes(args)?;
    if !args.file.exists() {
        return make(args, global, &changes);
    }
    let file = SealedFile::read(&args.file, None, &args.change.formats, global)?;
    let keyring = file.keyring()?;
    let revision = file.revision(&keyring, args.change.ignore_mac)?;
    file.refuse_newcomers(&revision, &args.change.accept, &[])?;
    let text = match file.format() {
        // What is there need not be text: all of it goes.
        Format::Binary => apply("", Format::Binary, &changes),
        format => revision.text().and_then(|text| apply(text, format, &changes)),
    };
    let text = text.map_err(|error| file.failed(&error))?;
    let sealed = revision.seal(&text, file.kubernetes(), &crate::sealing::now()?);
    let sealed = sealed.map_err(|error| file.failed(&error))?;
    let selector = revision.metadata().selector.as_ref();
    tell_of_readable(&args.file, &text, file.format(), selector, &changes);
    file.replace(&sealed)
}

type Change = (Address, Subtree);

/// What was typed, read before any file is.
fn changes(args: &Args) -> Result<Vec<Change>> {
    let address = |index: &str| args.change.address(index);
    if args.value_stdin {
        let [index] = args.changes.as_slice() else {
            let message = "with --value-stdin there is one INDEX, and no VALUE behind it";
            return Err(Failure::new(Code::NoFile, message));
        };
        let address = address(index)?;
        let value = value(&address, &Input::Stdin.read_text()?)?;
        return Ok(vec![(address, value)]);
    }
    let (pairs, rest) = args.changes.as_chunks::<2>();
    if let [index] = rest {
        let message = format!("{index}: there is no VALUE behind this INDEX");
        return Err(Failure::new(Code::NoFile, message));
    }
    let read = |[index, json]: &[String; 2]| {
        let address = address(index)?;
        let value = match args.value_file {
            true => value(&address, &from_file(Path::new(json))?)?,
            false => value(&address, json)?,
        };
        Ok((address, value))
    };
    pairs.iter().map(read).collect()
}

fn from_file(path: &Path) -> Result<Zeroizing<String>> {
    read_text(path).map_err(|failure| failure.with_code(Code::Failure))
}

fn value(address: &Address, json: &str) -> Result<Subtree> {
    Subtree::from_json(json)
        .map_err(|error| Failure::new(Code::SetFormat, format!("the value of {address}: {error}")))
}

fn apply(
    text: &str,
    format: Format,
    changes: &[Change],
) -> std::result::Result<Zeroizing<String>, bulla_core::Error> {
    changes.iter().try_fold(Zeroizing::new(text.to_owned()), |text, (address, value)| {
        change::set(&text, format, address, value)
    })
}

/// Makes a file that is not there, by its rule.
fn make(args: &Args, global: &Global, changes: &[Change]) -> Result {
    let path = args.file.as_path();
    let format = args.change.formats.resolve(Some(path));
    args.change.formats.refuse_other(format)?;
    let environment = environment(global);
    let wishes = Wishes { config: global.config.as_deref(), ..Wishes::default() };
    let recipe = wishes.recipe(Some(path), &environment).map_err(|failure| {
        let reason = failure.message();
        let message =
            format!("{}: there is no such file, and none is made: {reason}", path.display());
        Failure::new(Code::Unreadable, message)
    })?;
    let failed = |error| Failure::of(path.display(), &error);
    let mut text = apply("", format, changes).map_err(failed)?;
    let text = Zeroizing::new(std::mem::take(&mut *text).into_bytes());
    let keyring = keyring(&environment)?;
    let name = path.display();
    let job = Job { name: &name, format, recipe: &recipe, keyring: &keyring };
    let sealed = job.seal(text, Predecessor::Absent)?;
    write::create(path, sealed.text.as_bytes(), Content::Sealed)
}

/// Says which of the new values everybody can read. That may be what is wanted: not
/// all of a file is secret.
fn tell_of_readable(
    file: &Path,
    text: &str,
    format: Format,
    selector: Option<&Selector>,
    changes: &[Change],
) {
    // It was sealed a moment ago, so it can be read.
    let Ok(document) = Document::parse(text, format) else { return };
    let selected = select(&document, selector);
    let parts = document.parts().iter().zip(selected);
    for (part, selected) in parts {
        let bulla_core::Part::Leaf(leaf) = part else { continue };
        let steps = document.paths().steps(leaf.path);
        let is_new = changes.iter().any(|(address, _)| {
            address.section_in(&document) == Ok(leaf.section as usize)
                && steps.len() >= address.path().len()
                && steps.iter().zip(address.path()).all(|(theirs, ours)| *theirs == ours)
        });
        if is_new && !selected && !leaf.value.stays_readable() {
            let place = document.place_of(leaf);
            say(&format!(
                "bulla: {}: {place}: the selector of this file does not cover this value, so it is readable",
                file.display()
            ));
        }
    }
}
