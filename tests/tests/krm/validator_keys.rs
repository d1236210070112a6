//! Key files of validators, in the shapes that CometBFT and Pocket write them.
//!
//! Made from fixed texts: whoever reads this has the keys, so they are worth
//! nothing, and no key material has to be in the repository in the clear.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};

/// An Ed25519 key that belongs to a text.
pub(crate) fn key(label: &str) -> SigningKey {
    SigningKey::from_bytes(&Sha256::digest(format!("bulla test key: {label}")).into())
}

/// The 64 bytes that the files hold: the seed, then the public key.
pub(crate) fn private_value(key: &SigningKey) -> String {
    STANDARD.encode(key.to_keypair_bytes())
}

/// `node_key.json`, on one line, as CometBFT writes it.
pub(crate) fn node_key(label: &str) -> String {
    let value = private_value(&key(label));
    format!(r#"{{"priv_key":{{"type":"tendermint/PrivKeyEd25519","value":"{value}"}}}}"#)
}

/// `priv_val_key.json`, indented, as Pocket writes it.
pub(crate) fn priv_val_key(label: &str) -> String {
    let key = key(label);
    let public = key.verifying_key();
    let address = hex::encode_upper(&Sha256::digest(public.as_bytes())[..20]);
    let public = STANDARD.encode(public.as_bytes());
    let private = private_value(&key);
    format!(
        r#"{{
  "address": "{address}",
  "pub_key": {{
    "type": "crypto/ed25519_public_key",
    "value": "{public}"
  }},
  "priv_key": {{
    "type": "crypto/ed25519_private_key",
    "value": "{private}"
  }}
}}"#
    )
}
