//! Ed25519 key pairs: 64 bytes of which the second half is the public key of the
//! first. Nothing else has that property, so what has it is a key, whatever it is
//! called.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;

use crate::finding::{Confidence, Rule};
use crate::found::Found;

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

/// Whether a run of characters is a key pair in base64 or in hexadecimal.
pub(crate) fn is_run(run: &[u8]) -> bool {
    decode(run).is_some_and(|bytes| is_key_pair(&bytes))
}

/// A key pair that stands somewhere.
pub(crate) fn found(span: Range<usize>) -> Found {
    Found::new(span, Rule::Ed25519Key, Confidence::Proof, WHY)
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

/// Lists of 64 numbers that are a key pair, as Solana writes its keys.
pub(crate) fn find_lists(text: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    for start in memchr::memchr_iter(b'[', text) {
        let rest = &text[start + 1..text.len().min(start + LONGEST_LIST)];
        if let Some((bytes, length)) = numbers(rest)
            && is_key_pair(&bytes)
        {
            found.push(self::found(start..start + length + 2));
        }
    }
    found
}

/// Sixty-four numbers below 256, and how long they are with what stands between them.
fn numbers(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut bytes = Vec::new();
    let mut number: Option<u32> = None;
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                number = Some(number.unwrap_or_default() * 10 + u32::from(byte - b'0'))
                    .filter(|n| *n < 256);
                number?;
            }
            b',' => bytes.push(u8::try_from(number.take()?).ok()?),
            b']' => {
                bytes.push(u8::try_from(number.take()?).ok()?);
                return (bytes.len() == 64).then_some((bytes, at));
            }
            // A line break in a string.
            b'\\' | b'n' => {}
            _ if byte.is_ascii_whitespace() => {}
            _ => return None,
        }
        if bytes.len() > 64 {
            return None;
        }
    }
    None
}

/// The longest list that is looked at: a number a line, well indented.
const LONGEST_LIST: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> [u8; 64] {
        SigningKey::from_bytes(b"a test key of thirty-two letters").to_keypair_bytes()
    }

    #[test]
    fn a_key_pair_is_one_in_every_coat() {
        let base64 = STANDARD.encode(pair());
        let hex = hex::encode(pair());
        for run in [
            base64.clone(),
            base64.trim_end_matches('=').to_owned(),
            hex.clone(),
            hex.to_uppercase(),
            format!("0x{hex}"),
        ] {
            assert!(is_run(run.as_bytes()), "{run}");
        }
    }

    #[test]
    fn a_list_of_numbers_is_a_key_pair() {
        let list = |bytes: &[u8]| {
            let numbers: Vec<_> = bytes.iter().map(u8::to_string).collect();
            format!("x = [{}]", numbers.join(",\n   "))
        };
        let text = list(&pair());
        let found = find_lists(text.as_bytes());
        assert_eq!(found[0].span, 4..text.len());
        let mut other = pair();
        other[40] ^= 1;
        assert!(find_lists(list(&other).as_bytes()).is_empty());
        assert!(find_lists(list(&pair()[..63]).as_bytes()).is_empty());
        assert!(find_lists(b"[1, 2, 256]").is_empty());
        assert!(find_lists(b"[").is_empty());
    }

    #[test]
    fn one_byte_that_is_different_makes_it_something_else() {
        for index in [0, 31, 32, 63] {
            let mut other = pair();
            other[index] ^= 1;
            assert!(!is_run(STANDARD.encode(other).as_bytes()), "byte {index}");
        }
        assert!(!is_key_pair(&[0; 64]));
        assert!(!is_key_pair(&SigningKey::from_bytes(&[0; 32]).to_keypair_bytes()));
        assert!(!is_key_pair(&pair()[..63]));
        assert!(!is_run(format!("A{}", STANDARD.encode(pair())).as_bytes()));
    }
}
