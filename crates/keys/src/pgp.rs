//! PGP, through the user's gpg: agents, smartcards and pinentry work as they are set up.
//!
//! gpg gets the arguments that sops gives it. The data key goes through its standard
//! input and output; nothing secret is an argument.

mod fingerprint;
mod gpg;
mod listing;

use bulla_core::{KeyError, KeyService, MasterKey, WrappedKey};
use secrecy::{ExposeSecret, SecretSlice};

use crate::environment::Environment;
use fingerprint::Fingerprint;
use gpg::Gpg;

const ARMOR: &str = "-----BEGIN PGP MESSAGE-----";

/// Wraps and unwraps with gpg. Nothing is started before a key is asked for.
pub struct Pgp {
    gpg: Gpg,
}

impl Pgp {
    /// The service; starts nothing yet.
    pub fn new(environment: &Environment) -> Self {
        Self { gpg: Gpg::new(environment) }
    }
}

impl KeyService for Pgp {
    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError> {
        let MasterKey::Pgp { .. } = &wrapped.key else { return Ok(None) };
        if !wrapped.enc.trim_start().starts_with(ARMOR) {
            return Err(KeyError::new("its wrapped data key is damaged")
                .with_hint("restore the file from git"));
        }
        self.gpg.decrypt(&wrapped.enc)
    }

    fn wrap(
        &self,
        key: &MasterKey,
        secret: &SecretSlice<u8>,
    ) -> Result<Option<WrappedKey>, KeyError> {
        let MasterKey::Pgp { fingerprint } = key else { return Ok(None) };
        let fingerprint = Fingerprint::parse(fingerprint).ok_or_else(|| {
            KeyError::new("this is not the fingerprint of a PGP key")
                .with_hint("give all 40 digits that gpg --list-keys shows")
        })?;
        listing::check(&self.gpg.list(&fingerprint)?, &fingerprint)?;
        let enc = self.gpg.encrypt(&fingerprint, secret.expose_secret())?;
        Ok(Some(WrappedKey { key: key.clone(), enc, created_at: None }))
    }

    fn tried(&self, key: &MasterKey) -> Vec<String> {
        let MasterKey::Pgp { .. } = key else { return Vec::new() };
        vec![self.gpg.describe()]
    }
}
