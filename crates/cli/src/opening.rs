//! Opening a sealed file, for the commands that give its plaintext away.

use std::path::Path;

use bulla_core::{Error, Format, OpenedBytes};
use bulla_keys::Environment;

use crate::args::Global;
use crate::failure::{Failure, Result};
use crate::governing::Governing;
use crate::input::Input;
use crate::integrity::Demand;
use crate::keyring::keyring;
use crate::no_key;

/// What is to be opened, and how.
pub(crate) struct Opening<'a> {
    /// Where it comes from.
    pub(crate) input: &'a Input,
    /// The name that it goes by.
    pub(crate) name: Option<&'a Path>,
    /// Its format.
    pub(crate) format: Format,
    /// Whether values may have been added, removed or reordered.
    pub(crate) ignore_mac: bool,
    /// What was typed with the command.
    pub(crate) global: &'a Global,
}

impl Opening<'_> {
    /// The plaintext of a sealed text.
    pub(crate) fn open(&self, text: &str, environment: &Environment) -> Result<OpenedBytes> {
        let keyring = keyring(environment)?;
        let config = self.global.config.as_deref().or(environment.config.as_deref());
        let opened = bulla_core::open_bytes(text, self.format, &keyring, self.ignore_mac)
            .map_err(|error| explain(self.input, self.name, config, &error))?;
        let demand = Demand { typed: self.global.require_integrity, name: self.name, config };
        demand.check(self.input, opened.has_record, &opened.ignored)?;
        Ok(opened)
    }
}

/// Why a sealed text was not opened.
///
/// Only here are rules read, for names to show, and only as far as they can be.
pub(crate) fn explain(
    input: &Input,
    name: Option<&Path>,
    config: Option<&Path>,
    error: &Error,
) -> Failure {
    let about_keys = matches!(error, Error::NoKey { .. });
    let named = name.filter(|_| about_keys);
    let governing = named.and_then(|name| Governing::find(name, config).ok().flatten());
    no_key::failure(&input.to_string(), error, governing.as_ref().map(|found| &found.rules))
}
