//! Key files, by what is in them.
//!
//! Those of CometBFT, Tendermint and Pocket are a mapping with the type of a private
//! key beside a value of its length. The twin with the public key has the same shape
//! and must pass; so must `priv_validator_state.json`, whose signature is as long as a
//! key.

use bulla_yaml::NodeId;

use crate::ed25519::is_key_pair;
use crate::encoded::decode;
use crate::finding::{Confidence, Rule};
use crate::found::Found;
use crate::placeholder::is_placeholder;
use crate::tree::Tree;

mod keystore;
pub(crate) mod lists;
mod login;
mod share;

/// The shortest private key, in bytes.
const SHORTEST_KEY: usize = 32;

/// Every key file in a tree.
pub(crate) fn find(tree: &Tree<'_, '_>) -> Vec<Found> {
    let rules: [fn(&Tree<'_, '_>, NodeId) -> Option<Found>; 7] = [
        typed_key,
        hex_key,
        keystore::find,
        share::find,
        lists::find,
        login::registry,
        login::basic,
    ];
    let mappings = tree.mappings();
    mappings.flat_map(|id| rules.iter().filter_map(move |rule| rule(tree, id))).collect()
}

/// `{type: tendermint/PrivKeyEd25519, value: …}`
fn typed_key(tree: &Tree<'_, '_>, mapping: NodeId) -> Option<Found> {
    let kind = tree.get_text(mapping, "type").or_else(|| tree.get_text(mapping, "@type"))?;
    let value = tree.stream.get(mapping, "value").or_else(|| tree.stream.get(mapping, "key"))?;
    let lower = kind.to_ascii_lowercase();
    let is_private = ["privkey", "priv_key", "private_key", "privatekey"];
    if !is_private.iter().any(|word| lower.contains(word)) {
        return None;
    }
    let text = tree.text(value)?;
    let hex = hex::decode(text.trim_start_matches("0x")).ok();
    let bytes = hex.or_else(|| decode(text)).filter(|bytes| bytes.len() >= SHORTEST_KEY)?;
    if bytes.iter().all(|byte| *byte == bytes[0]) {
        return None;
    }
    let what = name(tree, mapping);
    let (confidence, why) = match is_key_pair(&bytes) {
        true => (Confidence::Proof, "its second half is the public key of the first"),
        false => (Confidence::Structure, "it has the type of a private key beside its value"),
    };
    let why = format!("{what} in the clear: {why}");
    Some(tree.found_at(value, Found::new(0..0, Rule::ValidatorKey, confidence, &why)))
}

/// `{priv_key: "…"}`, as Pocket's lean client takes it.
fn hex_key(tree: &Tree<'_, '_>, mapping: NodeId) -> Option<Found> {
    let value = tree.stream.get(mapping, "priv_key")?;
    let text = tree.text(value)?;
    if is_placeholder(text) {
        return None;
    }
    let bytes = hex::decode(text.trim_start_matches("0x")).ok()?;
    if !matches!(bytes.len(), 32 | 64) || bytes.iter().all(|byte| *byte == bytes[0]) {
        return None;
    }
    let (confidence, why) = match is_key_pair(&bytes) {
        true => (Confidence::Proof, "its second half is the public key of the first"),
        false => (Confidence::Structure, "it has the name and the length of one"),
    };
    let why = format!("a validator's private key in the clear: {why}");
    Some(tree.found_at(value, Found::new(0..0, Rule::ValidatorKey, confidence, &why)))
}

/// What key file the mapping is in.
fn name(tree: &Tree<'_, '_>, mapping: NodeId) -> &'static str {
    let file = tree.stream.parent(mapping).filter(|_| tree.key(mapping) == Some("priv_key"));
    match file {
        Some(file) if tree.get(file, "pub_key").is_some() => "a validator's private key",
        Some(_) => "a node's private key",
        None => "a private key of CometBFT or Pocket",
    }
}
