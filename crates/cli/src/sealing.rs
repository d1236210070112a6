//! Sealing a text, over its predecessor when there is one.

use std::fmt::Display;
use std::io;
use std::path::Path;

use bulla_core::{Document, Error, Format, Keyring, Recipe, Sealed};
use bulla_core::{reseal, reseal_binary, seal, seal_binary, seal_binary_pieces};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use zeroize::Zeroizing;

use crate::exit::Code;
use crate::failure::{Failure, Result, say};
use crate::input::{LargeFile, into_text, read_text};
use crate::no_key;
use crate::write::Output;

/// What is to be sealed, and how.
pub(crate) struct Job<'a> {
    /// What messages call the text.
    pub(crate) name: &'a dyn Display,
    /// The format of the plaintext, and of the result.
    pub(crate) format: Format,
    /// How.
    pub(crate) recipe: &'a Recipe,
    /// With what.
    pub(crate) keyring: &'a Keyring<'a>,
}

/// The predecessor of a sealed file, whose data key and ciphertexts are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Predecessor<'a> {
    /// None.
    Absent,
    /// Whatever is at the place where the result goes, if it is of use.
    Output(&'a Path),
    /// This one, which has to be of use.
    Onto(&'a Path),
}

/// What is more than enough room for what stands around the bytes of a sealed file.
const AROUND: usize = 64 << 10;

/// What goes wrong while a file is read, sealed and written.
enum Fault {
    Core(Error),
    Failure(Failure),
    Read(io::Error),
    Write(io::Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Of the file that is written: the other is read in one place, which says so.
impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

/// A plaintext as its format has it.
enum Plain {
    Text(Zeroizing<String>),
    /// Large, perhaps: sealed in place.
    Bytes(Zeroizing<Vec<u8>>),
}

impl Job<'_> {
    /// Seals a plaintext. The result is what the output holds already when nothing
    /// changed.
    pub(crate) fn seal(
        &self,
        plain: Zeroizing<Vec<u8>>,
        predecessor: Predecessor<'_>,
    ) -> Result<Sealed> {
        let now = now()?;
        let mut plain = match self.format {
            Format::Binary => Plain::Bytes(plain),
            _ => Plain::Text(into_text(plain, self.name)?),
        };
        match predecessor {
            Predecessor::Absent => self.fresh(plain, &now),
            Predecessor::Onto(path) => {
                let previous = read_text(path)?;
                Document::parse(&previous, self.format)
                    .map_err(|error| of_predecessor(path, &error))?;
                match self.over(&mut plain, &previous, &now) {
                    Err(error) if is_about_predecessor(&error) => Err(of_predecessor(path, &error)),
                    sealed => self.named(sealed),
                }
            }
            Predecessor::Output(path) => {
                let Some(previous) = sealed_text(path, self.format) else {
                    return self.fresh(plain, &now);
                };
                match self.over(&mut plain, &previous, &now) {
                    Err(error) if is_about_predecessor(&error) => {
                        let sealed = self.fresh(plain, &now)?;
                        say(&format!(
                            "bulla: {}: sealed with a fresh data key, because the old file cannot be used: {error}",
                            path.display()
                        ));
                        Ok(sealed)
                    }
                    sealed => self.named(sealed),
                }
            }
        }
    }

    /// Seals the bytes of a large file with a fresh data key, while they are read and
    /// written.
    pub(crate) fn seal_file(&self, file: &mut LargeFile, output: Output<'_>) -> Result {
        let now = now()?;
        let length = file.length;
        let sealed = output.write_parts(length / 3 * 4 + AROUND, |write| {
            let read = |room: &mut [u8]| file.read(room).map_err(Fault::Read);
            let write = |part: &str| write(part).map_err(Fault::Write);
            seal_binary_pieces(length, read, write, self.recipe, self.keyring, &now)
        });
        sealed.map_err(|fault| match fault {
            Fault::Core(error) => Failure::of(self.name, &error),
            Fault::Failure(failure) => failure,
            Fault::Read(error) => Failure::unreadable(&file.path, &error),
            Fault::Write(error) => Failure::unwritable(output.path(), &error),
        })
    }

    /// Seals with a fresh data key.
    fn fresh(&self, plain: Plain, now: &str) -> Result<Sealed> {
        self.named(match plain {
            Plain::Text(text) => seal(&text, self.format, self.recipe, self.keyring, now),
            Plain::Bytes(bytes) => seal_binary(bytes, self.recipe, self.keyring, now),
        })
    }

    /// Seals over a predecessor; bytes are gone when that is done.
    fn over(
        &self,
        plain: &mut Plain,
        previous: &str,
        now: &str,
    ) -> std::result::Result<Sealed, Error> {
        let Self { format, recipe, keyring, .. } = self;
        match plain {
            Plain::Text(text) => reseal(text, previous, *format, recipe, keyring, now),
            Plain::Bytes(bytes) => reseal_binary(bytes, previous, recipe, keyring, now),
        }
    }

    fn named(&self, sealed: std::result::Result<Sealed, Error>) -> Result<Sealed> {
        sealed.map_err(|error| Failure::of(self.name, &error))
    }
}

/// The time in metadata: RFC 3339 in UTC, in whole seconds.
pub(crate) fn now() -> Result<String> {
    let now = OffsetDateTime::now_utc().replace_nanosecond(0).ok();
    let text = now.and_then(|now| now.format(&Rfc3339).ok());
    text.ok_or_else(|| Failure::new(Code::Failure, "the clock is beyond the year 9999; set it"))
}

/// A file that is there and sealed.
fn sealed_text(path: &Path, format: Format) -> Option<Zeroizing<String>> {
    let text = path.is_file().then(|| read_text(path).ok()).flatten()?;
    let sealed = Document::parse(&text, format).ok()?.metadata().is_some();
    sealed.then_some(text)
}

fn of_predecessor(path: &Path, error: &Error) -> Failure {
    no_key::failure(&path.display().to_string(), error, None)
}

/// Whether the predecessor is to blame, and not the text or the keys to seal for.
fn is_about_predecessor(error: &Error) -> bool {
    matches!(
        error,
        Error::NoKey { .. }
            | Error::NotSealed
            | Error::PutTogether { .. }
            | Error::NotSealedValue { .. }
            | Error::Tampered { .. }
            | Error::MacMissing
            | Error::MacUnreadable
            | Error::MacMismatch
            | Error::IntegrityMismatch
            | Error::IntegrityUnknown
    )
}
