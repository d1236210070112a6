//! Transit of a real OpenBao, whose API is that of Vault.

use bulla_testkit::peers;
use bulla_testkit::servers::Bao;

use crate::common::{PLAIN, bulla, goes_both_ways, sandbox};

/// A server with transit mounted and a key in it.
pub(crate) fn transit() -> Bao {
    let bao = Bao::start();
    bao.post("sys/mounts/transit", r#"{"type":"transit"}"#);
    bao.post("transit/keys/k", "{}");
    bao
}

#[test]
fn keys_of_every_type_go_both_ways() {
    let bao = transit();
    bao.post("sys/mounts/deep/nested/transit", r#"{"type":"transit"}"#);
    bao.post("deep/nested/transit/keys/rsa", r#"{"type":"rsa-4096"}"#);
    bao.post("transit/keys/chacha", r#"{"type":"chacha20-poly1305"}"#);
    let address = bao.address();
    let variables = [("VAULT_ADDR", address.as_str()), ("VAULT_TOKEN", bao.root_token())];
    for path in ["transit/keys/k", "transit/keys/chacha", "deep/nested/transit/keys/rsa"] {
        let url = format!("{address}/v1/{path}");
        let flag = ["--hc-vault-transit", &url];
        goes_both_ways(&peers::all_sops(), &flag, &variables, &variables);
    }
}

#[test]
fn a_namespace_stands_in_the_path_or_in_the_environment() {
    let bao = transit();
    bao.post("sys/namespaces/team1", "{}");
    bao.post_in("team1", "sys/mounts/transit", r#"{"type":"transit"}"#);
    bao.post_in("team1", "transit/keys/theirs", "{}");
    let address = bao.address();
    let token = [("VAULT_ADDR", address.as_str()), ("VAULT_TOKEN", bao.root_token())];
    let url = format!("{address}/v1/team1/transit/keys/theirs");
    goes_both_ways(&peers::all_sops()[..1], &["--hc-vault-transit", &url], &token, &token);

    let inside = [&token[..], &[("VAULT_NAMESPACE", "team1")]].concat();
    let url = format!("{address}/v1/transit/keys/theirs");
    goes_both_ways(&peers::all_sops()[..1], &["--hc-vault-transit", &url], &inside, &inside);
}

#[test]
fn a_server_with_a_certificate_of_its_own_is_trusted_by_vault_cacert() {
    let bao = Bao::start_tls();
    bao.run(&["secrets", "enable", "transit"]);
    bao.run(&["write", "-f", "transit/keys/k"]);
    let address = bao.address();
    let ca = bao.ca().expect("it has TLS").to_str().unwrap();
    let url = format!("{address}/v1/transit/keys/k");
    let flag = ["--hc-vault-transit", &url];
    let token = [("VAULT_ADDR", address.as_str()), ("VAULT_TOKEN", bao.root_token())];
    let trusting = [&token[..], &[("VAULT_CACERT", ca)]].concat();
    goes_both_ways(&peers::all_sops()[..1], &flag, &trusting, &trusting);

    let sandbox = sandbox();
    let args = ["encrypt", flag[0], flag[1], "plain.yaml"];
    let words = ["the certificate of 127.0.0.1", "is not trusted", "VAULT_CACERT"];
    crate::common::fails(&sandbox, &token, &args, &words, &[]);
    let blind = [&token[..], &[("VAULT_SKIP_VERIFY", "true")]].concat();
    bulla(&sandbox, &blind, &args).ok();
}

#[test]
fn an_agent_is_asked_instead_of_the_address_in_the_file() {
    let bao = transit();
    let sandbox = sandbox();
    let agent = bao.address();
    // Nobody listens there; sops, too, asks the agent alone.
    let url = "http://127.0.0.1:1/v1/transit/keys/k";
    let variables = [("VAULT_AGENT_ADDR", agent.as_str()), ("VAULT_TOKEN", bao.root_token())];
    let sealed = bulla(&sandbox, &variables, &["encrypt", "--hc-vault-transit", url, "plain.yaml"]);
    sandbox.write("s.yaml", &sealed.ok().stdout);
    let opened = bulla(&sandbox, &variables, &["decrypt", "s.yaml"]).ok();
    assert_eq!(opened.out(), PLAIN);
}
