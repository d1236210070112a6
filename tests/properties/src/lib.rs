//! What holds of any bytes at all.
//!
//! Each property takes whatever comes and panics when something is not so. The fuzzer
//! in tests/fuzz makes the bytes; tests replay what it has found, without it.

#![forbid(unsafe_code)]

mod change;
mod clear;
mod document;
mod judgement;
mod list;
mod metadata;
mod rules;
mod stream;
mod token;

pub use clear::{NOW, keyring, recipe};

/// A property and what it is called.
pub struct Property {
    /// The name of the fuzzer's target, and of the folder with what it found.
    pub name: &'static str,
    /// Panics when the property does not hold of these bytes.
    pub check: fn(&[u8]),
}

/// All of them.
pub const PROPERTIES: [Property; 12] = [
    Property { name: "stream", check: stream::check },
    Property { name: "yaml", check: document::yaml },
    Property { name: "json", check: document::json },
    Property { name: "dotenv", check: document::dotenv },
    Property { name: "ini", check: document::ini },
    Property { name: "binary", check: document::binary },
    Property { name: "token", check: token::check },
    Property { name: "metadata", check: metadata::check },
    Property { name: "change", check: change::check },
    Property { name: "rules", check: rules::check },
    Property { name: "resource_list", check: list::check },
    Property { name: "guard", check: judgement::check },
];

/// The property of that name.
///
/// # Panics
///
/// When there is none.
pub fn property(name: &str) -> fn(&[u8]) {
    let found = PROPERTIES.iter().find(|property| property.name == name);
    found.unwrap_or_else(|| panic!("there is no property called {name}")).check
}
