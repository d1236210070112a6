use bulla_yaml::Stream;

use super::write;
use crate::error::ItemError;

fn json(text: &str) -> Result<String, (ItemError, String)> {
    let stream = Stream::parse(text).unwrap();
    let root = stream.documents()[0].root.unwrap();
    let mut out = String::new();
    match write(&stream, root, &mut out) {
        Ok(()) => Ok(out),
        Err(error) => Err((error.error, error.key_path())),
    }
}

fn value(text: &str) -> Result<String, ItemError> {
    json(&format!("a: {text}\n"))
        .map(|json| json[r#"{"a":"#.len()..json.len() - 1].to_owned())
        .map_err(|(error, _)| error)
}

#[test]
fn scalars_are_what_go_yaml_takes_them_for() {
    let cases = [
        ("yes", "\"yes\""),
        ("true", "true"),
        ("~", "null"),
        ("", "null"),
        ("0777", "511"),
        ("0x1F", "31"),
        ("1_000", "1000"),
        ("18446744073709551615", "18446744073709551615"),
        ("1.0", "1.0"),
        ("1.5e10", "15000000000.0"),
        ("1e21", "1e21"),
        ("'1'", "\"1\""),
        ("!!str 12", "\"12\""),
        ("!!binary aGVsbG8=", "\"hello\""),
        ("!local x", "\"x\""),
    ];
    for (yaml, expected) in cases {
        assert_eq!(value(yaml).as_deref(), Ok(expected), "{yaml}");
    }
}

#[test]
fn a_date_stays_the_text_it_is() {
    assert_eq!(value("2001-12-14").unwrap(), "\"2001-12-14\"");
    assert_eq!(value("2001-12-14t21:59:43.10-05:00").unwrap(), "\"2001-12-14t21:59:43.10-05:00\"");
}

#[test]
fn texts_read_back_as_themselves_by_json_and_by_yaml() {
    let texts = [
        "line\nline\r\n\ttab",
        "quote \" backslash \\ slash /",
        "\u{1}\u{1b}[0m",
        "\u{2028}\u{2029}\u{a0}\u{e000}\u{fffd}",
        "😀 ü 漢",
        "--- # not: [yaml]\n---\n",
        " leading and trailing ",
        "<<",
    ];
    for text in texts {
        let quoted = bulla_yaml::double_quoted(text);
        let written = value(&quoted).unwrap();
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        // go-yaml's ancestor and our parser agree on the JSON.
        let document = format!("a: {written}\n");
        let stream = Stream::parse(&document).unwrap();
        bulla_yaml::second_opinion(&stream).unwrap();
        let root = stream.documents()[0].root.unwrap();
        let node = stream.node(stream.get(root, "a").unwrap());
        assert_eq!(node.scalar().unwrap().value, text);
    }
}

#[test]
fn what_kustomize_would_show_or_lose_is_refused() {
    for character in ["\\x7f", "\\x85", "\\x9f", "\\uFEFF", "\\uFFFF"] {
        let yaml = format!("\"a{character}b\"");
        assert_eq!(value(&yaml), Err(ItemError::ControlCharacter), "{character}");
    }
    assert_eq!(value(".inf"), Err(ItemError::NotFinite));
    assert_eq!(value("!!binary //79"), Err(ItemError::NotText));
    assert_eq!(value("!!int x"), Err(ItemError::Tag));
}

#[test]
fn sealed_things_are_refused_wherever_they_are() {
    let sealed = "ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]";
    assert_eq!(
        json(&format!("a:\n  - b: x {sealed}\n")),
        Err((ItemError::StillSealed, "[\"a\"][0][\"b\"]".into()))
    );
    assert_eq!(json(&format!("'{sealed}': a\n")), Err((ItemError::StillSealed, "".into())));
    assert_eq!(json("a: b\nsops: {}\n"), Err((ItemError::SopsBlock, "".into())));
    assert_eq!(json("a: {sops: {}}\n").unwrap(), r#"{"a":{"sops":{}}}"#);
}

#[test]
fn collections_aliases_and_merges_are_written_out() {
    let cases = [
        ("a: []\nb: {}\n", r#"{"a":[],"b":{}}"#),
        ("a: &x [1, 2]\nb: *x\n", r#"{"a":[1,2],"b":[1,2]}"#),
        ("a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  k: 3\n", r#"{"a":{"k":1,"l":2},"b":{"k":3,"l":2}}"#),
        (
            "a: &x {k: 1}\nb: &y {k: 2, m: 3}\nc:\n  <<: [*x, *y]\n",
            r#"{"a":{"k":1},"b":{"k":2,"m":3},"c":{"k":1,"m":3}}"#,
        ),
        ("a: {'<<': b}\n", r#"{"a":{"<<":"b"}}"#),
        ("a: {1: b, true: c}\n", r#"{"a":{"1":"b","true":"c"}}"#),
    ];
    for (yaml, expected) in cases {
        assert_eq!(json(yaml).as_deref(), Ok(expected), "{yaml}");
    }
}

#[test]
fn odd_keys_are_refused() {
    assert_eq!(json("a: {b: 1, b: 2}\n"), Err((ItemError::DuplicateKey, "[\"a\"]".into())));
    assert_eq!(json("a: {~: 1}\n").unwrap_err().0, ItemError::Key);
    assert_eq!(json("a: {0x1: 1}\n").unwrap_err().0, ItemError::Key);
    assert_eq!(json("a:\n  ? [b]\n  : c\n").unwrap_err().0, ItemError::Key);
    assert_eq!(json("a:\n  <<: text\n").unwrap_err().0, ItemError::Merge);
    assert_eq!(json(&format!("? {}\n: b\n", "k".repeat(1001))).unwrap_err().0, ItemError::LongKey);
    assert_eq!(json("- a\n").unwrap_err().0, ItemError::NotAMapping);
}

#[test]
fn aliases_that_multiply_end_in_an_error() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let item = format!("*a{}", level - 1);
        let items = vec![item; 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    assert_eq!(json(&bomb).unwrap_err().0, ItemError::TooLarge);
    let deep = format!("a: {}{}\n", "[".repeat(998), "]".repeat(998));
    assert!(json(&deep).is_ok());
    let deeper = format!("a: &a {}{}\nb: [[[*a]]]\n", "[".repeat(998), "]".repeat(998));
    assert_eq!(json(&deeper).unwrap_err().0, ItemError::TooLarge);
    assert_eq!(json("a: &a {b: *a}\n").unwrap_err().0, ItemError::TooLarge);
    assert_eq!(json("a: &a {<<: *a}\n").unwrap_err().0, ItemError::TooLarge);
}
