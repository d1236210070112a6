//! Sealing with the test key, through the library.

use bulla_core::{
    Document, Format, Keyring, MasterKey, Part, Recipe, Selector, SelectorKind, Value,
};
use bulla_keys::{AgeVariables, Environment};
use bulla_testkit::keys;

/// A time for files that are sealed in tests.
pub const NOW: &str = "2026-11-20T10:56:18Z";

/// The keyring of somebody who has the test key and nothing else.
pub fn keyring() -> Keyring<'static> {
    let key = Some(keys::age_identity().into());
    let age = AgeVariables { key, ..AgeVariables::default() };
    let environment = Environment { age, ..Environment::default() };
    bulla_keys::keyring(&environment).expect("nothing is said about asking")
}

/// Sealing for the test key, with nothing else said.
pub fn recipe() -> Recipe {
    let key = MasterKey::Age { recipient: keys::age_recipient().into() };
    Recipe { groups: vec![vec![key]], ..Recipe::default() }
}

/// The selector that a seed stands for, mostly the one of Kubernetes, and the flag
/// that names it to sops.
pub fn selector(seed: u64) -> Selector {
    let (kind, text) = match seed % 12 {
        0 => (SelectorKind::UnencryptedSuffix, "_unencrypted"),
        1 => (SelectorKind::EncryptedSuffix, "Data"),
        2 => (SelectorKind::UnencryptedRegex, "^(apiVersion|kind|metadata|clear)$"),
        3 => (SelectorKind::EncryptedCommentRegex, "not"),
        4 => (SelectorKind::UnencryptedCommentRegex, "trailing"),
        _ => (SelectorKind::EncryptedRegex, "^(data|stringData)$"),
    };
    // Every one of these compiles.
    Selector::new(kind, text).expect("a selector")
}

/// Sealing for the test key with a selector, the file taken as any YAML.
pub fn recipe_with(selector: Selector) -> Recipe {
    Recipe { selector: Some(selector), kubernetes: Some(false), ..recipe() }
}

/// Every leaf of a text as document, path, and the bytes that count in the MAC;
/// lists are numbered, nulls and empties named.
///
/// # Panics
///
/// When the text cannot be read.
pub fn leaves(text: &str) -> Vec<String> {
    let document = Document::parse(text, Format::Yaml).unwrap_or_else(|error| {
        panic!("cannot read what should be YAML: {error}\n{text}");
    });
    document
        .leaves()
        .map(|leaf| {
            let value = match &leaf.value {
                Value::Null => "null".to_owned(),
                Value::Empty => "empty".to_owned(),
                value => format!("{:?}", String::from_utf8_lossy(&value.wire_bytes())),
            };
            format!("{} {} {value}", leaf.section, document.paths().display(leaf.path))
        })
        .collect()
}

/// The texts of all comments, sorted.
///
/// # Panics
///
/// When the text cannot be read.
pub fn comments(text: &str) -> Vec<String> {
    let document = Document::parse(text, Format::Yaml).unwrap_or_else(|error| {
        panic!("cannot read what should be YAML: {error}\n{text}");
    });
    let mut comments: Vec<_> = document
        .parts()
        .iter()
        .filter_map(|part| match part {
            Part::Comment(comment) => Some(comment.text.trim().to_owned()),
            Part::Leaf(_) => None,
        })
        .collect();
    comments.sort();
    comments
}
