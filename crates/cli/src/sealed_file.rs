//! A sealed file that is changed where it is.

use std::path::Path;

use bulla_core::{Error, Format, Keyring, MasterKey, Revision, Sealed};
use bulla_keys::Environment;
use zeroize::Zeroizing;

use crate::args::Global;
use crate::exit::Code;
use crate::failure::{Failure, Result};
use crate::formats::FormatFlags;
use crate::governing::Governing;
use crate::input::Input;
use crate::integrity::Demand;
use crate::keyring::{environment, keyring};
use crate::newcomers::{AcceptFlags, Known};
use crate::opening::explain;
use crate::write::{Content, Lock, Output};

/// A sealed file, read and locked against other processes of ours.
pub(crate) struct SealedFile<'a> {
    path: &'a Path,
    name: &'a Path,
    format: Format,
    text: Zeroizing<String>,
    environment: Environment,
    global: &'a Global,
    _lock: Lock,
}

impl<'a> SealedFile<'a> {
    /// Reads the file at `path`, which goes by `name` if that is given.
    pub(crate) fn read(
        path: &'a Path,
        name: Option<&'a Path>,
        formats: &FormatFlags,
        global: &'a Global,
    ) -> Result<Self> {
        let name = name.unwrap_or(path);
        let lock = Lock::of(path);
        let input = Input::File(path.to_owned());
        let read = formats.read_sealed(&input, Some(name));
        let (text, format) = read.map_err(|failure| match failure.code {
            // What sops has for a file that it wanted to change.
            Code::NoFile => failure.with_code(Code::Unreadable),
            _ => failure,
        })?;
        formats.refuse_other(format)?;
        let environment = environment(global);
        Ok(Self { path, name, format, text, environment, global, _lock: lock })
    }

    /// Its text, sealed.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Its format.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// The keyring to open it and to seal it with.
    pub(crate) fn keyring(&self) -> Result<Keyring<'static>> {
        keyring(&self.environment)
    }

    /// Opens it. Its MAC and its integrity record have to hold, unless that is to be
    /// ignored.
    pub(crate) fn revision(&self, keyring: &Keyring<'_>, ignore_mac: bool) -> Result<Revision<'_>> {
        let revision = Revision::open(&self.text, self.format, keyring, ignore_mac)
            .map_err(|error| self.failed(&error))?;
        let (typed, config) = (self.global.require_integrity, self.config());
        let demand = Demand { typed, name: Some(self.name), config };
        let has_record = revision.metadata().integrity.is_some();
        demand.check(self.path.display(), has_record, revision.ignored())?;
        Ok(revision)
    }

    /// Opens it to give it an integrity record, which it need not have.
    pub(crate) fn revision_without_record(&self, keyring: &Keyring<'_>) -> Result<Revision<'_>> {
        Revision::open(&self.text, self.format, keyring, false).map_err(|error| self.failed(&error))
    }

    /// Refuses recipients that came from nowhere; `named` are those that were typed.
    pub(crate) fn refuse_newcomers(
        &self,
        revision: &Revision<'_>,
        flags: &AcceptFlags,
        named: &[MasterKey],
    ) -> Result {
        let Self { path, name, format, .. } = *self;
        let known = Known { path, name, format, config: self.config() };
        known.refuse_others(revision.metadata(), revision.record_holds(), flags, named)
    }

    /// The rules for it.
    pub(crate) fn governing(&self) -> Result<Option<Governing>> {
        Governing::find(self.name, self.config())
    }

    /// Whether its rule wants it to be taken for Kubernetes objects, as far as rules
    /// can be read: what is sealed already does not depend on them.
    pub(crate) fn kubernetes(&self) -> Option<bool> {
        let governing = self.governing().ok().flatten()?;
        governing.plan()?.recipe.kubernetes
    }

    /// What went wrong with it.
    pub(crate) fn failed(&self, error: &Error) -> Failure {
        let input = Input::File(self.path.to_owned());
        explain(&input, Some(self.name), self.config(), error)
    }

    /// Puts the new file in its place.
    pub(crate) fn replace(&self, sealed: &Sealed) -> Result {
        self.write(Output::File(self.path), sealed)
    }

    /// Writes the new file, wherever it goes.
    pub(crate) fn write(&self, output: Output<'_>, sealed: &Sealed) -> Result {
        output.write(sealed.text.as_bytes(), Content::Sealed)
    }

    fn config(&self) -> Option<&Path> {
        self.global.config.as_deref().or(self.environment.config.as_deref())
    }
}
