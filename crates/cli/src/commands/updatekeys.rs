//! `bulla updatekeys`

pub(super) mod diff;
pub(super) mod search;

use std::path::{Path, PathBuf};

use bulla_core::rules::Rules;
use bulla_core::{Document, MasterKey, Metadata, Recipe};

use crate::args::Global;
use crate::exit::Code;
use crate::failure::{Failure, Result, say};
use crate::formats::InputFlags;
use crate::governing::nothing_found;
use crate::question::confirmed;
use crate::sealed_file::SealedFile;
use crate::sealing::now;
use crate::write::stdout;

/// Seal files for the keys that their rules name, and change nothing else
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// What to update; of a directory, every sealed file below it
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Change nothing; end with 1 if something would change
    #[arg(long, visible_alias = "dry-run", conflicts_with = "yes")]
    check: bool,
    #[command(flatten)]
    formats: InputFlags,
}

/// How it went with a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It is sealed for whom its rule names.
    UpToDate,
    /// It is now.
    Updated,
    /// It is not: nobody said yes, or nothing was to change.
    Different,
}

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    if let [file] = args.files.as_slice()
        && !file.is_dir()
    {
        return ended(update(file, args, global)?, args);
    }
    let files = search::files(&args.files)?;
    let (mut failed, mut different) = (0, 0);
    for file in &files {
        match update(file, args, global) {
            Ok(Outcome::Different) => different += 1,
            Ok(_) => {}
            Err(failure) => {
                failure.print();
                failed += 1;
            }
        }
    }
    let count = files.len();
    if failed > 0 {
        return Err(Failure::other(format!("{failed} of {count} files could not be updated")));
    }
    let outcome = if different > 0 { Outcome::Different } else { Outcome::UpToDate };
    ended(outcome, args)
}

fn ended(outcome: Outcome, args: &Args) -> Result {
    match outcome {
        Outcome::Different if args.check => {
            Err(Failure::other("not sealed for whom the rules name; run bulla updatekeys"))
        }
        _ => Ok(()),
    }
}

/// Updates one file.
fn update(path: &Path, args: &Args, global: &Global) -> Result<Outcome> {
    // sops has this code for whatever it finds here.
    let file = SealedFile::read(path, None, &args.formats.with_same_output(), global).map_err(
        |failure| match failure.code {
            Code::Unreadable => failure.with_code(Code::Failure),
            _ => failure,
        },
    )?;
    let name = path.display();
    let governing = file.governing()?.ok_or_else(|| nothing_found(path))?;
    let plan = governing.plan().ok_or_else(|| {
        let rules = governing.rules.file();
        Failure::other(format!("{rules}: no creation rule is for {}", governing.path))
    })?;
    let wanted = &plan.recipe;
    let failed = |error| file.failed(&error);
    let document = Document::parse(file.text(), file.format()).map_err(failed)?;
    let metadata = document.sealed_metadata().map_err(failed)?;
    let is_for_them = metadata.is_for(&wanted.groups, wanted.threshold);
    let lacks_record =
        metadata.integrity.is_none() && (plan.rule.require_integrity || global.require_integrity);
    if is_for_them && !lacks_record {
        say(&format!("bulla: {name}: up to date"));
        return Ok(Outcome::UpToDate);
    }
    if !is_for_them {
        let changes = diff::describe(metadata, wanted, &governing.rules);
        let changes = format!("{name}: these changes will be made to its key groups:\n{changes}");
        stdout(changes.as_bytes())?;
    }
    if lacks_record {
        stdout(format!("{name}: it lacks the integrity record, and gets one\n").as_bytes())?;
    }
    if args.check {
        return Ok(Outcome::Different);
    }
    // Asked before any key is: one may want to be touched.
    if !args.yes && !confirmed("Is this okay? (y/n):", "use --yes to update without asking")? {
        say(&format!("bulla: {name}: left as it is"));
        return Ok(Outcome::Different);
    }
    let keyring = file.keyring()?;
    let revision = file.revision_without_record(&keyring)?;
    let sealed = revision.rewrap(&wanted.groups, wanted.threshold, &keyring, &now()?);
    file.replace(&sealed.map_err(failed)?)?;
    say(&format!("bulla: {name}: updated"));
    tell_of_gone(path, metadata, wanted, &governing.rules);
    Ok(Outcome::Updated)
}

/// Says who goes on being able to open what he has.
fn tell_of_gone(path: &Path, metadata: &Metadata, wanted: &Recipe, rules: &Rules) {
    let stays = |key: &MasterKey| wanted.groups.iter().flatten().any(|wanted| wanted.is_same(key));
    let gone: Vec<_> = metadata
        .keys()
        .filter(|wrapped| !stays(&wrapped.key))
        .map(|wrapped| diff::named(&wrapped.key, rules))
        .collect();
    if !gone.is_empty() {
        say(&format!(
            "bulla: {0}: {1} has known the data key, which is still the same; give the file a fresh one with bulla rotate -i {0}, and replace the values where they are used",
            path.display(),
            gone.join(", ")
        ));
    }
}
