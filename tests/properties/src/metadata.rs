//! The `sops` block: what can be read of it is written so that it says the same.

use bulla_core::Metadata;
use serde_json::Value as Json;

pub(crate) fn check(bytes: &[u8]) {
    let Ok(json) = serde_json::from_slice::<Json>(bytes) else { return };
    let Ok(read) = Metadata::from_json(&json) else { return };
    let written = read.to_json();
    let again = Metadata::from_json(&written)
        .unwrap_or_else(|error| panic!("cannot read what was written: {error}\n{written}"));
    assert_eq!(meaning(again), meaning(read), "{written}");
}

/// Without a threshold all groups are needed, which is written down; of one group there is
/// nothing to be counted, as in sops.
fn meaning(metadata: Metadata) -> Metadata {
    let threshold = Some(metadata.needed());
    Metadata { raw: None, threshold, ..metadata }
}
