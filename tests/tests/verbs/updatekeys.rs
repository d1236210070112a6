//! `updatekeys`.

use bulla_testkit::keys;

use crate::common::{Both, bulla, opened_by_sops, recipients, tokens};

fn rules(keys: &str) -> String {
    format!("creation_rules:\n  - age: {keys}\n")
}

#[test]
fn keys_come_and_go_as_with_sops_and_the_rest_stays() {
    let both = Both::new();
    let (mine, other) = (keys::age_recipient(), keys::age_other_recipient());
    let before = both.bulla.read_text("sealed.yaml");
    both.write(".sops.yaml", &rules(mine));
    both.same(&["updatekeys", "sealed.yaml"]);
    assert_eq!(both.bulla.read_text("sealed.yaml"), before);
    both.write(".sops.yaml", &rules(&format!("{mine},{other}")));
    let runs = both.same(&["updatekeys", "-y", "sealed.yaml"]);
    let diff = format!("Group 1\n    {mine}\n+++ {other}\n");
    assert!(runs.sops.out().contains(&diff) && runs.bulla.out().contains(&diff));
    let after = both.bulla.read_text("sealed.yaml");
    assert_eq!(recipients(&after), [mine, other]);
    // Besides the new entries, not a line has changed.
    let mut lines = after.lines();
    assert!(before.lines().all(|line| lines.any(|new| new == line)));
    both.write(".sops.yaml", &rules(mine));
    let runs = both.same(&["updatekeys", "-y", "sealed.yaml"]);
    let diff = format!("Group 1\n    {mine}\n--- {other}\n");
    assert!(runs.sops.out().contains(&diff) && runs.bulla.out().contains(&diff));
    let after = both.bulla.read_text("sealed.yaml");
    let is_record = |line: &&str| *line == "    bulla:" || line.starts_with("        integrity: ");
    assert_eq!(after.lines().filter(is_record).count(), 4, "one in each document");
    let without_record = after.lines().filter(|line| !is_record(line));
    assert!(without_record.eq(before.lines()), "{after}");
    assert!(runs.bulla.err().contains("has known the data key"), "{}", runs.bulla.err());
    assert!(runs.bulla.err().contains("bulla rotate -i sealed.yaml"), "{}", runs.bulla.err());
}

#[test]
fn it_asks_and_an_answer_is_needed() {
    let (mine, other) = (keys::age_recipient(), keys::age_other_recipient());
    for (answer, code, count) in [("y\n", 0, 2), ("what?\ny\n", 0, 2), ("n\n", 0, 1), ("", 1, 1)] {
        let both = Both::new();
        both.write(".sops.yaml", &rules(&format!("{mine},{other}")));
        let runs = both.run_with(&["updatekeys", "sealed.yaml"], answer);
        assert_eq!((runs.sops.code, runs.bulla.code), (code, code), "{answer:?}");
        for sandbox in [&both.sops, &both.bulla] {
            assert_eq!(recipients(&sandbox.read_text("sealed.yaml")).len(), count, "{answer:?}");
        }
        assert!(runs.bulla.out().contains("Is this okay? (y/n):"));
    }
}

#[test]
fn a_threshold_of_the_rule_counts() {
    let both = Both::new();
    let (mine, other) = (keys::age_recipient(), keys::age_other_recipient());
    let groups = |threshold: usize| {
        format!(
            "creation_rules:\n  - shamir_threshold: {threshold}\n    key_groups:\n      - age: [{mine}]\n      - age: [{other}]\n      - age: [{mine}]\n"
        )
    };
    both.write(".sops.yaml", &groups(3));
    both.same(&["updatekeys", "-y", "sealed.yaml"]);
    let before = tokens(&both.bulla.read_text("sealed.yaml")).join("");
    // sops says that the file is up to date.
    both.write(".sops.yaml", &groups(2));
    let run = bulla(&both.bulla, &["updatekeys", "-y", "sealed.yaml"]).ok();
    assert!(run.out().contains("2 of the groups are needed to open it, instead of 3"));
    let after = both.bulla.read_text("sealed.yaml");
    assert!(after.contains("shamir_threshold: 2"));
    assert_eq!(tokens(&after).join(""), before);
    let mut alone = both.bulla.bulla();
    alone.args(["decrypt", "sealed.yaml"]).env("SOPS_AGE_KEY", keys::age_identity());
    both.bulla.run(&mut alone).ok();
    opened_by_sops(&both.bulla, "sealed.yaml");
}

#[test]
fn a_mac_that_does_not_hold_stops_it() {
    let both = Both::new();
    let text = both.bulla.read_text("sealed.yaml");
    let line = text.lines().next().expect("a line").to_owned();
    let tampered = text.replacen(&line, "a: \"\"", 1);
    both.write("sealed.yaml", &tampered);
    let everybody = format!("{},{}", keys::age_recipient(), keys::age_other_recipient());
    both.write(".sops.yaml", &rules(&everybody));
    let runs = both.run(&["updatekeys", "-y", "sealed.yaml"]);
    // sops seals what somebody changed for one more.
    assert_eq!((runs.sops.code, runs.bulla.code), (0, 51));
    assert_eq!(both.bulla.read_text("sealed.yaml"), tampered);
}

#[test]
fn what_cannot_be_done_has_the_code_of_sops() {
    let both = Both::new();
    both.same(&["updatekeys", "sealed.yaml"]);
    both.write(".sops.yaml", &rules(keys::age_recipient()));
    both.same(&["updatekeys"]);
    both.same(&["updatekeys", "missing.yaml"]);
    both.same(&["updatekeys", "plain.yaml"]);
    both.same(&["updatekeys", "-y", "sealed.yaml", "missing.yaml", "plain.yaml"]);
    let rule = format!("creation_rules:\n  - path_regex: zz\n    age: {}\n", keys::age_recipient());
    both.write(".sops.yaml", &rule);
    both.same(&["updatekeys", "sealed.yaml"]);
}

#[test]
fn a_directory_is_all_sealed_files_below_it_and_a_check_changes_none() {
    let both = Both::new();
    let sandbox = &both.bulla;
    let (mine, other) = (keys::age_recipient(), keys::age_other_recipient());
    let sealed = sandbox.read_text("sealed.yaml");
    for name in ["tree/a.yaml", "tree/b/c.yaml", "tree/.git/d.yaml"] {
        sandbox.write(name, &sealed);
    }
    sandbox.write("tree/plain.yaml", "a: 1\n");
    sandbox.write("tree/README.md", "ENC[AES256_GCM,");
    sandbox.write(".sops-rules.yaml", format!("recipients:\n  alice: {mine}\n  bob: {other}\ncreation_rules:\n  - recipients: [alice, bob]\n"));
    // Without any key: that is what CI has.
    let mut check = sandbox.bulla();
    let run = sandbox.run(check.args(["updatekeys", "--check", "tree"])).exits(1);
    assert!(run.out().contains(&format!("+++ {other} (bob)")), "{}", run.out());
    assert_eq!(run.out().matches("Group 1").count(), 2);
    assert_eq!(sandbox.read_text("tree/a.yaml"), sealed);
    bulla(sandbox, &["updatekeys", "--yes", "tree"]).ok();
    for (name, count) in [("tree/a.yaml", 2), ("tree/b/c.yaml", 2), ("tree/.git/d.yaml", 1)] {
        assert_eq!(recipients(&sandbox.read_text(name)).len(), count, "{name}");
    }
    sandbox.run(sandbox.bulla().args(["updatekeys", "--check", "tree"])).ok();
}
