//! What services have answered already, and what they are being asked at this moment,
//! so that nobody is asked twice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest, Sha256};

use crate::error::Attempt;
use crate::master_key::{KeyError, KeyErrorKind, MasterKey, WrappedKey};

/// A wrapped key by its master key and the digest of its blob, which may be long.
type Blob = (MasterKey, [u8; 32]);

/// A master key, and the position in its keyring of the service that is asked.
type Asked = (usize, MasterKey);

/// The answers of a process; what was opened is wiped when dropped.
///
/// Time-outs and the like are forgotten: the next file may be luckier.
#[derive(Default)]
pub(super) struct Memory {
    opened: Mutex<HashMap<Blob, SecretSlice<u8>>>,
    denied: Mutex<HashMap<Asked, KeyError>>,
    /// What is being asked, and why it failed once that is known: whoever comes in the
    /// meantime waits for it.
    under_way: Mutex<HashMap<Blob, Arc<OnceLock<Option<Attempt>>>>>,
    /// Who has been asked once, whatever came of it.
    known: Mutex<HashMap<Asked, Arc<OnceLock<()>>>>,
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
    fn keep(&self, wrapped: &WrappedKey, secret: &SecretSlice<u8>) {
        lock(&self.opened).insert(blob(wrapped), copy(secret));
    }

    /// Has one thread `ask` for a wrapped key, and all others that want the same one at
    /// the same time wait for what it gets.
    pub(super) fn once(
        &self,
        wrapped: &WrappedKey,
        ask: impl Fn() -> Result<SecretSlice<u8>, Attempt>,
    ) -> Result<SecretSlice<u8>, Attempt> {
        let blob = blob(wrapped);
        let shared = lock(&self.under_way).entry(blob.clone()).or_default().clone();
        let mut own = None;
        let failed = shared.get_or_init(|| {
            let answer = self.opened(wrapped).map_or_else(&ask, Ok);
            if let Ok(secret) = &answer {
                self.keep(wrapped, secret);
            }
            own.insert(answer).as_ref().err().cloned()
        });
        match (own, failed) {
            (Some(answer), _) => {
                lock(&self.under_way).remove(&blob);
                answer
            }
            (None, Some(attempt)) => Err(attempt.clone()),
            (None, None) => self.opened(wrapped).map_or_else(ask, Ok),
        }
    }

    /// Has a service asked about a master key, unless it refused that before.
    ///
    /// As long as nobody knows whether it does, one thread asks and all others wait: of
    /// many files that are opened at the same time, the first meets the denial.
    pub(super) fn asking<T>(
        &self,
        service: usize,
        key: &MasterKey,
        ask: impl Fn() -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        let asked = (service, key.clone());
        let known = lock(&self.known).entry(asked.clone()).or_default().clone();
        let ask = || {
            if let Some(denial) = lock(&self.denied).get(&asked) {
                return Err(denial.clone());
            }
            ask().inspect_err(|error| {
                if error.kind == KeyErrorKind::Denied {
                    lock(&self.denied).insert(asked.clone(), error.clone());
                }
            })
        };
        let mut first = None;
        known.get_or_init(|| first = Some(ask()));
        first.unwrap_or_else(ask)
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
