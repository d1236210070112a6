//! `bulla unset`

use std::path::PathBuf;

use bulla_core::Error;
use bulla_core::change::{self, Address};
use zeroize::Zeroizing;

use crate::address::{parse_address, parse_section};
use crate::args::Global;
use crate::exit::Code;
use crate::failure::Result;
use crate::formats::FormatFlags;
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
    /// Change another document than the first: its number from 0, or KIND/NAME
    #[arg(long, value_name = "DOCUMENT")]
    document: Option<String>,
    /// What is not there need not be taken out
    #[arg(long)]
    idempotent: bool,
    /// Change a file whose values were added, removed or reordered
    #[arg(long)]
    ignore_mac: bool,
    #[command(flatten)]
    formats: FormatFlags,
    /// Without effect, as in sops
    #[arg(long, value_name = "N", hide = true)]
    shamir_secret_sharing_threshold: Option<usize>,
}

pub(crate) fn run(args: &Args, global: &Global) -> Result {
    let section = args.document.as_deref().map(parse_section).transpose()?;
    let address = |text: &String| parse_address("INDEX", text, section.clone(), Code::SetFormat);
    let addresses: Vec<Address> = args.index.iter().map(address).collect::<Result<_>>()?;
    let file = SealedFile::read(&args.file, None, &args.formats, global)?;
    let keyring = file.keyring()?;
    let revision = file.revision(&keyring, args.ignore_mac)?;
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
