//! AES-256-GCM as the format uses it.

use aes_gcm::aead::consts::U32;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, Nonce, Tag};
use zeroize::Zeroizing;

use crate::data_key::DataKey;
use crate::error::Error;
use crate::sealed_value::SealedValue;
use crate::value::{Value, ValueType};

/// The nonce length that is written, in bytes.
pub const IV_LENGTH: usize = 32;

/// The file's cipher: one key schedule for all of its values.
pub struct Cipher(AesGcm<Aes256, U32>);

/// A value that its key, its place or its type does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenError;

impl Cipher {
    /// Sets the key up.
    pub fn new(key: &DataKey) -> Self {
        Self(AesGcm::new(key.expose().into()))
    }

    /// Seals a plaintext for the place that `aad` names, with a fresh nonce.
    ///
    /// # Errors
    ///
    /// When the operating system gives no randomness, or the plaintext is longer
    /// than the cipher allows (64 GiB).
    pub fn seal(&self, plain: &[u8], aad: &str, kind: ValueType) -> Result<SealedValue, Error> {
        let mut iv = [0; IV_LENGTH];
        getrandom::fill(&mut iv).map_err(|_| Error::NoRandomness)?;
        self.seal_with(iv, plain, aad, kind)
    }

    /// As [`Cipher::seal`], with a nonce that must not be used again.
    pub(crate) fn seal_with(
        &self,
        iv: [u8; IV_LENGTH],
        plain: &[u8],
        aad: &str,
        kind: ValueType,
    ) -> Result<SealedValue, Error> {
        let mut data = plain.to_vec();
        let nonce = Nonce::<U32>::from(iv);
        let tag = self
            .0
            .encrypt_inout_detached(&nonce, aad.as_bytes(), data.as_mut_slice().into())
            .map_err(|_| Error::TooLong)?;
        Ok(SealedValue { data, iv: iv.to_vec(), tag: tag.into(), kind })
    }

    /// The plaintext of a sealed value.
    ///
    /// # Errors
    ///
    /// When key or place are not the ones it was sealed with, or a bit of it has
    /// changed.
    pub fn open(&self, sealed: SealedValue, aad: &str) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let iv: [u8; IV_LENGTH] = sealed.iv.as_slice().try_into().map_err(|_| OpenError)?;
        let mut data = Zeroizing::new(sealed.data);
        self.0
            .decrypt_inout_detached(
                &Nonce::<U32>::from(iv),
                aad.as_bytes(),
                data.as_mut_slice().into(),
                &Tag::from(sealed.tag),
            )
            .map_err(|_| OpenError)?;
        Ok(data)
    }

    /// The typed value that a sealed one holds.
    ///
    /// # Errors
    ///
    /// As [`Cipher::open`], and when the plaintext contradicts its type, which is
    /// not authenticated.
    pub fn open_value(&self, sealed: SealedValue, aad: &str) -> Result<Value<'static>, OpenError> {
        let kind = sealed.kind;
        let mut plain = self.open(sealed, aad)?;
        Value::from_wire(std::mem::take(&mut *plain), kind).ok_or(OpenError)
    }
}
