//! `rotate`.

use bulla_testkit::keys;

use crate::common::{Both, bulla, opened_by_sops, recipients, tokens};

#[test]
fn every_ciphertext_is_new_and_the_values_are_the_old() {
    let both = Both::new();
    let before = both.bulla.read_text("sealed.yaml");
    both.same(&["rotate", "-i", "sealed.yaml"]);
    let after = both.bulla.read_text("sealed.yaml");
    assert!(tokens(&after).iter().all(|token| !tokens(&before).contains(token)));
    assert_eq!(recipients(&after), recipients(&before));
    let run = bulla(&both.bulla, &["rotate", "sealed.yaml"]).ok();
    assert_eq!(both.bulla.read_text("sealed.yaml"), after);
    both.bulla.write("other.yaml", run.out());
    assert_eq!(
        opened_by_sops(&both.bulla, "other.yaml"),
        opened_by_sops(&both.bulla, "sealed.yaml")
    );
    bulla(&both.bulla, &["rotate", "sealed.yaml", "--output", "out.yaml"]).ok();
    assert_eq!(opened_by_sops(&both.bulla, "out.yaml"), opened_by_sops(&both.bulla, "sealed.yaml"));
}

#[test]
fn keys_come_and_go_as_with_sops() {
    let both = Both::new();
    let (mine, other) = (keys::age_recipient(), keys::age_other_recipient());
    both.same(&["rotate", "-i", "--add-age", other, "sealed.yaml"]);
    assert_eq!(recipients(&both.bulla.read_text("sealed.yaml")), [mine, other]);
    let runs = both.same(&["rotate", "-i", "--rm-age", mine, "sealed.yaml"]);
    for sandbox in [&both.sops, &both.bulla] {
        assert_eq!(recipients(&sandbox.read_text("sealed.yaml")), [other]);
    }
    assert!(runs.bulla.err().contains("has known the values"), "{}", runs.bulla.err());
}

#[test]
fn a_key_that_is_there_is_not_added_twice_nor_one_that_is_not_removed() {
    // sops adds it twice, and stops with a panic when it is to be removed then.
    let both = Both::new();
    let (mine, other) = (keys::age_recipient(), keys::age_other_recipient());
    for _ in 0..2 {
        bulla(&both.bulla, &["rotate", "-i", "--add-age", other, "sealed.yaml"]).ok();
        assert_eq!(recipients(&both.bulla.read_text("sealed.yaml")), [mine, other]);
    }
    for said in [false, true] {
        let run = bulla(&both.bulla, &["rotate", "-i", "--rm-age", other, "sealed.yaml"]).ok();
        assert_eq!(run.err().contains("is no key of this file"), said);
        assert_eq!(recipients(&both.bulla.read_text("sealed.yaml")), [mine]);
    }
    let before = both.bulla.read_text("sealed.yaml");
    bulla(&both.bulla, &["rotate", "-i", "--rm-age", mine, "sealed.yaml"]).exits(1);
    assert_eq!(both.bulla.read_text("sealed.yaml"), before);
}

#[test]
fn what_cannot_be_done_has_the_code_of_sops() {
    let both = Both::new();
    let other = keys::age_other_recipient();
    for args in [
        &["rotate"][..],
        &["rotate", "missing.yaml"],
        &["rotate", "--add-age", other, "missing.yaml"],
        &["rotate", "--rm-pgp", "85D77543B3D624B63CEA9E6DBC17301B491B3F21", "missing.yaml"],
        &["rotate", "plain.yaml"],
        &["rotate", "-i", "--output", "o.yaml", "sealed.yaml"],
        &["rotate", "--add-age", "foo", "sealed.yaml"],
    ] {
        let runs = both.same(args);
        assert!(runs.bulla.stdout.is_empty() && !runs.bulla.err().is_empty(), "{args:?}");
    }
    bulla(&both.bulla, &["rotate", "--encryption-context", "a", "sealed.yaml"]).exits(6);
}

#[test]
fn what_the_file_says_besides_is_kept() {
    let both = Both::new();
    let theirs = both.bulla.read_text("sealed.yaml");
    let theirs = theirs.replace("    version:", "    somebody: else\n    version:");
    both.bulla.write("sealed.yaml", theirs);
    bulla(&both.bulla, &["rotate", "-i", "sealed.yaml"]).ok();
    let after = both.bulla.read_text("sealed.yaml");
    assert!(after.contains("somebody: else") && after.contains("unencrypted_suffix: _unencrypted"));
    let mac_only = "a: 1\nb_unencrypted: 2\n";
    both.bulla.write("mac.yaml", mac_only);
    let seal = ["encrypt", "-i", "--mac-only-encrypted", "--age", keys::age_recipient()];
    bulla(&both.bulla, &[&seal[..], &["mac.yaml"]].concat()).ok();
    bulla(&both.bulla, &["rotate", "-i", "mac.yaml"]).ok();
    let after = both.bulla.read_text("mac.yaml");
    assert!(after.contains("mac_only_encrypted: true"));
    both.bulla.write("mac.yaml", after.replace("b_unencrypted: 2", "b_unencrypted: 3"));
    assert_eq!(opened_by_sops(&both.bulla, "mac.yaml"), "a: 1\nb_unencrypted: 3\n");
}
