//! Which rule a file gets.

use crate::{ALICE, BOB, CI, age, lines, rules};

#[test]
fn the_first_rule_that_matches_counts() {
    let rules = rules(
        "creation_rules:
  - path_regex: ^prod/
    age: $ALICE
  - path_glob: '**/*.enc.yaml'
    age: $BOB
  - age: $CI
",
    );
    let cases = [
        ("prod/a.enc.yaml", ALICE, &[2, 4, 6][..]),
        ("dev/prod/a.enc.yaml", BOB, &[4, 6]),
        ("a.enc.yaml", BOB, &[4, 6]),
        ("README.md", CI, &[6]),
    ];
    for (path, key, all) in cases {
        let plan = rules.plan(path).expect("a rule matches");
        assert_eq!(plan.recipe.groups, [[age(key)]], "{path}");
        assert_eq!(plan.line(), all[0], "{path}");
        assert_eq!(lines(&rules, path), all, "{path}");
    }
}

#[test]
fn a_regex_is_searched_for_and_a_glob_is_the_whole_path() {
    let cases = [
        ("path_regex: secrets", "a/secrets/b.yaml", true),
        ("path_regex: secrets$", "a/secrets/b.yaml", false),
        ("path_regex: '.*\\/secrets\\/.*'", "a/secrets/b.yaml", true),
        ("path_glob: secrets", "a/secrets/b.yaml", false),
        ("path_glob: '*.yaml'", "b.yaml", true),
        ("path_glob: '*.yaml'", "a/b.yaml", false),
        ("path_glob: '**/*.yaml'", "b.yaml", true),
        ("path_glob: '**/*.yaml'", "a/b/c.yaml", true),
        ("path_glob: 'a/**'", "a/b/c.yaml", true),
        ("path_glob: 'a/*'", "a/b/c.yaml", false),
        ("path_glob: '{a,b}/[!x]?.yaml'", "b/yz.yaml", true),
        ("path_glob: '{a,b}/[!x]?.yaml'", "b/xz.yaml", false),
    ];
    for (condition, path, expected) in cases {
        let rules = rules(&format!("creation_rules:\n  - {condition}\n    age: $CI\n"));
        assert_eq!(rules.plan(path).is_some(), expected, "{condition} {path}");
    }
}

#[test]
fn a_condition_on_the_ending_alone_takes_everything() {
    let cases = [
        ("age: $CI", true),
        ("path_regex: '.*'", true),
        ("path_regex: '\\.ya?ml$'", true),
        ("path_glob: '**/*.json'", true),
        ("path_glob: '*.yaml'", true),
        ("path_regex: '\\.env$'", false),
        ("path_regex: '\\.enc\\.yaml$'", false),
        ("path_regex: '^apps/.*\\.yaml$'", false),
        ("path_glob: '**/secret*.yaml'", false),
    ];
    for (condition, expected) in cases {
        let rules = rules(&format!("creation_rules:\n  - {condition}\n    pgp: $PGP\n"));
        assert_eq!(rules.creation_rules()[0].condition.is_catch_all(), expected, "{condition}");
    }
}
