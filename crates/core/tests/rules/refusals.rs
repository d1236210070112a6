//! What is refused, and with which words.

use crate::{parse, refusal};

/// What is wrong with a rule of these lines; the first of them is line 2.
fn of_rule(fields: &[&str]) -> String {
    refusal(&format!("creation_rules:\n  - {}\n", fields.join("\n    ")))
}

#[test]
fn unknown_fields_are_told_with_the_nearest_known_one() {
    let cases = [
        ("path_regexp", "a creation rule; did you mean `path_regex`?"),
        ("filename_regex", "a creation rule; take it out, or look it up in docs/rules.md"),
        ("encryped_regex", "a creation rule; did you mean `encrypted_regex`?"),
        ("hc_vault", "a creation rule; did you mean `hc_vault_transit_uri`?"),
        ("azure_kv", "a creation rule; did you mean `azure_keyvault`?"),
        ("Age", "a creation rule; did you mean `age`?"),
        ("keygroups", "a creation rule; did you mean `key_groups`?"),
        ("input_type", "a creation rule; take it out, or look it up in docs/rules.md"),
    ];
    for (field, rest) in cases {
        let error = of_rule(&["age: $CI", &format!("{field}: x")]);
        assert_eq!(error, format!("3: unknown field `{field}` in {rest}"));
    }
    let nested = [
        ("key_groups: [{agee: [$CI]}]", "`agee` in a key group; did you mean `age`?"),
        ("key_groups: [{kms: [{Arn: $ARN}]}]", "`Arn` in a kms key; did you mean `arn`?"),
        (
            "key_groups: [{gcp_kms: [{resource: $GCP}]}]",
            "`resource` in a gcp_kms key; did you mean `resource_id`?",
        ),
        ("key_groups: [{hckms: [{key: $GCP}]}]", "`key` in a hckms key; did you mean `key_id`?"),
        (
            "key_groups: [{azure_keyvault: [{vault_url: x}]}]",
            "`vault_url` in an azure_keyvault key; did you mean `vaultUrl`?",
        ),
    ];
    for (field, rest) in nested {
        let error = of_rule(&[field]);
        assert_eq!(error, format!("2: unknown field {rest}"));
    }
    assert_eq!(
        refusal("destination_rules:\n  - s3_buket: x\n"),
        "2: unknown field `s3_buket` in a destination rule; did you mean `s3_bucket`?"
    );
    assert_eq!(
        refusal("stores:\n  yml: {indent: 2}\n"),
        "2: unknown field `yml` in `stores`; did you mean `yaml`?"
    );
    assert_eq!(
        refusal("stores:\n  yaml: {indnt: 2}\n"),
        "2: unknown field `indnt` in a store; did you mean `indent`?"
    );
    assert_eq!(
        refusal("stores:\n  ini: {indent: 2}\n"),
        "2: unknown field `indent` in a store without settings; take it out, or look it up in docs/rules.md"
    );
}

#[test]
fn other_names_at_the_top_are_for_anchors_unless_they_nearly_mean_something() {
    for name in ["keys", "x-keys", "rules", "age", "secrets", "users", "defaults"] {
        assert!(parse(&format!("{name}: [a]\n")).is_ok(), "{name}");
    }
    let cases = [
        ("creation_rule", "creation_rules"),
        ("creationRules", "creation_rules"),
        ("creation-rules", "creation_rules"),
        ("Creation_Rules", "creation_rules"),
        ("destination_rule", "destination_rules"),
        ("store", "stores"),
        ("recipient", "recipients"),
    ];
    for (name, near) in cases {
        assert_eq!(
            refusal(&format!("a: b\n{name}: [a]\n")),
            format!("2: unknown field `{name}` in the rules file; did you mean `{near}`?")
        );
    }
}

#[test]
fn expressions_that_do_not_compile() {
    assert_eq!(
        of_rule(&["age: $CI", "path_regex: '(a'"]),
        "3: `path_regex` does not compile: unclosed group; correct the expression"
    );
    assert_eq!(
        of_rule(&["age: $CI", "path_glob: 'a/{b'"]),
        "3: `path_glob` does not compile: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?); correct the expression"
    );
    assert_eq!(
        of_rule(&["age: $CI", "encrypted_regex: ^(?!metadata)"]),
        "3: encrypted_regex does not compile: look-around, including look-ahead and look-behind, is not supported; correct the expression, sops would leave everything readable"
    );
    assert_eq!(
        refusal("destination_rules:\n  - s3_bucket: b\n    path_regex: '*'\n"),
        "3: `path_regex` does not compile: repetition operator missing expression; correct the expression"
    );
    let error = of_rule(&["age: $CI", "path_regex: '(\\w{1000}){1000}'"]);
    assert!(error.starts_with("3: `path_regex` does not compile: "), "{error}");
}

#[test]
fn globs_that_match_nothing() {
    assert_eq!(
        of_rule(&["path_glob: /apps/*"]),
        "2: `path_glob` can match nothing: paths begin at the directory of this file; remove the first `/`"
    );
    for glob in ["./apps/*", "../apps/*", "apps/../*"] {
        assert_eq!(
            of_rule(&[&format!("path_glob: {glob}")]),
            "2: `path_glob` can match nothing: paths have no `.` and `..` in them; remove them"
        );
    }
}

#[test]
fn fields_that_exclude_each_other() {
    assert_eq!(
        of_rule(&["path_regex: a", "path_glob: a"]),
        "3: `path_regex` and `path_glob` exclude each other; keep the one that says what you mean"
    );
    assert_eq!(
        of_rule(&["age: $CI", "encrypted_suffix: a", "encrypted_regex: a"]),
        "4: `encrypted_suffix` and `encrypted_regex` exclude each other; a file has one selector, keep one"
    );
    assert_eq!(
        of_rule(&["age: $CI", "pgp: $PGP", "key_groups: [{age: [$CI]}]"]),
        "4: `age` and `key_groups` exclude each other; sops would take the groups alone, so move every key into them"
    );
    assert_eq!(
        of_rule(&["key_groups: [{age: [$CI]}]", "pgp: $PGP"]),
        "3: `key_groups` and `pgp` exclude each other; sops would take the groups alone, so move every key into them"
    );
    assert_eq!(
        refusal("destination_rules:\n  - s3_bucket: b\n    gcs_bucket: b\n"),
        "3: `s3_bucket` and `gcs_bucket` exclude each other; a rule has one destination, write a second rule"
    );
}

#[test]
fn fields_without_effect() {
    assert_eq!(
        of_rule(&["age: $CI", "aws_profile: a"]),
        "3: `aws_profile` has no effect here; it belongs to `kms`, and this rule has no such key"
    );
    assert_eq!(
        of_rule(&["aws_profile: a", "key_groups: [{kms: [{arn: $ARN}]}]"]),
        "2: `aws_profile` has no effect here; write it into each `kms` key of the groups"
    );
    assert_eq!(
        refusal(
            "destination_rules:\n  - s3_bucket: b\n    recreation_rule:\n      path_regex: a\n      age: $CI\n"
        ),
        "4: `path_regex` has no effect here; the destination rule itself says which files are meant"
    );
}

#[test]
fn rules_and_groups_without_keys() {
    let no_keys = "2: this rule names no key; add `age`, another kind of key, or `key_groups`";
    assert_eq!(of_rule(&["path_regex: a"]), no_keys);
    assert_eq!(of_rule(&["{}"]), no_keys);
    assert_eq!(
        refusal("destination_rules:\n  - s3_bucket: b\n    recreation_rule: {}\n"),
        "3: this rule names no key; add `age`, another kind of key, or `key_groups`"
    );
    assert_eq!(
        of_rule(&["key_groups: []"]),
        "2: `key_groups` is empty; give it a value or take it out"
    );
    assert_eq!(
        of_rule(&["key_groups:", "  - age: [$CI]", "  - {}"]),
        "4: this key group is empty; give it a key or take it out"
    );
    assert_eq!(
        of_rule(&["key_groups: [{merge: [{}]}]"]),
        "2: this key group is empty; give it a key or take it out"
    );
    let many = "{age: [$CI]}, ".repeat(256);
    assert_eq!(
        of_rule(&[&format!("key_groups: [{many}]")]),
        "2: a data key can be split over at most 255 key groups; put some of them together"
    );
}

#[test]
fn thresholds_that_cannot_be_met() {
    let two = "key_groups: [{age: [$ALICE]}, {age: [$BOB]}]";
    let cases = [
        ("0", two, "`shamir_threshold` must be at least 1; without it, all key groups are needed"),
        ("-1", two, "`shamir_threshold` must be at least 1; without it, all key groups are needed"),
        (
            "1",
            two,
            "`shamir_threshold` cannot be 1 for 2 key groups; put their keys into one group",
        ),
        ("3", two, "`shamir_threshold` is 3, but there are 2 key groups; lower it or add groups"),
        (
            "2",
            "age: $CI",
            "`shamir_threshold` is 2, but there is 1 key group; lower it or add groups",
        ),
        ("two", two, "`shamir_threshold` must be a whole number"),
        ("2.5", two, "`shamir_threshold` must be a whole number"),
    ];
    for (threshold, keys, message) in cases {
        let error = of_rule(&[keys, &format!("shamir_threshold: {threshold}")]);
        assert_eq!(error, format!("3: {message}"));
    }
    assert!(parse("creation_rules: [{age: $CI, shamir_threshold: 1}]").is_ok());
}

#[test]
fn values_that_are_empty_or_of_another_type() {
    let empty = |field: &str| format!("3: `{field}` is empty; give it a value or take it out");
    for (field, value) in [
        ("path_regex", ""),
        ("path_regex", "''"),
        ("path_glob", "~"),
        ("encrypted_regex", "''"),
        ("pgp", "''"),
        ("pgp", "[]"),
        ("pgp", "['']"),
        ("pgp", "', ,'"),
        ("kubernetes", ""),
        ("shamir_threshold", "null"),
        ("aws_profile", "''"),
    ] {
        assert_eq!(of_rule(&["age: $CI", &format!("{field}: {value}")]), empty(field), "{value}");
    }
    let cases = [
        ("path_regex: [a]", "`path_regex` must be text"),
        ("path_regex: !!binary YQ==", "`path_regex` must be text"),
        ("integrity: true", "`integrity` must be `required`, or left out"),
        ("integrity: optional", "`integrity` must be `required`, or left out"),
        ("mac_only_encrypted: 1", "`mac_only_encrypted` must be true or false"),
        ("kubernetes: perhaps", "`kubernetes` must be true or false"),
        ("pgp: {a: b}", "`pgp` must be a key, or a list of keys"),
        ("pgp: [[a]]", "`pgp` must be a list of keys, without lists inside it"),
        ("pgp: [{a: b}]", "`pgp` must be text"),
        ("? [a]\n    : b", "the name of a field must be text"),
    ];
    for (field, message) in cases {
        assert_eq!(of_rule(&["age: $CI", field]), format!("3: {message}"));
    }
    let elsewhere = [
        ("- a\n", "1: `the rules file` must be a mapping"),
        ("creation_rules: {a: b}\n", "1: `creation_rules` must be a list of rules"),
        ("creation_rules:\n", "1: `creation_rules` is empty; give it a value or take it out"),
        ("creation_rules: []\n", "1: `creation_rules` is empty; give it a value or take it out"),
        ("creation_rules: [a]\n", "1: `a creation rule` must be a mapping"),
        (
            "creation_rules:\n  - key_groups: {a: b}\n",
            "2: `key_groups` must be a list of key groups",
        ),
        ("creation_rules:\n  - key_groups: [{kms: $ARN}]\n", "2: `kms` must be a list of keys"),
        (
            "creation_rules:\n  - key_groups: [{kms: [{arn: $ARN, role: admin}]}]\n",
            "2: `role` must be the ARN of a role (arn:aws:iam::ACCOUNT:role/NAME)",
        ),
        (
            "stores: {json: {indent: 200}}\n",
            "1: `indent` must be a number of spaces up to 32, or -1 for tabs",
        ),
        ("stores: {yaml: {indent: -1}}\n", "1: `indent` must be a number of spaces up to 32"),
        (
            "destination_rules: [{vault_path: a, vault_kv_version: 3}]\n",
            "1: `vault_kv_version` must be 1 or 2",
        ),
        ("recipients: alice\n", "1: `recipients` must be a mapping"),
    ];
    for (file, message) in elsewhere {
        assert_eq!(refusal(file), message);
    }
}

#[test]
fn keys_and_destinations_that_lack_something() {
    let cases = [
        ("kms: [{role: $ROLE}]", "a kms key needs `arn`; add it"),
        ("gcp_kms: [{}]", "a gcp_kms key needs `resource_id`; add it"),
        ("hckms: [{}]", "a hckms key needs `key_id`; add it"),
        ("azure_keyvault: [{key: a}]", "an azure_keyvault key needs `vaultUrl`; add it"),
        ("azure_keyvault: [{vaultUrl: 'https://v'}]", "an azure_keyvault key needs `key`; add it"),
    ];
    for (group, message) in cases {
        assert_eq!(of_rule(&[&format!("key_groups: [{{{group}}}]")]), format!("2: {message}"));
    }
    assert_eq!(
        refusal("destination_rules:\n  - s3_prefix: a\n"),
        "2: a destination rule needs `s3_bucket`; add it"
    );
    assert_eq!(
        refusal("destination_rules:\n  - path_regex: a\n"),
        "2: a destination rule needs `s3_bucket`, `gcs_bucket` or `vault_path`; add it"
    );
}

#[test]
fn fields_that_stand_twice() {
    let twice = |field: &str| format!("`{field}` stands here twice; keep one");
    assert_eq!(of_rule(&["age: $CI", "pgp: $PGP", "age: $BOB"]), format!("4: {}", twice("age")));
    assert_eq!(refusal("a: b\na: c\n"), format!("2: {}", twice("a")));
    assert_eq!(refusal("recipients:\n  a: $CI\n  a: $BOB\n"), format!("3: {}", twice("a")));
    assert_eq!(of_rule(&["age: $CI", "<<: {}", "<<: {}"]), format!("4: {}", twice("<<")));
}

#[test]
fn texts_that_are_not_one_document_of_yaml() {
    let error = refusal("creation_rules:\n  - age: [\n");
    assert!(error.contains(": this is not valid YAML: "), "{error}");
    assert_eq!(
        refusal("creation_rules: [{age: $CI}]\n---\na: b\n"),
        "3: a second document begins here, which sops does not read; keep all rules in one"
    );
}

#[test]
fn strange_text_cannot_move_the_cursor() {
    let error = refusal("creation_rules:\n  - \"\\e[31mage\\u202E\\n\": $CI\n");
    assert_eq!(
        error,
        "2: unknown field `\\u{1b}[31mage\\u{202e}\\n` in a creation rule; take it out, or look it up in docs/rules.md"
    );
}

#[test]
fn what_the_guard_lets_pass_is_read_as_strictly() {
    let of_allow = |fields: &[&str]| {
        refusal(&format!("guard:\n  allow:\n    - {}\n", fields.join("\n      ")))
    };
    let (path, rule, reason) = ("path_glob: a/**", "rule: credential", "reason: a test");
    let cases: [(&[&str], &str); 10] = [
        (&[rule, reason], "3: an allow of the guard needs `path_glob`; add it"),
        (&[path, reason], "3: an allow of the guard needs `rule`; add it"),
        (&[path, rule], "3: an allow of the guard needs `reason`; add it"),
        (&[path, rule, "reason: ''"], "5: `reason` is empty; give it a value or take it out"),
        (
            &[path, "rule: [credential, 'Credential']", reason],
            "4: the guard has no rule `Credential`; its findings name them, and docs/guard.md",
        ),
        (&[path, rule, reason, "expires: tomorrow"], "6: `expires` must be a day, as 2027-12-31"),
        (&[path, rule, reason, "expires: 2027-02-29"], "6: `expires` must be a day, as 2027-12-31"),
        (
            &[path, rule, reason, "until: 2027-02-28"],
            "6: unknown field `until` in an allow of the guard; take it out, or look it up in docs/rules.md",
        ),
        (
            &["path_regex: a", path, rule, reason],
            "4: `path_regex` and `path_glob` exclude each other; keep the one that says what you mean",
        ),
        (
            &["path_regex: (", rule, reason],
            "3: `path_regex` does not compile: unclosed group; correct the expression",
        ),
    ];
    for (fields, error) in cases {
        assert_eq!(of_allow(fields), error);
    }
    assert_eq!(
        refusal("guard:\n  alow: []\n"),
        "2: unknown field `alow` in `guard`; did you mean `allow`?"
    );
    assert_eq!(
        refusal("guard:\n  allow: []\n"),
        "2: `allow` is empty; give it a value or take it out"
    );
}
