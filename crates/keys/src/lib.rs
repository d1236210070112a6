//! Master keys: what wraps a file's data key, and opens it again.
//!
//! [`keyring`] makes the list of services that [`bulla_core`] asks, out of an
//! [`Environment`]: the only place where variables are read.
//!
//! age is always there. Every other kind of key is behind a Cargo feature, all on by
//! default: `ssh` and `plugin` for what age does with SSH keys and plugins, `pgp`, and
//! `aws`, `gcp`, `azure` and `vault` for keys that a service holds. Without one, a file
//! that needs it is an error that names the feature. Entries of kinds that no build
//! opens, those of Huawei Cloud among them, are kept in the file.
//!
//! Nothing of a service is touched before a key of its kind is asked for: no runtime,
//! no TLS, no file.

#![forbid(unsafe_code)]

pub mod age;
#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "azure")]
pub mod azure;
mod environment;
#[cfg(feature = "gcp")]
pub mod gcp;
mod holdings;
#[cfg(feature = "keyservice")]
pub mod keyservice;
#[cfg(feature = "remote")]
mod later;
mod left_out;
#[cfg(feature = "pgp")]
mod pgp;
mod program;
#[cfg(feature = "remote")]
mod remote;
#[cfg(feature = "remote")]
pub mod requests;
mod settings;
mod terminal;
#[cfg(feature = "vault")]
pub mod vault;

#[cfg(feature = "aws")]
pub use environment::AwsVariables;
#[cfg(feature = "azure")]
pub use environment::AzureVariables;
#[cfg(feature = "gcp")]
pub use environment::GcpVariables;
#[cfg(feature = "vault")]
pub use environment::VaultVariables;
pub use environment::{AgeVariables, AskingVariables, Environment, MASTER_KEYS, PgpVariables};
#[cfg(feature = "remote")]
pub use environment::{NetworkVariables, Variables};
pub use holdings::{Holding, Holdings};
#[cfg(feature = "pgp")]
pub use pgp::Pgp;
#[cfg(feature = "remote")]
pub use remote::DEFAULT_TIMEOUT;
pub use settings::SettingsError;

use bulla_core::Keyring;

use settings::Settings;

/// The services that this environment has: its own, then the key services that it
/// names, as in sops. Nothing is read or started before a key is asked for.
///
/// # Errors
///
/// When the environment says something about asking that means nothing.
pub fn keyring(environment: &Environment) -> Result<Keyring<'static>, SettingsError> {
    let settings = Settings::parse(&environment.asking)?;
    let keyring = if settings.local { local_keyring(environment) } else { Keyring::new() };
    #[cfg(feature = "keyservice")]
    let keyring = keyservice::add(keyring, &settings.keyservices, environment);
    Ok(settings.apply(keyring))
}

/// Those services that have their keys here: age and PGP. Nothing that they are asked goes
/// over a network, if no plugin and no agent of the user's does it.
pub fn keyring_here(environment: &Environment) -> Keyring<'static> {
    let keyring = Keyring::new().with(age::Age::new(environment.clone()));
    #[cfg(feature = "pgp")]
    let keyring = keyring.with(Pgp::new(environment));
    keyring
}

/// The services that this environment has by itself, without any key service.
pub fn local_keyring(environment: &Environment) -> Keyring<'static> {
    let keyring = keyring_here(environment);
    #[cfg(any(feature = "aws", feature = "azure", feature = "gcp", feature = "vault"))]
    let shared = later::Shared::new(environment);
    #[cfg(feature = "aws")]
    let keyring = keyring.with(shared.later("kms", aws::Aws::new));
    #[cfg(feature = "gcp")]
    let keyring = keyring.with(shared.later("gcp_kms", gcp::Gcp::new));
    #[cfg(feature = "azure")]
    let keyring = keyring.with(shared.later("azure_kv", azure::Azure::new));
    #[cfg(feature = "vault")]
    let keyring = keyring.with(shared.later("hc_vault", vault::Vault::new));
    keyring.with(left_out::LeftOut)
}

#[cfg(all(test, feature = "remote"))]
mod tests {
    use secrecy::{ExposeSecret, SecretSlice};

    use super::*;

    #[test]
    fn a_key_of_age_leaves_the_variables_of_the_services_alone() {
        let key = age::generate();
        let mut environment = Environment::read();
        environment.age.key = Some(key.identity.expose_secret().to_owned().into());
        let keyring = keyring(&environment).unwrap();
        let recipient = bulla_core::MasterKey::Age { recipient: key.recipient };
        let wrapped = keyring.wrap_one(&recipient, &SecretSlice::from(vec![7; 32])).unwrap();
        let opened = keyring.unwrap_one(&wrapped).unwrap();
        assert_eq!(opened.expose_secret(), [7; 32]);
        assert_eq!(format!("{:?}", environment.network), "Variables { was_read: false, .. }");
        #[cfg(feature = "aws")]
        assert_eq!(format!("{:?}", environment.aws), "Variables { was_read: false, .. }");
        #[cfg(feature = "azure")]
        assert_eq!(format!("{:?}", environment.azure), "Variables { was_read: false, .. }");
        #[cfg(feature = "gcp")]
        assert_eq!(format!("{:?}", environment.gcp), "Variables { was_read: false, .. }");
        #[cfg(feature = "vault")]
        assert_eq!(format!("{:?}", environment.vault), "Variables { was_read: false, .. }");
    }
}
