//! `bulla unset`

use std::path::PathBuf;

use bulla_core::Error;
use bulla_core::change;
use zeroize::Zeroizing;

use crate::args::Global;
use crate::commands::set::ChangeFlags;
use crate::failure::Result;
use crate::sealed_file::SealedFile;
use crate::sealing::now;

/// Take values out of a sealed file
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// What to change
    file: PathBuf,
    /// What to take out: '["data"]["key"][0]'; several go one after the other
    #[arg(required = true)]
    index: Vec<String>,
    /// What is not there need not be taken out
    #[arg(long)]
    idempotent: bool,
    #[command(flatten)]
    change: ChangeFlags,
}

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    let addresses = args.index.iter().map(|index| args.change.address(index));
    let addresses = addresses.collect::<Result<Vec<_>>>()?;
    let file = SealedFile::read(&args.file, None, &args.change.formats, global)?;
    let keyring = file.keyring()?;
    let revision = file.revision(&keyring, args.change.ignore_mac)?;
    file.refuse_newcomers(&revision, &args.change.accept, &[])?;
    let text = revision.text().map_err(|error| file.failed(&error))?;
    let mut text = Zeroizing::new(text.to_owned());
    for address in &addresses {
        match change::unset(&text, file.format(), address) {
            Ok(without) => text = without,
            Err(Error::NoSuchPath { .. }) if args.idempotent => {}
            Err(error) => return Err(file.failed(&error)),
        }
    }
    let sealed = revision.seal(&text, file.kubernetes(), &now()?);
    file.replace(&sealed.map_err(|error| file.failed(&error))?)
}
