use super::*;

/// A PKCS#8 Ed25519 key of zeros, made up here.
fn pem() -> String {
    let der =
        [&[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20][..], &[7; 32]];
    let base64 = STANDARD.encode(der.concat());
    format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n")
}

fn openssh() -> String {
    let base64 = STANDARD.encode([&b"openssh-key-v1\0\0\0\0\x04none"[..], &[1; 100]].concat());
    let lines: Vec<_> = base64.as_bytes().chunks(70).map(String::from_utf8_lossy).collect();
    let lines = lines.join("\n");
    format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{lines}\n-----END OPENSSH PRIVATE KEY-----\n")
}

/// The identity of the specification's examples, made up: it has a checksum.
fn age() -> String {
    let hrp = bech32::Hrp::parse_unchecked("age-secret-key-");
    let mut text = String::new();
    bech32::encode_upper_to_fmt::<Bech32, _>(&mut text, hrp, &[3; 32]).unwrap();
    text
}

fn found(text: &str) -> Vec<(Rule, Confidence)> {
    find(text.as_bytes()).into_iter().map(|found| (found.rule, found.confidence)).collect()
}

#[test]
fn private_keys_are_found_in_files_strings_and_comments() {
    let proof = [(Rule::PrivateKey, Confidence::Proof)];
    let pem = pem();
    assert_eq!(found(&pem), proof);
    assert_eq!(found(&openssh()), proof);
    assert_eq!(found(&pem.replace('\n', "\r\n")), proof);
    assert_eq!(found(&pem.replace('\n', "\\n")), proof);
    assert_eq!(found(&format!("key: |\n  {}", pem.replace('\n', "\n  "))), proof);
    assert_eq!(found(&format!("# {}", pem.replace('\n', "\n# "))), proof);
    assert_eq!(found(&format!("\"{}\"", pem.replace('\n', "\\n\"\n  \""))), proof);
    assert_eq!(found(&[&pem[..], &pem].concat()).len(), 2);
    assert_eq!(found(&format!("\0\u{1}{pem}")), proof);
}

#[test]
fn damaged_and_locked_keys_are_still_keys() {
    let structure = [(Rule::PrivateKey, Confidence::Structure)];
    assert_eq!(found(&pem().replacen("BwcHBwcH", "", 1)), structure);
    let body = "A".repeat(64);
    let legacy = format!(
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n{body}\n-----END RSA PRIVATE KEY-----\n"
    );
    let locked = [(Rule::LockedKey, Confidence::Policy)];
    assert_eq!(found(&legacy), locked);
    let cipher = [&b"openssh-key-v1\0\0\0\0\x0aaes256-ctr"[..], &[1; 100]].concat();
    let cipher = STANDARD.encode(cipher);
    let ssh = format!(
        "-----BEGIN OPENSSH PRIVATE KEY-----\n{cipher}\n-----END OPENSSH PRIVATE KEY-----\n"
    );
    assert_eq!(found(&ssh), locked);
    let why = &find(legacy.as_bytes())[0].why;
    assert_eq!(why, "PEM: an RSA private key, locked by a password that can be guessed at leisure");
    let pgp = format!(
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{body}\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----\n"
    );
    assert_eq!(found(&pgp), structure);
    let tendermint = format!(
        "-----BEGIN TENDERMINT PRIVATE KEY-----\nkdf: bcrypt\nsalt: 00\ntype: secp256k1\n\n{body}\n=abcd\n-----END TENDERMINT PRIVATE KEY-----\n"
    );
    assert_eq!(found(&tendermint), locked);
}

#[test]
fn what_only_mentions_a_key_is_none() {
    for text in [
        "-----BEGIN PRIVATE KEY-----",
        "if text.contains(\"-----BEGIN PRIVATE KEY-----\") {",
        "-----BEGIN PRIVATE KEY-----\nMIIE...\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n<your key here>\n-----END PRIVATE KEY-----\n",
        &pem().replace("PRIVATE", "PUBLIC"),
        &pem().replace("PRIVATE KEY", "CERTIFICATE"),
        &pem().replace("PRIVATE KEY", "PRIVATE KEY REQUEST"),
        "-----BEGIN ",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn an_age_identity_has_a_checksum() {
    let key = age();
    assert_eq!(found(&key), [(Rule::AgeKey, Confidence::Proof)]);
    assert_eq!(found(&format!("SOPS_AGE_KEY='{key}'\n")), [(Rule::AgeKey, Confidence::Proof)]);
    let middle = key.len() / 2;
    let other = if key.as_bytes()[middle] == b'Q' { "P" } else { "Q" };
    let damaged = format!("{}{other}{}", &key[..middle], &key[middle + 1..]);
    for text in [damaged, format!("AGE-SECRET-KEY-1{}", "X".repeat(58)), key.to_lowercase()] {
        assert_eq!(found(&text), [], "{text}");
    }
}

#[test]
fn public_pem_is_public() {
    let certificate = pem().replace("PRIVATE KEY", "CERTIFICATE");
    assert!(is_public_pem(&certificate));
    assert!(is_public_pem(&[&certificate[..], &certificate].concat()));
    assert!(is_public_pem(&pem().replace("PRIVATE", "PUBLIC")));
    assert!(!is_public_pem(&pem()));
    assert!(!is_public_pem(&[&certificate[..], &pem()].concat()));
    assert!(!is_public_pem("hunter2"));
    assert!(!is_public_pem(&format!("hunter2 {certificate}")));
}
