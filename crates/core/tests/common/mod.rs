//! A key that hides nothing, for tests of everything but keys.

use bulla_core::{KeyError, KeyService, Keyring, MasterKey, Recipe, WrappedKey};
use secrecy::{ExposeSecret, SecretSlice};

pub(crate) const NOW: &str = "2026-11-20T10:56:18Z";

struct Clear;

impl KeyService for Clear {
    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError> {
        let bytes = wrapped.enc.split('.').map(|byte| byte.parse::<u8>().expect("a byte"));
        Ok(Some(bytes.collect::<Vec<_>>().into()))
    }

    fn wrap(
        &self,
        key: &MasterKey,
        secret: &SecretSlice<u8>,
    ) -> Result<Option<WrappedKey>, KeyError> {
        let bytes: Vec<_> = secret.expose_secret().iter().map(u8::to_string).collect();
        Ok(Some(WrappedKey { key: key.clone(), enc: bytes.join("."), created_at: None }))
    }

    fn tried(&self, _: &MasterKey) -> Vec<String> {
        Vec::new()
    }
}

pub(crate) fn keyring() -> Keyring<'static> {
    Keyring::new().with(Clear)
}

pub(crate) fn recipe() -> Recipe {
    let key = MasterKey::Age { recipient: "clear".into() };
    Recipe { groups: vec![vec![key]], ..Recipe::default() }
}
