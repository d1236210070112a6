//! Kinds of keys that this build has no program for.

use bulla_core::{KeyError, KeyService, MasterKey, WrappedKey};
use secrecy::SecretSlice;

/// Kinds, as in metadata, with the feature that each takes and whether it was compiled
/// in.
const KINDS: [(&str, &str, bool); 5] = [
    ("pgp", "pgp", cfg!(feature = "pgp")),
    ("kms", "aws", cfg!(feature = "aws")),
    ("gcp_kms", "gcp", cfg!(feature = "gcp")),
    ("azure_kv", "azure", cfg!(feature = "azure")),
    ("hc_vault", "vault", cfg!(feature = "vault")),
];

/// Says of these kinds how to get them, instead of nothing.
pub(crate) struct LeftOut;

impl LeftOut {
    fn refusal(key: &MasterKey) -> Option<KeyError> {
        let left_out = |(kind, _, built_in): &&(&str, &str, bool)| *kind == key.kind() && !built_in;
        let (kind, feature, _) = KINDS.iter().find(left_out)?;
        let reason = format!("this build of bulla leaves out keys of the kind {kind}");
        Some(KeyError::new(reason).with_hint(format!("use a build that has the feature {feature}")))
    }
}

impl KeyService for LeftOut {
    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Option<SecretSlice<u8>>, KeyError> {
        Self::refusal(&wrapped.key).map_or(Ok(None), Err)
    }

    fn wrap(&self, key: &MasterKey, _: &SecretSlice<u8>) -> Result<Option<WrappedKey>, KeyError> {
        Self::refusal(key).map_or(Ok(None), Err)
    }

    fn tried(&self, _: &MasterKey) -> Vec<String> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_that_was_left_out_is_named_with_its_feature() {
        let pgp = MasterKey::Pgp { fingerprint: "89288B17786B6E6D".into() };
        let refusal = LeftOut::refusal(&pgp).map(|error| error.hint.unwrap());
        let expected =
            (!cfg!(feature = "pgp")).then(|| "use a build that has the feature pgp".into());
        assert_eq!(refusal, expected);
    }
}
