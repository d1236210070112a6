//! What Vault denies, what goes wrong on the way there, and where nothing is sent.

use bulla_testkit::Sandbox;
use bulla_testkit::servers::{Bao, Listener};

use crate::common::{Variables, bulla, fails, sandbox};
use crate::vault::transit;

const TOKEN: &str = "hvs.CAESIJnotarealtoken0123456789";

/// A sandbox with `s.yaml`, sealed for the key of a real server.
fn sealed(bao: &Bao) -> Sandbox {
    let sandbox = sandbox();
    let address = bao.address();
    let url = format!("{address}/v1/transit/keys/k");
    let variables = [("VAULT_TOKEN", bao.root_token())];
    let args = ["encrypt", "--hc-vault-transit", &url, "--output", "s.yaml", "plain.yaml"];
    bulla(&sandbox, &variables, &args).ok();
    sandbox
}

/// A sandbox with `s.yaml`, in which somebody put another address for the key.
fn forged(bao: &Bao, address: &str) -> Sandbox {
    let sandbox = sealed(bao);
    let text = sandbox.read_text("s.yaml");
    let changed = text.replace(&bao.address(), address);
    assert_ne!(changed, text);
    sandbox.write("s.yaml", changed);
    sandbox
}

#[track_caller]
fn does_not_open(sandbox: &Sandbox, variables: Variables<'_>, words: &[&str]) {
    fails(sandbox, variables, &["decrypt", "s.yaml"], words, &[TOKEN]).exits(128);
}

#[test]
fn what_the_server_denies_is_one_line() {
    let bao = transit();
    let sandbox = sealed(&bao);
    let address = bao.address();
    let with = |token| [("VAULT_ADDR", address.as_str()), ("VAULT_TOKEN", token)];
    does_not_open(&sandbox, &with(TOKEN), &["denies access with VAULT_TOKEN", "log in again"]);

    // A good token without the right to use the key.
    let created = bao.post("auth/token/create", r#"{"policies":["default"],"no_parent":true}"#);
    let created: serde_json::Value = serde_json::from_str(&created).unwrap();
    let weak = created["auth"]["client_token"].as_str().unwrap();
    does_not_open(&sandbox, &with(weak), &["denies access", "ask for the right"]);

    // A token whose time is over.
    let created = bao.post("auth/token/create", r#"{"ttl":"1s","no_parent":true}"#);
    let created: serde_json::Value = serde_json::from_str(&created).unwrap();
    let short = created["auth"]["client_token"].as_str().unwrap();
    std::thread::sleep(std::time::Duration::from_secs(2));
    does_not_open(&sandbox, &with(short), &["denies access", "log in again"]);
}

#[test]
fn a_key_that_is_not_there_is_named_as_such() {
    let bao = transit();
    let sandbox = sealed(&bao);
    let address = bao.address();
    let root = [("VAULT_ADDR", address.as_str()), ("VAULT_TOKEN", bao.root_token())];
    let text = sandbox.read_text("s.yaml");
    sandbox.write("s.yaml", text.replace("key_name: k\n", "key_name: other\n"));
    does_not_open(&sandbox, &root, &["has no such key"]);
    sandbox.write("s.yaml", text.replace("engine_path: transit\n", "engine_path: elsewhere\n"));
    does_not_open(&sandbox, &root, &["has no such path"]);
    sandbox
        .write("s.yaml", text.replace("engine_path: transit\n", "engine_path: transit/../sys\n"));
    does_not_open(&sandbox, &root, &["its path is not that of a key"]);
    let damaged = text.replace("enc: vault:v1:", "enc: vault:v1:AAAA");
    assert_ne!(damaged, text);
    sandbox.write("s.yaml", damaged);
    does_not_open(&sandbox, &root, &["cannot open it with this key"]);
}

#[test]
fn a_mount_path_in_a_file_posts_to_nothing_but_transit() {
    let bao = transit();
    let sandbox = sealed(&bao);
    let address = bao.address();
    let root = [("VAULT_ADDR", address.as_str()), ("VAULT_TOKEN", bao.root_token())];
    let text = sandbox.read_text("s.yaml");
    let paths = |path: &str| {
        let listed = bulla_testkit::servers::request(
            bao.port(),
            &format!("LIST /v1/{path}"),
            &["X-Vault-Token: root"],
            "",
        );
        (listed.status, listed.body.contains("decrypt"))
    };
    // At all of these the server takes a POST to `PATH/decrypt/NAME`, and writes.
    for path in ["cubbyhole", "identity/entity/name", "sys/raw", "sys/leases/revoke-prefix"] {
        let changed = text.replace("engine_path: transit\n", &format!("engine_path: {path}\n"));
        assert_ne!(changed, text);
        sandbox.write("s.yaml", changed);
        does_not_open(&sandbox, &root, &["leads to a part of Vault that is not transit"]);
    }
    assert_eq!(paths("cubbyhole"), (404, false), "nothing was written");
    assert!(!paths("identity/entity/name").1, "nothing was made");

    // The same in a rules file, where the data key would be what is posted.
    let rules =
        format!("creation_rules:\n  - hc_vault_transit_uri: '{address}/v1/cubbyhole/keys/k'\n");
    sandbox.write(".sops-rules.yaml", rules);
    let words = ["leads to a part of Vault that is not transit"];
    fails(&sandbox, &root, &["encrypt", "plain.yaml"], &words, &[TOKEN]);
    assert_eq!(paths("cubbyhole"), (404, false), "nothing was written");
}

#[test]
fn servers_that_misbehave_are_one_line_in_time() {
    let bao = transit();
    let answer = |status: &str, body: &str| {
        format!(
            "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let huge = answer("200 OK", &"x".repeat(10 << 20));
    for (listener, words) in [
        (Listener::silent(), ["did not answer within 10 s"]),
        (
            Listener::answering(answer("200 OK", "<html>hello</html>")),
            ["something that Vault does not say"],
        ),
        (
            Listener::answering(answer("200 OK", "{\"data\":{}}")),
            ["something that Vault does not say"],
        ),
        (Listener::answering(huge), ["answered with more than 1 MiB"]),
        (Listener::answering("not HTTP at all\r\n\r\n"), ["broke off the connection"]),
        (Listener::answering(answer("429 Too Many Requests", "")), ["limits requests"]),
        (Listener::answering(answer("500 Oops", TOKEN)), ["failed with the status 500"]),
        (Listener::answering(answer("503 Sealed", "{\"errors\":[\"sealed\"]}")), ["is sealed"]),
    ] {
        let address = listener.address();
        let sandbox = forged(&bao, &address);
        does_not_open(&sandbox, &[("VAULT_ADDR", &address), ("VAULT_TOKEN", TOKEN)], &words);
        let url = format!("{address}/v1/transit/keys/k");
        let args = ["encrypt", "--hc-vault-transit", &url, "--output", "new.yaml", "plain.yaml"];
        fails(&sandbox, &[("VAULT_TOKEN", TOKEN)], &args, &words, &[TOKEN]);
    }
    let nobody = forged(&bao, "http://127.0.0.1:1");
    let words = ["127.0.0.1:1 cannot be reached: connection refused"];
    does_not_open(&nobody, &[("VAULT_ADDR", "http://127.0.0.1:1"), ("VAULT_TOKEN", TOKEN)], &words);
}

#[test]
fn a_busy_server_is_asked_again_and_no_other() {
    let bao = transit();
    let count = |listener: &Listener| listener.received().matches("POST /v1/").count();
    for (status, asked) in [("503 Busy", 4), ("429 Slow", 4), ("403 No", 1), ("400 Bad", 1)] {
        let listener = Listener::answering(format!(
            "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        ));
        let address = listener.address();
        let sandbox = forged(&bao, &address);
        does_not_open(&sandbox, &[("VAULT_ADDR", &address), ("VAULT_TOKEN", TOKEN)], &[]);
        assert_eq!(count(&listener), asked, "{status}");
    }
}

#[test]
fn an_address_in_a_file_gets_no_token() {
    let bao = transit();
    let listener = Listener::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let evil = listener.address();
    let sandbox = forged(&bao, &evil);
    let configured = bao.address();
    let home = sandbox.home().join(".vault-token");
    std::fs::write(home, TOKEN).unwrap();
    for variables in [
        &[("VAULT_TOKEN", TOKEN)][..],
        &[("VAULT_TOKEN", TOKEN), ("VAULT_ADDR", configured.as_str())],
        &[("VAULT_ADDR", configured.as_str())],
        &[("SOPS_HC_VAULT_ALLOWLIST", "https://vault.example.com")],
        &[("SOPS_HC_VAULT_ALLOWLIST", "none"), ("VAULT_ADDR", evil.as_str())],
        &[("VAULT_ROLE_ID", "r"), ("VAULT_SECRET_ID", TOKEN)],
    ] {
        does_not_open(&sandbox, variables, &["gets", "token"]);
    }
    assert_eq!(listener.received(), "", "nothing was sent at all");
    let words = ["set VAULT_ADDR=http://127.0.0.1:", "SOPS_HC_VAULT_ALLOWLIST"];
    does_not_open(&sandbox, &[("VAULT_TOKEN", TOKEN)], &words);
}

#[test]
fn an_address_in_a_rules_file_gets_neither_token_nor_data_key() {
    let listener = Listener::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let url = format!("{}/v1/transit/keys/k", listener.address());
    let sandbox = sandbox();
    let rules = format!(
        "recipients:\n  evil: {url}\ncreation_rules:\n  - path_regex: .*\n    hc_vault_transit_uri: '{url}'\n"
    );
    sandbox.write(".sops-rules.yaml", rules);
    let variables = [("VAULT_TOKEN", TOKEN), ("VAULT_ADDR", "https://vault.example.com")];
    let words = ["is not the server of your environment"];
    fails(&sandbox, &variables, &["encrypt", "plain.yaml"], &words, &[TOKEN]);
    // A name that is typed stands for what the rules say, and they are anybody's.
    let args = ["encrypt", "--hc-vault-transit", "evil", "plain.yaml"];
    fails(&sandbox, &variables, &args, &words, &[TOKEN]);
    assert_eq!(listener.received(), "", "nothing was sent at all");
}

#[test]
fn a_redirect_is_not_followed() {
    let bao = transit();
    let other = Listener::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let first = Listener::answering(format!(
            "HTTP/1.1 {status}\r\nLocation: {}/v1/x\r\nContent-Length: 0\r\n\r\n",
            other.address()
        ));
        let address = first.address();
        let sandbox = forged(&bao, &address);
        let variables = [("VAULT_ADDR", address.as_str()), ("VAULT_TOKEN", TOKEN)];
        does_not_open(&sandbox, &variables, &["redirects to another address"]);
        assert!(first.received().contains(TOKEN), "the first was asked");
    }
    assert_eq!(other.received(), "", "nothing was sent on");
}
