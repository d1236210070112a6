//! Anchors, aliases and merges, also hostile ones.

use crate::{BOB, groups, parse, refusal, rules};

#[test]
fn own_fields_win_over_merged_ones_and_earlier_merges_over_later() {
    let rules = rules(
        "a: &a {age: $ALICE, path_regex: a, mac_only_encrypted: true}
b: &b {path_regex: b, kubernetes: true, <<: {encrypted_suffix: x}}
creation_rules:
  - <<: [*a, *b]
    age: $BOB
",
    );
    let rule = &rules.creation_rules()[0];
    assert_eq!(groups(&rules), [[BOB]]);
    assert_eq!(rule.condition.to_string(), "path_regex: a");
    assert!(rule.recipe.mac_only_encrypted && rule.recipe.selector.is_some());
    assert_eq!(rule.recipe.kubernetes, Some(true));
}

#[test]
fn whole_rules_may_be_aliases_and_keep_their_own_line() {
    let rules = rules("a: &a {age: $ALICE}\ncreation_rules:\n  - *a\n");
    assert_eq!(rules.creation_rules()[0].line, 3);
}

#[test]
fn an_error_behind_an_alias_has_the_line_where_it_stands() {
    assert_eq!(
        refusal("keys:\n  - &me agee1\ncreation_rules:\n  - age: [*me]\n"),
        "2: `agee1` is not an age recipient (age1…, ssh-ed25519 … or ssh-rsa …); check its spelling, or name it below `recipients`"
    );
    assert_eq!(
        refusal("x: &x\n  path_regx: a\ncreation_rules:\n  - <<: *x\n"),
        "2: unknown field `path_regx` in a creation rule; did you mean `path_regex`?"
    );
}

#[test]
fn merges_of_what_is_no_mapping_are_refused() {
    assert_eq!(
        refusal("x: &x [a]\ncreation_rules:\n  - <<: *x\n    age: $CI\n"),
        "1: `<<` must be a mapping"
    );
    // In quotes it is an ordinary field, as in go-yaml.
    assert_eq!(
        refusal("creation_rules:\n  - '<<': {}\n"),
        "2: unknown field `<<` in a creation rule; take it out, or look it up in docs/rules.md"
    );
}

#[test]
fn aliases_that_multiply_are_refused_quickly() {
    let mut bomb = "g0: &g0 {age: [$ALICE]}\n".to_owned();
    for level in 1..=30 {
        let below = level - 1;
        let ten = format!("*g{below}, ").repeat(10);
        bomb.push_str(&format!("g{level}: &g{level} {{merge: [{ten}]}}\n"));
    }
    bomb.push_str("creation_rules:\n  - key_groups: [*g30]\n");
    let error = refusal(&bomb);
    assert!(
        error.ends_with(": aliases and names make this file too large; write fewer of them"),
        "{error}"
    );
}

#[test]
fn names_that_multiply_are_refused_quickly() {
    let keys: String = (0..4000).map(|at| format!("{at:040}, ")).collect();
    let uses = "  - recipients: all\n".repeat(900);
    let error = refusal(&format!("recipients:\n  all: '{keys}'\ncreation_rules:\n{uses}"));
    assert!(
        error.ends_with(": aliases and names make this file too large; write fewer of them"),
        "{error}"
    );
}

#[test]
fn aliases_of_themselves_are_refused() {
    let deep = ": this is nested too deeply; write it out";
    let merge = refusal("a: &a\n  <<: *a\n  age: $CI\ncreation_rules: [*a]\n");
    assert!(merge.ends_with(deep), "{merge}");
    let group = refusal("creation_rules:\n  - key_groups: [&g {merge: [*g]}]\n");
    assert!(group.ends_with(deep), "{group}");
    let list = refusal("creation_rules:\n  - age: &l [*l]\n");
    assert_eq!(list, "2: `age` must be a list of keys, without lists inside it");
}

#[test]
fn a_thousand_rules_are_enough() {
    let rule = |count| "  - age: $CI\n".repeat(count);
    assert!(parse(&format!("creation_rules:\n{}", rule(1000))).is_ok());
    assert_eq!(
        refusal(&format!("creation_rules:\n{}", rule(1001))),
        "1002: there are more than 1000 rules; put the paths of some of them together"
    );
}
