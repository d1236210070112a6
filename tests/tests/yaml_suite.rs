//! The YAML test suite: every case is read as the suite says, and every valid case
//! whose documents are mappings goes through sealing and opening byte by byte, or
//! is refused for a reason that is listed here.

use std::collections::BTreeMap;

use bulla_core::{Error, Format, Recipe, Selector, open, seal};
use bulla_testkit::{Sandbox, keys, peers};
use bulla_tests::sealing::{NOW, keyring, leaves, recipe};
use bulla_tests::yaml_suite::cases;
use bulla_yaml::{NodeKind, Stream};

/// Invalid, and read all the same, as go-yaml reads it: a closing brace in the
/// first column.
const READ_ALTHOUGH_INVALID: [&str; 1] = ["9C9N-0"];

#[test]
fn valid_cases_are_read_and_invalid_ones_are_not() {
    for case in cases() {
        let read = Stream::parse(&case.yaml);
        let expected = !case.fails || READ_ALTHOUGH_INVALID.contains(&case.id.as_str());
        assert_eq!(read.is_ok(), expected, "{}: {:?}\n{}", case.id, read.err(), case.yaml);
    }
}

fn first_is_mapping(text: &str) -> bool {
    let stream = Stream::parse(text).unwrap();
    let root = stream.documents().first().and_then(|document| document.root);
    root.is_some_and(|root| matches!(stream.node(root).kind, NodeKind::Mapping { .. }))
}

#[test]
fn mappings_are_sealed_and_opened_byte_by_byte_or_refused_for_a_listed_reason() {
    let recipe = Recipe { selector: Some(Selector::sops_default()), ..recipe() };
    let mut sealed_cases = 0;
    let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for case in cases() {
        if case.fails || !first_is_mapping(&case.yaml) {
            continue;
        }
        match seal(&case.yaml, Format::Yaml, &recipe, &keyring(), NOW) {
            Ok(sealed) => {
                let opened = open(&sealed.text, Format::Yaml, &keyring(), false)
                    .unwrap_or_else(|error| panic!("{}: {error}\n{}", case.id, sealed.text));
                assert_eq!(*opened.text, case.yaml, "{}\n{}", case.id, sealed.text);
                sealed_cases += 1;
            }
            Err(error) => {
                let message = error.to_string();
                // Without the place, which differs from case to case.
                let reason =
                    message.split_once(": ").filter(|(place, _)| place.starts_with("line"));
                let reason = reason.map_or(message.as_str(), |(_, reason)| reason).to_owned();
                refused.entry(reason).or_default().push(case.id);
            }
        }
    }
    let listed: Vec<String> = refused
        .iter()
        .map(|(reason, cases)| format!("{reason}\n    {}", cases.join(" ")))
        .collect();
    let expected = include_str!("yaml_suite_refused.txt");
    assert_eq!(listed.join("\n"), expected.trim_end(), "{sealed_cases} cases were sealed");
    assert_eq!(sealed_cases, 97);
}

#[test]
fn what_is_refused_because_of_go_yaml_is_refused_or_read_differently_by_sops() {
    let sops = peers::sops();
    let sandbox = Sandbox::new();
    let recipe = Recipe { selector: Some(Selector::sops_default()), ..recipe() };
    for case in cases() {
        if case.fails || !first_is_mapping(&case.yaml) {
            continue;
        }
        let sealed = seal(&case.yaml, Format::Yaml, &recipe, &keyring(), NOW);
        let Err(Error::Yaml(_)) = sealed else { continue };
        sandbox.write("case.yaml", case.yaml.as_bytes());
        let run = sandbox.run(sandbox.command(&sops).args([
            "encrypt",
            "--age",
            keys::age_recipient(),
            "case.yaml",
        ]));
        if run.code == 0 {
            let opened = open(run.out(), Format::Yaml, &keyring(), false).unwrap();
            assert_ne!(leaves(&opened.text), leaves(&case.yaml), "{} was refused in vain", case.id);
        }
    }
}
