//! Ed25519 key pairs: 64 bytes of which the second half is the public key of the
//! first. Nothing else has that property, so what has it is a key, whatever it is
//! called.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;

use crate::finding::{Confidence, Rule};
use crate::judge::Found;

const WHY: &str =
    "64 bytes whose second half is the public key of the first: an Ed25519 private key";

/// The length of a key pair in base64, without its padding.
const BASE64_LENGTH: usize = 86;

/// The length of a key pair in hexadecimal.
const HEX_LENGTH: usize = 128;

/// Whether this is a key pair.
pub(crate) fn is_key_pair(bytes: &[u8]) -> bool {
    let Some((seed, public)) = bytes.split_first_chunk::<32>() else { return false };
    // Nought is what examples are made of, though it has a public key too.
    public.len() == 32
        && seed.iter().any(|byte| byte != &seed[0])
        && SigningKey::from_bytes(seed).verifying_key().as_bytes() == public
}

/// Every key pair that stands in a text, in base64 or in hexadecimal.
pub(crate) fn find(text: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, run) in runs(text) {
        // In lock files, and as long as a key pair.
        if text[..at].ends_with(b"sha512-") {
            continue;
        }
        if decode(run).is_some_and(|bytes| is_key_pair(&bytes)) {
            found.push(self::found(at));
        }
    }
    found
}

/// A key pair that stands at an offset.
pub(crate) fn found(at: usize) -> Found {
    Found::new(at, Rule::Ed25519Key, Confidence::Proof, WHY)
}

/// The 64 bytes that a run of characters stands for, if it has their length.
fn decode(run: &[u8]) -> Option<Vec<u8>> {
    let hex = run.strip_prefix(b"0x").unwrap_or(run);
    if hex.len() == HEX_LENGTH {
        return hex::decode(hex).ok();
    }
    let padded = match run.len() {
        BASE64_LENGTH => [run, b"=="].concat(),
        88 if run.ends_with(b"==") => run.to_vec(),
        _ => return None,
    };
    STANDARD.decode(padded).ok()
}

/// Runs of the characters that base64 and hexadecimal are made of, long enough for a
/// key pair.
pub(crate) fn runs(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    const ALPHABET: [bool; 256] = {
        let mut alphabet = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            alphabet[byte] = (byte as u8).is_ascii_alphanumeric();
            byte += 1;
        }
        alphabet[b'+' as usize] = true;
        alphabet[b'/' as usize] = true;
        alphabet[b'=' as usize] = true;
        alphabet
    };
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            let start = at + text[at..].iter().position(|&byte| ALPHABET[usize::from(byte)])?;
            let rest = &text[start..];
            let length =
                rest.iter().position(|&byte| !ALPHABET[usize::from(byte)]).unwrap_or(rest.len());
            at = start + length;
            if length >= SHORTEST_RUN {
                // `KEY=abc` is a name and a value.
                let run = &rest[..length];
                let end = run.len() - run.iter().rev().take_while(|&&byte| byte == b'=').count();
                let name = run[..end].iter().rposition(|&byte| byte == b'=').map_or(0, |at| at + 1);
                return Some((start + name, &run[name..]));
            }
        }
        None
    })
}

/// Shorter runs hold nothing that is looked for.
const SHORTEST_RUN: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> [u8; 64] {
        SigningKey::from_bytes(b"a test key of thirty-two letters").to_keypair_bytes()
    }

    fn count(text: &str) -> usize {
        find(text.as_bytes()).len()
    }

    #[test]
    fn a_key_pair_is_found_in_every_coat() {
        let base64 = STANDARD.encode(pair());
        let hex = hex::encode(pair());
        for text in [
            base64.clone(),
            base64.trim_end_matches('=').to_owned(),
            format!("{{\"value\":\"{base64}\"}}"),
            format!("KEY={base64}\n"),
            format!("export KEY='{base64}'"),
            hex.clone(),
            hex.to_uppercase(),
            format!("0x{hex}"),
            format!("key: {hex} # comment"),
        ] {
            assert_eq!(count(&text), 1, "{text}");
        }
        assert_eq!(find(format!("KEY={base64}").as_bytes())[0].at, 4);
    }

    #[test]
    fn one_byte_that_is_different_makes_it_something_else() {
        for index in [0, 31, 32, 63] {
            let mut other = pair();
            other[index] ^= 1;
            assert_eq!(count(&STANDARD.encode(other)), 0, "byte {index}");
        }
        assert_eq!(count(&STANDARD.encode([0; 64])), 0);
        assert_eq!(count(&STANDARD.encode(SigningKey::from_bytes(&[0; 32]).to_keypair_bytes())), 0);
        assert_eq!(count(&STANDARD.encode(&pair()[..63])), 0);
        assert_eq!(count(&format!("sha512-{}", STANDARD.encode(pair()))), 0);
        // Only a part of something longer.
        assert_eq!(count(&format!("A{}", STANDARD.encode(pair()))), 0);
    }
}
