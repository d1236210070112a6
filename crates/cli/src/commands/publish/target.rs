//! Where one file goes.

// Without one of the services not all of this is of use.
#![cfg_attr(not(all(feature = "aws", feature = "gcp", feature = "vault")), allow(dead_code))]

use bulla_core::KeyError;
use bulla_core::rules::Destination;
use bulla_keys::Environment;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use super::Senders;
#[cfg(feature = "gcp")]
use super::gcs;
#[cfg(feature = "aws")]
use super::s3;
#[cfg(feature = "vault")]
use super::vault;

/// How sending ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// It is there now.
    Written,
    /// It was there.
    Same,
}

/// An object or a secret, by the rule that names where it goes.
pub(super) trait Target {
    /// Its address, for people.
    fn shown(&self) -> String;

    /// Whether the values themselves are sent, and not the sealed file.
    fn is_plaintext(&self) -> bool {
        false
    }

    /// Sends the content.
    fn send(&self, senders: &Senders, content: Zeroizing<Vec<u8>>) -> Result<Sent, KeyError>;
}

/// What a rule's destination is for a file of this name.
pub(super) fn target(
    destination: &Destination,
    name: &str,
    environment: &Environment,
) -> Result<Box<dyn Target>, String> {
    let _ = environment;
    match destination {
        #[cfg(feature = "aws")]
        Destination::S3 { bucket, prefix } => {
            Ok(Box::new(s3::Object::new(bucket, format!("{prefix}{name}"))?))
        }
        #[cfg(feature = "gcp")]
        Destination::Gcs { bucket, prefix } => {
            let emulator = environment.gcp.storage_emulator.clone();
            Ok(Box::new(gcs::Object::new(bucket, format!("{prefix}{name}"), emulator)?))
        }
        #[cfg(feature = "vault")]
        Destination::Vault { path, address, mount, version } => {
            let address = address.clone().or_else(|| environment.vault.address.clone());
            let path = format!("{path}/{name}");
            Ok(Box::new(vault::Secret::new(address, mount.as_deref(), &path, *version)?))
        }
        #[cfg(not(all(feature = "aws", feature = "gcp", feature = "vault")))]
        _ => Err(format!("this program was built without what publishes {name} there")),
    }
}

/// Everything but letters, digits and `-_.~`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A name as it stands in the path of an address: `/` parts folders.
pub(super) fn encoded(name: &str) -> String {
    let parts: Vec<_> = name.split('/').map(encoded_whole).collect();
    parts.join("/")
}

/// A name as it stands in a parameter of an address.
pub(super) fn encoded_whole(name: &str) -> String {
    utf8_percent_encode(name, ENCODED).to_string()
}

/// A name that no client and no server takes for another one.
pub(super) fn checked(name: &str) -> Result<(), String> {
    if name.chars().any(char::is_control) {
        return Err("a published name has no control characters in it".to_owned());
    }
    match name.split('/').find(|part| matches!(*part, "." | "..")) {
        Some(part) => Err(format!("a published name does not lead through `{part}`")),
        None => Ok(()),
    }
}

/// What an answer that is no success means, in words. What the server wrote is not
/// among them: that could be anything.
pub(super) fn refused(whom: &str, status: u16, right: &str) -> KeyError {
    match status {
        401 => KeyError::denied(format!("{whom} does not accept the credentials"))
            .with_hint("log in again"),
        403 => KeyError::denied(format!("{whom} denies it"))
            .with_hint(format!("ask for {right}, or use other credentials")),
        429 => KeyError::retryable(format!("{whom} limits requests; try later")),
        500.. => KeyError::retryable(format!("{whom} failed with the status {status}")),
        status => KeyError::new(format!("{whom} refused with the status {status}")),
    }
}
