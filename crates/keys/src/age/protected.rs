//! Files of identities that are sealed with a passphrase, by `age -p`.

use std::io::Read;
use std::sync::OnceLock;

use age::armor::ArmoredReader;
use age::{DecryptError, Decryptor, scrypt};
use bulla_core::KeyError;
use zeroize::Zeroizing;

use super::identities::Identities;
use super::sources::LIMIT;
use crate::terminal;

/// A sealed file of identities.
pub(super) struct Protected {
    sealed: Vec<u8>,
    opened: OnceLock<Result<Identities, KeyError>>,
}

impl Protected {
    /// Whether this is the beginning of a file that age sealed.
    pub(super) fn is_one(bytes: &[u8]) -> bool {
        let bytes = bytes.trim_ascii_start();
        bytes.starts_with(b"age-encryption.org/") || bytes.starts_with(b"-----BEGIN AGE ENCRYPTED")
    }

    /// Takes a file that age sealed.
    pub(super) fn new(bytes: &[u8]) -> Result<Self, String> {
        let sealed = bytes.trim_ascii_start();
        match decryptor(sealed) {
            Ok(decryptor) if decryptor.is_scrypt() => {
                Ok(Self { sealed: sealed.to_vec(), opened: OnceLock::new() })
            }
            Ok(_) => {
                Err("is sealed with age for a key; only a passphrase can protect identities".into())
            }
            Err(_) => Err("looks like a file of age, and is damaged".into()),
        }
    }

    /// What is in it. The passphrase is asked for once.
    pub(super) fn open(&self, name: &str) -> Result<&Identities, KeyError> {
        let open = || self.open_once(name);
        self.opened.get_or_init(open).as_ref().map_err(Clone::clone)
    }

    fn open_once(&self, name: &str) -> Result<Identities, KeyError> {
        let identity = scrypt::Identity::new(terminal::passphrase(name)?);
        let failed = |error| match error {
            DecryptError::ExcessiveWork { .. } => {
                KeyError::new(format!("the passphrase of {name} would take minutes to check"))
                    .with_hint("protect the file anew with age -p")
            }
            _ => super::wrong_passphrase(name),
        };
        let decrypted = decryptor(&self.sealed)
            .and_then(|decryptor| decryptor.decrypt(std::iter::once(&identity as _)))
            .map_err(failed)?;
        let mut text = Zeroizing::new(Vec::with_capacity(self.sealed.len()));
        let read = decrypted.take(LIMIT as u64).read_to_end(&mut text);
        match (read, std::str::from_utf8(&text)) {
            (Ok(_), Ok(text)) => Ok(Identities::parse(text)),
            _ => Err(KeyError::new(format!("{name} is damaged"))),
        }
    }

    /// In words, for the message when nothing opens a file.
    pub(super) fn describe(&self) -> String {
        match self.opened.get() {
            Some(Ok(identities)) => identities.describe(),
            Some(Err(error)) => error.reason.clone(),
            None => "protected by a passphrase, which was not asked for".into(),
        }
    }
}

fn decryptor(sealed: &[u8]) -> Result<Decryptor<impl Read>, DecryptError> {
    Decryptor::new(ArmoredReader::new(sealed))
}
