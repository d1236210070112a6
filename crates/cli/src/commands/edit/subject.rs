//! What is edited: a sealed file, or one that is not there yet.

use std::io;
use std::path::Path;

use bulla_core::{Format, Keyring, Recipe, Revision};
use zeroize::Zeroizing;

use super::example::example;
use crate::exit::Code;
use crate::failure::{Failure, Result, say};
use crate::formats::FormatFlags;
use crate::governing::Governing;
use crate::input::{Input, into_text, read_text};
use crate::integrity::Demand;
use crate::newcomers::{AcceptFlags, Known};
use crate::opening::explain;
use crate::sealing::{Job, Predecessor, now};
use crate::write::{self, Content, Lock, Output};

/// A file that is edited.
pub(super) enum Subject<'a> {
    /// One that is there: keys, selector and threshold are its own, whatever the
    /// rules have become.
    Sealed {
        file: &'a Path,
        sealed: &'a str,
        format: Format,
        revision: Box<Revision<'a>>,
        keyring: &'a Keyring<'a>,
        kubernetes: Option<bool>,
    },
    /// One that is made.
    New { file: &'a Path, format: Format, recipe: Recipe, keyring: &'a Keyring<'a> },
}

/// The text of a file and its format; `None` when it is not there.
pub(super) fn read(
    file: &Path,
    formats: &FormatFlags,
) -> Result<Option<(Zeroizing<String>, Format)>> {
    match file.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        _ => {
            let read = formats.read_sealed(&Input::File(file.to_owned()), Some(file))?;
            formats.refuse_other(read.1)?;
            Ok(Some(read))
        }
    }
}

impl<'a> Subject<'a> {
    /// Opens a sealed file.
    pub(super) fn open(
        known: Known<'a>,
        sealed: &'a str,
        keyring: &'a Keyring<'a>,
        ignore_mac: bool,
        require_integrity: bool,
        accept: &AcceptFlags,
    ) -> Result<Self> {
        let Known { path: file, format, config, .. } = known;
        let revision = Revision::open(sealed, format, keyring, ignore_mac)
            .map_err(|error| explain(&Input::File(file.to_owned()), Some(file), config, &error))?;
        let has_record = revision.metadata().integrity.is_some();
        let demand = Demand { typed: require_integrity, name: Some(file), config };
        demand.check(file.display(), has_record, revision.ignored())?;
        known.refuse_others(revision.metadata(), revision.record_holds(), accept, &[])?;
        // Rules are not needed to edit a file, so broken ones do not stop anybody.
        let governing = Governing::find(file, config).ok().flatten();
        let plan = governing.as_ref().and_then(Governing::plan);
        let kubernetes = plan.and_then(|plan| plan.recipe.kubernetes);
        let revision = Box::new(revision);
        Ok(Self::Sealed { file, sealed, format, revision, keyring, kubernetes })
    }

    /// Whether it can be a stream of Kubernetes objects.
    pub(super) fn is_yaml(&self) -> bool {
        let format = match self {
            Self::Sealed { format, .. } | Self::New { format, .. } => *format,
        };
        format == Format::Yaml
    }

    /// What is to be edited, with the `sops` block if that is asked for.
    pub(super) fn plain(&self, with_block: bool) -> Result<Zeroizing<Vec<u8>>> {
        match self {
            Self::Sealed { file, revision, .. } if with_block => {
                let mut shown =
                    revision.shown().map_err(|error| Failure::of(file.display(), &error))?;
                Ok(Zeroizing::new(std::mem::take(&mut *shown).into_bytes()))
            }
            Self::Sealed { revision, .. } => Ok(Zeroizing::new(revision.bytes().to_vec())),
            Self::New { file, format, recipe, .. } => {
                if with_block {
                    say("bulla: warning: a new file has no sops block yet, so none is shown");
                }
                Ok(Zeroizing::new(example(*format, recipe, file).into_bytes()))
            }
        }
    }

    /// Seals what was edited, and writes it.
    pub(super) fn close(&self, edited: Zeroizing<Vec<u8>>, with_block: bool) -> Result {
        match self {
            Self::Sealed { file, sealed, revision, keyring, kubernetes, .. } => {
                let now = now()?;
                let next = if with_block {
                    let text = into_text(edited, file.display())?;
                    revision.seal_shown(&text, *kubernetes, keyring, &now)
                } else {
                    revision.seal_bytes(&edited, *kubernetes, &now)
                };
                let next = next.map_err(|error| Failure::of(file.display(), &error))?;
                // Not while the editor runs: that may be long.
                let _lock = Lock::of(file);
                if *read_text(file)? != **sealed {
                    return Err(meanwhile(file, "was changed"));
                }
                Output::File(file).write(next.text.as_bytes(), Content::Sealed)
            }
            Self::New { file, format, recipe, keyring } => {
                let name = file.display();
                let job = Job { name: &name, format: *format, recipe, keyring };
                let sealed = job.seal(edited, Predecessor::Absent)?;
                if file.exists() {
                    return Err(meanwhile(file, "was made"));
                }
                write::create(file, sealed.text.as_bytes(), Content::Sealed)
            }
        }
    }
}

/// Somebody else's work is not written over.
fn meanwhile(file: &Path, what: &str) -> Failure {
    let message = format!(
        "{}: this file {what} while you edited it; copy your work from the editor, give it up, and edit the file again",
        file.display()
    );
    Failure::new(Code::Unwritable, message)
}
