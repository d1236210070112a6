//! A key that hides nothing: what is looked at is everything but keys.

use bulla_core::{KeyError, KeyService, Keyring, MasterKey, Recipe, WrappedKey};
use secrecy::{ExposeSecret, SecretSlice};

/// A time for what is sealed.
pub const NOW: &str = "2026-11-20T10:56:18Z";

/// The keyring of somebody who has that key.
pub fn keyring() -> Keyring<'static> {
    Keyring::new().with(Clear)
}

/// Sealing for that key, with nothing else said.
pub fn recipe() -> Recipe {
    let key = MasterKey::Age { recipient: "age1clear".into() };
    Recipe { groups: vec![vec![key]], ..Recipe::default() }
}

struct Clear;

impl KeyService for Clear {
    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError> {
        let bytes = hex::decode(wrapped.enc.trim_end());
        bytes.map(|bytes| Some(bytes.into())).map_err(|_| KeyError::new("this is no key"))
    }

    fn wrap(
        &self,
        key: &MasterKey,
        secret: &SecretSlice<u8>,
    ) -> Result<Option<WrappedKey>, KeyError> {
        let enc = hex::encode(secret.expose_secret());
        Ok(Some(WrappedKey { key: key.clone(), enc, created_at: None }))
    }

    fn tried(&self, _: &MasterKey) -> Vec<String> {
        Vec::new()
    }
}
