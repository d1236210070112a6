//! Services that are made when a key of their kind is asked for.

// A key service alone has none of these.
#![cfg_attr(
    not(any(feature = "aws", feature = "azure", feature = "gcp", feature = "vault")),
    allow(dead_code)
)]

use std::sync::{Arc, OnceLock};

use bulla_core::{KeyError, KeyService, MasterKey, WrappedKey};
use secrecy::SecretSlice;

use crate::environment::Environment;
use crate::remote::Remote;

/// What the services of one keyring are made of.
pub(crate) struct Shared {
    environment: Arc<Environment>,
    remote: Arc<Remote>,
}

impl Shared {
    /// Starts nothing.
    pub(crate) fn new(environment: &Environment) -> Self {
        let remote = Remote::new(environment.timeout);
        Self { environment: Arc::new(environment.clone()), remote }
    }

    /// The service for the kind with this [name](MasterKey::kind).
    pub(crate) fn later<S: KeyService>(&self, kind: &'static str, make: Make<S>) -> Later<S> {
        let (environment, remote) = (self.environment.clone(), self.remote.clone());
        Later { kind, make, environment, remote, made: OnceLock::new() }
    }
}

/// How a service is made.
type Make<S> = fn(&Environment, Arc<Remote>) -> S;

/// A service for one kind of keys that does not exist before the first of them.
pub(crate) struct Later<S> {
    kind: &'static str,
    make: Make<S>,
    environment: Arc<Environment>,
    remote: Arc<Remote>,
    made: OnceLock<S>,
}

impl<S: KeyService> Later<S> {
    fn of(&self, key: &MasterKey) -> Option<&S> {
        let make = || (self.make)(&self.environment, self.remote.clone());
        (key.kind() == self.kind).then(|| self.made.get_or_init(make))
    }
}

impl<S: KeyService> KeyService for Later<S> {
    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError> {
        self.of(&wrapped.key).map_or(Ok(None), |service| service.unwrap(wrapped))
    }

    fn wrap(
        &self,
        key: &MasterKey,
        secret: &SecretSlice<u8>,
    ) -> Result<Option<WrappedKey>, KeyError> {
        self.of(key).map_or(Ok(None), |service| service.wrap(key, secret))
    }

    fn tried(&self, key: &MasterKey) -> Vec<String> {
        self.of(key).map_or_else(Vec::new, |service| service.tried(key))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Service;

    impl KeyService for Service {
        fn unwrap(&self, _: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError> {
            Err(KeyError::new("asked"))
        }

        fn wrap(&self, _: &MasterKey, _: &SecretSlice<u8>) -> Result<Option<WrappedKey>, KeyError> {
            Err(KeyError::new("asked"))
        }

        fn tried(&self, _: &MasterKey) -> Vec<String> {
            vec!["a place".into()]
        }
    }

    #[test]
    fn a_service_is_made_for_its_own_kind_and_once() {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let shared = Shared::new(&Environment::default());
        let service = shared.later("gcp_kms", |_, _| {
            MADE.fetch_add(1, Ordering::Relaxed);
            Service
        });
        let secret = SecretSlice::from(vec![7; 32]);
        let wrapped = |key| WrappedKey { key, enc: String::new(), created_at: None };
        let other = MasterKey::Age { recipient: "age1".into() };
        assert!(service.unwrap(&wrapped(other.clone())).is_ok_and(|answer| answer.is_none()));
        assert!(service.unwrap_at_hand(&wrapped(other.clone())).is_none());
        assert!(service.wrap(&other, &secret).is_ok_and(|answer| answer.is_none()));
        assert!(service.tried(&other).is_empty());
        assert_eq!(MADE.load(Ordering::Relaxed), 0);

        let own = MasterKey::GcpKms { resource_id: "projects/p".into() };
        for _ in 0..2 {
            assert_eq!(service.unwrap(&wrapped(own.clone())).unwrap_err().reason, "asked");
            assert_eq!(service.wrap(&own, &secret).unwrap_err().reason, "asked");
            assert_eq!(service.tried(&own), ["a place"]);
        }
        assert_eq!(MADE.load(Ordering::Relaxed), 1);
    }
}
