//! What a file says that somebody else wrote, and a server that must hear nothing of it.

use bulla_testkit::servers::{Clouds, Listener, Moto};
use bulla_testkit::{Sandbox, keys};

use crate::common::{Variables, bulla, fails, sandbox};

const SECRET_KEY: &str = "not-a-real-secret-key";

/// Every credential that there is, each of which must not be seen.
const CREDENTIALS: [(&str, &str); 6] = [
    ("AWS_ACCESS_KEY_ID", "AKIATESTTESTTESTTEST"),
    ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
    ("GOOGLE_OAUTH_ACCESS_TOKEN", Clouds::GOOGLE_TOKEN),
    ("VAULT_TOKEN", "hvs.CAESIJnotarealtoken0123456789"),
    ("AZURE_TENANT_ID", "t1"),
    ("AZURE_CLIENT_SECRET", Clouds::AZURE_SECRET),
];

/// A sandbox whose `s.yaml` is for one key, spelled as it stands in metadata.
fn sealed_for(field: &str) -> Sandbox {
    let sandbox = sandbox();
    let args = ["encrypt", "--age", keys::age_recipient(), "plain.yaml"];
    let sealed = bulla(&sandbox, &[], &args).ok();
    let text = sealed.out();
    let (start, rest) = text.split_once("    age:\n").expect("it is sealed for age");
    let (_, end) = rest.split_once("    lastmodified:").expect("it has metadata");
    sandbox.write("s.yaml", format!("{start}{field}    lastmodified:{end}"));
    sandbox
}

/// Metadata of one key: the field and its entries.
fn field(name: &str, entries: &[(&str, &str)]) -> String {
    let lines = entries.iter().map(|(name, value)| format!("          {name}: {value}\n"));
    let entry: String = lines.collect();
    format!("    {name}:\n        - {}", &entry[10..])
}

#[test]
fn names_of_keys_that_would_lead_elsewhere_reach_nobody() {
    let listener = Listener::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let address = listener.address();
    let host = address.replace("http://", "");
    // Whatever is asked, wherever it is, would come here.
    let mut variables = CREDENTIALS.to_vec();
    variables.extend([
        ("HTTPS_PROXY", address.as_str()),
        ("HTTP_PROXY", &address),
        ("AWS_ENDPOINT_URL", &address),
        ("SOPS_GCP_KMS_ENDPOINT", &address),
        ("AZURE_CLIENT_ID", "00000000-0000-0000-0000-000000000001"),
    ]);
    let (enc, date) = (("enc", "aGk="), ("created_at", "\"2026-11-20T10:56:18Z\""));
    let kms = |arn: &str| field("kms", &[("arn", arn), date, enc]);
    let gcp = |id: &str| field("gcp_kms", &[("resource_id", id), date, enc]);
    let azure = |url: &str, name: &str| {
        let version = ("version", "0123456789abcdef0123456789abcdef");
        field("azure_kv", &[("vault_url", url), ("name", name), version, date, enc])
    };
    let vault = |address: &str, engine: &str, name: &str| {
        let place = [("vault_address", address), ("engine_path", engine), ("key_name", name)];
        field("hc_vault", &[&place[..], &[date, ("enc", "vault:v1:aGk=")]].concat())
    };
    let key = "projects/p/locations/global/keyRings/r/cryptoKeys";
    for hostile in [
        kms(&format!("arn:aws:kms:{host}/x:123456789012:key/k")),
        kms("arn:aws:kms:eu-west-1@evil.example.net:123456789012:key/k"),
        kms("arn:aws:s3:::bucket"),
        gcp(&format!("{key}/k/../../../../../../evil")),
        gcp(&format!("{key}/k?x=")),
        gcp(&format!("//{host}/{key}/k")),
        gcp(&format!("{key}/k:encrypt#")),
        azure(&address, "good"),
        azure(&format!("https://{host}"), "good"),
        azure("https://mine.vault.azure.net.evil.example.net", "good"),
        azure(&format!("https://mine.vault.azure.net@{host}"), "good"),
        azure("https://mine.vault.azure.net", "../secrets/x"),
        vault(&address, "transit", "k"),
        vault(&format!("{address}/"), "../sys", "k"),
        vault(&format!("http://user:password@{host}"), "transit", "k"),
    ] {
        let sandbox = sealed_for(&hostile);
        let never = [SECRET_KEY, CREDENTIALS[3].1, Clouds::AZURE_SECRET, Clouds::GOOGLE_TOKEN];
        let run = fails(&sandbox, &variables, &["decrypt", "s.yaml"], &["bulla: s.yaml"], &never);
        run.exits(128);
        assert_eq!(listener.received(), "", "{hostile}");
    }
    // A name that is one is asked about there.
    let sandbox = sealed_for(&gcp(&format!("{key}/k")));
    fails(&sandbox, &variables, &["decrypt", "s.yaml"], &[], &[]).exits(128);
    assert!(listener.received().contains(&format!("{key}/k:decrypt")));
}

#[test]
fn a_role_and_a_profile_that_are_not_the_users_own_reach_nobody() {
    let listener = Listener::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let address = listener.address();
    let variables = [&CREDENTIALS[..], &[("AWS_ENDPOINT_URL", address.as_str())]].concat();
    let arn = ("arn", "arn:aws:kms:eu-west-1:123456789012:key/k");
    let rest = [("created_at", "\"2026-11-20T10:56:18Z\""), ("enc", "aGk=")];
    for (name, value, words) in [
        ("role", "arn:aws:iam::999999999999:role/evil", "BULLA_AWS_ROLE_ALLOWLIST="),
        ("aws_profile", "evil", "has no profile evil"),
    ] {
        let sandbox = sealed_for(&field("kms", &[&[arn, (name, value)], &rest[..]].concat()));
        let run = fails(&sandbox, &variables, &["decrypt", "s.yaml"], &[words], &[SECRET_KEY]);
        run.exits(128);
    }
    assert_eq!(listener.received(), "");
    // The same key without either is asked for.
    let sandbox = sealed_for(&field("kms", &[&[arn], &rest[..]].concat()));
    fails(&sandbox, &variables, &["decrypt", "s.yaml"], &[], &[SECRET_KEY]).exits(128);
    assert!(listener.received().contains("TrentService.Decrypt"));
}

/// A flag, the key behind it, and the variables that lead to a login.
type Login<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>);

/// The ways to a login whose server is this one.
fn logins<'a>(address: &'a str, host: &'a str) -> Vec<Login<'a>> {
    let kms = ("--kms", "arn:aws:kms:eu-west-1:123456789012:key/k");
    let gcp = ("--gcp-kms", "projects/p/locations/global/keyRings/r/cryptoKeys/k");
    let version = "https://mine.vault.azure.net/keys/good/0123456789abcdef0123456789abcdef";
    let azure = ("--azure-kv", version);
    let container = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", address);
    let no_instance = ("AWS_EC2_METADATA_DISABLED", "true");
    let managed = vec![("IDENTITY_ENDPOINT", address), ("IDENTITY_HEADER", "h")];
    vec![
        (kms.0, kms.1, vec![("AWS_EC2_METADATA_SERVICE_ENDPOINT", address)]),
        (kms.0, kms.1, vec![container, no_instance]),
        (gcp.0, gcp.1, vec![("GCE_METADATA_HOST", host)]),
        (azure.0, azure.1, managed),
    ]
}

#[test]
fn logins_that_hang_or_talk_nonsense_are_one_error_in_time() {
    let head = |length: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
    let huge = [head(10 << 20).into_bytes(), vec![b'x'; 10 << 20]].concat();
    let clouds = Clouds::start();
    let (proxy, ca) = (clouds.proxy(), clouds.ca());
    for (listener, what) in [
        (Listener::silent(), "silent"),
        (Listener::answering(format!("{}<html>", head(6))), "garbage"),
        (Listener::answering(huge), "huge"),
        (Listener::answering("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"), "denied"),
    ] {
        let address = listener.address();
        let host = address.replace("http://", "");
        for (flag, key, login) in logins(&address, &host) {
            let sandbox = sandbox();
            let way = [("HTTPS_PROXY", proxy.as_str()), ("SSL_CERT_FILE", ca.to_str().unwrap())];
            let variables = [&way[..], &login].concat();
            let args = ["encrypt", "--timeout", "2", "--output", "s.yaml", flag, key, "plain.yaml"];
            let run = fails(&sandbox, &variables, &args, &["cannot seal for"], &["<html>"]);
            assert!(!listener.received().is_empty(), "{what}, {flag}: {}", run.err());
        }
    }
}

#[test]
fn a_tool_that_hangs_is_one_error_in_time() {
    let clouds = Clouds::start();
    let sandbox = sandbox();
    let tool = sandbox.write("../bin/az", "#!/bin/sh\nexec sleep 60\n");
    crate::common::make_executable(&tool);
    let path = format!("{}:/usr/bin:/bin", tool.parent().unwrap().display());
    let (proxy, ca) = (clouds.proxy(), clouds.ca());
    let variables: Variables<'_> =
        &[("HTTPS_PROXY", &proxy), ("SSL_CERT_FILE", ca.to_str().unwrap()), ("PATH", &path)];
    let url = "https://mine.vault.azure.net/keys/good/0123456789abcdef0123456789abcdef";
    let args = ["encrypt", "--timeout", "3", "--output", "s.yaml", "--azure-kv", url, "plain.yaml"];
    fails(&sandbox, variables, &args, &["cannot seal for"], &[]);
}

#[test]
fn an_expired_session_of_aws_is_named() {
    let (moto, clouds) = (Moto::start(), Clouds::start());
    let sandbox = sandbox();
    let (kms, http) = (moto.address(), clouds.http());
    let arn = moto.key("eu-west-1");
    let keys = [&CREDENTIALS[..2], &[("AWS_ENDPOINT_URL", kms.as_str())]].concat();
    let args = ["encrypt", "--kms", &arn, "--output", "s.yaml", "plain.yaml"];
    bulla(&sandbox, &keys, &args).ok();
    let expired = sandbox.read_text("s.yaml").replace(arn.rsplit('/').next().unwrap(), "expired");
    sandbox.write("s.yaml", expired);
    let elsewhere = [&CREDENTIALS[..2], &[("AWS_ENDPOINT_URL", http.as_str())]].concat();
    let words = ["have expired"];
    fails(&sandbox, &elsewhere, &["decrypt", "s.yaml"], &words, &[SECRET_KEY]).exits(128);
}
