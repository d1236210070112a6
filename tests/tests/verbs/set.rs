//! `set`, `unset` and `decrypt --extract`.

use bulla_testkit::{Sandbox, keys};

use crate::common::{Both, TEXT, bulla, opened_by_sops, tokens, with_key};

#[test]
fn what_is_set_is_what_sops_sets() {
    for (index, value) in [
        (r#"["a"]"#, r#""new""#),
        (r#"["a"]"#, r#""yes""#),
        (r#"["new"]"#, "1"),
        (r#"["new"]"#, "-1"),
        (r#"["new"]["x"]["y"]"#, "true"),
        (r#"["new"][0]"#, "1"),
        (r#"["l"][0]"#, "7"),
        (r#"['l'][2]"#, "3"),
        (r#"["l"][0]["x"]"#, "1"),
        (r#"["s"]["x"]"#, "1"),
        (r#"["s"][0]"#, "1"),
        (r#"["n"]["x"]"#, "1"),
        (r#"["e"]["x"]"#, r#""two\nlines\n""#),
        (r#"["el"][0]"#, r#"{"q": [1, 2.5, null, "z"], "r": {}}"#),
        (r#"["m"]"#, r#"{"x": {"y": "z"}}"#),
        (r#"["m"]"#, "null"),
        (r#"["a"]"#, "{}"),
        (r#"["new"]["q"][0]["z"]"#, "1.5"),
        // And what both refuse.
        ("a", "1"),
        (r#"["a"]"#, "nope"),
        (r#"["a"]"#, r#""x"#),
        (r#"["sops"]"#, "1"),
    ] {
        Both::new().same(&["set", "sealed.yaml", index, value]);
    }
}

#[test]
fn what_is_taken_out_is_what_sops_takes_out() {
    for index in [
        r#"["a"]"#,
        r#"["l"][0]"#,
        r#"["m"]["k"]"#,
        r#"["n"]"#,
        // And what both refuse.
        r#"["l"][7]"#,
        r#"["zz"]"#,
        r#"["m"]["zz"]"#,
        r#"["s"]["x"]"#,
        "a",
    ] {
        Both::new().same(&["unset", "sealed.yaml", index]);
    }
}

#[test]
fn lines_that_mean_nothing_end_with_the_code_of_sops() {
    let both = Both::new();
    for args in [
        &["set", "sealed.yaml", r#"["a"]"#][..],
        &["set", "sealed.yaml"],
        &["set"],
        &["set", "--value-stdin", "sealed.yaml", r#"["a"]"#, "1"],
        &["set", "--value-file", "sealed.yaml", r#"["a"]"#, "missing.json"],
        &["set", "plain.yaml", r#"["a"]"#, "1"],
        &["set", "missing.yaml", r#"["a"]"#, "1"],
        &["unset", "missing.yaml", r#"["a"]"#],
        &["unset", "plain.yaml", r#"["a"]"#],
        &["unset", "sealed.yaml"],
        &["unset", "--idempotent", "sealed.yaml", r#"["zz"]"#],
        &["unset", "--idempotent", "sealed.yaml", "zz"],
        &["set", "--idempotent", "sealed.yaml", r#"["a"]"#, r#""x""#],
        &["decrypt", "--extract", r#"["zz"]"#, "sealed.yaml"],
        &["decrypt", "--extract", r#"["s"][0]"#, "sealed.yaml"],
        &["decrypt", "--extract", "x", "sealed.yaml"],
    ] {
        let runs = both.same(args);
        assert!(runs.bulla.stdout.is_empty(), "{args:?}");
    }
    assert_eq!(both.bulla.read_text("sealed.yaml"), both.sops.read_text("sealed.yaml"));
}

#[test]
fn values_come_from_files_and_standard_input_too() {
    let both = Both::new();
    both.write("value.json", "\"from a file\"\n");
    both.same(&["set", "--value-file", "sealed.yaml", r#"["a"]"#, "value.json"]);
    let runs = both.run_with(&["set", "--value-stdin", "sealed.yaml", r#"["s"]"#], "[\"x\"]");
    // sops takes no list here.
    assert_eq!((runs.sops.code, runs.bulla.code), (7, 0));
    let line = ["set", "--value-stdin", "sealed.yaml", r#"["s"]"#];
    let runs = both.run_with(&line, "\"from stdin\"");
    assert_eq!((runs.sops.code, runs.bulla.code), (0, 0));
    let [theirs, ours] = both.trees("sealed.yaml");
    assert_eq!(ours, theirs);
}

#[test]
fn extracted_values_are_those_of_sops() {
    let both = Both::new();
    // With a mapping, sops gives the other documents away too.
    let text = TEXT.split_once("---\n").expect("two documents").0;
    both.write("sealed.yaml", &both.seal(text));
    for index in [r#"["a"]"#, r#"["l"]"#, r#"["l"][0]"#, r#"["n"]"#, r#"["m"]"#, r#"["el"]"#] {
        let runs = both.run(&["decrypt", "--extract", index, "sealed.yaml"]);
        assert_eq!(runs.bulla.ok().out(), runs.sops.ok().out(), "{index}");
    }
}

#[test]
fn one_value_changes_and_no_other_byte_of_the_file() {
    let sandbox = Sandbox::new();
    let text = "a: 'x' # one\n\nm: {k: v,   w: z}\n# a list\nl:\n- same\n- same\n\nz: 1\n# end\n";
    sandbox.write("f.yaml", text);
    bulla(&sandbox, &["encrypt", "--age", keys::age_recipient(), "-i", "f.yaml"]).ok();
    let before = sandbox.read_text("f.yaml");
    let line = ["set", "f.yaml", r#"["m"]["w"]"#, r#""new""#, r#"["b"]"#, "5"];
    bulla(&sandbox, &line).ok();
    let after = sandbox.read_text("f.yaml");
    let (old, new) = (tokens(&before), tokens(&after));
    assert_eq!(old.iter().filter(|token| !new.contains(token)).count(), 1);
    assert_eq!(new.len(), old.len() + 1);
    bulla(&sandbox, &["unset", "f.yaml", r#"["b"]"#]).ok();
    let opened = bulla(&sandbox, &["decrypt", "f.yaml"]).ok();
    assert_eq!(opened.out(), text.replace("w: z", "w: new"));
    // What is there already is not written again.
    let before = sandbox.read_text("f.yaml");
    bulla(&sandbox, &["set", "f.yaml", r#"["m"]["w"]"#, r#""new""#]).ok();
    bulla(&sandbox, &["unset", "--idempotent", "f.yaml", r#"["b"]"#]).ok();
    assert_eq!(sandbox.read_text("f.yaml"), before);
}

#[test]
fn keys_with_brackets_and_flags_behind_the_file() {
    let both = Both::new();
    let line = ["set", "sealed.yaml", r#"["k[0]"]"#, "1"];
    // sops takes the bracket for the end of the key.
    assert_eq!(both.run(&line).sops.code, 7);
    bulla(&both.bulla, &["set", "sealed.yaml", r#"["k[0]"]"#, "1", "--input-type", "yaml"]).ok();
    assert!(opened_by_sops(&both.bulla, "sealed.yaml").contains("k[0]: 1"));
}

#[test]
fn a_file_that_is_not_there_is_made_by_its_rule() {
    let sandbox = Sandbox::new();
    let line = ["set", "new.yaml", r#"["db"]["password"]"#, r#""s3cret""#];
    let refused = bulla(&sandbox, &line).exits(2);
    assert!(refused.err().contains("no such file") && !refused.err().contains("s3cret"));
    let rule =
        format!("creation_rules:\n  - path_regex: new\n    age: {}\n", keys::age_recipient());
    sandbox.write(".sops.yaml", rule);
    bulla(&sandbox, &["set", "other.yaml", r#"["a"]"#, "1"]).exits(2);
    bulla(&sandbox, &line).ok();
    assert_eq!(opened_by_sops(&sandbox, "new.yaml"), "db:\n    password: s3cret\n");
    assert!(!sandbox.work().join("other.yaml").exists());
}

#[test]
fn a_path_that_would_lose_or_misplace_a_value_is_refused() {
    for (index, value) in
        [(r#"["l"][5]"#, "9"), (r#"["new"][3]"#, "9"), (r#"["m"][0]"#, "9"), (r#"["l"]["x"]"#, "9")]
    {
        let both = Both::new();
        let before = both.bulla.read_text("sealed.yaml");
        bulla(&both.bulla, &["set", "sealed.yaml", index, value]).exits(1);
        assert_eq!(both.bulla.read_text("sealed.yaml"), before, "{index}");
    }
    let both = Both::new();
    for value in ["12345678901234567890", "0.1234567890123456789012", r#"{"x": 1, "x": 2}"#] {
        bulla(&both.bulla, &["set", "sealed.yaml", r#"["a"]"#, value]).exits(7);
    }
}

#[test]
fn no_verb_changes_a_file_whose_mac_does_not_hold() {
    let both = Both::new();
    let tampered = {
        let text = both.bulla.read_text("sealed.yaml");
        let line = text.lines().next().expect("a line").to_owned();
        text.replacen(&line, "a: \"\"", 1)
    };
    both.write("sealed.yaml", &tampered);
    let key = keys::age_other_recipient();
    for args in [
        &["set", "sealed.yaml", r#"["s"]"#, "1"][..],
        &["unset", "sealed.yaml", r#"["s"]"#],
        &["rotate", "-i", "sealed.yaml"],
        &["rotate", "-i", "--add-age", key, "sealed.yaml"],
        &["groups", "add", "-i", "-f", "sealed.yaml", "--age", key],
        &["groups", "delete", "-i", "-f", "sealed.yaml", "0"],
    ] {
        let run = bulla(&both.bulla, args).exits(51);
        assert!(!run.err().contains("hunter2") && !run.err().contains("computed"), "{}", run.err());
        assert_eq!(both.bulla.read_text("sealed.yaml"), tampered, "{args:?}");
    }
    bulla(&both.bulla, &["set", "--ignore-mac", "sealed.yaml", r#"["s"]"#, "1"]).ok();
    assert!(opened_by_sops(&both.bulla, "sealed.yaml").contains("s: 1\n"));
}

#[test]
fn a_value_outside_of_the_selector_is_named_and_one_of_a_secret_refused() {
    let sandbox = Sandbox::new();
    let text = "apiVersion: v1\nkind: Secret\nstringData:\n  a: x\n";
    sandbox.write("f.yaml", text);
    let selector = ["--encrypted-regex", "^stringData$"];
    bulla(
        &sandbox,
        &[&["encrypt", "-i", "--age", keys::age_recipient()], &selector[..], &["f.yaml"]].concat(),
    )
    .ok();
    let run = bulla(&sandbox, &["set", "f.yaml", r#"["metadata"]["name"]"#, r#""db""#]).ok();
    assert!(run.err().contains(r#"["metadata"]["name"]"#) && run.err().contains("readable"));
    let before = sandbox.read_text("f.yaml");
    bulla(&sandbox, &["set", "f.yaml", r#"["data"]["p"]"#, r#""eA==""#]).exits(23);
    assert_eq!(sandbox.read_text("f.yaml"), before);
}

#[test]
fn a_changed_file_stays_what_it_is_to_the_system() {
    use std::os::unix::fs::PermissionsExt;
    let both = Both::new();
    let path = both.bulla.work().join("sealed.yaml");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).expect("a mode");
    std::os::unix::fs::symlink("sealed.yaml", both.bulla.work().join("link.yaml")).expect("a link");
    bulla(&both.bulla, &["set", "link.yaml", r#"["a"]"#, "1"]).ok();
    let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert!(opened_by_sops(&both.bulla, "sealed.yaml").contains("a: 1"));
    // Only what was there, and the link.
    let names = std::fs::read_dir(both.bulla.work()).expect("a directory").count();
    assert_eq!(names, 3);
}

#[test]
fn many_changes_at_a_time_lose_none() {
    let both = Both::new();
    let runs: Vec<_> = (0..8)
        .map(|nth| {
            let mut command = with_key(both.bulla.bulla());
            command.args(["set", "sealed.yaml", &format!("[\"n{nth}\"]"), "1"]);
            command.spawn().expect("bulla starts")
        })
        .collect();
    for mut run in runs {
        assert!(run.wait().expect("it ends").success());
    }
    let opened = opened_by_sops(&both.bulla, "sealed.yaml");
    for nth in 0..8 {
        assert!(opened.contains(&format!("n{nth}: 1\n")), "{opened}");
    }
}

#[test]
fn filestatus_says_what_helm_secrets_asks() {
    let both = Both::new();
    both.write("broken.yaml", "a: [\n");
    both.write("settings.yaml", "a: 1\nsops:\n    x: 1\n");
    for args in [
        &["filestatus", "sealed.yaml"][..],
        &["filestatus", "plain.yaml"],
        &["filestatus", "--input-type", "yaml", "sealed.yaml"],
        &["filestatus", "missing.yaml"],
        &["filestatus", "broken.yaml"],
        &["filestatus", "settings.yaml"],
        &["filestatus", "."],
        &["filestatus"],
    ] {
        let runs = both.run(args);
        assert_eq!(
            (runs.bulla.code, runs.bulla.out()),
            (runs.sops.code, runs.sops.out()),
            "{args:?}"
        );
    }
    let half = TEXT.lines().next().expect("a line");
    let sealed = both.bulla.read_text("sealed.yaml");
    let rest = sealed.split_once('\n').expect("lines").1;
    both.write("half.yaml", &format!("{half}\n{rest}"));
    let run = bulla(&both.bulla, &["filestatus", "half.yaml"]).ok();
    assert_eq!(run.out(), "{\"encrypted\":true}\n");
    assert!(run.err().contains(r#"line 1, ["a"]: this value should be sealed"#), "{}", run.err());
}
