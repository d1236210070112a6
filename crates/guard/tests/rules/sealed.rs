//! Files that are sealed, or say so.

use bulla_guard::{Confidence, Rule, judge};

use crate::{at, found};

const TOKEN: &str =
    "ENC[AES256_GCM,data:YQ==,iv:YWFhYWFhYWFhYWFhYWFhYQ==,tag:YWFhYWFhYWFhYWFhYWFhYQ==,type:str]";

/// A `sops` block with this selector.
fn block(selector: &str) -> String {
    format!(
        "sops:\n  age:\n  - recipient: age1example\n    enc: x\n  lastmodified: '2026-01-01T00:00:00Z'\n  mac: '{TOKEN}'\n  {selector}\n  version: 3.13.1\n"
    )
}

fn kubernetes() -> String {
    block("encrypted_regex: ^(data|stringData)$")
}

#[test]
fn a_file_that_is_sealed_passes() {
    for text in [
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\ndata:\n  a: {TOKEN}\n  b: ''\n  c: null\n{}",
            kubernetes()
        ),
        format!(
            "a: {TOKEN}\nb: ['{TOKEN}']\nc_unencrypted: hunter2\n{}",
            block("unencrypted_suffix: _unencrypted")
        ),
        format!("a: {TOKEN}\n#{TOKEN}\n---\nb: {TOKEN}\n{}", block("").replace("  \n", ""))
            .replacen("---", &format!("{}---", block("").replace("  \n", "")), 1),
        format!(
            "{{\"data\": \"{TOKEN}\", \"sops\": {{\"kms\": null, \"age\": [{{\"recipient\": \"a\", \"enc\": \"b\"}}], \"lastmodified\": \"2026-01-01T00:00:00Z\", \"mac\": \"{TOKEN}\", \"version\": \"3.8.0\"}}}}"
        ),
    ] {
        assert_eq!(found(&text), [], "{text}");
    }
}

#[test]
fn what_the_selector_should_have_sealed() {
    let text = format!(
        "kind: Secret\ndata:\n  a: {TOKEN}\n  b: aHVudGVyMg==\n  c: ${{C}}\nother: x\n{}",
        kubernetes()
    );
    assert_eq!(
        found(&text),
        [at(4, r#"["data"]["b"]"#, Rule::NotSealed), at(5, r#"["data"]["c"]"#, Rule::NotSealed)]
    );
    let findings = judge("a.yaml", text.as_bytes());
    assert_eq!(findings[0].confidence, Confidence::Proof);
    assert!(
        findings[0].why.contains("encrypted_regex: ^(data|stringData)$"),
        "{}",
        findings[0].why
    );
    // Not only Secrets, not only texts.
    let text = format!("a: 5\nb: ['{TOKEN}', true]\n{}", block("unencrypted_suffix: _unencrypted"));
    assert_eq!(
        found(&text),
        [at(1, r#"["a"]"#, Rule::NotSealed), at(2, r#"["b"][1]"#, Rule::NotSealed)]
    );
    let text = format!("a: {TOKEN}hunter2\n{}", block("unencrypted_suffix: _unencrypted"));
    assert_eq!(found(&text), [at(1, r#"["a"]"#, Rule::NotSealed)]);
}

#[test]
fn a_second_document_that_was_never_sealed() {
    let text = format!(
        "kind: Secret\ndata:\n  a: {TOKEN}\n{}---\nkind: Secret\ndata:\n  b: aHVudGVyMg==\n",
        kubernetes()
    );
    let line = text.lines().position(|line| line.contains("aHVu")).unwrap() + 1;
    assert_eq!(found(&text), [at(line, r#"["data"]["b"]"#, Rule::NotSealed)]);
}

#[test]
fn what_the_selector_does_not_cover() {
    let text = format!(
        "kind: Secret\ndata:\n  password: {TOKEN}\n  dbPassword: aHVudGVyMg==\n{}",
        block("encrypted_regex: ^password$")
    );
    assert_eq!(found(&text), [at(4, r#"["data"]["dbPassword"]"#, Rule::NotCovered)]);
    let why = &judge("a.yaml", text.as_bytes())[0].why;
    assert!(why.contains("encrypted_regex: ^password$"), "{why}");
    // What it leaves open outside of a Secret is its own affair.
    let text = format!(
        "kind: ConfigMap\ndata:\n  password: {TOKEN}\n  name: hunter2\n{}",
        block("encrypted_regex: ^password$")
    );
    assert_eq!(found(&text), []);
}

#[test]
fn a_seal_without_recipients() {
    let text = format!(
        "a: {TOKEN}\n{}",
        block("").replace("  \n", "").replace("  - recipient: age1example\n    enc: x\n", "")
    );
    assert_eq!(found(&text), [at(3, r#"["sops"]"#, Rule::NoRecipients)]);
}

#[test]
fn a_block_that_is_none() {
    // A selector that does not compile, two selectors, no version.
    for (text, line) in [
        (format!("a: hunter2\n{}", block("encrypted_regex: '['")), 3),
        (format!("a: hunter2\n{}", block("encrypted_regex: a\n  encrypted_suffix: b")), 3),
        (format!("a: hunter2\n{}", kubernetes().replace("  version: 3.13.1\n", "")), 3),
        (format!("1: hunter2\n{}", kubernetes()), 3),
    ] {
        assert_eq!(found(&text), [at(line, r#"["sops"]"#, Rule::DamagedSeal)], "{text}");
    }
}

#[test]
fn settings_that_are_called_sops_pass() {
    for text in [
        "sops: {enabled: true}\n",
        "sops:\n  age: {secretName: keys}\n",
        "sops: '3.13'\n",
        "creation_rules:\n- path_regex: ''\n  age: age1example\n",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn a_fake_seal_hides_nothing() {
    // The words that make scanners look away.
    let text =
        "kind: Secret\nstringData:\n  a: hunter2\n  # ENC[AES256_GCM,data:\nsops: ENC[AES256_GCM\n";
    assert_eq!(found(text), [at(3, r#"["stringData"]["a"]"#, Rule::ReadableSecret)]);
    let text = "kind: Secret\nstringData:\n  a: hunter2\nsops:\n  mac: x\n";
    let rules: Vec<_> = found(text).into_iter().map(|(_, _, rule)| rule).collect();
    assert_eq!(rules, [Rule::ReadableSecret, Rule::DamagedSeal]);
}
