//! Key files, whatever they are called and however they are wrapped.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bulla_guard::{Confidence, Rule, judge};

use crate::{at, found, indented, key, node_key, pair, priv_val_key, public};

const KEY: Rule = Rule::ValidatorKey;

fn confidence(text: &str) -> Option<Confidence> {
    judge("f", text.as_bytes()).first().map(|finding| finding.confidence)
}

#[test]
fn key_files_of_cometbft_and_pocket() {
    assert_eq!(found(&node_key(1)), [at(1, r#"["priv_key"]["value"]"#, KEY)]);
    assert_eq!(found(&priv_val_key(1)), [at(9, r#"["priv_key"]["value"]"#, KEY)]);
    let minified: String = priv_val_key(1).split_whitespace().collect();
    assert_eq!(found(&minified), [at(1, r#"["priv_key"]["value"]"#, KEY)]);
    assert_eq!(found(&priv_val_key(1).replace('\n', "\r\n")).len(), 1);
    let lean = format!("[{},\n{}]", node_key(1), node_key(2));
    assert_eq!(
        found(&lean),
        [at(1, r#"[0]["priv_key"]["value"]"#, KEY), at(2, r#"[1]["priv_key"]["value"]"#, KEY)]
    );
    assert_eq!(confidence(&node_key(1)), Some(Confidence::Proof));
    assert_eq!(confidence(&lean), Some(Confidence::Proof));
}

#[test]
fn keys_of_other_curves_have_the_structure() {
    let value = STANDARD.encode(key(3).to_bytes());
    for kind in
        ["tendermint/PrivKeySecp256k1", "cometbft/PrivKeyBls12_381", "crypto/secp256k1_private_key"]
    {
        let text = format!(r#"{{"priv_key":{{"type":"{kind}","value":"{value}"}}}}"#);
        assert_eq!(found(&text), [at(1, r#"["priv_key"]["value"]"#, KEY)], "{kind}");
        assert_eq!(confidence(&text), Some(Confidence::Structure));
    }
    // One byte changed: no proof any more, but still the structure.
    let mut bytes = key(1).to_keypair_bytes();
    bytes[40] ^= 1;
    let text = node_key(1).replace(&pair(1), &STANDARD.encode(bytes));
    assert_eq!(found(&text).len(), 1);
    assert_eq!(confidence(&text), Some(Confidence::Structure));
}

#[test]
fn hex_keys_of_the_lean_client() {
    let hex = hex::encode(key(1).to_keypair_bytes());
    let text = format!("[{{\"priv_key\":\"{hex}\"}}]");
    assert_eq!(found(&text), [at(1, r#"[0]["priv_key"]"#, KEY)]);
    assert_eq!(confidence(&text), Some(Confidence::Proof));
    let text = format!("priv_key: \"0x{}\"\n", hex::encode(key(2).to_bytes()));
    assert_eq!(confidence(&text), Some(Confidence::Structure));
    for value in ["${PRIV_KEY}", &"0".repeat(128), "/run/secrets/key"] {
        assert_eq!(found(&format!("priv_key: '{value}'\n")), [], "{value}");
    }
    // Too short for a key: its name still says what it is.
    let cut_off = format!("priv_key: '{}'\n", &hex[..100]);
    assert_eq!(found(&cut_off), [at(1, r#"["priv_key"]"#, Rule::Credential)]);
}

#[test]
fn wrapped_in_manifests() {
    let block = |text: &str| format!("kind: ConfigMap\ndata:\n  k: |\n{}", indented(text, "    "));
    assert_eq!(
        found(&block(&priv_val_key(1))),
        [at(12, r#"["data"]["k"] > ["priv_key"]["value"]"#, KEY)]
    );
    assert_eq!(
        found(&block(&format!("# comment\n\n{}", node_key(1)))),
        [at(6, r#"["data"]["k"] > ["priv_key"]["value"]"#, KEY)]
    );
    let escaped = node_key(1).replace('"', "\\\"");
    assert_eq!(
        found(&format!("config: \"{escaped}\"\n")),
        [at(1, r#"["config"] > ["priv_key"]["value"]"#, KEY)]
    );
    let base64 = STANDARD.encode(priv_val_key(1));
    assert_eq!(found(&format!("config: {base64}\n")), [at(1, r#"["config"]"#, KEY)]);
    let twice = STANDARD.encode(&base64);
    assert_eq!(found(&format!("config: {twice}\n")), [at(1, r#"["config"]"#, KEY)]);
    let lines: Vec<_> = base64.as_bytes().chunks(70).map(String::from_utf8_lossy).collect();
    let folded = format!("a: 1\nconfig: |\n{}", indented(&lines.join("\n"), "  "));
    assert_eq!(found(&folded), [at(3, r#"["config"]"#, KEY)]);
}

#[test]
fn wrapped_in_other_languages() {
    let shell = format!("#!/bin/sh\ncat > node_key.json <<EOF\n{}\nEOF\n", node_key(1));
    assert_eq!(found(&shell), [at(3, r#"["priv_key"]["value"]"#, KEY)]);
    let markdown = format!("# Keys\n\n```json\n{}```\n", priv_val_key(1));
    assert_eq!(found(&markdown), [at(12, r#"["priv_key"]["value"]"#, KEY)]);
    let terraform = format!("resource \"x\" \"y\" {{\n  key = <<EOF\n{}EOF\n}}\n", priv_val_key(1));
    assert_eq!(found(&terraform), [at(11, r#"["priv_key"]["value"]"#, KEY)]);
    // Only the value: that it is a key pair is enough.
    let env = format!("A=b\nNODE_KEY={}\n", pair(1));
    let found_in_env = found(&env);
    assert_eq!(found_in_env.len(), 1);
    assert_eq!((found_in_env[0].0, found_in_env[0].2), (2, Rule::Ed25519Key));
    let utf16: Vec<u8> = node_key(1).encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(judge("f", &utf16).len(), 1);
}

#[test]
fn public_twins_pass() {
    let public = public(1);
    // As long as a key pair, and none.
    let signature = STANDARD.encode([7; 64]);
    for text in [
        format!(r#"{{"type":"tendermint/PubKeyEd25519","value":"{public}"}}"#),
        format!(r#"{{"pub_key":{{"type":"crypto/ed25519_public_key","value":"{public}"}}}}"#),
        format!(
            r#"{{"height":"1","round":0,"step":3,"signature":"{signature}","signbytes":"00"}}"#
        ),
        format!("validators:\n- address: 00\n  pub_key: {{type: ed25519, value: {public}}}\n"),
        r#"{"priv_key":{"type":"tendermint/PrivKeyEd25519","value":"..."}}"#.to_owned(),
        r#"{"priv_key":{"type":"tendermint/PrivKeyEd25519","value":"<base64>"}}"#.to_owned(),
        format!(
            r#"{{"priv_key":{{"type":"tendermint/PrivKeyEd25519","value":"{}"}}}}"#,
            STANDARD.encode([0; 64])
        ),
        format!("\"integrity\": \"sha512-{}\"", STANDARD.encode(key(1).to_keypair_bytes())),
        "func (k PrivKeyEd25519) Type() string { return \"priv_key\" }".to_owned(),
    ] {
        assert_eq!(found(&text), [], "{text}");
    }
}

#[test]
fn keys_in_armor_are_found_once_in_every_structure() {
    let body = STANDARD.encode([&[0x30, 0x30][..], &[9; 48]].concat());
    let pem = format!("-----BEGIN EC PRIVATE KEY-----\n{body}\n-----END EC PRIVATE KEY-----\n");
    let private = Rule::PrivateKey;
    assert_eq!(found(&pem), [at(1, "", private)]);
    let block = format!("a:\n  key: |\n{}", indented(&pem, "    "));
    assert_eq!(found(&block), [at(3, r#"["a"]["key"]"#, private)]);
    let escaped = format!("{{\"key\": \"{}\"}}", pem.replace('\n', "\\n"));
    assert_eq!(found(&escaped), [at(1, r#"["key"]"#, private)]);
    let secret = format!("kind: Secret\ndata:\n  tls.key: {}\n", STANDARD.encode(&pem));
    assert_eq!(found(&secret), [at(3, r#"["data"]["tls.key"]"#, private)]);
    let why = &judge("f", secret.as_bytes())[0].why;
    assert_eq!(why, "PEM: an EC private key, in base64");
    let comment = format!("a: b\n{}", indented(&pem, "# "));
    assert_eq!(found(&comment), [at(2, "", private)]);
    let two = format!("kind: Secret\nstringData:\n  k: |\n{}", indented(&pem.repeat(2), "    "));
    assert_eq!(found(&two).len(), 2);
}
