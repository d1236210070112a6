//! What is not sent to Vault, and why.

use bulla_testkit::keys;
use bulla_testkit::servers::{Bao, Listener};

use crate::common::{SECRET, fails, publish, sandbox, seal};

const FILE: (&str, &str) = ("a.yaml", "a: hunter2-correct-horse\n");
const TOKEN: &str = "hvs.CAESIJnotarealtoken0123456789";

#[test]
fn an_address_in_a_rules_file_gets_neither_token_nor_plaintext() {
    let listener = Listener::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let evil = listener.address();
    let rules = format!("  - vault_path: v\n    vault_address: {evil}\n");
    let sandbox = sandbox(&rules, &[FILE]);
    for variables in [
        &[("VAULT_TOKEN", TOKEN)][..],
        &[("VAULT_TOKEN", TOKEN), ("VAULT_ADDR", "https://vault.example.com")],
        &[("VAULT_TOKEN", TOKEN), ("SOPS_HC_VAULT_ALLOWLIST", "https://vault.example.com")],
        &[("VAULT_TOKEN", TOKEN), ("SOPS_HC_VAULT_ALLOWLIST", "none"), ("VAULT_ADDR", &evil)],
    ] {
        fails(&sandbox, variables, "a.yaml", &["gets", "token"]);
    }
    sandbox.write(".sops.yaml", "destination_rules:\n  - vault_path: v\n");
    fails(&sandbox, &[("VAULT_TOKEN", TOKEN)], "a.yaml", &["set VAULT_ADDR"]);
    assert_eq!(listener.received(), "", "nothing was sent at all");
}

#[test]
fn only_a_store_of_the_right_version_is_written_to() {
    let bao = Bao::start();
    bao.post("sys/mounts/transit", r#"{"type":"transit"}"#);
    bao.post("sys/mounts/old", r#"{"type":"kv","options":{"version":"1"}}"#);
    let address = bao.address();
    let variables = [("VAULT_ADDR", address.as_str()), ("VAULT_TOKEN", bao.root_token())];
    for (mount, version, word) in [
        ("transit", 1, "transit is not where"),
        ("sys", 1, "sys is not where"),
        ("sys/policies", 1, "sys/policies is not where"),
        ("auth/token", 1, "auth/token"),
        ("cubbyhole", 1, "cubbyhole is not where"),
        ("identity", 1, "identity is not where"),
        ("secret/sub", 2, "secret/sub is not where"),
        ("nowhere", 2, "shows no store at nowhere"),
        ("old", 2, "has version 1; write vault_kv_version: 1 into the rule"),
        ("secret", 1, "has version 2; write vault_kv_version: 2 into the rule"),
    ] {
        let rules = format!(
            "  - vault_path: acl\n    vault_kv_mount_name: {mount}\n    vault_kv_version: {version}\n"
        );
        let sandbox = sandbox(&rules, &[FILE]);
        fails(&sandbox, &variables, "a.yaml", &[word]);
    }
    assert_eq!(bao.read("sys/policies/acl/a.yaml"), None);
    for (field, text) in [("vault_path", "../../sys/policies"), ("vault_path", "a/./b")] {
        let sandbox = sandbox(&format!("  - {field}: {text}\n"), &[FILE]);
        fails(&sandbox, &variables, "a.yaml", &["does not lead through"]);
    }
}

#[test]
fn nothing_is_lost_on_the_way() {
    let bao = Bao::start();
    let address = bao.address();
    let variables = [("VAULT_ADDR", address.as_str()), ("VAULT_TOKEN", bao.root_token())];
    let sandbox = sandbox("  - vault_path: v\n", &[]);
    seal(&sandbox, "a.yaml", "same: hunter2-correct-horse\n---\nsame: other\n", &[]);
    fails(&sandbox, &variables, "a.yaml", &["[\"same\"]: this key is there twice"]);
    seal(&sandbox, "b.yaml", "a: .inf\n", &[]);
    fails(&sandbox, &variables, "b.yaml", &["[\"a\"]"]);

    // A MAC that does not hold.
    seal(&sandbox, "c.yaml", "a: one\nb: hunter2-correct-horse\n", &[]);
    let text = sandbox.read_text("c.yaml");
    let line = text.lines().find(|line| line.starts_with("b: ")).unwrap();
    sandbox.write("c.yaml", text.replace(&format!("{line}\n"), ""));
    fails(&sandbox, &variables, "c.yaml", &["MAC"]);

    // Nobody's key.
    seal(&sandbox, "d.yaml", "a: b\n", &[]);
    let mut bulla = sandbox.bulla();
    bulla.env("SOPS_AGE_KEY", keys::age_other_identity()).envs(variables);
    let run = sandbox.run(bulla.args(["publish", "--yes", "d.yaml"])).exits(1);
    assert!(run.err().contains("tried"), "{}", run.err());
    assert_eq!(bao.read("secret/metadata/v?list=true"), None, "nothing was written");
}

#[test]
fn what_servers_answer_badly_is_one_line() {
    let sandbox = sandbox("  - vault_path: v\n", &[FILE]);
    let answer = |status: &str, body: &str| {
        let length = body.len();
        format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
    };
    let kv = r#"{"data":{"type":"kv","path":"secret/","options":{"version":"2"}}}"#;
    for (listener, word) in [
        (answer("200 OK", "<html>hello</html>"), "something that Vault does not say"),
        (answer("200 OK", "{\"data\":[]}"), "something that Vault does not say"),
        (answer("403 No", TOKEN), "shows no store at secret, or not to this token"),
        (answer("503 Sealed", TOKEN), "failed with the status 503"),
        (answer("307 Moved\r\nLocation: http://127.0.0.1:1/", ""), "redirects to another address"),
        (answer("200 OK", &"x".repeat(2 << 20)), "answered with more than 1 MiB"),
        // The same answer to the write: it was one.
        (answer("200 OK", kv), ""),
    ] {
        let listener = Listener::answering(listener);
        let address = listener.address();
        let variables = [("VAULT_ADDR", address.as_str()), ("VAULT_TOKEN", TOKEN)];
        let run = publish(&sandbox, &variables, &["--yes", "a.yaml"]);
        assert_eq!(run.code, i32::from(!word.is_empty()), "{}", run.err());
        assert!(run.err().contains(word) && !run.err().contains(TOKEN), "{}", run.err());
        assert_eq!(listener.received().contains(SECRET), word.is_empty());
    }
}

#[test]
fn a_file_that_was_put_together_has_no_one_key_to_open_it_with() {
    let sandbox = sandbox("", &[("a.yaml", "a: one\n"), ("b.yaml", "b: two\n")]);
    let together = format!("{}---\n{}", sandbox.read_text("a.yaml"), sandbox.read_text("b.yaml"));
    sandbox.write("both.yaml", together);
    let listener = Listener::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let address = listener.address();
    let variables = [
        ("VAULT_ADDR", address.as_str()),
        ("VAULT_TOKEN", TOKEN),
        ("AWS_ENDPOINT_URL", &address),
        ("AWS_ACCESS_KEY_ID", "none"),
        ("AWS_SECRET_ACCESS_KEY", "none"),
        ("AWS_REGION", "eu-central-1"),
    ];
    let recreated =
        format!("  - s3_bucket: bucket\n    recreation_rule: {{age: {}}}\n", keys::age_recipient());
    for rules in ["  - vault_path: v\n", &recreated] {
        sandbox.write(".sops.yaml", format!("destination_rules:\n{rules}"));
        fails(
            &sandbox,
            &variables,
            "both.yaml",
            &["put together from 2 sealed files", "take it apart"],
        );
    }
    assert_eq!(listener.received(), "", "nobody was asked");
    // As it is, it can be opened there too.
    sandbox.write(".sops.yaml", "destination_rules:\n  - s3_bucket: bucket\n");
    publish(&sandbox, &variables, &["--yes", "both.yaml"]).ok();
    assert!(listener.received().contains("PUT /bucket/both.yaml"), "{}", listener.received());
}
