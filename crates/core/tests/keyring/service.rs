//! A service that hides nothing and counts what it is asked.

use std::collections::HashSet;
use std::sync::Mutex;
use std::thread::{self, ThreadId};

use bulla_core::{
    DataKey, KeyError, KeyErrorKind, KeyService, Keyring, MasterKey, Metadata, WrappedKey,
};
use secrecy::{ExposeSecret, SecretSlice};

pub(crate) const NOW: &str = "2026-11-20T10:56:18Z";

/// What is asked for, by the names of the keys.
#[derive(Default)]
pub(crate) struct Service {
    /// The keys that it does not have.
    pub(crate) lacks: HashSet<&'static str>,
    /// The keys that it fails at, and how.
    pub(crate) fails: Vec<(&'static str, KeyErrorKind)>,
    pub(crate) unwrapped: Mutex<Vec<String>>,
    pub(crate) wrapped: Mutex<Vec<(String, ThreadId)>>,
}

impl Service {
    /// What was opened or tried since the last time, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.unwrapped.lock().expect("no test panicked"))
    }

    pub(crate) fn keyring(&self) -> Keyring<'_> {
        Keyring::new().with(self)
    }
}

impl KeyService for &Service {
    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError> {
        let name = wrapped.key.to_string();
        self.unwrapped.lock().expect("no test panicked").push(name.clone());
        if let Some(&(_, kind)) = self.fails.iter().find(|(failing, _)| *failing == name) {
            return Err(KeyError { kind, ..KeyError::new(format!("{name} fails")) });
        }
        if self.lacks.contains(name.as_str()) {
            return Ok(None);
        }
        let bytes = wrapped.enc.split('.').map(|byte| byte.parse::<u8>().expect("a byte"));
        Ok(Some(bytes.collect::<Vec<_>>().into()))
    }

    fn wrap(
        &self,
        key: &MasterKey,
        secret: &SecretSlice<u8>,
    ) -> Result<Option<WrappedKey>, KeyError> {
        let name = key.to_string();
        self.wrapped.lock().expect("no test panicked").push((name.clone(), thread::current().id()));
        if self.fails.iter().any(|(failing, _)| *failing == name) {
            return Err(KeyError::new(format!("{name} fails")));
        }
        Ok(Some(WrappedKey {
            key: key.clone(),
            enc: clear(secret.expose_secret()),
            created_at: None,
        }))
    }

    fn tried(&self, key: &MasterKey) -> Vec<String> {
        vec![format!("the place of {key}")]
    }
}

pub(crate) fn clear(bytes: &[u8]) -> String {
    bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(".")
}

pub(crate) fn age(name: &str) -> MasterKey {
    MasterKey::Age { recipient: name.into() }
}

pub(crate) fn pgp(name: &str) -> MasterKey {
    MasterKey::Pgp { fingerprint: name.into() }
}

pub(crate) fn gcp(name: &str) -> MasterKey {
    MasterKey::GcpKms { resource_id: name.into() }
}

/// The metadata of a file whose data key is all sevens.
pub(crate) fn metadata(groups: &[Vec<MasterKey>], threshold: Option<usize>) -> Metadata {
    let service = Service::default();
    let key = DataKey::from_bytes(&[7; 32]).expect("32 bytes");
    let wrapped = service
        .keyring()
        .wrap(groups, threshold, &key, NOW)
        .expect("groups that can be sealed for");
    Metadata { threshold, ..of(wrapped) }
}

pub(crate) fn of(groups: Vec<Vec<WrappedKey>>) -> Metadata {
    Metadata {
        groups,
        threshold: None,
        last_modified: NOW.into(),
        mac: String::new(),
        selector: None,
        mac_only_encrypted: false,
        version: "3.13.1".into(),
        layout: None,
        integrity: None,
        raw: None,
    }
}
