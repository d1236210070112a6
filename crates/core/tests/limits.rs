//! Files that are larger than anybody's.

#![allow(clippy::unwrap_used)]

use bulla_core::{Document, Format};

#[test]
fn a_file_of_more_parts_than_its_size_allows_for_is_refused() {
    let parts = bulla_yaml::node_limit(6 << 20) + 1;
    for (format, text) in [
        (Format::Yaml, format!("a: b\n{}", "#\n".repeat(parts))),
        (Format::Json, format!("{{\"a\":[{}1]}}", "1,".repeat(parts))),
        (Format::Dotenv, format!("a=b\n{}", "#\n".repeat(parts))),
        (Format::Ini, format!("[a]\n{}", "#\n".repeat(parts))),
    ] {
        let error = Document::parse(&text, format).unwrap_err().to_string();
        assert!(error.contains("for a file of this size; split it"), "{format}: {error}");
    }
}
