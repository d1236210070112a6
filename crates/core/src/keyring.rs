//! Wrapping a data key for master keys, and getting it back.

mod memory;
mod order;

use secrecy::{ExposeSecret, SecretSlice};

use crate::data_key::DataKey;
use crate::error::{Attempt, Error, Missing};
use crate::master_key::{KeyError, KeyService, MasterKey, WrappedKey};
use crate::metadata::Metadata;
use crate::pool::Pool;
use crate::recipe::{KeyGroup, needed};
use crate::shamir::{self, Share};

use memory::Memory;
pub use order::{DecryptionOrder, OrderError};

/// The services that a caller has, in the order in which they are asked.
///
/// Nothing in it is ambient. It remembers what services answered: a wrapped key that
/// was opened once is not asked for again, and a master key that was denied not tried
/// again for the next file. Threads that want the same at the same time ask once.
#[derive(Default)]
pub struct Keyring<'k> {
    services: Vec<Box<dyn KeyService + 'k>>,
    order: Option<DecryptionOrder>,
    pool: Pool,
    memory: Memory,
    forgetful: bool,
}

impl<'k> Keyring<'k> {
    /// A keyring that opens nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The keyring with one more service, asked last.
    #[must_use]
    pub fn with(mut self, service: impl KeyService + 'k) -> Self {
        self.services.push(Box::new(service));
        self
    }

    /// The keyring with a user's own order of trying keys, kept to the letter: not even
    /// what is at hand comes before.
    #[must_use]
    pub fn in_order(self, order: DecryptionOrder) -> Self {
        Self { order: Some(order), ..self }
    }

    /// The keyring with a bound to what it asks at a time.
    #[must_use]
    pub fn with_pool(self, pool: Pool) -> Self {
        Self { pool, ..self }
    }

    /// The keyring without memory, for a process that runs for long: secrets do not
    /// stay in it, and a permission that is given counts at once.
    #[must_use]
    pub fn forgetful(self) -> Self {
        Self { forgetful: true, ..self }
    }

    /// The services, in order.
    pub fn services(&self) -> impl Iterator<Item = &(dyn KeyService + 'k)> {
        self.services.iter().map(AsRef::as_ref)
    }

    /// The bound to what is asked at a time: for a caller with many files.
    pub fn pool(&self) -> Pool {
        self.pool
    }
}

impl Keyring<'_> {
    /// Wraps a data key for every key of every group, or the group's share of it when
    /// there are several.
    ///
    /// `threshold` groups are needed to get it back; all, when absent. `now` is RFC
    /// 3339, for the kinds that record it.
    ///
    /// # Errors
    ///
    /// When a group has no key, the groups cannot meet the threshold, or a key cannot
    /// be sealed for.
    pub fn wrap(
        &self,
        groups: &[KeyGroup],
        threshold: Option<usize>,
        data_key: &DataKey,
        now: &str,
    ) -> Result<Vec<Vec<WrappedKey>>, Error> {
        let secrets = secrets(groups, threshold, data_key)?;
        let pairs = groups.iter().zip(&secrets);
        let pairs: Vec<(&MasterKey, &SecretSlice<u8>)> =
            pairs.flat_map(|(group, secret)| group.iter().map(move |key| (key, secret))).collect();
        let mut wrapped = self.wrap_all(&pairs)?.into_iter().map(|mut wrapped| {
            let dated = !matches!(wrapped.key, MasterKey::Age { .. });
            wrapped.created_at = dated.then(|| now.to_owned());
            wrapped
        });
        Ok(groups.iter().map(|group| wrapped.by_ref().take(group.len()).collect()).collect())
    }

    /// Wraps for each key, in order.
    ///
    /// age needs no help from anybody, and its plugins ask one thing after the other,
    /// so that stays on the calling thread; all others are asked at the same time.
    fn wrap_all(&self, pairs: &[(&MasterKey, &SecretSlice<u8>)]) -> Result<Vec<WrappedKey>, Error> {
        let here = |key: &MasterKey| matches!(key, MasterKey::Age { .. });
        let mut wrapped: Vec<Option<WrappedKey>> = Vec::with_capacity(pairs.len());
        for &(key, secret) in pairs {
            wrapped.push(here(key).then(|| self.wrap_one(key, secret)).transpose()?);
        }
        let elsewhere: Vec<_> = pairs.iter().filter(|(key, _)| !here(key)).collect();
        let asked = self.pool.map(&elsewhere, |&&(key, secret)| self.wrap_one(key, secret));
        let mut asked = asked.into_iter();
        // There are as many answers as places without one.
        let merged = wrapped.into_iter().filter_map(|own| own.map(Ok).or_else(|| asked.next()));
        merged.collect()
    }

    /// Wraps a data key or a share for one key, without a date.
    ///
    /// # Errors
    ///
    /// When no service could.
    pub fn wrap_one(&self, key: &MasterKey, secret: &SecretSlice<u8>) -> Result<WrappedKey, Error> {
        let mut errors = Vec::new();
        for service in self.services() {
            match service.wrap(key, secret) {
                Ok(Some(wrapped)) => return Ok(wrapped),
                Ok(None) => {}
                Err(error) => errors.push(error),
            }
        }
        let error = KeyError::joined(errors).unwrap_or_else(|| {
            KeyError::new(format!("this version cannot seal for keys of the kind {}", key.kind()))
        });
        Err(Error::Wrap { key: Box::new(key.clone()), error })
    }

    /// Opens a file's data key with the first of its keys that any service has; with
    /// several groups, with the first of as many groups as are needed.
    ///
    /// # Errors
    ///
    /// [`Error::NoKey`] with what happened to each key.
    pub fn unwrap(&self, metadata: &Metadata) -> Result<DataKey, Error> {
        if metadata.groups.len() > 1 {
            let shares = self.open_groups(metadata, share)?;
            return Ok(shamir::combine(&shares));
        }
        let mut whole = self.open_groups(metadata, |secret, _| {
            DataKey::from_bytes(secret)
                .ok_or_else(|| KeyError::new("what it opens is not a data key of 32 bytes"))
        })?;
        // One group is needed, so there is one.
        whole.pop().ok_or(Error::NoKey { attempts: Vec::new(), missing: None })
    }

    /// Opens as many groups as are needed, and makes `T` out of what each holds, of
    /// which the others are given too.
    fn open_groups<T>(
        &self,
        metadata: &Metadata,
        mut read: impl FnMut(&[u8], &[T]) -> Result<T, KeyError>,
    ) -> Result<Vec<T>, Error> {
        let mut opening = Opening::new(metadata);
        let keys = self.sorted(metadata);
        if self.order.is_none() {
            for &(group, wrapped) in &keys {
                if opening.wants(group)
                    && let Some(secret) = self.at_hand(wrapped)
                    && let Ok(piece) = read(secret.expose_secret(), &opening.found)
                {
                    opening.add(group, piece);
                }
            }
        }
        let mut attempts = Vec::new();
        for (group, wrapped) in keys {
            if !opening.wants(group) {
                continue;
            }
            let piece = self.unwrap_one(wrapped).and_then(|secret| {
                let piece = read(secret.expose_secret(), &opening.found);
                piece.map_err(|error| Attempt::failed(wrapped, error))
            });
            match piece {
                Ok(piece) => opening.add(group, piece),
                Err(attempt) => attempts.push(Attempt { group, ..attempt }),
            }
        }
        opening.end(attempts)
    }

    /// All keys with their groups, in the order in which they are tried.
    fn sorted<'m>(&self, metadata: &'m Metadata) -> Vec<(usize, &'m WrappedKey)> {
        let groups = metadata.groups.iter().enumerate();
        let mut keys: Vec<_> =
            groups.flat_map(|(group, keys)| keys.iter().map(move |key| (group, key))).collect();
        let order = self.order.clone().unwrap_or_default();
        // Stable: the keys of a kind stay as they stand.
        keys.sort_by_key(|(_, wrapped)| order.rank(&wrapped.key));
        keys
    }

    fn at_hand(&self, wrapped: &WrappedKey) -> Option<SecretSlice<u8>> {
        self.memory
            .opened(wrapped)
            .or_else(|| self.services().find_map(|service| service.unwrap_at_hand(wrapped)))
    }

    /// Asks the services for one wrapped key, until one opens it.
    ///
    /// # Errors
    ///
    /// What happened instead, as of a key of the first group.
    pub fn unwrap_one(&self, wrapped: &WrappedKey) -> Result<SecretSlice<u8>, Attempt> {
        if self.forgetful {
            return self.ask(wrapped, |_, service| service.unwrap(wrapped));
        }
        if let Some(secret) = self.memory.opened(wrapped) {
            return Ok(secret);
        }
        self.memory.once(wrapped, || {
            self.ask(wrapped, |index, service| {
                self.memory.asking(index, &wrapped.key, || service.unwrap(wrapped))
            })
        })
    }

    /// Asks one service after the other, in the way that is given.
    fn ask(
        &self,
        wrapped: &WrappedKey,
        unwrap: impl Fn(usize, &dyn KeyService) -> Result<Option<SecretSlice<u8>>, KeyError>,
    ) -> Result<SecretSlice<u8>, Attempt> {
        let mut attempt = Attempt::new(wrapped);
        for (index, service) in self.services().enumerate() {
            match unwrap(index, service) {
                Ok(Some(secret)) => return Ok(secret),
                Ok(None) => {}
                Err(error) => attempt.errors.push(error),
            }
            attempt.tried.extend(service.tried(&wrapped.key));
        }
        Err(attempt)
    }
}

/// The groups of a file, as far as they are open.
struct Opening<T> {
    needed: usize,
    /// For each group.
    open: Vec<bool>,
    found: Vec<T>,
}

impl<T> Opening<T> {
    fn new(metadata: &Metadata) -> Self {
        let open = vec![false; metadata.groups.len()];
        Self { needed: metadata.needed(), open, found: Vec::new() }
    }

    /// Whether it would be of use to open this group.
    fn wants(&self, group: usize) -> bool {
        self.found.len() < self.needed && !self.open[group]
    }

    fn add(&mut self, group: usize, piece: T) {
        self.open[group] = true;
        self.found.push(piece);
    }

    fn end(self, mut attempts: Vec<Attempt>) -> Result<Vec<T>, Error> {
        let Self { needed, open, found } = self;
        if found.len() == needed {
            return Ok(found);
        }
        attempts.retain(|attempt| !open[attempt.group]);
        let missing = (open.len() > 1).then_some(Missing { needed, open });
        Err(Error::NoKey { attempts, missing })
    }
}

/// What each group gets: the whole key when there is one, else its share.
fn secrets(
    groups: &[KeyGroup],
    threshold: Option<usize>,
    data_key: &DataKey,
) -> Result<Vec<SecretSlice<u8>>, Error> {
    let count = groups.len();
    if groups.iter().all(Vec::is_empty) {
        return Err(Error::NoRecipients);
    }
    if let Some(empty) = groups.iter().position(Vec::is_empty) {
        return Err(Error::EmptyGroup { group: empty + 1 });
    }
    let needed = needed(threshold, count);
    let refused = Error::Threshold { threshold: needed, groups: count };
    if count == 1 {
        return if needed == 1 { Ok(vec![data_key.to_secret()]) } else { Err(refused) };
    }
    let (Ok(count), Ok(needed)) = (u8::try_from(count), u8::try_from(needed)) else {
        return Err(refused);
    };
    if !(2..=count).contains(&needed) {
        return Err(refused);
    }
    let shares = shamir::split(data_key, count, needed)?;
    Ok(shares.iter().map(Share::to_secret).collect())
}

/// A share that is of use beside the others.
fn share(secret: &[u8], others: &[Share]) -> Result<Share, KeyError> {
    let share = Share::from_bytes(secret)
        .ok_or_else(|| KeyError::new("what it opens is not a share of 33 bytes"))?;
    match others.iter().any(|other| other.stands_for(&share)) {
        true => Err(KeyError::new("what it opens is the share of another group")),
        false => Ok(share),
    }
}
