//! Wrapping a data key for master keys, and getting it back.

use secrecy::{ExposeSecret, SecretSlice};

use crate::data_key::DataKey;
use crate::error::{Attempt, Error};
use crate::master_key::{KeyError, Keyring, MasterKey, WrappedKey};
use crate::metadata::Metadata;
use crate::recipe::KeyGroup;

impl Keyring<'_> {
    /// Wraps a data key for every key of every group.
    ///
    /// `now` is RFC 3339, for the kinds that record it.
    ///
    /// # Errors
    ///
    /// When there is no key, a key cannot be sealed for, or there are several
    /// groups.
    pub fn wrap(
        &self,
        groups: &[KeyGroup],
        threshold: Option<usize>,
        data_key: &DataKey,
        now: &str,
    ) -> Result<Vec<Vec<WrappedKey>>, Error> {
        if groups.iter().all(Vec::is_empty) {
            return Err(Error::NoRecipients);
        }
        if let Some(threshold) = threshold
            && threshold > groups.len()
        {
            return Err(Error::Threshold { threshold, groups: groups.len() });
        }
        let [group] = groups else { return Err(Error::KeyGroups { groups: groups.len() }) };
        let secret = data_key.to_secret();
        let wrapped = group.iter().map(|key| self.wrap_one(key, &secret, now));
        Ok(vec![wrapped.collect::<Result<_, _>>()?])
    }

    fn wrap_one(
        &self,
        key: &MasterKey,
        secret: &SecretSlice<u8>,
        now: &str,
    ) -> Result<WrappedKey, Error> {
        let failed = |error| Error::Wrap { key: Box::new(key.clone()), error };
        for service in self.services() {
            if let Some(mut wrapped) = service.wrap(key, secret).map_err(failed)? {
                let dated = !matches!(key, MasterKey::Age { .. });
                wrapped.created_at = dated.then(|| now.to_owned());
                return Ok(wrapped);
            }
        }
        let reason = format!("this version cannot seal for keys of the kind {}", key.kind());
        Err(failed(KeyError::new(reason)))
    }

    /// Opens a file's data key with the first of its keys that any service has.
    ///
    /// # Errors
    ///
    /// [`Error::NoKey`] with what happened to each of them.
    pub fn unwrap(&self, metadata: &Metadata) -> Result<DataKey, Error> {
        if metadata.groups.len() > 1 {
            return Err(Error::KeyGroups { groups: metadata.groups.len() });
        }
        let mut wrapped: Vec<_> = metadata.keys().collect();
        // sops tries age, then pgp, then the rest as they stand.
        wrapped.sort_by_key(|wrapped| match wrapped.key {
            MasterKey::Age { .. } => 0,
            MasterKey::Pgp { .. } => 1,
            _ => 2,
        });
        let at_hand = |wrapped: &&WrappedKey| {
            self.services().find_map(|service| service.unwrap_at_hand(wrapped))
        };
        let secret = wrapped.iter().find_map(at_hand);
        if let Some(key) = secret.and_then(|secret| DataKey::from_bytes(secret.expose_secret())) {
            return Ok(key);
        }
        let mut attempts = Vec::new();
        for wrapped in wrapped {
            match self.unwrap_one(wrapped) {
                Ok(key) => return Ok(key),
                Err(attempt) => attempts.push(attempt),
            }
        }
        Err(Error::NoKey { attempts })
    }

    fn unwrap_one(&self, wrapped: &WrappedKey) -> Result<DataKey, Attempt> {
        let mut tried = Vec::new();
        for service in self.services() {
            let error = match service.unwrap(wrapped) {
                Ok(None) => {
                    tried.extend(service.tried(&wrapped.key));
                    continue;
                }
                Ok(Some(secret)) => match DataKey::from_bytes(secret.expose_secret()) {
                    Some(key) => return Ok(key),
                    None => KeyError::new("what it opens is not a data key of 32 bytes"),
                },
                Err(error) => error,
            };
            let tried = service.tried(&wrapped.key);
            return Err(Attempt { key: Box::new(wrapped.key.clone()), tried, error: Some(error) });
        }
        Err(Attempt { key: Box::new(wrapped.key.clone()), tried, error: None })
    }
}
