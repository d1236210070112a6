//! Sealed files that are not really sealed.

use fastrand::Rng;

use super::Case;
use super::draw::*;

/// A sealed value.
pub fn token(rng: &mut Rng) -> String {
    format!(
        "ENC[AES256_GCM,data:{},iv:{},tag:{},type:str]",
        base64(rng, 12),
        base64(rng, 32),
        base64(rng, 16)
    )
}

/// A `sops` block.
pub fn block(rng: &mut Rng, selector: &str) -> String {
    let (recipient, mac) = (address(rng, "age"), token(rng));
    let enc = indented(&armor("AGE ENCRYPTED FILE", "", &bytes(rng, 180)), "        ");
    format!(
        "sops:\n  age:\n    - recipient: {recipient}\n      enc: |\n{enc}  lastmodified: \"2026-01-01T00:00:00Z\"\n  mac: {mac}\n{selector}  version: 3.12.2\n"
    )
}

/// One of each.
pub fn all(rng: &mut Rng) -> Vec<Case> {
    let mut cases = Vec::new();
    let kubernetes = "  encrypted_regex: ^(data|stringData)$\n";
    let mut add = |class: &'static str, path: &str, text: String, needle: &str| {
        cases.push(Case::new(class, "sops", path, &text, needle));
    };
    let head = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n";
    let secret = password(rng);
    let data = encoded(&secret);
    let sealed = token(rng);
    add(
        "a value left open",
        "secret.enc.yaml",
        format!("{head}data:\n  a: {sealed}\n  b: {data}\n{}", block(rng, kubernetes)),
        &data,
    );
    add(
        "a neutral value left open",
        "secret.enc.yaml",
        format!("{head}stringData:\n  a: {sealed}\n  motd: hello\n{}", block(rng, kubernetes)),
        "hello",
    );
    add(
        "a list item left open",
        "values.enc.yaml",
        format!(
            "list:\n  - {sealed}\n  - {secret}\n{}",
            block(rng, "  unencrypted_suffix: _unencrypted\n")
        ),
        &secret,
    );
    add(
        "a number left open",
        "values.enc.yaml",
        format!(
            "port: 8080\npassword: {sealed}\n{}",
            block(rng, "  unencrypted_suffix: _unencrypted\n")
        ),
        "8080",
    );
    add(
        "text behind the bracket",
        "secret.enc.yaml",
        format!("{head}stringData:\n  a: {sealed}{secret}\n{}", block(rng, kubernetes)),
        &sealed,
    );
    add(
        "not covered",
        "secret.enc.yaml",
        format!(
            "{head}stringData:\n  password: {sealed}\n  dbPassword: {secret}\n{}",
            block(rng, "  encrypted_regex: ^password$\n")
        ),
        &secret,
    );
    add(
        "not covered, outside of a Secret",
        "values.enc.yaml",
        format!(
            "password: {sealed}\ndbPassword: {secret}\nadminUser: admin\n{}",
            block(rng, "  encrypted_regex: ^password$\n")
        ),
        &secret,
    );
    add(
        "no recipients",
        "secret.enc.yaml",
        format!(
            "{head}stringData:\n  a: {sealed}\nsops:\n  lastmodified: \"2026-01-01T00:00:00Z\"\n  mac: {sealed}\n{kubernetes}  version: 3.12.2\n"
        ),
        "sops:",
    );
    add(
        "second document never sealed",
        "all.enc.yaml",
        format!(
            "{head}stringData:\n  a: {sealed}\n{}---\n{head}stringData:\n  b: {secret}\n",
            block(rng, kubernetes)
        ),
        &secret,
    );
    add(
        "a fake envelope",
        "secret.enc.yaml",
        format!("{head}stringData:\n  a: {secret}\n  # ENC[AES256_GCM,data:\nsops: {{}}\n"),
        &secret,
    );
    add(
        "JSON, a value left open",
        "secret.enc.json",
        format!(
            "{{\n\"password\": \"{sealed}\",\n\"token\": \"{secret}\",\n\"sops\": {{\"age\": [{{\"recipient\": \"age1x\", \"enc\": \"x\"}}], \"lastmodified\": \"2026-01-01T00:00:00Z\", \"mac\": \"{sealed}\", \"unencrypted_suffix\": \"_unencrypted\", \"version\": \"3.12.2\"}}\n}}\n"
        ),
        &secret,
    );
    add(
        "dotenv, a value left open",
        ".enc.env",
        format!(
            "A={sealed}\nDB_PASSWORD={secret}\nsops_version=3.12.2\nsops_mac={sealed}\nsops_lastmodified=2026-01-01T00:00:00Z\nsops_age__list_0__map_recipient=age1x\nsops_age__list_0__map_enc=x\nsops_unencrypted_suffix=_unencrypted\n"
        ),
        &secret,
    );
    add(
        "dotenv, a neutral value left open",
        "app.enc.env",
        format!(
            "A={sealed}\nMOTD=hello\nsops_version=3.12.2\nsops_mac={sealed}\nsops_lastmodified=2026-01-01T00:00:00Z\nsops_age__list_0__map_recipient=age1x\nsops_age__list_0__map_enc=x\nsops_unencrypted_suffix=_unencrypted\n"
        ),
        "hello",
    );
    add(
        "INI, a value left open",
        "app.enc.ini",
        format!(
            "[a]\nx = {sealed}\ny = hello\n\n[sops]\nversion = 3.12.2\nmac = {sealed}\nlastmodified = 2026-01-01T00:00:00Z\nage__list_0__map_recipient = age1x\nage__list_0__map_enc = x\nunencrypted_suffix = _unencrypted\n"
        ),
        "hello",
    );
    add(
        "a comment left open",
        "values.enc.yaml",
        format!(
            "# old password: {secret}\npassword: {sealed}\n{}",
            block(rng, "  unencrypted_suffix: _unencrypted\n")
        ),
        &secret,
    );
    let rules = "creation_rules:\n  - path_regex: secrets/.*\\.yaml$\n    age: age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n";
    for (class, text, needle) in [
        ("never sealed", format!("{head}stringData:\n  a: {secret}\n"), secret.as_str()),
        ("never sealed, neutral", "motd: hello\nport: 8080\n".to_owned(), "motd"),
    ] {
        let mut case = Case::new(class, "sops", "secrets/app.yaml", &text, needle);
        case.others.push((".sops.yaml".to_owned(), rules.to_owned()));
        cases.push(case);
    }
    cases.push(Case::new(
        "never sealed, by its name",
        "sops",
        "app.sops.yaml",
        "motd: hello\nport: 8080\n",
        "motd",
    ));
    cases
}
