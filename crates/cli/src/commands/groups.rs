//! `bulla groups`

use std::path::PathBuf;

use bulla_core::KeyGroup;
use clap::Subcommand;

use crate::args::Global;
use crate::exit::Code;
use crate::failure::{Failure, Result, say};
use crate::formats::FormatFlags;
use crate::key_flags::KeyFlags;
use crate::newcomers::AcceptFlags;
use crate::sealed_file::SealedFile;
use crate::sealing::now;
use crate::write::Output;

use super::rotate::keys_of;

/// Add and delete the key groups of a sealed file
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    change: Change,
}

#[derive(Debug, Subcommand)]
enum Change {
    Add(Box<Add>),
    Delete(Delete),
}

/// What goes for both.
#[derive(clap::Args, Debug)]
struct Common {
    /// What to change
    #[arg(short, long, value_name = "FILE")]
    file: PathBuf,
    /// Replace the file
    #[arg(short, long)]
    in_place: bool,
    /// How many of the groups are needed to open the file from now on
    #[arg(long, value_name = "N")]
    shamir_secret_sharing_threshold: Option<usize>,
    #[command(flatten)]
    accept: AcceptFlags,
    #[command(flatten)]
    formats: FormatFlags,
}

/// Add a group, so that a share of the data key is its own
#[derive(clap::Args, Debug)]
struct Add {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    keys: KeyFlags,
}

/// Delete a group
#[derive(clap::Args, Debug)]
struct Delete {
    /// Its number, from 0
    index: usize,
    #[command(flatten)]
    common: Common,
}

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    match &args.change {
        Change::Add(add) => change(&add.common, global, |file, groups| {
            let governing = file.governing().ok().flatten();
            let keys = add.keys.typed(governing.as_ref().map(|governing| &governing.rules))?;
            if keys.is_empty() {
                let message = "the new group has no key; name some with --age or another flag";
                return Err(Failure::new(Code::Conflict, message));
            }
            groups.push(keys);
            Ok(())
        }),
        Change::Delete(delete) => change(&delete.common, global, |_, groups| {
            if delete.index >= groups.len() {
                return Err(Failure::other(format!(
                    "{}: there is no group {}; this file has {}, from 0",
                    delete.common.file.display(),
                    delete.index,
                    groups.len()
                )));
            }
            groups.remove(delete.index);
            Ok(())
        }),
    }
}

fn change(
    common: &Common,
    global: &Global,
    change: impl FnOnce(&SealedFile<'_>, &mut Vec<KeyGroup>) -> Result,
) -> Result {
    let file = SealedFile::read(&common.file, None, &common.formats, global)?;
    let keyring = file.keyring()?;
    let revision = file.revision(&keyring, false)?;
    file.refuse_newcomers(&revision, &common.accept, &[])?;
    let metadata = revision.metadata();
    let mut groups = keys_of(&metadata.groups);
    let before = groups.len();
    change(&file, &mut groups)?;
    // With one group there was nothing for a threshold to say.
    let kept = metadata.threshold.filter(|_| before > 1);
    let threshold = common.shamir_secret_sharing_threshold.or(kept);
    let sealed = revision.rewrap(&groups, threshold, &keyring, &now()?);
    let sealed = sealed.map_err(|error| file.failed(&error))?;
    let output = Output::new(None, Some(&*common.file).filter(|_| common.in_place));
    file.write(output, &sealed)?;
    if groups.len() < before {
        say(&format!(
            "bulla: {0}: with enough shares of the others, the old data key stays known; give the file a fresh one with bulla rotate -i {0}",
            common.file.display()
        ));
    }
    Ok(())
}
