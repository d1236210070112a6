//! What a valid file means.

use bulla_core::rules::{Destination, Indent, Rules, known_fields};
use bulla_core::{MasterKey, SelectorKind};

use crate::{
    ALICE, ARN, AZURE, BOB, CI, GCP, HUAWEI, PGP, ROLE, SSH, VAULT, YUBIKEY, groups, rules,
};

#[test]
fn a_file_without_anything_has_no_rules() {
    for text in ["", "# nothing\n", "---\n", "~\n", "keys: [a, b]\n"] {
        assert!(rules(text).creation_rules().is_empty(), "{text:?}");
        assert!(rules(text).plan("a.yaml").is_none(), "{text:?}");
    }
}

#[test]
fn every_kind_of_flat_key_is_read_in_the_order_of_sops() {
    let rules = rules(
        "creation_rules:
  - hc_vault_transit_uri: $VAULT
    azure_keyvault: $AZURE
    hckms: [$HUAWEI]
    gcp_kms: $GCP
    kms: $ARN+$ROLE
    aws_profile: prod
    pgp: $PGP
    age: $ALICE
",
    );
    let keys = [ALICE, PGP, &format!("{ARN}+{ROLE}"), GCP, HUAWEI, AZURE, VAULT];
    assert_eq!(groups(&rules), [keys]);
    assert_eq!(
        rules.creation_rules()[0].recipe.groups[0][2],
        MasterKey::Kms {
            arn: ARN.into(),
            role: Some(ROLE.into()),
            context: vec![],
            aws_profile: Some("prod".into()),
        }
    );
    assert_eq!(
        rules.creation_rules()[0].recipe.groups[0][6],
        MasterKey::Vault {
            address: "https://vault.example.com:8200".into(),
            engine_path: "team/transit".into(),
            key_name: "gitops".into(),
        }
    );
}

#[test]
fn flat_keys_are_strings_with_commas_or_lists_and_stand_once() {
    for age in [
        "'$ALICE,$BOB'",
        "' $ALICE , $BOB,'",
        ">-\n      $ALICE,\n      $BOB,\n      $ALICE",
        "|\n      $ALICE,\n      $BOB",
        "[$ALICE, $BOB, $ALICE]",
        "['$ALICE,$BOB']",
        "\n      - $ALICE\n      - $BOB",
    ] {
        let text = format!("creation_rules:\n  - age: {age}\n");
        assert_eq!(groups(&rules(&text)), [[ALICE, BOB]], "{age}");
    }
}

#[test]
fn age_recipients_may_be_plugins_and_ssh_keys() {
    let rules = rules("creation_rules:\n  - age: [$YUBIKEY, $SSH, $SSH me@desk]\n");
    assert_eq!(groups(&rules), [[YUBIKEY, SSH, &format!("{SSH} me@desk")]]);
}

#[test]
fn fingerprints_may_have_blanks_and_a_mark() {
    let rules = rules(
        "creation_rules:\n  - pgp: '2D47 0B29 BFD9 CD2D 692C  0C9B DF24 1915 D490 419B!, DF241915D490419B'\n",
    );
    assert_eq!(groups(&rules), [[format!("{PGP}!"), "DF241915D490419B".to_owned()]]);
}

#[test]
fn key_groups_hold_every_kind_and_groups_of_their_own() {
    let rules = rules(
        "creation_rules:
  - shamir_threshold: 2
    key_groups:
      - pgp: [$PGP]
        age: ['$ALICE, $BOB', $ALICE]
      - merge:
          - age: [$CI]
            merge: [{age: [$BOB]}]
          - age: [$CI]
        age: [$ALICE]
      - hc_vault: [$VAULT]
        azure_keyvault: [{vaultUrl: 'https://example.vault.azure.net/', key: gitops}]
        hckms: [{key_id: '$HUAWEI'}]
        gcp_kms: [{resource_id: $GCP}]
        kms: [{arn: $ARN, role: $ROLE, context: {app: web, shard: 3}, aws_profile: prod}]
",
    );
    let clouds = [&format!("{ARN}+{ROLE}"), GCP, HUAWEI, AZURE, VAULT];
    assert_eq!(groups(&rules), [&[ALICE, BOB, PGP][..], &[BOB, CI, ALICE], &clouds]);
    let recipe = &rules.creation_rules()[0].recipe;
    assert_eq!(recipe.threshold, Some(2));
    assert_eq!(
        recipe.groups[2][0],
        MasterKey::Kms {
            arn: ARN.into(),
            role: Some(ROLE.into()),
            context: vec![("app".into(), "web".into()), ("shard".into(), "3".into())],
            aws_profile: Some("prod".into()),
        }
    );
}

#[test]
fn selector_mac_and_kubernetes_go_into_the_recipe() {
    for kind in SelectorKind::ALL {
        let text = format!("creation_rules:\n  - age: $ALICE\n    {}: '^a$'\n", kind.name());
        let rules = rules(&text);
        let selector = rules.creation_rules()[0].recipe.selector.clone().expect("a selector");
        assert_eq!((selector.kind(), selector.text()), (kind, "^a$"));
    }
    let rules = rules(
        "creation_rules:\n  - age: $ALICE\n    mac_only_encrypted: yes\n    kubernetes: false\n",
    );
    let recipe = &rules.creation_rules()[0].recipe;
    assert!(recipe.mac_only_encrypted && recipe.selector.is_none());
    assert_eq!(recipe.kubernetes, Some(false));
}

#[test]
fn destinations_and_stores_are_kept() {
    let rules = rules(
        "destination_rules:
  - path_regex: ^s3/
    s3_bucket: b
    omit_extensions: true
    recreation_rule: {age: $ALICE}
  - path_regex: ^gcs/
    gcs_bucket: b
    gcs_prefix: p/
  - vault_path: p/
    vault_kv_version: 1
stores:
  yaml: {indent: 2}
  json: {indent: -1}
",
    );
    let s3 = rules.destination("s3/a.yaml").expect("a destination");
    assert_eq!(s3.destination, Destination::S3 { bucket: "b".into(), prefix: String::new() });
    assert!(s3.omit_extensions && s3.recreation.is_some());
    let gcs = Destination::Gcs { bucket: "b".into(), prefix: "p/".into() };
    assert_eq!(rules.destination("gcs/a.yaml").map(|rule| &rule.destination), Some(&gcs));
    let vault = rules.destination("other.yaml").expect("a destination");
    assert_eq!(
        vault.destination,
        Destination::Vault { path: "p/".into(), address: None, mount: None, version: Some(1) }
    );
    let stores = rules.stores();
    assert_eq!((stores.yaml, stores.json), (Some(Indent::Spaces(2)), Some(Indent::Tab)));
    assert_eq!(stores.json_binary, None);
}

#[test]
fn the_example_file_shows_every_field() {
    let text = include_str!("../../../../.sops-rules.example.yaml");
    let rules = Rules::parse(text, ".sops-rules.example.yaml").expect("the example is valid");
    assert_eq!(rules.creation_rules().len(), 8);
    let [first, second] = rules.guard_allows() else { panic!("two allows") };
    assert_eq!(first.rules, ["credential", "private-key"]);
    assert!(first.condition.matches("testdata/a/b.pem") && first.expires.is_none());
    assert_eq!(second.expires.map(|day| day.to_string()).as_deref(), Some("2026-12-31"));
    let reference = include_str!("../../../../docs/rules.md");
    for field in known_fields() {
        let as_key = |line: &str| {
            let line = line.trim_start().trim_start_matches("- ");
            line.strip_prefix(field).is_some_and(|rest| rest.starts_with(':'))
        };
        assert!(text.lines().any(as_key), "`{field}` is not in the example");
        assert!(reference.contains(&format!("`{field}`")), "`{field}` is not in docs/rules.md");
    }
}
