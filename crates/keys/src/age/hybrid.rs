//! Hybrid post-quantum keys of age: `age1pq1…` and `AGE-SECRET-KEY-PQ-1…`.
//!
//! Go's age has them since 1.3; the age crate has not yet. What is missing is one key
//! encapsulation, X-Wing (draft-connolly-cfrg-xwing-kem: ML-KEM-768 beside X25519,
//! joined by SHA3-256), which the hpke crate takes as a [`Kem`]. The stanza is that of
//! <https://c2sp.org/age>: HPKE's base mode with HKDF-SHA256 and ChaCha20-Poly1305.
//!
//! The file key survives as long as either of the two problems is hard.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use age::{DecryptError, EncryptError};
use age_core::format::{FILE_KEY_BYTES, FileKey, Stanza};
use age_core::primitives::{bech32_decode, bech32_encode, hpke_open, hpke_seal};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bech32::Hrp;
use hpke::kem::SharedSecret;
use hpke::{Deserializable, HpkeError, Kem, Serializable};
use ml_kem::kem::{Decapsulate, Encapsulate};
use ml_kem::{EncodedSizeUser, KemCore, MlKem768};
use rand_core::{CryptoRng, OsRng, RngCore};
use secrecy::{ExposeSecret, SecretString};
use sha3::digest::typenum::{Sum, U32, Unsigned};
use sha3::digest::{Digest, ExtendableOutput, Update, XofReader};
use sha3::{Sha3_256, Shake256};
use x25519_dalek::{PublicKey as X25519Public, StaticSecret as X25519Secret};
use zeroize::{Zeroize, Zeroizing};

const RECIPIENT: Hrp = Hrp::parse_unchecked("age1pq");
const IDENTITY: Hrp = Hrp::parse_unchecked("AGE-SECRET-KEY-PQ-");
const TAG: &str = "mlkem768x25519";
const INFO: &[u8] = b"age-encryption.org/mlkem768x25519";
/// A file key that has such a stanza may have no stanza of a weaker kind.
const LABEL: &str = "postquantum";
/// The authentication tag of ChaCha20-Poly1305.
const AEAD_OVERHEAD: usize = 16;

/// The public half of a hybrid key.
#[derive(Clone, Debug)]
pub(super) struct Recipient(PublicKey);

/// The secret half: the seed of both keys.
#[derive(Clone)]
pub(super) struct Identity(PrivateKey);

impl Identity {
    /// A fresh key.
    pub(super) fn generate() -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        OsRng.fill_bytes(&mut *seed);
        Self(PrivateKey(seed))
    }

    pub(super) fn to_public(&self) -> Recipient {
        Recipient(XWing::sk_to_pk(&self.0))
    }

    /// `AGE-SECRET-KEY-PQ-1…`
    pub(super) fn to_text(&self) -> SecretString {
        let lower = Zeroizing::new(bech32_encode(IDENTITY, &*self.0.0));
        SecretString::from(lower.to_uppercase())
    }
}

impl FromStr for Identity {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        decode(text, IDENTITY, PrivateKey::from_bytes).map(Self)
    }
}

impl FromStr for Recipient {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        decode(text, RECIPIENT, PublicKey::from_bytes).map(Self)
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bech32_encode(RECIPIENT, &self.0.to_bytes()))
    }
}

fn decode<T>(
    text: &str,
    prefix: Hrp,
    parse: impl Fn(&[u8]) -> Result<T, HpkeError>,
) -> Result<T, ()> {
    let is_ours = |found: Hrp| if found == prefix { Ok(()) } else { Err(()) };
    bech32_decode(
        text,
        |_| (),
        is_ours,
        |_, bytes| {
            // Room for the longest, so that no copy of a seed is left behind.
            let mut decoded = Zeroizing::new(Vec::with_capacity(2048));
            decoded.extend(bytes.take(2048));
            parse(&decoded).map_err(|_| ())
        },
    )
}

impl age::Recipient for Recipient {
    fn wrap_file_key(
        &self,
        file_key: &FileKey,
    ) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let file_key = file_key.expose_secret();
        let (enc, body) = hpke_seal::<XWing, _>(&self.0, INFO, file_key, &mut OsRng);
        let args = vec![STANDARD_NO_PAD.encode(enc.to_bytes())];
        let stanza = Stanza { tag: TAG.to_owned(), args, body };
        Ok((vec![stanza], HashSet::from([LABEL.to_owned()])))
    }
}

impl age::Identity for Identity {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        if stanza.tag != TAG {
            return None;
        }
        let [enc] = &stanza.args[..] else { return Some(Err(DecryptError::InvalidHeader)) };
        let enc =
            STANDARD_NO_PAD.decode(enc).ok().and_then(|enc| Ciphertext::from_bytes(&enc).ok());
        let (Some(enc), true) = (enc, stanza.body.len() == FILE_KEY_BYTES + AEAD_OVERHEAD) else {
            return Some(Err(DecryptError::InvalidHeader));
        };
        // Another's stanza cannot be told from a damaged one: ML-KEM gives some secret for
        // every ciphertext.
        let opened = Zeroizing::new(hpke_open::<XWing>(&enc, &self.0, INFO, &stanza.body).ok()?);
        let fill = |key: &mut [u8; FILE_KEY_BYTES]| key.copy_from_slice(&opened);
        (opened.len() == FILE_KEY_BYTES).then(|| Ok(FileKey::init_with_mut(fill)))
    }
}

type MlKemPublic = <MlKem768 as KemCore>::EncapsulationKey;
type MlKemSecret = <MlKem768 as KemCore>::DecapsulationKey;
type MlKemPublicSize = <MlKemPublic as EncodedSizeUser>::EncodedSize;
type MlKemCiphertextSize = <MlKem768 as KemCore>::CiphertextSize;

/// X-Wing's domain separation.
const XWING_LABEL: &[u8] = br"\.//^\";

/// X-Wing, as HPKE uses it.
struct XWing;

#[derive(Clone, PartialEq, Eq)]
struct PrivateKey(Zeroizing<[u8; 32]>);

#[derive(Clone, Debug, PartialEq)]
struct PublicKey {
    ml_kem: MlKemPublic,
    x25519: X25519Public,
}

impl Eq for PublicKey {}

#[derive(Clone)]
struct Ciphertext {
    ml_kem: ml_kem::Ciphertext<MlKem768>,
    x25519: X25519Public,
}

impl PrivateKey {
    /// Both keys of the seed.
    fn expand(&self) -> (MlKemSecret, MlKemPublic, X25519Secret) {
        let mut stream = Shake256::default().chain(self.0.as_slice()).finalize_xof();
        let (mut d, mut z, mut x25519) = ([0; 32], [0; 32], [0; 32]);
        for part in [&mut d, &mut z, &mut x25519] {
            stream.read(part);
        }
        let (secret, public) = MlKem768::generate_deterministic(&d.into(), &z.into());
        let x25519_secret = X25519Secret::from(x25519);
        [d, z, x25519].zeroize();
        (secret, public, x25519_secret)
    }
}

impl Kem for XWing {
    type PublicKey = PublicKey;
    type PrivateKey = PrivateKey;
    type EncappedKey = Ciphertext;
    type NSecret = U32;

    const KEM_ID: u16 = 0x647a;

    fn sk_to_pk(secret: &PrivateKey) -> PublicKey {
        let (_, ml_kem, x25519) = secret.expand();
        PublicKey { ml_kem, x25519: X25519Public::from(&x25519) }
    }

    fn derive_keypair(material: &[u8]) -> (PrivateKey, PublicKey) {
        let mut seed = Zeroizing::new([0; 32]);
        Shake256::default().chain(material).finalize_xof().read(&mut *seed);
        let secret = PrivateKey(seed);
        let public = Self::sk_to_pk(&secret);
        (secret, public)
    }

    fn decap(
        secret: &PrivateKey,
        sender: Option<&PublicKey>,
        ciphertext: &Ciphertext,
    ) -> Result<SharedSecret<Self>, HpkeError> {
        let (ml_kem, _, x25519) = secret.expand();
        let by_ml_kem =
            ml_kem.decapsulate(&ciphertext.ml_kem).map_err(|()| HpkeError::DecapError)?;
        let by_x25519 = x25519.diffie_hellman(&ciphertext.x25519);
        // X-Wing has no authenticated mode, and age does not use one.
        if sender.is_some() || !by_x25519.was_contributory() {
            return Err(HpkeError::DecapError);
        }
        let public = X25519Public::from(&x25519);
        Ok(combine(&by_ml_kem, by_x25519.as_bytes(), &ciphertext.x25519, &public))
    }

    fn encap<R: CryptoRng + RngCore>(
        public: &PublicKey,
        sender: Option<(&PrivateKey, &PublicKey)>,
        random: &mut R,
    ) -> Result<(SharedSecret<Self>, Ciphertext), HpkeError> {
        let encapsulated = public.ml_kem.encapsulate(random);
        let (ml_kem, by_ml_kem) = encapsulated.map_err(|()| HpkeError::EncapError)?;
        let ephemeral = X25519Secret::random_from_rng(random);
        let by_x25519 = ephemeral.diffie_hellman(&public.x25519);
        if sender.is_some() || !by_x25519.was_contributory() {
            return Err(HpkeError::EncapError);
        }
        let x25519 = X25519Public::from(&ephemeral);
        let secret = combine(&by_ml_kem, by_x25519.as_bytes(), &x25519, &public.x25519);
        Ok((secret, Ciphertext { ml_kem, x25519 }))
    }
}

fn combine(
    by_ml_kem: &[u8],
    by_x25519: &[u8],
    ciphertext: &X25519Public,
    public: &X25519Public,
) -> SharedSecret<XWing> {
    let parts = [by_ml_kem, by_x25519, ciphertext.as_bytes(), public.as_bytes(), XWING_LABEL];
    let hash = parts.into_iter().fold(Sha3_256::new(), Digest::chain_update);
    SharedSecret(hash.finalize())
}

impl Serializable for PrivateKey {
    type OutputSize = U32;

    fn write_exact(&self, out: &mut [u8]) {
        out.copy_from_slice(&*self.0);
    }
}

impl Deserializable for PrivateKey {
    fn from_bytes(bytes: &[u8]) -> Result<Self, HpkeError> {
        let wrong = |_| HpkeError::IncorrectInputLength(32, bytes.len());
        Ok(Self(Zeroizing::new(bytes.try_into().map_err(wrong)?)))
    }
}

impl Serializable for PublicKey {
    type OutputSize = Sum<MlKemPublicSize, U32>;

    fn write_exact(&self, out: &mut [u8]) {
        let (ml_kem, x25519) = out.split_at_mut(MlKemPublicSize::USIZE);
        ml_kem.copy_from_slice(&self.ml_kem.as_bytes());
        x25519.copy_from_slice(self.x25519.as_bytes());
    }
}

impl Deserializable for PublicKey {
    fn from_bytes(bytes: &[u8]) -> Result<Self, HpkeError> {
        let (encoded, x25519) = split::<Self>(bytes)?;
        let wrong = |_| HpkeError::ValidationError;
        let ml_kem = MlKemPublic::from_bytes(encoded.try_into().map_err(wrong)?);
        // FIPS 203, 7.2: numbers that are not reduced are no key.
        let is_reduced = ml_kem.as_bytes().as_slice() == encoded;
        // Sealing for a point of low order would fail, and hpke_seal panics then.
        let probe = X25519Secret::from([1; 32]).diffie_hellman(&x25519);
        if !is_reduced || !probe.was_contributory() {
            return Err(HpkeError::ValidationError);
        }
        Ok(Self { ml_kem, x25519 })
    }
}

impl Serializable for Ciphertext {
    type OutputSize = Sum<MlKemCiphertextSize, U32>;

    fn write_exact(&self, out: &mut [u8]) {
        let (ml_kem, x25519) = out.split_at_mut(MlKemCiphertextSize::USIZE);
        ml_kem.copy_from_slice(&self.ml_kem);
        x25519.copy_from_slice(self.x25519.as_bytes());
    }
}

impl Deserializable for Ciphertext {
    fn from_bytes(bytes: &[u8]) -> Result<Self, HpkeError> {
        let (encoded, x25519) = split::<Self>(bytes)?;
        let wrong = |_| HpkeError::ValidationError;
        Ok(Self { ml_kem: encoded.try_into().map_err(wrong)?, x25519 })
    }
}

/// The part of ML-KEM and that of X25519, when the length is right.
fn split<T: Serializable>(bytes: &[u8]) -> Result<(&[u8], X25519Public), HpkeError> {
    let expected = T::OutputSize::USIZE;
    match bytes.split_last_chunk::<32>() {
        Some((ml_kem, x25519)) if bytes.len() == expected => Ok((ml_kem, (*x25519).into())),
        _ => Err(HpkeError::IncorrectInputLength(expected, bytes.len())),
    }
}

#[cfg(test)]
mod tests;
