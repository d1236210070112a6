//! Names for keys.

use bulla_core::MasterKey;
use bulla_core::rules::{KeyKind, parse_keys};

use crate::{
    ALICE, ARN, AZURE, BOB, CI, GCP, HUAWEI, PGP, ROLE, SSH, VAULT, YUBIKEY, age, groups, refusal,
    rules,
};

#[test]
fn names_stand_for_keys_lists_and_other_names() {
    let rules = rules(
        "recipients:
  everyone: [people, ops, $CI]
  people: alice, bob
  alice: $ALICE
  bob: $BOB
  ops: [$ARN, $VAULT]
creation_rules:
  - age: [people, $CI]
  - key_groups:
      - age: bob
        kms: [{arn: $ARN}, $ARN+$ROLE]
      - recipients: [everyone]
",
    );
    assert_eq!(groups(&rules), [[ALICE, BOB, CI]]);
    let second = &rules.creation_rules()[1].recipe.groups;
    assert_eq!(second[1].len(), 5);
    assert_eq!(second[0][2].to_string(), format!("{ARN}+{ROLE}"));
    assert_eq!(rules.keys_of("everyone").map(<[_]>::len), Some(5));
    assert_eq!(rules.keys_of("nobody"), None);
    let names: Vec<_> = rules.recipients().map(|(name, _)| name).collect();
    assert_eq!(names, ["everyone", "people", "alice", "bob", "ops"]);
}

#[test]
fn every_spelling_of_a_key_can_have_a_name() {
    for key in [ALICE, YUBIKEY, SSH, PGP, ARN, GCP, HUAWEI, AZURE, VAULT] {
        let text = format!("recipients:\n  x: {key}\ncreation_rules:\n  - recipients: x\n");
        let rules = rules(&text);
        assert_eq!(groups(&rules), [[key]]);
        assert_eq!(rules.name_of(&rules.creation_rules()[0].recipe.groups[0][0]), Some("x"));
    }
}

#[test]
fn a_plan_shows_recipients_with_their_names() {
    let rules = rules(
        "recipients: {alice: $ALICE, bob: $BOB, both: [alice, bob]}
creation_rules:
  - key_groups: [{age: both}, {age: [$CI]}]
",
    );
    let plan = rules.plan("a").expect("the rule matches");
    let shown: Vec<_> = plan.recipients().map(|one| (one.group, one.name)).collect();
    assert_eq!(shown, [(0, Some("alice")), (0, Some("bob")), (1, None)]);
}

#[test]
fn keys_from_metadata_are_recognised() {
    let rules = rules(
        "recipients: {alice: $ALICE, azure: '$AZURE', aws: $ARN, pgp: $PGP}
creation_rules: [{age: alice}]
",
    );
    let MasterKey::AzureKv { vault_url, name, .. } =
        parse_keys(KeyKind::AzureKv, AZURE).expect("a key").remove(0)
    else {
        panic!("not an Azure key")
    };
    let looked_up = MasterKey::AzureKv { vault_url, name, version: "1f".into() };
    assert_eq!(rules.name_of(&looked_up), Some("azure"));
    let with_context = MasterKey::Kms {
        arn: ARN.into(),
        role: None,
        context: vec![("a".into(), "b".into())],
        aws_profile: Some("dev".into()),
    };
    assert_eq!(rules.name_of(&with_context), Some("aws"));
    let lower = MasterKey::Pgp { fingerprint: PGP.to_lowercase() };
    assert_eq!(rules.name_of(&lower), Some("pgp"));
}

#[test]
fn names_that_are_not_there_or_of_another_kind_are_refused() {
    let file = |rule: &str| {
        refusal(&format!(
            "recipients:\n  alice: $ALICE\n  ops: $GCP\ncreation_rules:\n  - {rule}\n"
        ))
    };
    assert_eq!(
        file("age: [$CI, alcie]"),
        "5: `alcie` is not an age recipient (age1…, ssh-ed25519 … or ssh-rsa …); did you mean the recipient `alice`?"
    );
    assert_eq!(
        file("age:\n      - $CI\n      - zoe"),
        "7: `zoe` is not an age recipient (age1…, ssh-ed25519 … or ssh-rsa …); check its spelling, or name it below `recipients`"
    );
    assert_eq!(
        file("age: ops"),
        "5: `ops` names a Google Cloud KMS key (projects/P/locations/L/keyRings/R/cryptoKeys/K); write it below `gcp_kms` or `recipients`"
    );
    assert_eq!(
        file("recipients: [opps]"),
        "5: `opps` is not a key of any kind; did you mean the recipient `ops`?"
    );
}

#[test]
fn circles_and_names_like_keys_are_refused() {
    assert_eq!(
        refusal("recipients:\n  a: [b]\n  b:\n    - $CI\n    - c\n  c: a\n"),
        "6: `a` is made of itself; take it out of the names that it stands for"
    );
    assert_eq!(
        refusal("recipients:\n  a: a\n"),
        "2: `a` is made of itself; take it out of the names that it stands for"
    );
    for name in ["'a b'", "'a,b'", PGP, "'a/b'", "'\\e[31m'"] {
        let error = refusal(&format!("recipients:\n  {name}: $ALICE\n"));
        assert!(error.starts_with("2: `"), "{error}");
        assert!(
            error.ends_with(
                "` cannot be a name; use letters, digits, `.`, `_`, `-` and `@`, up to 64 of them"
            ),
            "{error}"
        );
    }
    assert_eq!(
        refusal("recipients:\n  team:\n    alice: $ALICE\n"),
        "3: `team` must be a key, or a list of keys"
    );
}

#[test]
fn a_long_chain_of_names_is_refused_and_does_not_overflow() {
    let chain: String = (0..5000).map(|at| format!("  n{at}: n{}\n", at + 1)).collect();
    let error = refusal(&format!("recipients:\n{chain}  n5000: $ALICE\n"));
    assert!(error.ends_with(": this is nested too deeply; write it out"), "{error}");
}

#[test]
fn the_command_line_takes_names_too() {
    let rules = rules("recipients: {alice: $ALICE, aws: $ARN}\n");
    let keys = rules.parse_keys(KeyKind::Age, &format!("alice,{BOB}")).expect("keys");
    assert_eq!(keys, [age(ALICE), age(BOB)]);
    assert_eq!(
        rules.parse_keys(KeyKind::Age, "aws").expect_err("refused").to_string(),
        "`aws` names an AWS KMS key (arn:aws:kms:REGION:ACCOUNT:key/ID); write it below `kms` or `recipients`"
    );
}

#[test]
fn a_key_is_shown_by_a_name_that_is_its_own() {
    let rules = rules(
        "keys: [&old/alice $ALICE, &bob $BOB]
recipients: {team: [$ALICE, $CI], robert: $BOB}
creation_rules: [{age: team}]
",
    );
    assert_eq!(rules.name_of(&age(ALICE)), None);
    assert_eq!(rules.name_of(&age(BOB)), Some("robert"));
}
