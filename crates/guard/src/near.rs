//! Keys in the form of NEAR: the curve, a colon, base58. How many bytes there are tells
//! the private from the public ones.

use memchr::memmem;

use crate::ed25519::is_key_pair;
use crate::finding::{Confidence, Rule};
use crate::found::Found;

/// The longest base58 that is looked at, and the shortest.
const LONGEST: usize = 90;
const SHORTEST: usize = 40;

/// Every secret key in a text.
pub(crate) fn find(text: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    for (mark, length) in [(&b"ed25519:"[..], 64), (b"secp256k1:", 32)] {
        for at in memmem::find_iter(text, mark) {
            let start = at + mark.len();
            let rest = &text[start..text.len().min(start + LONGEST + 1)];
            let digits = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            if !(SHORTEST..=LONGEST).contains(&digits) {
                continue;
            }
            let Ok(bytes) = bs58::decode(&rest[..digits]).into_vec() else { continue };
            // Of ed25519 the secret has twice the length of the public key, of
            // secp256k1 half of it.
            if bytes.len() != length || bytes.iter().all(|&byte| byte == bytes[0]) {
                continue;
            }
            let (confidence, why) = match is_key_pair(&bytes) {
                true => (
                    Confidence::Proof,
                    "a secret key of NEAR: its second half is the public key of the first",
                ),
                false => (
                    Confidence::Structure,
                    "a secret key of NEAR: it has the length of one, and public keys have not",
                ),
            };
            found.push(Found::new(at..start + digits, Rule::NearKey, confidence, why));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::SigningKey;

    fn confidence(text: &str) -> Option<Confidence> {
        find(text.as_bytes()).first().map(|found| found.confidence)
    }

    #[test]
    fn the_length_tells_the_secret_from_the_public_key() {
        let pair = SigningKey::from_bytes(b"a test key of thirty-two letters").to_keypair_bytes();
        let text = |curve: &str, bytes: &[u8]| {
            format!("k: \"{curve}:{}\"", bs58::encode(bytes).into_string())
        };
        assert_eq!(confidence(&text("ed25519", &pair)), Some(Confidence::Proof));
        assert_eq!(confidence(&text("ed25519", &pair[32..])), None);
        assert_eq!(confidence(&text("secp256k1", &pair[..32])), Some(Confidence::Structure));
        assert_eq!(confidence(&text("secp256k1", &pair)), None);
        let mut other = pair;
        other[63] ^= 1;
        assert_eq!(confidence(&text("ed25519", &other)), Some(Confidence::Structure));
        assert_eq!(confidence(&text("ed25519", &[1; 64])), None);
        assert_eq!(confidence("ed25519:"), None);
    }
}
