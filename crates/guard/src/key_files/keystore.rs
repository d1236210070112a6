//! Key files that a password protects: no secret by themselves, and open to whoever
//! tries passwords for long enough.

use bulla_yaml::NodeId;

use crate::finding::{Confidence, Rule};
use crate::found::Found;
use crate::tree::Tree;

/// The shortest key that is locked up, in hexadecimal or base64 digits.
const SHORTEST: usize = 32;

/// A keystore of Ethereum (version 3 or EIP-2335), or an export of Pocket.
pub(super) fn find(tree: &Tree<'_, '_>, mapping: NodeId) -> Option<Found> {
    let (at, what) = version_3(tree, mapping)
        .or_else(|| eip_2335(tree, mapping))
        .or_else(|| pocket(tree, mapping))
        .or_else(|| substrate(tree, mapping))?;
    let why = format!("{what}, locked by a password that can be guessed at leisure");
    Some(tree.found_at(at, Found::new(0..0, Rule::LockedKey, Confidence::Policy, &why)))
}

/// `{cipher, ciphertext, kdf, kdfparams, mac}`
fn version_3(tree: &Tree<'_, '_>, mapping: NodeId) -> Option<(NodeId, &'static str)> {
    let ciphertext = tree.get(mapping, "ciphertext")?;
    let is_locked = tree.get_text(mapping, "cipher").is_some()
        && tree.get_text(mapping, "kdf").is_some()
        && tree.get(mapping, "kdfparams").is_some()
        && is_digits(tree.text(ciphertext)?);
    is_locked.then_some((ciphertext, "a keystore of Ethereum"))
}

/// `{kdf, checksum, cipher}`, each `{function, params, message}`
fn eip_2335(tree: &Tree<'_, '_>, mapping: NodeId) -> Option<(NodeId, &'static str)> {
    let cipher = tree.get(mapping, "cipher")?;
    let message = tree.get(cipher, "message")?;
    let has_function = |name| {
        tree.get(mapping, name).is_some_and(|module| tree.get_text(module, "function").is_some())
    };
    let is_locked = has_function("kdf")
        && has_function("checksum")
        && has_function("cipher")
        && is_digits(tree.text(message)?);
    is_locked.then_some((message, "a keystore of an Ethereum validator (EIP-2335)"))
}

/// `{kdf, salt, secparam, hint, ciphertext}`
fn pocket(tree: &Tree<'_, '_>, mapping: NodeId) -> Option<(NodeId, &'static str)> {
    let ciphertext = tree.get(mapping, "ciphertext")?;
    let has = |name| tree.get(mapping, name).is_some();
    let is_locked =
        has("kdf") && has("salt") && has("secparam") && is_digits(tree.text(ciphertext)?);
    is_locked.then_some((ciphertext, "an account exported from Pocket"))
}

/// `{encoded, encoding: {content: [pkcs8, …], type: [scrypt, …]}}`, as Polkadot exports it
fn substrate(tree: &Tree<'_, '_>, mapping: NodeId) -> Option<(NodeId, &'static str)> {
    let encoded = tree.get(mapping, "encoded")?;
    let encoding = tree.get(mapping, "encoding")?;
    let is_locked = tree.get(encoding, "content").is_some()
        && tree.get(encoding, "type").is_some()
        && is_digits(tree.text(encoded)?);
    is_locked.then_some((encoded, "an account exported from Substrate"))
}

fn is_digits(text: &str) -> bool {
    let text = text.strip_prefix("0x").unwrap_or(text);
    text.len() >= SHORTEST
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte))
        && text.bytes().any(|byte| Some(&byte) != text.as_bytes().first())
}
