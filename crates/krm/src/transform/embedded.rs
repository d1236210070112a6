//! Sealed files that are values of a Secret's `data`.
//!
//! That is how kustomize's own `secretGenerator` brings them, and how Flux opens
//! them: the file is there byte for byte, so its MAC is checked.

use bulla_core::{ConvertStyle, Error, Format, Keyring, convert, open_bytes};
use bulla_yaml::NodeId;
use zeroize::Zeroizing;

use crate::data::Datum;
use crate::marker::{of_key, sealed_as};
use crate::secret::as_sops_writes;

/// A value that holds a sealed file.
pub(super) struct Value<'d> {
    /// Its key.
    pub(super) key: &'d str,
    /// Its node.
    pub(super) node: NodeId,
    sealed: &'d str,
    /// What was sealed.
    from: Format,
    /// What the key says that it is.
    to: Format,
}

/// The values of a Secret that hold sealed files.
pub(super) fn values<'d>(data: &'d [Datum<'_>]) -> Vec<Value<'d>> {
    let values = data.iter().filter_map(|datum| {
        let sealed = std::str::from_utf8(&datum.bytes).ok()?;
        let (from, to) = (sealed_as(sealed)?, of_key(datum.key));
        Some(Value { key: datum.key, node: datum.node, sealed, from, to })
    });
    values.collect()
}

impl Value<'_> {
    /// What was sealed, in the format that the key says, as from Flux; under a key that
    /// says none it is what it is.
    ///
    /// # Errors
    ///
    /// As [`open_bytes`], and when the file does not fit into the other format.
    pub(super) fn open(&self, keyring: &Keyring<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
        let plain = open_bytes(self.sealed, self.from, keyring, false)?.bytes;
        match self.to {
            to if to == self.from || to == Format::Binary || self.from == Format::Binary => {
                Ok(as_sops_writes(plain, self.from))
            }
            to => convert(&plain, self.from, to, ConvertStyle::default()),
        }
    }
}
