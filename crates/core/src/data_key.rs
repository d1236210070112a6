//! The key that seals a file's values.

use secrecy::{ExposeSecret, SecretBox, SecretSlice};

use crate::error::Error;

/// The length of a data key, in bytes.
pub const DATA_KEY_LENGTH: usize = 32;

/// A file's data key: 32 bytes, wiped when dropped, never printed or copied.
pub struct DataKey(SecretBox<[u8; DATA_KEY_LENGTH]>);

impl DataKey {
    /// A fresh key from the operating system's randomness.
    ///
    /// # Errors
    ///
    /// When the operating system gives none.
    pub fn generate() -> Result<Self, Error> {
        let mut filled = Ok(());
        let key = SecretBox::init_with_mut(|bytes: &mut [u8; DATA_KEY_LENGTH]| {
            filled = getrandom::fill(bytes);
        });
        filled.map_err(|_| Error::NoRandomness)?;
        Ok(Self(key))
    }

    /// The key that these bytes are, when there are 32 of them: sops also accepts
    /// shorter ones, which are weaker ciphers.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == DATA_KEY_LENGTH).then(|| Self::init(|key| key.copy_from_slice(bytes)))
    }

    /// The key that `fill` makes out of zeros, in its place.
    pub(crate) fn init(fill: impl FnOnce(&mut [u8; DATA_KEY_LENGTH])) -> Self {
        Self(SecretBox::init_with_mut(fill))
    }

    /// The bytes, for the cipher and for wrapping.
    pub fn expose(&self) -> &[u8; DATA_KEY_LENGTH] {
        self.0.expose_secret()
    }

    /// The bytes as what a master key wraps.
    pub fn to_secret(&self) -> SecretSlice<u8> {
        SecretSlice::from(self.expose().to_vec())
    }
}
