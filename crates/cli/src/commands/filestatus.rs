//! `bulla filestatus`

use std::path::PathBuf;

use bulla_core::{Document, Error, Part, SealedValue, Value, select};

use crate::args::Global;
use crate::exit::Code;
use crate::failure::{Failure, Result, say};
use crate::formats::InputFlags;
use crate::input::Input;
use crate::write::stdout;

/// Tell whether a file is sealed: {"encrypted":true}
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// What to look at
    file: PathBuf,
    #[command(flatten)]
    formats: InputFlags,
}

pub(crate) fn run(args: &Args, _: &Global) -> Result {
    // Whatever keeps from looking at a file has this code in sops.
    let status = status(args).map_err(|failure| failure.with_code(Code::Failure))?;
    stdout(format!("{{\"encrypted\":{status}}}\n").as_bytes())
}

/// Whether there is metadata: then the file is nothing that can be used as it is, and
/// has to be opened. What of it is readable and should not be is said besides.
fn status(args: &Args) -> Result<bool> {
    let bytes = Input::File(args.file.clone()).read()?;
    // All that is sealed is text.
    let Ok(text) = str::from_utf8(&bytes) else { return Ok(false) };
    let format = args.formats.of(text, &args.file);
    let failed = |error: Error| Failure::of(args.file.display(), &error);
    let document = match Document::parse(text, format) {
        Err(Error::NotSealed) => return Ok(false),
        document => document.map_err(failed)?,
    };
    let metadata = match document.sealed_metadata() {
        Err(Error::NotSealed) => return Ok(false),
        metadata => metadata.map_err(failed)?,
    };
    if document.files().len() > 1 {
        return Ok(true);
    }
    let selected = select(&document, metadata.selector.as_ref());
    let readable = document.parts().iter().zip(selected).find_map(|(part, selected)| match part {
        Part::Leaf(leaf) if selected && !leaf.value.stays_readable() => {
            let token = match &leaf.value {
                Value::Str(text) => SealedValue::parse(text).is_ok(),
                _ => false,
            };
            (!token).then_some(leaf)
        }
        _ => None,
    });
    if let Some(leaf) = readable {
        say(&format!(
            "bulla: {}: {}: this value should be sealed and is not",
            args.file.display(),
            document.place_of(leaf)
        ));
    }
    Ok(true)
}
