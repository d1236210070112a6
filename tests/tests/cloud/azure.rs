//! Azure Key Vault: a server of our own, at which the real sops is pointed too.

use bulla_testkit::servers::{Clouds, Listener};
use bulla_testkit::{Sandbox, peers};

use crate::common::{PLAIN, Variables, bulla, fails, goes_both_ways, make_executable, sandbox};

const VAULT: &str = "https://mine.vault.azure.net";
const VERSION: &str = "0123456789abcdef0123456789abcdef";

/// What leads to the server, and a login.
fn with_secret<'a>(proxy: &'a str, ca: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("HTTPS_PROXY", proxy),
        ("SSL_CERT_FILE", ca),
        ("AZURE_TENANT_ID", "t1"),
        ("AZURE_CLIENT_ID", "00000000-0000-0000-0000-000000000001"),
        ("AZURE_CLIENT_SECRET", Clouds::AZURE_SECRET),
    ]
}

fn places(clouds: &Clouds) -> (String, String) {
    (clouds.proxy(), clouds.ca().to_str().unwrap().to_owned())
}

#[test]
fn keys_with_and_without_version_go_both_ways() {
    let clouds = Clouds::start();
    let (proxy, ca) = places(&clouds);
    let theirs = with_secret(&proxy, &ca);
    let ours = [&theirs[..], &[("BULLA_AZURE_ALLOWLIST", VAULT)]].concat();
    let url = format!("{VAULT}/keys/good/{VERSION}");
    goes_both_ways(&peers::all_sops(), &["--azure-kv", &url], &ours, &theirs);

    // Without one, the file names the version that was current.
    let url = format!("{VAULT}/keys/good");
    let (newest, sandbox) = (&peers::all_sops()[..1], sandbox());
    goes_both_ways(newest, &["--azure-kv", &url], &ours, &theirs);
    let sealed = bulla(&sandbox, &ours, &["encrypt", "--azure-kv", &url, "plain.yaml"]).ok();
    assert!(sealed.out().contains(&format!("version: {VERSION}")), "{}", sealed.out());
}

#[track_caller]
fn seals_and_opens(sandbox: &Sandbox, variables: Variables<'_>) {
    let url = format!("{VAULT}/keys/good");
    let sealed = bulla(sandbox, variables, &["encrypt", "--azure-kv", &url, "plain.yaml"]).ok();
    sandbox.write("s.yaml", &sealed.stdout);
    assert_eq!(bulla(sandbox, variables, &["decrypt", "s.yaml"]).ok().out(), PLAIN);
}

#[test]
fn every_login_of_a_cluster_or_a_laptop_is_known() {
    let (clouds, sandbox) = (Clouds::start(), sandbox());
    let (proxy, ca) = places(&clouds);
    let base =
        [("HTTPS_PROXY", proxy.as_str()), ("SSL_CERT_FILE", &ca), ("BULLA_AZURE_ALLOWLIST", VAULT)];
    // A pod with a workload identity.
    let token = sandbox.write("../federated", "a.b.c");
    let workload = [
        ("AZURE_TENANT_ID", "t1"),
        ("AZURE_CLIENT_ID", "00000000-0000-0000-0000-000000000001"),
        ("AZURE_FEDERATED_TOKEN_FILE", token.to_str().unwrap()),
    ];
    seals_and_opens(&sandbox, &[&base[..], &workload].concat());

    // A managed identity.
    let endpoint = format!("{}/msi/token", clouds.http());
    let managed = [("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", "h")];
    seals_and_opens(&sandbox, &[&base[..], &managed].concat());
    assert!(clouds.log().contains("/msi/token"));

    // Somebody who is logged in with az.
    let tool = sandbox.write(
        "../bin/az",
        "#!/bin/sh\necho '{\"accessToken\":\"test-entra-token\",\"expiresOn\":\"2099-01-01 00:00:00.000000\",\"expires_on\":4070908800,\"subscription\":\"s\",\"tenant\":\"t1\",\"tokenType\":\"Bearer\"}'\n",
    );
    make_executable(&tool);
    let path = format!("{}:/usr/bin:/bin", tool.parent().unwrap().display());
    seals_and_opens(&sandbox, &[&base[..], &[("PATH", path.as_str())]].concat());
}

#[track_caller]
fn says(variables: Variables<'_>, name: &str, words: &[&str]) {
    let sandbox = sandbox();
    let url = format!("{VAULT}/keys/{name}/{VERSION}");
    let args = ["encrypt", "--output", "s.yaml", "--azure-kv", &url, "plain.yaml"];
    let never = ["test-entra-token", Clouds::AZURE_SECRET, "a message", "AADSTS"];
    fails(&sandbox, variables, &args, words, &never);
}

#[test]
fn what_goes_wrong_is_one_line_in_time() {
    let clouds = Clouds::start();
    let (proxy, ca) = places(&clouds);
    let good = with_secret(&proxy, &ca);
    for (name, word) in [
        ("denied", "denies the use of this key"),
        ("disabled", "the key is disabled"),
        ("missing", "has no such key or version"),
        ("expired", "may have expired"),
        ("throttled", "limits requests"),
        ("broken", "failed with the status 500"),
        ("hang", "did not answer within 10 s"),
        ("garbage", "something that Key Vault does not say"),
        ("huge", "answered with more than 1 MiB"),
        ("redirect", "redirects to another address"),
    ] {
        says(&good, name, &[word]);
    }
    let mut wrong = good;
    wrong[4].1 = "another-secret";
    says(&wrong, "good", &["no Azure credential was found that is accepted"]);
    let mut nobody = good;
    nobody[0].1 = "http://127.0.0.1:1";
    says(&nobody, "good", &["cannot be reached"]);
}

#[test]
fn a_vault_in_a_file_gets_no_token() {
    let clouds = Clouds::start();
    let (proxy, ca) = places(&clouds);
    let sandbox = sandbox();
    let login = with_secret(&proxy, &ca);
    let url = format!("{VAULT}/keys/good/{VERSION}");
    let args = ["encrypt", "--output", "s.yaml", "--azure-kv", &url, "plain.yaml"];
    bulla(&sandbox, &login, &args).ok();
    let asked = clouds.log().lines().count();

    let decrypt = ["decrypt", "s.yaml"];
    let words = ["your environment does not name", "BULLA_AZURE_ALLOWLIST=https://mine"];
    fails(&sandbox, &login, &decrypt, &words, &[]).exits(128);
    let other =
        [&login[..], &[("BULLA_AZURE_ALLOWLIST", "https://other.vault.azure.net")]].concat();
    fails(&sandbox, &other, &decrypt, &words[..1], &[]).exits(128);

    // A server that is not Azure's gets none whatever is allowed.
    let listener = Listener::answering("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
    let text = sandbox.read_text("s.yaml");
    for address in [listener.address(), listener.address().replace("http:", "https:")] {
        sandbox.write("s.yaml", text.replace(VAULT, &address));
        for list in ["all", address.as_str()] {
            let all = [&login[..], &[("BULLA_AZURE_ALLOWLIST", list)]].concat();
            fails(&sandbox, &all, &decrypt, &[], &[]).exits(128);
        }
    }
    assert_eq!(listener.received(), "");
    assert_eq!(clouds.log().lines().count(), asked, "nobody was asked for a token either");

    // The user's own variable names keys, and so their vaults.
    sandbox.write("s.yaml", text);
    let own = [&login[..], &[("SOPS_AZURE_KEYVAULT_URLS", url.as_str())]].concat();
    assert_eq!(bulla(&sandbox, &own, &decrypt).ok().out(), PLAIN);
}

#[test]
fn a_rule_without_a_version_stays_with_the_one_that_a_file_has() {
    let (clouds, sandbox) = (Clouds::start(), sandbox());
    let (proxy, ca) = places(&clouds);
    let url = format!("{VAULT}/keys/good");
    let allow = ("BULLA_AZURE_ALLOWLIST", VAULT);
    let variables = [&with_secret(&proxy, &ca)[..], &[allow]].concat();
    let rule = |url: &str| {
        sandbox.write(
            ".sops.yaml",
            format!("creation_rules:\n  - azure_keyvault: {url}\n    unencrypted_regex: ^port$\n"),
        );
    };
    let seal = || {
        bulla(&sandbox, &variables, &["encrypt", "plain.yaml", "--output", "s.yaml"]).ok();
        sandbox.read_text("s.yaml")
    };
    let asked = |verb: &str| clouds.log().matches(&format!("{VERSION}/{verb}")).count();
    let line = |text: &str, start: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(start));
        line.unwrap_or_else(|| panic!("no {start} in {text}")).to_owned()
    };
    rule(&url);
    let first = seal();
    assert_eq!(asked("encrypt"), 1);
    assert_eq!(seal(), first, "nothing has changed");
    sandbox.write("plain.yaml", PLAIN.replace("26657", "26658"));
    let second = seal();
    assert!(second.contains("26658"));
    for kept in ["enc:", "version: 0", "password:"] {
        assert_eq!(line(&second, kept), line(&first, kept));
    }
    bulla(&sandbox, &variables, &["updatekeys", "--check", "s.yaml"]).ok();
    bulla(&sandbox, &variables, &["updatekeys", "--yes", "s.yaml"]).ok();
    assert_eq!(sandbox.read_text("s.yaml"), second);
    // Nor does a rule that names the very version.
    rule(&format!("{url}/{VERSION}"));
    assert_eq!(seal(), second);
    bulla(&sandbox, &variables, &["updatekeys", "--check", "s.yaml"]).ok();
    assert_eq!(asked("encrypt"), 1, "the data key was wrapped once");

    // Another version is another key.
    rule(&format!("{url}/{}", VERSION.replace('0', "f")));
    let other = bulla(&sandbox, &variables, &["updatekeys", "--check", "s.yaml"]).fails();
    assert!(other.out().contains(&VERSION.replace('0', "f")), "{}{}", other.out(), other.err());
}
