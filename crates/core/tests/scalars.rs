//! The table of what go-yaml v3 and sops make of scalars, row by row.
#![allow(clippy::unwrap_used)]

use bulla_core::{Document, Format, Value, ValueType};
use serde_json::Value as Json;

#[test]
fn every_row_resolves_as_in_sops() {
    let rows: Vec<Json> =
        serde_json::from_str(include_str!("../../../fixtures/vectors/go-yaml-scalars.json"))
            .unwrap();
    assert_eq!(rows.len(), 193);
    for row in rows {
        let field = |name: &str| row[name].as_str().unwrap();
        let (yaml, wire) = (field("yaml"), field("wire"));
        let text = format!("k: {}\n", yaml.trim_end_matches('\n'))
            + if yaml.ends_with("\n\n") { "\n" } else { "" };
        let parsed = Document::parse(&text, Format::Yaml);
        if wire == "rejected" {
            // The escape that libyaml refuses is caught by the second parser.
            let refused = parsed.is_err()
                || bulla_yaml::Stream::parse(&text)
                    .is_ok_and(|stream| bulla_yaml::second_opinion(&stream).is_err());
            assert!(refused, "{yaml:?} should be refused");
            continue;
        }
        let document = parsed.unwrap_or_else(|error| panic!("{yaml:?}: {error}"));
        let leaves: Vec<_> = document.leaves().collect();
        if wire == "not encrypted" {
            assert!(leaves.iter().all(|leaf| leaf.value.stays_readable()), "{yaml:?}");
            continue;
        }
        let types: Vec<_> = leaves.iter().map(|leaf| leaf.value.wire_type().name()).collect();
        if yaml.starts_with(['[', '{']) {
            assert_eq!(types.join(","), wire, "{yaml:?}");
            continue;
        }
        let value = &leaves[0].value;
        if wire == "bytes-ff" {
            assert!(matches!(value, Value::Bytes(bytes) if **bytes == [0xff]), "{yaml:?}");
            continue;
        }
        assert_eq!(types, [wire], "{yaml:?}");
        assert_eq!(String::from_utf8_lossy(&value.wire_bytes()), field("text"), "{yaml:?}");
        // And back: what is opened is the same value.
        let kind = ValueType::from_name(wire).unwrap();
        let back = Value::from_wire(value.wire_bytes().into_owned(), kind).unwrap();
        assert!(back.same_as(value), "{yaml:?}");
    }
}
