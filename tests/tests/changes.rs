//! Values set and taken out in texts of every shape: what was set is there, what was
//! taken out leaves the old bytes behind, and nothing else changes.

#![forbid(unsafe_code)]

use bulla_core::change::{Address, Subtree, set, unset};
use bulla_core::{Document, Error, Format, Step};
use bulla_tests::generate::secrets;
use bulla_tests::sealing::leaves;

/// New values of every kind.
const VALUES: [&str; 8] = [
    "\"plain\"",
    "\"yes\"",
    "\"two\\nlines\\n\"",
    "\"\\u0007 # : é\"",
    "-12",
    "[1, {\"a\": \"b\"}, []]",
    "{\"k\": {\"l\": [\"x\\ny\", null]}}",
    "{}",
];

fn seeds() -> std::ops::Range<u64> {
    0..150
}

/// Every collection of a text, as far as one can be named, with its length if it is
/// a list.
fn collections(text: &str) -> Vec<(String, Option<usize>)> {
    let document = Document::parse(text, Format::Yaml).expect("generated");
    let mut found: Vec<(String, Option<usize>)> = Vec::new();
    for leaf in document.leaves() {
        let mut path = leaf.path;
        while let Some(above) = document.paths().parent(path) {
            let name = format!("[{}]{}", leaf.section, document.paths().display(above));
            let length = match document.paths().last(path) {
                Some(Step::Index(index)) => Some(index + 1),
                _ => None,
            };
            match found.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = (*known).max(length),
                None => found.push((name, length)),
            }
            path = above;
        }
    }
    found
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap_or_else(|| panic!("{text} is an address"))
}

/// The leaves that are not below an address.
fn others(text: &str, at: &str) -> Vec<String> {
    let (section, path) = at[1..].split_once(']').expect("a document's number");
    let prefix = format!("{section} {path}");
    leaves(text).into_iter().filter(|leaf| !leaf.starts_with(&prefix)).collect()
}

#[test]
fn a_new_value_is_there_and_gone_again_without_a_trace() {
    let (mut changed, mut refused) = (0, 0);
    for seed in seeds() {
        let text = secrets(seed);
        for (nth, (name, length)) in collections(&text).into_iter().enumerate() {
            let at = match length {
                Some(length) => format!("{name}[{length}]"),
                None => format!("{name}[\"new key\"]"),
            };
            let json = VALUES[(seed as usize + nth) % VALUES.len()];
            let value = Subtree::from_json(json).expect("JSON");
            let with = match set(&text, Format::Yaml, &address(&at), &value) {
                Ok(with) => with,
                // An alias shows it elsewhere.
                Err(Error::Refused { .. }) => {
                    refused += 1;
                    continue;
                }
                Err(error) => panic!("seed {seed}: {at}: {error}\n{text}"),
            };
            changed += 1;
            let without = unset(&with, Format::Yaml, &address(&at));
            let without =
                without.unwrap_or_else(|error| panic!("seed {seed}: {at}: {error}\n{}", *with));
            // A block at the very end says then that it ends without a line break.
            if !ends_in_block(&text) {
                assert_eq!(*without, text, "seed {seed}: {at}");
            }
            assert_eq!(others(&with, &at), others(&text, &at), "seed {seed}: {at}");
        }
    }
    assert!(changed > 8 * refused && changed > 1000, "{changed} changed, {refused} refused");
}

#[test]
fn every_value_can_give_way_and_be_taken_out() {
    let (mut changed, mut refused) = (0, 0);
    for seed in seeds() {
        let text = secrets(seed);
        let document = Document::parse(&text, Format::Yaml).expect("generated");
        for (nth, leaf) in document.leaves().enumerate() {
            let at = format!("[{}]{}", leaf.section, document.paths().display(leaf.path));
            let json = VALUES[(seed as usize + nth) % VALUES.len()];
            let value = Subtree::from_json(json).expect("JSON");
            for result in [
                set(&text, Format::Yaml, &address(&at), &value),
                unset(&text, Format::Yaml, &address(&at)),
            ] {
                match result {
                    Ok(_) => changed += 1,
                    Err(Error::Refused { .. }) => refused += 1,
                    Err(error) => panic!("seed {seed}: {at} {json}: {error}"),
                }
            }
        }
    }
    assert!(changed > 8 * refused && changed > 1000, "{changed} changed, {refused} refused");
}

/// Whether a text without a last line break ends in a block scalar.
fn ends_in_block(text: &str) -> bool {
    let stream = bulla_yaml::Stream::parse(text).expect("generated");
    (0..stream.len())
        .filter_map(|index| stream.node(stream.nth(index)?).scalar())
        .any(|scalar| scalar.open_ended)
}
