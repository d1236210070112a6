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
#[cfg(feature = "keyservice")]
pub mod keyservice;
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
#[cfg(feature = "remote")]
pub use environment::NetworkVariables;
#[cfg(feature = "vault")]
pub use environment::VaultVariables;
pub use environment::{AgeVariables, AskingVariables, Environment, MASTER_KEYS, PgpVariables};
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

/// The services that this environment has by itself, without any key service.
pub fn local_keyring(environment: &Environment) -> Keyring<'static> {
    let keyring = Keyring::new().with(age::Age::new(environment.clone()));
    #[cfg(feature = "pgp")]
    let keyring = keyring.with(Pgp::new(environment));
    #[cfg(feature = "remote")]
    let remote = remote::Remote::new(environment.timeout);
    #[cfg(feature = "aws")]
    let keyring = keyring.with(aws::Aws::new(environment, remote.clone()));
    #[cfg(feature = "gcp")]
    let keyring = keyring.with(gcp::Gcp::new(environment, remote.clone()));
    #[cfg(feature = "azure")]
    let keyring = keyring.with(azure::Azure::new(environment, remote.clone()));
    #[cfg(feature = "vault")]
    let keyring = keyring.with(vault::Vault::new(environment, remote.clone()));
    keyring.with(left_out::LeftOut)
}
