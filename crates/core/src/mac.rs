//! The file MAC: SHA-512 over the values, sealed with the data key.

use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::cipher::Cipher;
use crate::error::Error;
use crate::sealed_value::SealedValue;
use crate::value::{Value, ValueType};

/// SHA-256 of "sops": what the hash begins with when only sealed values count, so
/// that the two kinds of MAC can never be taken for each other.
const ONLY_ENCRYPTED: [u8; 32] = [
    0x8a, 0x3f, 0xd2, 0xad, 0x54, 0xce, 0x66, 0x52, 0x7b, 0x10, 0x34, 0xf3, 0xd1, 0x47, 0xbe, 0x0b,
    0x0b, 0x97, 0x5b, 0x3b, 0xf4, 0x4f, 0x72, 0xc6, 0xfd, 0xad, 0xec, 0x81, 0x76, 0xf2, 0x7d, 0x69,
];

/// The hash while it is being fed.
pub struct Mac {
    hash: Sha512,
    only_encrypted: bool,
}

impl Mac {
    /// An empty MAC; `only_encrypted` is the file's `mac_only_encrypted`.
    pub fn new(only_encrypted: bool) -> Self {
        let mut hash = Sha512::new();
        if only_encrypted {
            hash.update(ONLY_ENCRYPTED);
        }
        Self { hash, only_encrypted }
    }

    /// Adds a leaf, in document order.
    pub fn add(&mut self, value: &Value<'_>, sealed: bool) {
        if sealed || !self.only_encrypted {
            self.hash.update(value.wire_bytes());
        }
    }

    /// Adds bytes of a leaf that is not at hand as one value.
    pub(crate) fn add_bytes(&mut self, bytes: &[u8], sealed: bool) {
        if sealed || !self.only_encrypted {
            self.hash.update(bytes);
        }
    }

    /// The MAC as it stands in the file.
    ///
    /// # Errors
    ///
    /// When the operating system gives no randomness.
    pub fn seal(self, cipher: &Cipher, last_modified: &str) -> Result<String, Error> {
        let sealed = cipher.seal(self.hex().as_bytes(), last_modified, ValueType::Str)?;
        Ok(sealed.print())
    }

    /// Whether `sealed` is this MAC. What the two are is never shown: a hash of a
    /// guessable secret is the secret.
    ///
    /// # Errors
    ///
    /// [`Error::MacMissing`], [`Error::MacUnreadable`] or [`Error::MacMismatch`].
    pub fn verify(self, sealed: &str, cipher: &Cipher, last_modified: &str) -> Result<(), Error> {
        if sealed.is_empty() {
            return Err(Error::MacMissing);
        }
        let sealed = SealedValue::parse(sealed).map_err(|_| Error::MacUnreadable)?;
        let theirs = cipher.open(sealed, last_modified).map_err(|_| Error::MacUnreadable)?;
        if bool::from(self.hex().as_bytes().ct_eq(&theirs)) {
            Ok(())
        } else {
            Err(Error::MacMismatch)
        }
    }

    fn hex(self) -> Zeroizing<String> {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        let digest = Zeroizing::new(<[u8; 64]>::from(self.hash.finalize()));
        let nibbles = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        Zeroizing::new(nibbles.map(|nibble| char::from(DIGITS[usize::from(nibble)])).collect())
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    #[test]
    fn the_beginning_is_the_hash_of_the_word() {
        assert_eq!(<[u8; 32]>::from(Sha256::digest(b"sops")), super::ONLY_ENCRYPTED);
    }
}
