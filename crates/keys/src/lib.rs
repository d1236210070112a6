//! Master keys: what wraps a file's data key, and opens it again.
//!
//! [`keyring`] makes the list of services that [`bulla_core`] asks, out of an
//! [`Environment`]: the only place where variables are read.
//!
//! Only age with X25519 keys is built in yet. Entries of other kinds are kept in
//! the file, and reported as kinds that this version does not open.

#![forbid(unsafe_code)]

pub mod age;
mod environment;

pub use environment::{AgeVariables, Environment, MASTER_KEYS, PgpVariables};

use bulla_core::Keyring;

/// The services that this environment has. Nothing is read or started before a key
/// is asked for.
pub fn keyring(environment: &Environment) -> Keyring<'static> {
    Keyring::new().with(age::Age::new(environment.clone()))
}
