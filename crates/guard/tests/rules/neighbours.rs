//! What only the files around a file show.

use std::collections::HashMap;

use bulla_guard::{Around, Confidence, Rule, judge_in};

const TOKEN: &str =
    "ENC[AES256_GCM,data:YQ==,iv:YWFhYWFhYWFhYWFhYWFhYQ==,tag:YWFhYWFhYWFhYWFhYWFhYQ==,type:str]";

const AGE: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

/// A tree, and the one before.
#[derive(Default)]
struct Trees {
    now: HashMap<&'static str, String>,
    before: HashMap<&'static str, String>,
}

impl Around for Trees {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.now.get(path).map(|text| text.clone().into_bytes())
    }

    fn before(&self, path: &str) -> Option<Vec<u8>> {
        self.before.get(path).map(|text| text.clone().into_bytes())
    }
}

fn tree<const N: usize>(files: [(&'static str, String); N]) -> Trees {
    Trees { now: files.into(), ..Trees::default() }
}

/// Line and rule of each finding.
fn found(path: &str, text: &str, trees: &Trees) -> Vec<(usize, Rule)> {
    let findings = judge_in(path, text.as_bytes(), trees).findings;
    assert!(
        findings.iter().all(|finding| finding.confidence >= Confidence::Structure),
        "{findings:?}"
    );
    findings.into_iter().map(|finding| (finding.line, finding.rule)).collect()
}

fn sealed(key: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Thing\ndata:\n  {key}: {TOKEN}\nsops:\n  age:\n  - recipient: {AGE}\n    enc: x\n  lastmodified: '2026-01-01T00:00:00Z'\n  mac: '{TOKEN}'\n  encrypted_regex: ^data$\n  version: 3.13.1\n"
    )
}

fn open(key: &str) -> String {
    format!("apiVersion: v1\nkind: Thing\ndata:\n  {key}: plain words\n")
}

#[test]
fn a_plaintext_beside_its_sealed_file() {
    for name in ["a/app.enc.yaml", "a/app.sops.yaml", "a/enc.app.yaml", "a/app-enc.yaml"] {
        let trees = tree([(name, sealed("motd"))]);
        assert_eq!(found("a/app.yaml", &open("motd"), &trees), [(4, Rule::PlainSibling)], "{name}");
        assert_eq!(found("a/app.yaml", &open("other"), &trees), [], "other keys: {name}");
        assert_eq!(found("b/app.yaml", &open("motd"), &trees), [], "another folder: {name}");
        assert_eq!(
            found("a/app.yaml", &open("motd").replace("plain words", "${MOTD}"), &trees),
            []
        );
    }
    let trees = tree([("app.enc.yaml", open("motd"))]);
    assert_eq!(found("app.yaml", &open("motd"), &trees), [], "the other one is not sealed");
}

#[test]
fn what_tools_leave_beside_a_sealed_file() {
    let trees = tree([("app.yaml", sealed("motd"))]);
    for name in ["app.dec.yaml", "app.yaml.dec", "app.yaml.bak", "app.yaml~", ".app.yaml.swp"] {
        assert_eq!(found(name, "motd: hello\n", &trees), [(1, Rule::LeftOver)], "{name}");
    }
    assert_eq!(found("app.yaml.bak", &sealed("motd"), &trees), [], "a copy that is sealed");
    assert_eq!(found("other.yaml.bak", "motd: hello\n", &trees), []);
}

#[test]
fn a_kustomization_that_lists_the_plaintext() {
    let trees = tree([("a/keys.enc.yaml", sealed("motd"))]);
    let text = "kind: Kustomization\nresources:\n- app.yaml\n- keys.yaml\n";
    assert_eq!(found("a/kustomization.yaml", text, &trees), [(4, Rule::ListedPlaintext)]);
    assert_eq!(
        found("a/kustomization.yaml", &text.replace("keys.yaml", "keys.enc.yaml"), &trees),
        []
    );
    assert_eq!(found("b/kustomization.yaml", text, &trees), []);
}

#[test]
fn ignore_lines_that_are_gone() {
    let before = "# keys\nnode_key.json\n/priv_val_key.json\nsecrets/\n*.key\nbuild/\n.env\n";
    let trees = Trees { before: [(".gitignore", before.to_owned())].into(), ..Trees::default() };
    let count = |now: &str| found(".gitignore", now, &trees).len();
    assert_eq!(count(before), 0);
    assert_eq!(count("build/\n"), 5);
    assert_eq!(count(&before.replace("build/\n", "")), 0, "no keys were kept out");
    assert_eq!(count(&before.replace("/priv_val_key.json\n", "")), 1);
    assert_eq!(count(&before.replace("node_key.json\n", "*.json\n")), 0, "others keep them out");
    assert_eq!(
        found(".gitignore", "build/\n", &Trees::default()),
        [],
        "nothing is known of before"
    );
    assert_eq!(found("a/.gitignore", "build/\n", &trees), [], "another file");
}

#[test]
fn files_that_a_rule_wants_sealed() {
    let rules = |condition: &str| {
        tree([(
            ".sops.yaml",
            format!("creation_rules:\n- path_regex: {condition}\n  age: {AGE}\n"),
        )])
    };
    let narrow = rules("secrets/.*\\.yaml$");
    assert_eq!(found("secrets/a.yaml", "motd: hello\n", &narrow), [(1, Rule::NeverSealed)]);
    assert_eq!(found("secrets/a.yaml", "motd: ''\n", &narrow), [], "nothing to seal");
    assert_eq!(found("secrets/kustomization.yaml", "motd: hello\n", &narrow), []);
    assert_eq!(found("other/a.yaml", "motd: hello\n", &narrow), []);
    // Flux's guide has a rule that takes everything.
    assert_eq!(found("secrets/a.yaml", "motd: hello\n", &rules(".*\\.yaml$")), []);
    // Its own name says so.
    let none = Trees::default();
    assert_eq!(found("a.enc.yaml", "motd: hello\n", &none), [(1, Rule::NeverSealed)]);
    assert_eq!(found("a.sops.json", "{\"motd\": \"hello\"}\n", &none), [(1, Rule::NeverSealed)]);
    assert_eq!(found("a.encoder.yaml", "motd: hello\n", &none), []);
    assert_eq!(found(".sops.yaml", "creation_rules: []\n", &none), []);
}

#[test]
fn a_sealed_file_for_others_than_its_rule_says() {
    let rules = |age: &str| {
        tree([(".sops.yaml", format!("creation_rules:\n- path_regex: ^a\n  age: {age}\n"))])
    };
    assert_eq!(found("a.yaml", &sealed("x"), &rules(AGE)), []);
    let other = "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg";
    assert_eq!(found("a.yaml", &sealed("x"), &rules(other)), [(5, Rule::RulesDiffer)]);
    assert_eq!(found("b.yaml", &sealed("x"), &rules(other)), [], "no rule is for it");
}
