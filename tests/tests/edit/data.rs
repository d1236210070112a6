//! What is shown besides the text: decoded data, and the `sops` block.

use bulla_testkit::{Sandbox, binary, keys};

use crate::common::{edit, nothing_is_left, opened_by_sops, script, sealed, with_key};

const SECRET: &str = "\
apiVersion: v1
kind: Secret
metadata:
  name: db
data:
  user: YWxpY2U=
  token: aHVudGVyMi1jb3JyZWN0LWhvcnNl
  binary: AAEC/w==
";

fn secret() -> Sandbox {
    let sandbox = sealed();
    sandbox.write("s.yaml", SECRET);
    let mut bulla = with_key(&sandbox, &binary("bulla"));
    sandbox.run(bulla.args(["encrypt", "-i", "s.yaml"])).ok();
    sandbox
}

#[test]
fn data_is_shown_decoded_and_what_did_not_change_keeps_its_ciphertext() {
    let sandbox = secret();
    let before = sandbox.read_text("s.yaml");
    let check = "grep -q '^  token: hunter2-correct-horse$' \"$1\" && \
                 grep -q '^  binary: !!binary AAEC/w==$' \"$1\" || exit 1\n\
                 sed -i 's/user: alice/user: bob/' \"$1\"";
    script(&sandbox, check);
    let run = edit(&sandbox, &["--decode", "s.yaml"]).ok();
    assert!(run.err().contains("shown decoded"), "{}", run.err());
    let after = sandbox.read_text("s.yaml");
    for (key, same) in [("user", false), ("token", true), ("binary", true)] {
        let line = |text: &str| {
            let start = format!("  {key}:");
            text.lines().find(|line| line.starts_with(&start)).expect("it is there").to_owned()
        };
        assert_eq!(line(&before) == line(&after), same, "{key}");
    }
    assert_eq!(
        opened_by_sops(&sandbox, "s.yaml").replace("    ", "  "),
        SECRET.replace("YWxpY2U=", "Ym9i")
    );
    nothing_is_left(&sandbox);
}

#[test]
fn without_a_terminal_data_is_shown_as_it_is() {
    let sandbox = secret();
    for flags in [&["s.yaml"][..], &["--decode", "--no-decode", "s.yaml"]] {
        script(&sandbox, "grep -q 'user: YWxpY2U=' \"$1\" || exit 1");
        edit(&sandbox, flags).exits(200);
    }
}

#[test]
fn the_block_can_be_edited() {
    let sandbox = sealed();
    let other = keys::age_other_recipient();
    let before = sandbox.read_text("x.yaml");
    script(&sandbox, "grep -q '^user: alice$' \"$1\" && grep -q '^sops:' \"$1\" || exit 1");
    edit(&sandbox, &["-s", "x.yaml"]).exits(200);

    // The password alone, from now on.
    script(&sandbox, "sed -i 's/unencrypted_suffix: .*/encrypted_regex: ^password$/' \"$1\"");
    edit(&sandbox, &["--show-master-keys", "x.yaml"]).ok();
    let after = sandbox.read_text("x.yaml");
    assert!(after.contains("\nuser: alice\n") && !after.contains("hunter2"), "{after}");
    // Without the comment behind it, which this selector does not cover.
    let password = |text: &str| {
        let line = text.lines().find(|line| line.starts_with("password:"));
        line.and_then(|line| line.split('#').next()).map(|line| line.trim_end().to_owned())
    };
    assert_eq!(password(&before), password(&after), "the data key stays");

    // Somebody else instead: who has known the data key does not know the new one.
    script(&sandbox, &format!("sed -i 's/recipient: .*/recipient: {other}/' \"$1\""));
    edit(&sandbox, &["-s", "x.yaml"]).ok();
    let handed_over = sandbox.read_text("x.yaml");
    assert!(handed_over.contains(other) && !handed_over.contains(keys::age_recipient()));
    assert_ne!(password(&after), password(&handed_over));
    let mut bulla = with_key(&sandbox, &binary("bulla"));
    sandbox.run(bulla.args(["decrypt", "x.yaml"])).exits(128);
    bulla.env("SOPS_AGE_KEY_FILE", keys::age_other_identity_file());
    assert!(sandbox.run(&mut bulla).ok().out().contains("user: alice"));
}

#[test]
fn a_block_that_names_nobody_is_refused() {
    let sandbox = sealed();
    let before = sandbox.read("x.yaml");
    for change in ["s/recipient:/nobody:/", "/^sops:/,$d", "s/- enc:.*/- x: y/"] {
        script(&sandbox, &format!("sed -i '{change}' \"$1\""));
        let run = edit(&sandbox, &["-s", "x.yaml"]);
        assert_ne!(run.code, 0, "{change}");
        assert_eq!(sandbox.read("x.yaml"), before, "{change}");
    }
    nothing_is_left(&sandbox);
}

#[test]
fn a_mac_that_does_not_hold_is_ignored_when_that_is_asked_for() {
    let sandbox = sealed();
    let text = sandbox.read_text("x.yaml").replace("\nuser:", "\nadded_unencrypted: 1\nuser:");
    sandbox.write("x.yaml", text);
    script(&sandbox, "sed -i s/alice/bob/ \"$1\"");
    edit(&sandbox, &["x.yaml"]).exits(51);
    edit(&sandbox, &["--ignore-mac", "x.yaml"]).ok();
    assert!(opened_by_sops(&sandbox, "x.yaml").contains("added_unencrypted: 1"));
}

#[test]
fn every_format_is_edited_as_it_is_written() {
    let sandbox = sealed();
    for (file, text) in [
        ("a.json", "{\n  \"user\": \"alice\", \"n\": 1\n}\n"),
        ("a.env", "# who\nuser=alice\n"),
        ("a.bin", "alice\x00\x01"),
    ] {
        sandbox.write(file, text);
        let mut bulla = with_key(&sandbox, &binary("bulla"));
        sandbox.run(bulla.args(["encrypt", "-i", file])).ok();
        script(&sandbox, "sed -i s/alice/bob/ \"$1\"");
        edit(&sandbox, &[file]).ok();
        let mut bulla = with_key(&sandbox, &binary("bulla"));
        let opened = sandbox.run(bulla.args(["decrypt", file])).ok();
        assert_eq!(opened.out(), text.replace("alice", "bob"), "{file}");
        // sops reads it too.
        assert!(opened_by_sops(&sandbox, file).contains("bob"));
        edit(&sandbox, &[file]).exits(200);
        nothing_is_left(&sandbox);
    }
    for file in ["new.json", "new.env", "new.ini", "new.bin"] {
        script(
            &sandbox,
            "cat \"$1\" > \"$1.new\"; sed -i 's/admin/bob/; s/your/my/; s/what you/bob/' \"$1\"",
        );
        edit(&sandbox, &[file]).ok();
        let mut bulla = with_key(&sandbox, &binary("bulla"));
        assert!(sandbox.run(bulla.args(["decrypt", file])).ok().out().contains("bob"), "{file}");
    }
}

#[test]
fn the_block_is_shown_in_formats_that_have_room_for_it() {
    let sandbox = sealed();
    for (file, text) in [("a.json", "{\"user\": \"alice\"}\n"), ("a.env", "user=alice\n")] {
        sandbox.write(file, text);
        let mut bulla = with_key(&sandbox, &binary("bulla"));
        sandbox.run(bulla.args(["encrypt", "-i", file])).ok();
        script(&sandbox, "grep -q 'sops' \"$1\" && sed -i s/alice/bob/ \"$1\"");
        edit(&sandbox, &["-s", file]).ok();
        assert!(opened_by_sops(&sandbox, file).contains("bob"), "{file}");
    }
}
