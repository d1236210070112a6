//! Values set and taken out of a plaintext. The bytes are a line for the format, one for
//! the address, one for the value in JSON, and the file.

use bulla_core::change::{Address, Subtree, set, unset};
use bulla_core::{Document, Format, extract};

pub(crate) fn check(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let mut lines = text.splitn(4, '\n');
    let mut next = || lines.next();
    let (Some(format), Some(address), Some(value), Some(text)) = (next(), next(), next(), next())
    else {
        return;
    };
    let (Some(format), Some(address)) = (Format::from_name(format), Address::parse(address)) else {
        return;
    };
    let _ = extract(text.as_bytes(), format, &address);
    if let Ok(without) = unset(text, format, &address) {
        assert!(unset(&without, format, &address).is_err() || ends_in_index(&address));
    }
    let Ok(value) = Subtree::from_json(value) else { return };
    let Ok(with) = set(text, format, &address, &value) else { return };
    let twice = set(&with, format, &address, &value);
    let twice = twice.unwrap_or_else(|error| panic!("cannot be set again: {error}\n{:?}", *with));
    // A value that is there already may be written in its own way.
    assert_eq!(leaves(&twice, format), leaves(&with, format), "set twice is not set once");
    assert!(extract(with.as_bytes(), format, &address).is_ok(), "{:?}", *with);
}

/// Paths and what they hold.
fn leaves(text: &str, format: Format) -> Vec<(String, Vec<u8>)> {
    let document = Document::parse(text, format).expect("it was read when it was set");
    let leaves = document.leaves();
    let path = |path| document.paths().display(path);
    leaves.map(|leaf| (path(leaf.path), leaf.value.wire_bytes().into_owned())).collect()
}

/// The items behind one that is taken out move up.
fn ends_in_index(address: &Address) -> bool {
    address.path().iter().any(|step| matches!(step, bulla_core::Step::Index(_)))
}
