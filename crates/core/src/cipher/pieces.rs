//! AES-256-GCM over a plaintext that comes in pieces.
//!
//! `aes-gcm` takes a plaintext whole. This puts the same parts together in the same way
//! (NIST SP 800-38D, 7.1), and a test compares the two; there is no opening here, which
//! would give out what no tag has vouched for yet.

use aes::Aes256;
use aes::cipher::{BlockCipherEncrypt, InnerIvInit, KeyInit, StreamCipher};
use ctr::{Ctr32BE, CtrCore};
use ghash::GHash;
use ghash::universal_hash::UniversalHash;
use zeroize::{Zeroize, Zeroizing};

use super::IV_LENGTH;
use crate::data_key::DataKey;
use crate::error::Error;
use crate::sealed_value::TAG_LENGTH;
use crate::stack;

/// Every piece but the last is a multiple of this, in bytes.
pub(crate) const BLOCK: usize = 16;

/// A value that is being sealed.
pub(crate) struct Sealing {
    // On the heap, where it is wiped: what is moved leaves a copy.
    keystream: Box<Ctr32BE<Aes256>>,
    hash: Box<GHash>,
    mask: Zeroizing<[u8; TAG_LENGTH]>,
    aad_length: usize,
    length: usize,
}

impl Sealing {
    /// Begins with a nonce that must not be used again, for the place that `aad` names.
    pub(crate) fn new(key: &DataKey, iv: &[u8; IV_LENGTH], aad: &str) -> Self {
        stack::wiped(|| {
            let cipher = Aes256::new(key.expose().into());
            let mut hash_key = ghash::Key::default();
            cipher.encrypt_block(&mut hash_key);
            let hash = GHash::new(&hash_key);
            hash_key.zeroize();
            let first = first_counter(&hash, iv);
            let keystream = CtrCore::inner_iv_init(cipher, &first);
            let mut keystream = Box::new(Ctr32BE::from_core(keystream));
            let mut hash = Box::new(hash);
            // The first block of the keystream hides the tag.
            let mut mask = Zeroizing::new([0; TAG_LENGTH]);
            keystream.apply_keystream(mask.as_mut_slice());
            hash.update_padded(aad.as_bytes());
            Self { keystream, hash, mask, aad_length: aad.len(), length: 0 }
        })
    }

    /// Seals the next piece into `sealed`, which is as long.
    ///
    /// # Errors
    ///
    /// When all pieces together are longer than the cipher allows (64 GiB).
    pub(crate) fn seal(&mut self, plain: &[u8], sealed: &mut [u8]) -> Result<(), Error> {
        debug_assert!(self.length.is_multiple_of(BLOCK), "a piece was not of whole blocks");
        let applied = self.keystream.try_apply_keystream_b2b(plain, sealed);
        applied.map_err(|_| Error::TooLong)?;
        self.hash.update_padded(sealed);
        self.length += plain.len();
        Ok(())
    }

    /// The tag over all pieces.
    pub(crate) fn tag(self) -> [u8; TAG_LENGTH] {
        let Self { mut hash, mask, aad_length, length, .. } = self;
        hash.update(&[lengths(aad_length, length)]);
        let hash = hash.finalize();
        std::array::from_fn(|index| hash[index] ^ mask[index])
    }
}

/// The counter before the first block, of a nonce that is not 12 bytes long.
fn first_counter(hash: &GHash, iv: &[u8; IV_LENGTH]) -> ghash::Block {
    let mut hash = hash.clone();
    hash.update_padded(iv);
    hash.update(&[lengths(0, iv.len())]);
    hash.finalize()
}

/// The block at the end of what is hashed: two lengths, in bits.
fn lengths(first: usize, second: usize) -> ghash::Block {
    let mut block = ghash::Block::default();
    for (half, length) in block.chunks_exact_mut(BLOCK / 2).zip([first, second]) {
        half.copy_from_slice(&(length as u64 * 8).to_be_bytes());
    }
    block
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Cipher;
    use super::*;

    fn key() -> DataKey {
        DataKey::from_bytes(&[7; 32]).unwrap()
    }

    /// What comes out piece by piece.
    fn in_pieces(
        plain: &[u8],
        iv: &[u8; IV_LENGTH],
        aad: &str,
        piece: usize,
    ) -> (Vec<u8>, [u8; 16]) {
        let mut sealing = Sealing::new(&key(), iv, aad);
        let mut all = Vec::new();
        for plain in plain.chunks(piece) {
            let mut sealed = vec![0; plain.len()];
            sealing.seal(plain, &mut sealed).unwrap();
            all.extend(sealed);
        }
        (all, sealing.tag())
    }

    proptest! {
        #[test]
        fn pieces_are_sealed_as_the_whole_is(
            plain in prop::collection::vec(any::<u8>(), 0..600),
            iv: [u8; IV_LENGTH],
            aad in "[a-z:]{0,40}",
            blocks in 1_usize..20,
        ) {
            let mut whole = plain.clone();
            let tag = Cipher::new(key()).seal_in_place(iv, &mut whole, &aad).unwrap();
            prop_assert_eq!(in_pieces(&plain, &iv, &aad, blocks * BLOCK), (whole, tag));
        }
    }

    #[test]
    fn a_counter_that_runs_over_does_so_as_in_the_whole() {
        const BLOCKS: usize = 1 << 16;
        let mut hash_key = ghash::Key::default();
        Aes256::new(key().expose().into()).encrypt_block(&mut hash_key);
        let hash = GHash::new(&hash_key);
        // Only the last 32 bits count; where they start is a hash of the nonce.
        let left = |iv: &[u8; IV_LENGTH]| {
            let first = first_counter(&hash, iv);
            (u32::MAX - u32::from_be_bytes(first[12..].try_into().unwrap())) as usize
        };
        let nonces = (0_u64..).map(|nonce| {
            let mut iv = [0; IV_LENGTH];
            iv[..8].copy_from_slice(&nonce.to_be_bytes());
            iv
        });
        let iv = { nonces }.find(|iv| (1..BLOCKS - 1).contains(&left(iv))).unwrap();
        let plain = vec![0; BLOCKS * BLOCK];
        let mut whole = plain.clone();
        let tag = Cipher::new(key()).seal_in_place(iv, &mut whole, "data:").unwrap();
        assert_eq!(in_pieces(&plain, &iv, "data:", 48 << 11), (whole, tag));
    }
}
