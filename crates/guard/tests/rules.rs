//! Each rule: what it finds, and what is nearly the same and must pass.

#[path = "rules/allowed.rs"]
mod allowed;
#[path = "rules/keys.rs"]
mod keys;
#[path = "rules/limits.rs"]
mod limits;
#[path = "rules/neighbours.rs"]
mod neighbours;
#[path = "rules/sealed.rs"]
mod sealed;
#[path = "rules/secrets.rs"]
mod secrets;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bulla_guard::{Confidence, Finding, Rule, judge};
use ed25519_dalek::SigningKey;

/// What is found in a text, as line, key path and rule.
fn found(text: &str) -> Vec<(usize, String, Rule)> {
    let findings = judge("some/file", text.as_bytes());
    for finding in &findings {
        check(finding, text);
    }
    findings.into_iter().map(|finding| (finding.line, finding.key_path, finding.rule)).collect()
}

/// A finding in that form.
fn at(line: usize, path: &str, rule: Rule) -> (usize, String, Rule) {
    (line, path.to_owned(), rule)
}

/// A finding says something, and nothing of the text but names.
#[track_caller]
fn check(finding: &Finding, text: &str) {
    assert!(finding.line >= 1 && finding.line <= text.lines().count().max(1));
    assert!(!finding.why.is_empty() && !finding.fix.is_empty());
    for said in [&finding.why, &finding.fix] {
        assert!(!said.contains('\n') && !said.contains("hunter2"), "{said}");
    }
}

fn key(number: u8) -> SigningKey {
    let seed: [u8; 32] = std::array::from_fn(|index| number.wrapping_add(index as u8 * 7));
    SigningKey::from_bytes(&seed)
}

/// The 64 bytes of a key file, in base64.
fn pair(number: u8) -> String {
    STANDARD.encode(key(number).to_keypair_bytes())
}

fn public(number: u8) -> String {
    STANDARD.encode(key(number).verifying_key().as_bytes())
}

fn node_key(number: u8) -> String {
    let value = pair(number);
    format!(r#"{{"priv_key":{{"type":"tendermint/PrivKeyEd25519","value":"{value}"}}}}"#)
}

fn priv_val_key(number: u8) -> String {
    let (private, public) = (pair(number), public(number));
    format!(
        "{{\n  \"address\": \"0011223344556677889900112233445566778899\",\n  \"pub_key\": {{\n    \
         \"type\": \"crypto/ed25519_public_key\",\n    \"value\": \"{public}\"\n  }},\n  \"priv_key\": {{\n    \
         \"type\": \"crypto/ed25519_private_key\",\n    \"value\": \"{private}\"\n  }}\n}}\n"
    )
}

fn indented(text: &str, by: &str) -> String {
    text.lines().map(|line| format!("{by}{line}\n")).collect()
}

#[test]
fn a_finding_says_what_where_why_and_what_to_do() {
    let findings = judge("keys/node_key.json", node_key(1).as_bytes());
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!((finding.line, finding.end_line), (1, 1));
    assert_eq!(finding.key_path, "[\"priv_key\"][\"value\"]");
    assert_eq!((finding.rule, finding.confidence), (Rule::ValidatorKey, Confidence::Proof));
    let why = "a node's private key in the clear: its second half is the public key of the first";
    assert_eq!(finding.why, why);
    assert_eq!(
        finding.fix,
        "git rm --cached keys/node_key.json, and keep it sealed: bulla create secret generic NAME --from-file=keys/node_key.json"
    );
    assert_eq!(finding.fingerprint.len(), 32);
}

#[test]
fn advice_cannot_write_on_the_terminal() {
    let findings = judge("a\u{1b}[2J\nb", node_key(1).as_bytes());
    assert!(findings[0].fix.contains(r"a\u{1b}[2J\nb"), "{}", findings[0].fix);
}

#[test]
fn every_rule_has_a_name_of_its_own() {
    let mut names: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Rule::ALL.len());
    assert!(Confidence::Proof > Confidence::Structure);
    assert!(Confidence::Structure > Confidence::Heuristic);
}
