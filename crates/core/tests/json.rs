//! JSON, sealed in place and opened again, without any real key.
#![allow(clippy::unwrap_used)]

mod common;

use bulla_core::change::Address;
use bulla_core::{Document, Error, Format, Recipe, Selector, SelectorKind, Value, extract};
use bulla_core::{open, reseal, seal};
use common::{NOW, keyring, recipe};
use proptest::prelude::*;

fn everything() -> Recipe {
    Recipe { selector: Some(Selector::sops_default()), ..recipe() }
}

fn sealed(text: &str) -> String {
    seal(text, Format::Json, &everything(), &keyring(), NOW)
        .unwrap_or_else(|error| panic!("{text:?}: {error}"))
        .text
}

fn opened(text: &str) -> String {
    let opened = open(text, Format::Json, &keyring(), false);
    opened.unwrap_or_else(|error| panic!("{text}\n{error}")).text.to_string()
}

fn refusal(text: &str) -> String {
    seal(text, Format::Json, &everything(), &keyring(), NOW).unwrap_err().to_string()
}

#[test]
fn every_way_of_writing_comes_back() {
    let texts = [
        "{\"a\":1}",
        "{\"a\": 1}\n",
        "{ \"a\" : 1 , \"b\" : [ ] }",
        "\t{\r\n  \"a\": \"x\",\r\n  \"b\": {\"c\": [1, 2, [3, {}]], \"d\": null}\r\n}\r\n\r\n",
        "{\n\"a\": 1\n}",
        "{\n    \"a\":\n        1\n    ,\n    \"b\": 2\n}\n",
        "{\"a\": 1,\n \"b\": 2}",
        "{\"a\": \"\\u00e9\\/\\n\\ud83d\\ude00\\u0000 é😀\\\\\"}",
        "{\"a\": 1.0, \"b\": 1e3, \"c\": 1E+3, \"d\": -0, \"e\": -0.0, \"f\": 0.10, \"g\": 1e-7}",
        "{\"a\": 9223372036854775807, \"b\": -9223372036854775808, \"c\": 9007199254740993}",
        "{\"a\": true, \"b\": false, \"c\": null, \"d\": \"\", \"e\": {}, \"f\": []}",
        "{\"\": \"x\", \"a\\u0062\": \"y\", \"sops\\u0020\": \"z\", \"n\": {\"sops\": \"w\"}}",
        "{\"a\": \"sops\", \"b\": [\"same\", \"same\"], \"c_unencrypted\": \"clear\"}",
    ];
    for text in texts {
        let sealed = sealed(text);
        assert_eq!(opened(&sealed), text, "{sealed}");
        // Sealed again without a change, it is the same file.
        let again = reseal(text, &sealed, Format::Json, &everything(), &keyring(), "later");
        assert_eq!(again.unwrap().text, sealed);
    }
}

#[test]
fn only_values_change_and_the_block_is_written_like_the_rest() {
    let token = "ENC[AES256_GCM,";
    let cases = [
        ("{\n  \"a\": 1\n}\n", "{\n  \"a\": \"T\",\n  \"sops\": {\n    \"age\": [\n      {\n"),
        ("{\r\n\t\"a\": 1\r\n}", "{\r\n\t\"a\": \"T\",\r\n\t\"sops\": {\r\n\t\t\"age\": [\r\n"),
        ("{\"a\":1}", "{\"a\":\"T\",\"sops\":{\"age\":[{\"recipient\":\"clear\","),
        ("{\"a\": 1}", "{\"a\": \"T\", \"sops\": {\"age\": [{\"recipient\": \"clear\", "),
        ("{\n\"a\":1\n}", "{\n\"a\":\"T\",\n\"sops\":{\n\"age\":[\n{\n"),
    ];
    for (text, expected) in cases {
        let sealed = sealed(text);
        let start = sealed.find(token).unwrap();
        let end = start + sealed[start..].find(']').unwrap() + 1;
        let shown = format!("{}T{}", &sealed[..start], &sealed[end..]);
        assert!(shown.starts_with(expected), "{shown}\n{expected}");
        assert!(sealed.contains("\"mac\": \"ENC["), "{sealed}");
        assert!(serde_json::from_str::<serde_json::Value>(&sealed).is_ok(), "{sealed}");
    }
}

#[test]
fn the_block_is_taken_out_wherever_it_stands() {
    let text = "{\n  \"a\": \"x\",\n  \"b\": \"y\"\n}\n";
    let sealed = sealed(text);
    let json: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&sealed).unwrap();
    for place in 0..3 {
        let mut entries: Vec<_> = json.iter().map(|(key, value)| (key.clone(), value)).collect();
        let block = entries.pop().unwrap();
        entries.insert(place, block);
        let moved: serde_json::Map<_, _> =
            entries.into_iter().map(|(key, value)| (key, value.clone())).collect();
        for moved in
            [serde_json::to_string(&moved).unwrap(), serde_json::to_string_pretty(&moved).unwrap()]
        {
            let opened = opened(&moved);
            let expected: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::from_str::<serde_json::Value>(&opened).unwrap(), expected);
        }
    }
}

#[test]
fn types_are_those_that_sops_reads() {
    let text = "{\"a\": [1, -7, 1.5, 10.0, 1e21, true, null, \"x\", {}, 18446744073709551616]}";
    let document = Document::parse(text, Format::Json).unwrap();
    let found: Vec<_> = document
        .leaves()
        .map(|leaf| {
            let wire = String::from_utf8(leaf.value.wire_bytes().into_owned()).unwrap();
            format!("{:?} {wire}", leaf.value)
        })
        .collect();
    let expected = [
        "Int(..) 1",
        "Int(..) -7",
        "Float(..) 1.5",
        "Float(..) 10",
        "Float(..) 1000000000000000000000",
        "Bool(..) True",
        "Null ",
        "Str(..) x",
        "Empty ",
        "Float(..) 18446744073709552000",
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_is_not_json_is_refused_with_its_line() {
    let cases = [
        ("", "line 1", "nothing in it"),
        ("\u{feff}{}", "line 1", "byte order mark"),
        ("a: b\n", "line 1", "does not begin with a brace"),
        ("{\n\"a\": 1\n", "line 3", "ends too early"),
        ("{\"a\": \"x", "line 1", "ends too early"),
        ("{\"a\": \"x\\", "line 1", "ends too early"),
        ("{\"a\"", "line 1", "a colon is missing"),
        ("{\"a\":", "line 1", "ends too early"),
        ("{\n\"a\": 1,\n}", "line 3", "a key in quotes is missing"),
        ("{\"a\": 1 \"b\": 2}", "line 1", "a comma or } is missing"),
        ("{\"a\": [1 2]}", "line 1", "a comma or ] is missing"),
        ("{\"a\": [1,]}", "line 1", "a value is missing"),
        ("{,}", "line 1", "a key in quotes is missing"),
        ("{\"a\": 1}\n{\"b\": 2}", "line 2", "something behind the closing brace"),
        ("{\"a\": tru}", "line 1", "a value is missing"),
        ("{\"a\": NaN}", "line 1", "a value is missing"),
        ("{\"a\": 01}", "line 1", "a number"),
        ("{\"a\": 1.}", "line 1", "a number"),
        ("{\"a\": -}", "line 1", "a number"),
        ("{\"a\": 1e}", "line 1", "a number"),
        ("{\"a\": +1}", "line 1", "a value is missing"),
        ("{\"a\": \"x\ny\"}", "line 1", "control character"),
        ("{\"a\": \"\\x\"}", "line 1", "an escape that stands for no character"),
        ("{\"a\": \"\\é\"}", "line 1", "an escape that stands for no character"),
        ("{\"a\": \"\\ud800\"}", "line 1", "an escape that stands for no character"),
        ("{\"a\": // no\n 1}", "line 1", "a value is missing"),
        ("{'a': 1}", "line 1", "a key in quotes is missing"),
        ("{\"a\": 1}}", "line 1", "something behind"),
        ("{\"a\": 1]", "line 1", "a comma or } is missing"),
        ("[1]", "line 1", "the top level is not a mapping"),
        ("\"x\"", "line 1", "the top level is not a mapping"),
        ("{\"a\": 1e999}", "line 1, [\"a\"]", "lose digits"),
        ("{\"sops\": 1, \"sops\": 2}", "line 1, [\"sops\"]", "there twice"),
    ];
    for (text, line, reason) in cases {
        let error = Document::parse(text, Format::Json).unwrap_err().to_string();
        assert!(error.starts_with(line) && error.contains(reason), "{text:?}: {error}");
    }
}

#[test]
fn what_sops_would_destroy_is_refused() {
    let cases = [
        (
            "{\"a\": 1,\n \"b\": {\"x\": 1, \"y\": 2, \"x\": 3}}",
            "line 2, [\"b\"][\"x\"]: this key is there twice",
        ),
        ("{\"a\": 1, \"\\u0061\": 2}", "this key is there twice"),
        ("{\"a\": 1, \"sops\": {}}", "there is a `sops` key already"),
        ("{\"a\": 12345678e90}", "looks like a key in hexadecimal"),
        ("{\"a\": 18446744073709551616}", "does not fit 64 bits"),
        ("{\"a\": 3.14159265358979323846}", "lose digits"),
        ("{\"a\": null, \"b\": \"\", \"c\": {}}", "nothing in this file is selected"),
        ("{\"a\": \"x\", \"b_unencrypted\": 9007199254740993}", "older versions of sops"),
        ("{\"a\": \"x\", \"b_unencrypted\": -0}", "older versions of sops"),
    ];
    for (text, reason) in cases {
        let error = refusal(text);
        assert!(error.contains(reason), "{text}: {error}");
    }
    // These count alike for everybody.
    opened(&sealed("{\"a\": \"x\", \"b_unencrypted\": [9007199254740992, 1.5, 0, 1e30]}"));
}

#[test]
fn a_secret_is_sealed_as_kubernetes_has_it() {
    let text = "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\"},\"stringData\":{\"token\":\"hunter2\"}}\n";
    let sealed = seal(text, Format::Json, &recipe(), &keyring(), NOW).unwrap().text;
    assert!(sealed.contains("\"kind\":\"Secret\"") && !sealed.contains("hunter2"));
    assert!(sealed.contains("\"encrypted_regex\":\"^(data|stringData)$\""));
    assert_eq!(opened(&sealed), text);
    let narrow = Selector::new(SelectorKind::EncryptedRegex, "^data$").unwrap();
    let narrow = Recipe { selector: Some(narrow), ..recipe() };
    let text = text.replace("\"stringData\"", "\"data\":{\"x\":\"eA==\"},\"stringData\"");
    let error = seal(&text, Format::Json, &narrow, &keyring(), NOW).unwrap_err();
    assert!(matches!(error, Error::SecretLeftReadable { .. }), "{error}");
}

#[test]
fn an_edited_file_keeps_what_did_not_change() {
    let text = "{\"a\": \"one\", \"b\": 2, \"c\": [\"x\", \"x\"]}";
    let before = sealed(text);
    let edited = text.replace("one", "uno");
    let after =
        reseal(&edited, &before, Format::Json, &everything(), &keyring(), NOW).unwrap().text;
    assert_eq!(opened(&after), edited);
    let tokens = |text: &str| -> Vec<String> {
        let document = Document::parse(text, Format::Json).unwrap();
        let texts = document.leaves().filter_map(|leaf| match &leaf.value {
            Value::Str(text) => Some(text.to_string()),
            _ => None,
        });
        texts.collect()
    };
    let (before, after) = (tokens(&before), tokens(&after));
    assert_ne!(before[0], after[0]);
    assert_eq!(before[1..], after[1..]);
}

#[test]
fn a_changed_file_does_not_open() {
    let sealed = sealed("{\"a\": \"one\", \"b\": \"two\", \"c_unencrypted\": 3}");
    let open = |text: &str| open(text, Format::Json, &keyring(), false).err().unwrap();
    assert_eq!(
        open(&sealed.replace("\"c_unencrypted\": 3", "\"c_unencrypted\": 4")),
        Error::MacMismatch
    );
    let swapped =
        sealed.replace("\"a\"", "\"q\"").replace("\"b\"", "\"a\"").replace("\"q\"", "\"b\"");
    assert!(matches!(open(&swapped), Error::Tampered { .. }));
    let shown = open(&sealed.replace("\"ENC[AES256_GCM,data:", "\"hunter2,data:")).to_string();
    assert!(shown.contains("is not sealed") && !shown.contains("hunter2"), "{shown}");
    assert_eq!(open("{\"a\": \"one\"}"), Error::NotSealed);
    assert!(matches!(open("{\"a\": 1, \"sops\": 2}"), Error::Metadata { line: 1, .. }));
}

#[test]
fn a_part_is_given_as_sops_gives_it() {
    let text = "{\n\t\"s\": \"x\\u00e9\\n\",\n\t\"n\": 1.50,\n\t\"l\": [\n\t\t[1],\n\t\t{\n\t\t\t\"k\": []\n\t\t}\n\t],\n\t\"o\": {}\n}\n";
    let cases = [
        ("[\"s\"]", Some("xé\n")),
        ("[\"n\"]", Some("1.50")),
        ("[\"l\"]", Some("[\n\t[1],\n\t{\n\t\t\"k\": []\n\t}\n]")),
        ("[\"l\"][0]", Some("[1]")),
        ("[\"l\"][0][0]", Some("1")),
        ("[\"l\"][1]", Some("{\n\t\"k\": []\n}\n")),
        ("[\"l\"][1][\"k\"]", Some("[]")),
        ("[\"o\"]", Some("{}\n")),
        ("[\"l\"][2]", None),
        ("[\"k\"]", None),
        ("[\"s\"][\"x\"]", None),
    ];
    for (path, expected) in cases {
        let address = Address::parse(path).unwrap();
        let found = extract(text.as_bytes(), Format::Json, &address);
        let found = found.ok().map(|found| String::from_utf8(found.to_vec()).unwrap());
        assert_eq!(found.as_deref(), expected, "{path}");
    }
}

#[test]
fn hostile_files_are_refused_or_read_in_no_time() {
    let deep = |open: &str, close: &str, levels: usize| {
        format!("{{\"a\": {}1{}}}", open.repeat(levels), close.repeat(levels))
    };
    for text in [deep("[", "]", 100_000), deep("{\"a\":", "}", 100_000)] {
        assert!(refusal(&text).contains("nested more than"));
    }
    // The deepest that is taken, for the other parser too.
    for text in [deep("[", "]", 999), deep("{\"a\":", "}", 999)] {
        assert_eq!(opened(&sealed(&text)), text);
    }
    assert!(refusal("[".repeat(100_000).as_str()).contains("top level"));
    let keys: String = (0..1_000_000).map(|n| format!("\"k{n}\":1,")).collect();
    let wide = format!("{{{keys}\"z\":[{}1]}}", "1,".repeat(100_000));
    let document = Document::parse(&wide, Format::Json).unwrap();
    assert_eq!(document.leaves().count(), 1_100_001);
    let block = format!("{{\"a\":1,\"sops\":{{{keys}\"z\":1}}}}");
    let document = Document::parse(&block, Format::Json).unwrap();
    assert!(matches!(document.sealed_metadata(), Err(Error::Metadata { .. })));
    let block = format!("{{\"a\":1,\"sops\":{}}}", deep("[", "]", 500));
    let document = Document::parse(&block, Format::Json).unwrap();
    assert!(matches!(document.sealed_metadata(), Err(Error::Metadata { .. })));
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_an_error() {
    let text = sealed("{\n \"a\": [\"x\", {\"b\": -1.5e3}], \"c\": \"\\u00e9\", \"d\": true\n}");
    for end in (0..text.len()).filter(|&end| text.is_char_boundary(end)) {
        let error = Document::parse(&text[..end], Format::Json).err();
        assert!(error.is_some(), "{}", &text[..end]);
    }
}

/// Any JSON value, written in one of several ways.
fn value() -> impl Strategy<Value = String> {
    let text = "(\\\\[nt\"\\\\/]|\\\\u00[0-9a-f]{2}|[a-z é😀]){0,8}"
        .prop_map(|text| format!("\"{text}\""));
    let leaf = prop_oneof![
        text,
        any::<i64>().prop_map(|int| int.to_string()),
        (-1e9..1e9_f64).prop_map(|float| format!("{float:?}")),
        prop_oneof![Just("true"), Just("false"), Just("null")].prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        let blank = prop_oneof![Just(""), Just(" "), Just("\n  "), Just("\r\n\t")];
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..4), blank.clone()).prop_map(
                |(items, blank)| format!("[{blank}{}{blank}]", items.join(&format!(",{blank}")))
            ),
            (prop::collection::vec(inner, 0..4), blank).prop_map(|(values, blank)| {
                let entries: Vec<_> = values
                    .iter()
                    .enumerate()
                    .map(|(n, value)| format!("\"k{n}\"{blank}:{blank}{value}"))
                    .collect();
                format!("{{{blank}{}}}", entries.join(&format!("{blank},")))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_sealed_opens_to_the_same_bytes(value in value(), tail in "[ \n\t]{0,3}") {
        let text = format!("{{\"always\": \"sealed\",{tail}\"value\":{value}{tail}}}{tail}");
        let sealed = sealed(&text);
        prop_assert_eq!(opened(&sealed), text);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&sealed).is_ok());
    }

    #[test]
    fn serde_json_and_we_take_the_same_texts(text in "[{}\\[\\]\",:0-9eE.+a\\\\ -]{0,12}") {
        let text = format!("{{\"a\":{text}}}");
        let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
        let ours = match Document::parse(&text, Format::Json) {
            Ok(_) => true,
            // A number too large, which both refuse, and `sops` twice.
            Err(Error::Refused { .. }) => theirs,
            Err(_) => false,
        };
        prop_assert_eq!(ours, theirs, "{}", text);
    }

    #[test]
    fn garbage_is_no_panic(text in "\\PC{0,40}") {
        let _ = Document::parse(&text, Format::Json);
        let _ = Document::parse(&format!("{{\"a\": {text}"), Format::Binary);
    }
}
