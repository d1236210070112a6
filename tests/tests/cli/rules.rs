//! Which rules are for a file, and what is said about them.

use std::os::unix::fs::symlink;

use bulla_testkit::{Sandbox, keys};

use crate::common::{MANIFEST, SECRET, bulla, command, repository, says_nothing_of, snapshot};

fn rules(age: &str, more: &str) -> String {
    format!("creation_rules:\n  - age: {age}\n    {more}\n")
}

/// For whom a file would be sealed: for alice, for the other.
fn sealed_for(sandbox: &Sandbox, args: &[&str]) -> [bool; 2] {
    let run = bulla(sandbox, &[&["encrypt"], args].concat()).ok();
    [keys::age_recipient(), keys::age_other_recipient()].map(|key| run.out().contains(key))
}

#[test]
fn rules_are_searched_upward_from_the_file_and_not_from_here() {
    let sandbox = Sandbox::new();
    let (alice, other) = (keys::age_recipient(), keys::age_other_recipient());
    sandbox.write(".sops.yaml", rules(other, "path_regex: .*"));
    sandbox.write("a/.sops.yaml", rules(alice, "path_regex: ^b/x[.]yaml$"));
    sandbox.write("a/b/x.yaml", MANIFEST);
    sandbox.write("x.yaml", MANIFEST);
    assert_eq!(sealed_for(&sandbox, &["a/b/x.yaml"]), [true, false]);
    assert_eq!(sealed_for(&sandbox, &["x.yaml"]), [false, true]);
    let elsewhere = ["x.yaml", "--filename-override", "a/b/x.yaml"];
    assert_eq!(sealed_for(&sandbox, &elsewhere), [true, false]);
    let not_there = ["x.yaml", "--filename-override", "new/er/x.yaml"];
    assert_eq!(sealed_for(&sandbox, &not_there), [false, true]);
    symlink("a/b", sandbox.path("link")).unwrap();
    assert_eq!(sealed_for(&sandbox, &["link/x.yaml"]), [true, false]);

    let mut from_below = command(&sandbox, &["encrypt", "../../x.yaml"]);
    let run = sandbox.run(from_below.current_dir(sandbox.path("a/b"))).ok();
    assert!(run.out().contains(other));

    // Ours comes before that of sops, in the same directory.
    sandbox.write(".sops-rules.yaml", rules(alice, "path_glob: '**'"));
    assert_eq!(sealed_for(&sandbox, &["x.yaml"]), [true, false]);
}

#[test]
fn a_rules_file_that_is_named_takes_the_place_of_the_others() {
    let sandbox = repository();
    sandbox.write("x.enc.yaml", MANIFEST);
    let file = sandbox.write("other.yaml", rules(keys::age_other_recipient(), "path_regex: ^x"));
    assert_eq!(sealed_for(&sandbox, &["x.enc.yaml", "--config", "other.yaml"]), [false, true]);
    let run = sandbox.run(command(&sandbox, &["encrypt", "x.enc.yaml"]).env("SOPS_CONFIG", file));
    assert!(run.ok().out().contains(keys::age_other_recipient()));
    let run = bulla(&sandbox, &["--config", "nope.yaml", "encrypt", "x.enc.yaml"]).exits(1);
    assert!(run.err().contains("nope.yaml: the rules file cannot be read"), "{}", run.err());
}

#[test]
fn the_command_line_replaces_what_the_rule_says_field_by_field() {
    let sandbox = Sandbox::new();
    sandbox.write(".sops.yaml", rules(keys::age_other_recipient(), "encrypted_regex: ^a$"));
    sandbox.write("x.yaml", "a: 1\nb: 2\n");
    let run = bulla(&sandbox, &["encrypt", "x.yaml", "--age", keys::age_recipient()]).ok();
    assert!(run.out().contains("\nb: 2\n") && run.out().contains(keys::age_recipient()));
    let run = bulla(&sandbox, &["encrypt", "x.yaml", "--unencrypted-regex", "^a$"]).ok();
    assert!(run.out().starts_with("a: 1\nb: ENC[") && !run.out().contains(" encrypted_regex"));
    let run = bulla(&sandbox, &["encrypt", "x.yaml", "--mac-only-encrypted"]).ok();
    assert!(run.out().contains("mac_only_encrypted: true"));
}

#[test]
fn keys_from_the_command_line_are_one_group_whatever_the_rule_splits() {
    let sandbox = Sandbox::new();
    let (alice, other) = (keys::age_recipient(), keys::age_other_recipient());
    let groups = format!(
        "creation_rules:\n  - shamir_threshold: 2\n    key_groups: [{{age: [{alice}]}}, {{age: [{other}]}}]\n"
    );
    sandbox.write(".sops.yaml", groups);
    sandbox.write("x.yaml", MANIFEST);
    let run = bulla(&sandbox, &["encrypt", "x.yaml", "--age", alice]).ok();
    assert!(!run.out().contains("key_groups") && !run.out().contains("shamir"));
    let threshold = ["--shamir-secret-sharing-threshold", "2"];
    let args = [&["encrypt", "x.yaml", "--age", alice], &threshold[..]].concat();
    let run = bulla(&sandbox, &args).exits(1);
    assert!(run.err().contains("the threshold is 2, but there is 1 key group"), "{}", run.err());
    let run = bulla(&sandbox, &["rules", "explain", "y.yaml"]).ok();
    assert!(run.out().contains("groups    2 of 2 are needed to open it\n"), "{}", run.out());
    assert!(run.out().contains(&format!("          group 2: age {other}\n")), "{}", run.out());
}

#[test]
fn no_rule_and_no_rules_say_what_to_do() {
    let sandbox = Sandbox::new();
    sandbox.write("x.yaml", MANIFEST);
    let run = bulla(&sandbox, &["encrypt", "x.yaml"]).exits(1);
    let expected = "bulla: x.yaml: there is no .sops-rules.yaml or .sops.yaml above it; make them with bulla init, or name a recipient with --age\n";
    assert_eq!(run.err(), expected);
    sandbox.write(".sops.yml", rules(keys::age_recipient(), "path_regex: ^x"));
    let run = bulla(&sandbox, &["encrypt", "x.yaml"]).exits(1);
    assert!(run.err().contains(".sops.yml is not read under that name; rename it"));
    sandbox.write(".sops.yaml", rules(keys::age_recipient(), "path_regex: ^y"));
    let run = bulla(&sandbox, &["encrypt", "x.yaml"]).exits(1);
    assert!(run.err().starts_with("bulla: .sops.yaml: no creation rule is for x.yaml;"));
    bulla(&sandbox, &["encrypt", "x.yaml", "--age", keys::age_recipient()]).ok();
}

#[test]
fn broken_rules_stop_sealing_and_never_opening() {
    let sandbox = repository();
    sandbox.write("x.enc.yaml", MANIFEST);
    bulla(&sandbox, &["encrypt", "-i", "x.enc.yaml"]).ok();
    sandbox.write("y.enc.yaml", MANIFEST);
    sandbox.write(".sops-rules.yaml", "creation_rules:\n  - path_regexp: x\n    age: y\n");
    let before = snapshot(&sandbox);
    let run = bulla(&sandbox, &["encrypt", "-i", "y.enc.yaml"]).exits(1);
    assert!(run.err().contains(".sops-rules.yaml:2: unknown field `path_regexp`"), "{}", run.err());
    assert_eq!(snapshot(&sandbox), before);
    assert_eq!(bulla(&sandbox, &["decrypt", "x.enc.yaml"]).ok().out(), MANIFEST);
}

#[test]
fn a_rules_file_that_leads_to_an_endless_one_ends() {
    let sandbox = Sandbox::new();
    sandbox.write("x.yaml", MANIFEST);
    symlink("/dev/zero", sandbox.path(".sops.yaml")).unwrap();
    // A link to a device is no file, and so no rules file.
    bulla(&sandbox, &["encrypt", "x.yaml"]).exits(1);
}

#[test]
fn explain_names_rule_recipients_and_paths_and_shows_no_value() {
    let sandbox = repository();
    sandbox.write("apps/db.enc.yaml", MANIFEST);
    let run = bulla(&sandbox, &["rules", "explain", "apps/db.enc.yaml"]).ok();
    let expected = format!(
        "\
file      apps/db.enc.yaml
rule      .sops-rules.yaml:4 (path_glob: **/*.enc.yaml)
for       alice age {}
state     not sealed
selector  encrypted_regex: ^(data|stringData)$ (Kubernetes objects)
seals     [\"stringData\"][\"password\"]
          [\"stringData\"][\"user\"]
",
        keys::age_recipient()
    );
    assert_eq!(run.out(), expected);
    says_nothing_of(&sandbox, &run, &[SECRET, "do not tell"]);

    bulla(&sandbox, &["encrypt", "-i", "apps/db.enc.yaml"]).ok();
    let run = bulla(&sandbox, &["rules", "explain", "apps/db.enc.yaml"]).ok();
    assert!(run.out().contains("\nstate     sealed;"), "{}", run.out());
    let run = bulla(&sandbox, &["rules", "explain", "apps/new.enc.yaml"]).ok();
    assert!(run.out().ends_with("\nstate     not there yet\n"), "{}", run.out());
    let run = bulla(&sandbox, &["rules", "explain", "README.md"]).ok();
    assert_eq!(run.out(), "file      README.md\nrule      none of .sops-rules.yaml\n");
}

#[test]
fn explain_says_what_would_be_refused() {
    let sandbox = repository();
    sandbox.write("x.enc.yaml", MANIFEST.replace("alice", "12345678e90"));
    let run = bulla(&sandbox, &["rules", "explain", "x.enc.yaml"]).exits(2);
    assert!(run.out().contains("rule      .sops-rules.yaml:4"));
    assert!(
        run.err().contains("x.enc.yaml: line 7, [\"stringData\"][\"user\"]: "),
        "{}",
        run.err()
    );
    says_nothing_of(&sandbox, &run, &[SECRET, "12345678e90"]);
}

#[test]
fn check_finds_rules_and_files_that_do_not_fit() {
    let sandbox = Sandbox::new();
    let alice = keys::age_recipient();
    sandbox.git(&["init", "--quiet"]);
    let text = format!(
        "creation_rules:
  - path_glob: apps/**
    age: {alice}
  - path_regex: ^apps/web/
    age: {alice}
  - path_regex: ^gone/
    age: {alice}
"
    );
    sandbox.write(".sops-rules.yaml", text);
    sandbox.write("nested/.sops.yaml", rules(alice, "path_regex: ^never$"));
    sandbox.write("apps/web/db.yaml", MANIFEST);
    sandbox.write("apps/sealed.yaml", MANIFEST);
    sandbox.write("apps/untracked.yaml", MANIFEST);
    sandbox.write("nested/README.md", "text\n");
    bulla(&sandbox, &["encrypt", "-i", "apps/sealed.yaml"]).ok();
    sandbox.git(&["add", ".sops-rules.yaml", "nested", "apps/web", "apps/sealed.yaml"]);
    let run = bulla(&sandbox, &["rules", "check"]).exits(1);
    let expected = "\
.sops-rules.yaml:2: apps/web/db.yaml is not sealed, and this rule is for it; encrypt it, or narrow the rule
.sops-rules.yaml:4: the rule on line 2 comes first and takes the files of this one; move this rule up or remove it
.sops-rules.yaml:6: no tracked file matches `path_regex: ^gone/`; correct it or remove the rule
nested/.sops.yaml:2: no tracked file matches `path_regex: ^never$`; correct it or remove the rule
";
    assert_eq!(run.out(), expected);
    assert_eq!(run.err(), "bulla: the rules do not fit the files: 4 findings\n");
    says_nothing_of(&sandbox, &run, &[SECRET]);
    // From below, the rules above are meant; of a directory with its own, these.
    assert_eq!(bulla(&sandbox, &["rules", "check", "apps"]).exits(1).out(), expected);
    let nested = bulla(&sandbox, &["rules", "check", "nested"]).exits(1);
    assert_eq!(nested.out().lines().count(), 1);
}

#[test]
fn check_is_content_with_rules_that_fit() {
    let sandbox = repository();
    sandbox.git(&["init", "--quiet"]);
    sandbox.write("db.enc.yaml", MANIFEST);
    sandbox.write("README.md", "text\n");
    bulla(&sandbox, &["encrypt", "-i", "db.enc.yaml"]).ok();
    sandbox.git(&["add", "."]);
    let run = bulla(&sandbox, &["rules", "check"]).ok();
    assert_eq!((run.out(), run.err()), ("", ""));
    // A link out of the repository is not followed.
    symlink("/etc/hostname", sandbox.path("link.enc.yaml")).unwrap();
    sandbox.git(&["add", "."]);
    bulla(&sandbox, &["rules", "check"]).ok();
}

#[test]
fn check_needs_git_and_rules() {
    let sandbox = Sandbox::new();
    bulla(&sandbox, &["rules", "check"]).exits(1);
    let run = bulla(&repository(), &["rules", "check"]).exits(1);
    assert!(run.err().contains("git cannot list its files"), "{}", run.err());
}
