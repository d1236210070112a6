//! Sealed files that are values of a Secret's `data`.
//!
//! That is how kustomize's own `secretGenerator` brings them, and how Flux opens
//! them: the file is there byte for byte, so its MAC is checked.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bulla_core::{ConvertStyle, Error, Format, Keyring, convert, open_bytes};
use bulla_yaml::{NodeId, NodeKind, Stream};
use zeroize::Zeroizing;

use crate::list::{get, target, text};
use crate::marker::{of_key, sealed_as};
use crate::secret::as_sops_writes;

/// kustomize folds longer values, and its hash of a Secret covers the folds.
const COLUMNS: usize = 70;

/// A value that holds a sealed file.
pub(super) struct Value {
    /// Its key.
    pub(super) key: String,
    /// Its node.
    pub(super) node: NodeId,
    sealed: String,
    /// What was sealed.
    from: Format,
    /// What the key says that it is.
    to: Format,
}

/// The values of a Secret that hold sealed files.
pub(super) fn values(stream: &Stream<'_>, item: NodeId) -> Vec<Value> {
    let kind = get(stream, item, "kind").and_then(|kind| text(stream, kind));
    let data = get(stream, item, "data").filter(|_| kind == Some("Secret"));
    let Some(data) = data else { return Vec::new() };
    if !matches!(stream.node(data).kind, NodeKind::Mapping { .. }) {
        return Vec::new();
    }
    let values = stream.entries(data).filter_map(|(key, node)| {
        let (key, node) = (target(stream, key), target(stream, node));
        let key = text(stream, key)?.to_owned();
        let mut encoded = text(stream, node)?.to_owned();
        encoded.retain(|char| !char.is_ascii_whitespace());
        let bytes = BASE64_STANDARD.decode(encoded).ok()?;
        let sealed = String::from_utf8(bytes).ok()?;
        let to = of_key(&key);
        let from = sealed_as(&sealed)?;
        Some(Value { key, node, sealed, from, to })
    });
    values.collect()
}

impl Value {
    /// The value that takes its place: the opened file in base64, folded as kustomize
    /// folds it. In the format that the key says, as from Flux; a key that says none is
    /// left what was sealed.
    ///
    /// # Errors
    ///
    /// As [`open_bytes`], and when the file does not fit into the other format.
    pub(super) fn open(&self, keyring: &Keyring<'_>) -> Result<Zeroizing<String>, Error> {
        let plain = open_bytes(&self.sealed, self.from, keyring, false)?.bytes;
        let plain = match self.to {
            to if to == self.from || to == Format::Binary || self.from == Format::Binary => {
                as_sops_writes(plain, self.from)
            }
            to => convert(&plain, self.from, to, ConvertStyle::default())?,
        };
        Ok(fold(&Zeroizing::new(BASE64_STANDARD.encode(&*plain))))
    }
}

fn fold(encoded: &str) -> Zeroizing<String> {
    let mut folded =
        Zeroizing::new(String::with_capacity(encoded.len() + encoded.len() / COLUMNS + 1));
    if encoded.len() <= COLUMNS {
        folded.push_str(encoded);
        return folded;
    }
    let mut rest = encoded;
    while !rest.is_empty() {
        // Base64 is ASCII.
        let (line, more) = rest.split_at(rest.len().min(COLUMNS));
        folded.push_str(line);
        folded.push('\n');
        rest = more;
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_folded_as_kustomize_folds_them() {
        assert_eq!(*fold(&"a".repeat(70)), "a".repeat(70));
        let line = format!("{}\n", "a".repeat(70));
        assert_eq!(*fold(&"a".repeat(72)), format!("{line}aa\n"));
        assert_eq!(*fold(&"a".repeat(140)), line.repeat(2));
    }
}
