//! The verbs on files of every format.

use bulla_testkit::{Sandbox, keys, peers};

use crate::common::{Both, bulla, opened_by_sops, with_key};

const FILES: [(&str, &str); 5] = [
    ("f.yaml", "a:\n    k: x\nb: 1\n"),
    ("f.json", "{\n\t\"a\": {\n\t\t\"k\": \"x\"\n\t},\n\t\"b\": 1\n}\n"),
    ("f.env", "# note\nA=x\nB=1\n"),
    ("f.ini", "[a]\nk = x\nb = 1\n"),
    ("f.bin", "a binary file\n"),
];

/// All files, each sealed by sops.
fn sealed() -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, text) in FILES {
        sandbox.write(name, text);
        let mut sops = sandbox.command(peers::sops());
        sops.args(["encrypt", "-i", "--age", keys::age_recipient(), name]);
        sandbox.run(&mut sops).ok();
    }
    sandbox
}

/// Runs a line with sops in one sandbox and with bulla in another, and compares what
/// the file holds then. sops 3.13.1 cannot read the INI metadata that it writes.
fn same(line: &[&str], name: &str) {
    let (theirs, ours) = (sealed(), sealed());
    let line: Vec<_> = line.iter().map(|word| if *word == "FILE" { name } else { word }).collect();
    let run = bulla(&ours, &line);
    if name == "f.ini" {
        run.ok();
        return;
    }
    let sops = theirs.run(with_key(theirs.command(peers::sops())).args(&line));
    assert_eq!(run.code, sops.code, "{name}: {line:?}: {}", run.err());
    assert_eq!(opened_by_sops(&ours, name), opened_by_sops(&theirs, name), "{name}: {line:?}");
}

#[test]
fn values_are_set_and_taken_out_as_by_sops() {
    for (name, index) in [
        ("f.json", r#"["a"]["k"]"#),
        ("f.json", r#"["new"]"#),
        ("f.env", r#"["A"]"#),
        ("f.env", r#"["NEW"]"#),
    ] {
        same(&["set", "FILE", index, r#""two words""#], name);
        same(&["set", "FILE", index, "true"], name);
    }
    same(&["set", "FILE", r#"["a"]["l"]"#, r#"{"x": ["y", null, {}]}"#], "f.json");
    for (name, index) in [
        ("f.json", r#"["a"]["k"]"#),
        ("f.json", r#"["b"]"#),
        ("f.env", r#"["A"]"#),
        ("f.env", r#"["X"]"#),
    ] {
        same(&["unset", "FILE", index], name);
    }
}

#[test]
fn ini_is_changed_too() {
    let sandbox = sealed();
    let line = ["set", "f.ini", r#"["a"]["k"]"#, r#""a;b""#, r#"["new"]["k"]"#, "5"];
    bulla(&sandbox, &line).ok();
    bulla(&sandbox, &["unset", "f.ini", r#"["a"]["b"]"#]).ok();
    let opened = bulla(&sandbox, &["decrypt", "f.ini"]).ok();
    assert_eq!(opened.out(), "[a]\nk = `a;b`\n\n[new]\nk = 5\n");
    let part = bulla(&sandbox, &["decrypt", "--extract", r#"["new"]["k"]"#, "f.ini"]).ok();
    assert_eq!(part.out(), "5");
}

#[test]
fn every_format_gets_new_keys_and_a_new_data_key() {
    let other = keys::age_other_recipient();
    for (name, _) in FILES {
        same(&["rotate", "-i", "--add-age", other, "FILE"], name);
        same(&["groups", "add", "-i", "-f", "FILE", "--age", other], name);
        let sandbox = sealed();
        let before = bulla(&sandbox, &["decrypt", name]).ok().stdout;
        let sealed = sandbox.read_text(name);
        let rules = |keys: String| {
            sandbox.write(".sops.yaml", format!("creation_rules:\n  - age: {keys}\n"))
        };
        rules(format!("{},{other}", keys::age_recipient()));
        sandbox.run(sandbox.bulla().args(["updatekeys", "--check", name])).exits(1);
        bulla(&sandbox, &["updatekeys", "-y", name]).ok();
        assert!(sandbox.read_text(name).contains(other), "{name}");
        assert_eq!(bulla(&sandbox, &["decrypt", name]).ok().stdout, before, "{name}");
        rules(keys::age_recipient().to_owned());
        bulla(&sandbox, &["updatekeys", "-y", "."]).ok();
        if name != "f.ini" {
            // There sops aligns what it writes about keys.
            // But for the integrity record, which sops does not write.
            let after = sandbox.read_text(name);
            let bare = |line: &str| line.trim_end_matches(',').to_owned();
            let mut lines = after.lines().map(bare);
            assert!(sealed.lines().all(|line| lines.any(|new| new == bare(line))), "{after}");
            assert!(after.lines().count() <= sealed.lines().count() + 3, "{after}");
        }
        let run = bulla(&sandbox, &["filestatus", name]).ok();
        assert_eq!(run.out(), "{\"encrypted\":true}\n", "{name}");
    }
}

#[test]
fn plain_files_of_every_format_are_not_encrypted() {
    let sandbox = Sandbox::new();
    for (name, text) in FILES {
        sandbox.write(name, text);
        let ours = bulla(&sandbox, &["filestatus", name]).ok();
        assert_eq!(ours.out(), "{\"encrypted\":false}\n", "{name}");
    }
    sandbox.write("f.bin", b"\x00\xff");
    assert_eq!(bulla(&sandbox, &["filestatus", "f.bin"]).ok().out(), "{\"encrypted\":false}\n");
}

#[test]
fn a_binary_file_is_set_as_a_whole() {
    let both = Both::new();
    let text = both.seal_as("f.bin", "old");
    both.write("f.bin", &text);
    let opened = |sandbox: &Sandbox| opened_by_sops(sandbox, "f.bin");
    both.run(&["set", "f.bin", r#"["data"]"#, r#""new\n""#]).both_end_with(0);
    assert_eq!([opened(&both.sops), opened(&both.bulla)], ["new\n", "new\n"]);
    // What was there need not be text.
    both.bulla.write("g.bin", b"\x00\xff");
    let recipient = keys::age_recipient();
    bulla(&both.bulla, &["encrypt", "-i", "--age", recipient, "g.bin"]).ok();
    bulla(&both.bulla, &["set", "g.bin", r#"["data"]"#, r#""text""#]).ok();
    assert_eq!(opened_by_sops(&both.bulla, "g.bin"), "text");
    // With these, sops makes files that it cannot open, or changes nothing.
    for (index, value) in [(r#"["data"]"#, "5"), (r#"["x"]"#, r#""y""#), (r#"["data"]["x"]"#, "1")]
    {
        bulla(&both.bulla, &["set", "g.bin", index, value]).exits(1);
    }
    bulla(&both.bulla, &["unset", "g.bin", r#"["data"]"#]).exits(1);
    assert_eq!(opened_by_sops(&both.bulla, "g.bin"), "text");
}

#[test]
fn an_envelope_is_indented_as_sops_indents_it_and_stays_so() {
    let both = Both::new();
    let indents = |text: &str| {
        let blanks = |line: &str| line[..line.len() - line.trim_start().len()].to_owned();
        let mut indents: Vec<_> = text.lines().map(blanks).collect();
        indents.sort();
        indents.dedup();
        indents
    };
    both.write("f.bin", "any bytes");
    let rules = format!("creation_rules:\n  - age: {}\n", keys::age_recipient());
    for indent in ["-1", "0", "2", "3"] {
        let stores = format!("stores:\n  json_binary:\n    indent: {indent}\n");
        both.write(".sops.yaml", &format!("{rules}{stores}"));
        let runs = both.run(&["encrypt", "f.bin"]).both_end_with(0);
        assert_eq!(indents(runs.bulla.out()), indents(runs.sops.out()), "{indent}");
        both.bulla.write("s.bin", runs.bulla.out());
        both.write(".sops.yaml", &rules);
        bulla(&both.bulla, &["set", "s.bin", r#"["data"]"#, r#""new""#]).ok();
        assert_eq!(indents(&both.bulla.read_text("s.bin")), indents(runs.sops.out()), "{indent}");
    }
    let typed = bulla(&both.bulla, &["encrypt", "--indent", "4", "f.bin"]).ok();
    assert!(typed.out().starts_with("{\n    \"data\": "), "{}", typed.out());
}

#[test]
fn a_selector_that_is_typed_for_a_binary_file_is_remarked_on() {
    let both = Both::new();
    both.write("f.bin", "any bytes");
    let args = ["encrypt", "--age", keys::age_recipient(), "--encrypted-regex", "^x$", "f.bin"];
    let runs = both.run(&args).both_end_with(0);
    assert!(runs.sops.err().contains("does not make sense"), "{}", runs.sops.err());
    assert!(runs.bulla.err().contains("--encrypted-regex has no effect"), "{}", runs.bulla.err());
    assert!(!runs.bulla.out().contains("encrypted_regex"));
}
