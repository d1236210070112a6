//! Keys, as they are spelled.

use bulla_core::rules::{KeyKind, parse_keys};

use crate::{ALICE, ARN, AZURE, GCP, HUAWEI, PGP, ROLE, VAULT, refusal};

#[test]
fn flags_take_lists_with_commas() {
    let keys = parse_keys(KeyKind::Kms, &format!("{ARN}+{ROLE}, {ARN}")).expect("two keys");
    assert_eq!(
        keys.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [&format!("{ARN}+{ROLE}"), ARN]
    );
    let all = [ALICE, PGP, ARN, GCP, HUAWEI, AZURE, VAULT];
    for (kind, text) in KeyKind::ALL.into_iter().zip(all) {
        let keys = parse_keys(kind, text).expect("a key");
        assert_eq!(keys.iter().map(KeyKind::of).collect::<Vec<_>>(), [kind]);
        assert_eq!(keys[0].to_string(), text);
    }
}

#[test]
fn what_is_no_key_of_the_kind_is_refused() {
    let cases = [
        (KeyKind::Age, "AGE1QD647543DH6TNSSFRCZ0LE7L97SF5YKUN4U93AK86PYKG2JKF7RQP7RPZK"),
        (KeyKind::Age, "ssh-ed25519 AAAA"),
        (KeyKind::Age, "ssh-dss AAAAB3NzaC1kc3MAAACBAA=="),
        (KeyKind::Age, "age1"),
        (KeyKind::Age, ALICE.trim_end_matches('k')),
        (KeyKind::Pgp, "D490419B"),
        (KeyKind::Pgp, "alice@example.com"),
        (KeyKind::Kms, "alias/gitops"),
        (KeyKind::Kms, "arn:aws:kms:eu-central-1:acme:key/x"),
        (KeyKind::Kms, "arn:aws:s3:eu-central-1:111122223333:key/x"),
        (KeyKind::Kms, "arn:aws:kms:eu-central-1:1:alias/a+arn:aws:iam::1:user/a"),
        (KeyKind::GcpKms, "projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1"),
        (KeyKind::HcKms, "5e9d5b53"),
        (KeyKind::AzureKv, "http://example.vault.azure.net/keys/gitops"),
        (KeyKind::AzureKv, "https://example.vault.azure.net/secrets/gitops"),
        (KeyKind::AzureKv, "https://me:pass@example.vault.azure.net/keys/gitops"),
        (KeyKind::Vault, "https://vault.example.com/v1/keys/gitops"),
        (KeyKind::Vault, "https://vault.example.com/proxy/v1/transit/keys/gitops"),
        (KeyKind::Vault, "https://vault.example.com/v1/../sys/keys/gitops"),
        (KeyKind::Vault, "vault.example.com/v1/transit/keys/gitops"),
    ];
    for (kind, text) in cases {
        assert!(parse_keys(kind, text).is_err(), "{text}");
    }
    assert_eq!(
        parse_keys(KeyKind::Age, " , ").expect_err("refused").to_string(),
        "there is no key in this; give an age recipient (age1…, ssh-ed25519 … or ssh-rsa …)"
    );
    assert_eq!(
        parse_keys(KeyKind::Kms, "alias/gitops").expect_err("refused").to_string(),
        "`alias/gitops` is not an AWS KMS key (arn:aws:kms:REGION:ACCOUNT:key/ID); check its spelling, or name it below `recipients`"
    );
}

#[test]
fn a_lost_letter_of_an_age_recipient_has_a_line() {
    let damaged = ALICE.replace("d647", "d674");
    assert_eq!(
        refusal(&format!("creation_rules:\n  - age:\n      - $BOB\n      - {damaged}\n")),
        "4: `age1qd674543dh6tnssfrcz0le7l97sf5ykun4u93ak86pyk…` is a damaged age recipient: its checksum is wrong; copy it again"
    );
    let short = "recipients:\n  alice: age1qqqq\n";
    assert!(refusal(short).contains("damaged"), "damage is told apart from unknown kinds");
}

#[test]
fn a_private_key_is_refused_and_never_shown() {
    let secret = "AGE-SECRET-KEY-1QQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQPQQQS8RJNP";
    let files = [
        format!("creation_rules:\n  - age: {secret}\n"),
        format!("creation_rules:\n  - recipients: [{}]\n", secret.to_lowercase()),
        format!("creation_rules:\n  - age: '$ALICE,{secret}'\n"),
        format!("recipients:\n  me: {secret}\n"),
        "recipients:\n  vault: https://me:hunter2@vault.example.com/v1/transit/keys/k\n".to_owned(),
        "creation_rules:\n  - pgp: |\n      -----BEGIN PGP PRIVATE KEY BLOCK-----\n".to_owned(),
    ];
    for file in files {
        assert_eq!(
            refusal(&file),
            "2: this is a private key or holds a password; write what is public here, and replace the secret if this file was shared"
        );
    }
}
