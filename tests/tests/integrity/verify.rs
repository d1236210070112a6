//! `bulla verify`.

use bulla_testkit::Run;

use super::*;

const SECRET: &str =
    "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: hunter2\n";

fn verify(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let mut bulla = sandbox.bulla();
    bulla.env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
    sandbox.run(bulla.arg("verify").args(arguments))
}

fn sealed() -> String {
    seal(SECRET, Format::Yaml, &recipe(), &keyring(), NOW).unwrap().text
}

/// A tree with a good file, one without a seal, and one for each kind of fault.
fn tree() -> Sandbox {
    let sandbox = Sandbox::new();
    let rule = format!("creation_rules:\n  - age: {}\n", keys::age_recipient());
    sandbox.write(".sops.yaml", format!("{rule}    integrity: required\n"));
    sandbox.write("README.md", "sops writes ENC[AES256_GCM,data:x]\n");
    sandbox.write("plain.yaml", "a: 1\n");
    sandbox.write("good.yaml", sealed());
    let changes: [(&str, &dyn Fn(String) -> String); 6] = [
        ("null.yaml", &|text| text.replace("  name: db\n", "  name: db\n  uid:\n")),
        ("value.yaml", &|text| text.replace("kind: Secret", "kind: Sealed")),
        ("readable.yaml", &|text| text.replace("stringData:\n", "stringData:\n  token: hunter3\n")),
        ("selector.yaml", &|text| text.replace("^(data|stringData)$", "^data$")),
        ("recipient.yaml", &|text| {
            let other = keys::age_other_recipient();
            let entry = format!("    age:\n        - recipient: {other}\n          enc: x\n");
            text.replacen("    age:\n", &entry, 1)
        }),
        ("dropped.yaml", &|text| text.split_once("    bulla:\n").unwrap().0.to_owned()),
    ];
    for (name, change) in changes {
        sandbox.write(format!("clusters/{name}"), change(sealed()));
    }
    sandbox
}

#[test]
fn each_fault_is_a_line_and_no_value_is_shown() {
    let sandbox = tree();
    let run = verify(&sandbox, &[]).exits(1);
    let lines: Vec<_> = run.out().lines().collect();
    let starts = [
        "./clusters/dropped.yaml: this file has no integrity record",
        "./clusters/null.yaml: the integrity record does not match",
        "./clusters/readable.yaml: line 6, [\"stringData\"][\"token\"]: this value is not sealed",
        "./clusters/readable.yaml: line 6",
        "./clusters/recipient.yaml: it is sealed for age1",
        "./clusters/recipient.yaml: the integrity record does not match",
        "./clusters/selector.yaml: line 6, [\"stringData\"][\"password\"]: this value is sealed, and the selector",
        "./clusters/selector.yaml: the MAC does not match",
        "./clusters/value.yaml: the MAC does not match",
        "7 sealed files verified",
    ];
    for start in starts {
        assert!(lines.iter().any(|line| line.starts_with(start)), "{start}\n{}", run.out());
    }
    assert!(!run.out().contains("hunter") && !run.err().contains("hunter"), "{}", run.out());
    assert!(!run.out().contains("good.yaml") && !run.out().contains("README"), "{}", run.out());
}

#[test]
fn without_a_key_all_is_seen_that_everybody_can_see() {
    let sandbox = tree();
    let mut bulla = sandbox.bulla();
    let run = sandbox.run(bulla.args(["verify", "--no-key", "."])).exits(1);
    for name in ["dropped", "readable", "recipient", "selector"] {
        assert!(run.out().contains(name), "{name}\n{}", run.out());
    }
    for name in ["null.yaml", "value.yaml", "good.yaml"] {
        assert!(!run.out().contains(name), "{name}\n{}", run.out());
    }
    let mut bulla = sandbox.bulla();
    let run = sandbox.run(bulla.args(["verify", "--no-key", "good.yaml"])).ok();
    assert_eq!(run.out(), "1 sealed file looked at without a key: nothing is wrong with it\n");
    // Whoever verifies with a key has to have one.
    let mut bulla = sandbox.bulla();
    let run = sandbox.run(bulla.args(["verify", "good.yaml"])).exits(1);
    assert!(run.out().contains("could not be used to open it"), "{}", run.out());
}

#[test]
fn what_is_named_has_to_be_sealed() {
    let sandbox = tree();
    let run = verify(&sandbox, &["plain.yaml", "absent.yaml"]).exits(1);
    assert!(run.out().contains("plain.yaml: there is no `sops` block"), "{}", run.out());
    assert!(run.out().contains("absent.yaml: cannot be read"), "{}", run.out());
    assert_eq!(verify(&sandbox, &["good.yaml"]).ok().err(), "");
}

#[test]
fn programs_get_json_and_sarif() {
    let sandbox = tree();
    let run = verify(&sandbox, &["--format", "json", "clusters/selector.yaml"]).exits(1);
    let json: Json = serde_json::from_str(run.out()).unwrap();
    assert_eq!((&json["files"], &json["withKey"]), (&json!(1), &json!(true)));
    let fault = &json["faults"][0];
    assert_eq!((&fault["fault"], &fault["line"]), (&json!("unselected-token"), &json!(6)));
    assert_eq!(fault["keyPath"], r#"["stringData"]["password"]"#);
    let run = verify(&sandbox, &["--format", "sarif", "clusters"]).exits(1);
    let sarif: Json = serde_json::from_str(run.out()).unwrap();
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert!(results.len() >= 8, "{results:?}");
    for result in results {
        let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.starts_with("clusters/"), "{uri}");
        assert!(place["region"]["startLine"].as_u64() >= Some(1));
    }
}
