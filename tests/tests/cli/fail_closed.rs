//! Inputs of which other tools make a file that looks sealed and is readable. Each
//! ends in an error: no output, nothing changed, and nothing said of the value.

use bulla_testkit::{Run, Sandbox, keys};

use crate::common::{MANIFEST, SECRET, bulla, repository, says_nothing_of, snapshot};

/// Seals `text` in each way there is, and checks that nothing comes of it.
#[track_caller]
fn refused(text: &str, flags: &[&str], code: i32, expected: &str) {
    let sandbox = repository();
    sandbox.write("x.enc.yaml", text);
    refused_in(&sandbox, flags, code, expected);
}

#[track_caller]
fn refused_in(sandbox: &Sandbox, flags: &[&str], code: i32, expected: &str) {
    let before = snapshot(sandbox);
    let ways: [&[&str]; 3] = [&[], &["--output", "out.yaml"], &["--in-place"]];
    for way in ways {
        let run = bulla(sandbox, &[&["encrypt", "x.enc.yaml"], flags, way].concat());
        check(sandbox, &run, code, expected);
        assert_eq!(snapshot(sandbox), before, "{} changed a file", run.command);
    }
}

#[track_caller]
fn check(sandbox: &Sandbox, run: &Run, code: i32, expected: &str) {
    assert_eq!(run.code, code, "{}: {}", run.command, run.err());
    assert!(run.stdout.is_empty(), "{} wrote to standard output", run.command);
    assert!(run.err().starts_with("bulla: "), "{}", run.err());
    assert!(run.err().contains(expected), "{expected} is not in: {}", run.err());
    says_nothing_of(sandbox, run, &[SECRET, "12345678901234567890", "0.1234567890123456789"]);
}

#[test]
fn a_regex_that_does_not_compile() {
    refused(MANIFEST, &["--encrypted-regex", "("], 1, "encrypted_regex does not compile");
    refused(MANIFEST, &["--unencrypted-regex", "^(?!data)"], 1, "unencrypted_regex does not");
    refused(MANIFEST, &["--encrypted-comment-regex", "["], 1, "does not compile");
    refused(MANIFEST, &["--encrypted-regex", ""], 1, "encrypted_regex is empty");

    let sandbox = repository();
    sandbox.write("x.enc.yaml", MANIFEST);
    let rules = sandbox.read_text(".sops-rules.yaml") + "    encrypted_regex: ^(?!metadata)\n";
    sandbox.write(".sops-rules.yaml", rules);
    refused_in(&sandbox, &[], 1, ".sops-rules.yaml:6: encrypted_regex does not compile");
}

#[test]
fn a_selector_that_selects_nothing() {
    refused(MANIFEST, &["--encrypted-regex", "^nothing$"], 23, "nothing in this file is selected");
    refused(MANIFEST, &["--encrypted-suffix", "_secret"], 23, "encrypted_suffix");
    refused(MANIFEST, &["--encrypted-comment-regex", "sops"], 23, "encrypted_comment_regex");
    let map = MANIFEST.replace("Secret", "ConfigMap").replace("stringData", "other");
    refused(&map, &[], 23, "nothing in this file is selected");
}

#[test]
fn a_secret_with_one_value_left_readable() {
    let both = format!("{MANIFEST}data:\n  token: aHVudGVyMg==\n");
    refused(&both, &["--encrypted-regex", "^data$"], 23, "line 6, [\"stringData\"][\"password\"]");
    refused(&both, &["--encrypted-regex", "^stringData$"], 23, "line 9, [\"data\"][\"token\"]");
    refused(MANIFEST, &["--unencrypted-regex", "^user$"], 23, "[\"stringData\"][\"user\"]");
    let list = format!("kind: List\nitems:\n- {}", MANIFEST.trim_end().replace('\n', "\n  "));
    refused(&list, &["--encrypted-regex", "^user$"], 23, "[\"items\"][0][\"stringData\"]");
}

#[test]
fn a_sops_key_in_any_document() {
    refused(&format!("{MANIFEST}sops: {{}}\n"), &[], 203, "line 8: there is a `sops` key already");
    refused(&format!("{MANIFEST}---\nsops: x\na: b\n"), &[], 203, "line 9: there is a `sops` key");
}

#[test]
fn a_number_that_go_yaml_would_destroy() {
    let with = |number: &str| format!("{MANIFEST}  pin: {number}\n");
    refused(
        &with("12345678901234567890"),
        &[],
        2,
        "line 8, [\"stringData\"][\"pin\"]: this integer",
    );
    refused(&with("0.1234567890123456789"), &[], 2, "would lose digits");
    refused(&with("12345678e90"), &[], 2, "looks like a key in hexadecimal; put it in quotes");
    // The fix that the message names.
    for number in ["12345678901234567890", "0.1234567890123456789", "12345678e90"] {
        let sandbox = repository();
        let text = with(&format!("'{number}'"));
        sandbox.write("x.enc.yaml", &text);
        bulla(&sandbox, &["encrypt", "-i", "x.enc.yaml"]).ok();
        assert_eq!(bulla(&sandbox, &["decrypt", "x.enc.yaml"]).ok().out(), text);
    }
}

#[test]
fn duplicate_keys_in_any_document() {
    refused(&format!("{MANIFEST}kind: Secret\n"), &[], 2, "line 8: this key is there twice");
    refused(&format!("{MANIFEST}---\na: 1\na: 2\n"), &[], 2, "line 10: this key is there");
}

#[test]
fn what_is_not_yaml_or_not_a_mapping() {
    refused(&format!("{MANIFEST}  broken: [\n"), &[], 2, "line 8: this is not valid YAML");
    refused(&format!("- {SECRET}\n"), &[], 2, "the top level is not a mapping");
    refused(SECRET, &[], 2, "the top level is not a mapping");
    refused("", &[], 92, "holds no document");
    refused("# only\n", &[], 92, "holds no document");
}

#[test]
fn bytes_that_are_no_text() {
    let sandbox = repository();
    sandbox.write("x.enc.yaml", [MANIFEST.as_bytes(), b"  x: \xff\n"].concat());
    refused_in(&sandbox, &[], 2, "line 8: this is not UTF-8");
}

#[test]
fn a_recipient_that_is_none() {
    for age in ["nobody", "age1qqqqqqqq", "", ","] {
        refused(MANIFEST, &["--age", age], 1, "--age: ");
    }
    // It is not shown either, though it is not the file's secret.
    let sandbox = repository();
    sandbox.write("x.enc.yaml", MANIFEST);
    refused_in(&sandbox, &["--age", keys::age_identity()], 1, "this is a private key");
    let run = bulla(&sandbox, &["encrypt", "x.enc.yaml", "--age", keys::age_identity()]);
    says_nothing_of(&sandbox, &run, &[keys::age_identity()]);
}

#[test]
fn a_damaged_file_is_not_opened_and_not_shown() {
    let sandbox = repository();
    sandbox.write("x.enc.yaml", MANIFEST);
    bulla(&sandbox, &["encrypt", "-i", "x.enc.yaml"]).ok();
    let sealed = sandbox.read_text("x.enc.yaml");
    let user = sealed.lines().find(|line| line.contains("user:")).unwrap();
    let (key, token) = user.split_once(": ").unwrap();
    let mac = sealed.lines().find(|line| line.contains("mac: ENC[")).unwrap();
    let cases = [
        (user, format!("{key}: {SECRET}"), 25, "line 7, [\"stringData\"][\"user\"]"),
        (user, format!("  password2: {token}"), 25, "[\"stringData\"][\"password2\"]"),
        (user, format!("{key}: \"\""), 51, "the MAC does not match"),
        ("name: db", "name: hunter2".to_owned(), 51, "the MAC does not match"),
        (mac, "    mac: \"\"".to_owned(), 51, "no MAC"),
        (mac, format!("    mac: {token}"), 51, "the MAC of this file was changed"),
    ];
    for (old, new, code, expected) in cases {
        sandbox.write("x.enc.yaml", sealed.replace(old, &new));
        let before = snapshot(&sandbox);
        let ways: [&[&str]; 3] = [&[], &["--output", "out.yaml"], &["--in-place"]];
        for way in ways {
            let run = bulla(&sandbox, &[&["decrypt", "x.enc.yaml"], way].concat());
            check(&sandbox, &run, code, expected);
            assert_eq!(snapshot(&sandbox), before);
        }
    }
    sandbox.write("x.enc.yaml", sealed.replace("name: db", "name: other"));
    bulla(&sandbox, &["decrypt", "--ignore-mac", "x.enc.yaml"]).ok();
}
