//! Sealed files that are values of a Secret's `data`.
//!
//! That is how kustomize's own `secretGenerator` brings them, and how Flux opens
//! them: the file is there byte for byte, so its MAC is checked.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bulla_core::{Error, Format, Keyring, open_bytes};
use bulla_yaml::{NodeId, NodeKind, Stream};
use zeroize::Zeroizing;

use crate::list::{get, target, text};
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
    format: Format,
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
        let format = format(&key, &sealed)?;
        Some(Value { key, node, sealed, format })
    });
    values.collect()
}

/// The format of a sealed file, by the bytes that every sealed file of a format has.
/// JSON and binary files have the same; there the key's ending decides. As in Flux.
fn format(key: &str, sealed: &str) -> Option<Format> {
    let name = if sealed.contains("\"mac\": \"ENC[") {
        match key.ends_with(".json") || key.ends_with(".dockerconfigjson") {
            true => "json",
            false => "binary",
        }
    } else if sealed.contains("sops_mac=ENC[") {
        "dotenv"
    } else if sealed.contains("[sops]") && sealed.contains("ENC[AES256_GCM,") {
        "ini"
    } else if sealed.contains("mac: ENC[") {
        "yaml"
    } else {
        return None;
    };
    Format::from_name(name)
}

impl Value {
    /// The value that takes its place: the opened file in base64, folded as kustomize
    /// folds it.
    ///
    /// # Errors
    ///
    /// As [`open_bytes`].
    pub(super) fn open(&self, keyring: &Keyring<'_>) -> Result<Zeroizing<String>, Error> {
        let opened = open_bytes(&self.sealed, self.format, keyring, false)?;
        let plain = as_sops_writes(opened.bytes, self.format);
        let encoded = Zeroizing::new(BASE64_STANDARD.encode(&*plain));
        Ok(fold(&encoded))
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
