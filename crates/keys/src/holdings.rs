//! Which keys are at hand for a recipient: what can be told without opening a file, and
//! without asking a network or a person. gpg lists its keys; no other program is started.

use std::sync::OnceLock;

use bulla_core::MasterKey;

use crate::age::holdings::Identities;
use crate::environment::Environment;
#[cfg(feature = "pgp")]
use crate::pgp::Secret;

#[cfg(any(feature = "aws", feature = "azure", feature = "gcp", feature = "vault"))]
mod services;

/// What there is for one recipient, in words that say where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holding {
    /// Its secret key is here.
    Held(String),
    /// Something that may open it, which only asking would tell: credentials for the
    /// service that holds the key, a plugin, a file behind a passphrase.
    Perhaps(String),
    /// Nothing, and why.
    Absent(String),
}

/// What the user has. Files are read, and gpg is started, when a key of their kind is
/// asked for.
pub struct Holdings {
    environment: Environment,
    identities: OnceLock<Identities>,
    #[cfg(feature = "pgp")]
    pgp: OnceLock<Secret>,
}

impl Holdings {
    /// Those of an environment; reads nothing yet.
    pub fn new(environment: &Environment) -> Self {
        Self {
            environment: environment.clone(),
            identities: OnceLock::new(),
            #[cfg(feature = "pgp")]
            pgp: OnceLock::new(),
        }
    }

    /// What there is for a key.
    pub fn of(&self, key: &MasterKey) -> Holding {
        let environment = &self.environment;
        match key {
            MasterKey::Age { recipient } => {
                let identities = self.identities.get_or_init(|| Identities::read(environment));
                identities.holding(recipient, environment)
            }
            #[cfg(feature = "pgp")]
            MasterKey::Pgp { fingerprint } => {
                self.pgp.get_or_init(|| Secret::list(environment)).holding(fingerprint)
            }
            #[cfg(feature = "aws")]
            MasterKey::Kms { aws_profile, .. } => {
                services::aws(&environment.aws, aws_profile.as_deref())
            }
            #[cfg(feature = "gcp")]
            MasterKey::GcpKms { .. } => services::gcp(&environment.gcp),
            #[cfg(feature = "azure")]
            MasterKey::AzureKv { .. } => {
                services::azure(&environment.azure, environment.path.as_deref())
            }
            #[cfg(feature = "vault")]
            MasterKey::Vault { .. } => services::vault(&environment.vault),
            _ => Holding::Absent("this build of bulla cannot open keys of this kind".into()),
        }
    }
}
