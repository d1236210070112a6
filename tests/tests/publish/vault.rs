//! Key-value stores: a real OpenBao, whose API is Vault's.

use bulla_testkit::keys;
use bulla_testkit::servers::Bao;
use serde_json::{Value, json};

use crate::common::{fails, publish, sandbox, sops};

fn login(address: &str) -> [(&str, &str); 2] {
    [("VAULT_ADDR", address), ("VAULT_TOKEN", "root")]
}

/// A server with stores of both versions: `secret`, which is there, and `old`.
fn stores() -> Bao {
    let bao = Bao::start();
    bao.post("sys/mounts/old", r#"{"type":"kv","options":{"version":"1"}}"#);
    bao
}

/// The data of an answer.
#[track_caller]
fn data(bao: &Bao, path: &str) -> Value {
    let text = bao.read(path).unwrap_or_else(|| panic!("nothing is at {path}"));
    serde_json::from_str::<Value>(&text).unwrap()["data"].take()
}

#[test]
fn the_same_secret_is_at_the_same_place() {
    let files = [
        (
            "a.yaml",
            "# note\ntext: hunter2-correct-horse # more\nnumber: 7\nfloat: 1.5\nno: null\nday: 2001-01-01\nlist: [1, x]\nmap: {k: {l: v}}\nempty: {}\n---\nsecond: here\n",
        ),
        ("b.json", "{\"a\": {\"b\": [true, 2]}, \"c\": \"<é>\"}\n"),
        ("c.env", "A=1\nB=x y\n"),
        ("d.ini", "[s]\nk = v\n"),
        ("e.bin", "any text"),
        ("two words.yaml", "a: 1\n"),
    ];
    let old = "  - vault_path: /v\n    vault_kv_mount_name: old\n    vault_kv_version: 1\n";
    let omitting = format!("{old}    omit_extensions: true\n");
    for (rules, base) in [("  - vault_path: v/sub\n", "secret/data/v/sub/"), (&omitting, "old/v/")]
    {
        let rules = rules.replace("/v\n", "v/\n");
        let sandbox = sandbox(&rules, &files);
        let (ours, theirs) = (stores(), stores());
        for (name, _) in files {
            sops(&sandbox, &login(&theirs.address()), &["--yes", name]).ok();
            publish(&sandbox, &login(&ours.address()), &["--yes", name]).ok();
            let name = if base == "old/v/" { name.split_once('.').unwrap().0 } else { name };
            let place = format!("{base}{}", name.replace(' ', "%20"));
            let [mut ours, mut theirs] = [&ours, &theirs].map(|bao| data(bao, &place));
            if base != "old/v/" {
                (ours, theirs) = (ours["data"].take(), theirs["data"].take());
            }
            assert!(ours.is_object(), "{ours}");
            assert_eq!(ours, theirs, "{place}");
        }
    }
}

#[test]
fn a_mapping_in_a_list_stays_one() {
    let (bao, text) = (stores(), "list: [{k: v}]\n");
    let sandbox = sandbox("  - vault_path: v\n", &[("a.yaml", text)]);
    publish(&sandbox, &login(&bao.address()), &["--yes", "a.yaml"]).ok();
    let text = bao.read("secret/data/v/a.yaml").unwrap();
    assert!(text.contains(r#""list":[{"k":"v"}]"#), "{text}");
}

#[test]
fn what_is_there_already_is_not_written_again() {
    let bao = stores();
    let address = bao.address();
    let rules = "  - path_regex: ^one\n    vault_path: v\n  - vault_path: v\n    vault_kv_mount_name: old\n    vault_kv_version: 1\n";
    let text = "n: 1\nf: 1.5\nl: [1, {a: b}]\ns: x\n";
    let sandbox = sandbox(rules, &[("one.yaml", text), ("two.yaml", text)]);
    let version = || data(&bao, "secret/data/v/one.yaml")["metadata"]["version"].clone();
    for again in [false, true] {
        for file in ["one.yaml", "two.yaml"] {
            let run = publish(&sandbox, &login(&address), &["--yes", file]).ok();
            let word = if again { "is up to date" } else { "published to" };
            assert!(run.err().contains(word), "{}", run.err());
        }
        assert_eq!(version(), json!(1));
    }
    bao.post("secret/data/v/one.yaml", r#"{"data":{"n":2}}"#);
    publish(&sandbox, &login(&address), &["--yes", "one.yaml"]).ok();
    assert_eq!(version(), json!(3));
    // Deleted is not the same.
    bao.run(&["kv", "delete", "-mount=secret", "v/one.yaml"]);
    publish(&sandbox, &login(&address), &["--yes", "one.yaml"]).ok();
    assert_eq!(version(), json!(4));
}

#[test]
fn a_token_that_may_only_write_writes() {
    let bao = stores();
    let address = bao.address();
    let policy =
        r#"{"policy":"path \"secret/data/v/*\" { capabilities = [\"create\", \"update\"] }"}"#;
    bao.post("sys/policies/acl/writer", policy);
    let made = bao.post("auth/token/create", r#"{"policies":["writer"],"no_parent":true}"#);
    let made: Value = serde_json::from_str(&made).unwrap();
    let token = made["auth"]["client_token"].as_str().unwrap();
    let sandbox = sandbox("  - vault_path: v\n", &[("a.yaml", "a: b\n")]);
    let variables = [("VAULT_ADDR", address.as_str()), ("VAULT_TOKEN", token)];
    let run = publish(&sandbox, &variables, &["--yes", "a.yaml"]).ok();
    assert!(run.err().contains("warning: ") && run.err().contains("may not read it"));
    assert_eq!(data(&bao, "secret/data/v/a.yaml")["data"], json!({"a": "b"}));
    sandbox.write(".sops.yaml", "destination_rules:\n  - vault_path: elsewhere\n");
    fails(&sandbox, &variables, "a.yaml", &["denies it; ask for the right to create"]);
}

#[test]
fn the_server_of_a_rule_comes_before_that_of_the_environment() {
    let (first, second) = (stores(), stores());
    let [first_address, second_address] = [&first, &second].map(Bao::address);
    let rules = format!("  - vault_path: v\n    vault_address: {second_address}\n");
    let sandbox = sandbox(&rules, &[("a.yaml", "a: b\n")]);
    let allowed = ("SOPS_HC_VAULT_ALLOWLIST", second_address.as_str());
    let [own, token] = login(&first_address);
    publish(&sandbox, &[own, token, allowed], &["--yes", "a.yaml"]).ok();
    assert_eq!(data(&second, "secret/data/v/a.yaml")["data"], json!({"a": "b"}));
    assert_eq!(first.read("secret/data/v/a.yaml"), None);
    // A recreation rule has no meaning here: nothing is sealed.
    let recipient = keys::age_other_recipient();
    let rules = format!("  - vault_path: w\n    recreation_rule:\n      age: {recipient}\n");
    sandbox.write(".sops.yaml", format!("destination_rules:\n{rules}"));
    let run = publish(&sandbox, &[own, token], &["--yes", "a.yaml"]).ok();
    assert_eq!(run.out(), "");
    assert_eq!(data(&first, "secret/data/w/a.yaml")["data"], json!({"a": "b"}));
}
