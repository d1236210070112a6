//! What findings are known by again: in another run, and in another version of a file.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use crate::finding::{Confidence, Finding, Rule};

/// How many bytes of a digest are enough to be known by.
const LENGTH: usize = 16;

/// Values of one process, told apart. The key is gone with it.
static HERE: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// What a finding keeps of the value that it is about. Nothing shows it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Under a key that only this process has.
    here: u64,
    /// The digest of a value that nobody can guess: a whole key, whose checksum or
    /// halves were calculated. There is none of a password, nor of anything that only
    /// looks like a key.
    key: Option<[u8; 32]>,
}

impl Mark {
    /// Of the bytes that a finding is about, however they are indented, folded or
    /// quoted.
    pub(crate) fn of(rule: Rule, confidence: Confidence, value: &[u8]) -> Self {
        let is_value = |byte: &u8| !byte.is_ascii_whitespace() && !b"\"'\\".contains(byte);
        let mut value: Vec<u8> = value.iter().copied().filter(is_value).collect();
        let is_key = confidence == Confidence::Proof
            && matches!(
                rule,
                Rule::AgeKey
                    | Rule::DerKey
                    | Rule::Ed25519Key
                    | Rule::Mnemonic
                    | Rule::NearKey
                    | Rule::PrivateKey
                    | Rule::Token
                    | Rule::ValidatorKey
            );
        let here = HERE.hash_one(&value);
        let key = is_key.then(|| Sha256::digest(&value).into());
        value.zeroize();
        Self { here, key }
    }

    /// Whether both are about the same value.
    pub(crate) fn is_same_value(&self, other: &Self) -> bool {
        self.here == other.here
    }

    /// Whether the value itself can be known again in another run.
    pub(crate) fn is_lasting(&self) -> bool {
        self.key.is_some()
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mark")
    }
}

/// Gives the findings of a file what they are known by: the path, the rule, the key
/// path, and which one of several they are. No value goes into it, so that it can be
/// shown.
pub(crate) fn number(path: &str, findings: &mut [Finding]) {
    let mut counts: HashMap<(Rule, String), usize> = HashMap::new();
    for finding in findings {
        let count = counts.entry((finding.rule, finding.key_path.clone())).or_default();
        let parts = [path, finding.rule.name(), &finding.key_path, &count.to_string()];
        let digest = digest("bulla guard: a finding\0", &parts);
        finding.fingerprint = hex::encode(&digest[..LENGTH]);
        *count += 1;
    }
}

/// What a finding is known by in a baseline: its fingerprint and, where that cannot
/// be guessed, its value, under the key of that baseline.
pub(crate) fn keyed(finding: &Finding, key: &[u8; 32]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("keys of HMAC have any length");
    mac.update(finding.fingerprint.as_bytes());
    mac.update(finding.mark.key.as_ref().map_or(&[], |key| &key[..]));
    hex::encode(&mac.finalize().into_bytes()[..LENGTH])
}

/// What a thing is known by that is no finding.
pub(crate) fn of_text(parts: &[&str]) -> String {
    hex::encode(&digest("bulla guard: a file\0", parts)[..LENGTH])
}

fn digest(kind: &str, parts: &[&str]) -> [u8; 32] {
    let mut digest = Sha256::new_with_prefix(kind);
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}
