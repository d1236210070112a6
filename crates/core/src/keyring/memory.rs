//! What services have answered already, so that nobody is asked twice.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest, Sha256};

use crate::master_key::{KeyError, KeyErrorKind, MasterKey, WrappedKey};

/// A wrapped key by its master key and the digest of its blob, which may be long.
type Blob = (MasterKey, [u8; 32]);

/// The answers of a process; what was opened is wiped when dropped.
///
/// Time-outs and the like are forgotten: the next file may be luckier.
#[derive(Default)]
pub(super) struct Memory {
    opened: Mutex<HashMap<Blob, SecretSlice<u8>>>,
    /// By the position of the service in its keyring.
    denied: Mutex<HashMap<(usize, MasterKey), KeyError>>,
}

impl Memory {
    /// What this wrapped key was opened to before.
    pub(super) fn opened(&self, wrapped: &WrappedKey) -> Option<SecretSlice<u8>> {
        let opened = lock(&self.opened);
        if opened.is_empty() {
            return None;
        }
        opened.get(&blob(wrapped)).map(copy)
    }

    /// Remembers what this wrapped key was opened to.
    pub(super) fn keep(&self, wrapped: &WrappedKey, secret: &SecretSlice<u8>) {
        lock(&self.opened).insert(blob(wrapped), copy(secret));
    }

    /// How a service refused a master key before.
    pub(super) fn denial(&self, service: usize, key: &MasterKey) -> Option<KeyError> {
        let denied = lock(&self.denied);
        if denied.is_empty() {
            return None;
        }
        denied.get(&(service, key.clone())).cloned()
    }

    /// Remembers the error if it is a refusal.
    pub(super) fn note(&self, service: usize, key: &MasterKey, error: &KeyError) {
        if error.kind == KeyErrorKind::Denied {
            lock(&self.denied).insert((service, key.clone()), error.clone());
        }
    }
}

fn blob(wrapped: &WrappedKey) -> Blob {
    (wrapped.key.clone(), Sha256::digest(&wrapped.enc).into())
}

fn copy(secret: &SecretSlice<u8>) -> SecretSlice<u8> {
    SecretSlice::from(secret.expose_secret().to_vec())
}

/// A thread that panicked left whole entries or none.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
