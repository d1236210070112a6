//! The changes that the MAC of sops lets pass, here and there: docs/compat.md has the
//! table.

use bulla_core::{Format, MasterKey, Recipe, open, seal};
use bulla_testkit::{Sandbox, keys, peers};
use bulla_tests::sealing::{NOW, keyring, recipe};

const MANIFEST: &str = "apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: shop
  annotations:
    first: \"12\"
    second: \"3\"
    one: same
    other: same
    gone: null
    blank: \"\"
stringData:
  # how it is reached
  password: hunter2
  port: \"5432\"
  list:
    - same
    - same
  \"a:b\": nested
  script: >
    echo
";

/// What somebody does to a sealed file.
struct Change {
    /// As in the table.
    what: &'static str,
    only_encrypted: bool,
    make: fn(&str) -> String,
}

const fn change(what: &'static str, make: fn(&str) -> String) -> Change {
    Change { what, only_encrypted: false, make }
}

const fn only_encrypted(what: &'static str, make: fn(&str) -> String) -> Change {
    Change { what, only_encrypted: true, make }
}

const CHANGES: [Change; 27] = [
    change("move bytes from one readable value to the next", |text| {
        replaced(&replaced(text, "\"12\"", "\"1\""), "\"3\"", "\"23\"")
    }),
    change("rename a readable key", |text| replaced(text, "  namespace: shop", "  place: shop")),
    change("nest a readable key elsewhere", |text| {
        replaced(text, "  namespace: shop\n", "  inner:\n    namespace: shop\n")
    }),
    change("let two keys with the same value change places", |text| {
        replaced(text, "    one: same\n    other: same\n", "    other: same\n    one: same\n")
    }),
    change("add a null", |text| replaced(text, "  name: db\n", "  name: db\n  uid:\n")),
    change("add an empty text", |text| replaced(text, "  name: db\n", "  name: db\n  uid: ''\n")),
    change("add an empty mapping", |text| replaced(text, "  name: db\n", "  name: db\n  a: {}\n")),
    change("add an empty text to the sealed part", |text| {
        replaced(text, "stringData:\n", "stringData:\n  token: ''\n")
    }),
    change("remove a null", |text| replaced(text, "    gone: null\n", "")),
    change("remove an empty text", |text| replaced(text, "    blank: \"\"\n", "")),
    change("make a readable text a number", |text| replaced(text, "first: \"12\"", "first: 12")),
    change("make a sealed text a number", |text| {
        let token = token(text, "port: \"");
        replaced(text, &token, &token.replace("type:str", "type:int"))
    }),
    change("make a sealed text bytes", |text| {
        let token = token(text, "port: \"");
        replaced(text, &token, &token.replace("type:str", "type:bytes"))
    }),
    change("write something behind the bracket of a token", |text| {
        let token = token(text, "password: ");
        replaced(text, &token, &format!("{token}more"))
    }),
    change("remove a sealed comment", |text| {
        let line = text.lines().find(|line| line.starts_with("  #ENC[")).unwrap();
        replaced(text, &format!("{line}\n"), "")
    }),
    change("add a comment to the sealed part", |text| {
        replaced(text, "  list:", "  # look elsewhere\n  list:")
    }),
    change("let equal items of a list change places, which gives the same plaintext", |text| {
        let (one, other) = (token(text, "list:\n    - "), token(text, "]\n    - "));
        let without = replaced(text, &one, "(here)");
        replaced(&replaced(&without, &other, &one), "(here)", &other)
    }),
    change("make `\"a:b\"` a mapping with a key in it", |text| {
        replaced(text, "  \"a:b\": ", "  a:\n    b: ")
    }),
    change("narrow the selector to what is there", |text| {
        replaced(text, "^(data|stringData)$", "^stringData$")
    }),
    change("put another selector in its place that selects the same", |text| {
        replaced(text, "encrypted_regex: ^(data|stringData)$", "encrypted_suffix: stringData")
    }),
    change("add a recipient", |text| {
        let other = keys::age_other_recipient();
        let entry = format!("    age:\n        - recipient: {other}\n          enc: x\n");
        replaced(text, "    age:\n", &entry)
    }),
    change("remove the record of how values were written", |text| {
        let start = text.find("        layout: ").unwrap();
        let end = start + text[start..].find('\n').unwrap() + 1;
        text[..start].to_owned() + &text[end..]
    }),
    only_encrypted("with `mac_only_encrypted`: make a Secret a ConfigMap", |text| {
        replaced(text, "kind: Secret", "kind: ConfigMap")
    }),
    only_encrypted("with `mac_only_encrypted`: copy it to another namespace", |text| {
        replaced(text, "namespace: shop", "namespace: test")
    }),
    only_encrypted("with `mac_only_encrypted`: give it another name", |text| {
        replaced(text, "  name: db", "  name: cache")
    }),
    only_encrypted("with `mac_only_encrypted`: change another readable value", |text| {
        replaced(text, "    one: same", "    one: another")
    }),
    change("remove the integrity record, and nothing else", |text| {
        let start = text.find("        integrity: ").unwrap();
        let end = start + text[start..].find('\n').unwrap() + 1;
        text[..start].to_owned() + &text[end..]
    }),
];

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from:?} in\n{text}");
    text.replace(from, to)
}

/// The token behind a text.
fn token(text: &str, before: &str) -> String {
    let rest = text.split_once(&format!("{before}ENC[")).unwrap().1;
    format!("ENC[{}]", rest.split_once(']').unwrap().0)
}

fn sealed(change: &Change) -> String {
    let recipe = Recipe { mac_only_encrypted: change.only_encrypted, ..recipe() };
    seal(MANIFEST, Format::Yaml, &recipe, &keyring(), NOW).unwrap().text
}

/// What a program makes of a change: every version of sops the same, or the table would
/// have to tell them apart.
fn accepted_by_sops(text: &str) -> bool {
    let verdicts: Vec<bool> = peers::all_sops()
        .into_iter()
        .map(|(_, sops)| {
            let sandbox = Sandbox::new();
            sandbox.write("secret.yaml", text);
            let mut sops = sandbox.command(sops);
            sops.env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
            sandbox.run(sops.args(["decrypt", "secret.yaml"])).code == 0
        })
        .collect();
    assert!(verdicts.windows(2).all(|pair| pair[0] == pair[1]), "{verdicts:?}\n{text}");
    verdicts[0]
}

#[test]
fn the_table_of_changes_is_what_the_two_programs_do() {
    let word = |accepted| if accepted { "accepted" } else { "refused" };
    let mut table = String::new();
    for change in &CHANGES {
        let tampered = (change.make)(&sealed(change));
        let opened = open(&tampered, Format::Yaml, &keyring(), false);
        let sops = accepted_by_sops(&tampered);
        table += &format!("| {} | {} | {} |\n", change.what, word(sops), word(opened.is_ok()));
    }
    let file = peers::workspace_root().join("docs/compat.md");
    let page = std::fs::read_to_string(&file).unwrap();
    let head = "| change, made without a key | sops | bulla |\n| --- | --- | --- |\n";
    let (before, rest) = page.split_once(head).expect("docs/compat.md has the table");
    let end = rest.lines().take_while(|line| line.starts_with('|')).map(|line| line.len() + 1);
    let (documented, behind) = rest.split_at(end.sum());
    if std::env::var_os("BULLA_BLESS").is_some() {
        std::fs::write(&file, format!("{before}{head}{table}{behind}")).unwrap();
        return;
    }
    assert_eq!(documented, table);
}

#[test]
fn nothing_but_what_is_meant_to_change_is_accepted() {
    let mut accepted = Vec::new();
    for change in &CHANGES {
        let tampered = (change.make)(&sealed(change));
        if let Ok(opened) = open(&tampered, Format::Yaml, &keyring(), false) {
            accepted.push((change.what, *opened.text == MANIFEST));
        }
    }
    let expected = [
        ("let equal items of a list change places, which gives the same plaintext", true),
        ("with `mac_only_encrypted`: change another readable value", false),
        ("remove the integrity record, and nothing else", true),
    ];
    assert_eq!(accepted, expected);
}

#[test]
fn groups_of_keys_cannot_change_places_or_lose_their_number() {
    let key = |recipient: &str| vec![MasterKey::Age { recipient: recipient.into() }];
    let groups = vec![key(keys::age_recipient()), key(keys::age_other_recipient())];
    // Both identities open: one group after the other.
    let recipe = Recipe { groups, threshold: Some(2), ..recipe() };
    let sealed = seal(MANIFEST, Format::Yaml, &recipe, &keyring(), NOW).unwrap().text;
    let environment = bulla_keys::Environment {
        age: bulla_keys::AgeVariables {
            key: Some(format!("{}\n{}", keys::age_identity(), keys::age_other_identity()).into()),
            ..bulla_keys::AgeVariables::default()
        },
        ..bulla_keys::Environment::default()
    };
    let both = bulla_keys::keyring(&environment).unwrap();
    assert_eq!(*open(&sealed, Format::Yaml, &both, false).unwrap().text, MANIFEST);
    let start = sealed.find("        - age:\n").unwrap();
    let end = sealed.find("    lastmodified:").unwrap();
    let second = start + 1 + sealed[start + 1..end].find("        - age:\n").unwrap();
    let (one, other) = (&sealed[start..second], &sealed[second..end]);
    let swapped = [&sealed[..start], other, one, &sealed[end..]].concat();
    let refused = open(&swapped, Format::Yaml, &both, false);
    assert!(matches!(refused, Err(bulla_core::Error::IntegrityMismatch)));
}
