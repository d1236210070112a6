//! A `sops` block of any shape.

use bulla_testkit::Sandbox;
use serde_json::{Value as Json, json};

use crate::common::{block, bulla, sealed};

/// Every place in a block, as the steps that lead there.
fn places(json: &Json) -> Vec<Vec<String>> {
    fn below(json: &Json, path: &mut Vec<String>, places: &mut Vec<Vec<String>>) {
        let entries: Vec<(String, &Json)> = match json {
            Json::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
            Json::Array(list) => {
                list.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
            }
            _ => return,
        };
        for (step, value) in entries {
            path.push(step);
            places.push(path.clone());
            below(value, path, places);
            path.pop();
        }
    }
    let mut places = Vec::new();
    below(json, &mut Vec::new(), &mut places);
    places
}

#[test]
fn a_field_of_the_wrong_shape_never_opens_a_file_to_something_else() {
    let sandbox = Sandbox::new();
    sandbox.write("x.json", "{\"a\": \"hunter2\"}");
    let seal = ["encrypt", "--age", bulla_testkit::keys::age_recipient(), "x.json"];
    let sealed: Json =
        serde_json::from_slice(&bulla(&sandbox, &seal).out).expect("a sealed file is JSON");
    let shapes = [
        Json::Null,
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("x".repeat(10_000)),
        json!([]),
        json!([[[]]]),
        json!({}),
        json!({"a": {"a": 1}}),
    ];
    let places = places(&sealed["sops"]);
    assert!(places.len() > 6, "{places:?}");
    let mut refused = 0;
    for place in &places {
        for shape in &shapes {
            let mut changed = sealed.clone();
            let pointer = format!("/sops/{}", place.join("/"));
            *changed.pointer_mut(&pointer).expect("the place is there") = shape.clone();
            sandbox.write("x.json", changed.to_string());
            let opened = bulla(&sandbox, &["decrypt", "x.json"]);
            if opened.code == Some(0) {
                let plain: Json = serde_json::from_slice(&opened.out).expect("JSON");
                assert_eq!(plain["a"], "hunter2", "{pointer} {shape}");
            } else {
                opened.refused(&format!("{pointer} {shape}"));
                refused += 1;
            }
        }
    }
    assert!(refused > places.len() * shapes.len() / 2, "only {refused}");
}

#[test]
fn a_block_that_is_no_mapping_or_not_alone_is_refused() {
    let sandbox = Sandbox::new();
    let good = sealed("a: hunter2\n");
    let (values, _) = good.split_once("sops:").expect("it is sealed");
    let block = block();
    for (what, text) in [
        ("nothing", format!("{values}sops:\n")),
        ("a text", format!("{values}sops: x\n")),
        ("a list", format!("{values}sops: [1, 2]\n")),
        ("an alias", format!("x: &x y\n{values}sops: *x\n")),
        ("twice", format!("{values}{block}{block}")),
        ("of another file", format!("{values}{block}")),
        ("half of it", good[..good.len() - 100].to_owned()),
        ("a bomb", format!("{values}sops: {{{}: 1}}\n", "a: 1, b".repeat(200_000))),
        (
            "an expression that does not compile",
            good.replace("    mac:", "    encrypted_regex: (\n    mac:"),
        ),
    ] {
        sandbox.write("x.yaml", &text);
        let opened = bulla(&sandbox, &["decrypt", "x.yaml"]);
        opened.refused(what);
        assert!(!opened.err.contains("hunter2"));
    }
}

#[test]
fn an_expression_that_would_take_for_ever_elsewhere_takes_no_time() {
    let sandbox = Sandbox::new();
    let key = format!("{}!", "a".repeat(1000));
    for expression in ["^(a+)+$", "^(a|a)*b$", "^(a|aa)+$", "^(.*a){20}$"] {
        let text = format!("{key}: hunter2\nb: x\n");
        sandbox.write("x.yaml", &text);
        let recipient = bulla_testkit::keys::age_recipient();
        let sealed = bulla(
            &sandbox,
            &["encrypt", "--age", recipient, "--unencrypted-regex", expression, "x.yaml"],
        );
        assert_eq!(sealed.code, Some(0), "{expression}: {}", sealed.err);
        sandbox.write("x.yaml", &sealed.out);
        let opened = bulla(&sandbox, &["decrypt", "x.yaml"]);
        assert!(opened.out == text.as_bytes(), "{expression}: {}", opened.err);
    }
}
