//! Sealed files that are changed, given a fresh key, or sealed for others.
#![allow(clippy::unwrap_used)]

mod common;

use bulla_core::change::{Address, Subtree, set};
use bulla_core::{
    Document, Error, Format, MasterKey, Recipe, Revision, Selector, SelectorKind, open, open_bytes,
    reseal, seal, seal_binary,
};
use common::{NOW, keyring, recipe};

const LATER: &str = "2026-11-21T00:00:00Z";

const MANIFEST: &str = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  user: alice # who\n  # how\n  password: hunter2\n  list:\n    - same\n    - same\n";

fn sealed(text: &str) -> String {
    seal(text, Format::Yaml, &recipe(), &keyring(), NOW).unwrap().text
}

fn revision(sealed: &str) -> Revision<'_> {
    Revision::open(sealed, Format::Yaml, &keyring(), false)
        .unwrap_or_else(|error| panic!("{error}"))
}

fn opened(sealed: &str) -> String {
    open(sealed, Format::Yaml, &keyring(), false)
        .unwrap_or_else(|error| panic!("{error}\n{sealed}"))
        .text
        .to_string()
}

/// The tokens of values, without those in the `sops` block.
fn values(text: &str) -> Vec<&str> {
    let values = text.split("\nsops:").next().unwrap();
    values.split("ENC[").skip(1).map(|rest| &rest[..rest.find(']').unwrap()]).collect()
}

/// Without the code of the whole file, which is another after any change.
fn without_codes(text: &str) -> String {
    let (before, rest) = text.split_once("integrity: v1.").unwrap();
    format!("{before}{}", &rest[44..])
}

fn key(name: &str) -> MasterKey {
    MasterKey::Age { recipient: name.into() }
}

#[test]
fn a_changed_value_is_sealed_with_the_old_key_and_the_others_stay() {
    let before = sealed(MANIFEST);
    let revision = revision(&before);
    assert_eq!(revision.text(), Ok(MANIFEST));
    let address = Address::parse(r#"["stringData"]["password"]"#).unwrap();
    let text =
        set(revision.text().unwrap(), Format::Yaml, &address, &Subtree::text("s3cret")).unwrap();
    let after = revision.seal(&text, None, LATER).unwrap().text;
    assert_eq!(opened(&after), MANIFEST.replace("hunter2", "s3cret"));
    let (old, new) = (values(&before), values(&after));
    let changed = old.iter().zip(&new).filter(|(old, new)| old != new).count();
    assert_eq!((old.len(), changed), (new.len(), 1));
    assert!(after.contains(LATER) && !after.contains(NOW));
}

#[test]
fn items_that_move_up_or_down_keep_their_ciphertext() {
    let before = sealed("l:\n- a\n- b\n- a\n- c\n");
    let revision = revision(&before);
    let after = |text: &str| {
        let after = revision.seal(text, None, LATER).unwrap().text;
        assert_eq!(opened(&after), text);
        values(&after).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let old = values(&before);
    assert_eq!(after("l:\n- b\n- a\n- c\n"), old[1..]);
    assert_eq!(after("l:\n- a\n- b\n- a\n"), old[..3]);
    assert_eq!(after("l:\n- new\n- a\n- b\n- a\n- c\n")[1..], old);
    assert_eq!(after("l:\n- new\n- b\n- a\n- c\n")[1..], old[1..]);
    // Equal items have one ciphertext each, and no more.
    let more = after("l:\n- a\n- a\n- a\n- b\n- c\n");
    let kept = old.iter().filter(|old| more.contains(&old.to_string())).count();
    assert_eq!((kept, more.len()), (4, 5));
    assert_eq!(more.iter().collect::<std::collections::HashSet<_>>().len(), 5);
}

#[test]
fn the_same_text_is_the_same_file() {
    let before = sealed(MANIFEST);
    let revision = revision(&before);
    assert_eq!(revision.seal(MANIFEST, None, LATER).unwrap().text, before);
    let same = revision.rewrap(&[vec![key("clear")]], None, &keyring(), LATER).unwrap();
    assert_eq!(same.text, before);
}

#[test]
fn a_new_readable_value_of_a_secret_is_refused_and_an_old_one_is_not() {
    let selector = Selector::new(SelectorKind::EncryptedRegex, "^stringData$").unwrap();
    let recipe = Recipe { selector: Some(selector), kubernetes: Some(false), ..recipe() };
    let text = MANIFEST.replace("stringData:", "data:\n  clear: eA==\nstringData:");
    let before = seal(&text, Format::Yaml, &recipe, &keyring(), NOW).unwrap().text;
    let revision = revision(&before);
    let changed = text.replace("hunter2", "s3cret");
    assert_eq!(opened(&revision.seal(&changed, None, LATER).unwrap().text), changed);
    let more = text.replace("clear: eA==", "clear: eA==\n  more: eA==");
    let refused = revision.seal(&more, None, LATER);
    assert!(matches!(refused, Err(Error::SecretLeftReadable { place, .. }) if place.line == 7));
    assert!(revision.seal(&more, Some(false), LATER).is_ok());
}

#[test]
fn rotating_replaces_every_ciphertext_and_keeps_the_rest() {
    let before = sealed(MANIFEST).replace("    version:", "    theirs: kept\n    version:");
    let revision = revision(&before);
    let groups = [vec![key("clear"), key("new")]];
    let after = revision.rotate(&groups, None, &keyring(), LATER).unwrap().text;
    assert_eq!(opened(&after), MANIFEST);
    assert!(after.contains("theirs: kept") && after.contains("recipient: new"));
    assert!(values(&before).iter().all(|token| !after.contains(token)));
    let enc = |text: &str| text.split("enc: ").nth(1).unwrap().lines().next().unwrap().to_owned();
    assert_ne!(enc(&before), enc(&after));
}

#[test]
fn wrapping_anew_changes_the_list_of_keys_alone() {
    let before = sealed(MANIFEST.trim_end());
    let revision = revision(&before);
    let groups = [vec![key("clear"), key("new")]];
    let after = revision.rewrap(&groups, None, &keyring(), LATER).unwrap().text;
    assert_eq!(opened(&after), MANIFEST.trim_end());
    let without_new: String = {
        let start = after.find("        - recipient: new").unwrap();
        let end = start + after[start..].find("\n    lastmodified").unwrap() + 1;
        after[..start].to_owned() + &after[end..]
    };
    assert_eq!(without_codes(&without_new), without_codes(&before));
    assert_ne!(without_new, before, "the code of the file covers the recipients");
    let back = Revision::open(&after, Format::Yaml, &keyring(), false).unwrap();
    let back = back.rewrap(&[vec![key("clear")]], None, &keyring(), LATER).unwrap().text;
    assert_eq!(back, before);
    let nobody = revision.rewrap(&[vec![]], None, &keyring(), LATER);
    assert!(matches!(nobody, Err(Error::NoRecipients)));
    let threshold = revision.rewrap(&groups, Some(2), &keyring(), LATER);
    assert!(matches!(threshold, Err(Error::Threshold { .. })));
}

#[test]
fn a_mac_that_does_not_hold_stops_everything_but_what_was_told_to_go_on() {
    let before = sealed(MANIFEST).replace("kind: Secret", "kind: Sealed");
    let strict = Revision::open(&before, Format::Yaml, &keyring(), false);
    assert!(matches!(strict, Err(Error::MacMismatch)));
    let revision = Revision::open(&before, Format::Yaml, &keyring(), true).unwrap();
    let rewrapped = revision.rewrap(&[vec![key("new")]], None, &keyring(), LATER);
    assert!(matches!(rewrapped, Err(Error::MacMismatch)));
    let mended = revision.seal(revision.text().unwrap(), None, LATER).unwrap().text;
    assert_eq!(opened(&mended), MANIFEST.replace("kind: Secret", "kind: Sealed"));
}

#[test]
fn files_that_were_put_together_open_one_by_one_and_do_not_change() {
    let first = "apiVersion: v1\nkind: Secret\nstringData: {a: one}\n";
    let second = "---\napiVersion: v1\nkind: Secret\nstringData:\n  b: two # note\n---\nkind: Secret\napiVersion: v1\nstringData: {c: three}\n";
    let together = format!("{}{}...\n---\n{}", sealed(first), sealed(second), sealed(first));
    assert_eq!(opened(&together), format!("{first}{second}...\n---\n{first}"));
    assert_eq!(Document::parse(&together, Format::Yaml).unwrap().files().len(), 3);
    let whole = sealed(second);
    assert_eq!(Document::parse(&whole, Format::Yaml).unwrap().files(), [whole.as_str()]);
    let refused = Revision::open(&together, Format::Yaml, &keyring(), false);
    assert!(matches!(refused, Err(Error::PutTogether { count: 3 })));
    let refused = reseal(first, &together, Format::Yaml, &recipe(), &keyring(), NOW);
    assert!(matches!(refused, Err(Error::PutTogether { count: 3 })));
    // Without a line break at its end, the first would run into the second.
    let broken_off = format!("{}{}", sealed(first.trim_end()), sealed(second));
    assert_eq!(opened(&broken_off), format!("{first}{second}"));
}

#[test]
fn a_readable_document_among_sealed_files_is_refused() {
    let (first, second) = (sealed("a: 1\n"), sealed("---\nb: 2\n"));
    let plain = "---\nkind: ConfigMap\n";
    let together = format!("{first}{plain}{second}");
    let line = first.lines().count() + 1;
    let result = open(&together, Format::Yaml, &keyring(), false);
    assert!(matches!(result, Err(Error::PartNotSealed { line: found }) if found == line));
}

#[test]
fn a_binary_file_gets_new_keys_and_keeps_its_bytes() {
    let bytes = b"\x00\xff binary";
    let before = seal_binary(bytes.to_vec().into(), &recipe(), &keyring(), NOW).unwrap().text;
    let revision = Revision::open(&before, Format::Binary, &keyring(), false).unwrap();
    assert_eq!((revision.bytes(), revision.text()), (&bytes[..], Err(Error::NotText)));
    let groups = [vec![key("clear"), key("new")]];
    let token = |text: &str| {
        text.split("\"data\": \"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    for (changed, same) in [
        (revision.rewrap(&groups, None, &keyring(), LATER), true),
        (revision.rotate(&groups, None, &keyring(), LATER), false),
    ] {
        let text = changed.unwrap().text;
        let opened = open_bytes(&text, Format::Binary, &keyring(), false).unwrap();
        assert_eq!(**opened.bytes, *bytes);
        assert!(text.contains("\"recipient\": \"new\""));
        assert_eq!(token(&text) == token(&before), same);
    }
    let back = revision.rewrap(&[vec![key("clear")]], None, &keyring(), LATER).unwrap().text;
    assert_eq!(back, before);
}
