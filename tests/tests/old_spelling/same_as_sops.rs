//! The same lines to sops and to the link: the same exit code, the same standard
//! output where it is data, the same effect on files.

use std::collections::BTreeMap;
use std::fs;

use bulla_testkit::{Run, Sandbox, keys, peers};

use crate::common::{command, link, repository};

/// What edits where nothing else is asked for.
const EDITOR: &str = "sed -i s/hunter2/hunter3/";

/// What is left of a run: its code, its output if it succeeded, and the files that it
/// changed; opened where they are sealed.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    code: i32,
    out: String,
    files: BTreeMap<String, String>,
}

fn outcome(args: &[&str], input: &str, ours: bool) -> (Outcome, Run) {
    let sandbox = repository();
    let program = if ours { link(&sandbox) } else { peers::sops() };
    let before = files(&sandbox);
    let mut line = command(&sandbox, &program);
    let run = sandbox.run_with(line.args(args).env("EDITOR", EDITOR), input);
    // sops prints its help when it understands nothing.
    let out = if run.code == 0 { opened(&sandbox, run.out()) } else { String::new() };
    let changed = files(&sandbox).into_iter().filter(|(name, text)| before.get(name) != Some(text));
    let files = changed.map(|(name, text)| (name, opened(&sandbox, &text))).collect();
    (Outcome { code: run.code, out, files }, run)
}

fn files(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let files = fs::read_dir(sandbox.work()).expect("the working directory");
    let files = files.map(|file| {
        let file = file.expect("an entry of it").path();
        let text = fs::read_to_string(&file).expect("a text");
        (file.file_name().expect("it has a name").to_string_lossy().into_owned(), text)
    });
    files.collect()
}

/// What is sealed in a text, or the text.
fn opened(sandbox: &Sandbox, text: &str) -> String {
    if !text.contains("ENC[AES256_GCM,") {
        return text.to_owned();
    }
    let open = ["decrypt", "--filename-override", "x.yaml"];
    let run = sandbox.run_with(command(sandbox, &peers::sops()).args(open), text).ok();
    format!("sealed:\n{}", run.out())
}

#[test]
fn every_line_has_the_effect_that_it_has_with_sops() {
    let age = keys::age_recipient();
    let other = keys::age_other_recipient();
    let cases: &[&[&str]] = &[
        &["-d", "sealed.yaml"],
        &["--decrypt", "sealed.yaml"],
        &["-decrypt", "sealed.yaml"],
        &["--d", "sealed.yaml"],
        &["-d=true", "sealed.yaml"],
        &["-d=false", "-e", "plain.yaml"],
        &["-d", "--", "sealed.yaml"],
        &["-d", "-i", "sealed.yaml"],
        &["-i", "--decrypt", "sealed.yaml"],
        &["-d", "--output", "out.yaml", "sealed.yaml"],
        &["--output=out.yaml", "-d", "sealed.yaml"],
        &["-d", "--output=", "sealed.yaml"],
        &["-d", "-i=false", "sealed.yaml"],
        &["-d", "sealed.yaml", "-i"],
        &["-d", "sealed.yaml", "plain.yaml"],
        &["-d", "--input-type", "yaml", "--output-type", "yaml", "sealed.yaml"],
        &["-input-type=yaml", "-output-type", "yaml", "-d", "sealed.yaml"],
        &["-d", "--extract", "[\"a\"]", "sealed.yaml"],
        &["-d", "--extract", "['b'][1]", "sealed.yaml"],
        &["-d", "--extract", "a", "sealed.yaml"],
        &["-d", "--ignore-mac", "--verbose", "sealed.yaml"],
        &["--indent", "4", "-d", "sealed.yaml"],
        &["--indent", "x", "-d", "sealed.yaml"],
        &["--config", ".sops.yaml", "-d", "sealed.yaml"],
        &["-d", "--age", "nonsense", "sealed.yaml"],
        &["-d", "plain.yaml"],
        &["-d", "missing.yaml"],
        &["-d", "-"],
        &["-d"],
        &[],
        &["-d", "--nope", "sealed.yaml"],
        &["-ed", "sealed.yaml"],
        &["-i=maybe", "-d", "sealed.yaml"],
        &["-d", "--extract"],
        &["-d", "-i", "--output", "out.yaml", "sealed.yaml"],
        &["-d", "-e", "sealed.yaml"],
        &["-e", "plain.yaml"],
        &["-e", "-i", "plain.yaml"],
        &["-i", "-e", "plain.yaml"],
        &["-e", "-a", age, "plain.yaml"],
        &["-e", "--age", age, "--age", age, "plain.yaml"],
        &["--encrypt", "--encrypted-regex", "^a$", "plain.yaml"],
        &["-e", "--encrypted-regex=^a$", "--output", "out.yaml", "plain.yaml"],
        &["-e", "--encrypted-regex", "a", "--unencrypted-regex", "b", "plain.yaml"],
        &["-e", "--mac-only-encrypted", "--encrypted-regex", "^a$", "plain.yaml"],
        &["-e", "sealed.yaml"],
        &["-e", "missing.yaml"],
        &["-e", "--filename-override", "x.yaml", "plain.yaml"],
        &["-r", "sealed.yaml"],
        &["-r", "-i", "sealed.yaml"],
        &["-i", "-r", "--add-age", other, "sealed.yaml"],
        &["-r", "--add-age", age, "missing.yaml"],
        &["--add-age", age, "missing.yaml"],
        &["-d", "-r", "sealed.yaml"],
        &["--set", "[\"a\"] \"new\"", "sealed.yaml"],
        &["--set", "[\"b\"][0]  -5", "sealed.yaml"],
        &["--set", "[\"a\"] new", "sealed.yaml"],
        &["--set", "a", "sealed.yaml"],
        &["--set", "[\"a\"] \"new\"", "-d", "sealed.yaml"],
        &["set", "sealed.yaml", "[\"b\"][0]", "-5"],
        &["unset", "sealed.yaml", "[\"b\"]"],
        &["filestatus", "sealed.yaml"],
        &["filestatus", "plain.yaml"],
        &["filestatus", "--input-type", "yaml", "plain.yaml"],
        &["updatekeys", "-y", "sealed.yaml"],
        &["-d", "--output-type", "json", "sealed.yaml"],
        &["-d", "--indent", "2", "--output-type=json", "sealed.yaml"],
        &["--indent", "2", "decrypt", "--output-type", "json", "sealed.yaml"],
        &["exec-file", "--output-type", "json", "sealed.yaml", "cat {}"],
        &["sealed.yaml"],
        &["--ignore-mac", "--in-place", "sealed.yaml"],
        &["sealed.yaml", "-d"],
        &["edit", "sealed.yaml"],
        &["edit", "sealed.yaml", "plain.yaml"],
        &["plain.yaml"],
        &["-a", age, "new.yaml"],
        &["decrypt", "sealed.yaml", "--extract", "[\"a\"]"],
        &["decrypt", "-output-type=yaml", "sealed.yaml"],
        &["decrypt", "-i=false", "sealed.yaml"],
        &["decrypt", "sealed.yaml", "plain.yaml"],
        &["decrypt", "sealed.yaml", "-x"],
        &["decrypt", "-x", "sealed.yaml"],
        &["--input-type", "json", "decrypt", "sealed.yaml"],
        &["-i", "encrypt", "plain.yaml"],
        &["--mac-only-encrypted", "encrypt", "--encrypted-regex", "^a$", "plain.yaml"],
        &["encrypt", "plain.yaml", "-i"],
        &["encrypt", "--filename-override", "x.yaml"],
        &["exec-env", "--", "plain.yaml", "true"],
        &["exec-file", "sealed.yaml", "grep -c hunter2 {}", "--no-fifo"],
    ];
    let mut different = Vec::new();
    for args in cases {
        let input = "c: on stdin\n";
        let ((theirs, _), (ours, run)) = (outcome(args, input, false), outcome(args, input, true));
        if theirs != ours || (ours.code != 0 && !run.stdout.is_empty()) {
            different.push(format!("{args:?}\n  {theirs:?}\n  {ours:?}\n  {}", run.err()));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn help_and_version_end_well() {
    let sandbox = repository();
    for args in
        [&["--help"][..], &["-h"], &["help"], &["h"], &["help", "decrypt"], &["decrypt", "-h"]]
    {
        for program in [peers::sops(), link(&sandbox)] {
            let run = sandbox.run(command(&sandbox, &program).args(args)).ok();
            assert!(run.out().contains("decrypt"), "{args:?}");
        }
    }
    for args in [&["--version"][..], &["-v"], &["--version", "--disable-version-check"]] {
        let ask = |program| sandbox.run(command(&sandbox, program).args(args)).ok();
        let (theirs, ours) = (ask(&peers::sops()), ask(&link(&sandbox)));
        // The second word is what is parsed.
        let version =
            |run: &Run| run.out().split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        assert_eq!(version(&theirs), version(&ours));
        assert_eq!(ours.out().lines().count(), 1);
    }
}

#[test]
fn completions_are_for_the_name_that_was_called() {
    let sandbox = repository();
    for shell in ["bash", "zsh"] {
        let theirs =
            sandbox.run(command(&sandbox, &peers::sops()).args(["completion", shell])).ok();
        let ours = sandbox.run(command(&sandbox, &link(&sandbox)).args(["completion", shell])).ok();
        for run in [theirs, ours] {
            let registers = |line: &str| {
                (line.starts_with("complete ") || line.contains("complete -F"))
                    && line.trim_end().ends_with("sops")
                    || line.starts_with("#compdef sops")
            };
            assert!(run.out().lines().any(registers), "{shell}: {}", run.command);
        }
    }
}

#[test]
fn what_stands_behind_the_file_is_warned_about_as_in_sops() {
    let sandbox = repository();
    for program in [peers::sops(), link(&sandbox)] {
        let run = sandbox.run(command(&sandbox, &program).args(["-d", "sealed.yaml", "-i"])).ok();
        assert!(run.err().to_lowercase().contains("only the first one"), "{}", run.err());
        assert!(run.err().contains("-i"), "{}", run.err());
    }
    // Under its own name bulla does the same when there is no verb.
    let run = sandbox
        .run(command(&sandbox, &bulla_testkit::binary("bulla")).args(["-d", "sealed.yaml", "-i"]))
        .ok();
    assert!(run.out().contains("hunter2") && run.err().contains("only the first one"));
}
