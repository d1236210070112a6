//! Web tokens: signed ones (JWS), which let in whoever shows them, and the locked ones
//! (JWE) in which the Cosmos SDK keeps its keys.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memmem;

use crate::finding::{Confidence, Rule};
use crate::found::Found;

const URL_SAFE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Longer tokens do not fit into a header.
const LIMIT: usize = 16 << 10;

/// The shortest signature that is worth the name, in bytes.
const SHORTEST_SIGNATURE: usize = 16;

/// Every token in a text, of which `is_unlocked` says whether its password is known.
pub(crate) fn find(text: &[u8], is_unlocked: bool) -> Vec<Found> {
    let mut found = Vec::new();
    let mut free = 0;
    for at in memmem::find_iter(text, b"eyJ") {
        if at < free || at.checked_sub(1).is_some_and(|before| is_part(text[before])) {
            continue;
        }
        let rest = &text[at..text.len().min(at + LIMIT)];
        let length =
            rest.iter().position(|&byte| !is_part(byte) && byte != b'.').unwrap_or(rest.len());
        free = at + length;
        found.extend(token(&rest[..length], at, is_unlocked));
    }
    found
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_".contains(&byte)
}

fn token(token: &[u8], at: usize, is_unlocked: bool) -> Option<Found> {
    let mut parts = token.split(|&byte| byte == b'.');
    let header = text(parts.next()?)?;
    let parts: Vec<_> = parts.collect();
    let span = at..at + token.len();
    if !header.starts_with('{') || !header.contains("\"alg\"") {
        return None;
    }
    match parts.as_slice() {
        [claims, signature] => {
            let claims = text(claims)?;
            let signature = URL_SAFE.decode(signature).ok()?;
            // What jwt.io shows to everybody, and what nobody has signed.
            let is_example = claims.contains("1234567890") || claims.contains("John Doe");
            let is_real = claims.starts_with('{')
                && signature.len() >= SHORTEST_SIGNATURE
                && signature.iter().any(|&byte| byte != signature[0]);
            (is_real && !is_example).then(|| {
                let why = "a signed web token: header, claims and signature";
                Found::new(span, Rule::WebToken, Confidence::Structure, why)
            })
        }
        [_, _, sealed, _] if header.contains("PBES2") && !sealed.is_empty() => {
            Some(if is_unlocked {
                let why =
                    "a key of the Cosmos SDK's test keyring: its password is known to everybody";
                Found::new(span, Rule::RawKey, Confidence::Structure, why)
            } else {
                let why = "a key of the Cosmos SDK's keyring, locked by a password that can be guessed at leisure";
                Found::new(span, Rule::LockedKey, Confidence::Policy, why)
            })
        }
        _ => None,
    }
}

fn text(part: &[u8]) -> Option<String> {
    String::from_utf8(URL_SAFE.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str) -> String {
        URL_SAFE.encode(text).trim_end_matches('=').to_owned()
    }

    fn rule(text: &str) -> Option<Rule> {
        find(text.as_bytes(), false).first().map(|found| found.rule)
    }

    #[test]
    fn signed_tokens_are_found_and_broken_ones_are_not() {
        let signature = URL_SAFE.encode((0..32_u8).map(|byte| byte ^ 0x77).collect::<Vec<_>>());
        let signature = signature.trim_end_matches('=');
        let header = part(r#"{"alg":"HS256","typ":"JWT"}"#);
        let claims = part(r#"{"sub":"system:serviceaccount:a:b"}"#);
        let token = format!("{header}.{claims}.{signature}");
        assert_eq!(rule(&format!("token: {token}\n")), Some(Rule::WebToken));
        for other in [
            format!("{header}.{claims}"),
            format!("{header}.{claims}."),
            format!("{header}.{}.{signature}", part("nothing")),
            format!("{}.{claims}.{signature}", part(r#"{"typ":"JWT"}"#)),
            format!("{header}.{}.{signature}", part(r#"{"sub":"1234567890"}"#)),
        ] {
            assert_eq!(rule(&other), None, "{other}");
        }
    }

    #[test]
    fn locked_keys_are_a_matter_of_policy_unless_the_password_is_known() {
        let header = part(r#"{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":8192}"#);
        let token = format!("{header}.a2V5.aXY.c2VhbGVk.dGFn");
        assert_eq!(rule(&token), Some(Rule::LockedKey));
        assert_eq!(find(token.as_bytes(), true)[0].rule, Rule::RawKey);
        assert_eq!(rule(&format!("{header}.a2V5.aXY..dGFn")), None);
    }
}
