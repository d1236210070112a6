//! JSON and binary files, and files whose name says one thing and whose content another.

use bulla_testkit::{Sandbox, keys, peers};

use crate::common::{SECRET, bulla, bulla_with, command, repository, says_nothing_of};

const JSON: &str = "{\n  \"user\": \"alice\",\n  \"password\": \"hunter2-correct-horse\",\n  \"retries\": 3.0,\n  \"hosts\": [\"a\", \"b\"]\n}\n";

/// Bytes that are no text, with the secret in them.
fn bytes() -> Vec<u8> {
    [b"\xff\0\xfe\r\n".as_slice(), SECRET.as_bytes(), b"\0\x80"].concat()
}

/// A sandbox whose rules seal everything for the test key.
fn any_file() -> Sandbox {
    let sandbox = Sandbox::new();
    let rules = format!("creation_rules:\n  - age: {}\n", keys::age_recipient());
    sandbox.write(".sops.yaml", rules);
    sandbox
}

#[test]
fn every_format_comes_back_as_it_was() {
    let sandbox = any_file();
    let yaml = format!("password: {SECRET}\n");
    let files = [
        ("a.json", JSON.as_bytes().to_vec()),
        ("dense.json", JSON.replace(['\n', ' '], "").into_bytes()),
        ("a.yaml", yaml.into_bytes()),
        ("keystore", bytes()),
        ("empty.bin", Vec::new()),
        ("text.txt", format!("{SECRET} without an end").into_bytes()),
    ];
    for (file, content) in files {
        sandbox.write(file, &content);
        bulla(&sandbox, &["encrypt", "-i", file]).ok();
        let sealed = sandbox.read_text(file);
        assert!(sealed.contains("ENC[AES256_GCM,") && !sealed.contains(SECRET), "{sealed}");
        let opened = bulla(&sandbox, &["decrypt", file]).ok();
        assert_eq!((opened.stdout.as_slice(), opened.err()), (content.as_slice(), ""), "{file}");
        let again = bulla(&sandbox, &["encrypt", "-i", file]);
        assert_eq!(again.code, 203, "{file}: {}", again.err());
        bulla(&sandbox, &["decrypt", "-i", file]).ok();
        assert_eq!(std::fs::read(sandbox.path(file)).unwrap(), content, "{file}");
    }
}

#[test]
fn a_binary_file_that_did_not_change_is_not_sealed_again() {
    let sandbox = any_file();
    sandbox.write("keystore", bytes());
    let seal = ["encrypt", "keystore", "--output", "keystore.enc"];
    bulla(&sandbox, &seal).ok();
    let first = sandbox.read_text("keystore.enc");
    bulla(&sandbox, &seal).ok();
    assert_eq!(sandbox.read_text("keystore.enc"), first);
    sandbox.write("keystore", b"\xff other");
    bulla(&sandbox, &seal).ok();
    assert_ne!(sandbox.read_text("keystore.enc"), first);
    assert_eq!(bulla(&sandbox, &["decrypt", "keystore.enc"]).ok().stdout, b"\xff other");
    // A predecessor of no use is not in the way.
    sandbox.write("keystore.enc", first.replace("\"mac\": \"ENC[", "\"mac\": \"ENC"));
    let run = bulla(&sandbox, &seal).ok();
    assert!(run.err().contains("sealed with a fresh data key"), "{}", run.err());
    assert_eq!(bulla(&sandbox, &["decrypt", "keystore.enc"]).ok().stdout, b"\xff other");
}

#[test]
fn the_content_of_a_sealed_file_counts_more_than_its_name() {
    let sandbox = any_file();
    sandbox.write("keystore", bytes());
    sandbox.write("a.json", JSON);
    sandbox.write("a.yaml", format!("password: {SECRET}\n"));
    let seal = |file: &str| bulla(&sandbox, &["encrypt", file]).ok().stdout;
    let (binary, json, yaml) = (seal("keystore"), seal("a.json"), seal("a.yaml"));
    let cases = [
        ("x.yaml", &binary, bytes(), Some("binary")),
        ("x.json", &binary, bytes(), Some("binary")),
        ("x", &json, JSON.into(), Some("JSON")),
        ("x.bin", &yaml, format!("password: {SECRET}\n").into(), Some("YAML")),
        ("y.json", &yaml, format!("password: {SECRET}\n").into(), Some("YAML")),
        // JSON is YAML too: nothing is said, and nothing is different.
        ("y.yaml", &json, JSON.into(), None),
    ];
    for (file, sealed, plain, said) in cases {
        sandbox.write(file, sealed);
        let run = bulla(&sandbox, &["decrypt", file]).ok();
        assert_eq!(run.stdout, plain, "{file}");
        match said {
            Some(said) => assert!(
                run.err().starts_with(&format!("bulla: {file}: this is sealed as {said}, ")),
                "{}",
                run.err()
            ),
            None => assert_eq!(run.err(), ""),
        }
        // Who says what it is, is believed.
        let typed = ["decrypt", "--input-type", "json", "--output-type", "json", file];
        let run = bulla(&sandbox, &typed);
        match said {
            Some("binary") => assert!(run.err().contains("this value is no text"), "{}", run.err()),
            Some("YAML") => assert!(run.err().contains("not valid JSON"), "{}", run.err()),
            _ => assert_eq!((run.stdout.as_slice(), run.err()), (plain.as_slice(), "")),
        }
    }
    for (sealed, plain) in [(binary, bytes()), (json, JSON.into())] {
        let run = bulla_with(&sandbox, &["decrypt"], sealed).ok();
        assert_eq!((run.stdout.as_slice(), run.err()), (plain.as_slice(), ""));
    }
}

#[test]
fn what_cannot_be_opened_or_sealed_says_why_and_shows_nothing() {
    let sandbox = any_file();
    let truncated = JSON.replace("}\n", "");
    let cases: [(&str, &str, Vec<u8>, u8, &str); 7] = [
        ("decrypt", "keystore", bytes(), 1, "keystore: there is no `sops` block"),
        ("decrypt", "a.json", JSON.into(), 1, "a.json: there is no `sops` block"),
        ("decrypt", "b.json", bytes(), 2, "b.json: line 1: this is not UTF-8"),
        ("encrypt", "b.json", bytes(), 2, "b.json: line 1: this is not UTF-8"),
        (
            "encrypt",
            "c.json",
            truncated.into(),
            2,
            "c.json: line 6: this is not valid JSON: it ends",
        ),
        (
            "encrypt",
            "d.json",
            format!("a: {SECRET}\n").into(),
            2,
            "d.json: line 1: this is not valid JSON",
        ),
        ("encrypt", "e.json", format!("[\"{SECRET}\"]").into(), 2, "wrap it in one"),
    ];
    for (verb, file, content, code, message) in cases {
        sandbox.write(file, &content);
        let run = bulla(&sandbox, &[verb, "-i", file]);
        assert_eq!(run.code, i32::from(code), "{file}: {}", run.err());
        assert!(run.err().contains(message), "{file}: {}", run.err());
        assert_eq!(run.out(), "");
        assert_eq!(std::fs::read(sandbox.path(file)).unwrap(), content);
        says_nothing_of(&sandbox, &run, &[SECRET]);
    }
    let run = bulla(&sandbox, &["encrypt", "--input-type", "jsn", "keystore"]);
    assert_eq!(run.code, 1, "{}", run.err());
}

#[test]
fn parts_of_json_are_printed_as_sops_prints_them() {
    let sandbox = any_file();
    let text = "{\n\t\"s\": \"line\\n\",\n\t\"n\": 12,\n\t\"b\": true,\n\t\"z\": null,\n\t\"l\": [\n\t\t1,\n\t\t\"x\"\n\t],\n\t\"o\": {\n\t\t\"p\": {\n\t\t\t\"q\": []\n\t\t}\n\t}\n}\n";
    sandbox.write("a.json", text);
    bulla(&sandbox, &["encrypt", "-i", "a.json"]).ok();
    for (version, sops) in peers::all_sops() {
        for path in ["s", "n", "b", "z", "l", "o"] {
            let path = format!("[\"{path}\"]");
            let args = ["decrypt", "--extract", &path, "a.json"];
            let ours = bulla(&sandbox, &args).ok();
            let mut theirs = sandbox.command(&sops);
            theirs.args(args).env("SOPS_AGE_KEY", keys::age_identity());
            assert_eq!(ours.out(), sandbox.run(&mut theirs).ok().out(), "{path}, sops {version}");
        }
    }
}

#[test]
fn rules_know_binary_files() {
    let sandbox = any_file();
    sandbox.write("keystore", bytes());
    let page = bulla(&sandbox, &["rules", "explain", "keystore"]).ok();
    assert!(
        page.out().contains("not sealed\n") && page.out().contains("[\"data\"]"),
        "{}",
        page.out()
    );
    bulla(&sandbox, &["encrypt", "-i", "keystore"]).ok();
    let page = bulla(&sandbox, &["rules", "explain", "keystore"]).ok();
    assert!(page.out().contains("sealed; the rule is for the next time"), "{}", page.out());
}

#[test]
fn secrets_are_created_as_yaml_only() {
    let sandbox = repository();
    let mut create = command(&sandbox, &["create", "secret", "generic", "db"]);
    create.args(["--from-literal", "a=b", "--output", "db.json", "--age", keys::age_recipient()]);
    let run = sandbox.run(&mut create);
    assert_eq!(run.code, 1, "{}", run.err());
    assert!(run.err().contains("written as YAML"), "{}", run.err());
}
