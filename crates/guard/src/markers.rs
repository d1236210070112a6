//! Keys that announce themselves: PEM and OpenSSH armor, age identities. They are
//! looked for in bytes, so that no encoding, comment or language hides them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bech32::Bech32;
use bech32::primitives::decode::CheckedHrpstring;
use memchr::memmem;

use crate::finding::{Confidence, Rule};
use crate::found::Found;

/// How much of what follows a header is looked at.
const BODY_LIMIT: usize = 64 << 10;

/// Identities have 74 characters, post-quantum ones some more.
const LONGEST_IDENTITY: usize = 200;

/// Less than this is a key that was cut off for an example.
const SHORTEST_BODY: usize = 40;

/// Every key in these bytes.
pub(crate) fn find(bytes: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    for at in memmem::find_iter(bytes, b"-----BEGIN ") {
        found.extend(private_key(bytes, at));
    }
    for at in memmem::find_iter(bytes, b"AGE-SECRET-KEY-") {
        found.extend(age_key(bytes, at));
    }
    found
}

/// Whether a text is PEM, and nothing in it is private.
pub(crate) fn is_public_pem(text: &str) -> bool {
    let mut labels = memmem::find_iter(text.as_bytes(), b"-----BEGIN ")
        .map(|at| label(&text.as_bytes()[at..]).map(|(label, _)| label))
        .peekable();
    text.trim_start().starts_with("-----BEGIN ")
        && labels.peek().is_some()
        && labels.all(|label| {
            label.is_some_and(|label| {
                label.ends_with(b"CERTIFICATE")
                    || label.ends_with(b"PUBLIC KEY")
                    || label == b"DH PARAMETERS"
                    || label == b"X509 CRL"
            })
        })
}

/// The label of a PEM header, and what follows the header.
fn label(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = bytes.strip_prefix(b"-----BEGIN ")?;
    let end = memmem::find(&rest[..rest.len().min(80)], b"-----")?;
    Some((&rest[..end], &rest[end + 5..]))
}

fn private_key(bytes: &[u8], at: usize) -> Option<Found> {
    let (label, body) = label(&bytes[at..])?;
    let body_start = bytes.len() - body.len();
    if !label.ends_with(b"PRIVATE KEY") && !label.ends_with(b"PRIVATE KEY BLOCK") {
        return None;
    }
    let body = &body[..body.len().min(BODY_LIMIT)];
    // Up to its own end, or to the next header when it has none.
    let body = &body[..memmem::find(body, b"-----").unwrap_or(body.len())];
    let end = body_start + body.trim_ascii_end().len();
    let (base64, headers) = armor(body);
    if base64.len() < SHORTEST_BODY {
        return None;
    }
    let decoded = STANDARD.decode(&base64).unwrap_or_default();
    let label = String::from_utf8_lossy(label);
    let locked = label.starts_with("ENCRYPTED") || headers || is_locked_openssh(&decoded);
    let (confidence, why) = match label.as_ref() {
        "OPENSSH PRIVATE KEY" if decoded.starts_with(b"openssh-key-v1\0") => {
            (Confidence::Proof, "an OpenSSH private key".to_owned())
        }
        "PGP PRIVATE KEY BLOCK" => (Confidence::Structure, "a PGP private key".to_owned()),
        label if is_der(&decoded) => (Confidence::Proof, format!("PEM: {}", lower(label))),
        label => (Confidence::Structure, format!("PEM: {}", lower(label))),
    };
    Some(if locked {
        let why = why + ", locked by a password that can be guessed at leisure";
        Found::new(at..end, Rule::LockedKey, Confidence::Policy, &why)
    } else {
        Found::new(at..end, Rule::PrivateKey, confidence, &why)
    })
}

fn lower(label: &str) -> String {
    let article = if label.starts_with(['E', 'O', 'R']) { "an" } else { "a" };
    format!("{article} {}", label.to_lowercase().replace("rsa", "RSA").replace("ec ", "EC "))
}

/// The base64 of an armor as it stands in files, strings and comments, and whether a
/// header says that it is locked. Without a checksum line as PGP has it.
fn armor(body: &[u8]) -> (Vec<u8>, bool) {
    let mut base64 = Vec::new();
    let mut locked = false;
    // A line break in a string of some language.
    let body = replace_escapes(body);
    for line in body.split(|&byte| byte == b'\n' || byte == b'\r') {
        let line: Vec<u8> =
            line.iter().copied().filter(|byte| !b" \t\"'#,;\\".contains(byte)).collect();
        if line.contains(&b':') {
            locked |= memmem::find(&line, b"ENCRYPTED").is_some() || line.starts_with(b"kdf:");
            continue;
        }
        let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
        if line.starts_with(b"=") || line.is_empty() {
            continue;
        }
        // The end of the string, or three dots.
        if !line.iter().all(is_base64) {
            break;
        }
        base64.extend(line);
    }
    (base64, locked)
}

fn replace_escapes(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut bytes = body.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match (byte, bytes.peek()) {
            (b'\\', Some(b'n' | b'r')) => {
                bytes.next();
                out.push(b'\n');
            }
            _ => out.push(byte),
        }
    }
    out
}

/// Whether an OpenSSH key says that a cipher is on it.
fn is_locked_openssh(bytes: &[u8]) -> bool {
    // The magic, the length of the cipher's name, the name.
    let cipher = bytes.strip_prefix(b"openssh-key-v1\0").and_then(|rest| rest.split_at_checked(4));
    cipher.is_some_and(|(length, rest)| length != [0, 0, 0, 4] || !rest.starts_with(b"none"))
}

/// Whether bytes are one DER sequence, from the first to the last.
fn is_der(bytes: &[u8]) -> bool {
    let [0x30, first, rest @ ..] = bytes else { return false };
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let count = usize::from(first - 0x80);
            let Some((length, rest)) = rest.split_at_checked(count) else { return false };
            (length.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte)), rest)
        }
        _ => return false,
    };
    length == rest.len()
}

fn age_key(bytes: &[u8], at: usize) -> Option<Found> {
    let rest = &bytes[at..bytes.len().min(at + LONGEST_IDENTITY)];
    let is_part = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'-';
    let length = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
    let text = std::str::from_utf8(&rest[..length]).ok()?;
    // Examples are filled up with X and have no checksum.
    let checked = CheckedHrpstring::new::<Bech32>(text).ok()?;
    let prefix = checked.hrp().to_string().to_lowercase();
    (prefix == "age-secret-key-" || prefix == "age-secret-key-pq-").then(|| {
        let why = "an age identity, whose checksum holds";
        Found::new(at..at + length, Rule::AgeKey, Confidence::Proof, why)
    })
}

#[cfg(test)]
mod tests;
