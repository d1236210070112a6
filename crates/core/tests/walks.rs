//! Sealing, opening and sealing again, without any real key.
#![allow(clippy::unwrap_used)]

mod common;

use bulla_core::{Error, Format, MasterKey, Recipe, Selector, SelectorKind, open, reseal, seal};
use common::{NOW, keyring, recipe};

fn everything() -> Recipe {
    Recipe { selector: Some(Selector::sops_default()), ..recipe() }
}

fn round_trip(text: &str, recipe: &Recipe) -> String {
    let sealed = seal(text, Format::Yaml, recipe, &keyring(), NOW)
        .unwrap_or_else(|error| panic!("{text:?}: {error}"))
        .text;
    let opened = open(&sealed, Format::Yaml, &keyring(), false)
        .unwrap_or_else(|error| panic!("{sealed}\n{error}"));
    assert_eq!(*opened.text, text, "{sealed}");
    sealed
}

#[test]
fn every_way_of_writing_comes_back() {
    let texts = [
        "a: b\n",
        "a: b",
        "a: b\r\nc: |\r\n  x\r\n  y\r\n",
        "\u{feff}a: b\n",
        "a: 'it''s'\nb: \"x\\ty\"\nc: \"a\\x41\\u00e9\"\n",
        "a: |\n  x\n  y\n",
        "a: |\n      x\n      y\n",
        "a: |-\n  x\nb: |+\n  y\n\n\nc: >\n  fold\n  ed\n\n  z\n",
        "a: |2\n    indented\n  less\n",
        "a: |   # hdr\n  x\n# after\n",
        "a: |\n  x",
        "a: |+\n  x\n\n\n",
        "a: >-\n  x\n  y",
        "a: multi\n  line plain\nb: 'multi\n\n  line'\n",
        "a: [x, 'y', \"z\", 1, 2.5, {k: v}]\n",
        "{a: b, c: [d], }\n",
        "{a: b # c\n}\n",
        "{\"a\": \"b\"}",
        "a: &x v\nb: *x\n",
        "a: !!str 12\nb: !!binary aGVsbG8=\nc: ! 7\nd: !custom  x\ne: &anc !!str y\nf: !!str &an z\n",
        "a: !!binary /w==\n",
        "a: 0x1F\nb: 1_000\nc: 0777\nd: 1.50\ne: .5\nf: TRUE\ng: 2001-01-01\nh: .inf\ni: -0.0\n",
        "a:\nb: ~\nc: \"\"\nd: ''\ne: []\nf: {}\ng: x\n",
        "# head\na: b # line\n# between\nc:\n  # in\n  d: e\n  # foot\n# end\n",
        "#\na: b\n",
        "l:\n- a\n# c\n- b\n-   - x\n    - |\n      y\n",
        "? a\n: b\n? |\n  k\n: c\n",
        "---\na: b\n---\nc: d\n...\n---\n# nothing\n---\ne: f\n",
        "---\n---\na: b\n",
        "--- # c\na: b\n...\n",
        "%YAML 1.1\n---\na: b\n",
        "  a: b\n  c:\n   d: e\n",
        "a:   b   \n\n\n",
        "a: b\n   ",
        "a:\tb\n",
        "\"a\": b\n'c': d\n",
        "a: \"ENC[AES256_GCM,data:x]\"\n",
        "a: \"\\u2028\\0\\a\"\n",
        "a: \"line\\r\\ncrlf\"\n",
        "a: ' x '\nb: 'x: y'\nc: '#'\nd: '- x'\n",
        "a: |\n  \tx\n\n  y\n",
        "a: 日本 😀\n",
        "a: x\rb: y\r",
        "a: {b: {c: [[d]]}}\nb:\n  - c:\n      - - d\n",
        "data: { # secret\n }\na: b\n",
    ];
    for text in texts {
        round_trip(text, &everything());
    }
}

#[test]
fn only_the_secret_changes() {
    let text = "apiVersion: v1\nkind: Secret # really\nmetadata:\n  name: 'x'\n\nstringData:\n  # the key\n  a:   \"b\"   # why\n  c: |\n    d\n";
    let sealed = round_trip(text, &recipe());
    let kept: Vec<&str> = sealed.lines().take(6).collect();
    assert_eq!(kept, text.lines().take(6).collect::<Vec<_>>());
    assert!(sealed.contains("  a:   \"ENC[AES256_GCM,data:"));
    assert!(sealed.contains(",type:str]\"   #ENC["), "{sealed}");
    assert!(sealed.contains("\n  c: ENC[AES256_GCM,"));
    assert!(sealed.contains("\n    encrypted_regex: ^(data|stringData)$\n"));
    assert!(sealed.contains("\n    mac: ENC[AES256_GCM,"));
    assert!(!sealed.contains("layout:"), "nothing here needs a record:\n{sealed}");
}

#[test]
fn a_comment_behind_the_last_quote_of_a_secret_is_sealed() {
    let text = "stringData:\n  o: 'a\n\n' # secret\nx: y\n";
    let selector = Selector::new(SelectorKind::EncryptedRegex, "^stringData$").unwrap();
    let sealed = round_trip(text, &Recipe { selector: Some(selector), ..recipe() });
    assert!(!sealed.contains("secret"), "{sealed}");
}

#[test]
fn a_comment_that_is_indented_under_a_secret_is_sealed() {
    let texts = [
        "stringData:\n      # secret\n   a: b\nx: y\n",
        "stringData:\n    a: b\n  # secret\nx: y\n",
        "stringData:\n    a: b\n  # secret\n",
    ];
    let selector = Selector::new(SelectorKind::EncryptedRegex, "^stringData$").unwrap();
    for text in texts {
        let recipe = Recipe { selector: Some(selector.clone()), ..recipe() };
        let sealed = round_trip(text, &recipe);
        assert!(!sealed.contains("secret"), "{sealed}");
    }
}

#[test]
fn a_comment_that_the_block_draws_away_is_sealed_for_where_it_is_read() {
    let texts = [
        "l:\n- same\n# end\n",
        "l:\n- same\n# one\n# two\n",
        "a:\n  l:\n  - same\n  # in\n# end\n",
        "a: x\nl:\n- a\n- b\n# end\n---\nm:\n- c\n# also\n",
    ];
    for text in texts {
        let sealed = round_trip(text, &everything());
        assert!(!sealed.contains("# "), "{sealed}");
        let edited = text.replacen("same", "other", 1).replacen("- a\n", "- A\n", 1);
        let again = reseal(&edited, &sealed, Format::Yaml, &everything(), &keyring(), NOW).unwrap();
        assert_eq!(*open(&again.text, Format::Yaml, &keyring(), false).unwrap().text, edited);
        let comments = |text: &str| {
            let lines = text.lines().filter(|line| line.trim_start().starts_with("#ENC"));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(comments(&again.text), comments(&sealed));
    }
    let only = |kind, text| Recipe { selector: Selector::new(kind, text).ok(), ..recipe() };
    let text = "l:\n- same\n# end\nk: v\n";
    let end = "k: v\nl:\n- same\n# end\n";
    // In the top level, where it is read, the selector does not reach it.
    let sealed = round_trip(end, &only(SelectorKind::EncryptedRegex, "^l$"));
    assert!(sealed.contains("\n# end\n"), "{sealed}");
    // There it does.
    let sealed = round_trip(end, &only(SelectorKind::UnencryptedRegex, "^l$"));
    assert!(!sealed.contains("# end"), "{sealed}");
    for kind in [SelectorKind::EncryptedCommentRegex, SelectorKind::UnencryptedCommentRegex] {
        let marked = format!("# mark\n{end}");
        round_trip(&marked, &only(kind, "mark"));
        round_trip(&format!("# mark\n{text}"), &only(kind, "mark"));
    }
}

#[test]
fn comments_decide_when_they_are_asked() {
    let text = "a: x\n# seal\nb: y\nc: z\nd:\n  # seal\n  e:\n    f: 1\n  g: 2\n";
    let selector = Selector::new(SelectorKind::EncryptedCommentRegex, "seal").unwrap();
    let sealed = round_trip(text, &Recipe { selector: Some(selector), ..recipe() });
    let readable: Vec<_> = sealed.lines().filter(|line| !line.contains("ENC[")).take(8).collect();
    assert_eq!(readable, ["a: x", "# seal", "c: z", "d:", "  # seal", "  e:", "  g: 2", "sops:"]);
}

#[test]
fn what_would_be_readable_under_a_seal_is_refused() {
    let secret = "apiVersion: v1\nkind: Secret\nstringData:\n  a: b\n  n: NUMBER\n";
    let with = |value: &str| secret.replace("NUMBER", value);
    let regex = |text: &str| Recipe {
        selector: Some(Selector::new(SelectorKind::EncryptedRegex, text).unwrap()),
        ..recipe()
    };
    let cases = [
        (
            with("x"),
            regex("^nothing$"),
            "nothing in this file is selected by encrypted_regex: ^nothing$",
        ),
        (
            with("x"),
            regex("^a$"),
            "line 5, [\"stringData\"][\"n\"]: this value of a Secret is not selected",
        ),
        ("a: b\n---\nsops: 1\n".into(), everything(), "line 3: there is a `sops` key already"),
        ("sops:\na: b\n".into(), everything(), "line 1: there is a `sops` key already"),
        (
            with("9223372036854775808"),
            recipe(),
            "line 5, [\"stringData\"][\"n\"]: this integer does not fit",
        ),
        (
            with("99999999999999999999"),
            recipe(),
            "line 5, [\"stringData\"][\"n\"]: this integer does not fit",
        ),
        (
            with("3.14159265358979323846"),
            recipe(),
            "line 5, [\"stringData\"][\"n\"]: this number would lose digits",
        ),
        (
            with("12345678e90"),
            recipe(),
            "line 5, [\"stringData\"][\"n\"]: this would be read as a float, but looks like a key",
        ),
        ("a: b\na: c\n".into(), everything(), "line 2: this key is there twice"),
        (
            "a: b\n---\nx:\n  c: 1\n  c: 2\n".into(),
            everything(),
            "line 5, [\"x\"]: this key is there twice",
        ),
        ("- a\n".into(), everything(), "line 1: the top level is not a mapping"),
        ("1: a\n".into(), everything(), "line 1: this key is not a string"),
        ("[a]: b\n".into(), everything(), "line 1: this key is a collection"),
        ("a: &x {b: c}\nd: *x\n".into(), everything(), "line 2, [\"d\"][\"b\"]: this alias brings"),
        (
            "a: &x [*x]\n".into(),
            everything(),
            "line 1, [\"a\"][0]: this alias is part of what it stands for",
        ),
        ("a: !!int x\n".into(), everything(), "line 1, [\"a\"]: the tag does not fit"),
        ("%YAML 1.2\n---\na: b\n".into(), everything(), "line 2: go-yaml, and so sops, refuses"),
        ("".into(), everything(), "this file holds no document"),
        ("a: b\n".into(), Recipe { groups: vec![], ..everything() }, "there is no key to seal for"),
    ];
    for (text, recipe, message) in cases {
        let error = seal(&text, Format::Yaml, &recipe, &keyring(), NOW).unwrap_err().to_string();
        assert!(error.starts_with(message), "{text:?}: {error}");
    }
}

#[test]
fn a_clear_alias_counts_in_the_mac_and_stays() {
    let text = "base: &x\n  k: v\n  l: [1, 2]\nmore:\n  <<: *x\n  z: *x\nsecret: s\n";
    let selector = Selector::new(SelectorKind::EncryptedRegex, "^secret$").unwrap();
    let sealed = round_trip(text, &Recipe { selector: Some(selector), ..recipe() });
    assert!(sealed.starts_with("base: &x\n  k: v\n  l: [1, 2]\nmore:\n  <<: *x\n  z: *x\n"));
}

#[test]
fn tampering_is_noticed() {
    let text = "kind: x\na: one\nb: two\n";
    let selector = Selector::new(SelectorKind::EncryptedRegex, "^(a|b)$").unwrap();
    let sealed = round_trip(text, &Recipe { selector: Some(selector), ..recipe() });
    let lines: Vec<&str> = sealed.lines().collect();
    let swapped = sealed
        .replace(lines[1], "@1")
        .replace(lines[2], &lines[1].replace("a: ", "b: "))
        .replace("@1", &lines[2].replace("b: ", "a: "));
    let cases = [
        (sealed.replace("kind: x", "kind: y"), "the MAC does not match"),
        (sealed.replace("kind: x\n", ""), "the MAC does not match"),
        (swapped, "line 2, [\"a\"]: this value was changed, moved"),
        (sealed.replace(lines[1], "a: readable"), "line 2, [\"a\"]: this value is not sealed"),
        (
            sealed.replace(lines[1], &format!("{}x", lines[1])),
            "line 2, [\"a\"]: this value is sealed, but its text is damaged",
        ),
        (sealed.replace("type:str]\nb", "type:int]\nb"), "line 2, [\"a\"]: this value was changed"),
        (sealed.replace(NOW, "2026-11-20T10:56:19Z"), "the MAC of this file was changed"),
        (text.into(), "there is no `sops` block"),
    ];
    for (text, message) in cases {
        let error = open(&text, Format::Yaml, &keyring(), false).err().unwrap().to_string();
        assert!(error.starts_with(message), "{error}");
        assert!(!error.contains("readable\n") && !error.contains("one"), "{error}");
    }
    let dropped = sealed.replace("kind: x\n", "");
    assert_eq!(*open(&dropped, Format::Yaml, &keyring(), true).unwrap().text, "a: one\nb: two\n");
}

#[test]
fn sealing_again_keeps_what_did_not_change() {
    let text = "a: one\nb: two\nl: [x, x]\n# note\nc: 3\n";
    let sealed = round_trip(text, &everything());
    let again =
        reseal(text, &sealed, Format::Yaml, &everything(), &keyring(), "2027-01-01T00:00:00Z");
    assert_eq!(again.unwrap().text, sealed);

    let edited = "a: one\nb: TWO\nl: [x, x, x]\n# note\nnew: 1\nc: 3\n";
    let later = "2027-01-01T00:00:00Z";
    let again =
        reseal(edited, &sealed, Format::Yaml, &everything(), &keyring(), later).unwrap().text;
    assert_eq!(*open(&again, Format::Yaml, &keyring(), false).unwrap().text, edited);
    let line = |text: &str, start: &str| {
        text.lines().find(|line| line.starts_with(start)).unwrap().to_owned()
    };
    assert_eq!(line(&again, "a: "), line(&sealed, "a: "));
    assert_eq!(line(&again, "c: "), line(&sealed, "c: "));
    assert_eq!(line(&again, "#ENC"), line(&sealed, "#ENC"));
    assert_ne!(line(&again, "b: "), line(&sealed, "b: "));
    let items: Vec<_> =
        again.lines().find(|line| line.starts_with("l: ")).unwrap().split("data:").collect();
    assert_eq!(items.len(), 4);
    assert!(items[1] != items[2] && items[2] != items[3]);
    assert!(
        again.contains(&line(&sealed, "          enc: ")),
        "the data key stays wrapped as it was"
    );
}

#[test]
fn a_recipient_that_goes_takes_the_data_key_with_it() {
    let other = MasterKey::Age { recipient: "other".into() };
    let text = "a: one\n";
    let mut two = everything();
    two.groups[0].push(other);
    let sealed = round_trip(text, &two);
    let again = reseal(text, &sealed, Format::Yaml, &everything(), &keyring(), NOW).unwrap().text;
    assert_ne!(again.lines().next(), sealed.lines().next());
    let back = reseal(text, &again, Format::Yaml, &two, &keyring(), NOW).unwrap().text;
    assert_eq!(back.lines().next(), again.lines().next(), "an added one does not");
    assert_eq!(back.matches("recipient:").count(), 2);
}

#[test]
fn the_record_is_not_needed_to_open() {
    let text = "a: !!str 12\nb: |\n      deep\n      er\nc: >\n  fold\n  ed\nd: 0x1F\ne: [x, y]\nf: \"\\x41\"";
    let sealed = round_trip(text, &everything());
    assert!(sealed.contains("\n    bulla:\n        layout: ENC["));
    let without: String = {
        let at = sealed.find("    bulla:\n").unwrap();
        sealed[..at].to_owned()
    };
    let opened = open(&without, Format::Yaml, &keyring(), false).unwrap();
    assert_eq!(
        *opened.text,
        "a: \"12\"\nb: |\n  deep\n  er\nc: |\n  fold ed\nd: 31\ne: [\"x\", \"y\"]\nf: \"A\"\n"
    );
}

#[test]
fn groups_and_thresholds_that_cannot_be_met_are_refused() {
    let mut recipe = everything();
    recipe.threshold = Some(2);
    let error = seal("a: b\n", Format::Yaml, &recipe, &keyring(), NOW).unwrap_err();
    assert_eq!(error, Error::Threshold { threshold: 2, groups: 1 });
}

#[test]
fn two_documents_that_were_joined_are_not_opened() {
    let sealed = round_trip("a: one\n---\nb: two\n", &everything());
    let joined = sealed.replace("---\n", "");
    let error = open(&joined, Format::Yaml, &keyring(), false).err().unwrap().to_string();
    assert!(error.contains("this key is there twice"), "{error}");
}
