//! AES-256-GCM as the format uses it.

use aes_gcm::aead::array::ArraySize;
use aes_gcm::aead::consts::{U12, U16, U24, U32};
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, Nonce, Tag};
use zeroize::Zeroizing;

use crate::data_key::DataKey;
use crate::error::Error;
use crate::sealed_value::{SealedValue, TAG_LENGTH};
use crate::stack;
use crate::value::{Value, ValueType};

pub(crate) mod pieces;

/// The nonce length that is written, in bytes.
pub const IV_LENGTH: usize = 32;

/// The file's cipher: one key schedule for all of its values.
pub struct Cipher {
    // On the heap, where it is wiped: what is moved leaves a copy.
    cipher: Box<AesGcm<Aes256, U32>>,
    key: DataKey,
}

/// A value that its key, its place or its type does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenError;

impl Cipher {
    /// Sets the key up.
    pub fn new(key: DataKey) -> Self {
        let cipher = stack::wiped(|| Box::new(AesGcm::new(key.expose().into())));
        Self { cipher, key }
    }

    /// The data key, for wrapping it once more.
    pub fn key(&self) -> &DataKey {
        &self.key
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
        let mut data = plain.to_vec();
        let tag = self.seal_in_place(iv, &mut data, aad)?;
        Ok(SealedValue { data, iv: iv.to_vec(), tag, kind })
    }

    /// As [`Cipher::seal`], with a nonce that must not be used again: the plaintext
    /// gives way to the ciphertext, and the tag is returned.
    pub(crate) fn seal_in_place(
        &self,
        iv: [u8; IV_LENGTH],
        data: &mut [u8],
        aad: &str,
    ) -> Result<[u8; TAG_LENGTH], Error> {
        let nonce = Nonce::<U32>::from(iv);
        let sealed = self.cipher.encrypt_inout_detached(&nonce, aad.as_bytes(), data.into());
        sealed.map(Into::into).map_err(|_| Error::TooLong)
    }

    /// The plaintext of a sealed value.
    ///
    /// # Errors
    ///
    /// When key or place are not the ones it was sealed with, or a bit of it has
    /// changed.
    pub fn open(&self, sealed: SealedValue, aad: &str) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let mut data = Zeroizing::new(sealed.data);
        let opened = match sealed.iv.len() {
            IV_LENGTH => open_in_place(&self.cipher, &sealed.iv, aad, &mut data, sealed.tag),
            12 => self.open_with_iv::<U12>(&sealed.iv, aad, &mut data, sealed.tag),
            16 => self.open_with_iv::<U16>(&sealed.iv, aad, &mut data, sealed.tag),
            24 => self.open_with_iv::<U24>(&sealed.iv, aad, &mut data, sealed.tag),
            _ => None,
        };
        opened.ok_or(OpenError)?;
        Ok(data)
    }

    /// Other tools write other nonces; they are rare enough to set the key up anew.
    fn open_with_iv<Size: ArraySize>(
        &self,
        iv: &[u8],
        aad: &str,
        data: &mut [u8],
        tag: [u8; TAG_LENGTH],
    ) -> Option<()> {
        stack::wiped(|| {
            let cipher = AesGcm::<Aes256, Size>::new(self.key.expose().into());
            open_in_place(&cipher, iv, aad, data, tag)
        })
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

impl Drop for Cipher {
    fn drop(&mut self) {
        stack::overwrite();
    }
}

fn open_in_place<Size: ArraySize>(
    cipher: &AesGcm<Aes256, Size>,
    iv: &[u8],
    aad: &str,
    data: &mut [u8],
    tag: [u8; TAG_LENGTH],
) -> Option<()> {
    let nonce: &Nonce<Size> = iv.try_into().ok()?;
    cipher.decrypt_inout_detached(nonce, aad.as_bytes(), data.into(), &Tag::from(tag)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonces_of_other_tools_are_read() {
        fn seal<Size: ArraySize>(key: &DataKey) -> SealedValue {
            let cipher = AesGcm::<Aes256, Size>::new(key.expose().into());
            let nonce = Nonce::<Size>::default();
            let mut data = *b"value";
            let tag =
                cipher.encrypt_inout_detached(&nonce, b"a:", data.as_mut_slice().into()).unwrap();
            let iv = nonce.to_vec();
            SealedValue { data: data.to_vec(), iv, tag: tag.into(), kind: ValueType::Str }
        }
        let key = || DataKey::from_bytes(&[7; 32]).unwrap();
        let cipher = Cipher::new(key());
        for sealed in
            [seal::<U12>(&key()), seal::<U16>(&key()), seal::<U24>(&key()), seal::<U32>(&key())]
        {
            assert_eq!(cipher.open(sealed.clone(), "a:").unwrap().as_slice(), b"value");
            assert!(cipher.open(sealed, "b:").is_err());
        }
    }
}
