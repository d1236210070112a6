//! What the words about asking for keys mean.

use std::str::FromStr;

use bulla_core::{DecryptionOrder, Keyring, OrderError, Pool};

use crate::environment::AskingVariables;
#[cfg(feature = "keyservice")]
use crate::keyservice::{Address, AddressError};

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// `--decryption-order` or `SOPS_DECRYPTION_ORDER`.
    #[error("the decryption order: {0}")]
    Order(#[from] OrderError),
    /// `--enable-local-keyservice` or `SOPS_ENABLE_LOCAL_KEYSERVICE`.
    #[error("enabling the local key service: `{0}` is neither true nor false")]
    Local(String),
    /// `--keyservice` or `SOPS_KEYSERVICE`.
    #[cfg(feature = "keyservice")]
    #[error("the key service {0}")]
    KeyService(#[from] AddressError),
    /// The same, in a program that was built without.
    #[cfg(not(feature = "keyservice"))]
    #[error("this program was built without key services; do not name any")]
    NoKeyServices,
    /// Nothing is left that could open a file.
    #[error(
        "the local key service is switched off, and no other is named; name one with --keyservice"
    )]
    NothingToAsk,
}

/// How keys are asked for.
pub(crate) struct Settings {
    order: Option<DecryptionOrder>,
    pool: Pool,
    /// Whether the keys of this machine count.
    pub(crate) local: bool,
    /// The key services besides.
    #[cfg(feature = "keyservice")]
    pub(crate) keyservices: Vec<Address>,
}

impl Settings {
    pub(crate) fn parse(words: &AskingVariables) -> Result<Self, SettingsError> {
        let order = words.decryption_order.as_deref().map(DecryptionOrder::from_str);
        let local = words.enable_local.as_deref().map_or(Ok(true), parse_bool)?;
        if !local && words.keyservices.is_empty() {
            return Err(SettingsError::NothingToAsk);
        }
        #[cfg(not(feature = "keyservice"))]
        if !words.keyservices.is_empty() {
            return Err(SettingsError::NoKeyServices);
        }
        Ok(Self {
            order: order.transpose()?,
            pool: words.jobs.map(Pool::new).unwrap_or_default(),
            local,
            #[cfg(feature = "keyservice")]
            keyservices: words
                .keyservices
                .iter()
                .map(|word| word.parse())
                .collect::<Result<_, AddressError>>()?,
        })
    }

    /// The keyring with this order and this bound.
    pub(crate) fn apply<'k>(&self, keyring: Keyring<'k>) -> Keyring<'k> {
        let keyring = keyring.with_pool(self.pool);
        match &self.order {
            Some(order) => keyring.in_order(order.clone()),
            None => keyring,
        }
    }
}

/// As Go reads it, and so sops.
fn parse_bool(word: &str) -> Result<bool, SettingsError> {
    match word {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        word => Err(SettingsError::Local(word.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(words: AskingVariables) -> String {
        Settings::parse(&words).err().unwrap().to_string()
    }

    #[test]
    fn what_is_not_said_is_as_in_sops() {
        let settings = Settings::parse(&AskingVariables::default()).unwrap();
        assert!(settings.local && settings.order.is_none());
        assert_eq!(settings.pool, Pool::default());
    }

    #[test]
    fn what_means_nothing_is_an_error() {
        let order = |order: &str| AskingVariables {
            decryption_order: Some(order.to_owned()),
            ..AskingVariables::default()
        };
        assert_eq!(
            error(order("pgp,pgp")),
            "the decryption order: the kind pgp is named twice; remove one"
        );
        let local = |local: &str| AskingVariables {
            enable_local: Some(local.to_owned()),
            ..AskingVariables::default()
        };
        assert!(error(local("no")).ends_with("`no` is neither true nor false"));
        assert!(error(local("false")).contains("no other is named"));
    }
}
