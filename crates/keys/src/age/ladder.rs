//! The steps in which identities are tried: the cheapest first, people last.

use std::cell::RefCell;
use std::slice;

use age::DecryptError;
use age_core::format::{FileKey, Stanza};
use bulla_core::KeyError;

use super::Age;
use super::sources::{Found, Source};
#[cfg(feature = "ssh")]
use super::ssh::is_ssh;

type Unwrapped = Option<Result<FileKey, DecryptError>>;

/// All identities of somebody, as one.
pub(super) struct Ladder<'a> {
    age: &'a Age,
    recipient: &'a str,
    only_at_hand: bool,
    /// The first thing that stood in the way of an identity.
    obstacle: RefCell<Option<KeyError>>,
}

impl<'a> Ladder<'a> {
    /// All steps, for a file that is sealed for `recipient`.
    pub(super) fn new(age: &'a Age, recipient: &'a str) -> Self {
        Self { age, recipient, only_at_hand: false, obstacle: RefCell::default() }
    }

    /// The first step alone.
    pub(super) fn at_hand(age: &'a Age, recipient: &'a str) -> Self {
        Self { only_at_hand: true, ..Self::new(age, recipient) }
    }

    /// Why an identity that might have fitted was not tried.
    pub(super) fn into_obstacle(self) -> Option<KeyError> {
        self.obstacle.into_inner()
    }

    fn climb(&self, stanzas: &[Stanza]) -> Unwrapped {
        let age = self.age;
        let at_hand = age.at_hand();
        if let Some(unwrapped) = at_hand.iter().find_map(|source| ready(source, stanzas)) {
            return Some(unwrapped);
        }
        if self.only_at_hand {
            return None;
        }
        #[cfg(feature = "ssh")]
        let ssh_at_hand = if stanzas.iter().any(is_ssh) { age.ssh_at_hand() } else { &[] };
        #[cfg(feature = "ssh")]
        if let Some(unwrapped) = ssh_at_hand.iter().find_map(|source| ready(source, stanzas)) {
            return Some(unwrapped);
        }

        let mut printed = Vec::new();
        let commands = age.key_command.iter();
        #[cfg(feature = "ssh")]
        let commands = {
            let ssh = age.ssh_command.as_ref().filter(|_| stanzas.iter().any(is_ssh));
            ssh.into_iter().chain(commands)
        };
        for command in commands {
            let source = command.source(self.recipient);
            if let Some(unwrapped) = ready(&source, stanzas) {
                return Some(unwrapped);
            }
            printed.push(source);
        }

        let sources = at_hand.iter().chain(printed.iter().map(AsRef::as_ref));
        #[cfg(feature = "ssh")]
        let sources = ssh_at_hand.iter().chain(sources);
        #[cfg(feature = "plugin")]
        if let Some(key) = sources.clone().find_map(|source| self.by_plugins(source, stanzas)) {
            return Some(Ok(key));
        }
        sources.into_iter().find_map(|source| self.by_passphrase(source, stanzas))
    }

    /// Starts the plugins that a source names.
    #[cfg(feature = "plugin")]
    fn by_plugins(&self, source: &Source, stanzas: &[Stanza]) -> Option<FileKey> {
        let Ok(Found::Identities(identities)) = &source.found else { return None };
        self.start_plugins(identities, stanzas)
    }

    #[cfg(feature = "plugin")]
    fn start_plugins(
        &self,
        identities: &super::identities::Identities,
        stanzas: &[Stanza],
    ) -> Option<FileKey> {
        let path = self.age.environment.path.as_deref();
        identities.plugins.iter().find_map(|plugin| {
            let unwrapped = plugin.unwrap(stanzas, path);
            if unwrapped.is_none()
                && let Some(problem) = plugin.problem()
            {
                self.stumble(
                    KeyError::new(problem)
                        .with_hint("install the plugin, and check that age itself can use it"),
                );
            }
            unwrapped
        })
    }

    /// Asks for the passphrase of a source that has one.
    fn by_passphrase(&self, source: &Source, stanzas: &[Stanza]) -> Unwrapped {
        match source.found.as_ref().ok()? {
            Found::Identities(_) => None,
            Found::Protected(protected) => {
                let opened = protected.open(&source.name);
                let identities = opened.map_err(|error| self.stumble(error)).ok()?;
                let unwrapped = identities.unwrap(stanzas);
                #[cfg(feature = "plugin")]
                let unwrapped =
                    unwrapped.or_else(|| self.start_plugins(identities, stanzas).map(Ok));
                unwrapped
            }
            #[cfg(feature = "ssh")]
            Found::Ssh(key) if key.is_locked() && key.fits(stanzas) => {
                let unwrapped = key.unlock_and_unwrap(&source.name, stanzas);
                unwrapped.map_err(|error| self.stumble(error)).ok()?
            }
            #[cfg(feature = "ssh")]
            Found::Ssh(_) => None,
        }
    }

    fn stumble(&self, obstacle: KeyError) {
        self.obstacle.borrow_mut().get_or_insert(obstacle);
    }
}

impl age::Identity for Ladder<'_> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Unwrapped {
        self.climb(slice::from_ref(stanza))
    }

    fn unwrap_stanzas(&self, stanzas: &[Stanza]) -> Unwrapped {
        self.climb(stanzas)
    }
}

/// Unwraps with what a source has ready.
fn ready(source: &Source, stanzas: &[Stanza]) -> Unwrapped {
    match source.found.as_ref().ok()? {
        Found::Identities(identities) => identities.unwrap(stanzas),
        Found::Protected(_) => None,
        #[cfg(feature = "ssh")]
        Found::Ssh(key) => key.unwrap(stanzas),
    }
}
