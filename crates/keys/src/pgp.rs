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
use crate::holdings::Holding;
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

/// The keys whose secret part gpg has, by the fingerprints of each and of its subkeys.
pub(crate) struct Secret {
    described: String,
    keys: Result<Vec<Vec<String>>, KeyError>,
}

impl Secret {
    /// Asks gpg, which asks nobody.
    pub(crate) fn list(environment: &Environment) -> Self {
        let gpg = Gpg::new(environment);
        let keys = gpg.list_secret().map(|listing| {
            let keys = listing::openers(&listing).into_iter();
            keys.map(|key| key.into_iter().map(str::to_owned).collect()).collect()
        });
        Self { described: gpg.describe(), keys }
    }

    pub(crate) fn holding(&self, fingerprint: &str) -> Holding {
        let keys = match &self.keys {
            Ok(keys) => keys,
            Err(error) => return Holding::Absent(error.reason.clone()),
        };
        let Some(wanted) = Fingerprint::parse(fingerprint) else {
            return Holding::Absent("this is not the fingerprint of a PGP key".into());
        };
        let digits = wanted.digits().to_ascii_uppercase();
        match keys.iter().flatten().any(|own| own.ends_with(&digits)) {
            true => Holding::Held(self.described.clone()),
            false => Holding::Absent("gpg has no secret key for it".into()),
        }
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
