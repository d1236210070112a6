//! Files as people have them.

use crate::{ALICE, ARN, BOB, CI, PGP, ROLE, age, groups, lines, rules};

#[test]
fn nix_style_with_a_list_of_anchors() {
    let rules = rules(
        "keys:
  - &admin_alice $ALICE
  - &server_web $BOB
  - &hosts
    - $CI
creation_rules:
  - path_regex: hosts/web/[^/]+\\.(yaml|json|env|ini)$
    key_groups:
      - pgp:
          - $PGP
        age:
          - *admin_alice
          - *server_web
  - path_regex: hosts/all/.*
    key_groups:
      - age: *hosts
",
    );
    assert_eq!(groups(&rules), [[ALICE, BOB, PGP]]);
    assert_eq!(rules.creation_rules()[1].recipe.groups[0], [age(CI)]);
    assert_eq!(lines(&rules, "hosts/web/secrets.yaml"), [7]);
    assert_eq!(rules.name_of(&age(BOB)), Some("server_web"));
    assert_eq!(rules.name_of(&age(CI)), None);
}

#[test]
fn flux_style_with_one_rule_for_all_yaml() {
    let rules = rules(
        "creation_rules:
  - path_regex: .*.yaml
    encrypted_regex: ^(data|stringData)$
    pgp: >-
      $PGP
",
    );
    let plan = rules.plan("clusters/production/apps/secret.yaml").expect("the rule matches");
    assert_eq!(
        plan.recipe.selector.map(|one| one.text().to_owned()),
        Some("^(data|stringData)$".into())
    );
    assert!(plan.rule.condition.is_catch_all());
}

#[test]
fn stages_with_merged_defaults_and_a_last_resort() {
    let rules = rules(
        "defaults: &defaults
  encrypted_regex: ^(data|stringData|.*[pP]assword)$
  mac_only_encrypted: true
  age: $CI
stores:
  yaml:
    indent: 2
creation_rules:
  # production
  - <<: *defaults
    path_regex: \"^environments\\\\/prod\\\\/.*\\\\.sops\\\\.ya?ml$\"
    age: $ALICE
    kms: \"$ARN,\\
      $ARN+$ROLE\"
  - <<: [*defaults]
    path_regex: ^environments/
  - pgp: '$PGP'
",
    );
    let all = rules.creation_rules();
    assert_eq!(all.iter().map(|rule| rule.line).collect::<Vec<_>>(), [10, 15, 17]);
    assert_eq!(groups(&rules), [[ALICE, ARN, &format!("{ARN}+{ROLE}")]]);
    assert_eq!(all[1].recipe.groups[0], [age(CI)]);
    assert!(all[0].recipe.mac_only_encrypted && all[1].recipe.mac_only_encrypted);
    assert_eq!(all[0].recipe.selector, all[1].recipe.selector);
    assert_eq!(lines(&rules, "environments/prod/db.sops.yml"), [10, 15, 17]);
    assert_eq!(rules.plan("elsewhere").map(|plan| plan.index), Some(2));
}

#[test]
fn a_list_of_anchors_may_be_called_recipients() {
    let rules = rules("recipients: [&me $ALICE]\ncreation_rules: [{age: *me}]\n");
    assert_eq!(groups(&rules), [[ALICE]]);
    assert_eq!(rules.name_of(&age(ALICE)), Some("me"));
    assert!(rules.recipients().next().is_none());
}
