//! `groups add` and `groups delete`.

use bulla_testkit::keys;

use crate::common::{Both, bulla, opened_by_sops, recipients, tokens};

#[test]
fn a_group_is_added_and_deleted_as_by_sops() {
    let both = Both::new();
    let before = both.bulla.read_text("sealed.yaml");
    let other = keys::age_other_recipient();
    both.same(&["groups", "add", "-f", "sealed.yaml", "--age", other, "-i"]);
    for sandbox in [&both.sops, &both.bulla] {
        let text = sandbox.read_text("sealed.yaml");
        assert!(text.contains("key_groups:"));
        assert_eq!(recipients(&text), [keys::age_recipient(), other]);
    }
    // The data key and everything it sealed stay.
    assert_eq!(tokens(&both.bulla.read_text("sealed.yaml")), tokens(&before));
    // Neither group is enough.
    let mut alone = both.bulla.bulla();
    alone.args(["decrypt", "sealed.yaml"]).env("SOPS_AGE_KEY", keys::age_identity());
    both.bulla.run(&mut alone).exits(128);
    // Two groups are needed, so one is not enough to be left.
    let delete = ["groups", "delete", "-i", "-f", "sealed.yaml", "0"];
    let threshold = ["--shamir-secret-sharing-threshold", "1"];
    both.same(&[&delete[..2], &threshold, &delete[2..]].concat());
    for sandbox in [&both.sops, &both.bulla] {
        assert_eq!(recipients(&sandbox.read_text("sealed.yaml")), [other]);
    }
    both.bulla.run(&mut alone).exits(128);
}

#[test]
fn a_threshold_decides_how_many_groups_open_the_file() {
    let both = Both::new();
    let (mine, other) = (keys::age_recipient(), keys::age_other_recipient());
    both.same(&["groups", "add", "-i", "-f", "sealed.yaml", "--age", other]);
    let three = ["groups", "add", "-i", "-f", "sealed.yaml", "--age", mine];
    both.same(&[&three[..], &["--shamir-secret-sharing-threshold", "2"]].concat());
    // Two of the three are the test key's.
    let mut alone = both.bulla.bulla();
    alone.args(["decrypt", "sealed.yaml"]).env("SOPS_AGE_KEY", keys::age_identity());
    both.bulla.run(&mut alone).ok();
    let delete = ["groups", "delete", "-i", "-f", "sealed.yaml", "0"];
    both.same(&delete);
    assert_eq!(recipients(&both.bulla.read_text("sealed.yaml")), [other, mine]);
    both.same(&delete);
}

#[test]
fn without_in_place_the_file_goes_to_standard_output() {
    let both = Both::new();
    let before = both.bulla.read_text("sealed.yaml");
    let other = keys::age_other_recipient();
    let run = bulla(&both.bulla, &["groups", "add", "-f", "sealed.yaml", "--age", other]).ok();
    assert_eq!(both.bulla.read_text("sealed.yaml"), before);
    both.bulla.write("out.yaml", run.out());
    assert_eq!(opened_by_sops(&both.bulla, "out.yaml"), opened_by_sops(&both.bulla, "sealed.yaml"));
}

#[test]
fn what_cannot_be_done_changes_nothing() {
    let both = Both::new();
    let other = keys::age_other_recipient();
    for args in [
        &["groups", "add", "-f", "missing.yaml", "--age", other][..],
        &["groups", "add", "-f", "plain.yaml", "--age", other],
        &["groups", "delete", "-f", "sealed.yaml", "x"],
    ] {
        both.same(args);
    }
    let before = both.bulla.read_text("sealed.yaml");
    for (args, code) in [
        // sops adds a group that nobody can open.
        (&["groups", "add", "-i", "-f", "sealed.yaml"][..], 8),
        // sops stops with a panic.
        (&["groups", "delete", "-i", "-f", "sealed.yaml", "5"], 1),
        (&["groups", "delete", "-i", "-f", "sealed.yaml", "0"], 1),
        (&["groups", "delete", "-f", "sealed.yaml"], 100),
        (&["groups", "add", "--age", other], 100),
    ] {
        let run = bulla(&both.bulla, args).exits(code);
        assert!(run.stdout.is_empty(), "{args:?}");
        assert_eq!(both.bulla.read_text("sealed.yaml"), before, "{args:?}");
    }
    // sops writes a file that no threshold fits.
    let three = ["groups", "add", "-i", "-f", "sealed.yaml", "--age", other];
    for threshold in ["1", "3"] {
        let line = [&three[..], &["--shamir-secret-sharing-threshold", threshold]].concat();
        bulla(&both.bulla, &line).exits(1);
        assert_eq!(both.bulla.read_text("sealed.yaml"), before);
    }
}
