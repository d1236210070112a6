//! Rules against the files that are there.

use bulla_core::rules::{FindingKind, TrackedFile, check};

use crate::rules;

fn file(path: &str, sealed: Option<bool>, wants_sealing: bool) -> TrackedFile {
    TrackedFile { path: path.to_owned(), sealed, wants_sealing }
}

#[test]
fn a_tidy_repository_has_no_findings() {
    let rules = rules(
        "creation_rules: [{path_regex: '^a/', age: $CI}, {path_regex: '\\.yaml$', age: $BOB}]",
    );
    let files = [
        file("a/x.yaml", Some(true), true),
        file("b/deployment.yaml", Some(false), false),
        file("a/y.yaml", None, true),
        file("README.md", Some(false), false),
    ];
    assert_eq!(check(&rules, &files), []);
}

#[test]
fn useless_rules_and_open_files_are_found() {
    let rules = rules(
        "creation_rules:
  - path_regex: ^apps/
    age: $CI
  - path_regex: ^app/
    age: $CI
  - path_regex: ^apps/prod/
    age: $CI
  - age: $BOB
  - path_glob: infra/**
    age: $CI
",
    );
    let files = [
        file("apps/prod/db.yaml", Some(false), false),
        file("apps/dev/db.yaml", Some(true), false),
        file("infra/secret.yaml", Some(false), true),
        file("README.md", Some(false), false),
    ];
    let findings = check(&rules, &files);
    let shown: Vec<_> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            ".sops.yaml:2: apps/prod/db.yaml is not sealed, and this rule is for it; encrypt it, or narrow the rule",
            ".sops.yaml:4: no tracked file matches `path_regex: ^app/`; correct it or remove the rule",
            ".sops.yaml:6: the rule on line 2 comes first and takes the files of this one; move this rule up or remove it",
            ".sops.yaml:8: infra/secret.yaml is not sealed, and this rule is for it; encrypt it, or narrow the rule",
            ".sops.yaml:9: the rule on line 8 comes first and takes the files of this one; move this rule up or remove it",
        ]
    );
    assert_eq!(findings.iter().map(|one| one.rule).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert_eq!(findings[4].kind, FindingKind::Shadowed { by: 8 });
}

#[test]
fn a_rule_behind_one_without_a_condition_is_shadowed_even_with_no_files() {
    let rules = rules("creation_rules:\n  - age: $BOB\n  - path_regex: ^a/\n    age: $CI\n");
    let findings = check(&rules, &[file("README.md", None, false)]);
    let kinds: Vec<_> = findings.iter().map(|one| (one.line, &one.kind)).collect();
    assert_eq!(kinds, [(3, &FindingKind::Shadowed { by: 2 })]);
}
