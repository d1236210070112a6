//! The shares of a validator's key that Horcrux keeps, and the keys its parts talk with.

use bulla_yaml::NodeId;

use crate::encoded::decode;
use crate::finding::{Confidence, Rule};
use crate::found::Found;
use crate::placeholder::is_placeholder;
use crate::tree::Tree;

/// The members that are private, with one beside each of which they are never found
/// without.
const MEMBERS: [(&str, &[&str]); 5] = [
    ("privateShard", &["pubKey", "id"]),
    ("eciesKey", &["eciesPubs", "id"]),
    ("rsaKey", &["rsaPubs", "id"]),
    ("secret_share", &["pub_key", "id", "rsa_pubs"]),
    ("rsa_key", &["rsa_pubs", "pub_key", "id"]),
];

/// The lengths of a share and of a key of an elliptic curve; one of RSA is longer.
const SHORTEST: usize = 32;

/// A share, or a key beside it.
pub(super) fn find(tree: &Tree<'_, '_>, mapping: NodeId) -> Option<Found> {
    let value = MEMBERS.iter().find_map(|(name, beside)| {
        let value = tree.get(mapping, name)?;
        beside.iter().any(|beside| tree.get(mapping, beside).is_some()).then_some(value)
    })?;
    let text = tree.text(value).filter(|text| !is_placeholder(text))?;
    let bytes = hex::decode(text).ok().or_else(|| decode(text))?;
    if bytes.len() < SHORTEST || bytes.iter().all(|byte| *byte == bytes[0]) {
        return None;
    }
    let why = "a share of a validator's key, or the key that its holders talk with (Horcrux)";
    Some(tree.found_at(value, Found::new(0..0, Rule::KeyShare, Confidence::Structure, why)))
}
