//! Splitting a data key over key groups, the way of sops and Vault.
//!
//! Shamir's scheme, for each byte of the key by itself, in the field of AES: GF(2^8)
//! with the polynomial 0x11B. A byte of the key is the value at 0 of a polynomial
//! whose other coefficients are random; a share holds the values at one other x, and
//! then x itself. Group i has x = i + 1 in what is written; any x is read.
//!
//! No table is looked up and no branch taken that depends on a secret.

use secrecy::{ExposeSecret, SecretBox, SecretSlice};
use subtle::{Choice, ConditionallySelectable};
use zeroize::Zeroizing;

use crate::data_key::{DATA_KEY_LENGTH, DataKey};
use crate::error::Error;

/// The length of a share, in bytes.
pub(crate) const SHARE_LENGTH: usize = DATA_KEY_LENGTH + 1;

/// What a key group has of a data key.
pub(crate) struct Share {
    /// Never 0, where the data key itself is.
    x: u8,
    y: SecretBox<[u8; DATA_KEY_LENGTH]>,
}

impl Share {
    /// The share that these bytes are, if they are one.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&x, y) = bytes.split_last()?;
        if bytes.len() != SHARE_LENGTH || x == 0 {
            return None;
        }
        let y = SecretBox::init_with_mut(|own: &mut [u8; DATA_KEY_LENGTH]| own.copy_from_slice(y));
        Some(Self { x, y })
    }

    /// Whether both are the same group's, in which case one of them is of no use.
    pub(crate) fn stands_for(&self, other: &Self) -> bool {
        self.x == other.x
    }

    /// The bytes as what a master key wraps.
    pub(crate) fn to_secret(&self) -> SecretSlice<u8> {
        let mut bytes = Vec::with_capacity(SHARE_LENGTH);
        bytes.extend_from_slice(self.y.expose_secret());
        bytes.push(self.x);
        SecretSlice::from(bytes)
    }
}

/// A share for each of `groups`, any `threshold` of which give the key back.
///
/// # Errors
///
/// When the operating system gives no randomness.
pub(crate) fn split(key: &DataKey, groups: u8, threshold: u8) -> Result<Vec<Share>, Error> {
    let random = usize::from(threshold).saturating_sub(1);
    let mut coefficients = Zeroizing::new(vec![[0; DATA_KEY_LENGTH]; random]);
    getrandom::fill(coefficients.as_flattened_mut()).map_err(|_| Error::NoRandomness)?;
    let share = |x| {
        let y = SecretBox::init_with_mut(|y: &mut [u8; DATA_KEY_LENGTH]| {
            // Horner's rule, from the highest coefficient down to the key.
            for coefficient in coefficients.iter().chain([key.expose()]) {
                for (y, coefficient) in y.iter_mut().zip(coefficient) {
                    *y = multiply(*y, x) ^ coefficient;
                }
            }
        });
        Share { x, y }
    };
    Ok((1..=groups).map(share).collect())
}

/// The key that these shares give, which is the right one if they are enough.
///
/// No two of them may stand for each other: the result would be a key that nothing
/// was sealed with.
pub(crate) fn combine(shares: &[Share]) -> DataKey {
    DataKey::init(|key| {
        for share in shares {
            // The polynomial of Lagrange that is 1 at this x and 0 at the others, at 0.
            let others = shares.iter().filter(|other| !other.stands_for(share));
            let weight = others.fold(1, |weight, other| {
                multiply(weight, multiply(other.x, invert(other.x ^ share.x)))
            });
            for (key, y) in key.iter_mut().zip(share.y.expose_secret()) {
                *key ^= multiply(*y, weight);
            }
        }
    })
}

/// The product in the field.
fn multiply(a: u8, b: u8) -> u8 {
    let (mut a, mut product) = (a, 0);
    for bit in 0..8 {
        product ^= u8::conditional_select(&0, &a, Choice::from(b >> bit & 1));
        a = a << 1 ^ u8::conditional_select(&0, &0x1B, Choice::from(a >> 7));
    }
    product
}

/// One divided by `a`: the field has 255 elements besides 0, so it is `a` to the
/// power of 254. Of 0 it is 0.
fn invert(a: u8) -> u8 {
    let mut power = 1;
    let mut square = a;
    for _ in 1..8 {
        square = multiply(square, square);
        power = multiply(power, square);
    }
    power
}

#[cfg(test)]
mod tests;
