//! The `data` of a Secret: bytes, in base64.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bulla_core::SEALED_MARK;
use bulla_yaml::{NodeId, NodeKind, Stream};
use zeroize::Zeroizing;

use crate::list::{get, target, text};

/// kustomize folds longer values, and its hash of a Secret covers the folds.
const COLUMNS: usize = 70;

/// A value of `data`.
pub(crate) struct Datum<'t> {
    /// Its key.
    pub(crate) key: &'t str,
    /// Its node, as the mapping has it.
    pub(crate) node: NodeId,
    /// What it stands for.
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

/// The values of a Secret's `data`; what is not base64, and what is no Secret, has none.
pub(crate) fn data<'t>(stream: &'t Stream<'_>, item: NodeId) -> Vec<Datum<'t>> {
    let kind = get(stream, item, "kind").and_then(|kind| text(stream, kind));
    let data = get(stream, item, "data").filter(|_| kind == Some("Secret"));
    let is_mapping = |&data: &NodeId| matches!(stream.node(data).kind, NodeKind::Mapping { .. });
    let entries = data.filter(is_mapping).map(|data| stream.entries(data));
    let values = entries.into_iter().flatten().filter_map(|(key, node)| {
        let key = text(stream, target(stream, key))?;
        let mut encoded = Zeroizing::new(text(stream, target(stream, node))?.to_owned());
        encoded.retain(|char| !char.is_ascii_whitespace());
        let bytes = Zeroizing::new(BASE64_STANDARD.decode(&*encoded).ok()?);
        Some(Datum { key, node, bytes })
    });
    values.collect()
}

/// The key of a value that holds a sealed one, which nobody sees in base64. Of a List,
/// its items are looked at.
pub(crate) fn still_sealed(stream: &Stream<'_>, item: NodeId) -> Option<String> {
    let of = |item| {
        let mut data = data(stream, item).into_iter();
        data.find(|datum| is_sealed(&datum.bytes)).map(|datum| datum.key.to_owned())
    };
    match get(stream, item, "items") {
        Some(items) => stream.children(items).find_map(|item| of(target(stream, item))),
        None => of(item),
    }
}

/// Whether there is a sealed value in these bytes.
pub(crate) fn is_sealed(bytes: &[u8]) -> bool {
    let mark = SEALED_MARK.as_bytes();
    bytes.windows(mark.len()).any(|window| window == mark)
}

/// Bytes in base64, as kustomize writes them.
pub(crate) fn encode(bytes: &[u8]) -> Zeroizing<String> {
    fold(&Zeroizing::new(BASE64_STANDARD.encode(bytes)))
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

    #[test]
    fn a_token_in_base64_is_found() {
        let token = BASE64_STANDARD.encode("xENC[AES256_GCM,data:");
        let secret = format!("{{kind: Secret, data: {{a: aHVudGVyMg==, b: {token}}}}}");
        for (text, found) in [
            (secret.clone(), Some("b")),
            (format!("{{kind: List, items: [{secret}]}}"), Some("b")),
            (secret.replace("Secret", "ConfigMap"), None),
            ("{kind: Secret, data: {a: '%'}}".to_owned(), None),
        ] {
            let stream = Stream::parse(&text).unwrap();
            let root = stream.documents()[0].root.unwrap();
            assert_eq!(still_sealed(&stream, root).as_deref(), found, "{text}");
        }
    }
}
