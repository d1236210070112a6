//! A validator's keys, fresh for each demonstration and worth nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bulla_core::DataKey;
use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};

use crate::failure::{Failure, Result};

/// The keys that a CometBFT node and a Pocket validator have.
pub(super) struct Validator {
    node: SigningKey,
    validator: SigningKey,
}

impl Validator {
    pub(super) fn generate() -> Result<Self> {
        // A data key is 32 bytes from the operating system, and so is an Ed25519 seed.
        let key = || {
            let seed = DataKey::generate().map_err(|error| Failure::other(error.to_string()))?;
            Ok::<_, Failure>(SigningKey::from_bytes(seed.expose()))
        };
        Ok(Self { node: key()?, validator: key()? })
    }

    /// As CometBFT writes it.
    pub(super) fn node_key(&self) -> String {
        format!(
            "{{\"priv_key\":{{\"type\":\"tendermint/PrivKeyEd25519\",\"value\":\"{}\"}}}}",
            private(&self.node)
        )
    }

    /// As Pocket writes it.
    pub(super) fn priv_val_key(&self) -> String {
        let public = self.validator.verifying_key();
        let address = &Sha256::digest(public.as_bytes())[..20];
        let address: String = address.iter().map(|byte| format!("{byte:02X}")).collect();
        [
            "{".to_owned(),
            format!("  \"address\": \"{address}\","),
            "  \"pub_key\": {".to_owned(),
            "    \"type\": \"tendermint/PubKeyEd25519\",".to_owned(),
            format!("    \"value\": \"{}\"", STANDARD.encode(public.as_bytes())),
            "  },".to_owned(),
            "  \"priv_key\": {".to_owned(),
            "    \"type\": \"tendermint/PrivKeyEd25519\",".to_owned(),
            format!("    \"value\": \"{}\"", private(&self.validator)),
            "  }".to_owned(),
            "}".to_owned(),
        ]
        .join("\n")
    }

    /// What must be nowhere in the repository.
    pub(super) fn secrets(&self) -> [String; 2] {
        [private(&self.node), private(&self.validator)]
    }
}

/// Seed and public key, in base64.
fn private(key: &SigningKey) -> String {
    STANDARD.encode(key.to_keypair_bytes())
}
