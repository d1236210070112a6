//! Who writes the record, who asks for it, and what becomes of recipients that nobody
//! has added.

use bulla_testkit::Run;

use super::*;

const SECRET: &str =
    "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: hunter2\n";

fn bulla(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let mut bulla = sandbox.bulla();
    bulla.env("SOPS_AGE_KEY_FILE", keys::age_identity_file());
    sandbox.run(bulla.args(arguments))
}

/// A sandbox with a sealed file and a rule for it.
fn sandbox(more: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let recipient = keys::age_recipient();
    sandbox.write(".sops.yaml", format!("creation_rules:\n  - age: {recipient}\n{more}"));
    sandbox.write("s.yaml", seal(SECRET, Format::Yaml, &recipe(), &keyring(), NOW).unwrap().text);
    sandbox
}

fn without_record(sandbox: &Sandbox) {
    let text = sandbox.read_text("s.yaml");
    sandbox.write("s.yaml", text.split_once("    bulla:\n").unwrap().0);
}

/// Appends a recipient that nothing is wrapped for, as anybody can.
fn append(sandbox: &Sandbox, recipient: &str) {
    let entry = format!("    age:\n        - recipient: {recipient}\n          enc: x\n");
    let text = sandbox.read_text("s.yaml").replacen("    age:\n", &entry, 1);
    sandbox.write("s.yaml", text);
}

fn record_of(sandbox: &Sandbox) -> String {
    let text = sandbox.read_text("s.yaml");
    assert_eq!(records(&text).len(), 1, "{text}");
    records(&text)[0].to_owned()
}

#[test]
fn every_verb_that_writes_a_file_writes_its_record() {
    let sandbox = sandbox("");
    let password = r#"["stringData"]["password"]"#;
    let other = keys::age_other_recipient();
    let verbs: [&[&str]; 5] = [
        &["set", "s.yaml", password, "\"s3cret\""],
        &["unset", "s.yaml", r#"["metadata"]"#],
        &["rotate", "-i", "s.yaml"],
        &["rotate", "-i", "s.yaml", "--add-age", other],
        &["updatekeys", "-y", "s.yaml"],
    ];
    for verb in verbs {
        let with_record = sandbox.read_text("s.yaml");
        let before = record_of(&sandbox);
        bulla(&sandbox, verb).ok();
        assert_ne!(record_of(&sandbox), before, "{verb:?}");
        bulla(&sandbox, &["decrypt", "s.yaml"]).ok();
        // sops drops the record, and the next writer puts it back.
        sandbox.write("s.yaml", with_record);
        without_record(&sandbox);
        bulla(&sandbox, verb).ok();
        record_of(&sandbox);
        bulla(&sandbox, &["decrypt", "s.yaml"]).ok();
    }
    // What changes nothing leaves the file as it is, with a record or without.
    without_record(&sandbox);
    let before = sandbox.read_text("s.yaml");
    bulla(&sandbox, &["set", "s.yaml", password, "\"s3cret\""]).ok();
    assert_eq!(sandbox.read_text("s.yaml"), before);
}

#[test]
fn sealing_over_a_file_without_a_record_adds_it_and_nothing_else() {
    let sandbox = sandbox("");
    sandbox.write("plain.yaml", SECRET);
    let with_record = sandbox.read_text("s.yaml");
    without_record(&sandbox);
    bulla(&sandbox, &["encrypt", "plain.yaml", "--output", "s.yaml"]).ok();
    assert_eq!(sandbox.read_text("s.yaml"), with_record);
}

#[test]
fn a_required_record_has_to_be_there_and_to_hold() {
    let required = sandbox("    integrity: required\n");
    let free = sandbox("");
    for sandbox in [&required, &free] {
        assert_eq!(bulla(sandbox, &["decrypt", "s.yaml"]).ok().out(), SECRET);
        without_record(sandbox);
    }
    assert_eq!(bulla(&free, &["decrypt", "s.yaml"]).ok().out(), SECRET);
    let refused: [(&Sandbox, &[&str]); 6] = [
        (&free, &["decrypt", "--require-integrity", "s.yaml"]),
        (&required, &["decrypt", "s.yaml"]),
        (&required, &["decrypt", "--ignore-mac", "s.yaml"]),
        (&required, &["set", "s.yaml", "[\"a\"]", "1"]),
        (&required, &["rotate", "-i", "s.yaml"]),
        (&required, &["exec-env", "s.yaml", "true"]),
    ];
    for (sandbox, arguments) in refused {
        let run = bulla(sandbox, arguments).exits(51);
        assert!(run.err().contains("has no integrity record"), "{}", run.err());
        assert_eq!(run.out(), "");
    }
    // Whoever has looked at the file puts it back.
    bulla(&required, &["updatekeys", "--check", "s.yaml"]).exits(1);
    bulla(&required, &["updatekeys", "-y", "s.yaml"]).ok();
    bulla(&required, &["updatekeys", "--check", "s.yaml"]).ok();
    assert_eq!(bulla(&required, &["decrypt", "s.yaml"]).ok().out(), SECRET);
}

#[test]
fn what_is_ignored_is_said_and_a_required_record_is_not_ignored() {
    let sandbox = sandbox("");
    let tampered = sandbox.read_text("s.yaml").replace("  name: db\n", "  name: db\n  uid:\n");
    sandbox.write("s.yaml", tampered);
    let run = bulla(&sandbox, &["decrypt", "s.yaml"]).exits(51);
    assert!(run.err().contains("the integrity record does not match"), "{}", run.err());
    assert_eq!(run.out(), "");
    let run = bulla(&sandbox, &["decrypt", "--ignore-mac", "s.yaml"]).ok();
    assert_eq!(run.out(), SECRET.replace("  name: db\n", "  name: db\n  uid:\n"));
    assert!(run.err().contains("the integrity record does not match; opened all the same"));
    let run = bulla(&sandbox, &["decrypt", "--ignore-mac", "--require-integrity", "s.yaml"]);
    assert_eq!(run.exits(51).out(), "");
    // Setting a value is a way to say that the file is right now.
    let set = ["set", "--ignore-mac", "s.yaml", "[\"stringData\"][\"password\"]", "\"s3cret\""];
    let run = bulla(&sandbox, &set).ok();
    assert!(run.err().contains("opened all the same"), "{}", run.err());
    bulla(&sandbox, &["decrypt", "s.yaml"]).ok();
}

/// The verbs that would let a recipient in.
fn changes() -> [Vec<&'static str>; 4] {
    [
        vec!["rotate", "-i", "s.yaml"],
        vec!["set", "s.yaml", "[\"stringData\"][\"password\"]", "\"s3cret\""],
        vec!["unset", "s.yaml", "[\"metadata\"]"],
        vec!["groups", "add", "-i", "--file", "s.yaml", "--age", keys::age_recipient()],
    ]
}

#[test]
fn a_recipient_from_nowhere_gets_nothing() {
    let other = keys::age_other_recipient();
    for change in changes() {
        // With a record, the file is not opened at all.
        let sandbox = sandbox("");
        append(&sandbox, other);
        let before = sandbox.read_text("s.yaml");
        bulla(&sandbox, &change).exits(51);
        assert_eq!(sandbox.read_text("s.yaml"), before, "{change:?}");

        // Without one, the rule does not know the recipient.
        without_record(&sandbox);
        let before = sandbox.read_text("s.yaml");
        let run = bulla(&sandbox, &change).exits(54);
        assert!(run.err().contains(other), "{}", run.err());
        assert!(run.err().contains("--accept-recipient"), "{}", run.err());
        assert_eq!(sandbox.read_text("s.yaml"), before, "{change:?}");

        // Who is named may stay; who is in the rule is known.
        let accepted = [change.as_slice(), &["--accept-recipient", other]].concat();
        bulla(&sandbox, &accepted).ok();
        sandbox.write("s.yaml", before);
        let rule = format!("creation_rules:\n  - age: '{},{other}'\n", keys::age_recipient());
        sandbox.write(".sops.yaml", rule);
        bulla(&sandbox, &change).ok();
    }
}

#[test]
fn a_recipient_that_goes_or_is_typed_is_named() {
    let other = keys::age_other_recipient();
    for flag in ["--rm-age", "--add-age"] {
        let sandbox = sandbox("");
        append(&sandbox, other);
        without_record(&sandbox);
        bulla(&sandbox, &["rotate", "-i", flag, other, "s.yaml"]).ok();
        assert_eq!(sandbox.read_text("s.yaml").contains(other), flag == "--add-age");
    }
    let sandbox = sandbox("");
    append(&sandbox, other);
    without_record(&sandbox);
    bulla(&sandbox, &["updatekeys", "-y", "s.yaml"]).ok();
    assert!(!sandbox.read_text("s.yaml").contains(other), "the rule does not name it");
}

#[test]
fn git_knows_the_recipients_of_the_last_commit() {
    let other = keys::age_other_recipient();
    let sandbox = Sandbox::new();
    sandbox.write("s.yaml", seal(SECRET, Format::Yaml, &recipe(), &keyring(), NOW).unwrap().text);
    without_record(&sandbox);
    // Nobody to ask: neither a rule nor git.
    bulla(&sandbox, &["set", "s.yaml", "[\"a\"]", "1"]).ok();
    without_record(&sandbox);
    sandbox.git(&["init", "-q"]).ok();
    sandbox.git(&["add", "s.yaml"]).ok();
    sandbox.git(&["commit", "-q", "-m", "seal"]).ok();
    append(&sandbox, other);
    let run = bulla(&sandbox, &["rotate", "-i", "s.yaml"]).exits(54);
    assert!(run.err().contains("git has at HEAD"), "{}", run.err());
    sandbox.git(&["commit", "-q", "-a", "-m", "append"]).ok();
    bulla(&sandbox, &["set", "s.yaml", "[\"a\"]", "2"]).ok();
}
