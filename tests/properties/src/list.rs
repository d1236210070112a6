//! ResourceLists: one comes back whole, or nothing does.

use std::sync::LazyLock;

use bulla_krm::{run, run_legacy};
use bulla_yaml::Stream;
use tempfile::TempDir;

use crate::clear::keyring;

/// A kustomization's folder without any file.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().expect("a folder"));

pub(crate) fn check(bytes: &[u8]) {
    let Ok(input) = str::from_utf8(bytes) else { return };
    // A config that may read anywhere would read the fuzzer's own machine.
    if input.contains("allowOutsideRoot") {
        return;
    }
    if let Ok(output) = run(input, FOLDER.path(), &keyring()) {
        let answer = Stream::parse(&output.text)
            .unwrap_or_else(|error| panic!("the answer is no YAML: {error}\n{:?}", *output.text));
        assert_eq!(answer.documents().len(), 1, "{:?}", *output.text);
    }
    if let Some((config, resources)) = input.split_once("\n---\n")
        && let Ok(output) = run_legacy(config, resources, FOLDER.path(), &keyring())
    {
        assert!(Stream::parse(&output.text).is_ok(), "{:?}", *output.text);
    }
}
