//! The order in which the keys of a file are tried.

use std::str::FromStr;

use crate::master_key::MasterKey;

/// Kinds of master keys in the order in which they are tried, as of
/// `--decryption-order`; those that are not named come last, as they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecryptionOrder {
    kinds: Vec<&'static str>,
}

/// A text that is not an order of kinds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OrderError {
    /// sops passes over it.
    #[error("`{kind}` is not a kind of key; the kinds are {}", MasterKey::KINDS.join(", "))]
    Unknown {
        /// As it was written.
        kind: String,
    },
    /// One place only can be meant.
    #[error("the kind {kind} is named twice; remove one")]
    Repeated {
        /// The kind.
        kind: &'static str,
    },
}

impl DecryptionOrder {
    /// Where keys of this kind are in the order.
    pub(super) fn rank(&self, key: &MasterKey) -> usize {
        let kind = key.kind();
        self.kinds.iter().position(|known| *known == kind).unwrap_or(self.kinds.len())
    }
}

impl Default for DecryptionOrder {
    /// That of sops: what is cheap comes first.
    fn default() -> Self {
        Self { kinds: vec!["age", "pgp"] }
    }
}

impl FromStr for DecryptionOrder {
    type Err = OrderError;

    /// Reads `age,kms`.
    fn from_str(text: &str) -> Result<Self, OrderError> {
        let mut kinds = Vec::new();
        for word in text.split(',').map(str::trim) {
            let Some(kind) = MasterKey::KINDS.into_iter().find(|kind| *kind == word) else {
                return Err(OrderError::Unknown { kind: word.to_owned() });
            };
            if kinds.contains(&kind) {
                return Err(OrderError::Repeated { kind });
            }
            kinds.push(kind);
        }
        Ok(Self { kinds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(order: &str, key: &MasterKey) -> usize {
        order.parse::<DecryptionOrder>().unwrap().rank(key)
    }

    #[test]
    fn kinds_that_are_not_named_come_last() {
        let age = MasterKey::Age { recipient: "age1".into() };
        let kms = MasterKey::HcKms { key_id: "id".into() };
        assert_eq!(DecryptionOrder::default().rank(&age), 0);
        assert_eq!(DecryptionOrder::default().rank(&kms), 2);
        assert_eq!((rank("hckms, age", &kms), rank("hckms, age", &age)), (0, 1));
        assert_eq!((rank("pgp", &kms), rank("pgp", &age)), (1, 1));
    }

    #[test]
    fn every_kind_has_its_name() {
        for kind in MasterKey::KINDS {
            assert!(kind.parse::<DecryptionOrder>().is_ok());
        }
    }

    #[test]
    fn unknown_and_repeated_kinds_are_refused() {
        let error = |text: &str| text.parse::<DecryptionOrder>().unwrap_err().to_string();
        assert_eq!(
            error("age,azure"),
            "`azure` is not a kind of key; the kinds are age, pgp, kms, gcp_kms, hckms, azure_kv, hc_vault"
        );
        assert_eq!(error("age,pgp,age"), "the kind age is named twice; remove one");
        assert!(error("age,").starts_with("`` is not"));
        assert!(error("").starts_with("`` is not"));
    }
}
