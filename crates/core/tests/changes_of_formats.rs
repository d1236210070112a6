//! Values set and taken out in JSON, dotenv and INI.

use bulla_core::change::{Address, Subtree, set, unset};
use bulla_core::{Error, Format};

fn try_set(format: Format, text: &str, at: &str, json: &str) -> Result<String, Error> {
    let address = Address::parse(at).expect("an address");
    let value = Subtree::from_json(json).expect("JSON");
    set(text, format, &address, &value).map(|text| text.to_string())
}

fn try_unset(format: Format, text: &str, at: &str) -> Result<String, Error> {
    let address = Address::parse(at).expect("an address");
    unset(text, format, &address).map(|text| text.to_string())
}

#[test]
fn json_is_changed_as_it_is_laid_out() {
    let sets = |text: &str, at: &str, json: &str, expected: &str| {
        let result = try_set(Format::Json, text, at, json);
        assert_eq!(result.as_deref(), Ok(expected), "{text:?} {at} {json}");
    };
    let tabs = "{\n\t\"a\": \"1\",\n\t\"b\": {\n\t\t\"c\": [1, 2]\n\t}\n}\n";
    sets(tabs, r#"["a"]"#, r#""x\u0007\"é""#, &tabs.replace("\"1\"", "\"x\\u0007\\\"é\""));
    sets(tabs, r#"["a"]"#, "1.0", &tabs.replace("\"1\"", "1"));
    sets(tabs, r#"["b"]["c"][2]"#, "true", &tabs.replace("2]", "2, true]"));
    sets(tabs, r#"["b"]["c"]"#, "null", &tabs.replace("[1, 2]", "null"));
    sets(tabs, r#"["b"]["d"]"#, "{}", &tabs.replace("2]", "2],\n\t\t\"d\": {}"));
    let nested =
        "\n\t},\n\t\"n\": {\n\t\t\"x\": [\n\t\t\t{\n\t\t\t\t\"y\": 1\n\t\t\t}\n\t\t]\n\t}\n}\n";
    sets(tabs, r#"["n"]["x"][0]["y"]"#, "1", &tabs.replace("\n\t}\n}\n", nested));
    sets(tabs, r#"["a"]["x"]"#, "1", &tabs.replace("\"1\"", "{\n\t\t\"x\": 1\n\t}"));
    sets("{\"a\":1}", r#"["b"]"#, "[1,{\"c\":2}]", "{\"a\":1,\"b\":[1,{\"c\":2}]}");
    sets("{\"a\": 1, \"b\": 2}", r#"["c"]"#, "3", "{\"a\": 1, \"b\": 2, \"c\": 3}");
    sets("{}\n", r#"["a"]"#, "\"x\"", "{\"a\": \"x\"}\n");
    sets("{\"a\": 1.50}", r#"["a"]"#, "1.5", "{\"a\": 1.50}");
    sets("{\"a\": \"\\u0041\\/\"}", r#"["a"]"#, "\"A/\"", "{\"a\": \"\\u0041\\/\"}");
    let json = |text: &str, at: &str| try_unset(Format::Json, text, at);
    assert_eq!(json(tabs, r#"["a"]"#).as_deref(), Ok("{\n\t\"b\": {\n\t\t\"c\": [1, 2]\n\t}\n}\n"));
    assert_eq!(json(tabs, r#"["b"]"#).as_deref(), Ok("{\n\t\"a\": \"1\"\n}\n"));
    assert_eq!(json(tabs, r#"["b"]["c"][0]"#).as_deref(), Ok(&*tabs.replace("1, 2", "2")));
    assert_eq!(json(tabs, r#"["b"]["c"][1]"#).as_deref(), Ok(&*tabs.replace("1, 2", "1")));
    assert_eq!(json(tabs, r#"["b"]["c"]"#).as_deref(), Ok("{\n\t\"a\": \"1\",\n\t\"b\": {}\n}\n"));
    assert_eq!(json("{ \"a\" : 1 , \"b\":2}", r#"["a"]"#).as_deref(), Ok("{ \"b\":2}"));
    for (at, value) in [
        (r#"["b"]["c"][3]"#, "1"),
        (r#"["b"][0]"#, "1"),
        (r#"["b"]["c"]["x"]"#, "1"),
        (r#"[1]["a"]"#, "1"),
    ] {
        assert!(try_set(Format::Json, tabs, at, value).is_err(), "{at}");
    }
    assert!(matches!(json(tabs, r#"["x"]"#), Err(Error::NoSuchPath { .. })));
}

#[test]
fn json_that_gains_a_value_and_loses_it_is_what_it_was() {
    let texts = [
        "{\"a\":1}",
        "{}",
        "{ \"a\" : [ ] }\n",
        "{\r\n  \"a\": {\"b\": []},\r\n  \"c\": [\r\n    1,\r\n    2\r\n  ]\r\n}\r\n",
        "{\n\t\"a\": {\n\t\t\"b\": \"x\"\n\t}\n}\n",
    ];
    let places =
        [r#"["new"]"#, r#"["a"]["new"]"#, r#"["a"][0]"#, r#"["a"]["b"][0]"#, r#"["c"][2]"#];
    let mut changed = 0;
    for text in texts {
        for at in places {
            for json in ["\"x\"", "{\"p\": [1, {}], \"q\": null}", "-1.5e3"] {
                let Ok(with) = try_set(Format::Json, text, at, json) else { continue };
                let without = try_unset(Format::Json, &with, at).expect("it is there");
                // What gave way is gone, and an empty list is empty without its blanks.
                if without.len() == text.len() {
                    assert_eq!(without, text, "{at} {json}");
                    changed += 1;
                }
            }
        }
    }
    assert!(changed > 20, "{changed}");
}

#[test]
fn dotenv_is_changed_line_by_line() {
    let sets = |text: &str, at: &str, json: &str, expected: &str| {
        let result = try_set(Format::Dotenv, text, at, json);
        assert_eq!(result.as_deref(), Ok(expected), "{text:?} {at} {json}");
    };
    let text = "# one\nA=1 # no comment\n\nB=x\n";
    sets(text, r#"["A"]"#, r#""two\nlines""#, "# one\nA=two\\nlines\n\nB=x\n");
    sets(text, r#"["C"]"#, "5", "# one\nA=1 # no comment\n\nB=x\nC=5\n");
    sets(text, r#"["C"]"#, "true", "# one\nA=1 # no comment\n\nB=x\nC=true\n");
    sets("A=1", r#"["B"]"#, "\"\"", "A=1\nB=");
    sets("", r#"["A"]"#, "\"x\"", "A=x\n");
    let dotenv = |text: &str, at: &str| try_unset(Format::Dotenv, text, at);
    assert_eq!(dotenv(text, r#"["A"]"#).as_deref(), Ok("# one\n\nB=x\n"));
    assert_eq!(dotenv("A=1\nB=2", r#"["B"]"#).as_deref(), Ok("A=1"));
    assert!(matches!(dotenv(text, r#"["X"]"#), Err(Error::NoSuchPath { .. })));
    for at in [r#"["A=B"]"#, "['#A']", r#"[""]"#, r#"["A\nB"]"#] {
        let refused = try_set(Format::Dotenv, text, at, "\"x\"");
        assert!(matches!(refused, Err(Error::NoKeyOfFormat { .. })), "{at}");
    }
    for (at, json) in [(r#"["A"]"#, "null"), (r#"["A"]"#, "[1]"), (r#"["A"]["b"]"#, "1")] {
        let refused = try_set(Format::Dotenv, text, at, json);
        assert!(matches!(refused, Err(Error::NoTextOfFormat { .. })), "{at} {json}");
    }
    let refused = try_set(Format::Dotenv, text, r#"["sops_mac"]"#, "\"x\"");
    assert!(matches!(refused, Err(Error::Reserved { .. })));
    // Nothing can stand for these in dotenv.
    assert!(try_set(Format::Dotenv, text, r#"["A"]"#, "\"a\\\\nb\"").is_err());
}

#[test]
fn ini_is_changed_section_by_section() {
    let sets = |text: &str, at: &str, json: &str, expected: &str| {
        let result = try_set(Format::Ini, text, at, json);
        assert_eq!(result.as_deref(), Ok(expected), "{text:?} {at} {json}");
    };
    let text = "; top\n[a]\nk = \"v\" ; why\nl=2\n\n[b]\n";
    sets(text, r#"["a"]["k"]"#, "\"new\"", &text.replace("\"v\"", "\"new\""));
    sets(text, r#"["a"]["k"]"#, "\"x;y\"", &text.replace("\"v\"", "`x;y`"));
    sets(text, r#"["a"]["m"]"#, "3", &text.replace("l=2\n", "l=2\nm = 3\n"));
    sets(text, r#"["b"]["k"]"#, "\" x\"", &format!("{text}k = \" x\"\n"));
    sets(text, r#"["c"]["k"]"#, "\"x\"", &format!("{text}[c]\nk = x\n"));
    sets("[a]\r\nk = 1", r#"["a"]["l"]"#, "2", "[a]\r\nk = 1\r\nl = 2");
    sets("", r#"["a"]["l"]"#, "\"x\"", "[a]\nl = x\n");
    let ini = |text: &str, at: &str| try_unset(Format::Ini, text, at);
    assert_eq!(ini(text, r#"["a"]["k"]"#).as_deref(), Ok("; top\n[a]\nl=2\n\n[b]\n"));
    assert_eq!(ini("[a]\r\nk = 1\r\nl = 2", r#"["a"]["l"]"#).as_deref(), Ok("[a]\r\nk = 1"));
    assert_eq!(ini("[a]\nk = 1\n", r#"["a"]["k"]"#).as_deref(), Ok("[a]\n"));
    assert!(matches!(ini(text, r#"["a"]["x"]"#), Err(Error::NoSuchPath { .. })));
    for (at, json) in [(r#"["a"]["k"]"#, "{}"), (r#"["a"]"#, "1"), (r#"["a"]["k"]["x"]"#, "1")] {
        let refused = try_set(Format::Ini, text, at, json);
        assert!(matches!(refused, Err(Error::NoTextOfFormat { .. })), "{at} {json}");
    }
    for at in ["['a']['#k']", r#"["a"][" "]"#, r#"["x]"]["k"]"#] {
        let refused = try_set(Format::Ini, text, at, "1");
        assert!(matches!(refused, Err(Error::NoKeyOfFormat { .. })), "{at}");
    }
    assert!(matches!(
        try_set(Format::Ini, text, r#"["sops"]["k"]"#, "1"),
        Err(Error::Reserved { .. })
    ));
}

#[test]
fn a_binary_file_is_one_text() {
    let set = |at, json| try_set(Format::Binary, "x", at, json);
    assert_eq!(set(r#"["data"]"#, "\"y\\n\"").unwrap().as_str(), "y\n");
    assert!(matches!(set(r#"["data"]"#, "5"), Err(Error::NoTextOfFormat { .. })));
    assert!(matches!(set(r#"["data"]"#, "{}"), Err(Error::NoTextOfFormat { .. })));
    assert!(matches!(set(r#"["x"]"#, "\"y\""), Err(Error::Unchangeable { .. })));
    assert!(matches!(set(r#"["data"]["x"]"#, "\"y\""), Err(Error::Unchangeable { .. })));
    assert!(matches!(set(r#"[1]["data"]"#, "\"y\""), Err(Error::NoSuchDocument { .. })));
}
