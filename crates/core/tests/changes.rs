//! Values set and taken out: what is asked for, and not a byte besides.

use bulla_core::change::{Address, Section, Subtree, set, unset};
use bulla_core::{Error, Format};

fn try_set(text: &str, at: &str, json: &str) -> Result<String, Error> {
    let address = Address::parse(at).expect("an address");
    let value = Subtree::from_json(json).expect("JSON");
    set(text, Format::Yaml, &address, &value).map(|text| text.to_string())
}

fn try_unset(text: &str, at: &str) -> Result<String, Error> {
    let address = Address::parse(at).expect("an address");
    unset(text, Format::Yaml, &address).map(|text| text.to_string())
}

#[track_caller]
fn sets(text: &str, at: &str, json: &str, expected: &str) {
    assert_eq!(try_set(text, at, json).as_deref(), Ok(expected), "{text:?} {at} {json}");
}

#[track_caller]
fn unsets(text: &str, at: &str, expected: &str) {
    assert_eq!(try_unset(text, at).as_deref(), Ok(expected), "{text:?} {at}");
}

#[test]
fn a_value_gives_way_and_nothing_around_it_moves() {
    let new = r#""new""#;
    sets("a:  old   # note\nb: 1\n", r#"["a"]"#, new, "a:  new   # note\nb: 1\n");
    sets("a: 'old'\r\nb: 1\r\n", r#"["a"]"#, new, "a: 'new'\r\nb: 1\r\n");
    sets("a: \"old\"", r#"["a"]"#, new, "a: \"new\"");
    sets("a: |  # cert\n  old\n\nb: 1\n", r#"["a"]"#, new, "a: new  # cert\n\nb: 1\n");
    sets("a: |\n    old\nb: 1\n", r#"["a"]"#, r#""x\ny\n""#, "a: |\n  x\n  y\nb: 1\n");
    sets("a: old # note\n", r#"["a"]"#, r#""x\ny\n""#, "a: | # note\n  x\n  y\n");
    sets("a:\n  old\n  text\nb: 1\n", r#"["a"]"#, new, "a:\n  new\nb: 1\n");
    sets("a: !!str 5\nb: 1\n", r#"["a"]"#, "6", "a: 6\nb: 1\n");
    sets("a: !!str &x 5\n", r#"["a"]"#, "6", "a: &x 6\n");
    sets("a: &x !!str 5\n", r#"["a"]"#, "6", "a: &x 6\n");
    sets("a: &x\nb: 1\n", r#"["a"]"#, "6", "a: &x 6\nb: 1\n");
    sets("a:\nb:   # note\nc:\n", r#"["a"]"#, new, "a: new\nb:   # note\nc:\n");
    sets("a:\nb:   # note\nc:\n", r#"["b"]"#, new, "a:\nb: new   # note\nc:\n");
    sets("a:\nb:   # note\nc:\n", r#"["c"]"#, new, "a:\nb:   # note\nc: new\n");
    sets("a:  \n", r#"["a"]"#, new, "a: new\n");
}

#[test]
fn a_value_that_is_there_already_changes_nothing() {
    for text in ["a: 0x10\n", "a: 1_6\n", "{a: 16}\n", "a: !!int '16' # x\n"] {
        sets(text, r#"["a"]"#, "16", text);
    }
    sets("a: >-\n  x\n  y\n", r#"["a"]"#, r#""x y""#, "a: >-\n  x\n  y\n");
    sets("a: ~\n", r#"["a"]"#, "null", "a: ~\n");
}

#[test]
fn types_are_kept_and_texts_stay_texts() {
    for (json, written) in [
        ("\"5\"", "\"5\""),
        ("\"true\"", "\"true\""),
        ("\"yes\"", "\"yes\""),
        ("\"1:30\"", "\"1:30\""),
        ("\"\"", "\"\""),
        ("\"a: b\"", "\"a: b\""),
        ("\"2001-12-14\"", "\"2001-12-14\""),
        ("5", "5"),
        ("1.0", "1.0"),
        ("1e3", "1000.0"),
        ("false", "false"),
        ("null", "null"),
        ("{}", "{}"),
        ("[]", "[]"),
    ] {
        sets("k: v\n", r#"["k"]"#, json, &format!("k: {written}\n"));
    }
}

#[test]
fn what_is_missing_is_made_where_its_neighbours_are() {
    sets("a: 1\n# end\n", r#"["b"]"#, "2", "a: 1\nb: 2\n# end\n");
    sets("a: 1", r#"["b"]"#, "2", "a: 1\nb: 2");
    sets("a: 1\r\n", r#"["b"]"#, "2", "a: 1\r\nb: 2\r\n");
    sets("m:\n   a: 1 # x\n\nz: 1\n", r#"["m"]["b"]"#, "2", "m:\n   a: 1 # x\n   b: 2\n\nz: 1\n");
    sets("m:\n    a: '1'\n", r#"["m"]["b"]"#, "\"2\"", "m:\n    a: '1'\n    b: '2'\n");
    sets("a: |+\n  x\n\n\nz: 1\n", r#"["k"]"#, "1", "a: |+\n  x\n\n\nz: 1\nk: 1\n");
    sets("z: 1\na: |+\n  x\n\n", r#"["k"]"#, "1", "z: 1\na: |+\n  x\n\nk: 1\n");
    sets("a: |\n  x", r#"["k"]"#, "1", "a: |-\n  x\nk: 1");
    sets("a:\n", r#"["b"]"#, "1", "a:\nb: 1\n");
    sets("l:\n- 1\n- 2\nz: 1\n", r#"["l"][2]"#, "3", "l:\n- 1\n- 2\n- 3\nz: 1\n");
    sets("l:\n  - a: 1\n    b: 2\n", r#"["l"][0]["c"]"#, "3", "l:\n  - a: 1\n    b: 2\n    c: 3\n");
    sets("l:\n  - a: 1\n", r#"["l"][1]["c"]"#, "3", "l:\n  - a: 1\n  - c: 3\n");
    sets("l:\n- - 1\n  - 2\n", r#"["l"][0][2]"#, "3", "l:\n- - 1\n  - 2\n  - 3\n");
    sets("l:\n- - 1\n", r#"["l"][1]"#, "[2,3]", "l:\n- - 1\n- - 2\n  - 3\n");
    sets("a: 1\n", r#"["x"]["v"][0]["z"]"#, "true", "a: 1\nx:\n  v:\n    - z: true\n");
    let four = "a:\n    b:\n    - 1\n";
    sets(
        four,
        r#"["x"]"#,
        r#"{"l":[{"p":1,"q":2}]}"#,
        "a:\n    b:\n    - 1\nx:\n    l:\n    - p: 1\n      q: 2\n",
    );
    sets("a: null\n", r#"["a"]["b"]"#, "1", "a:\n  b: 1\n");
    sets("a: # note\n", r#"["a"]["b"]"#, "1", "a: # note\n  b: 1\n");
    sets("a: old # note\n", r#"["a"]["b"]"#, "1", "a: # note\n  b: 1\n");
    sets("a: {}\n", r#"["a"]["b"]"#, "1", "a: {b: 1}\n");
    sets("", r#"["a"]["b"]"#, "1", "a:\n  b: 1\n");
    sets("# only a note\n", r#"["a"]"#, "1", "# only a note\na: 1\n");
    sets("---\n", r#"["a"]"#, "1", "---\na: 1\n");
}

#[test]
fn between_braces_it_stays_between_braces() {
    sets("{a: 1}\n", r#"["b"]"#, "2", "{a: 1, b: 2}\n");
    sets("{ \"a\": \"1\" }\n", r#"["b"]"#, "\"2\"", "{ \"a\": \"1\", \"b\": \"2\" }\n");
    let json = "{\n  \"a\": \"1\",\n  \"b\": [1, 2]\n}\n";
    sets(
        json,
        r#"["c"]"#,
        "{\"d\":null}",
        "{\n  \"a\": \"1\",\n  \"b\": [1, 2],\n  \"c\": {\"d\": null}\n}\n",
    );
    sets(json, r#"["b"][2]"#, "3", "{\n  \"a\": \"1\",\n  \"b\": [1, 2, 3]\n}\n");
    sets(json, r#"["b"]"#, "3", "{\n  \"a\": \"1\",\n  \"b\": 3\n}\n");
    sets("a: {b: 1, c}\n", r#"["a"]["c"]"#, "2", "a: {b: 1, c: 2}\n");
    sets("a: {b: 1, c:}\n", r#"["a"]["c"]"#, "2", "a: {b: 1, c: 2}\n");
    sets("a: {b: 1, c}\n", r#"["a"]["d"]"#, "2", "a: {b: 1, c, d: 2}\n");
    sets("a: [1, 2]\n", r#"["a"]"#, "{\"b\":[3]}", "a: {b: [3]}\n");
    sets("a: [1, 2] # n\n", r#"["a"]"#, "\"x\"", "a: x # n\n");
    sets("a: {b: 1,}\n", r#"["a"]["c"]"#, "2", "a: {b: 1, c: 2,}\n");
    unsets("{a: 1, b: 2}\n", r#"["a"]"#, "{b: 2}\n");
    unsets("{a: 1, b: 2}\n", r#"["b"]"#, "{a: 1}\n");
    unsets("{a: 1,}\n", r#"["a"]"#, "{}\n");
    unsets("{a: 1, b: 2,}\n", r#"["b"]"#, "{a: 1,}\n");
    unsets("a: [1, 2, 3]\n", r#"["a"][1]"#, "a: [1, 3]\n");
    unsets("{\n  a: 1, # one\n  b: 2\n}\n", r#"["b"]"#, "{\n  a: 1 # one\n  \n}\n");
}

#[test]
fn a_branch_gives_way_to_a_value_and_a_value_to_a_branch() {
    let text = "m: # note\n  a: 1\n  b: # x\n    - 1\nz: 1\n";
    sets(text, r#"["m"]"#, "5", "m: 5 # note\nz: 1\n");
    sets(text, r#"["m"]"#, "{}", "m: {} # note\nz: 1\n");
    sets(text, r#"["m"]"#, r#"{"q":1}"#, "m: # note\n  q: 1\nz: 1\n");
    sets(text, r#"["m"]"#, r#"["q"]"#, "m: # note\n  - q\nz: 1\n");
    sets(text, r#"["m"]"#, r#""p\nq\n""#, "m: | # note\n  p\n  q\nz: 1\n");
    sets(
        text,
        r#"["m"]["b"][0]"#,
        r#"{"q":1,"r":2}"#,
        "m: # note\n  a: 1\n  b: # x\n    - q: 1\n      r: 2\nz: 1\n",
    );
    let list = "l:\n- a: 1\n  b: 2\n- 3 # three\n-\n  c: 4\n";
    sets(list, r#"["l"][0]"#, "0", "l:\n- 0\n- 3 # three\n-\n  c: 4\n");
    sets(list, r#"["l"][1]"#, r#"{"d":1}"#, "l:\n- a: 1\n  b: 2\n- # three\n  d: 1\n-\n  c: 4\n");
    sets(list, r#"["l"][2]"#, "0", "l:\n- a: 1\n  b: 2\n- 3 # three\n- 0\n");
    sets(list, r#"["l"]"#, "0", "l: 0\n");
    sets("a: |\n  x\nb: 1\n", r#"["a"]"#, r#"{"q":1}"#, "a:\n  q: 1\nb: 1\n");
    sets("a: &x !!map\n  q: 1\nb: 1\n", r#"["a"]"#, "0", "a: &x 0\nb: 1\n");
}

#[test]
fn what_is_taken_out_takes_its_line_with_it() {
    let text = "# head\na: 1 # one\n# two\nb: |\n  x\n\n  y\n\nc: 3\n";
    unsets(text, r#"["a"]"#, "# head\n# two\nb: |\n  x\n\n  y\n\nc: 3\n");
    unsets(text, r#"["b"]"#, "# head\na: 1 # one\n# two\n\nc: 3\n");
    unsets(text, r#"["c"]"#, "# head\na: 1 # one\n# two\nb: |\n  x\n\n  y\n\n");
    unsets("a: 1\nb: 2", r#"["b"]"#, "a: 1");
    unsets("a: 1\r\nb: 2", r#"["b"]"#, "a: 1");
    unsets("a:\n  b: 1\nc: 2\n", r#"["a"]["b"]"#, "a: {}\nc: 2\n");
    unsets("a: # x\n  # y\n  b: 1\nc: 2\n", r#"["a"]["b"]"#, "a: {} # x\n  # y\nc: 2\n");
    unsets("a:\n- 1\nc: 2\n", r#"["a"][0]"#, "a: []\nc: 2\n");
    unsets("l:\n- a: 1\n- b: 2\n", r#"["l"][0]["a"]"#, "l:\n- {}\n- b: 2\n");
    unsets("l:\n- a: 1\n  b: 2\n", r#"["l"][0]["a"]"#, "l:\n- b: 2\n");
    unsets("l:\n- a: 1\n  # b\n  b: 2\n", r#"["l"][0]["a"]"#, "l:\n- # b\n  b: 2\n");
    unsets("l:\n- - 1\n  - 2\n- 3\n", r#"["l"][0][0]"#, "l:\n- - 2\n- 3\n");
    unsets("l:\n- - 1\n  - 2\n- 3\n", r#"["l"][0]"#, "l:\n- 3\n");
    unsets("a: 1\n", r#"["a"]"#, "{}\n");
    unsets("a: |+\n  x\n\nb: |+\n  y\n\nc: 1\n", r#"["b"]"#, "a: |+\n  x\n\nc: 1\n");
    unsets("a:\nb:\n", r#"["b"]"#, "a:\n");
}

#[test]
fn what_would_change_something_else_is_refused() {
    let refused = |text: &str, at: &str| {
        let result = try_set(text, at, "5");
        assert!(matches!(result, Err(Error::Refused { .. })), "{text:?} {at}: {result:?}");
    };
    refused("a: &x 1\nb: *x\n", r#"["a"]"#);
    refused("a: &x {c: 1}\nb: *x\n", r#"["a"]["d"]"#);
    refused("a: &x {c: 1}\nb: *x\n", r#"["b"]["d"]"#);
    refused("a:\n  k: &x 2\nb: *x\n", r#"["a"]"#);
    refused("? a\n: b\n", r#"["a"]"#);
    sets("a: &x 1\nb: *x\n", r#"["b"]"#, "2", "a: &x 1\nb: 2\n");
    sets("a: &x 1\nb: *x\n", r#"["c"]"#, "2", "a: &x 1\nb: *x\nc: 2\n");
    assert!(matches!(try_unset("a: &x 1\nb: *x\n", r#"["a"]"#), Err(Error::Refused { .. })));
}

#[test]
fn a_path_that_leads_nowhere_says_where_it_ends() {
    let text = "a: 1\nl: [1]\nm: {}\n---\nb: 1\n";
    let no = |result: Result<String, Error>| result.expect_err("this leads nowhere").to_string();
    assert_eq!(no(try_unset(text, r#"["x"]"#)), r#"["x"] is not in this file"#);
    assert_eq!(no(try_unset(text, r#"["a"]["x"]"#)), r#"["a"]["x"] is not in this file"#);
    assert_eq!(no(try_unset(text, r#"["l"][1]"#)), r#"["l"][1] is not in this file"#);
    let misfit = r#"["l"]["x"] does not fit this file: there is a list on the way"#;
    assert_eq!(no(try_set(text, r#"["l"]["x"]"#, "1")), misfit);
    let misfit = r#"["m"][0] does not fit this file: there is a mapping on the way"#;
    assert_eq!(no(try_set(text, r#"["m"][0]"#, "1")), misfit);
    let beyond = r#"["l"][2] is not in this file; the list has 1 items, so the next is [1]"#;
    assert_eq!(no(try_set(text, r#"["l"][2]"#, "1")), beyond);
    assert!(no(try_set(text, r#"["new"][1]"#, "1")).contains("[0]"));
    assert_eq!(
        no(try_set(text, r#"[2]["b"]"#, "1")),
        r#"[2]["b"] is not in this file; it has 2 documents, from 0"#
    );
    assert!(no(try_set(text, "[1]", "1")).contains("name a key"));
}

#[test]
fn any_document_of_a_stream_can_be_meant() {
    let text = "kind: Secret\nmetadata: {name: a}\n---\nkind: Secret\nmetadata: {name: b}\n...\n---\nkind: List\n";
    sets(text, r#"[1]["x"]"#, "1", &text.replace("name: b}\n", "name: b}\nx: 1\n"));
    sets(text, r#"[2]["kind"]"#, "\"Map\"", &text.replace("List", "Map"));
    unsets(text, r#"[1]["kind"]"#, &text.replace("---\nkind: Secret\n", "---\n"));
    let by_name = |name: &str| {
        let section: Section = name.parse().expect("a document");
        let address =
            Address::parse(r#"["x"]"#).and_then(|at| at.in_section(section)).expect("one");
        let value = Subtree::from_json("1").expect("a number");
        set(text, Format::Yaml, &address, &value).map(|text| text.to_string())
    };
    assert_eq!(
        by_name("secret/a").as_deref(),
        Ok(&*text.replace("name: a}\n", "name: a}\nx: 1\n"))
    );
    assert!(matches!(by_name("Secret/c"), Err(Error::NoSuchDocument { count: 3, .. })));
    let twice = text.replace("name: b", "name: a");
    let address = Address::parse(r#"["x"]"#).and_then(|at| at.in_section("Secret/a".parse().ok()?));
    let result = unset(&twice, Format::Yaml, &address.expect("an address"));
    assert!(matches!(result, Err(Error::SeveralDocuments { found, .. }) if found == [0, 1]));
}
